r"""
Check Point firewall log (R80.10 to R82), the `syslog` form of Log Exporter.

    <134>1 2026-01-14T10:14:09Z gw CheckPoint 1930 - [action:"Block"; time:"1768385649"; product:"URL Filtering";
    src:"10.20.4.31"; dst:"203.0.113.9"; s_port:"61930"; service:"443"; proto:"6"; src_user_name:"Amina K. (amina.k)";
    app_properties:"Gambling"; resource:"https://casino.example/spin"; rule_name:"Pupils"]          (one line)

Reference: https://sc1.checkpoint.com/documents/R81.20/WebAdminGuides/EN/CP_R81.20_LoggingAndMonitoring_AdminGuide/Content/Topics-LMG/Log-Exporter.htm

Class: a line with a page (`resource`) is `web`, log-ons (`Log In`, `Failed Log In`, `Log Out`) are `auth`, the rest is `firewall`.
Lines with neither a user nor an address (System Monitor, updates) are passed over.
Time: `time` (seconds, UTC), else the envelope's.
Fills: outcome, both ends, ports, transport, hardware address, bytes, duration, account (the name in brackets of `src_user_name`, else
`user`), computer (`src_machine_name`), page, method, browser, application, rule, category (`app_properties`, `matched_category`;
`attack: NAME`, `virus: NAME`).

Caveats: an administrator's act in SmartConsole is not a user's and is passed over. `Prevent`, `Reject`, `Drop`, `Block` are blocked;
`Accept`, `Allow`, `Detect` allowed; `Inform` and `Ask` (a page that asks) unknown. Of https without inspection only the host is known. The forms
`cef`, `leef`, `json`, `splunk` and `generic` of Log Exporter are other formats.
Checked on 106 real lines of R80 and R81.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_ENVELOPE: Final = (
    r"(?<sent>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})) "
    r"(?<machine>\S+) CheckPoint "
)
_KEYS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "action time product src dst s_port service proto mac_address src_mac bytes sent_bytes received_bytes "
    "client_inbound_bytes client_outbound_bytes elapsed src_user_name user src_machine_name resource method "
    "user_agent appi_name rule_name app_properties matched_category primary_category attack malware_family file_name "
    "file_sha256 referrer administrator domain_name src_user_group"
).split()
_ALLOWED: Final = "accept|allow|detect|log in|log out|decrypt|encrypt|key install|monitored|bypass"
_BLOCKED: Final = "drop|reject|block|prevent|failed log in|quarantine"
_LOG_ONS: Final = ("Log In", "Log Out", "Failed Log In", "Update")


_LOOKS: Final = r' CheckPoint \d+ \S+ \[[a-z_]+::?"'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a log in UTC needs none
    """Turn lines into events; see the module's page."""
    known = (
        groups(lines, "line", _ENVELOPE)
        .with_columns(
            pl.col("line").str.contains(" CheckPoint ", literal=True).alias("ours"),
            # A quote inside a value is escaped; the stand-in keeps it from ending the value.
            # A blank before the first key makes it like the others.
            pl.col("line")
            .str.replace_all('\\"', "\x1c", literal=True)
            .str.replace_all(r'\[([a-z0-9_]+::?")', "[ $1")
            .alias("line"),
        )
        .with_columns(_value(key) for key in _KEYS)
        .with_columns(
            _account(), pl.when(pl.col("resource").str.contains("://")).then("resource").alias("address")
        )
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"))
        .select("offset", *_what(), *_ends(), *_content(), *_verdict())
    )


def _value(key: str) -> pl.Expr:
    value = pl.col("line").str.extract(rf' {key}::?"([^"]+)"')
    quoted = pl.when(value.str.contains("\x1c", literal=True)).then(value)
    return pl.coalesce(quoted.str.replace_all("\x1c", '"', literal=True), value).alias(key)


def _account() -> pl.Expr:
    named = pl.coalesce(pl.col("src_user_name").str.extract(r"\(([^()]+)\)[^()]*$"), "src_user_name", "user")
    return pl.when(named != "").then(named).alias("account")


def _what() -> list[pl.Expr]:
    seconds = f.number("time")
    told = pl.when(seconds.is_between(1, 4_102_444_800)).then(seconds * 1_000_000).cast(TIME)
    sent = pl.col("sent").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    stamp = pl.coalesce(told, sent).cast(TIME)
    log_on = pl.col("action").is_in(_LOG_ONS) & pl.col("user_name").is_not_null()
    nobody = (pl.col("user_name").is_null() & f.address("src").is_null()) | pl.col(
        "administrator"
    ).is_not_null()
    return [
        stamp.alias("timestamp"),
        pl.when(pl.col("url_domain").is_not_null())
        .then(pl.lit("web"))
        .when(log_on)
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.col("product").alias("event_code"),
        pl.lit("Check Point").alias("observer_vendor"),
        pl.lit("Check Point firewall").alias("observer_product"),
        pl.col("machine").alias("observer_name"),
        f.seconds("elapsed").alias("event_duration"),
        pl.when(~pl.col("ours"))
        .then(pl.lit("not the syslog form of Check Point's Log Exporter"))
        .when(stamp.is_null())
        .then(pl.lit("no time that is understood"))
        .alias(REJECT),
        (pl.col("ours") & stamp.is_not_null() & nobody).alias(SKIP),
    ]


def _ends() -> list[pl.Expr]:
    return [
        f.address("src").alias("source_ip"),
        f.port("s_port").alias("source_port"),
        pl.coalesce(f.mac("mac_address"), f.mac("src_mac")).alias("source_mac"),
        pl.col("src_machine_name").str.extract(r"^([^@(]+)").str.strip_chars().alias("host_name"),
        pl.col("user_name"),
        pl.coalesce("user_domain", pl.when(pl.col("user_name").is_not_null()).then("domain_name")).alias(
            "user_domain"
        ),
        pl.col("src_user_group").alias("user_group"),
        f.address("dst").alias("destination_ip"),
        pl.coalesce(f.port("service"), "destination_port").alias("destination_port"),
        f.transport("proto").alias("network_transport"),
        pl.coalesce(f.number("sent_bytes"), f.number("client_inbound_bytes")).alias("source_bytes"),
        pl.coalesce(f.number("received_bytes"), f.number("client_outbound_bytes")).alias("destination_bytes"),
    ]


def _content() -> list[pl.Expr]:
    seen = (pl.col("url_scheme") != "https") | (pl.coalesce("url_path", pl.lit("/")) != "/")
    return [
        pl.when(seen).then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.col("url_domain"),
        pl.when(seen).then("url_path").alias("url_path"),
        pl.col("url_query"),
        pl.col("method").alias("http_request_method"),
        pl.col("user_agent").alias("user_agent_original"),
        pl.col("referrer").alias("http_request_referrer"),
        pl.col("appi_name").alias("network_application"),
        pl.col("file_name"),
        pl.col("file_sha256").alias("file_hash"),
    ]


def _verdict() -> list[pl.Expr]:
    return [
        pl.col("action").alias("event_action"),
        f.outcome(pl.col("action"), _ALLOWED, _BLOCKED).alias("event_outcome"),
        pl.col("rule_name"),
        pl.coalesce(
            pl.lit("virus: ") + pl.col("malware_family"),
            pl.lit("attack: ") + pl.col("attack"),
            "app_properties",
            "matched_category",
            "primary_category",
        ).alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="checkpoint", log_class="firewall", title="Check Point log", looks=_LOOKS, doc=__doc__, parse=parse
)
