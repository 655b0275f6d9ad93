"""EVTX files: every real one against its independent dump, resuming, and damage in many places."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
from typing import IO, TYPE_CHECKING, Any, cast

import polars as pl
import pytest
from evtx import PyEvtxParser

from aup_monitor.core.format import Context
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.endpoint import evtx
from aup_monitor.formats.endpoint.evtx import CHUNK_BYTES, CHUNK_HEADER, FORMAT, HEADER_BYTES, read, sniff
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.recognise import recognise

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    """Return the folder of real Windows events."""
    return shared / "samples" / "windows-events"


@pytest.fixture(scope="module")
def security(folder: Path) -> bytes:
    """Return a real Security log of ten chunks, 789 records, two of them 6416."""
    return (folder / "evtx" / "Velocidex__RDPAuth_Security.evtx").read_bytes()


def whole(file: IO[bytes] | bytes, after: int = -1) -> pl.DataFrame:
    """Return all that is read of a file, in the order of its records."""
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    frames = list(read(stream, Context(), after))
    none = pl.DataFrame(schema={"offset": pl.Int64, "reject": pl.String, "skip": pl.Boolean})
    return pl.concat([none, *frames], how="diagonal").sort("offset")


def library(path: Path) -> list[dict[str, Any]]:
    """Return the whole file's records as the library gives them, without our cutting it into chunks."""
    return list(PyEvtxParser(str(path)).records_json())


def test_every_real_file_is_read_whole(folder: Path) -> None:
    """Each of 121 files gives a row a record, in order, none rejected; the cut one even its last chunk."""
    files = sorted(folder.rglob("*.evtx"))
    assert len(files) == 121
    for path in files:
        frame, truth = whole(path.read_bytes()), [record["event_record_id"] for record in library(path)]
        assert frame["offset"].to_list()[: len(truth)] == sorted(truth), path.name
        assert frame["reject"].null_count() == len(frame), path.name
        # the library leaves out the last chunk of this file, 200 bytes short of its end
        assert len(frame) - len(truth) == (90 if path.name == "plaso__evtx__System2.evtx" else 0), path.name


def test_as_many_rows_as_the_independent_dumps_have_events(folder: Path) -> None:
    """Winlogbeat's own dump of a file has an event for each row of ours."""
    compared = 0
    for dump in sorted(folder.glob("*.evtx.golden.json")):
        file = folder / dump.name.removesuffix(".golden.json")
        if file.exists():
            assert len(whole(file.read_bytes())) == len(json.loads(dump.read_text())), dump.name
            compared += 1
    assert compared > 90


def test_times_and_computers_of_our_events(folder: Path) -> None:
    """Number, time and computer of the events we read are those that the library decodes from the whole file."""
    ours = {6416, 7045, 20001, 20003}
    of_ours = pl.col("event_code").is_in([str(code) for code in ours])
    counts = dict.fromkeys(ours, 0)
    for path in sorted(folder.rglob("*.evtx")):
        truth = {}
        for record in library(path):
            system = json.loads(record["data"])["Event"]["System"]
            code = system["EventID"]
            code = code["#text"] if isinstance(code, dict) else code
            if code in ours:
                counts[code] += 1
                time = system["TimeCreated"]["#attributes"]["SystemTime"]
                truth[record["event_record_id"]] = (str(code), time, system["Computer"])
        frame = whole(path.read_bytes())
        if truth:
            events = frame.filter(of_ours & ~pl.col("skip")).with_columns(
                pl.col("timestamp").dt.strftime("%FT%T%.6fZ")
            )
            rows = events.select("offset", "event_code", "timestamp", "host_name").iter_rows()
            assert {row[0]: row[1:] for row in rows} == truth, path.name
        else:
            assert frame.filter(of_ours)["skip"].all(), path.name
    assert counts == {6416: 2, 7045: 101, 20001: 91, 20003: 83}


def test_what_a_real_system_log_says(folder: Path) -> None:
    """Drivers and services of a real computer, with devices, programs and nobody's name."""
    frame = whole((folder / "evtx" / "omerbenamram__2-vss_7-System.evtx").read_bytes()).filter(
        ~pl.col("skip")
    )
    vpn = frame.filter(pl.col("device_name") == "TeamViewer VPN Adapter").row(0, named=True)
    assert (vpn["event_action"], vpn["device_class"], vpn["package_publisher"]) == (
        "driver-installed",
        "Net",
        "TeamViewer GmbH",
    )
    update = frame.filter(pl.col("package_name") == "Google Update Service (gupdate)").row(0, named=True)
    assert update["process_executable"] == r"C:\Program Files (x86)\Google\Update\GoogleUpdate.exe"
    assert update["file_name"] == "GoogleUpdate.exe"
    assert frame["user_name"].null_count() == len(frame)
    assert all(frame.schema[name] == EVENT_SCHEMA[name] for name in frame.columns if name in EVENT_SCHEMA)


def test_reading_resumes_after_a_record(security: bytes) -> None:
    """Only records with higher numbers come; those of earlier chunks are not decoded again."""
    full = whole(security)
    for after in (0, 505_852, 505_853, 506_000, 506_640, 506_641, 10**9):
        rest = whole(security, after)
        assert rest["offset"].to_list() == [number for number in full["offset"] if number > after]


