"""
Log of Unbound, also as the resolver of pfSense and OPNsense (`log-queries`, `log-replies`, `log-local-actions`, RPZ).

Lines look like these, in syslog or in a file of Unbound's own:

    Jan 12 10:03:17 fw unbound[2541]: [2541:0] info: 192.168.7.21 www.example.org. A IN
    Jan 12 10:03:17 fw unbound[2541]: [2541:0] info: 192.168.7.21 www.example.org. A IN NOERROR 0.020948 0 59
    [1768212197] unbound[2541:0] info: rpz: applied [school] casino.example.com. rpz-nxdomain 192.168.7.22@40000 casino.example.com. A IN
    Jan 12 10:03:18 unbound[2541:0] info: games.example.net. always_nxdomain 192.168.7.23@40001 games.example.net. A IN

Reference: https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html

What it fills: a question becomes an event with the time, the client's address, name and type; its outcome is unknown.
An answer becomes an event, with its code and how long it took, only if the question was not logged, or was refused and
no local zone's line says so. What a policy (RPZ) or a local zone did becomes an event of its own, with the client's port:
`event_action` is what it did, `rule_name` the policy's name or entry, or the zone. NXDOMAIN, NODATA, REFUSED, nothing
(drop, deny), and always_null are blocked; passthru is allowed; data of one's own and redirections are unknown (a page
that says so, or a safer search).

What it lacks: accounts, answers. A question is no proof of a visit.

Caveats:

- A time without a year follows from the file's last change; one without a zone is in the site's. `log-time-ascii` and
  syslog's older form have neither; a number in brackets is seconds of UTC.
- A local zone that only names the school's own computers (static, transparent, inform) is skipped: its question counts.
- Statistics, start-up lines, failures (SERVFAIL), other programs' lines, questions of another class than IN, and clients
  that may not ask at all are skipped.

Checked on real lines: 2 of pfSense's against an independent parse, 4 of an older Unbound; by eye about 90 of Unbound 1.17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.dns._unbound_said import CLIENT, said
from aup_monitor.formats.dns.questions import (
    LOOKBACK,
    asked_before,
    outcome_of,
    question_name,
    question_type,
)

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_BLOCKED: Final = (
    *("nxdomain", "nodata", "drop", "refuse", "deny", "inform_deny"),
    *("always_nxdomain", "always_nodata", "always_refuse", "always_deny", "always_null", "block_a"),
)
_OWN: Final = (
    "static",
    "transparent",
    "typetransparent",
    "inform",
    "nodefault",
    "always_transparent",
    "noview",
)


_LOOKS: Final = r"\bunbound(?:\[\d+\]:| \d+ \S+ (?:-|\[.{0,200}?\])|:)? ?\[\d+:[0-9a-f]+\] [a-z]+: "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    return (
        said(lines, context)
        .pipe(_refused_before)
        .pipe(asked_before, "_asks", ["_client", "_name", "_type"])
        .select(
            "offset",
            "timestamp",
            pl.lit("dns").alias("log_class"),
            _action(),
            _outcome(),
            pl.when("_tells").then((pl.col("_took") * 1e9).round().cast(pl.Int64)).alias("event_duration"),
            pl.lit("Unbound").alias("observer_product"),
            "observer_name",
            pl.coalesce("_address", pl.when(pl.col("_asks") | pl.col("_tells")).then("_client")).alias(
                "source_ip"
            ),
            pl.col("_port").cast(pl.Int32, strict=False).alias("source_port"),
            pl.lit("dns").alias("network_protocol"),
            question_name(pl.coalesce("_ruled", "_name")),
            question_type(pl.coalesce("_ruled_type", "_type")),
            pl.when("_tells").then("_code").alias("dns_response_code"),
            pl.coalesce("_policy", pl.col("_zone").str.strip_suffix(".")).alias("rule_name"),
            _reject(),
            (_read() & ~_broken() & ~_event()).alias(SKIP),
        )
    )


def _refused_before(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Tell of each line whether a local zone has refused the question before: its answer is no news then."""
    verdict = pl.col("_did").is_in(["refuse", "always_refuse"]).fill_null(False)
    answer = pl.col("_code") == "REFUSED"
    return (
        lines.with_columns(
            verdict.alias("_refuses"),
            pl.when(verdict).then("_ruled").when(answer).then("_name").alias("_refused"),
            pl.when(verdict).then("_address").when(answer).then("_client").alias("_refused_to"),
        )
        .pipe(asked_before, "_refuses", ["_refused", "_refused_to"])
        .rename({"asked_before": "refused_before"})
    )


def _action() -> pl.Expr:
    return (
        pl.when("_asks")
        .then(pl.lit("query"))
        .when("_tells")
        .then(pl.lit("reply"))
        .otherwise("_did")
        .alias("event_action")
    )


def _outcome() -> pl.Expr:
    did = pl.col("_did")
    return (
        pl.when("_tells")
        .then(outcome_of("_code"))
        .when(did.is_in(_BLOCKED))
        .then(pl.lit("blocked"))
        .when(did == "passthru")
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _event() -> pl.Expr:
    refused = (pl.col("_code") == "REFUSED") & ~pl.col("refused_before")
    news = pl.col("_tells") & (~pl.col("asked_before") | refused)
    return pl.col("_asks") | news | (~pl.col("_did").is_in(_OWN)).fill_null(False)


def _read() -> pl.Expr:
    return pl.col("timestamp").is_not_null() & pl.col("program").is_not_null()


def _broken() -> pl.Expr:
    """Tell a line that begins with a client and does not go on as a question or an answer does."""
    client = pl.col("_client").str.contains(CLIENT)
    other = (pl.col("_class") != "IN").fill_null(False) & (pl.col("_class").str.len_bytes() > 1).fill_null(
        False
    )
    return (client & ~pl.col("_asks") & ~pl.col("_tells") & ~other).fill_null(False)


def _reject() -> pl.Expr:
    return (
        pl.when(~_read())
        .then(pl.lit("not a line of Unbound or of syslog, or its time is not understood"))
        .when(_broken())
        .then(pl.lit("a query that does not say who asked for what"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="unbound",
    log_class="dns",
    title="Unbound log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
