"""What the program reads of a capture, by connection, and what the rules say of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from aup_monitor.capture.pcap import FORMAT
from aup_monitor.core.calendar import HalfTerm, SchoolCalendar
from aup_monitor.core.files import open_bytes
from aup_monitor.core.format import REJECT, SKIP, Context
from aup_monitor.core.resources import resource
from aup_monitor.core.schema import EVENT_SCHEMA, conform
from aup_monitor.detect.correlate import correlate
from aup_monitor.detect.enrich import enrich
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.match import Matcher
from aup_monitor.lists import load_lists
from tests.capture_conformance.theirs import DNS_NAME, HTTP_HOST, JA4, PROTOCOL, SERVER_NAME, Ends, ends

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aup_monitor.detect.facts import Facts
    from aup_monitor.detect.rule import RuleSet

PACKS: Final = frozenset({"bypass", "anonymiser", "remote-access", "piracy"})
"""Packs whose rules speak of ways round the filter, or of programs that a capture recognises."""

_COLUMNS: Final = {
    DNS_NAME: ("dns_question_name",),
    SERVER_NAME: ("tls_server_name",),
    HTTP_HOST: ("url_domain",),
    JA4: ("tls_client_ja4",),
    PROTOCOL: ("network_protocol", "network_application"),
}
_CALENDAR: Final = SchoolCalendar(
    (HalfTerm(date(2026, 9, 2), date(2026, 10, 23), "2026-autumn-1"),), ZoneInfo("Europe/London")
)


@dataclass(frozen=True)
class Capture:
    """A capture as the program reads it."""

    packets: int
    events: pl.DataFrame
    """Columns of `EVENT_SCHEMA`."""
    rejects: Mapping[str, int]
    """Reason -> packets."""
    values: Mapping[tuple[Ends, str], frozenset[str]]
    """(ends, field) -> every value that any event of these ends has."""
    rules: frozenset[str]
    """Rules of `PACKS` that would make an incident."""

    @property
    def applications(self) -> frozenset[str]:
        """Return everything that was recognised."""
        return frozenset(self.events["network_application"].drop_nulls())


def read(path: Path) -> Capture:
    """Read a capture whole, and let the rules judge it."""
    assert FORMAT.read is not None
    with open_bytes(path) as file:
        frames = list(FORMAT.read(file, Context("UTC"), -1))
    rows = pl.concat(frames, how="diagonal") if frames else pl.DataFrame(schema={"offset": pl.Int64()})
    for name, dtype in ((REJECT, pl.String()), (SKIP, pl.Boolean())):
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit(None, dtype).alias(name))
    rejects = rows.filter(pl.col(REJECT).is_not_null())[REJECT].value_counts()
    kept = rows.filter(pl.col(REJECT).is_null() & ~pl.col(SKIP).fill_null(value=False))
    events = conform(kept.rename({"offset": "source_offset"}).lazy(), EVENT_SCHEMA).collect()
    return Capture(
        rows.height, events, dict(rejects.sort(REJECT).iter_rows()), _values(events), _judged(events)
    )


def _values(events: pl.DataFrame) -> dict[tuple[Ends, str], frozenset[str]]:
    found: defaultdict[tuple[Ends, str], set[str]] = defaultdict(set)
    for row in events.iter_rows(named=True):
        if row["source_ip"] is None or row["destination_ip"] is None or row["source_port"] is None:
            continue
        sides = ends(row["source_ip"], row["source_port"], row["destination_ip"], row["destination_port"])
        for field, columns in _COLUMNS.items():
            found[sides, field] |= {row[column] for column in columns if row[column] is not None}
    return {key: frozenset(values) for key, values in found.items()}


@cache
def _rules() -> tuple[RuleSet, Matcher, Facts]:
    lookups = load_lists([resource("rules")], None).lookups()
    rules = load_rules([resource("rules", "sigma")]).with_lists(lookups)
    plain = [rule for rule in rules if rule.correlation is None]
    return rules, Matcher(plain, lookups), load_facts()


def _judged(events: pl.DataFrame) -> frozenset[str]:
    """Return the rules that an analysis of these events would tell of."""
    rules, matcher, facts = _rules()
    matches = correlate(matcher.match([enrich(events.lazy(), facts, _CALENDAR)]), rules)
    told = {rule.name for rule in rules if rule.pack in PACKS and not rule.aup.only_correlated}
    return frozenset(set(matches["rule"]) & told)