def test_a_file_that_grows_keeps_its_identity(security: bytes) -> None:
    """The kilobyte that names the file is its first record's, whatever its header says, and the rest is read once."""
    young = security[: HEADER_BYTES + 3 * CHUNK_BYTES]
    grown = bytearray(security)
    grown[16:48] = bytes(range(32))
    names = {file[FORMAT.fingerprint_at :][:1024] for file in (young, bytes(grown))}
    assert len(names) == 1
    blocks = list(read_blocks(FORMAT, io.BytesIO(young), Context()))
    later = list(read_blocks(FORMAT, io.BytesIO(bytes(grown)), Context(), blocks[-1].end))
    numbers = [number for block in blocks + later for number in block.frame["offset"]]
    assert sorted(numbers) == list(range(505_853, 506_642))


def test_a_log_that_wrapped_is_read_in_order(security: bytes) -> None:
    """With the newest chunk first in the file, records still come in the order of their numbers."""
    chunks = [
        security[at : at + CHUNK_BYTES]
        for at in range(HEADER_BYTES, HEADER_BYTES + 10 * CHUNK_BYTES, CHUNK_BYTES)
    ]
    wrapped = security[:HEADER_BYTES] + b"".join(chunks[7:] + chunks[:7])
    assert whole(wrapped)["offset"].to_list() == whole(security)["offset"].to_list()


def test_frames_are_bounded(security: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame never has more records than its limit, and the frames together are the file."""
    monkeypatch.setattr(evtx, "FRAME_RECORDS", 2_600)
    monkeypatch.setattr(evtx, "_MOST_RECORDS", 2_340)
    frames = list(read(io.BytesIO(security), Context(), -1))
    assert len(frames) == 3
    assert max(map(len, frames)) <= 2_600
    assert sorted(pl.concat(frames, how="diagonal")["offset"]) == list(range(505_853, 506_642))
    assert [frame["offset"].min() for frame in frames] == sorted(frame["offset"].min() for frame in frames)


def test_a_stream_that_runs_one_way(security: bytes) -> None:
    """A compressed or unseekable stream gives what the plain file gives."""

    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

    plain = whole(security)
    assert whole(OneWay(security)).equals(plain)
    with gzip.open(io.BytesIO(gzip.compress(security))) as stream:
        assert whole(cast("IO[bytes]", stream)).equals(plain)


def test_magic() -> None:
    """The magic alone decides, and an EVTX file is recognised among all formats."""
    assert sniff(b"ElfFile\x00" + bytes(4088)) == 1
    assert sniff(b"ElfFile") == 0
    assert recognise(b"ElfFile\x00" + bytes(4088)).name == "evtx"


def test_a_damaged_record_costs_itself(security: bytes) -> None:
    """Each record of the chunk is an event, skipped or a reject with its number, and the other chunks are whole."""
    broken = bytearray(security)
    at = HEADER_BYTES + CHUNK_BYTES + 5_000
    broken[at : at + 64] = b"\xff" * 64
    frame = whole(bytes(broken))
    assert sorted(frame["offset"]) == list(range(505_853, 506_642))
    lost = frame.filter(pl.col("reject").is_not_null())
    assert 0 < len(lost) < 105
    assert set(lost["reject"]) == {"the record does not decode"}
    assert lost["offset"].is_between(505_948, 506_052).all()


@pytest.mark.parametrize(
    ("at", "damage", "reason"),
    [
        (0, b"x" * 8, "a stretch of the file is damaged"),
        (0, bytes(128), "a stretch of the file is damaged"),
        (24, struct.pack("<QQ", 5, 1 << 63), "a stretch of the file has a damaged header"),
        (24, struct.pack("<QQ", 9, 3), "a stretch of the file has a damaged header"),
    ],
)
def test_a_damaged_chunk_header_is_one_reject(security: bytes, at: int, damage: bytes, reason: str) -> None:
    """It is counted once, not again by the next reading, and the other nine chunks are read."""
    broken = bytearray(security)
    start = HEADER_BYTES + CHUNK_BYTES + at
    broken[start : start + len(damage)] = damage
    frame = whole(bytes(broken))
    assert frame["reject"].drop_nulls().to_list() == [reason]
    assert len(frame) == 789 - 105 + 1
    assert whole(bytes(broken), 506_641).is_empty()


@pytest.mark.parametrize(
    "cut", [8, 100, 4095, 4096, 4100, 4607, 4608, 4700, 30_000, 69_631, 69_632, 69_700, 200_000]
)
def test_a_cut_file(security: bytes, cut: int) -> None:
    """Wherever the file ends, the records before are read and those that are counted but cut off are rejects."""
    frame = whole(security[:cut])
    chunks, over = divmod(max(cut - HEADER_BYTES, 0), CHUNK_BYTES)
    headers = chunks + (over >= CHUNK_HEADER)
    counted = [0, 95, 200, 307, 389][headers]
    torn = cut < HEADER_BYTES or 0 < over < CHUNK_HEADER
    assert len(frame) == counted + torn
    assert (frame["reject"].count() > 0) == (torn or cut in {4608, 4700, 30_000})


def test_junk_never_raises(security: bytes) -> None:
    """Bytes overwritten, moved and cut at random give frames, and never more rows of a record than one."""
    chance = random.Random(20260112)
    for _ in range(150):
        junk = bytearray(security[: HEADER_BYTES + 2 * CHUNK_BYTES])
        for _ in range(chance.choice([1, 3, 30])):
            size = chance.choice([1, 4, 200])
            at = (
                chance.randrange(8, len(junk) - size)
                if chance.random() < 0.7
                else chance.randrange(4096, 4608)
            )
            junk[at : at + size] = chance.choice([chance.randbytes(size), b"\xff" * size, bytes(size)])
        frame = whole(bytes(junk[: chance.randrange(8, len(junk))]))
        assert not frame.filter(pl.col("reject").is_null())["offset"].is_duplicated().any()
    assert whole(b"ElfFile\x00" + chance.randbytes(300_000))["reject"].count() == 5
