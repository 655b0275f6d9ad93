"""What is printed: plain where there is no terminal, harmless whatever a log holds, JSON that parses."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.cli.output import print_table, progress
from aup_monitor.cli.plain import harmless, say, say_json

if TYPE_CHECKING:
    from school import School

HOSTILE = "\x1b[31m[bold red]www.example.org[/]\x07\u202e\x9b2J\r\n\tx"
ROW = {
    "host": HOSTILE,
    "day": date(2026, 9, 7),
    "when": datetime(2026, 9, 7, 10, 40, tzinfo=UTC),
    "events": 1204,
    "share": 0.5,
    "known": True,
    "none": None,
    "both": ("a", "b"),
}


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def printed(capsys: pytest.CaptureFixture[str], *, as_json: bool = False) -> str:
    """Print the row, and return what came out."""
    print_table([ROW], list(ROW), as_json=as_json, empty="")
    return capsys.readouterr().out


def test_plain_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Two lines, as many tabs in each: a spreadsheet or `cut` reads it."""
    head, row = printed(capsys).splitlines()
    assert head.split("\t") == list(ROW)
    assert row.split("\t")[1:] == ["2026-09-07", "2026-09-07 10:40", "1,204", "50%", "yes", "", "a, b"]


def test_a_log_cannot_command_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escapes, bells and turned text come out as U+FFFD; square brackets are themselves."""
    cell = printed(capsys).splitlines()[1].split("\t")[0]
    assert cell.isprintable()
    assert "[31m[bold red]www.example.org[/]" in cell
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "400")
    print_table([ROW], ["host"], as_json=False, empty="")
    assert "[bold red]www.example.org[/]" in terminal.getvalue()
    assert not {"\x07", "\u202e", "\x9b", "\r"} & set(terminal.getvalue())
    assert "\x1b[31m" not in terminal.getvalue()


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Dates are ISO 8601, tuples are lists, hostile text comes back whole and never raw."""
    text = printed(capsys, as_json=True)
    (row,) = json.loads(text)
    assert row["day"] == "2026-09-07"
    assert datetime.fromisoformat(row["when"]) == ROW["when"]
    assert row["host"] == HOSTILE
    assert (row["events"], row["known"], row["none"], row["both"]) == (1204, True, None, ["a", "b"])
    assert text.replace("\n", "").isprintable()


def test_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """No rows are said in words, and are [] in JSON."""
    print_table([], ["host"], as_json=False, empty="Nothing fits.")
    print_table([], ["host"], as_json=True, empty="Nothing fits.")
    assert capsys.readouterr().out == "Nothing fits.\n[]\n"


@given(st.text())
def test_harmless(text: str) -> None:
    """Any text becomes one printable line of the same length, and stays so."""
    assert harmless(text).isprintable()
    assert len(harmless(text)) == len(text)
    assert harmless(harmless(text)) == harmless(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_in_json_comes_back(value: object) -> None:
    """Whatever is escaped is read back as it was."""
    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        say_json(value)
    assert json.loads(stream.getvalue()) == value
    assert stream.getvalue().replace("\n", "").isprintable()


def test_lines_of_our_own_stay_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The remedy of an error stays on its own line; a carriage return in a file's name does not move the cursor."""
    say("bad\rname\x1b[2J: wrong\n  Next: aup status", err=True)
    assert capsys.readouterr().err == "bad\ufffdname\ufffd[2J: wrong\n  Next: aup status\n"


def test_a_log_in_incidents_show(
    school: School, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision's words that hold line ends stay under their own key."""
    from aup_monitor.cli import main

    reference = school.incidents()[0].reference
    school.decide(reference, "inadvertent", reason="an advert\nstate   closed\x1b[2J")
    monkeypatch.setattr(sys, "argv", ["aup", "-w", str(school.folder), "incidents", "show", reference])
    with pytest.raises(SystemExit):
        main()
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not any(line.startswith("state   closed") for line in out.splitlines())


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a timer's log there is no bar."""
    with progress("Reading") as move:
        move("access.log", 0, 2)
        move("", 2, 2)
    assert capsys.readouterr() == ("", "")


def test_progress_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the bar shows the file and how many are done, on stderr."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with progress("Reading") as move:
        move("access.log", 1, 2)
    assert "Reading" in terminal.getvalue()
