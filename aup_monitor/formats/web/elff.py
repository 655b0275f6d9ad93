r"""
W3C extended log format (ELFF): Symantec ProxySG (Blue Coat) and cloud SWG, Microsoft IIS and TMG, and others.

    #Fields: date time time-taken c-ip cs-username sc-filter-result cs-categories sc-status s-action cs-method cs-host ...
    2026-01-12 08:45:01 85 192.168.7.21 ELMPARK\alice DENIED "Gambling" 403 TCP_DENIED GET casino.example ...

The `#Fields` line names the columns; each new one in a file holds for the lines after it. Fields are parted with blanks
(those that hold blanks stand in quotes) or, where the `#Fields` line has tabs, with tabs.
References: https://www.w3.org/TR/WD-logfile.html,
https://techdocs.broadcom.com/us/en/symantec-security-software/web-and-network-security/proxysg.html (ELFF fields) and
https://learn.microsoft.com/windows/win32/http/w3c-logging

What it fills, where the columns are there: time, client, account and its groups, address and its parts, method, status,
media type, referrer, browser, bytes, server, category, application; `event_action` is ProxySG's `s-action`, `rule_name` its
`x-exception-id` or TMG's `rule`. How long it took: of ProxySG, IIS and TMG, who write milliseconds.

The outcome: DENIED as `sc-filter-result` or `s-action` is blocked; OBSERVED and PROXIED are allowed. A request to log on
(401, 407) is unknown, and so is a site that did not answer (`TCP_ERR_MISS`, DENIED though it says). Of a web server, which filters nothing, an answer under 400 is allowed, the rest unknown.

Caveats:
- `date` and `time` are UTC by the standard, `date-local` and `time-local` the school's time. A log without a date in each
  line (IIS 6 set so) is not read, since it is in another comment.
- A line with more or fewer fields than its `#Fields` line is a reject.
- IIS writes `+` for a blank in the browser's name; so it is read, also where a plus was meant.
- ProxySG sends no `#Fields` over syslog; lines of its default format `main` (before 6.7.4) are read without one.
- The server of ProxySG is `r-ip` or `s-supplier-ip`: its `s-ip` is the proxy itself.

Checked on 267 real lines of IIS and others (9 against an independent parse) and on 490 of ProxySG (481 against one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format, share_of_lines
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address, number, port
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._elff_fields import BAD, HEADER, MAIN, fields, header_names
from aup_monitor.formats.web._given import machine_name, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_WEB: Final = {"cs-method", "cs-uri", "cs-uri-stem", "cs-host", "cs(host)", "c-uri"}
_PROXYSG: Final = {"sc-filter-result", "x-exception-id", "cs-categories", "s-supplier-ip"}
_PROXY: Final = {*_PROXYSG, "s-action", "r-ip"}
_IIS: Final = {"sc-win32-status", "sc-substatus", "s-sitename", "s-queuename"}
_SCHEME_OF_PORT: Final = {80: "http", 443: "https"}
_TUNNEL: Final = ("CONNECT", "TUNNEL", "SSL-TUNNEL", "unknown")


def sniff(head: bytes) -> float:
    """Return 1 where a `#Fields` line names columns of the web, else the share of ProxySG's own lines."""
    headers = [line for line in head.decode("utf-8", "replace").splitlines() if line.startswith(HEADER)]
    if headers:
        return float(any(_WEB & set(header_names(line)) for line in headers))
    return share_of_lines(head, MAIN)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    names = set(header_names(context.header))
    proxy = bool(names & _PROXY) or not names
    known = fields(lines, context.header).with_columns(_time(context))
    return known.pipe(_address, proxy=proxy).select(
        "offset",
        _reject(),
        pl.col("comment").alias(SKIP),
        "timestamp",
        pl.lit("web").alias("log_class"),
        *_observer(names),
        *_who(),
        *_where(),
        _server(proxy=proxy),
        pl.col("method").alias("http_request_method"),
        pl.col("code").alias("http_response_status_code"),
        pl.col("mime").str.extract(r"^([^;]+)").alias("http_response_mime_type"),
        pl.col("referrer").alias("http_request_referrer"),
        _agent(),
        number("received").alias("source_bytes"),
        number("sent").alias("destination_bytes"),
        _duration(timed=bool(names & (_PROXY | _IIS)) or not names),
        pl.col("action").alias("event_action"),
        pl.col("rule").alias("rule_name"),
        pl.col("category").alias("rule_category"),
        pl.when(pl.col("application") != "none").then("application").alias("network_application"),
        _outcome(proxy=proxy),
    )


def _time(context: Context) -> list[pl.Expr]:
    shape = "%Y-%m-%d %H:%M:%S%.f"
    utc = (pl.col("date") + " " + pl.col("time")).str.to_datetime(shape, time_unit="us", strict=False)
    local = (pl.col("date_local") + " " + pl.col("time_local")).str.to_datetime(
        shape, time_unit="us", strict=False
    )
    return [
        pl.coalesce(utc.dt.replace_time_zone("UTC").cast(TIME), utc_of_local(local, context.zone)).alias(
            "timestamp"
        ),
        pl.col("status").cast(pl.Int32, strict=False).replace(0, None).alias("code"),
    ]


