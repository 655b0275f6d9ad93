"""An address in a log is nobody; who held it then, by leases and log-ons, is said with what that is worth."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from school import LISTED, NOW, School

from aup_monitor.core.incident import Confidence
from aup_monitor.jobs import analysed
from aup_monitor.lake import Lake
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from aup_monitor.core.incident import Incident

ASKED = f"Sep  9 {{}} ns dnsmasq[7]: query[A] {LISTED} from 10.20.0.9\n"
GIVEN = "Sep  {day} {time} ns dnsmasq-dhcp[7]: DHCPACK(eth0) 10.20.0.9 00:53:00:00:00:{mac} {name}\n"
PORTAL = "Sep  9 {time} fw logportalauth[99]: Zone: guests - {what}: {user}, 00:53:00:00:00:01, 10.20.0.9\n"


def subjects(school: School) -> list[tuple[str, str]]:
    """Read, analyse, and return who the incidents concern."""
    return [(i.subject_kind, i.subject) for i in found(school)]


def found(school: School) -> list[Incident]:
    """Read, analyse, and return the incidents in the order of their subjects."""
    assert school.read().problems == []
    school.analyse()
    return sorted((i.incident for i in school.incidents()), key=lambda i: i.subject)


def test_without_leases_it_is_an_address(empty_school: School) -> None:
    """A question that names an address alone is an incident of that address."""
    empty_school.log("dns.log", ASKED.format("10:00:00"))
    assert subjects(empty_school) == [("address", "10.20.0.9")]


def test_a_lease_names_the_device(empty_school: School) -> None:
    """The device that held the address is the subject, by its name, and the reason says how it is known."""
    empty_school.log(
        "dns.log", GIVEN.format(day=9, time="08:00:00", mac="01", name="library-pc"), ASKED.format("10:00:00")
    )
    incident = found(empty_school)[0]
    assert (incident.subject_kind, incident.subject) == ("device", "library-pc")
    assert any("who held the address at that time" in reason for reason in incident.confidence_reasons)
    assert not any("The log names" in reason for reason in incident.confidence_reasons)


def test_the_one_who_held_it_then_is_meant(empty_school: School) -> None:
    """Before and after an address changed hands are two devices' incidents."""
    empty_school.log(
        "dns.log",
        GIVEN.format(day=9, time="08:00:00", mac="01", name="first"),
        ASKED.format("09:00:00"),
        GIVEN.format(day=9, time="11:00:00", mac="02", name="second"),
        ASKED.format("12:00:00"),
    )
    assert subjects(empty_school) == [("device", "first"), ("device", "second")]


def test_a_portal_names_the_person_while_logged_on(empty_school: School) -> None:
    """Between log-on and log-off it is the person's, at most of medium confidence; after it the address is nobody's."""
    empty_school.log("dns.log", ASKED.format("10:00:00"), ASKED.format("15:00:00"))
    empty_school.log(
        "portal.log",
        PORTAL.format(time="09:00:00", what="LOGIN", user="bfox"),
        PORTAL.format(time="11:00:00", what="DISCONNECT", user="bfox"),
    )
    incidents = found(empty_school)
    assert [(i.subject_kind, i.subject, i.role) for i in incidents][-1] == ("user", "bfox", "pupil")
    assert len(incidents) == 2
    assert all(i.confidence is not Confidence.HIGH for i in incidents)


def test_a_lease_that_is_read_later_judges_the_day_again(empty_school: School) -> None:
    """Yesterday's DHCP log, which came late, gives today's incident its device; nothing is doubled."""
    empty_school.log("dns.log", ASKED.format("07:30:00"))
    assert subjects(empty_school) == [("address", "10.20.0.9")]
    empty_school.log("dhcp.log", GIVEN.format(day=8, time="22:00:00", mac="01", name="library-pc"))
    assert subjects(empty_school) == [("device", "library-pc")]
    assert empty_school.analyse(NOW).days == 0


def test_a_day_with_leases_waits_for_no_analysis(empty_school: School) -> None:
    """What was analysed is known to be, so that a report of it is not refused."""
    empty_school.log(
        "dns.log", GIVEN.format(day=9, time="08:00:00", mac="01", name="first"), ASKED.format("09:00:00")
    )
    found(empty_school)
    workspace = empty_school.workspace
    with open_register(workspace.database):
        assert analysed.waiting(workspace, Lake(workspace.lake), date(2026, 9, 7), date(2026, 9, 11)) == 0
