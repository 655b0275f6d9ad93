r"""
Palo Alto Networks firewall log (PAN-OS 7 to 11), the comma-separated form that it sends by syslog.

    Jan 14 10:14:09 PA-220 1,2026/01/14 10:14:09,012345678901,THREAT,url,2561,2026/01/14 10:14:09,10.20.4.31,
    203.0.113.9,192.0.2.1,203.0.113.9,Pupils out,school\amina.k,,web-browsing,vsys1,trust,untrust,ethernet1/2,
    ethernet1/1,fwd,2026/01/14 10:14:09,28191,1,52984,443,37679,443,0x403000,tcp,block-url,
    "casino.example/spin",(9999),gambling,informational,client-to-server,7726,...                   (one line)

Reads TRAFFIC, THREAT (url, virus, spyware, vulnerability, file, data, ...), DECRYPTION, USERID, GLOBALPROTECT,
AUTHENTICATION and HIPMATCH, with any envelope before them. The others (CONFIG, SYSTEM, ...) are about the firewall
itself, and are passed over.
Reference: https://docs.paloaltonetworks.com/pan-os/10-2/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions

Class: THREAT url is `web`, USERID, GLOBALPROTECT and AUTHENTICATION are `auth`, the rest is `firewall`.
Time: the time generated, by the envelope's offset from UTC where it has one and both agree, else in the configured
zone.
Fills: outcome, both ends, ports, bytes, duration, account, device name, application, rule, address of the page, browser,
referrer, method, media type, server name (SNI, of DECRYPTION), name and hash of a file. `rule_category` is the URL category, `virus: NAME`, `attack: NAME`,
`threat: NAME` or, for what data and file filtering found, `file: NAME` or `data: NAME`. An address is held by a user from
a USERID login for its timeout and until its logout, and by a device and a user from `gateway-connected` of GLOBALPROTECT
until `gateway-logout`.

Caveats: of a threat that came from the server, PAN-OS writes the server first; the client is the source here all the
same. `alert` let the page through. `block-continue` and `block-override` showed a block page; `continue` and `override` say that
the person went on. Without decryption the path of an https page is not seen, and `host/` is written; such a page gets a
domain but no address. Reverse DNS is not logged. A GLOBALPROTECT source is the address inside the tunnel. `pre-logon` is
nobody. DECRYPTION repeats the start of a session that TRAFFIC logs at its end. The devices that Device-ID names are not read.
CEF and LEEF, which PAN-OS writes only where an administrator made a format of them, are not read here.
Checked on 538 real lines of PAN-OS 4 to 10 against an independent parse; DECRYPTION on 2 lines that others published, read by
hand, AUTHENTICATION from documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.format import Context

_CELLS: Final = [f"_{number}" for number in range(64)]
_PREFIX: Final = r"^.*?(?:^|[ >])\d*,(\d{4}[/-]\d\d[/-])"
_ENVELOPE: Final = r"^[^,]{0,20}?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) "
_PAIRED: Final = ("TRAFFIC", "THREAT", "DECRYPTION")
"""Kinds of lines about two ends, which have their first thirty cells in common."""
_LOG_ONS: Final = ("USERID", "GLOBALPROTECT", "AUTHENTICATION")
_READ: Final = (*_PAIRED, *_LOG_ONS, "HIPMATCH")
_ACCOUNT: Final = {
    **dict.fromkeys(_PAIRED, "_12"),
    "USERID": "_9",
    "GLOBALPROTECT": "_12",
    "AUTHENTICATION": "_9",
    "HIPMATCH": "_7",
}
_SOURCE: Final = {**dict.fromkeys(_PAIRED, "_7"), "USERID": "_8", "AUTHENTICATION": "_8", "HIPMATCH": "_11"}
_ACTION: Final = {
    **dict.fromkeys(_PAIRED, "_30"),
    "USERID": "_4",
    "GLOBALPROTECT": "_28",
    "AUTHENTICATION": "_20",
}
_CODE: Final = {
    **dict.fromkeys((*_PAIRED, "USERID", "AUTHENTICATION"), "_4"),
    "GLOBALPROTECT": "_8",
    "HIPMATCH": "_14",
}
_RULE: Final = {**dict.fromkeys(_PAIRED, "_11"), "AUTHENTICATION": "_12", "HIPMATCH": "_12"}
_DEVICE: Final = {"GLOBALPROTECT": "_14", "HIPMATCH": "_9"}
_FIREWALL: Final = {
    "TRAFFIC": "_52",
    "THREAT": "_59",
    "USERID": "_25",
    "AUTHENTICATION": "_29",
    "HIPMATCH": "_24",
}
"""Kind of line -> the cell that holds a thing."""
_ALLOWED: Final = "allow|alert|continue|override|login|logout|success|syncookie-sent"
_BLOCKED: Final = (
    "deny|drop|block|block-url|block-ip|block-continue|block-override|override-lockout|reset-both|reset-client|"
    "reset-server|drop-all-packets|drop-icmp|drop icmp|drop-packet|random-drop|sinkhole|reset client|reset server|reset both|"
    "failure|failed"
)
_FOUND: Final = {
    **dict.fromkeys(("virus", "wildfire-virus", "ml-virus"), "virus: "),
    **dict.fromkeys(("vulnerability", "flood", "scan", "packet"), "attack: "),
    **dict.fromkeys(("spyware", "wildfire"), "threat: "),
    **{kind: f"{kind}: " for kind in ("file", "data")},
}


_KINDS: Final = r"AUTH|TRAFFIC|THREAT|USERID|GLOBALPROTECT|HIPMATCH|HIP-MATCH|CONFIG|SYSTEM|DECRYPTION|CORRELATION|AUTHENTICATION"
_LOOKS: Final = rf"(?:^|[ >])\d*,\d{{4}}[/-]\d\d[/-]\d\d[ T][^,]*,[^,]*,(?:{_KINDS}),"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    ours = pl.when(pl.col("line").str.contains(_PREFIX)).then(pl.col("line").str.replace(_PREFIX, ",$1"))
    known = (
        cells(lines.with_columns(ours.alias("_ours")), "_ours", _CELLS)
        .with_columns(pl.col("_3").replace({"AUTH": "AUTHENTICATION", "HIP-MATCH": "HIPMATCH"}))
        .with_columns(pl.when(pl.col("_3").is_in(_READ)).then("_3").alias("kind"))
        .with_columns(_is_page().alias("page"), _swapped().alias("swapped"))
        .with_columns(*_who(), _address())
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"), _seen())
        .with_columns(_time(context), *_ends())
        .select("offset", *_what(), *_sides(), *_web(), *_verdict(), *_leases())
    )


def _is_page() -> pl.Expr:
    return (pl.col("kind") == "THREAT") & (pl.col("_4") == "url")


def _swapped() -> pl.Expr:
    return ((pl.col("kind") == "THREAT") & (pl.col("_35") == "server-to-client")).fill_null(value=False)


def _of(places: Mapping[str, str]) -> pl.Expr:
    """Return the cell that holds a thing, by the kind of line."""
    cells = dict.fromkeys(places.values())
    return pl.coalesce(
        pl.when(pl.col("kind").is_in([kind for kind, at in places.items() if at == cell])).then(cell)
        for cell in cells
    )


def _who() -> list[pl.Expr]:
    client = pl.when("swapped").then("_13").otherwise(_of(_ACCOUNT))
    private = pl.coalesce(pl.when(f.address(cell).is_not_null()).then(cell) for cell in ("_17", "_18", "_15"))
    return [
        # Cortex Data Lake writes a backslash twice. `pre-logon` is a device of which nobody has logged on yet.
        pl.when(client != "pre-logon").then(client.str.replace("\\\\", "\\", literal=True)).alias("account"),
        pl.when(pl.col("kind") == "GLOBALPROTECT").then(private).otherwise(_of(_SOURCE)).alias("left"),
        pl.when(pl.col("kind").is_in(_PAIRED)).then("_8").alias("right"),
    ]


def _address() -> pl.Expr:
    secure = (pl.col("_14") == "ssl") | (pl.col("_25") == "443")
    scheme = pl.when(secure).then(pl.lit("https://")).otherwise(pl.lit("http://"))
    whole = pl.col("_31").str.contains(r"^[a-z]+://")
    page = pl.when(whole).then("_31").otherwise(scheme + pl.col("_31"))
    return pl.when("page").then(page).alias("address")


def _seen() -> pl.Expr:
    bare = pl.coalesce("url_path", pl.lit("/")).eq("/") & pl.col("url_query").is_null()
    return (~bare | (pl.col("url_scheme") != "https")).alias("seen")


def _time(context: Context) -> pl.Expr:
    naive = pl.col("_6").str.to_datetime("%Y/%m/%d %H:%M:%S", time_unit="us", strict=False)
    iso = pl.col("_6").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    return pl.coalesce(iso, _by_envelope(), utc_of_local(naive, context.zone)).alias("timestamp")


def _what() -> list[pl.Expr]:
    stamp = pl.col("timestamp")
    foreign = pl.col("_3").is_null() | pl.col("_6").is_null()
    passed_over = pl.col("kind").is_null() & ~foreign
    return [
        stamp,
        pl.when("page")
        .then(pl.lit("web"))
        .when(pl.col("kind").is_in(_LOG_ONS))
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.lit("Palo Alto Networks").alias("observer_vendor"),
        pl.lit("PAN-OS").alias("observer_product"),
        _of(_FIREWALL).alias("observer_name"),
        pl.when(pl.col("kind") == "TRAFFIC").then(f.seconds("_36")).alias("event_duration"),
        pl.when(foreign)
        .then(pl.lit("not the comma-separated form of PAN-OS"))
        .when(stamp.is_null() & ~passed_over)
        .then(pl.lit("the time generated is not understood"))
        .alias(REJECT),
        passed_over.alias(SKIP),
    ]


def _by_envelope() -> pl.Expr:
    """Return the time by the envelope's offset from UTC, where both are of the same quarter of an hour."""
    written = pl.col("line").str.extract(_ENVELOPE)
    sent = written.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    offset = written.str.extract(r"(Z|[+-]\d\d:\d\d)$").replace("Z", "+00:00")
    found = (pl.col("_6") + offset).str.to_datetime("%Y/%m/%d %H:%M:%S%z", time_unit="us", strict=False)
    found = found.dt.convert_time_zone("UTC")
    return pl.when((found - sent).dt.total_seconds().abs() < 900).then(found)


