r"""
Palo Alto Networks firewall log (PAN-OS 7 to 11), the comma-separated form that it sends by syslog.

    Jan 14 10:14:09 PA-220 1,2026/01/14 10:14:09,012345678901,THREAT,url,2561,2026/01/14 10:14:09,10.20.4.31,
    203.0.113.9,192.0.2.1,203.0.113.9,Pupils out,school\amina.k,,web-browsing,vsys1,trust,untrust,ethernet1/2,
    ethernet1/1,fwd,2026/01/14 10:14:09,28191,1,52984,443,37679,443,0x403000,tcp,block-url,
    "casino.example/spin",(9999),gambling,informational,client-to-server,7726,...                   (one line)

Reads TRAFFIC, THREAT (url, virus, spyware, vulnerability, file, data, ...), USERID and GLOBALPROTECT, with any envelope
before them. The others (CONFIG, SYSTEM, HIPMATCH, DECRYPTION, ...) are about the firewall itself or add no
person's act, and are passed over.
Reference: https://docs.paloaltonetworks.com/pan-os/10-2/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions

Class: THREAT url is `web`, USERID and GLOBALPROTECT are `auth`, the rest is `firewall`.
Time: the time generated, by the envelope's offset from UTC where it has one and both agree, else in the configured
zone.
Fills: outcome, both ends, ports, bytes, duration, account, application, rule, address of the page, browser, referrer,
method, media type, name and hash of a file. `rule_category` is the URL category, `virus: NAME`, `attack: NAME`,
`threat: NAME` or, for what data and file filtering found, `file: NAME` or `data: NAME`.

Caveats: of a threat that came from the server, PAN-OS writes the server first; the client is the source here all the
same. `alert` let the page through. `block-continue` and `block-override` showed a block page; `continue` and `override` say that
the person went on. Without decryption the path of an https page is not seen, and `host/` is written; such a page gets a
domain but no address. Reverse DNS is not logged. A GLOBALPROTECT source is the address inside the tunnel.
Checked on 538 real lines of PAN-OS 4 to 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_CELLS: Final = [f"_{number}" for number in range(64)]
_PREFIX: Final = r"^.*?(?:^|[ >])\d*,(\d{4}[/-]\d\d[/-])"
_ENVELOPE: Final = r"^[^,]{0,20}?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) "
_READ: Final = ("TRAFFIC", "THREAT", "USERID", "GLOBALPROTECT")
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


_KINDS: Final = r"TRAFFIC|THREAT|USERID|GLOBALPROTECT|HIPMATCH|HIP-MATCH|CONFIG|SYSTEM|DECRYPTION|CORRELATION|AUTHENTICATION"
_LOOKS: Final = rf"(?:^|[ >])\d*,\d{{4}}[/-]\d\d[/-]\d\d[ T][^,]*,[^,]*,(?:{_KINDS}),"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    ours = pl.when(pl.col("line").str.contains(_PREFIX)).then(pl.col("line").str.replace(_PREFIX, ",$1"))
    known = (
        cells(lines.with_columns(ours.alias("_ours")), "_ours", _CELLS)
        .with_columns(pl.when(pl.col("_3").is_in(_READ)).then("_3").alias("kind"))
        .with_columns(_is_page().alias("page"), _swapped().alias("swapped"))
        .with_columns(*_who(), _address())
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"), _seen())
        .select("offset", *_what(context), *_ends(), *_web(), *_verdict(), "user_name", "user_domain")
    )


def _is_page() -> pl.Expr:
    return (pl.col("kind") == "THREAT") & (pl.col("_4") == "url")


def _swapped() -> pl.Expr:
    return ((pl.col("kind") == "THREAT") & (pl.col("_35") == "server-to-client")).fill_null(value=False)


def _of(traffic: str, user_id: str | None, vpn: str | None) -> pl.Expr:
    """Return the cell that holds a thing, by the kind of line."""
    kind = pl.col("kind")
    cells = [
        (kind.is_in(["TRAFFIC", "THREAT"]), traffic),
        (kind == "USERID", user_id),
        (kind == "GLOBALPROTECT", vpn),
    ]
    return pl.coalesce(pl.when(where).then(cell) for where, cell in cells if cell is not None)


def _who() -> list[pl.Expr]:
    client = pl.when("swapped").then("_13").otherwise(_of("_12", "_9", "_12"))
    private = pl.coalesce(pl.when(f.address(cell).is_not_null()).then(cell) for cell in ("_17", "_18", "_15"))
    return [
        # Cortex Data Lake writes a backslash twice.
        client.str.replace("\\\\", "\\", literal=True).alias("account"),
        pl.when(pl.col("kind") == "GLOBALPROTECT")
        .then(private)
        .otherwise(_of("_7", "_8", None))
        .alias("left"),
        _of("_8", None, None).alias("right"),
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


def _what(context: Context) -> list[pl.Expr]:
    naive = pl.col("_6").str.to_datetime("%Y/%m/%d %H:%M:%S", time_unit="us", strict=False)
    iso = pl.col("_6").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    stamp = pl.coalesce(iso, _by_envelope(), utc_of_local(naive, context.zone))
    foreign = pl.col("_3").is_null() | pl.col("_6").is_null()
    passed_over = pl.col("kind").is_null() & ~foreign
    return [
        stamp.alias("timestamp"),
        pl.when("page")
        .then(pl.lit("web"))
        .when(pl.col("kind").is_in(["USERID", "GLOBALPROTECT"]))
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.lit("Palo Alto Networks").alias("observer_vendor"),
        pl.lit("PAN-OS").alias("observer_product"),
        pl.when(pl.col("kind") == "TRAFFIC")
        .then("_52")
        .when(pl.col("kind") == "THREAT")
        .then("_59")
        .alias("observer_name"),
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
    def side(ours: pl.Expr, other: pl.Expr) -> pl.Expr:
        return pl.when("swapped").then(other).otherwise(ours)

    left, right = f.address("left"), f.address("right")
    paired = pl.col("kind").is_in(["TRAFFIC", "THREAT"])
    traffic = pl.when(pl.col("kind") == "TRAFFIC")
    return [
        side(left, right).alias("source_ip"),
        side(right, left).alias("destination_ip"),
        pl.when(paired).then(side(f.port("_24"), f.port("_25"))).alias("source_port"),
        pl.when(paired).then(side(f.port("_25"), f.port("_24"))).alias("destination_port"),
        pl.when(paired).then(f.transport("_29")).alias("network_transport"),
        pl.when(paired & ~pl.col("_14").is_in(["incomplete", "not-applicable", "insufficient-data"]))
        .then("_14")
        .alias("network_application"),
        traffic.then(f.number("_32")).alias("source_bytes"),
        traffic.then(f.number("_33")).alias("destination_bytes"),
        pl.when(pl.col("kind") == "GLOBALPROTECT").then("_14").alias("host_name"),
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
        found.then("_31").alias("file_name"),
        found.then("_43").alias("file_hash"),
    ]


def _verdict() -> list[pl.Expr]:
    threat = pl.col("kind") == "THREAT"
    action = _of("_30", "_4", "_28")
    kind = pl.col("_4").replace_strict(_FOUND, default=None, return_dtype=pl.String)
    name = pl.col("_32").str.replace(r"\(\d+\)$", "")
    category = pl.when("page").then("_33").when(threat).then(kind + name).when(~threat).then("_37")
    blank = category.is_in(["any", "unknown", "not-resolved"])
    return [
        action.alias("event_action"),
        f.outcome(action, _ALLOWED, _BLOCKED).alias("event_outcome"),
        _of("_4", "_4", "_8").alias("event_code"),
        _of("_11", None, None).alias("rule_name"),
        pl.when(pl.col("kind").is_in(["TRAFFIC", "THREAT"]) & ~blank).then(category).alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="paloalto",
    log_class="firewall",
    title="Palo Alto Networks firewall log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
