r"""
Forcepoint Web Security (Websense, TRITON AP-WEB): what its SIEM integration sends, in each of its three set forms.

    <159>Jan 12 08:45:01 10.20.0.5 CEF:0|Forcepoint|Security|8.5.0|13|Transaction blocked|7| act=blocked app=http
    dst=192.0.2.7 dhost=casino.example dpt=80 src=10.20.4.31 spt=65252 loginID=alice rt=1768207501 requestMethod=GET ...
    <159>Jan 12 08:45:01 10.20.0.5 vendor=Websense product=Security product_version=8.5.0 action=blocked category=13 ...
    <159>Jan 12 08:45:01 10.20.0.5 LEEF:1.0|Forcepoint|Security|8.5.0|transaction:blocked|sev=7	cat=13	usrName=alice ...

The settings call them syslog/CEF (ArcSight), syslog/key-value pairs (Splunk and others) and syslog/LEEF (QRadar).
Reference: https://help.forcepoint.com/websec/en-us/on-prem/85/siem/B180CA52-DB55-4DCD-A393-2F3DE855CFC8.html

What it fills: time (of CEF the one inside, UTC; else the envelope's, local), client and its port, account, server and its port,
address and its parts, method, status, media type, browser, bytes, policy (`rule_name`), category, the number of the
disposition (`event_code`), verdict.

The outcome: permitted is allowed, blocked is blocked, any other word unknown.

Lacks: referrer; in CEF the status.
Caveats:
- The category is Forcepoint's number; the names stand in the "Category number reference" of its help.
- The account is the log-on name; of a path such as `LDAP://... OU=Pupils,DC=elmpark/alice` what follows the last slash, of
  `WinNT://ELMPARK/alice` the domain, too.
- A policy is written with the administrators' role that owns it: `Super Administrator**Year 9`.
- The key-value form writes a browser's blanks as underscores; they are undone.
- A CONNECT, and https without inspection, show the host alone.
- A format string of one's own is read as far as it keeps the keys. Forcepoint's cloud exports (CSV) are other formats.

Checked by hand on 2 published lines, of CEF and LEEF, which are not in the tests; the key-value form is from documentation, no
real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import address, number, port
from aup_monitor.formats.syslog import time_without_year
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, machine_name, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_WORDS: Final = {
    "action": "act|action",
    "client": "src|src_host|src_ip",
    "client_port": "spt|src_port|srcPort",
    "server": "dst|dst_ip",
    "host": "dhost|dst_host",
    "server_port": "dpt|dst_port|dstPort",
    "received": "in|bytes_in|dstBytes",
    "sent": "out|bytes_out|srcBytes",
    "method": "requestMethod|http_method|method",
    "answer": "http_response|serverStatus-code",
    "proxy_answer": "http_proxy_status_code|proxyStatus-code",
    "mime": "cs3|http_content_type|contentType",
    "category": "category|cat",
    "disposition": "cn1|disposition",
    "epoch": "rt",
}
"""Values without a blank."""
_TEXTS: Final = {
    "login": "loginID",
    "path": "suser|user|usrName",
    "agent": "requestClientApplication|http_user_agent|userAgent",
    "policy": "cs1|policy",
}
"""Values that may hold blanks: each runs to the next key, which begins with a small letter."""
_BLANK: Final = "\x1f"
_URL: Final = (
    rf"[ \t](?:request|url)=([^ \t{_BLANK}]+)(?:[ \t{_BLANK}]logRecordSource=[^ \t{_BLANK}]*)?[ {_BLANK}]*$"
)
_ANY_URL: Final = rf".*[ \t](?:request|url)=([^ \t{_BLANK}]+)"
_STAMP: Final = r"^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) "
_OURS: Final = r"(?:Forcepoint|Websense)\|Security\|"


_LOOKS: Final = rf"(?:CEF:\d|LEEF:[\d.]+)\|{_OURS}|vendor=(?:Forcepoint|Websense) product=Security "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    return (
        lines.with_columns(_body().alias("body"))
        .with_columns(pl.when(~pl.col("body").str.contains(_URL)).then("body").alias("odd_body"))
        .with_columns(
            *(_word(keys).alias(name) for name, keys in _WORDS.items()),
            *(_text(keys).alias(name) for name, keys in _TEXTS.items()),
            *_rest(),
        )
        .with_columns(given(name) for name in (*_WORDS, *_TEXTS, "url"))
        .with_columns(
            time_without_year("stamp", context),
            _account().alias("account"),
            (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel"),
            pl.coalesce("header_action", "action").alias("action"),
        )
        .pipe(split_url, "url")
        .select(_columns())
    )


def _body() -> pl.Expr:
    """Return the line; of LEEF, whose keys follow tabs alone, with a stand-in for its blanks."""
    line = pl.col("line")
    leef = line.str.contains("LEEF:", literal=True) & line.str.contains("\t", literal=True)
    return pl.when(leef).then(line.str.replace_all(" ", _BLANK, literal=True)).otherwise(line)


def _word(keys: str) -> pl.Expr:
    return pl.col("body").str.extract(rf"[ \t|](?:{keys})=([^ \t{_BLANK}]+)")


def _text(keys: str) -> pl.Expr:
    found = rf"[ \t|](?:{keys})=([^\t]+?)(?:[ \t][a-z][A-Za-z0-9_-]*=|\t|$)"
    return pl.col("body").str.extract(found).str.replace_all(_BLANK, " ", literal=True)


def _rest() -> list[pl.Expr]:
    """Return what the keys do not say; the address is the last of its name, since a browser may say anything."""
    line = pl.col("line")
    url = pl.coalesce(pl.col("body").str.extract(_URL), pl.col("odd_body").str.extract(_ANY_URL))
    return [
        url.str.replace_all(r"\=", "=", literal=True)
        .str.replace_all("\\\\", "\\", literal=True)
        .alias("url"),
        line.str.extract(rf"{_OURS}[^|]*\|(?:\d+\|)?[Tt]ransaction[ :](\w+)\|").alias("header_action"),
        line.str.extract(rf"CEF:\d\|{_OURS}[^|]*\|([^|]+)\|").alias("header_category"),
        line.str.extract(_STAMP).alias("stamp"),
        line.str.extract(rf"{_STAMP[:-1]} (\S+) ", 2).alias("machine"),
    ]


def _account() -> pl.Expr:
    r"""Return the log-on name, else the last part of the path; `WinNT://ELMPARK/alice` is `ELMPARK\alice`."""
    path = pl.col("path")
    windows = path.str.replace(r"^WinNT://([^/]+)/(.+)$", r"$1\$2")
    last = pl.when(path.str.contains("://", literal=True)).then(windows.str.replace(r"^[A-Z]+://.*/", ""))
    return pl.coalesce(pl.col("login").str.replace(r"^[A-Za-z]+://.*/", ""), last, path)


def _columns() -> list[pl.Expr]:
    bare = pl.col("url_path").fill_null("/") == "/"
    unseen = pl.col("tunnel") | ((pl.col("url_scheme") == "https") & bare & pl.col("url_query").is_null())
    whole = pl.col("url_scheme").is_not_null() & ~unseen
    agent, cef = pl.col("agent"), pl.when(pl.col("header_category").is_not_null())
    return [
        pl.col("offset", "url_scheme"),
        pl.coalesce(cef.then(of_seconds(pl.col("epoch"))), "stamp").alias("timestamp"),
        pl.lit("Forcepoint").alias("observer_vendor"),
        pl.lit("Web Security").alias("observer_product"),
        pl.col("machine").alias("observer_name"),
        pl.col("disposition").alias("event_code"),
        pl.col("action").alias("event_action"),
        _outcome(),
        address("client").alias("source_ip"),
        machine_name("client").alias("host_name"),
        port("client_port").alias("source_port"),
        split_account("account").struct.field("user_name", "user_domain"),
        address("server").alias("destination_ip"),
        pl.coalesce(port("server_port"), "destination_port").alias("destination_port"),
        pl.when(whole).then("url").alias("url_full"),
        pl.coalesce("url_domain", clean_host("host")).alias("url_domain"),
        pl.when(whole).then("url_path").alias("url_path"),
        pl.when(whole).then("url_query").alias("url_query"),
        pl.col("method").alias("http_request_method"),
        pl.coalesce(_status("answer"), _status("proxy_answer")).alias("http_response_status_code"),
        pl.col("mime").alias("http_response_mime_type"),
        pl.when(agent.str.contains(" ", literal=True))
        .then(agent)
        .otherwise(agent.str.replace_all("_", " ", literal=True))
        .alias("user_agent_original"),
        number("sent").alias("source_bytes"),
        number("received").alias("destination_bytes"),
        pl.col("policy").alias("rule_name"),
        pl.coalesce("header_category", "category").alias("rule_category"),
        _reject(),
    ]


def _status(column: str) -> pl.Expr:
    found = pl.col(column).cast(pl.Int32, strict=False)
    return pl.when(found.is_between(100, 599)).then(found)


def _outcome() -> pl.Expr:
    word = pl.col("action").str.to_lowercase()
    return verdict(word == "blocked", word.is_in(["permitted", "allowed"]))


def _reject() -> pl.Expr:
    """Call bad what is not of the web filter, or lacks what it decided or about what."""
    cut = pl.col("action").is_null() | pl.coalesce("url", "host").is_null()
    return (
        pl.when(~pl.col("line").str.contains(_LOOKS))
        .then(pl.lit("not a line of Forcepoint's web filter"))
        .when(cut)
        .then(pl.lit("no action or no address in the line"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="forcepoint-web",
    log_class="web",
    title="Forcepoint (Websense) Web Security log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
