"""The digits that a person types, and the incident that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aup_monitor.core.errors import NotFoundError
from aup_monitor.register import services

if TYPE_CHECKING:
    from datetime import datetime

    from conftest import MakeIncident

    from aup_monitor.register.connect import Register

pytestmark = pytest.mark.usefixtures("register")


@pytest.fixture
def similar(register: Register, incident: MakeIncident, now: datetime) -> None:
    """Four ids, of which three begin alike and two more so."""
    assert register.place
    ids = ("ab12cd3400000000", "ab12cd3411111111", "ab12ffff00000000", "0123456789abcdef")
    services.record([incident(key[-9:], id=key) for key in ids], [], now)


@pytest.mark.parametrize("reference", ["0123", "01234567", "0123456789abcdef", " 0123456789ABCDEF\n"])
@pytest.mark.usefixtures("similar")
def test_the_first_digits_find_an_incident(reference: str) -> None:
    """Four digits do, where no other begins so; capitals and spaces from a copied line do not matter."""
    assert services.find(reference).incident.id == "0123456789abcdef"


@pytest.mark.parametrize(
    ("reference", "candidates"),
    [
        ("ab12", "ab12cd3400000000, ab12cd3411111111, ab12ffff00000000"),
        ("ab12cd34", "ab12cd3400000000, ab12cd3411111111"),
    ],
)
@pytest.mark.usefixtures("similar")
def test_digits_that_several_share_list_them(reference: str, candidates: str) -> None:
    """Nobody is picked by chance; the candidates are told apart."""
    with pytest.raises(NotFoundError, match=f"incidents begin with {reference}") as caught:
        services.find(reference)
    assert caught.value.fix == f"give more digits: {candidates}"


def test_many_candidates_are_cut_short(incident: MakeIncident, now: datetime) -> None:
    """Eight are enough to see that more digits are needed."""
    services.record([incident(f"s{n}", id=f"abcd{n:04x}00000000") for n in range(20)], [], now)
    with pytest.raises(NotFoundError, match="20 incidents") as caught:
        services.find("abcd")
    assert str(caught.value.fix).endswith("abcd0006, abcd0007, ...")


@pytest.mark.parametrize(
    ("reference", "near"),
    [
        ("01234576", "did you mean 01234567?"),
        ("0133", "did you mean 01234567?"),
        ("ab12cd3400000001", "did you mean ab12cd3400000000?"),
        ("ffffffff", "list the incidents to see their references"),
    ],
)
@pytest.mark.usefixtures("similar")
def test_a_mistyped_reference_names_near_ones(reference: str, near: str) -> None:
    """One digit wrong, or two swapped."""
    with pytest.raises(NotFoundError, match="there is no incident") as caught:
        services.find(reference)
    assert caught.value.fix == near
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    "reference", ["", "abc", "SR-0001", "0123456789abcdef0", "%%%%", "____", "٠١٢٣", "f.marsh"]
)
@pytest.mark.usefixtures("similar")
def test_what_cannot_be_a_reference_is_said_so(reference: str) -> None:
    """Too short, too long, other letters, wildcards of the database, digits of other scripts."""
    with pytest.raises(NotFoundError, match="is not the reference"):
        services.find(reference)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20))
@pytest.mark.usefixtures("similar")
def test_no_text_finds_by_chance(reference: str) -> None:
    """Whatever is typed: the incident that begins so, or an error."""
    try:
        found = services.find(reference)
    except NotFoundError:
        return
    assert found.incident.id.startswith(reference.strip().lower())