def _address(known: pl.LazyFrame, *, proxy: bool) -> pl.LazyFrame:
    """Add the whole address, where the log has one, and its parts."""
    whole = [pl.when(pl.col(name).str.contains("://", literal=True)).then(name) for name in ("uri", "path")]
    own_port = port("port") if proxy else pl.coalesce(port("port"), port("server_port"))
    return (
        known.with_columns(pl.coalesce(whole).alias("address"), own_port.alias("own_port"))
        .pipe(split_url, "address")
        .with_columns(
            pl.col("method").is_in(_TUNNEL).fill_null(value=False).alias("tunnel"),
            pl.col("query").str.strip_prefix("?").alias("query"),
            clean_host("host").alias("host"),
        )
        .with_columns(
            _scheme().alias("scheme"),
            pl.when(pl.col("query") != "").then("query").alias("query"),
        )
    )


def _scheme() -> pl.Expr:
    """Return http or https as written, else as the port of a web server tells."""
    written = pl.col("scheme").str.to_lowercase()
    told = pl.col("own_port").replace_strict(_SCHEME_OF_PORT, default=None, return_dtype=pl.String)
    return pl.when(~pl.col("tunnel") & (written != "tcp").fill_null(value=True)).then(
        pl.coalesce(written, told)
    )


def _where() -> list[pl.Expr]:
    path = pl.when(pl.col("address").is_null()).then(
        pl.coalesce("path", pl.col("uri").str.extract(r"^(/[^?]*)"))
    )
    query = pl.coalesce("query", "url_query", pl.col("uri").str.extract(r"^/[^?]*\?(.+)$"))
    named = ~pl.col("tunnel")
    full = pl.coalesce(
        pl.col("address")
        + pl.when(~pl.col("address").str.contains("?", literal=True)).then(_asked()).otherwise(pl.lit("")),
        pl.col("scheme") + "://" + pl.col("host") + _odd_port() + path + pl.coalesce("?" + query, pl.lit("")),
    )
    return [
        pl.when(named).then(full).alias("url_full"),
        pl.when(named).then(pl.coalesce("url_scheme", "scheme")).alias("url_scheme"),
        pl.coalesce("url_domain", "host").alias("url_domain"),
        pl.when(named).then(pl.coalesce("url_path", path)).alias("url_path"),
        pl.when(named).then(query).alias("url_query"),
        pl.coalesce("own_port", "destination_port").alias("destination_port"),
    ]


def _asked() -> pl.Expr:
    return pl.coalesce("?" + pl.col("query"), pl.lit(""))


def _odd_port() -> pl.Expr:
    """Return `:8080` where the port is not the scheme's usual one."""
    usual = pl.col("own_port").is_null() | (
        pl.col("own_port").replace_strict(_SCHEME_OF_PORT, default=None, return_dtype=pl.String)
        == pl.col("scheme")
    )
    return (
        pl.when(usual.fill_null(value=False))
        .then(pl.lit(""))
        .otherwise(":" + pl.col("own_port").cast(pl.String))
    )


def _who() -> list[pl.Expr]:
    return [
        address("client").alias("source_ip"),
        port("client_port").alias("source_port"),
        machine_name("client_name").alias("host_name"),
        split_account("user").struct.field("user_name", "user_domain"),
        pl.col("group").alias("user_group"),
    ]


def _server(*, proxy: bool) -> pl.Expr:
    return address("far" if proxy else "near").alias("destination_ip")


def _observer(names: set[str]) -> list[pl.Expr]:
    maker, product = None, None
    if not names or names & _PROXYSG:
        maker, product = "Symantec", "ProxySG"
    elif names & _IIS:
        maker, product = "Microsoft", "IIS"
    return [
        pl.lit(maker, pl.String).alias("observer_vendor"),
        pl.lit(product, pl.String).alias("observer_product"),
        pl.col("machine").alias("observer_name"),
    ]


def _agent() -> pl.Expr:
    text = pl.col("agent")
    blanks = text.str.contains(" ", literal=True)
    return (
        pl.when(blanks)
        .then(text)
        .otherwise(text.str.replace_all("+", " ", literal=True))
        .alias("user_agent_original")
    )


def _duration(*, timed: bool) -> pl.Expr:
    millis = number("taken") if timed else pl.lit(None, pl.Int64)
    return (millis * 1_000_000).alias("event_duration")


def _outcome(*, proxy: bool) -> pl.Expr:
    action = pl.col("action").fill_null("")
    filtered = (pl.col("verdict") == "DENIED").fill_null(value=False)
    # A site that did not answer is written DENIED, too, with the action TCP_ERR_MISS.
    failed = action.str.contains("_ERR_", literal=True)
    denied = action.str.contains("DENIED", literal=True) | (filtered & ~failed)
    asked_who = pl.col("code").is_in([401, 407]).fill_null(value=False)
    passed = pl.lit(True) if proxy else pl.col("code") < 400
    return verdict(denied & ~asked_who, passed & ~asked_who & ~failed)


def _reject() -> pl.Expr:
    return (
        pl.when("comment")
        .then(None)
        .when(pl.col(BAD).is_not_null())
        .then(BAD)
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no date and time in the line, or none that is understood"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="elff",
    log_class="web",
    title="W3C extended log (ProxySG, IIS)",
    sniff=sniff,
    looks=MAIN,
    doc=__doc__,
    parse=parse,
    header=HEADER.encode(),
)
