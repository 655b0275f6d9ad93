"""The syslog envelope: real lines with an independent parse, years that are not written, hours that repeat."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.format import Context
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from pathlib import Path

LONDON = ZoneInfo("Europe/London")
FACT = re.compile(r'\["s00-raw"\]\["[^"]+"\]\[(\d+)\]\.Evt\.Parsed\["(\w+)"\] == "(.*)"$')


def opened(
    *lines: str, reference: datetime | None = datetime(2026, 1, 31, tzinfo=UTC)
) -> list[dict[str, object]]:
    """Return time, machine, program and message of each line."""
    frame = pl.LazyFrame({"line": list(lines)}, schema={"line": pl.String})
    return unwrap(frame, Context(reference=reference)).drop("line").collect().to_dicts()


@pytest.mark.parametrize(
    "name",
    ["pf-logs", "pfsense-rfc5424-filterlog", "pfsense-rfc5424-nginx", "opnsense-sshd", "pfsense-gui-auth"],
)
def test_real_envelopes_agree_with_crowdsecs_parse(shared: Path, name: str) -> None:
    """Program and message of real BSD and RFC 5424 lines agree."""
    folder = shared / "samples" / "pfsense-opnsense"
    lines = (folder / f"crowdsec__{name}__{name}.log").read_text().splitlines()
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    for line in (folder / f"crowdsec__{name}__parser.assert").read_text().splitlines():
        if found := FACT.search(line):
            facts[found[1]][found[2]] = found[3].replace('\\"', '"')
    assert len(facts) >= len([line for line in lines if line])
    for line, fact in zip(lines, facts.values(), strict=False):
        row = opened(line)[0]
        assert (row["program"], row["message"]) == (fact["program"], fact["message"])
        assert row["timestamp"] is not None


@pytest.mark.parametrize(
    ("line", "machine", "program", "message"),
    [
        ("Jan  2 03:04:05 fw1 filterlog[12]: 1,2", "fw1", "filterlog", "1,2"),
        ("<134>Jan  2 03:04:05 filterlog: 1,2", None, "filterlog", "1,2"),
        ("2026-01-02T03:04:05Z fw1 filterlog[12]: a: b", "fw1", "filterlog", "a: b"),
        ("2026-01-02T04:04:05.000+01:00 filterlog[12]: 1", None, "filterlog", "1"),
        ("<134>1 2026-01-02T03:04:05Z fw1 filterlog 12 - - 1,2", "fw1", "filterlog", "1,2"),
        ('1 2026-01-02T03:04:05Z - filterlog - - [a b="]\\""][c] 1,2', None, "filterlog", "1,2"),
        ("<134>1 2026-01-02T03:04:05Z fw1 filterlog 12 - -", "fw1", "filterlog", None),
        ("Jan  2 03:04:05 fw1 last message repeated 3 times", "fw1", "syslogd", None),
    ],
)
def test_every_shape_is_unwrapped(line: str, machine: str | None, program: str, message: str | None) -> None:
    """With and without priority, machine and number, in all three shapes."""
    row = opened(line)[0]
    assert row["timestamp"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (row["program"], row["message"]) == (program, message)
    assert row["program"] == "syslogd" or row["observer_name"] == machine


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "<134>",
        "1 2026-01-02",
        "Jan 32 03:04:05 a b: c",
        "Jan  2 03:04:05 one two three: d",
        "<1>1 - - - -",
    ],
)
def test_what_is_no_envelope_has_no_time_or_no_program(line: str) -> None:
    """Text of another shape gives nulls, never an error."""
    row = opened(line)[0]
    assert row["timestamp"] is None or row["program"] is None


@pytest.mark.parametrize(
    ("reference", "written", "meant"),
    [
        ("2026-01-02T12:00:00", "Dec 31 23:59:59", "2025-12-31T23:59:59"),
        ("2026-01-02T12:00:00", "Jan  2 11:00:00", "2026-01-02T11:00:00"),
        ("2026-01-02T12:00:00", "Jan  3 11:59:59", "2026-01-03T11:59:59"),
        ("2026-01-02T12:00:00", "Jan  3 12:00:01", "2025-01-03T12:00:01"),
        ("2025-12-31T23:30:00", "Jan  1 00:10:00", "2026-01-01T00:10:00"),
        ("2026-03-01T12:00:00", "Feb 29 08:00:00", "2024-02-29T08:00:00"),
        ("2028-03-01T12:00:00", "Feb 29 08:00:00", "2028-02-29T08:00:00"),
        ("2028-01-10T12:00:00", "Feb 29 08:00:00", "2024-02-29T08:00:00"),
    ],
)
def test_the_year_is_the_last_not_past_the_reference(reference: str, written: str, meant: str) -> None:
    """December's lines in a January file are last year's; a day of clock error is allowed for."""
    at = datetime.fromisoformat(reference).replace(tzinfo=UTC)
    row = opened(f"{written} fw1 p: m", reference=at)[0]
    assert row["timestamp"] == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_without_a_reference_there_is_no_year() -> None:
    """A time without a year is not guessed."""
    assert opened("Jan  2 03:04:05 fw1 p: m", reference=None)[0]["timestamp"] is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Jul 14 08:00:00", "2026-07-14T07:00:00"),
        ("Oct 25 01:30:00", "2026-10-25T00:30:00"),  # the first of the two half past ones
        ("Mar 29 01:30:00", "2026-03-29T01:30:00"),  # the hour that is left out
    ],
)
def test_local_time_becomes_utc(written: str, meant: str) -> None:
    """Summer time is taken off, also where the clocks change."""
    row = opened(f"{written} fw1 p: m", reference=datetime(2026, 12, 1, tzinfo=UTC))[0]
    assert row["timestamp"] == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seconds=st.integers(980_000_000, 3_700_000_000),
    later=st.timedeltas(timedelta(0), timedelta(days=360)),
)
def test_a_time_written_within_a_year_before_the_reference_comes_back(seconds: int, later: timedelta) -> None:
    """Whatever the moment, writing it as local time without a year and reading it gives it back."""
    moment = datetime.fromtimestamp(seconds, UTC)
    local = moment.astimezone(LONDON)
    if local.fold or local.astimezone(UTC) != moment:
        return
    written = f"{local:%b} {local.day:2d} {local:%H:%M:%S}"
    assert opened(f"{written} fw1 p: m", reference=moment + later)[0]["timestamp"] == moment
