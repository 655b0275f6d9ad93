"""Captures as a format: the sample's events, byte for byte; recognising, resuming, the same whatever the block size."""

from __future__ import annotations

import gzip
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from aup_monitor.capture import packets
from aup_monitor.capture.pcap import FORMAT, read, sniff
from aup_monitor.core.format import Context
from aup_monitor.core.schema import EVENT_SCHEMA, OUTCOMES
from aup_monitor.core.workspace import open_workspace
from aup_monitor.formats import FORMATS
from aup_monitor.formats.completed import completed
from aup_monitor.formats.recognise import HEAD_BYTES, recognise
from aup_monitor.jobs.formats import page
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.jobs.init import init
from aup_monitor.lake import Lake
from tests.capture.sample import capture

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_logs" / "formats" / "pcap.pcap"
GOLDEN = ROOT / "tests" / "golden" / "formats" / "pcap.json"
REFRESH = "AUP_REFRESH_GOLDENS=1 .venv/bin/pytest tests/capture/test_pcap.py"
THEIRS = ROOT.parent / "shared" / "samples"
NOW = datetime(2026, 1, 20, tzinfo=UTC)


def rows(content: bytes, after: int = -1) -> pl.DataFrame:
    """Return the rows of a capture."""
    frames = list(read(io.BytesIO(content), Context(), after))
    return pl.concat(frames) if frames else pl.DataFrame(schema={"offset": pl.Int64})


def test_the_sample_is_what_makes_it() -> None:
    """The file that ships is built from what can be read in `sample.py`."""
    if os.environ.get("AUP_REFRESH_GOLDENS"):
        SAMPLE.write_bytes(capture())
    assert SAMPLE.read_bytes() == capture(), f"if the difference is meant: {REFRESH}"


def test_the_sample_gives_its_golden() -> None:
    """Each packet of the sample is the event, the reject or the nothing that it should be."""
    frame = completed(FORMAT, rows(capture()))
    told = [
        {
            name: value if isinstance(value, int | str) else str(value)
            for name, value in row.items()
            if value is not None
        }
        for row in frame.iter_rows(named=True)
    ]
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("AUP_REFRESH_GOLDENS"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), f"read the difference; if it is meant: {REFRESH}"


def test_it_keeps_the_contract_of_formats() -> None:
    """It fills what it says it can fill, with outcomes that are known; each packet has one row; its page is told."""
    frame = rows(capture())
    assert frame["offset"].to_list() == list(range(len(frame)))
    filled = {c for c in frame.columns if c in EVENT_SCHEMA and frame[c].count()}
    assert filled <= set(FORMAT.fills)
    assert set(FORMAT.fills) - filled == set()
    assert set(frame["event_outcome"].drop_nulls()) <= set(OUTCOMES)
    assert "Encrypted ClientHello" in page(FORMAT)


def test_it_is_recognised_and_nothing_else_is() -> None:
    """By its first bytes, in all its variants; no sample of another format is taken for a capture."""
    formats = (*FORMATS, FORMAT)
    assert recognise(capture()[:HEAD_BYTES], formats).name == "pcap"
    others = [p for p in SAMPLE.parent.iterdir() if p != SAMPLE]
    assert [p.name for p in others if sniff(p.read_bytes()[:HEAD_BYTES])] == []


@pytest.mark.parametrize("block", [200, 1500, 4096])
def test_the_result_does_not_depend_on_the_block(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, doubled or changed where a batch of packets ends, wherever that is."""
    whole = rows(capture())
    given = packets.read_packets
    monkeypatch.setattr("aup_monitor.capture.pcap.read_packets", lambda file: given(file, block))
    assert rows(capture()).equals(whole)


@pytest.mark.parametrize("after", [0, 7, 30])
def test_a_reading_goes_on_where_one_was_killed(after: int) -> None:
    """What is given after packet n is what was given of it in one go."""
    whole = rows(capture())
    assert rows(capture(), after).equals(whole.filter(pl.col("offset") > after))


def test_a_capture_goes_into_the_lake_once(tmp_path: Path) -> None:
    """Compressed or not, read twice: one set of events, leases too, and rejects that say why."""
    init(tmp_path / "w", "Elm Park School", NOW)
    place = open_workspace(tmp_path / "w")
    (tmp_path / "a.pcap").write_bytes(capture())
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(capture()))
    tally = ingest(place, items_of(place, [str(tmp_path / "a.pcap")]), NOW)
    again = ingest(place, items_of(place, [str(tmp_path / "b.pcap.gz")]), NOW)
    assert tally.problems == again.problems == []
    assert tally.events == rows(capture()).filter(~pl.col("skip"), pl.col("reject").is_null()).height
    assert (tally.rejects, again.lines) == (2, 0)
    leases = Lake(place.lake).scan("leases").select("source_ip", "source_mac", "host_name").collect()
    assert leases.rows() == [("192.0.2.23", "02:00:00:00:00:17", "library-pc-4")]


def test_every_packet_of_real_captures_has_one_row() -> None:
    """All captures of others are read to their end, and nearly no packet of them is refused."""
    files = sorted(
        p
        for folder in ("pcaps", "pcaps-ja4")
        for p in (THEIRS / folder).glob("*")
        if p.suffix in (".pcap", ".pcapng")
    )
    if not files:
        pytest.skip("the captures of others are not here")
    refused = 0
    for path in files:
        frame = rows(path.read_bytes())
        assert frame["offset"].to_list() == list(range(len(frame))), path.name
        refused += frame["reject"].count()
    assert refused == 0
