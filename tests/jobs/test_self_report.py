"""Self-reports: written down, offered, joined only by a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from school import NOW, School

from aup_monitor.core.errors import AupError, ConfigError, NotFoundError
from aup_monitor.jobs.self_report import accept, add, listed

if TYPE_CHECKING:
    from aup_monitor.register.services import RecordedIncident

ME = "r.osei"
VISIT = datetime(2026, 9, 9, 10, 45)  # noqa: DTZ001 - as a person says it, on the school's clock


def reported(
    school: School, when: datetime = VISIT, account: str = "", **other: str
) -> tuple[str, list[RecordedIncident]]:
    """Write down that somebody met an advert."""
    return add(
        school.workspace,
        site=other.get("site"),
        when=when,
        person=("Ben Fox", account),
        said=(other.get("what", "an advert opened by itself"), "closed it"),
        actor=ME,
        now=NOW,
    )


def test_offers_are_nearest_first_and_assume_nothing(school: School) -> None:
    """10:45 on the school's clock is 09:45 UTC: Ben's visit of 09:40, then Amina's; neither is joined."""
    reference, offers = reported(school)
    assert reference == "SR-0001"
    assert [offer.incident.subject for offer in offers] == ["bfox", "akhan"]
    assert all(incident.self_report is None for incident in school.incidents())
    assert school.trail()[-2:] == [(ME, "add", "self-report"), (ME, "offer", "self-report")]


def test_an_account_narrows_and_another_time_finds_nothing(school: School) -> None:
    """Only that account's incidents; in the afternoon none."""
    assert [offer.incident.subject for offer in reported(school, account="AKHAN")[1]] == ["akhan"]
    assert reported(school, VISIT.replace(hour=15))[1] == []


def test_accepting_joins_and_decides_nothing(school: School) -> None:
    """The incident shows the self-report and stays as undecided as it was."""
    reference, offers = reported(school)
    accept(school.workspace, reference, offers[0].reference, ME, NOW)
    joined = next(i for i in school.incidents() if i.reference == offers[0].reference)
    assert (joined.self_report, joined.state.value) == ("SR-0001", "new")
    assert school.trail()[-1] == (ME, "accept", "self-report")


def test_listed_by_initials_in_school_time(school: School) -> None:
    """The list gives the time as it was entered, people by initials; the look is written down."""
    reference, offers = reported(school)
    accept(school.workspace, reference, offers[0].reference, ME, NOW)
    (row,) = listed(school.workspace, ME, NOW)
    assert (row["reference"], row["person"], row["incident"]) == ("SR-0001", "B.F.", offers[0].reference)
    assert f"{row['when']:%Y-%m-%d %H:%M %z}" == "2026-09-09 10:45 +0100"
    assert "Fox" not in str(row)
    assert school.trail()[-1] == (ME, "list", "self-reports")


def test_a_site_that_the_settings_no_longer_have(school: School) -> None:
    """Its self-reports are listed all the same."""
    reported(school)
    school.settings(("sites.main]", "sites.hill]"), ("sites.main.", "sites.hill."))
    assert listed(school.workspace, ME, NOW)[0]["site"] == "main"


def test_what_is_refused(school: School) -> None:
    """An unknown site, an empty part, a time in the future, an unknown reference: each says what to do."""
    with pytest.raises(ConfigError, match=r"no site 'hill'\n  Next: one of: main"):
        reported(school, site="hill")
    with pytest.raises(AupError, match=r"does not say what was reached\n  Next:"):
        reported(school, what=" ")
    with pytest.raises(AupError, match=r"in the future\n  Next:"):
        reported(school, VISIT.replace(year=2027))
    with pytest.raises(NotFoundError, match=r"no self-report 'SR-0099'\n  Next:"):
        accept(school.workspace, "SR-0099", "ffffffff", ME, NOW)
    assert listed(school.workspace, ME, NOW) == []
