"""What DNS formats share: names, types, outcomes, and which answer's question was logged."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.formats.dns import questions
from aup_monitor.formats.dns.questions import asked_before, outcome_of, question_name, question_type


def one(value: str | None, expression: pl.Expr) -> object:
    """Return what an expression on the column `text` makes of one value."""
    return pl.DataFrame({"text": [value]}, schema={"text": pl.String}).select(expression).item()


@pytest.mark.parametrize(
    ("written", "told"),
    [("WWW.Example.ORG.", "www.example.org"), ("a", "a"), (".", None), ("-", None), ("", None), (None, None)],
)
def test_names_are_lower_case_without_a_final_dot(written: str | None, told: str | None) -> None:
    """The root and a missing name are none."""
    assert one(written, question_name("text")) == told


@pytest.mark.parametrize(
    ("written", "told"),
    [("A", "A"), ("65", "HTTPS"), ("TYPE64", "SVCB"), ("99", "TYPE99"), ("TYPE99", "TYPE99"), (None, None)],
)
def test_types_have_one_name(written: str | None, told: str | None) -> None:
    """Numbers that have a name get it; others are written as RFC 3597 does."""
    assert one(written, question_type("text")) == told


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("NOERROR", "allowed"),
        ("REFUSED", "blocked"),
        ("NXDOMAIN", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_codes_say_what_became_of_it(code: str | None, outcome: str) -> None:
    """Only an answer and a refusal say something for certain."""
    assert one(code, outcome_of("text")) == outcome


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    events=st.lists(
        st.tuples(st.booleans(), st.sampled_from("ab"), st.sampled_from([None, "x", "y"])), max_size=30
    ),
    reach=st.integers(1, 5),
)
def test_an_answer_finds_its_question(events: list[tuple[bool, str, str | None]], reach: int) -> None:
    """A plain loop over the lines finds the same questions, as far back and no further."""
    frame = pl.LazyFrame(
        {"asks": [e[0] for e in events], "client": [e[1] for e in events], "name": [e[2] for e in events]},
        schema={"asks": pl.Boolean, "client": pl.String, "name": pl.String},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "LOOKBACK", reach)
        found = asked_before(frame, "asks", ["client", "name"]).collect()["asked_before"].to_list()
    expected = [
        not asks and any(past[0] and past[1:] == (client, name) for past in events[max(0, at - reach) : at])
        for at, (asks, client, name) in enumerate(events)
    ]
    assert found == expected
