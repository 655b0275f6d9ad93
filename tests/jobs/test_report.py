"""The half-termly report: made, printed in every form, printed again."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from school import LISTED, NOW, School, squid

from aup_monitor.core.errors import AupError, ConfigError, InputError, NotFoundError
from aup_monitor.jobs.report import FORMS, again, half_term, write

if TYPE_CHECKING:
    from pathlib import Path

    from aup_monitor.core.document import HalfTermReport

LATER = NOW + timedelta(days=1)


def made(school: School, name: str | None = None, now: datetime = NOW) -> HalfTermReport:
    """Make the report."""
    return half_term(school.workspace, name, actor="r.osei", now=now)


def test_the_half_term_that_ended(school: School) -> None:
    """Without a name it is the last one; the incidents of it alone, and the day without logs, are in it."""
    report = made(school)
    assert (report.reference, report.total, report.total_previous) == ("HT-2026-autumn-1", 3, None)
    assert {line.person for line in report.incidents} == {"A.K.", "B.F."}
    assert "Thursday 10 September" in report.gaps[0]
    assert report.period.finished
    assert [w.data for w in report.weeks] == [True]


def test_a_half_term_without_logs_says_so(school: School) -> None:
    """Of July nothing was read: that is no report of nought."""
    report = made(school, "2025-summer-2")
    assert report.no_data
    assert report.gaps == (
        "Web proxy or filter: no logs came at all, so nothing that only they show could be seen.",
    )


def test_before_anything_was_read(empty_school: School) -> None:
    """With no lake at all there is a report, and it says that nothing is known."""
    assert made(empty_school).no_data


def test_the_half_term_before_counts_once_logs_came(school: School) -> None:
    """None becomes 0 with a log of July, and 1 with a visit in it."""
    july = datetime(2026, 7, 18, tzinfo=UTC)
    school.log("july.log", squid(14, "10:00:00", "www.example.org", month=7), changed=july)
    school.read()
    assert made(school).total_previous is None  # read and not judged is not known, either
    school.analyse()
    assert made(school).total_previous == 0
    school.log("july2.log", squid(15, "10:00:00", LISTED, month=7), changed=july)
    school.read()
    school.analyse()
    assert made(school).total_previous == 1


def test_what_was_read_and_not_analysed_is_refused(school: School) -> None:
    """A report never leaves out days whose incidents nobody has looked for."""
    school.log("late.log", squid(10, "10:00:00", LISTED))
    school.read()
    with pytest.raises(AupError, match=r"logs of 1 day .* not analysed.*\n  Next: aup analyse"):
        made(school)
    school.analyse()
    assert made(school).total == 4


def test_the_same_workspace_and_clock_give_the_same_bytes(school: School, tmp_path: Path) -> None:
    """Made twice, every form is byte for byte the same."""
    first = write(made(school), tmp_path / "first")
    second = write(made(school), tmp_path / "second")
    assert len(first) == len(FORMS)
    assert [p.name for p in first] == [p.name for p in second]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_printed_again_from_its_json(school: School, tmp_path: Path) -> None:
    """The saved document gives the same bytes in every form, though logs and register are gone."""
    folder = tmp_path / "first"
    first = write(made(school), folder)
    second = again(folder / "half-termly-2026-autumn-1.json", tmp_path / "again")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_every_incident_is_in_the_csv(school: School, tmp_path: Path) -> None:
    """A false one stays in the list and leaves the total."""
    wrong = school.incidents()[0]
    school.decide(wrong.reference, "false positive", reason="a lesson on odds")
    report = made(school)
    (path,) = write(report, tmp_path, ["csv"])
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert report.total == 2
    assert sum(wrong.reference in row for row in rows) == 1
    assert len(report.incidents) == 3


def test_asking_for_it_is_in_the_trail(school: School) -> None:
    """Who made which report stands in the audit trail, which is whole."""
    made(school)
    assert school.trail()[-1] == ("r.osei", "report", "report")


def test_only_some_forms(school: School, tmp_path: Path) -> None:
    """One form is one file."""
    assert [p.name for p in write(made(school), tmp_path, ["html"])] == ["half-termly-2026-autumn-1.html"]


def test_half_terms_without_dates(school: School) -> None:
    """An unknown half-term is not there; none at all is a setting to mend. Both say what to add."""
    with pytest.raises(NotFoundError, match=r"2026-spring-1 has no dates.*\n  Next: add a line"):
        made(school, "2026-spring-1")
    school.write("aup.toml", 'school = "Elm Park"\n[sites.main]\nname = "Elm Park"\n')
    with pytest.raises(ConfigError, match=r"aup.toml: no half-term has dates\n  Next: add a line"):
        made(school)


@pytest.mark.parametrize("saved", ["", "{}", "[1]", '{"version": 99}', '{"version": 1}', "\x00"])
def test_what_is_no_saved_report_is_refused(tmp_path: Path, saved: str) -> None:
    """Another file, a damaged one and one of a newer program say so, and nothing is printed."""
    path = tmp_path / "saved.json"
    path.write_text(saved)
    with pytest.raises(InputError, match="Next:"):
        again(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
