"""What a test asks of a real server, and how it finds each request again in the server's log."""

from __future__ import annotations

import sys
from collections.abc import Iterator  # noqa: TC003 - fixtures are read at run time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from aup_monitor.core.format import Context, Format
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import HEAD_BYTES, recognise

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from servers import folder_of_all, name_server, web_server


@dataclass
class Run:
    """One run of a server: what was asked of it, in order, each as the columns that its event must have."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def expect(self, **columns: Any) -> None:
        """Note a request just made."""
        self.asked.append(columns)

    def check(self, fmt: Format, log: Path) -> list[dict[str, Any]]:
        """Read the log: it is recognised, nothing is rejected, and its events are what was asked, one each, in order."""
        ended = datetime.now(UTC)
        events = events_of(fmt, log)
        # Logs that write whole seconds cut the fraction off.
        began, until = self.began - timedelta(seconds=1), ended + timedelta(seconds=1)
        assert all(began <= event["timestamp"] <= until for event in events)
        found = [
            {name: event.get(name) for name in columns}
            for event, columns in zip(events, self.asked, strict=False)
        ]
        assert found == self.asked
        assert len(events) == len(self.asked), events[len(self.asked) :]
        return events


def events_of(fmt: Format, log: Path) -> list[dict[str, Any]]:
    """Return a log's events in the file's order, read by the format that is recognised, which must be `fmt`."""
    with log.open("rb") as file:
        assert recognise(file.read(HEAD_BYTES)).name == fmt.name
        file.seek(0)
        context = Context(zone="UTC", reference=datetime.now(UTC))
        frame = pl.concat([block.frame for block in read_blocks(fmt, file, context)], how="diagonal")
    rejects = frame.filter(pl.col("reject").is_not_null())["reject"].to_list()
    assert rejects == []
    assert frame.height == log.read_bytes().count(b"\n")
    return frame.filter(~pl.col("skip")).sort("offset").to_dicts()


@pytest.fixture
def run() -> Run:
    """Return a run that begins now."""
    return Run()


@pytest.fixture
def web() -> Iterator[int]:
    """Run a web server that stands for every site; return its port."""
    with web_server() as port:
        yield port


@pytest.fixture
def upstream() -> Iterator[int]:
    """Run a name server that knows every name; return its port."""
    with name_server() as port:
        yield port


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that a server's own account may write to."""
    with folder_of_all() as folder:
        yield folder
