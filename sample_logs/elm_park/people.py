"""Everybody at Elm Park School, with the machines that they use. All of them are invented."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import count
from typing import Final

PUPILS_IN_A_YEAR: Final = 24
ENTRY: Final = {7: 26, 8: 25, 9: 24, 10: 23, 11: 22}
"""Year group -> the year in which it joined, with which its accounts begin."""

STAFF: Final = (
    ("c.whitfield", "Caroline Whitfield", "Headteacher"),
    ("m.okonkwo", "Marcus Okonkwo", "Deputy Headteacher, DSL"),
    ("r.osei", "Ruth Osei", "Network Manager"),
    ("akhan", "Amina Khan", "Business Manager"),
    ("s.begum", "Shirin Begum", "Attendance Officer"),
    ("d.lister", "Daniel Lister", "Teacher of PE"),
    ("h.pryce", "Hywel Pryce", "Supply teacher"),
    ("l.fenwick", "Laura Fenwick", "Teacher of geography"),
    ("n.adeyemi", "Ngozi Adeyemi", "Teacher of art"),
    ("j.marsh", "Jonathan Marsh", "Teacher of music"),
    ("k.whitmore", "Katherine Whitmore", "Teacher of mathematics"),
    ("a.kowalczyk", "Anna Kowalczyk", "Teacher of languages"),
    ("g.tanner", "Gareth Tanner", "Science technician"),
    ("p.raman", "Priya Raman", "Teacher of science"),
    ("o.sinclair", "Olivia Sinclair", "Teacher of English"),
    ("t.baptiste", "Terrence Baptiste", "Teacher of history"),
    ("e.nicholls", "Edward Nicholls", "Teacher of RE"),
    ("f.hassan", "Farah Hassan", "Teacher of mathematics"),
    ("b.lloyd", "Bethan Lloyd", "Teacher of drama"),
    ("y.chen", "Yifan Chen", "Teacher of computing"),
    ("r.mcallister", "Rory McAllister", "Teacher of design and technology"),
    ("j.smith", "Joanne Smith", "SENCO"),
    ("v.petrov", "Viktor Petrov", "Librarian"),
    ("ifarrell", "Isla Farrell", "Teaching assistant"),
    ("dmorris", "Denise Morris", "Receptionist"),
    ("w.obrien", "William O'Brien", "Site supervisor"),
)
OTHERS: Final = (
    ("gov.dhartley", "Dorothy Hartley", "governor", "Chair of governors"),
    ("ext.mwallis", "Martin Wallis", "contractor", "Heating engineer"),
)

FIRST: Final = (  # noqa: SIM905 - a list of names reads best as words
    "Aaliyah Ben Chloe Dev Ella Finn Grace Hamza Isabel Jacob Kwame Lily Mohammed Niamh Oscar Poppy Quinn Reece Sofia "
    "Tobi Umar Violet Wiktor Xanthe Yusuf Zara Alfie Bronwyn Callum Daisy Ethan Freya George Holly Imran Jasmine Kai "
    "Leo Maya Nathan Olive Priya Rhys Saffron Tomasz"
).split()
LAST: Final = (  # noqa: SIM905 - a list of names reads best as words
    "Abbott Boateng Clarke Doyle Edwards Farouk Green Hughes Iqbal Jones Kaur Lewis Murphy Nowak Owusu Patel Quigley "
    "Rahman Stewart Taylor Usman Vaughan Walker Yeo Zielinski Ahmed Brennan Chowdhury Davies Evans Foster Grant "
    "Harris Ibrahim Jackson Kelly Morgan Nguyen Osborne Price Roberts"
).split()


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    user: str
    name: str
    role: str
    year: int | None
    post: str
    number: int
    """Counts within staff, or within a year group; machines are numbered by it."""

    @property
    def group(self) -> str:
        """The group that the wireless network logs."""
        return "Pupils" if self.role == "pupil" else "Staff"

    @property
    def computer(self) -> str:
        """Name of the computer."""
        kind = f"Y{self.year:02d}-PC" if self.year else "STAFF-LT"
        return f"{kind}-{self.number:02d}.elmpark.example"

    @property
    def wired(self) -> str:
        """Address of the computer, whose web requests go through Squid."""
        return f"10.20.{self.year}.{10 + self.number}" if self.year else f"10.10.1.{10 + self.number}"

    @property
    def wireless(self) -> str:
        """Address of the laptop or tablet on the wireless network, behind the FortiGate."""
        return f"10.41.{self.year}.{10 + self.number}" if self.year else f"10.40.1.{10 + self.number}"


def everybody() -> dict[str, Person]:
    """Return all people by account: staff, others, pupils by year group."""
    staff = [Person(user, name, "staff", None, post, n) for n, (user, name, post) in enumerate(STAFF, 1)]
    others = [
        Person(user, name, role, None, post, n)
        for n, (user, name, role, post) in enumerate(OTHERS, len(STAFF) + 1)
    ]
    found = {person.user: person for person in (*staff, *others)}
    serial = count()
    for year, entry in ENTRY.items():
        for number in range(1, PUPILS_IN_A_YEAR + 1):
            pupil = _pupil(next(serial), year, entry, number)
            found[pupil.user] = pupil
    return found


def _pupil(serial: int, year: int, entry: int, number: int) -> Person:
    """Return a pupil; both steps share no divisor with the length of their list, so that no name comes twice soon."""
    first, last = FIRST[serial * 7 % len(FIRST)], LAST[serial * 11 % len(LAST)]
    return Person(f"{entry}{first[0]}{last}".lower(), f"{first} {last}", "pupil", year, "", number)


def people_csv(people: dict[str, Person]) -> str:
    """Return the list of people as the school keeps it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("user", "name", "role", "year_group", "site", "post"))
    for one in people.values():
        writer.writerow((one.user, one.name, one.role, one.year or "", "main", one.post))
    return out.getvalue()
