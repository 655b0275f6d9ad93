r"""
What a line of BIND or Infoblox says: of which client, of which question, and what became of it.

Reference: https://bind9.readthedocs.io/en/stable/reference.html#logging-categories
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.syslog import unwrap, utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_OWN_TIME: Final = r"(?:^| )(\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})?) "
_CLIENT: Final = (
    r"(?:^|[: ])client (?:s?@0x[0-9a-f]+ )?(?<source_ip>[0-9A-Fa-f.:]+)(?:%\w+)?#(?<_port>\d+)(?:/key \S+)?"
    r"(?: \((?:[^()\\]|\\.)*\))?:? (?:view [^:]*: )?(?:(?<_transport>UDP|TCP): )?(?<_said>(?:query|disabled|rpz)\b.*)$"
)
_CEF: Final = r"CEF:\d\|Infoblox\|.* src=(\S+) spt=(\d+) .*msg=\"(rpz [^\"]*)\".*"
_POLICY: Final = r"^(?<_off>disabled )?rpz \S+ (?<_policy>\S+) rewrite (?<_ruled>\S+)(?: \[(?<_ruled_type>[^\]]*)\])? via (?<_entry>\S+)"
_DENIED: Final = r"^query (?:\(cache\) )?'(.+)' denied"
_NAME_OF: Final = r"(?:/[^/]*/[^/]*)$"
_TYPE_OF: Final = r"/([^/]*)/[^/]*$"
_WORDS: Final = ["_verb", "_name", "_class", "_type", "_flags", "_code", "_more", "_answers"]


def said(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """
    Return the lines with `timestamp`, `program`, `observer_name`, `source_ip`, `event_action` and these pieces added.

    - `_said`: what is said of a client; null where the line is of none. `_port`, `_transport`: the client's.
    - `_asks`, `_tells` (Boolean): a question, an answer; `_words`, `_class`, `_flags`, `_code`, `_answers`: their words.
    - `_off`, `_policy`, `_entry`: the policy that changed an answer. `_denied`: the question that was denied.
    - `_name`, `_asked`, `_asked_type`: the name of a question or an answer; name and type of whatever it is.
    """
    return unwrap(lines, context).pipe(_said, context).pipe(_policy).pipe(_question)


def _said(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Read the time, the client and what is said of it; Infoblox' CEF is put as BIND would."""
    line = pl.col("line")
    own = line.str.extract(_OWN_TIME).str.to_datetime("%d-%b-%Y %H:%M:%S%.f", time_unit="us", strict=False)
    cef = pl.when(line.str.contains("|Infoblox|", literal=True)).then("line")
    return lines.with_columns(
        pl.coalesce(utc_of_local(own, context.zone), "timestamp").alias("timestamp"),
        cef.str.replace(_CEF, "client $1#$2: $3").fill_null(line).alias("_line"),
    ).pipe(groups, "_line", _CLIENT)


def _policy(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Read what a policy changed, and what was denied; most lines are neither and are not looked at further."""
    said = pl.col("_said")
    return (
        lines.with_columns(pl.when(~said.str.starts_with("query")).then("_said").alias("_changed"))
        .pipe(groups, "_changed", _POLICY)
        .with_columns(
            pl.when(said.str.starts_with("query ")).then("_said").str.extract(_DENIED).alias("_denied")
        )
    )


def _question(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Read `query: name IN A +E(0)K (server)` and `query: name IN A response: NOERROR + answers`."""
    internet = (pl.col("_verb") == "query:") & (pl.col("_class") == "IN")
    tells = internet & (pl.col("_flags") == "response:") & pl.col("_code").str.contains(r"^[A-Z0-9]+$")
    other = pl.coalesce("_ruled", "_denied")
    return (
        lines.with_columns(pl.when(pl.col("_said").str.starts_with("query:")).then("_said").alias("_words"))
        .pipe(cut, "_words", " ", _WORDS)
        .with_columns(
            (internet & pl.col("_flags").str.contains(r"^[+-]")).fill_null(False).alias("_asks"),
            tells.fill_null(False).alias("_tells"),
            pl.coalesce("_name", other.str.replace(_NAME_OF, "")).alias("_asked"),
            pl.coalesce("_type", "_ruled_type", other.str.extract(_TYPE_OF)).alias("_asked_type"),
        )
        .with_columns(
            pl.when("_asks")
            .then(pl.lit("query"))
            .when("_tells")
            .then(pl.lit("reply"))
            .when(pl.col("_denied").is_not_null())
            .then(pl.lit("denied"))
            .otherwise("_policy")
            .alias("event_action")
        )
    )
