"""What a file is and what would come of it, said before anything is read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from aup_monitor.core.errors import InputError
from aup_monitor.formats import FORMATS
from aup_monitor.jobs.explain import explain

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"


def test_the_format_the_scores_and_the_columns() -> None:
    """The chosen format is the best of the scores; columns come with how often they are filled and an example."""
    told = explain(SAMPLES / "squid.log", FORMATS)
    assert (told.format, told.problem) == ("squid", None)
    assert told.scores[0][0] == "squid"
    assert told.lines[0].startswith("1768207501.104")
    columns = {c.column: c for c in told.columns}
    assert columns["user_name"].example == "r.okafor"
    assert 0 < columns["user_name"].share < columns["timestamp"].share == 1
    assert told.reasons == [("not the ten fields of Squid's native log", told.rejects)]


def test_a_compressed_mixed_file(tmp_path: Path) -> None:
    """Compression is named, and lines of other formats are counted by format."""
    path = tmp_path / "all.log.gz"
    lines = [(SAMPLES / name).read_bytes() for name in ("squid.log", "filterlog.log")]
    path.write_bytes(gzip.compress(b"".join(lines)))
    told = explain(path, FORMATS)
    assert told.compressed == "gz"
    assert {told.format, *dict(told.adopted)} >= {"squid", "filterlog"}


@pytest.mark.parametrize("content", [b"", b"nobody knows this line\n" * 9])
def test_a_file_that_no_format_fits(tmp_path: Path, content: bytes) -> None:
    """The reason is told with the file's lines, and nothing raises."""
    path = tmp_path / "x.log"
    path.write_bytes(content)
    told = explain(path, FORMATS)
    assert told.format is None
    assert told.problem
    assert str(path) in told.problem
    assert told.columns == []


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is an error in words."""
    with pytest.raises(InputError, match="there is no such file"):
        explain(tmp_path / "none.log", FORMATS)
