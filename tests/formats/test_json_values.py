"""Values out of JSON lines: every type, escapes, several keys, and hostile lines."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.formats.json_values import is_object, json_list, json_texts


def read(line: str, key: str = "a") -> str | None:
    """Return the value of a key in one line."""
    frame = json_texts(pl.LazyFrame({"line": [line]}), "line", {"found": key}).collect()
    value = frame["found"][0]
    assert value is None or isinstance(value, str)
    return value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('{"a":"x"}', "x"),
        ('{ "a" : "x" }', "x"),
        ('{"a":12}', "12"),
        ('{"a":-1.5e3}', "-1.5e3"),
        ('{"a":true}', "true"),
        ('{"a":null}', None),
        ('{"a":""}', None),
        ('{"a":"-"}', None),
        ('{"a":"None"}', None),
        ('{"b":"x"}', None),
        ('{"b":"\\"a\\":\\"y\\"","a":"x"}', "x"),
        ('{"a":"C\\\\x \\"y\\" \\u00e9"}', 'C\\x "y" é'),
        ('{"a":"\\ud800"}', "\\ud800"),
        ('{"a":"cut', None),
        ('{"aa":"y"}', None),
    ],
)
def test_values_of_every_type(line: str, value: str | None) -> None:
    """Texts lose quotes and escapes, numbers stay as written, what says nothing is null."""
    assert read(line) == value


def test_the_first_of_several_keys() -> None:
    """A key that has two names is found by either."""
    assert read('{"user":"alice"}', "login|user") == "alice"
    assert read('{"login":"bob"}', "login|user") == "bob"


def test_lists_and_whole_objects() -> None:
    """The items of a list are joined; a line that was cut is no object."""
    lines = pl.DataFrame(
        {
            "line": ['{"a":["x, y","z"],"b":[]}', '{"a":[1,2]}', '{"a":["x'],
        }
    )
    assert lines.select(json_list("line", "a"))["line"].to_list() == ["x, y,z", "1,2", None]
    assert lines.select(json_list("line", "b"))["line"].to_list() == [None, None, None]
    assert lines.select(is_object("line"))["line"].to_list() == [True, True, False]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    other=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    ascii_only=st.booleans(),
)
def test_any_text_comes_back(value: str, other: str, *, ascii_only: bool) -> None:
    """Whatever stands in a text, and in the one before it, is read as a JSON parser reads it."""
    line = json.dumps({"b": other, "a": value}, ensure_ascii=ascii_only).replace("\x85", "")
    expected = json.loads(line)["a"]
    assert read(line) == (None if expected in ("", "-", "N/A", "NA", "n/a", "None") else expected)
