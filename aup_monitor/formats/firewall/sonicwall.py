r"""
SonicWall firewall log (SonicOS 5 to 7), `key=value` form: the syslog format "Default" or "Enhanced".

    <134>  id=firewall sn=0017C5000000 time="2026-01-14 10:14:09 UTC" fw=192.0.2.1 pri=6 c=4 m=14
    msg="Web site access denied" src=10.20.4.31:59668:X0 dst=203.0.113.9:443:X1 proto=tcp/https
    usr="amina.k" dstname=casino.example arg=/spin code=25 Category="Gambling"                     (one line)

Reads connections, content filtering, applications, attacks and log-ons, with or without `<priority>` and envelope.
Reference: https://www.sonicwall.com/techdocs/pdf/sonicos-7-0-0-0-log_events_reference_guide.pdf

Class: a line with `dstname` and `arg` (content filter) is `web`; a log-on or log-off of a user is `auth`; the rest is
`firewall`. Events with neither a user nor an address are passed over.
Time: `time`, in UTC where it says so (log setting "UTC timestamps"), else in the configured zone; the envelope's is the
collector's and is not used.
Outcome: `fw_action` where it says something (`drop`, `forward`), else the message: denied, dropped, blocked, prevented,
failed is blocked; opened, closed, allowed, hit is allowed; the rest is unknown.
Fills: both ends (IPv6 too), ports, MAC, transport, service, bytes, duration, account, site and path, category,
application, rule or policy, number and words of the message (`event_code`, `event_action`).

Caveats: `usr="Unknown (SSO failed)"` and the like are nobody. Of https the path is not seen and `/` is written; such a page
gets a domain but no address. `Connection Closed` repeats what `Connection Opened` said, with the bytes. The CEF
and ArcSight settings make other formats.
Checked on 235 real lines of SonicOS 5 to 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.firewall._keyvalue import pairs
from aup_monitor.formats.pieces import cut
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_WORDS: Final = (
    "sn",
    "fw",
    "m",
    "op",
    "src",
    "dst",
    "srcV6",
    "dstV6",
    "srcMac",
    "proto",
    "sent",
    "rcvd",
    "cdur",
    "dur",
)
_TEXTS: Final = (
    *("time", "msg", "usr", "dstname", "arg", "Category", "appName", "rule", "note", "fw_action", "result"),
    *("appcat", "ipscat", "sid"),
)
_REFUSED: Final = "(?i)denied|drop|block|prevent|fail|reject|disallow|attack|flood"
_DONE: Final = (
    "(?i)opened|closed|allowed|site hit|success|logged in|log ?in|log ?out|session (?:started|ended)|detect"
)
_LOG_ON: Final = "(?i)log(?:ged)? ?(?:in|out|on|off)|authenticat|session (?:started|ended)"
_METHODS: Final = {"1": "GET", "2": "POST", "3": "HEAD"}
"""What `op=` counts; 0 is none of them."""
_PROTOCOLS: Final = {"https": "tls", "ssl": "tls"}


_LOOKS: Final = r'(?:^|\s)id=\S+ sn=\S+ time="[^"]+" fw=\S+ pri=\d'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    # The keys whose values may stand in single quotes.
    single = pl.when(pl.col("line").str.contains("='", literal=True)).then("line")
    quoted = single.str.replace_all(r" (appName|appcat)='([^'\"]*)'", ' $1="$2"')
    known = (
        pairs(lines.with_columns(pl.coalesce(quoted, "line").alias("line")), _WORDS, _TEXTS)
        .pipe(_ends, "src", "source")
        .pipe(_ends, "dst", "destination")
        .pipe(cut, "proto", "/", ["transport", "service"])
        .with_columns(_account(), _address())
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"), _seen())
        .select("offset", *_what(context), *_who(), *_where(), *_page(), *_verdict())
    )


def _ends(lines: pl.LazyFrame, column: str, side: str) -> pl.LazyFrame:
    """Read `address:port:interface:name`, any of them perhaps empty; IPv6 stands elsewhere."""
    found = f"{side}_ip"
    # The whole, with its port, is no address, and to try it is dear.
    whole = pl.when(pl.col(found).is_null()).then(column)
    return (
        lines.pipe(cut, column, ":", [f"{side}_old", f"{side}_number", f"{side}_zone", f"{side}_name"])
        .with_columns(pl.coalesce(f.address(f"{column}V6"), f.address(f"{side}_old")).alias(found))
        .with_columns(whole.alias(column))
        .with_columns(pl.coalesce(found, f.address(column)).alias(found))
    )


def _account() -> pl.Expr:
    known = f.account("usr", "unknown (sso failed)", "sso failed", "all")
    return pl.when(~pl.col("usr").str.starts_with("Unknown (")).then(known).alias("account")


def _address() -> pl.Expr:
    secure = pl.col("service").is_in(["https", "443"]) | (pl.col("destination_number") == "443")
    scheme = pl.when(secure).then(pl.lit("https://")).otherwise(pl.lit("http://"))
    path = pl.when(pl.col("arg").str.starts_with("/")).then("arg").otherwise(pl.lit("/"))
    host = pl.when(pl.col("arg").is_not_null() | pl.col("Category").is_not_null()).then("dstname")
    return (scheme + host + path).alias("address")


def _seen() -> pl.Expr:
    bare = (pl.col("url_path") == "/") & pl.col("url_query").is_null()
    return (~bare | (pl.col("url_scheme") != "https")).alias("seen")


def _what(context: Context) -> list[pl.Expr]:
    text = pl.col("time").str.strip_suffix(" UTC")
    naive = text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    utc = pl.col("time").str.ends_with(" UTC")
    stamp = (
        pl.when(utc)
        .then(naive.dt.replace_time_zone("UTC"))
        .otherwise(utc_of_local(naive, context.zone))
        .cast(TIME)
    )
    nobody = pl.all_horizontal(pl.col("user_name", "source_ip", "destination_ip").is_null())
    person = pl.col("user_name").is_not_null() & pl.col("msg").str.contains(_LOG_ON)
    foreign = pl.col("sn").is_null() & pl.col("fw").is_null()
    return [
        stamp.alias("timestamp"),
        pl.when(pl.col("url_domain").is_not_null())
        .then(pl.lit("web"))
        .when(person)
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.lit("SonicWall").alias("observer_vendor"),
        pl.lit("SonicOS").alias("observer_product"),
        pl.coalesce("sn", "fw").alias("observer_name"),
        (pl.coalesce(f.number("cdur"), f.number("dur") * 1000) * 1_000_000).alias("event_duration"),
        pl.when(foreign)
        .then(pl.lit("no sn= or fw=: not a line of a SonicWall"))
        .when(stamp.is_null())
        .then(pl.lit("no time= that is understood"))
        .alias(REJECT),
        (nobody & ~foreign & stamp.is_not_null()).alias(SKIP),
    ]


def _who() -> list[pl.Expr]:
    name = pl.when(~pl.col("source_name").str.contains(r"^[\d.:]*$")).then("source_name")
    return [
        pl.col("source_ip"),
        f.port("source_number").alias("source_port"),
        f.mac("srcMac").alias("source_mac"),
        name.alias("host_name"),
        pl.col("user_name"),
        pl.col("user_domain"),
        f.number("sent").alias("source_bytes"),
        f.number("rcvd").alias("destination_bytes"),
    ]


def _where() -> list[pl.Expr]:
    service = pl.col("service").str.to_lowercase().replace(_PROTOCOLS)
    return [
        pl.col("destination_ip"),
        pl.coalesce(f.port("destination_number"), "destination_port").alias("destination_port"),
        f.transport("transport").alias("network_transport"),
        pl.when(service.str.contains("^[a-z][a-z0-9-]*$")).then(service).alias("network_protocol"),
        pl.col("appName").alias("network_application"),
    ]


def _page() -> list[pl.Expr]:
    return [
        pl.when("seen").then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.col("url_domain"),
        pl.when("seen").then("url_path").alias("url_path"),
        pl.col("url_query"),
        pl.col("op").replace_strict(_METHODS, default=None).alias("http_request_method"),
    ]


def _verdict() -> list[pl.Expr]:
    said = f.outcome(pl.col("fw_action"), "forward|allow|mgmt|process", "drop|block|deny|reject|reset")
    words = pl.coalesce("msg", pl.when(pl.col("m") == "97").then(pl.lit("Web site hit")))
    told = (
        pl.when(words.str.contains(_REFUSED))
        .then(pl.lit("blocked"))
        .when(words.str.contains(_DONE))
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
    )
    only_noted = words.str.contains("(?i)detection alert|possible|probable")
    attack = pl.when(pl.col("sid").is_not_null() & pl.col("ipscat").is_not_null()).then(
        pl.lit("attack: ") + pl.col("ipscat")
    )
    return [
        pl.col("m").alias("event_code"),
        words.alias("event_action"),
        pl.when(said != "unknown")
        .then(said)
        .when(only_noted)
        .then(pl.lit("unknown"))
        .otherwise(told)
        .fill_null("unknown")
        .alias("event_outcome"),
        pl.coalesce(pl.col("note").str.extract("Policy: ([^,]+)"), "rule").alias("rule_name"),
        pl.coalesce("Category", attack, "appcat").alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="sonicwall", log_class="firewall", title="SonicWall log", looks=_LOOKS, doc=__doc__, parse=parse
)
