r"""
Cisco ASA and Secure Firewall Threat Defense (FTD, Firepower) syslog.

    <166>Jan 14 2026 10:14:09: %ASA-6-302013: Built outbound TCP connection 89743274 for outside:203.0.113.9/443
    (203.0.113.9/443) to inside:10.20.4.31/4952 (192.0.2.1/12834) (SCHOOL\amina.k)                  (one line)

Reference: https://www.cisco.com/c/en/us/td/docs/security/asa/syslog/b_syslog.html and, for FTD's 43000x,
https://www.cisco.com/c/en/us/td/docs/security/firepower/Syslogs/b_fptd_syslog_guide.html

Reads connections built and torn down (3020xx), refusals (1060xx, 106100, 106102, 710003), pages (304001, 304002), the
botnet filter (338xxx), log-ons and VPN sessions (AnyConnect, WebVPN, administration) and FTD's connection, intrusion
and file events. All other messages are passed over; `event_code` is Cisco's number.
Class: FTD's events with an address are `web`, with a question `dns`; 304xxx `web`; log-ons `auth`; the rest `firewall`.
Time: the device's own with a year before the envelope's; an abbreviation of a European zone counts, else the configured zone.
Fills: both ends, ports, transport, bytes, duration, account, domain and group, access list or rule, application, page, question,
URL category, file, the firewall's name.

Caveats: of a connection built outbound the second end is the client; one torn down does not say, and there the end with the higher
port is (of ICMP the local one). Identity firewall names of both ends are read from the client's. 722051 gives the address inside the VPN. `*****` is
nobody. Of https FTD writes the host only; such a page gets a domain but no address.
Checked on 514 real lines, of which 210 are events.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.firewall import _cisco
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import time_without_year, utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_HEAD: Final = r"^(?<head>(?<before>.*?)%(?:ASA|FTD|NGIPS|PIX|FWSM)(?:-[a-z]+)?-\d-(?<code>\d{6}):? ?)"
_DATED: Final = r"([A-Z][a-z]{2} +\d{1,2} \d{4} \d\d:\d\d:\d\d)(?:\.\d+)?"
_ISO: Final = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
_YEARLESS: Final = r"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
_MACHINE: Final = (
    r"\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?(?: (?:UTC|[A-Z]{1,4}T))? ([A-Za-z0-9][A-Za-z0-9_.-]*)"
)
_ZONE_NAME: Final = "^(?:UTC|[A-Z]{1,4}T)$"
_PIECES: Final = ("left", "left_number", "left_user", "right", "right_number", "right_user", "page")
_PLACES: Final = {code: place for place, (_, numbers) in enumerate(_cisco.SHAPES) for code in numbers.split()}
"""Which of the shapes a message has."""
_KEYS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "SrcIP DstIP SrcPort DstPort Protocol User AccessControlRuleAction AccessControlRuleName WebApplication "
    "ApplicationProtocol URL URLCategory DNSQuery DNSRecordType DNSResponseType InitiatorBytes ResponderBytes "
    "ConnectionDuration UserAgent HTTPReferer HTTPResponse FileName FileSHA256 FileAction ThreatName Message InlineResult SSLServerName "
    "ReferencedHost URI IntrusionPolicy FilePolicy"
).split()
_NOBODY: Final = ("no authentication required", "not found", "*****", "special identities/unknown", "guest")
_BLOCKED: Final = "block|block with reset|interactive block|interactive block with reset|blocked|dropped|malware block|custom detection block"
_ALLOWED: Final = (
    "allow|trust|monitor|fastpath|detect|malware cloud lookup|would have blocked|would have dropped"
)


_LOOKS: Final = r"%(?:ASA|FTD|NGIPS|PIX|FWSM)(?:-[a-z]+)?-\d-\d{6}\b"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    text = pl.col("line").str.strip_prefix(pl.col("head"))
    read = groups(lines, "line", _HEAD).with_columns(text.alias("text")).pipe(_shaped)
    ended = pl.when(pl.col("code") == "113019").then("text").alias("ended")
    known = (
        groups(read.with_columns(ended), "ended", _cisco.SESSION_END)
        .with_columns(_pairs())
        .with_columns(_key(key) for key in _KEYS)
        .with_columns(_client(), _address(), f.account("User", *_NOBODY).alias("User"))
        .with_columns(_account(), pl.col("before").str.extract(_YEARLESS).alias("yearless"))
        .with_columns(pl.coalesce(_time(context), time_without_year("yearless", context)).alias("timestamp"))
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"))
        .select("offset", *_what(), *_ends(), *_content(), *_verdict())
    )


def _shaped(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Add the pieces of whichever shape a message has; each shape is looked for once, on its own messages."""
    found: dict[str, list[str]] = {name: [] for name in _PIECES}
    lines = lines.with_columns(
        pl.col("code").replace_strict(_PLACES, default=None, return_dtype=pl.Int8).alias("place")
    )
    for place, (form, _) in enumerate(_cisco.SHAPES):
        names = re.findall(r"\(\?<(\w+)>", form)
        ours = pl.when(pl.col("place") == place).then(pl.col("text"))
        pieces = ours.str.extract_groups(form).struct.rename_fields([f"{name}_{place}" for name in names])
        lines = lines.with_columns(pieces.alias("_shape")).unnest("_shape")
        for name in names:
            found[name].append(f"{name}_{place}")
    return lines.with_columns(*_person()).with_columns(
        pl.coalesce([*columns, f"{name}_person"]).alias(name) for name, columns in found.items()
    )


