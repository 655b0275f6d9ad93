"""Umbrella's DNS log: real lines against an independent parse, identities, and the versions of the log."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns.umbrella_dns import FORMAT
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import recognise

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = "elastic-beats__cisco__umbrella__umbrella-dnslogs.log"
OURS = {
    "timestamp": "@timestamp",
    "source_ip": "source.ip",
    "user_name": "source.user.name",
    "dns_question_name": "destination.domain",
    "dns_question_type": "dns.question.type",
    "dns_response_code": "dns.response_code",
    "rule_category": "cisco.umbrella.categories",
    "event_action": "event.action",
}
DIFFERENT = {
    ("user_name", 0): "the identity's type is not said to be a user's",
    ("user_name", 1): "the identity's type is not said to be a user's",
    ("user_name", 2): "the identity is a computer; the person stands beside it, with an address",
    ("rule_category", 1): "of a blocked question the categories that decided",
}


def read(*lines: str) -> list[dict[str, object]]:
    """Parse lines of Umbrella's DNS log."""
    blocks = read_blocks(FORMAT, io.BytesIO("\n".join(lines).encode()), Context())
    return pl.concat([block.frame for block in blocks], how="diagonal").sort("offset").to_dicts()


def line(
    *last: str, identity: str = "Pupils", identities: str = "Pupils,Main Site", verdict: str = "Allowed"
) -> str:
    """Return a line; `last` are its fields from the categories on."""
    first = ("2026-01-12 08:45:01", identity, identities, "192.168.7.21", "203.0.113.5", verdict)
    return ",".join(f'"{field}"' for field in (*first, "1 (A)", "NOERROR", "www.example.org.", *last))


def as_ours(name: str, theirs: str) -> object:
    """Return a value of the independent parse as this project writes it."""
    if name == "timestamp":
        return datetime.fromisoformat(theirs)
    if name == "dns_question_type":
        return theirs.partition("(")[2].rstrip(")")
    if name == "event_action":
        return theirs.removeprefix("dns-request-")
    return theirs.rstrip(".") if name == "dns_question_name" else theirs


def test_real_lines_agree_with_an_independent_parse(shared: Path) -> None:
    """Eight fields of three real lines, but for the differences that are listed with their reasons."""
    folder = shared / "samples" / "cisco-umbrella"
    content = (folder / SAMPLE).read_text()
    assert recognise(content.encode()) is FORMAT
    expected = json.loads((folder / f"{SAMPLE}-expected.json").read_text())
    rows = read(*content.splitlines())
    differ = {
        (ours, number)
        for number, (row, theirs) in enumerate(zip(rows, expected, strict=True))
        for ours, name in OURS.items()
        if row[ours] != as_ours(ours, theirs[name])
    }
    assert differ == set(DIFFERENT)
    assert [row["reject"] for row in rows] == [None] * 3


@pytest.mark.parametrize(
    ("identity", "identities", "kind", "kinds", "told"),
    [
        ("Pupils", "Pupils,Main Site", "Internal Networks", "Internal Networks,Sites", (None, None)),
        (
            "Hill, G (g@e.example)",
            "Hill, G (g@e.example),LT-9",
            "AD Users",
            "AD Users,Roaming Client",
            ("g", "LT-9"),
        ),
        ("Hill, G (g@e.example)", "Hill, G (g@e.example),Net", "AD Users", "AD Users,Networks", ("g", None)),
        (
            "LT-9",
            "LT-9,Hill, G (g@e.example)",
            "Roaming Computers",
            "Roaming Computers,AD Users",
            ("g", "LT-9"),
        ),
        ("ghill", "ghill", "G Suite Users", "G Suite Users", ("ghill", None)),
        ("c4dde8eb", "c4dde8eb", "Mobile Devices", "Mobile Devices", (None, "c4dde8eb")),
        ("AP-3", "AP-3", "Network Devices", "Network Devices", (None, None)),
    ],
)
def test_identities_are_people_or_computers_only_where_umbrella_says_so(
    identity: str, identities: str, kind: str, kinds: str, told: tuple[str | None, str | None]
) -> None:
    """Networks, sites and access points are nobody."""
    row = read(line("News", kind, kinds, "", identity=identity, identities=identities))[0]
    assert (row["user_name"], row["host_name"]) == told


def test_old_versions_say_nothing_of_who_it_was() -> None:
    """Without types nobody is named, though the identity may look like an account."""
    row = read(line("News", identity="ghill"))[0]
    assert (row["reject"], row["user_name"], row["host_name"]) == (None, None, None)


@pytest.mark.parametrize(
    ("verdict", "outcome"), [("Allowed", "allowed"), ("Blocked", "blocked"), ("Proxied", "unknown")]
)
def test_verdicts(verdict: str, outcome: str) -> None:
    """Allowed and blocked as written; of a blocked question the categories that decided."""
    row = read(line("News,Chat", "Networks", "Networks", "Chat", verdict=verdict))[0]
    assert row["event_outcome"] == outcome
    assert row["rule_category"] == ("Chat" if verdict == "Blocked" else "News,Chat")


def test_the_client_is_the_school_where_its_own_address_is_not_known() -> None:
    """Without an internal address the external one stands in; times are UTC in summer, too."""
    row = read(line("News").replace("192.168.7.21", "").replace("2026-01", "2026-07"))[0]
    assert row["source_ip"] == "203.0.113.5"
    assert row["timestamp"] == datetime(2026, 7, 12, 8, 45, 1, tzinfo=UTC)


@pytest.mark.parametrize("bad", ["junk", '"2026-01-12 08:45:01"', line("News")[:90], '"a","b",,,"'])
def test_what_is_cut_off_is_a_reject(bad: str) -> None:
    """A line without verdict, type, code and name is bad; the optional header is skipped."""
    assert read(bad)[0]["reject"] == "not the fields of Umbrella's DNS log"
    assert read('"Timestamp","Policy Identity"')[0]["skip"]
