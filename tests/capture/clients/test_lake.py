"""The whole way of what real clients do, from the cable to the lake and to incidents."""

from __future__ import annotations

import base64
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest
import ways
from lab import SCHOOL, WORLD, needs

from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.analyse import analyse
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab

SECRET: Final = "marigold-teapot-4711"  # noqa: S105 - a word to look for, which opens nothing
SITE: Final = "www.school-test.example"
CURL: Final = ("curl", "curl")

pytestmark = pytest.mark.servers


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace whose half-term is the month about now, since programs live in real time."""
    today = datetime.now(UTC).date()
    span = f"[{today - timedelta(days=15)}, {today + timedelta(days=15)}]"
    (tmp_path / "people.csv").write_text("user,name,role,year_group,site\n")
    (tmp_path / "aup.toml").write_text(
        'school = "Elm Park"\npeople = "people.csv"\n[sites.main]\nname = "Elm Park"\nzone = "UTC"\n'
        f'[sites.main.half_terms]\n"{today.year}-autumn-1" = {span}\n'
    )
    return open_workspace(tmp_path)


def read(workspace: Workspace, lab: Lab) -> None:
    """Read the newest recording into the lake."""
    tally = ingest(workspace, items_of(workspace, [str(lab.pcap)]), datetime.now(UTC) + timedelta(hours=2))
    assert (tally.problems, tally.rejects) == ([], 0)
    assert tally.events > 0


def themes(workspace: Workspace) -> dict[str, set[str]]:
    """Analyse; return the rules by which the school's computer has incidents, by theme."""
    analyse(workspace, datetime.now(UTC) + timedelta(hours=2))
    found: dict[str, set[str]] = {}
    with open_register(workspace.database):
        for recorded in services.incidents():
            assert recorded.incident.subject == SCHOOL
            found.setdefault(recorded.incident.theme, set()).add(recorded.incident.rule)
    return found


def texts(lake: Path) -> str:
    """Return all that the lake's files hold: tables as text, other files as they are."""
    held = []
    for path in sorted(lake.rglob("*")):
        if path.suffix == ".parquet":
            held.append(pl.read_parquet(path, hive_partitioning=False).cast(pl.String).write_csv())
        if path.is_file():
            held.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(held)


@needs(CURL, ("tinyproxy", "tinyproxy-bin"), ("dig", "bind9-dnsutils"), ("dnsmasq", "dnsmasq-base"))
def test_nothing_of_a_payload_is_kept(lab: Lab, certificate: Path, workspace: Workspace) -> None:
    """Forms, cookies, passwords, other headers, pages and texts of name servers are in no file of the lake."""
    basic = base64.b64encode(f"{SECRET}:{SECRET}".encode()).decode()
    sends = (
        "-d",
        f"word={SECRET}",
        "-b",
        f"session={SECRET}",
        "-u",
        f"{SECRET}:{SECRET}",
        "-H",
        f"X-Word: {SECRET}",
    )
    dnsmasq = (
        "dnsmasq",
        "-k",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
        "--pid-file",
    )
    name = "note.school-test.example"
    with lab.recorded():
        with lab.runs(sys.executable, ways.OUTSIDE, "web", "80", until=80):
            lab.ask("curl", "-sS", *sends, "--resolve", f"{SITE}:80:{WORLD}", f"http://{SITE}/form?page=2")
            lab.ask(
                "curl",
                "-sS",
                "-F",
                f"word={SECRET}",
                "--resolve",
                f"{SITE}:80:{WORLD}",
                f"http://{SITE}/upload",
            )
        ways.http_proxy(lab, certificate, "http", "--proxy-user", f"{SECRET}:{SECRET}")
        with lab.runs(*dnsmasq, f"--txt-record={name},{SECRET}", until=53):
            lab.ask("dig", "+tries=1", f"@{WORLD}", name, "TXT")
    recorded = lab.pcap.read_bytes()
    assert recorded.count(SECRET.encode()) >= 5
    assert basic.encode() in recorded
    read(workspace, lab)
    held = texts(workspace.lake)
    assert "/upload" in held
    assert name in held
    assert SECRET not in held
    assert basic not in held


@needs(CURL, ("microsocks", "microsocks"))
def test_live(lab: Lab, certificate: Path, workspace: Workspace) -> None:
    """A live capture brings the same events into the lake as a recording, and writes no packet to disk."""
    aup = (
        "-c",
        "from aup_monitor.cli import main; main()",
        "-w",
        str(workspace.folder),
        "capture",
        "--interface",
        "cable",
    )
    with (
        lab.runs(sys.executable, ways.OUTSIDE, "web", "443", str(certificate), until=443),
        lab.recorded(),
        lab.runs(sys.executable, *aup, until=lambda: lab.recorders() == 2) as said,
    ):
        with lab.runs(sys.executable, ways.OUTSIDE, "web", "80", until=80):
            for page in ("news", "sport"):
                lab.ask("curl", "-sS", "--resolve", f"{SITE}:80:{WORLD}", f"http://{SITE}/{page}")
                lab.ask("curl", "-sSk", "--resolve", f"{SITE}:443:{WORLD}", f"https://{SITE}/{page}")
        ways.socks(lab, 4433)
        time.sleep(1)  # what is still in the kernel when a capture is ended is not in it
    columns = [
        "source_port",
        "network_protocol",
        "network_application",
        "tls_server_name",
        "tls_client_ja4",
        "url_full",
    ]
    live = Lake(workspace.lake).scan("events").select(columns).collect()
    assert lab.rows().select(columns).sort(columns).equals(live.sort(columns)), said.read_text()
    assert len(live) == 5
    assert not [path for path in workspace.folder.rglob("*") if "pcap" in path.name]


@needs(
    CURL,
    ("microsocks", "microsocks"),
    ("tinyproxy", "tinyproxy-bin"),
    ("openvpn", "openvpn"),
    ("tor", "tor"),
    ("sshd", "openssh-server"),
)
def test_incidents(lab: Lab, certificate: Path, workspace: Workspace) -> None:
    """A VPN, SSH on the web's port, proxies and Tor are incidents of the school's computer; pages and a mute server are none."""
    with lab.recorded():
        with lab.runs(sys.executable, ways.OUTSIDE, "web", "443", str(certificate), until=443):
            lab.ask("curl", "-sSk", "--resolve", f"{SITE}:443:{WORLD}", f"https://{SITE}/news")
        with lab.runs(sys.executable, ways.OUTSIDE, "web", "80", until=80):
            lab.ask("curl", "-sS", "--resolve", f"{SITE}:80:{WORLD}", f"http://{SITE}/news")
        lab.ask("curl", "-sS", f"http://{WORLD}:8099/", fails=True)
        ways.openvpn(lab)
        ways.ssh(lab, 443)
        ways.http_proxy(lab, certificate)
        ways.socks(lab)
        ways.tor(lab)
    read(workspace, lab)
    assert themes(workspace) == {
        "anonymiser": {"tor_app"},
        "bypass": {"http_proxy_outside", "outside_proxy_port", "socks_proxy", "ssh_hidden", "vpn_app"},
    }
