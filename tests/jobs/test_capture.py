"""Live capture, between two real network namespaces: real clients, what is kept, what is said when it cannot work."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from aup_monitor.capture.live import interfaces
from aup_monitor.capture.pcap import read
from aup_monitor.core.errors import ConfigError, StoreError
from aup_monitor.core.format import Context
from aup_monitor.core.locks import locked
from aup_monitor.core.workspace import open_workspace
from aup_monitor.jobs.capture import Order, _Intake, capture
from aup_monitor.jobs.init import init
from aup_monitor.lake import Lake
from tests.capture.sample import capture as sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.core.workspace import Workspace

NOW = datetime(2026, 1, 14, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
CLIENT, SERVER = f"aup-c{os.getpid()}", f"aup-s{os.getpid()}"
AUP = [sys.executable, "-c", "from aup_monitor.cli import main; main()"]


def namespaces_work() -> bool:
    """Tell whether this account may make network namespaces."""
    ip = shutil.which("ip")
    if not ip or sys.platform != "linux":
        return False
    made = (
        subprocess.run([ip, "netns", "add", f"{CLIENT}-try"], capture_output=True, check=False).returncode
        == 0
    )
    subprocess.run([ip, "netns", "delete", f"{CLIENT}-try"], capture_output=True, check=False)
    return made


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """Make a workspace."""
    init(tmp_path / "w", "Elm Park School", NOW)
    return open_workspace(tmp_path / "w")


@pytest.fixture
def network() -> Iterator[None]:
    """Join two namespaces by a cable: 192.0.2.1 is the client, 192.0.2.2 the server."""
    if not namespaces_work():
        pytest.skip("network namespaces need root and the ip command")
    for name in (CLIENT, SERVER):
        subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run(
            [
                "ip",
                "link",
                "add",
                "c0",
                "netns",
                CLIENT,
                "type",
                "veth",
                "peer",
                "name",
                "s0",
                "netns",
                SERVER,
            ],
            check=True,
        )
        for name, device, number in ((CLIENT, "c0", 1), (SERVER, "s0", 2)):
            for words in (
                ["addr", "add", f"192.0.2.{number}/24", "dev", device],
                ["addr", "add", f"2001:db8::{number}/64", "dev", device, "nodad"],
                ["link", "set", device, "up"],
                ["link", "set", "lo", "up"],
            ):
                subprocess.run(["ip", "-n", name, *words], check=True)
        yield
    finally:
        for name in (CLIENT, SERVER):
            subprocess.run(["ip", "netns", "delete", name], check=False)


def inside(name: str, *command: str, **options: Any) -> subprocess.Popen[str]:
    """Start a command in a namespace."""
    return subprocess.Popen(["ip", "netns", "exec", name, *command], text=True, **options)


class Capturing:
    """`aup capture` running on the client's cable."""

    def __init__(self, place: Workspace, *options: str) -> None:
        """Start it, and wait until its socket is open."""
        self.process = inside(
            CLIENT,
            *AUP,
            "-w",
            str(place.folder),
            "capture",
            "--interface",
            "c0",
            *options,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(300):
            found = subprocess.run(
                ["ip", "netns", "exec", CLIENT, "cat", "/proc/net/packet"],
                capture_output=True,
                text=True,
                check=True,
            )
            if found.stdout.count("\n") > 1:
                break
            time.sleep(0.1)
        time.sleep(0.5)

    def end(self, number: int = signal.SIGINT) -> tuple[str, str]:
        """Stop it as Ctrl-C does; return what it printed."""
        time.sleep(1)
        self.process.send_signal(number)
        output = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, output
        return output


def events(place: Workspace) -> list[dict[str, Any]]:
    """Return the events of the lake, without what is null."""
    frame = Lake(place.lake).scan("events").sort("source_offset").collect()
    return [{k: v for k, v in row.items() if v is not None} for row in frame.iter_rows(named=True)]


@pytest.mark.servers
def test_real_clients_are_seen(place: Workspace, network: None, tmp_path: Path) -> None:  # noqa: ARG001 - the fixture is the cable
    """Curl's requests and ClientHellos and dig's question, over IPv4 and IPv6, while the server is a real one or none."""
    for needed in ("curl", "dig"):
        if not shutil.which(needed):
            pytest.skip(f"{needed} is not installed")
    server = inside(
        SERVER,
        sys.executable,
        "-m",
        "http.server",
        "80",
        "-b",
        "::",
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    listener = inside(
        SERVER,
        sys.executable,
        "-c",
        "import socket,time; s=socket.create_server(('192.0.2.2',443)); time.sleep(60)",
    )
    kept = tmp_path / "kept.pcap"
    try:
        running = Capturing(place, "--keep-pcap", str(kept))
        for command in (
            [
                "curl",
                "-s",
                "-m",
                "5",
                "-A",
                "Example Browser/1.0",
                "-H",
                "Host: maths.example",
                "http://192.0.2.2/sums",
            ],
            ["curl", "-s", "-m", "5", "-g", "-H", "Host: six.example", "http://[2001:db8::2]/" + "x" * 3000],
            [
                "curl",
                "-s",
                "-m",
                "2",
                "-k",
                "--resolve",
                "games.example:443:192.0.2.2",
                "https://games.example/",
            ],
            ["dig", "+tries=1", "+time=1", "@192.0.2.2", "www.example.org", "AAAA"],
        ):
            inside(CLIENT, *command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(timeout=20)
        said, warned = running.end()
    finally:
        for process in (server, listener):
            process.terminate()
            process.wait(timeout=10)
    found = events(place)
    assert [e["url_full"] for e in found if "url_full" in e] == [
        "http://maths.example/sums",
        "http://six.example/" + "x" * 3000,
    ]
    assert [e["tls_server_name"] for e in found if "tls_server_name" in e] == ["games.example"]
    assert [e["dns_question_name"] for e in found if "dns_question_name" in e] == ["www.example.org"]
    assert {e["log_class"] for e in found} == {"capture"}
    assert "4 events" in said
    assert "GDPR" in warned
    again = capture_events(kept, tmp_path)
    assert [e.get("url_full") for e in again if "url_full" in e] == [
        e["url_full"] for e in found if "url_full" in e
    ]


def capture_events(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Return the events of a file that a capture kept."""
    from aup_monitor.jobs.ingest import ingest, items_of

    init(folder / "again", "Elm Park School", NOW)
    place = open_workspace(folder / "again")
    assert ingest(place, items_of(place, [str(path)]), NOW).problems == []
    return events(place)


@pytest.mark.servers
def test_nothing_is_written_unless_asked_and_it_ends_by_itself(place: Workspace, network: None) -> None:  # noqa: ARG001 - as above
    """After its duration it has committed what it saw; no packet is on disk."""
    before = {p for p in place.folder.rglob("*") if p.is_file()}
    running = Capturing(place, "--duration", "3", "--filter", "udp port 53")
    ping = "import socket; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'%s', ('192.0.2.2', %d))"
    question = "\\x00\\x07\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x01a\\x07example\\x00\\x00\\x01\\x00\\x01"
    for port in (53, 5000):
        inside(CLIENT, sys.executable, "-c", ping % (question, port)).wait(timeout=10)
    running.process.communicate(timeout=60)
    assert running.process.returncode == 0
    found = events(place)
    assert [e["dns_question_name"] for e in found] == ["a.example"]
    assert found[0]["source_file"].startswith("c0 from 20")
    fresh = {p for p in place.folder.rglob("*") if p.is_file()} - before
    assert {p.suffix for p in fresh} <= {".parquet", ".json", ".crc", "", ".lock"}


def test_an_interface_that_is_not_there_is_named_with_those_that_are(place: Workspace) -> None:
    """And so is a site that the settings do not have."""
    stop = lambda: True  # noqa: E731 - a test's clock-work
    with pytest.raises(ConfigError, match="no interface 'eth99'") as missing:
        capture(place, Order("eth99", place.config.first_site), lambda: NOW, stop)
    assert all(name in str(missing.value) for name in interfaces())
    with pytest.raises(ConfigError, match="no site 'moon'"):
        capture(place, Order("lo", "moon"), lambda: NOW, stop)


def test_other_systems_are_told_what_to_use(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows the message names Npcap."""
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ConfigError, match="Npcap"):
        capture(place, Order("Ethernet", place.config.first_site), lambda: NOW, lambda: True)


def test_an_account_that_may_not_capture_is_told_what_to_grant(tmp_path: Path) -> None:
    """The message names the capability, and never says to run as root."""
    code = """
from aup_monitor.capture.live import Interface
try:
    Interface("lo")
except Exception as exc:
    print(type(exc).__name__, exc)
"""
    drop = ["setpriv", "--bounding-set", "-net_raw,-net_admin"] if os.getuid() == 0 else []
    if drop and not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    done = subprocess.run(
        [*drop, sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "InputError" in done.stdout, done.stderr
    assert "setcap cap_net_raw+ep" in done.stdout
    assert "sudo aup" not in done.stdout


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "getuid") or os.getuid() != 0, reason="capturing needs root"
)
def test_a_filter_that_does_not_compile_is_refused(place: Workspace) -> None:
    """With what is wrong with it, and an example."""
    with pytest.raises(ConfigError, match="does not compile: port and port") as wrong:
        capture(place, Order("lo", place.config.first_site, only="port and port"), lambda: NOW, lambda: True)
    assert "--filter" in str(wrong.value)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="capturing needs root")
def test_a_file_of_packets_is_never_written_over(place: Workspace, tmp_path: Path) -> None:
    """A name that is taken is refused; a new file is for this account alone."""
    kept = tmp_path / "kept.pcap"
    capture(place, Order("lo", place.config.first_site, keep=kept), lambda: NOW, lambda: True)
    assert kept.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="File exists"):
        capture(place, Order("lo", place.config.first_site, keep=kept), lambda: NOW, lambda: True)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="capturing needs root")
def test_it_stops_when_it_is_told(place: Workspace) -> None:
    """At once, with nothing seen and no error; a clock is asked, not the system's."""
    tally = capture(
        place, Order("lo", place.config.first_site, timedelta(hours=1)), lambda: NOW, lambda: True
    )
    assert (tally.events, tally.problems) == (0, [])


def test_what_was_seen_waits_while_another_command_writes(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost: it is committed once the lake is free; only at the very end does a capture give up, and says why."""
    monkeypatch.setattr("aup_monitor.jobs.capture.PATIENCE", 2)
    intake = _Intake(place, Order("eth0", place.config.first_site), NOW)
    rows = pl.concat(list(read(io.BytesIO(sample()), Context(), -1)))
    with locked(place.lake / ".lock"):
        intake.put(rows)
        intake.flush()
        with pytest.raises(StoreError, match="another aup command"):
            intake.flush(last=True)
    intake.flush(last=True)
    intake.tally_dropped(7)
    tally = intake.told()
    assert (tally.lines, len(events(place))) == (len(rows), tally.events)
    assert "7 packets came faster" in tally.notes[0]