def _person() -> list[pl.Expr]:
    """Return who logs on and from where; of a VPN the address that it gives counts."""
    text = pl.when(pl.col("code").is_in(_cisco.LOG_ONS.split())).then(pl.col("text"))
    given = pl.when(pl.col("code") == _cisco.ADDRESSED_AFTER).then(pl.col("text"))
    known = {
        "left_user": pl.coalesce(text.str.extract(_cisco.ADMINISTRATOR), text.str.extract(_cisco.PERSON)),
        "left": pl.coalesce(
            given.str.extract(r"IPv4 Address <([^>]+)>"), text.str.extract(_cisco.PERSONS_ADDRESS)
        ),
    }
    return [known.get(name, pl.lit(None, pl.String)).alias(f"{name}_person") for name in _PIECES]


def _pairs() -> pl.Expr:
    """Return FTD's `, Key: value` pairs; the first, too, has a comma, so that a key is found by its letters alone."""
    ours = pl.col("code").is_in(_cisco.CONNECTIONS.split())
    return pl.when(ours).then(pl.lit(", ") + pl.col("text")).alias("pairs")


def _key(key: str) -> pl.Expr:
    """Return a key's value, which has a comma in it only where no other key follows."""
    value = r"([^,]*(?:,[^,]*)*?)(?:, [A-Za-z][A-Za-z_ 0-9]*: |$)"
    return pl.col("pairs").str.extract(f", {key}: {value}").alias(key)


def _client() -> pl.Expr:
    """Tell whether the second end is the client."""
    outbound = pl.col("text").str.contains("^Built outbound")
    torn_down = pl.col("text").str.starts_with("Teardown")
    higher = pl.col("right_number").cast(pl.Int32, strict=False) > pl.col("left_number").cast(
        pl.Int32, strict=False
    )
    ping = pl.col("code") == "302021"
    return (outbound | ping | (torn_down & higher)).fill_null(value=False).alias("turned")


def _account() -> pl.Expr:
    ours = pl.when("turned").then("right_user").otherwise(pl.coalesce("left_user", "right_user"))
    bare = ours.str.replace(r"^LOCAL\\", "").str.replace(r", \d+$", "").str.strip_chars("'")
    known = pl.when(~bare.str.contains(r"^(?:\*+|[\d.]+)$")).then(bare)
    return pl.coalesce(known, "User").alias("account")


def _address() -> pl.Expr:
    whole = [pl.when(pl.col(key).str.contains("://", literal=True)).then(key) for key in ("URL", "URI")]
    host = pl.lit("http://") + pl.col("ReferencedHost") + pl.coalesce("URI", pl.lit("/"))
    bare = pl.when(pl.col("page").str.starts_with("/")).then(
        pl.lit("http://") + pl.col("right") + pl.col("page")
    )
    return pl.coalesce(bare, "page", *whole, host).alias("address")


def _time(context: Context) -> pl.Expr:
    dated = (
        pl.col("before")
        .str.extract(_DATED)
        .str.replace(" +", " ")
        .str.to_datetime("%b %e %Y %H:%M:%S", time_unit="us", strict=False)
    )
    zone = (
        pl.col("before")
        .str.extract(r"\d ([A-Z]{3,4}):? *$")
        .replace_strict(f.ZONES, default=None, return_dtype=pl.Int32)
    )
    zoned = dated.dt.replace_time_zone("UTC") - pl.duration(hours=zone)
    iso = (
        pl.col("before")
        .str.extract(_ISO)
        .str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    )
    return pl.coalesce(zoned, utc_of_local(dated, context.zone), iso).cast(TIME)


def _machine() -> pl.Expr:
    """Return what stands between the time and the message, unless that is the name of a zone."""
    name = pl.col("before").str.extract(_MACHINE)
    return pl.when(~name.str.contains(_ZONE_NAME)).then(name).alias("observer_name")


def _what() -> list[pl.Expr]:
    code = pl.col("code")
    read = " ".join([*(numbers for _, numbers in _cisco.SHAPES), _cisco.LOG_ONS, _cisco.CONNECTIONS]).split()
    log_on = code.is_in(_cisco.LOG_ONS.split())
    stamp = pl.col("timestamp")
    about = pl.col("left").is_not_null() | pl.col("SrcIP").is_not_null() | pl.col("account").is_not_null()
    return [
        stamp,
        pl.when(pl.col("url_domain").is_not_null())
        .then(pl.lit("web"))
        .when(pl.col("DNSQuery").is_not_null())
        .then(pl.lit("dns"))
        .when(log_on)
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        code.alias("event_code"),
        pl.lit("Cisco").alias("observer_vendor"),
        pl.lit("ASA or FTD").alias("observer_product"),
        _machine(),
        pl.when(code.is_null())
        .then(pl.lit("no %ASA- or %FTD- with a number"))
        .when(stamp.is_null())
        .then(pl.lit("no time before the message that is understood"))
        .alias(REJECT),
        (code.is_not_null() & stamp.is_not_null() & ~(code.is_in(read) & about)).alias(SKIP),
    ]


