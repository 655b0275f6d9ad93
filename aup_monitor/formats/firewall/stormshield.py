r"""
Stormshield Network Security (SNS 3 to 5) audit logs, `key=value` form (WELF), as it keeps them or sends them by syslog.

    id=firewall time="2026-03-05 10:14:09" fw="SN310A00000001" tz=+0000 startime="2026-03-05 10:14:08" pri=5
    ruleid=12 ipproto=tcp proto=http src=10.20.4.31 srcport=61930 dst=203.0.113.9 dstport=80
    dstname=casino.example sent=512 rcvd=2048 duration=0.42 user="amina.k" domain="school" op=GET result=403
    arg="/spin" cat_site="{gambling}" action=block logtype="web"                                   (one line)

Reads `logtype` web, ssl, connection, filter, alarm, plugin, ftp, smtp, pop3, auth, xvpn, vpn of a user, and server, with
any envelope before them; a file of the firewall's own (`l_web`) names no `logtype`, which is then told by the keys. Counts,
states, the system's own messages and tunnels between gateways are passed over.
Reference: https://documentation.stormshield.eu/SNS/v4/en/Content/Description_of_Audit_logs/Understand_log_files.htm

Class: a line with an HTTP command, and ssl, are `web`; smtp and pop3 are `mail`; auth, xvpn and vpn are `auth`; the rest
is `firewall`.
Time: `time` (when it was logged) by `tz`, else in the configured zone.
Fills: outcome (`action`; of log-ons `error`, where 0 is success), both ends, ports, MAC, transport, protocol, bytes,
duration, account and its directory (`user_domain`), groups, device as the firewall's objects name it (`srcname`),
address of the page, method, status, application, file, rule. `rule_category` is the category of the site, `virus: infected`
or `alarm: MESSAGE`. An address is held by a user from the log-on until the log-off.

Caveats: `dstname` is taken for the site of pages and of TLS only; elsewhere it may be an object's name. Without decryption
TLS gets a domain but no address. An empty `action` means that the rule only logs: unknown. A VPN's source is its far end.
Checked on 16 lines that others published, 8 of them against an independent parse, the others by hand; most of it is from
documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.firewall._keyvalue import pairs
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_WORDS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "tz ipproto src srcport srcmac dst dstport sent rcvd duration op result ruleid alarmid error address"
).split()
_TEXTS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "time fw logtype action proto user domain usergroup srcname dstname arg cat_site virus msg rulename class "
    "clientappid serverappid filename"
).split()
_METHODS: Final = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "PATCH", "TRACE", "PROPFIND"]
_MAIL: Final = ["smtp", "pop3"]
_LOG_ONS: Final = ["auth", "xvpn", "vpn"]
_LOGGED_ON: Final = "(?i)logged in|authenticated"
_LOGGED_OFF: Final = "(?i)logged out|logout|disconnect"
_SITE: Final = r"^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?$"
_ADDRESS: Final = r"^(?:host_)?[\d.]+$"

_LOOKS: Final = r'(?:^|[ >?\x{FEFF}])time="\d{4}-[^"]*" fw="[^"]*" tz=[+-]\d{4} startime="'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    known = (
        pairs(lines, _WORDS, _TEXTS)
        .with_columns(_kind())
        .with_columns(pl.col("op").is_in(_METHODS).fill_null(value=False).alias("request"))
        .with_columns(_site())
        .with_columns(_address())
    )
    return (
        split_url(known, "address_of_page")
        .with_columns(split_account("user").struct.field("user_name", "user_domain"), _seen(), *_ends())
        .with_columns(_time(context))
        .select("offset", *_what(), *_who(), *_page(), *_verdict(), *_leases())
    )


def _kind() -> pl.Expr:
    """Return the kind of log; in a file that holds one kind only its keys tell."""
    told = (
        pl.when(pl.col("cat_site").is_not_null() & pl.col("op").is_null())
        .then(pl.lit("ssl"))
        .when(pl.col("user").is_not_null() & pl.col("error").is_not_null() & pl.col("dst").is_null())
        .then(pl.lit("auth"))
        .otherwise(pl.lit("connection"))
    )
    return pl.coalesce("logtype", told).alias("kind")


def _site() -> pl.Expr:
    host = pl.col("dstname")
    paged = pl.col("request") | (pl.col("kind") == "ssl")
    named = host.str.contains(_SITE) & ~host.str.contains(_ADDRESS)
    return pl.when(paged & named).then(host.str.to_lowercase().str.strip_chars_end(".")).alias("site")


def _address() -> pl.Expr:
    secure = (pl.col("dstport") == "443") | pl.col("proto").is_in(["ssl", "https"])
    scheme = pl.when(secure).then(pl.lit("https://")).otherwise(pl.lit("http://"))
    host = pl.coalesce("site", "dst")
    tunnel = pl.col("op") == "CONNECT"
    return (
        pl.when(~pl.col("request") | tunnel)
        .then(None)
        .when(pl.col("arg").str.contains("^[a-z]+://"))
        .then("arg")
        .when(pl.col("arg").str.starts_with("/"))
        .then(scheme + host + pl.col("arg"))
        .alias("address_of_page")
    )


def _seen() -> pl.Expr:
    bare = (pl.col("url_path") == "/") & pl.col("url_query").is_null()
    return (~bare | (pl.col("url_scheme") != "https")).alias("seen")


def _ends() -> list[pl.Expr]:
    """Return both ends; of a VPN the firewall stands first, and the far end is where the person is."""
    vpn = pl.when(pl.col("kind") == "vpn")
    theirs = pl.when(pl.col("user").is_not_null()).then(f.address("dst"))
    return [
        vpn.then(theirs).otherwise(pl.coalesce(f.address("src"), f.address("address"))).alias("source_ip"),
        vpn.then(f.address("src")).otherwise(f.address("dst")).alias("destination_ip"),
        pl.when(pl.col("kind") != "vpn").then(f.port("srcport")).alias("source_port"),
    ]


def _time(context: Context) -> pl.Expr:
    """Return when it was logged, by the firewall's offset from UTC if it is there."""
    naive = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    zoned = (pl.col("time") + pl.col("tz")).str.to_datetime(
        "%Y-%m-%d %H:%M:%S%z", time_unit="us", strict=False
    )
    return (
        pl.coalesce(zoned.dt.convert_time_zone("UTC"), utc_of_local(naive, context.zone))
        .cast(TIME)
        .alias("timestamp")
    )


