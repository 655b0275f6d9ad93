"""What the tests of detection share: small lists, made events, and rules from text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pytest

from aup_monitor.core.hosts import parents
from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.core.schema import DERIVED_COLUMNS, EVENT_SCHEMA
from aup_monitor.detect.loader import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aup_monitor.detect.rule import RuleSet

DATA = Path(__file__).parent / "data"
ALL_COLUMNS = {**EVENT_SCHEMA, **{column.name: column.dtype for column in DERIVED_COLUMNS}}


class FakeList(NamedTuple):
    """A list of a few entries with their sources; a value meets an entry whole, by parent domain or by word."""

    entries: Mapping[str, str]
    kind: str = "whole"

    def find(self, values: pl.Series) -> pl.DataFrame:
        """Return what is on the list (`core.lookup.Lookup`)."""
        found = [
            (value, entry, self.entries[entry]) for value in values for entry in self._met(value.lower())
        ]
        return pl.DataFrame(found, schema=FOUND_SCHEMA, orient="row").sort("value")

    def _met(self, value: str) -> list[str]:
        candidates: Iterator[str] = iter([value])
        if self.kind == "domain":
            candidates = parents(value)
        elif self.kind == "word":
            candidates = iter(value.split())
        return [entry for entry in candidates if entry in self.entries][:1]


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of rules written for these tests."""
    return DATA


@pytest.fixture(scope="session")
def lookups() -> dict[str, FakeList]:
    """Return a list of each kind."""
    return {
        "list.gambling": FakeList({"bets.example": "one,two", "casino.example": "one"}, "domain"),
        "list.vpn": FakeList({"tunnel.example": "one,two,three"}, "domain"),
        "terms.bypass": FakeList({"unblock": "terms", "vpn": "terms"}, "word"),
        "approved.sites": FakeList({"grants.casino.example": "school"}, "domain"),
        "approved.usb": FakeList({"0951:1666": "school"}),
        "Workstations": FakeList({"lab-pc-07": "school"}),
    }


@pytest.fixture(scope="session")
def table() -> Callable[..., pl.DataFrame]:
    """Return a function that makes events of dicts, every column there, gaps null."""
    base = {
        "timestamp": datetime(2026, 9, 15, 9, 30, tzinfo=UTC),
        "date": date(2026, 9, 15),
        "log_class": "web",
        "site": "beech",
        "event_outcome": "allowed",
        "log_level": 3,
        "subject": "a.okafor",
        "subject_kind": "user",
        "source_file": "access.log",
    }

    def make(*events: Mapping[str, object]) -> pl.DataFrame:
        cells = [{**base, "source_offset": n, **event} for n, event in enumerate(events)]
        return pl.DataFrame(cells, schema=ALL_COLUMNS)

    return make


@pytest.fixture
def write_rules(tmp_path: Path) -> Callable[..., RuleSet]:
    """Return a function that writes each text as a rule file (name=text) and loads the folder as ours or as others'."""

    def load(*, own: bool = True, **texts: str) -> RuleSet:
        for name, text in texts.items():
            (tmp_path / f"{name.replace('_', '-')}.yml").write_text(text, encoding="utf-8")
        return load_rules([tmp_path]) if own else load_rules([], [tmp_path])

    return load
