"""`aup ingest --explain`: what a file is, in words, without a workspace."""

from __future__ import annotations

from pathlib import Path

from running import run

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"


def test_it_needs_no_workspace_and_writes_nothing() -> None:
    """Lines, scores, format and columns are printed, and no file is left behind."""
    done = run(None, "ingest", "--explain", str(SAMPLES / "fortigate.log"))
    assert (done.code, done.err) == (0, "")
    for word in ("| <189>date=", "fortigate\t", "Read as: FortiGate log", "user_name\t", "bad line"):
        assert word in done.out
    assert list(Path.cwd().iterdir()) == []


def test_a_file_that_nothing_fits_is_explained_too(tmp_path: Path) -> None:
    """Its lines are shown, and what to do next; a terminal's own characters are made harmless."""
    path = tmp_path / "x.log"
    path.write_text("a line \x1b[31mof nobody\x07\n" * 3)
    done = run(None, "ingest", "--explain", str(path))
    assert done.code == 0
    assert "no known format fits this file" in done.out
    assert "aup formats custom" in done.out
    assert "\x1b" not in done.out


def test_no_file_and_no_such_file(tmp_path: Path) -> None:
    """Each says what to type."""
    none = run(None, "ingest", "--explain")
    missing = run(None, "ingest", "--explain", str(tmp_path / "none"))
    assert (none.code, missing.code) == (2, 3)
    assert "aup ingest --explain FILE" in none.err
    assert "there is no such file" in missing.err