def _ends() -> list[pl.Expr]:
    left, right = f.address("left"), f.address("right")
    swapped = pl.when("swapped")
    return [
        swapped.then(right).otherwise(left).alias("source_ip"),
        swapped.then(left).otherwise(right).alias("destination_ip"),
    ]


def _sides() -> list[pl.Expr]:
    swapped = pl.when("swapped")
    paired = pl.when(pl.col("kind").is_in(_PAIRED))
    traffic = pl.when(pl.col("kind") == "TRAFFIC")
    known = ~pl.col("_14").is_in(["incomplete", "not-applicable", "insufficient-data"])
    return [
        pl.col("source_ip", "destination_ip", "user_name", "user_domain"),
        paired.then(swapped.then(f.port("_25")).otherwise(f.port("_24"))).alias("source_port"),
        paired.then(swapped.then(f.port("_24")).otherwise(f.port("_25"))).alias("destination_port"),
        paired.then(f.transport("_29")).alias("network_transport"),
        paired.then(pl.when(known).then("_14")).alias("network_application"),
        traffic.then(f.number("_32")).alias("source_bytes"),
        traffic.then(f.number("_33")).alias("destination_bytes"),
        _of(_DEVICE).alias("host_name"),
    ]


def _web() -> list[pl.Expr]:
    page = pl.when("page")
    found = pl.when((pl.col("kind") == "THREAT") & ~pl.col("page"))
    return [
        pl.when("seen").then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.col("url_domain"),
        pl.when("seen").then("url_path").alias("url_path"),
        pl.col("url_query"),
        page.then("_41").alias("http_response_mime_type"),
        page.then("_46").alias("user_agent_original"),
        page.then("_49").alias("http_request_referrer"),
        page.then(pl.col("_63").str.to_uppercase()).alias("http_request_method"),
        pl.when(pl.col("kind") == "DECRYPTION").then(clean_host("_63")).alias("tls_server_name"),
        found.then("_31").alias("file_name"),
        found.then("_43").alias("file_hash"),
    ]


