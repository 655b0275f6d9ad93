"""A saved document is read back whole and renders to the same bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import InputError
from aup_monitor.render import RENDERERS, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from aup_monitor.core.document import HalfTermReport


@pytest.mark.parametrize("name", ["ordinary", "quiet", "dark", "hostile"])
def test_round_trip(
    rendered: Callable[[str, str], bytes], sample: Callable[[str], HalfTermReport], name: str
) -> None:
    """What is read is what was written, NULs and all."""
    assert load(rendered(name, "json")) == sample(name)


@pytest.mark.parametrize("renderer", sorted(RENDERERS))
def test_saved_report_renders_the_same(rendered: Callable[[str, str], bytes], renderer: str) -> None:
    """A report can be printed again from its JSON, byte for byte."""
    again = load(rendered("ordinary", "json").decode())
    assert RENDERERS[renderer].render(again) == rendered("ordinary", renderer)


@pytest.mark.parametrize("saved", [b"", b"nonsense", b"[]", b"{}", b"7", b"\xff\xfe"])
def test_what_is_no_report_is_refused(saved: bytes) -> None:
    """Another file is named as such, with what to do."""
    with pytest.raises(InputError, match="not a saved report"):
        load(saved)


def test_a_newer_report_is_refused(rendered: Callable[[str, str], bytes]) -> None:
    """A newer program's report says so instead of losing what is new."""
    saved = json.loads(rendered("quiet", "json")) | {"version": 2}
    with pytest.raises(InputError, match="version 2") as caught:
        load(json.dumps(saved))
    assert "upgrade" in str(caught.value)


def test_a_damaged_report_names_its_place(rendered: Callable[[str, str], bytes]) -> None:
    """A wrong value is named by where it stands."""
    saved = json.loads(rendered("ordinary", "json"))
    saved["incidents"][3]["severity"] = "grave"
    with pytest.raises(InputError) as caught:
        load(json.dumps(saved))
    assert caught.value.where == "incidents.3.severity"
