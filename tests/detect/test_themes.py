"""The themes that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import RuleError
from aup_monitor.detect import themes as module
from aup_monitor.detect.themes import themes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a file that stands in for the themes that ship."""
    path = tmp_path / "themes.yml"
    monkeypatch.setattr(module, "resource", lambda *_parts: path)
    themes.cache_clear()
    yield path
    themes.cache_clear()


def test_every_theme_says_what_a_report_calls_it_and_who_hears_of_it() -> None:
    """Each theme loads; gambling is commerce and is called Gambling."""
    assert themes()["gambling"].label == "Gambling"
    assert themes()["gambling"].kcsie == "commerce"
    assert len({theme.label for theme in themes().values()}) == len(themes())


def test_a_theme_about_a_child_at_risk_goes_to_safeguarding() -> None:
    """The grave themes are routed to the DSL and never as misconduct."""
    grave = ("self-harm", "extremism", "illegal", "exploitation", "bullying")
    assert {themes()[word].route for word in grave} == {"safeguarding"}


def test_a_damaged_file_is_named(elsewhere: Path) -> None:
    """A route that is not known is an error with the file and the theme."""
    elsewhere.write_text("gambling: {label: Gambling, kcsie: commerce, route: nobody}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"themes\.yml: gambling\.route"):
        themes()
