"""
What a line of Unbound says: of which client, of which question, and what became of it.

Reference: https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html (`log-queries`, `log-replies`)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.schema import TIME
from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_EPOCH: Final = r"^\[(\d{9,10})\] unbound"
_THREAD: Final = r"\bunbound\[(\d+:[0-9a-f]+)\] "
_SAID: Final = r"^\[\d+:[0-9a-f]+\] (?<_level>info|query|reply): (?<_body>.*)$"
CLIENT: Final = r"^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)$"
_RULED: Final = (
    r"^(?:rpz: applied (?:\[(?<_policy>[^\]]*)\] )?)?(?<_zone>\S+) (?:rpz-)?(?<_did>[a-z_-]+) (?<_address>[0-9a-f.:]+)@(?<_port>\d+)"
    r" (?<_ruled>\S+) (?<_ruled_type>\S+) IN$"
)
_WORDS: Final = ["_client", "_name", "_type", "_class", "_code", "_seconds", "_cached", "_size"]


def said(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """
    Return the lines with `timestamp`, `program`, `observer_name` and these pieces added; null where there is none.

    - `_asks`, `_tells` (Boolean): a whole question, a whole answer.
    - `_client`, `_name`, `_type`, `_class`, `_code`, `_took` (seconds): their parts, also of lines that are not whole.
    - `_policy`, `_zone`, `_did`, `_address`, `_port`, `_ruled`, `_ruled_type`: what was done, to whom and of what name.
    """
    return lines.pipe(_said, context).pipe(_question).pipe(_verdict)


def _said(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Read the time and what a thread of Unbound says; its own file is put as syslog would."""
    epoch = pl.col("line").str.extract(_EPOCH).cast(pl.Int64, strict=False)
    spaced = pl.col("line").str.replace(_THREAD, "unbound: [$1] ")
    return (
        lines.with_columns(spaced.alias("line"), epoch.alias("_epoch"))
        .pipe(unwrap, context)
        .with_columns(
            pl.coalesce("timestamp", (pl.col("_epoch") * 1_000_000).cast(TIME)).alias("timestamp"),
            pl.when(pl.col("program") == "unbound").then("message").alias("_message"),
        )
        .pipe(groups, "_message", _SAID)
    )


def _question(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Read `address name type class`, and `code seconds cached size` after it where it is an answer."""
    whole = (
        pl.col("_client").str.contains(CLIENT) & (pl.col("_class") == "IN") & (pl.col("_name") != "null")
    ).fill_null(False)
    took = pl.col("_seconds").cast(pl.Float64, strict=False)
    tells = whole & took.is_not_null() & pl.col("_size").is_not_null()
    return (
        lines.pipe(cut, "_body", " ", _WORDS)
        .with_columns(took.alias("_took"), tells.alias("_tells"))
        .with_columns((whole & pl.col("_code").is_null()).alias("_asks"))
    )


def _verdict(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Read what a policy or a local zone did; a question or an answer is not looked at further."""
    rest = ~pl.col("_asks") & ~pl.col("_tells") & pl.col("_body").str.contains("@", literal=True)
    return lines.with_columns(pl.when(rest).then("_body").alias("_rest")).pipe(groups, "_rest", _RULED)