def _what() -> list[pl.Expr]:
    kind = pl.col("kind")
    about_nobody = pl.all_horizontal(pl.col("user_name", "source_ip").is_null())
    foreign = pl.col("fw").is_null()
    return [
        pl.col("timestamp"),
        pl.when(pl.col("request") | (kind == "ssl"))
        .then(pl.lit("web"))
        .when(kind.is_in(_MAIL))
        .then(pl.lit("mail"))
        .when(kind.is_in(_LOG_ONS))
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.coalesce("alarmid", "logtype").alias("event_code"),
        pl.lit("Stormshield").alias("observer_vendor"),
        pl.lit("SNS").alias("observer_product"),
        pl.col("fw").alias("observer_name"),
        f.seconds("duration").alias("event_duration"),
        pl.when(foreign)
        .then(pl.lit("no fw=: not a line of a Stormshield firewall"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no time= that is understood"))
        .alias(REJECT),
        (about_nobody & ~foreign & pl.col("timestamp").is_not_null()).alias(SKIP),
    ]


def _who() -> list[pl.Expr]:
    name = pl.when(~pl.col("srcname").str.contains(rf"{_ADDRESS}|^Firewall_")).then("srcname")
    person = pl.when(pl.col("user_name").is_not_null())
    protocol = pl.col("proto").str.to_lowercase().replace({"ssl": "tls", "https": "tls"})
    return [
        pl.col("source_ip"),
        pl.col("source_port"),
        f.mac("srcmac").alias("source_mac"),
        pl.when(pl.col("kind") != "vpn").then(name).alias("host_name"),
        pl.col("user_name"),
        pl.coalesce("user_domain", person.then("domain")).alias("user_domain"),
        pl.col("usergroup").alias("user_group"),
        pl.col("destination_ip"),
        pl.coalesce(f.port("dstport"), "destination_port").alias("destination_port"),
        f.transport("ipproto").alias("network_transport"),
        pl.when(~protocol.is_in(["unknown", ""])).then(protocol).alias("network_protocol"),
        pl.coalesce("serverappid", "clientappid").alias("network_application"),
        f.number("sent").alias("source_bytes"),
        f.number("rcvd").alias("destination_bytes"),
    ]


def _page() -> list[pl.Expr]:
    status = f.number("result").cast(pl.Int32, strict=False)
    request = pl.when("request")
    return [
        pl.when("seen").then("address_of_page").alias("url_full"),
        pl.col("url_scheme"),
        pl.coalesce("site", "url_domain").alias("url_domain"),
        pl.when("seen").then("url_path").alias("url_path"),
        pl.col("url_query"),
        request.then("op").alias("http_request_method"),
        pl.when(pl.col("request") & status.is_between(100, 599))
        .then(status)
        .alias("http_response_status_code"),
        pl.col("filename").alias("file_name"),
    ]


def _verdict() -> list[pl.Expr]:
    category = pl.col("cat_site").str.strip_chars("{}")
    log_on = pl.col("kind").is_in(_LOG_ONS) & pl.col("error").is_not_null()
    granted = pl.when(pl.col("error") == "0").then(pl.lit("allowed")).otherwise(pl.lit("blocked"))
    built = (pl.col("kind") == "vpn") & pl.col("msg").str.contains("(?i)established")
    harmful = pl.when(~pl.col("virus").is_in(["clean", "unknown", "failed"])).then("virus")
    alarm = pl.when((pl.col("kind") == "alarm") & (pl.col("class") != "system")).then("msg")
    return [
        pl.coalesce("action", "msg", "op").alias("event_action"),
        pl.when(log_on)
        .then(granted)
        .when(built)
        .then(pl.lit("allowed"))
        .otherwise(f.outcome(pl.col("action"), "pass", "block|reset"))
        .fill_null("unknown")
        .alias("event_outcome"),
        pl.coalesce("rulename", "ruleid").alias("rule_name"),
        pl.coalesce(
            pl.lit("virus: ") + harmful,
            pl.lit("alarm: ") + alarm,
            pl.when(~category.is_in(["", "unknown"])).then(category),
        ).alias("rule_category"),
    ]


def _leases() -> list[pl.Expr]:
    """Return from when and until when the line says that a user holds the address."""
    done = (pl.col("kind") == "auth") & (pl.col("error") == "0") & pl.col("user_name").is_not_null()
    given = done & pl.col("msg").str.contains(_LOGGED_ON)
    back = done & pl.col("msg").str.contains(_LOGGED_OFF)
    return [
        pl.when(given).then("timestamp").alias(LEASE_FROM),
        pl.when(back).then("timestamp").alias(LEASE_TO),
    ]


FORMAT: Final = Format(
    name="stormshield",
    log_class="firewall",
    title="Stormshield SNS audit log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
