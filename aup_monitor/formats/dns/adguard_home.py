r"""
Query log of AdGuard Home (`data/querylog.json`), one JSON object a line.

    {"T":"2026-01-12T10:03:17.123456789Z","QH":"www.example.org","QT":"A","QC":"IN","CP":"","Answer":"AAGBgAAB...",
    "IP":"192.168.7.21","Result":{},"Elapsed":20948085}     (one line)

Reference: https://github.com/AdguardTeam/AdGuardHome/wiki/Configuration (`querylog`)

What it fills: the time, the client's address and ClientID (`host_name`: what the device calls itself in encrypted DNS),
name and type asked for, response code, how long it took. `event_action` is the reason in AdGuard's word; `rule_name` the
rule that decided, `rule_category` the blocked service, or SafeBrowsing, Parental.

The outcome: blocked where a list, safe browsing, parental control or a blocked service decided; unknown where the answer
was rewritten or became a safer search; else allowed if answered NOERROR, blocked if REFUSED, unknown otherwise.

What it lacks: accounts, and the addresses of the answer (they are there, in the form of the wire, and are not read).

Caveats:

- `Anonymize client IP` makes the last part of addresses zero: nobody can be told then. Switch it off.
- Newest questions are kept in memory until there are 1,000 (`size_memory`): the file lags behind.
- Lines are of when the answer was given; an ignored domain or client leaves none.

Checked on 1 real line, and on lines of AdGuard Home's own tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.formats.dns.questions import outcome_of, question_name, question_type
from aup_monitor.formats.json_paths import json_paths

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

REASONS: Final = (
    *("NotFilteredNotFound", "NotFilteredAllowList", "NotFilteredError"),
    *("FilteredBlockList", "FilteredSafeBrowsing", "FilteredParental", "FilteredInvalid"),
    *("FilteredSafeSearch", "FilteredBlockedService", "Rewritten", "RewrittenAutoHosts", "RewrittenRule"),
)
"""AdGuard's reasons by their number."""
_BLOCKED: Final = ("FilteredBlockList", "FilteredSafeBrowsing", "FilteredParental", "FilteredBlockedService")
_CHANGED: Final = (
    "FilteredInvalid",
    "FilteredSafeSearch",
    "Rewritten",
    "RewrittenAutoHosts",
    "RewrittenRule",
)
_CATEGORIES: Final = {"FilteredSafeBrowsing": "SafeBrowsing", "FilteredParental": "Parental"}
_CODES: Final = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# The response code is the low half of the answer's fourth byte: bits 28 to 31, which the fifth and sixth sign share.
_CODE_OF: Final = {
    one + two: _CODES[code]
    for high, one in enumerate(_BASE64)
    for low, two in enumerate(_BASE64)
    if (code := (high & 3) << 2 | low >> 4) < len(_CODES)
}
_PATHS: Final = {
    "_time": "T",
    "_name": "QH",
    "_type": "QT",
    "_ip": "IP",
    "_id": "CID",
    "_took": "Elapsed",
    "_answer": "Answer",
    "_reason": "Result.Reason",
    "_old_rule": "Result.Rule",
    "_service": "Result.ServiceName",
}


_LOOKS: Final = r'^\{.*"QH":".*"QT":".*"QC":"'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a log that writes its zone needs none
    """Turn lines into events; see the module's page."""
    took = pl.col("_took").cast(pl.Int64, strict=False)
    return (
        json_paths(lines, "line", _PATHS, nothing=())
        .with_columns(_reason(), _code())
        .select(
            "offset",
            pl.col("_time")
            .str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
            .alias("timestamp"),
            pl.lit("dns").alias("log_class"),
            pl.col("_reason").alias("event_action"),
            _outcome(),
            pl.when(took >= 0).then(took).alias("event_duration"),
            pl.lit("AdGuard").alias("observer_vendor"),
            pl.lit("AdGuard Home").alias("observer_product"),
            pl.col("_ip").str.to_lowercase().alias("source_ip"),
            pl.col("_id").alias("host_name"),
            pl.lit("dns").alias("network_protocol"),
            question_name("_name"),
            question_type("_type"),
            pl.col("_code").alias("dns_response_code"),
            pl.coalesce(_rule(), "_old_rule").alias("rule_name"),
            pl.coalesce("_service", _category()).alias("rule_category"),
            _reject(),
        )
    )


def _rule() -> pl.Expr:
    """Return the first of the rules that decided; most lines have none and are not looked at."""
    ruled = pl.when(pl.col("line").str.contains('"Rules"', literal=True)).then("line")
    text = ruled.str.json_path_match("$.Result.Rules[0].Text")
    return pl.when(text != "").then(text)


def _reason() -> pl.Expr:
    """Return the reason's name; a line without a result has the first, a number of later versions stays a number."""
    numbered = {str(number): name for number, name in enumerate(REASONS)}
    return pl.col("_reason").fill_null("0").replace(numbered).alias("_reason")


def _code() -> pl.Expr:
    """Return the response code out of the answer's first bytes."""
    signs = pl.col("_answer").str.slice(4, 2)
    return signs.replace_strict(_CODE_OF, default=None, return_dtype=pl.String).alias("_code")


def _outcome() -> pl.Expr:
    reason = pl.col("_reason")
    return (
        pl.when(reason.is_in(_BLOCKED))
        .then(pl.lit("blocked"))
        .when(reason.is_in(_CHANGED))
        .then(pl.lit("unknown"))
        .otherwise(outcome_of("_code"))
        .alias("event_outcome")
    )


def _category() -> pl.Expr:
    return pl.col("_reason").replace_strict(_CATEGORIES, default=None, return_dtype=pl.String)


def _reject() -> pl.Expr:
    bad = pl.any_horizontal(pl.col("_name", "_type", "_ip").is_null())
    return (
        pl.when(bad)
        .then(pl.lit("not a line of AdGuard Home's query log, or one that was cut off"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="adguard-home",
    log_class="dns",
    title="AdGuard Home query log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
