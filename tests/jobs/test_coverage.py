"""What was seen and what was not: the difference between no data and no incidents."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from school import NOW, School, squid

from aup_monitor.core.document import SourceCoverage
from aup_monitor.core.errors import ConfigError
from aup_monitor.jobs.coverage import _partly, coverage, gaps
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.lake import Lake

MONDAY, FRIDAY = date(2026, 9, 7), date(2026, 9, 11)
SITES = {"main": "Elm Park"}
DNSMASQ = "Sep  9 10:00:00 dnsmasq[633]: query[A] www.example.org from 10.20.0.5\n"


def lines(school: School, start: date = MONDAY, end: date = FRIDAY) -> tuple[SourceCoverage, ...]:
    """Return the coverage of the school's lake."""
    return coverage(school.workspace, Lake(school.workspace.lake), start, end)


def line(**facts: object) -> SourceCoverage:
    """Return the coverage of a web log that has everything, bar what is said."""
    whole: dict[str, object] = {
        "log_class": "web",
        "label": "Web proxy or filter",
        "site": "main",
        "formats": ("squid",),
        "days_expected": 4,
        "days_seen": 4,
        "missing": (),
        "events": 100,
        "rejects": 0,
        "with_user": 1.0,
        "with_url": 1.0,
    }
    return SourceCoverage.model_validate(whole | facts)


def test_a_school_day_without_logs_is_missing(school: School) -> None:
    """Thursday is missing; the inset day on Tuesday and the weekend are not."""
    (web,) = lines(school, MONDAY, date(2026, 9, 13))
    assert (web.days_expected, web.days_seen, web.missing) == (4, 3, (date(2026, 9, 10),))
    assert (web.events, web.rejects, web.formats) == (7, 1, ("squid",))
    assert gaps([web], sites=SITES)[0] == (
        "Web proxy or filter: no logs on Thursday 10 September; what happened then is not known."
    )


def test_a_bank_holiday_and_the_holidays_are_not_missing(school: School) -> None:
    """The early May bank holiday, and the week after the half-term, are no gaps."""
    school.settings(
        ("[2026-09-07, 2026-09-11]", '[2026-09-07, 2026-09-11]\n"2026-summer-1" = [2027-05-03, 2027-05-04]')
    )
    (web,) = lines(school, date(2027, 5, 3), date(2027, 5, 20))
    assert web.missing == (date(2027, 5, 4),)


def test_an_expected_kind_that_never_came_has_its_line(school: School) -> None:
    """DNS logs were expected and none came: that is said, and is no nought."""
    school.settings(('["web"]', '["dns", "web"]'))
    dns, _ = lines(school)
    assert (dns.events, dns.days_seen, dns.with_user) == (0, 0, None)
    assert gaps([dns], sites=SITES) == (
        "DNS server: no logs came at all, so nothing that only they show could be seen.",
    )


def test_without_a_lake_everything_expected_is_missing(empty_school: School) -> None:
    """Before the first ingest, each expected kind has no day."""
    (web,) = coverage(empty_school.workspace, None, MONDAY, FRIDAY)
    assert (web.events, web.days_seen, len(web.missing)) == (0, 0, 4)


def test_each_site_has_its_own_days(school: School) -> None:
    """A second site is looked at by its own calendar, and sentences say which one they are about."""
    school.settings(
        more='[sites.hill]\nname = "Hill"\n[sites.hill.half_terms]\n"2026-autumn-1" = [2026-09-07, 2026-09-08]\n'
    )
    log = school.log(
        "hill.log", squid(7, "10:00:00", "www.example.org"), squid(7, "10:01:00", "www.example.com")
    )
    ingest(school.workspace, items_of(school.workspace, [str(log)], site="hill"), NOW)
    hill, main = lines(school)
    assert (hill.site, hill.events, hill.missing) == ("hill", 2, (date(2026, 9, 8),))
    assert (main.site, main.events) == ("main", 6)
    assert gaps([hill], sites={"hill": "Hill", "main": "Elm Park"})[0].startswith("Hill: Web proxy")


def test_kinds_that_nobody_expected_are_shown_when_they_come(school: School) -> None:
    """A DNS log that came is a line of its own, without a share of whole addresses."""
    school.log("dns.log", DNSMASQ)
    school.read()
    dns, _ = lines(school)
    assert (dns.log_class, dns.events, dns.with_user, dns.with_url) == ("dns", 1, 0.0, None)


def test_a_site_that_the_settings_lack_is_an_error(school: School) -> None:
    """Its events must not be left out in silence."""
    school.settings(("sites.main]", "sites.hill]"), ("sites.main.", "sites.hill."))
    with pytest.raises(ConfigError, match=r"site 'main'.*\n  Next: .*\[sites.main\]"):
        lines(school)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ""),
        ({"rejects": 1}, ""),
        ({"rejects": 1, "events": 9}, "1 line (10%) could not be read"),
        ({"rejects": 25}, "25 lines (20%) could not be read"),
        ({"with_user": 0.0}, "no event names an account; all show a device or an address"),
        ({"with_user": 0.004}, "hardly any event names an account; the rest show"),
        ({"with_user": 0.3}, "only 30% of events name an account; the rest show"),
        ({"with_user": 0.0, "log_class": "endpoint", "with_url": None}, ""),
        ({"with_url": 0.1}, "10% of requests show the page; the rest, encrypted, show only the site"),
        (
            {"days_seen": 0, "events": 3, "missing": (MONDAY, FRIDAY)},
            "no logs on Monday 7 September, Friday 11",
        ),
        (
            {"missing": tuple(date(2026, 9, day) for day in (7, 8, 9, 10, 11))},
            "no logs on 5 school days (Monday 7 September to Friday 11 September)",
        ),
    ],
)
def test_what_a_gap_is_called(facts: dict[str, object], said: str) -> None:
    """Each thing that was not seen is one plain sentence; a log that shows everything has none."""
    found = gaps([line(**facts)], sites=SITES)
    assert [said in sentence for sentence in found] == ([True] if said else [])
    assert all(sentence.startswith("Web proxy or filter: ") and sentence.endswith(".") for sentence in found)


def test_a_log_that_falls_silent_beside_another_is_named() -> None:
    """A filter's day without its log shows even if the firewall's web events came; a log that came rarely is no gap."""
    days = [date(2026, 9, day) for day in (7, 9, 10, 11)]
    rows = [("squid", day) for day in days if day != date(2026, 9, 10)]
    rows += [("fortigate", day) for day in days] + [("zeek-http", days[0]), ("zeek-http", days[3])]
    table = pl.DataFrame(rows, schema={"format": pl.String, "date": pl.Date}, orient="row").sort(
        "format", "date"
    )

    found = tuple(_partly(table, set(days), days))

    assert found == (("squid", (date(2026, 9, 10),)),)
    (gap,) = gaps([line(partly=found), line(log_class="dns", partly=found)], sites=SITES)
    assert gap.startswith("Squid access log: nothing on Thursday 10 September, though other logs came;")
