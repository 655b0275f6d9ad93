"""The audit trail: what is written in it, and that the database refuses to change it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.register import audit, services
from aup_monitor.register.connect import Register, open_register
from aup_monitor.register.services import Head, What

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("register")
def test_a_look_is_written_and_chained(now: datetime) -> None:
    """Who looked at what and when; each entry holds the hash of the one before."""
    assert services.head() == Head(0, "0" * 64)
    first = services.look("dsl", "show", What("incident", "ab12cd34"), now)
    second = services.look("head", "report", What("report", "HT-2026-autumn-1", {"sites": ["hill"]}), now)
    assert (first.entries, second.entries) == (1, 2)
    assert services.head() == second
    one, two = services.entries()
    assert (one.sequence, one.at, one.actor, one.verb, one.what) == (
        1,
        now,
        "dsl",
        "show",
        What("incident", "ab12cd34"),
    )
    assert two.what == What("report", "HT-2026-autumn-1", {"sites": ["hill"]})


@pytest.mark.usefixtures("register")
def test_the_trail_is_read_in_pages(now: datetime) -> None:
    """Oldest first, from where the last page ended."""
    for number in range(5):
        services.look("dsl", "show", What("incident", str(number)), now)
    assert [entry.what.id for entry in services.entries(after=2, limit=2)] == ["2", "3"]


@pytest.mark.usefixtures("register")
def test_a_time_of_any_zone_is_kept_as_the_same_moment(now: datetime) -> None:
    """The chain holds wherever the clock stood."""
    services.look("dsl", "show", What("incident"), now.astimezone(timezone(timedelta(hours=5, minutes=45))))
    assert services.entries()[0].at == now
    assert services.verify() == ()


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("actor", "verb", "moment"),
    [
        ("", "show", datetime(2026, 9, 1, tzinfo=UTC)),
        ("dsl", " ", datetime(2026, 9, 1, tzinfo=UTC)),
        ("dsl", "show", datetime(2026, 9, 1)),  # noqa: DTZ001 - the mistake itself
    ],
)
def test_an_entry_that_says_too_little_is_a_mistake(actor: str, verb: str, moment: datetime) -> None:
    """Somebody, something, some time: or no entry."""
    with pytest.raises(ValueError, match="needs an actor, a verb and a time"):
        services.look(actor, verb, What("incident"), moment)
    assert services.head().entries == 0


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    "statement", ["UPDATE register_auditentry SET actor = 'x'", "DELETE FROM register_auditentry"]
)
def test_the_database_refuses_to_change_the_trail(now: datetime, statement: str) -> None:
    """Not even our own program can."""
    services.look("dsl", "show", What("incident"), now)
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert services.head().entries == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), _JSON, max_size=4))
def test_canonical_json_does_not_depend_on_order(details: dict[str, object]) -> None:
    """The same details have the same bytes, all of them ASCII, whatever they hold."""
    turned = dict(reversed(details.items()))
    assert audit.canonical(details) == audit.canonical(turned)
    assert audit.canonical(details).isascii()
    assert "\0" not in audit.canonical(details)


@given(st.text(st.characters(exclude_categories=[])))
def test_plain_text_can_be_stored_anywhere(text: str) -> None:
    """Whatever a form sends: no NUL, valid UTF-8, and done once it is done."""
    held = audit.plain(text)
    assert "\0" not in held
    assert held.encode().decode() == held
    assert audit.plain(held) == held


def test_an_old_end_is_known_again(register: Register, template: Path, now: datetime) -> None:
    """The trail holds each end that it had; a register that was made anew does not."""
    first = services.look("dsl", "show", What("incident", "ab12cd34"), now)
    second = services.look("dsl", "show", What("incident", "ab12cd34"), now)
    assert services.holds(first)
    assert services.holds(second)
    assert not services.holds(Head(1, second.hash))
    register.close()
    with open_register(template):
        assert not services.holds(first)