def _verdict() -> list[pl.Expr]:
    threat = pl.col("kind") == "THREAT"
    action = _of(_ACTION)
    authentication = pl.col("kind") == "AUTHENTICATION"
    kind = pl.col("_4").replace_strict(_FOUND, default=None, return_dtype=pl.String)
    name = pl.col("_32").str.replace(r"\(\d+\)$", "")
    category = (
        pl.when("page")
        .then("_33")
        .when(threat)
        .then(kind + name)
        .when(~threat)
        .then(pl.when(pl.col("kind") == "TRAFFIC").then("_37"))
    )
    blank = category.is_in(["any", "unknown", "not-resolved"])
    return [
        action.alias("event_action"),
        pl.when(authentication & action.str.contains("(?i)success"))
        .then(pl.lit("allowed"))
        .when(authentication & action.str.contains("(?i)fail|denied|invalid"))
        .then(pl.lit("blocked"))
        .otherwise(f.outcome(action, _ALLOWED, _BLOCKED))
        .alias("event_outcome"),
        _of(_CODE).alias("event_code"),
        _of(_RULE).alias("rule_name"),
        pl.when(~blank).then(category).alias("rule_category"),
    ]


def _leases() -> list[pl.Expr]:
    """Return from when and until when the line says that the address is held."""
    user_id = pl.col("kind") == "USERID"
    vpn = (pl.col("kind") == "GLOBALPROTECT") & (pl.col("_28") == "success")
    inside = vpn & (f.address("_17").is_not_null() | f.address("_18").is_not_null())
    given = (user_id & (pl.col("_4") == "login")) | (inside & (pl.col("_8") == "gateway-connected"))
    back = (user_id & (pl.col("_4") == "logout")) | (inside & (pl.col("_8") == "gateway-logout"))
    lasts = pl.when(user_id).then(f.number("_13"))
    until = pl.col("timestamp") + pl.duration(seconds=pl.when(lasts.is_between(1, 2**31)).then(lasts))
    return [
        pl.when(given).then("timestamp").alias(LEASE_FROM),
        pl.when(given).then(until).when(back).then("timestamp").alias(LEASE_TO),
    ]


FORMAT: Final = Format(
    name="paloalto",
    log_class="firewall",
    title="Palo Alto Networks firewall log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
