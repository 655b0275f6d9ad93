"""Mail to an address elsewhere that bears the sender's own name."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.detect.namesakes import namesake_domain

NAMES = yaml.safe_load((Path(__file__).parent / "data" / "everyday_names.yml").read_text(encoding="utf-8"))
FIRST, LAST = NAMES["first"], NAMES["last"]


def domains(*sent: tuple[str | None, str | None, str | None]) -> list[str | None]:
    """Return what is found of each sender's address, account and recipients."""
    columns = ("email_from_address", "user_name", "email_to_address")
    frame = pl.DataFrame(sent, schema=dict.fromkeys(columns, pl.String), orient="row")
    return frame.select(namesake_domain()).to_series().to_list()


@pytest.mark.parametrize(
    ("account", "address"),
    [
        ("m.jones", "maryjones84"),
        ("m.jones", "mary.jones"),
        ("m.jones", "mary_jones_84"),
        ("m.jones", "jones.mary"),
        ("m.jones", "jonesm"),
        ("m.jones", "m.jones+school"),
        ("M-Jones", "MaryJones"),
        ("mjones", "maryjones"),
        ("mjones2", "mjones1984"),
        ("jonesm", "mary.jones"),
        ("jones.mary", "mjones"),
        ("mary.jones", "m.jones"),
        ("m.khan", "mina.khan"),
        ("mina.khan", "minakhan3"),
        ("mary.lee", "marylee"),
        ("j.müller", "jana.muller"),
        ("k.smith-jones", "kate.jones"),
    ],
)
def test_the_same_name(account: str, address: str) -> None:
    """Surname and first name or initial, in either order, with whatever stands between and behind."""
    assert domains((f"{account}@oakfield.example", account, f"{address}@gmail.com")) == ["gmail.com"]


@pytest.mark.parametrize(
    ("account", "address"),
    [
        ("mjo", "mjo"),
        ("mjo", "maryjones"),
        ("mj", "m.j"),
        ("m.jones", "jones84"),
        ("m.jones", "peterjones"),
        ("m.jones", "peter.jones"),
        ("mary.jones", "mark.jones"),
        ("j.marsh", "j.marshall"),
        ("daniel.harris", "daniel.harrison"),
        ("jmarsh", "jmarshall"),
        ("s.ford", "stafford"),
        ("a.lee", "ashlee"),
        ("sam", "samantha.parent"),
        ("office", "parent"),
        ("", "m.jones"),
        ("1234", "1234"),
    ],
)
def test_another_name(account: str, address: str) -> None:
    """Initials alone, a surname alone, another first name and a longer surname are nobody's own."""
    assert domains((None, account, f"{address}@gmail.com")) == [None]


def test_the_first_that_is_elsewhere() -> None:
    """Of several recipients the sender's own name elsewhere counts; the school's own address and no address do not."""
    own, account = "m.jones@oakfield.example", "m.jones"

    assert domains(
        (own, account, "parent@gmail.com, Mary <MaryJones@Yahoo.co.uk>; m.jones@gmail.com"),
        (own, account, own),
        (own, account, None),
        (None, None, "m.jones@gmail.com"),
        (own, None, "m.jones@gmail.com"),
    ) == ["yahoo.co.uk", None, None, None, "gmail.com"]


def test_strangers_are_not_taken_for_one_person() -> None:
    """Of staff and parents with everyday names hardly a pair in a thousand is alike, and none without a surname in common."""
    chance = random.Random(20260914)
    staff = [(chance.choice(FIRST), chance.choice(LAST), form) for form in (0, 1, 2, 3, 4) for _ in range(40)]
    parents = [(chance.choice(FIRST), chance.choice(LAST), chance.randrange(5)) for _ in range(2000)]
    forms = ("{f}.{l}", "{i}{l}", "{l}{i}", "{i}{l2}", "{f}{l}")

    def written(first: str, last: str, form: int) -> str:
        return forms[form].format(f=first, i=first[0], l=last, l2=last[:2])

    pairs = [(a, b) for a in staff for b in parents]
    found = domains(*((None, written(*a), f"{written(*b)}@gmail.com") for a, b in pairs))
    alike = [(a, b) for (a, b), domain in zip(pairs, found, strict=True) if domain]

    assert 0 < len(alike) < len(pairs) / 1000
    # Thomas and James are first names, too: k.james and james.kaur may be one person.
    assert [(a, b) for a, b in alike if a[1] != b[1] and a[1] not in FIRST] == []


@given(st.text(), st.text())
def test_any_text_is_an_account(account: str, recipients: str) -> None:
    """Nothing that a log may hold ends the search."""
    (found,) = domains((account, account, recipients))

    assert found is None or f"@{found}" in recipients.lower()
