"""Values out of nested JSON lines: every type, keys with dots, and lines that would stop a reader."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.formats.json_paths import joined, json_paths

KEYS = st.sampled_from(["a", "b", "c", "a.b", "b.c", "a.b.c"])
VALUES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text()
TREES = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12)


def read(*lines: str | None, path: str = "a.b", dotted: bool = False) -> list[str | None]:
    """Return the value at a path in each line."""
    frame = pl.LazyFrame({"line": lines}, schema={"line": pl.String})
    return json_paths(frame, "line", {"found": path}, dotted=dotted).collect()["found"].to_list()


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('{"a":{"b":"x"}}', "x"),
        (' { "a" : { "c": {"b": "y"}, "b" : "x" } } ', "x"),
        ('{"a":{"b":12}}', "12"),
        ('{"a":{"b":-1.25}}', "-1.25"),
        ('{"a":{"b":1770000000123456789}}', "1770000000123456789"),
        ('{"a":{"b":true}}', "true"),
        ('{"a":{"b":["x",1,null]}}', '["x", 1, null]'),
        ('{"a":{"b":{"c":"\\"\\\\n"}}}', '{"c": "\\"\\\\n"}'),
        ('{"a":{"b":"C\\\\x \\"y\\" \\u00e9"}}', 'C\\x "y" é'),
        ('{"a":{"b":"x"},"a":{"b":"y"}}', "x"),
        *((f'{{"a":{{"b":{empty}}}}}', None) for empty in ("null", '""', '"-"', '"N/A"', "[]", "{}")),
        *((f'{{"a":{other}}}', None) for other in ("null", "5", '"x"', "[]", '[{"b":"x"}]')),
        ('{"b":"x"}', None),
        ('{"a.b":"x"}', None),
        ("{}", None),
    ],
)
def test_values(line: str, value: str | None) -> None:
    """Any type is text; what is absent, empty or of another shape is null."""
    assert read(line) == [value]


@pytest.mark.parametrize(
    "line",
    [
        '{"a":{"b":{"c":"x"}}}',
        '{"a.b.c":"x"}',
        '{"a.b":{"c":"x"}}',
        '{"a":{"b.c":"x"}}',
        '{"a":{"z":1},"a.b.c":"x"}',
        '{"a":"another","a.b":{"c":"x"}}',
    ],
)
def test_keys_with_dots(line: str) -> None:
    """A dotted path is found however its keys are nested."""
    assert read(line, path="a.b.c", dotted=True) == ["x"]


def test_first_of_several_paths() -> None:
    """The first path that has a value counts."""
    lines = ('{"a":{"b":1},"c":2}', '{"a":{"b":null},"c":2}', '{"d":3}')
    assert read(*lines, path="a.b|c") == ["1", "2", None]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "x",
        "\x00",
        "[1]",
        '"{}"',
        '{"a":{"b":"cut',
        '{"a":{"b":"x"}} {',
        '{"a":{"b":"x"}}{"a":{"b":"y"}}',
        '{"a":{"b":"x"}},{"a":{"b":"y"}}',
        '{"a":{"b":"x"}}\r{"a":{"b":"y"}}',
        '{"a":{"b":"x"}}\n{"a":{"b":"y"}}',
        '{"a":{"b":"x\ty"}}',
        '{"a":{"b":"\\ud8"}}',
        '{"a":{"b":"\\x"}}',
        '{"a":{"b":x}}',
        '{"a":{"b":1e999}}',
        '{"a":{"b":NaN}}',
        '{"a":{"b":01}}',
        '{"a":{"b":1},}',
        "{'a':{'b':1}}",
        '{"a":{"b":1}]}',
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "{" * 100_000 + "}",
    ],
)
def test_a_bad_line_harms_no_other(bad: str | None) -> None:
    """A line that is no object is told so, and the lines around it keep their values."""
    lines = ['{"a":{"b":"x"}}', bad, '{"a":{"b":"y"}}', bad, '{"a":{"b":"z"}}']
    frame = pl.LazyFrame({"line": lines}, schema={"line": pl.String})
    found = json_paths(frame, "line", {"found": "a.b", "other": "a.c"}).collect()
    assert found["found"].to_list() == ["x", None, "y", None, "z"]
    assert found["whole"].to_list() == [True, False, True, False, True]


def test_deep_values_are_text() -> None:
    """A thousand levels are read in a thread with a thread's stack."""
    line = '{"a":{"b":' + '{"c":' * 1000 + "1" + "}" * 1000 + "}}"
    with ThreadPoolExecutor(1) as pool:
        (text,) = pool.submit(read, line).result()
    assert text is not None
    assert text.count("{") == 1000


def test_no_lines() -> None:
    """No lines give no rows."""
    assert read() == []


@settings(max_examples=200)
@given(st.lists(st.dictionaries(KEYS, TREES), max_size=4))
def test_values_are_those_of_a_decoder(objects: list[dict[str, object]]) -> None:
    """What the path holds is what Python's decoder finds there, be it text or whole number."""
    lines = [json.dumps(item, ensure_ascii=index % 2 == 0) for index, item in enumerate(objects)]
    for item, found in zip(objects, read(*lines), strict=True):
        inner = item.get("a")
        value = inner.get("b") if isinstance(inner, dict) else None
        if isinstance(value, str):
            assert found == (
                value if value not in {"", "-", "N/A", "NA", "n/a", "None", "[]", "{}"} else None
            )
        elif isinstance(value, bool) or value is None:
            assert found == (None if value is None else str(value).lower())
        elif isinstance(value, int) and abs(value) < 2**63:
            assert found == str(value)


@settings(max_examples=100)
@given(st.lists(st.text(), max_size=6))
def test_any_lines_give_a_row_each(lines: list[str]) -> None:
    """Whatever the lines hold, there is one row for each."""
    assert len(read(*lines, '{"a":{"b":1}}')) == len(lines) + 1


@pytest.mark.parametrize(
    ("value", "key", "text"),
    [
        (["x", "y"], None, "x,y"),
        (["x"], None, "x"),
        ([1, 2.5, True], None, "1,2.5,true"),
        (['a "b"', "C\\d\\", "é\n"], None, 'a "b",C\\d\\,é\n'),
        ("x,y", None, "x,y"),
        ("[::1]", None, "[::1]"),
        (None, None, None),
        ([], None, None),
        ([None], None, None),
        ([{"data": "192.0.2.1", "ttl": 5}, {"ttl": 6, "data": "a.example"}], "data", "192.0.2.1,a.example"),
        ([{"note": '"data": "x"', "data": "y"}], "data", "y"),
        ([{"rdata": "x"}], "data", None),
        ({"class": "IN", "data": "192.0.2.1"}, "data", "192.0.2.1"),
    ],
)
def test_lists_are_joined(value: object, key: str | None, text: str | None) -> None:
    """Items, or one value of each item, stand in one text."""
    frame = pl.LazyFrame({"line": [json.dumps({"a": {"b": value}})]})
    found = json_paths(frame, "line", {"list": "a.b"}).select(joined("list", key).alias("list")).collect()
    assert found["list"].to_list() == [text]
