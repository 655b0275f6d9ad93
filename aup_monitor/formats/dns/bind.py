r"""
BIND's log of queries and of response policies (`named`), and Infoblox NIOS, whose DNS server it is.

Lines look like these, in a file of BIND's own (with or without category and severity) or in syslog:

    12-Jan-2026 10:03:17.123 queries: info: client @0x7f1cc08e6098 192.168.7.21#37884 (www.example.org): query: www.example.org IN A +E(0)K (192.168.1.53)
    12-Jan-2026 10:03:17.124 rpz: info: client @0x7f1cc08e6098 192.168.7.21#52822 (casino.example.com): rpz QNAME NXDOMAIN rewrite casino.example.com/A/IN via casino.example.com.rpz.school
    Jan 12 10:03:17 ns1 named[2588]: 12-Jan-2026 10:03:17.123 client 192.168.7.21#57738: UDP: query: www.example.org IN A response: NOERROR + www.example.org. 60 IN A 192.0.2.7;

References: https://bind9.readthedocs.io/en/stable/reference.html#logging-block-grammar (channels `queries`, `rpz`,
`security`) and https://docs.infoblox.com/space/nios85/35816694/Capturing+DNS+Queries+and+Responses

What it fills: a question becomes an event with the time, the client's address and port, the server's address, name and
type; its outcome is unknown. A policy that changed an answer becomes an event of its own: `event_action` is the
policy, `rule_name` the policy's entry. NXDOMAIN, NODATA and DROP are blocked and PASSTHRU is allowed; Local-Data is
unknown (a page that says so, or a safer search), as are TCP-ONLY and policies that are disabled. `query ... denied`
(the client may not ask this server) is blocked. An answer (Infoblox alone logs them) becomes an event, with its code
and answers, only if the question was not logged or was refused. Infoblox' CEF lines of policies are read, too.

What it lacks: accounts. A question is no proof of a visit.

Caveats:

- Lines without a time are rejected: set `print-time yes` (or `iso8601-utc`) in the channel. A time without a zone is in
  the site's. BIND's own time is taken before syslog's, as it has the year and milliseconds.
- BIND 9.16 and newer log PASSTHRU in a category of its own, `rpz-passthru`.
- Failed queries, zone transfers, updates, housekeeping, questions of another class than IN are skipped.
- In names BIND writes odd bytes as `\032`; they are left so.

Checked on real lines: 6 denials against an independent parse; by eye about 180 of a BIND 9.18 and about 24 of NIOS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.dns._bind_said import said
from aup_monitor.formats.dns.questions import (
    LOOKBACK,
    asked_before,
    outcome_of,
    question_name,
    question_type,
)

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_POLICIES: Final = {"NXDOMAIN": "blocked", "NODATA": "blocked", "DROP": "blocked", "PASSTHRU": "allowed"}


_SYSLOG: Final = r"^(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} |\d{4}-).{0,300}?"
_OWN: Final = r"^\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{3})? "
_CLIENT: Final = r"\bclient (?:@0x[0-9a-f]+ )?[0-9A-Fa-f.:]+#\d+"
_LOOKS: Final = rf"{_SYSLOG}\bnamed(?:\[\d+\]:| \d+ \S+ \S+) |{_OWN}|{_CLIENT}"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    read = said(lines, context)
    return read.pipe(asked_before, "_asks", ["source_ip", "_port", "_name"]).select(
        "offset",
        "timestamp",
        pl.lit("dns").alias("log_class"),
        "event_action",
        _outcome(),
        pl.lit("BIND").alias("observer_product"),
        pl.when(pl.col("program") == "named").then("observer_name").alias("observer_name"),
        "source_ip",
        pl.col("_port").cast(pl.Int32, strict=False).alias("source_port"),
        pl.when("_asks").then(pl.col("_code").str.extract(r"^\(([0-9A-Fa-f.:]+)\)$")).alias("destination_ip"),
        _transport(),
        pl.lit("dns").alias("network_protocol"),
        question_name("_asked"),
        question_type("_asked_type"),
        pl.when("_tells").then("_code").alias("dns_response_code"),
        pl.when("_tells").then(_answers()).alias("dns_answers"),
        pl.col("_entry").alias("rule_name"),
        _reject(),
        (pl.col("timestamp").is_not_null() & ~_broken() & ~_event()).alias(SKIP),
    )


def _outcome() -> pl.Expr:
    policy = pl.when(pl.col("_off").is_null()).then(
        pl.col("_policy").replace_strict(_POLICIES, default=None, return_dtype=pl.String)
    )
    return (
        pl.when(pl.col("_denied").is_not_null())
        .then(pl.lit("blocked"))
        .when("_tells")
        .then(outcome_of("_code"))
        .otherwise(policy.fill_null("unknown"))
        .alias("event_outcome")
    )


def _transport() -> pl.Expr:
    """Return the transport that an answer names, and a question has among its flags."""
    tcp = pl.col("_flags").str.contains("T", literal=True)
    asked = pl.when("_asks").then(pl.when(tcp).then(pl.lit("tcp")).otherwise(pl.lit("udp")))
    return pl.coalesce(pl.col("_transport").str.to_lowercase(), asked).alias("network_transport")


def _answers() -> pl.Expr:
    """Return the data of `name 60 IN A 192.0.2.7; name 60 IN A 192.0.2.8;`, joined by a comma."""
    data = pl.col("_answers").str.replace_all(r"(?:^|; ?)\S+ \d+ IN \S+ ", ",").str.strip_chars(",; ")
    return pl.when(data != "").then(data)


def _event() -> pl.Expr:
    known = pl.col("asked_before") & (pl.col("_code") != "REFUSED")
    return pl.col("event_action").is_not_null() & ~known


def _broken() -> pl.Expr:
    """Tell a question that was cut off; one of another class than IN is whole."""
    other = (pl.col("_class") != "IN").fill_null(False) & pl.col("_flags").is_not_null()
    return pl.col("_words").is_not_null() & ~pl.col("_asks") & ~pl.col("_tells") & ~other


def _reject() -> pl.Expr:
    timeless = pl.col("timestamp").is_null()
    return (
        pl.when(timeless & pl.col("_said").is_not_null())
        .then(pl.lit("no time in the line: set `print-time yes` in BIND's logging channel"))
        .when(timeless)
        .then(pl.lit("not a line of BIND, or its time is not understood"))
        .when(_broken())
        .then(pl.lit("a query that does not say who asked for what"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="bind",
    log_class="dns",
    title="BIND or Infoblox DNS log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
