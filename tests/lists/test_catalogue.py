"""The catalogue is read strictly: a bad entry is named with its line, and costs no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.errors import RuleError
from aup_monitor.lists.catalogue import own_sources, protective_source, read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "  - {id: a, title: A, categories: [gambling], licence: CC0-1.0, file: starter/a.txt}\n"


def read(folder: Path, text: str) -> tuple[list[str], list[tuple[int, str, str]]]:
    """Return the ids and the problems of a catalogue with this text."""
    (folder / "catalogue.yml").write_text(text, encoding="utf-8")
    sources, problems = read_catalogue(folder)
    return [source.id for source in sources], problems


def test_absent_and_empty(tmp_path: Path) -> None:
    """A school need not have a catalogue."""
    assert read_catalogue(tmp_path) == ([], [])
    assert read(tmp_path, "# nothing yet\n") == ([], [])


@pytest.mark.parametrize(
    "bad",
    [
        "{id: b, title: B, categories: [gambling], licence: x}",
        "{id: b, title: B, categories: [gambling], licence: x, file: a.txt, url: 'https://lists.example/a'}",
        "{id: b, title: B, categories: [], licence: x, file: a.txt}",
        "{id: b, title: B, categories: [Gambling Sites], licence: x, file: a.txt}",
        "{id: b, title: B, categories: [gambling], licence: x, file: ../../secret}",
        "{id: b, title: B, categories: [gambling], licence: x, file: /etc/passwd}",
        "{id: b, title: B, categories: [gambling], licence: x, url: 'ftp://lists.example/a'}",
        "{id: b, title: B, categories: [gambling], licence: x, file: a.txt, formt: domains}",
        "{id: B 1, title: B, categories: [gambling], licence: x, file: a.txt}",
        "just text",
    ],
)
def test_bad_entry_is_named_with_its_line(tmp_path: Path, bad: str) -> None:
    """The entry before it and the entry after it are read."""
    ids, problems = read(tmp_path, f"lists:\n{GOOD}  - {bad}\n{GOOD.replace('id: a', 'id: c')}")
    assert ids == ["a", "c"]
    assert [(line, bool(reason)) for line, _, reason in problems] == [(3, True)]


def test_second_entry_of_an_id_is_named(tmp_path: Path) -> None:
    """Of two entries with one id the first holds, and the other is named."""
    ids, problems = read(tmp_path, f"lists:\n{GOOD}{GOOD}")
    assert ids == ["a"]
    assert "id" in problems[0][2]


@pytest.mark.parametrize(
    "text",
    [
        "lists: [",
        "- a\n- b\n",
        "lists: 3\n",
        "list:\n  - a\n",
        "lists: []\nmore: []\n",
        "\x00",
        "lists:\n  - {date: 2026-99-99}\n",
        "[" * 5000,
    ],
)
def test_not_a_catalogue(tmp_path: Path, text: str) -> None:
    """A file that is not of the form is an error that says where and what next."""
    with pytest.raises(RuleError) as caught:
        read(tmp_path, text)
    assert "catalogue.yml" in str(caught.value)
    assert caught.value.fix


def test_aliases_do_not_grow_without_bound(tmp_path: Path) -> None:
    """A file whose aliases would unfold to a thousand million words is named in a line."""
    levels = "".join(f"&l{n} [{','.join([f'*l{n - 1}'] * 9)}], " for n in range(1, 10))
    _, problems = read(tmp_path, f"lists:\n  - [&l0 [x], {levels}]\n")
    assert len(problems) == 1
    assert len(problems[0][1]) < 1000


def test_own_lists_need_no_catalogue(tmp_path: Path) -> None:
    """A text file named after a category is a list of it; another name is a problem."""
    (tmp_path / "own").mkdir()
    for name in ("gambling.txt", "My Sites.txt", "notes.doc"):
        (tmp_path / "own" / name).touch()
    sources, problems = own_sources(tmp_path, "own-")
    assert [(source.id, source.categories) for source in sources] == [("own-gambling", ("gambling",))]
    assert [text for _, text, _ in problems] == ["My Sites.txt"]


def test_own_protective_list(tmp_path: Path) -> None:
    """A school may protect more names; it need not."""
    assert protective_source(tmp_path, "own-") == []
    (tmp_path / "protective.txt").touch()
    assert [source.id for source in protective_source(tmp_path, "own-")] == ["own-protective"]