def _ends() -> list[pl.Expr]:
    def side(ours: pl.Expr, other: pl.Expr) -> pl.Expr:
        return pl.when("turned").then(other).otherwise(ours)

    left, right = f.address("left"), f.address("right")
    left_port, right_port = f.port("left_number"), f.port("right_number")
    word = pl.col("text").str.extract(r"(?i)\b(tcp|udp|icmp6?|sctp|gre|esp|igmp)\b").str.to_lowercase()
    return [
        pl.coalesce(side(left, right), f.address("SrcIP")).alias("source_ip"),
        pl.coalesce(side(left_port, right_port), f.port("SrcPort")).alias("source_port"),
        pl.coalesce(side(right, left), f.address("DstIP")).alias("destination_ip"),
        pl.coalesce(side(right_port, left_port), f.port("DstPort"), "destination_port").alias(
            "destination_port"
        ),
        pl.coalesce(f.transport("Protocol"), pl.when(pl.col("right").is_not_null()).then(word)).alias(
            "network_transport"
        ),
        pl.col("user_name"),
        pl.col("user_domain"),
        pl.col("group").alias("user_group"),
        pl.coalesce(f.number("InitiatorBytes"), f.number("received")).alias("source_bytes"),
        pl.coalesce(
            f.number("ResponderBytes"),
            f.number("sent"),
            pl.col("text").str.extract(r" bytes (\d+)").cast(pl.Int64, strict=False),
        ).alias("destination_bytes"),
    ]


def _content() -> list[pl.Expr]:
    seen = (pl.col("url_scheme") != "https") | (pl.col("url_path") != "/")
    status = f.number("HTTPResponse")
    return [
        pl.coalesce(_lasted(), f.seconds("ConnectionDuration")).alias("event_duration"),
        pl.when(seen).then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.col("url_domain"),
        pl.when(seen).then("url_path").alias("url_path"),
        pl.col("url_query"),
        pl.when(status.is_between(100, 599)).then(status).cast(pl.Int32).alias("http_response_status_code"),
        pl.col("UserAgent").alias("user_agent_original"),
        pl.col("HTTPReferer").alias("http_request_referrer"),
        pl.coalesce("WebApplication", "ApplicationProtocol").alias("network_application"),
        clean_host("DNSQuery").alias("dns_question_name"),
        pl.col("DNSRecordType").replace(_cisco.QUESTIONS).alias("dns_question_type"),
        pl.col("DNSResponseType").replace(_cisco.ANSWERS).alias("dns_response_code"),
        clean_host("SSLServerName").alias("tls_server_name"),
        pl.col("FileName").alias("file_name"),
        pl.col("FileSHA256").alias("file_hash"),
    ]


def _lasted() -> pl.Expr:
    """Return how long a connection that was torn down, or a VPN session that ended, had lasted."""
    clock = pl.col("text").str.extract_groups(r"duration (\d+):(\d\d):(\d\d)")
    hours, minutes, seconds = (clock.struct[str(place)].cast(pl.Int64, strict=False) for place in (1, 2, 3))
    session = f.number("days").fill_null(0) * 86400 + f.number("hours") * 3600 + f.number("minutes") * 60
    return pl.coalesce(hours * 3600 + minutes * 60 + seconds, session + f.number("seconds")) * 1_000_000_000


def _verdict() -> list[pl.Expr]:
    text = pl.col("text")
    action = pl.coalesce("AccessControlRuleAction", "InlineResult", "FileAction")
    word = text.str.extract(r"^(?:access-list \S+ )?([A-Z][a-z]+|permitted|denied|est-allowed)")
    shaped = pl.col("code").is_in(_cisco.REFUSED.split()) | text.str.contains(
        r"access-list \S+ denied|Dynamic [Ff]ilter dropped"
    )
    reached = pl.col("right").is_not_null() | pl.col("code").is_in(_cisco.LOG_ONS.split())
    return [
        pl.coalesce(action, word).alias("event_action"),
        pl.when(action.is_not_null())
        .then(f.outcome(action, _ALLOWED, _BLOCKED))
        .when(shaped)
        .then(pl.lit("blocked"))
        .when(reached)
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome"),
        pl.coalesce(
            "AccessControlRuleName",
            "IntrusionPolicy",
            "FilePolicy",
            text.str.extract(r'by access-group "([^"]+)"'),
            text.str.extract(r"^access-list (\S+) "),
        ).alias("rule_name"),
        pl.coalesce(
            "URLCategory",
            pl.lit("virus: ") + pl.col("ThreatName"),
            pl.lit("attack: ") + pl.col("Message"),
            pl.lit("threat: ") + text.str.extract(r"resolved from \S+ list: ([^\s,]+)"),
        ).alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="cisco-asa",
    log_class="firewall",
    title="Cisco ASA or FTD syslog",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
