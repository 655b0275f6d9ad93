"""The whole journey on the logs of a real Squid and a real dnsmasq, asked for listed and for innocent names."""

from __future__ import annotations

import base64
import http.client
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import dns.message
import dns.query
import pytest
from servers import folder_of_all, free_port, program, running, web_server

from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.analyse import analyse
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.jobs.report import half_term, write
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Iterator

SQUID = program("squid")
DNSMASQ = program("dnsmasq")
FAKE_AUTH = Path("/usr/lib/squid/basic_fake_auth")

pytestmark = pytest.mark.servers


@pytest.fixture
def web() -> Iterator[int]:
    """Run a web server that stands for every site; return its port."""
    with web_server() as port:
        yield port


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that Squid's own account may write to."""
    with folder_of_all() as folder:
        yield folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace whose half-term is the month about now, since the servers write the real time."""
    today = datetime.now(UTC).date()
    span = f"[{today - timedelta(days=15)}, {today + timedelta(days=15)}]"
    folder = tmp_path / "school"
    folder.mkdir()
    (folder / "aup.toml").write_text(
        'school = "Elm Park"\npeople = "people.csv"\npolicies = ["the-learning-alliance"]\n[sites.main]\nname = "Elm Park"\n'
        f'zone = "UTC"\n[sites.main.half_terms]\n"{today.year}-autumn-1" = {span}\n'
    )
    (folder / "people.csv").write_text("user,name,role,year_group,site\nakhan,Amina Khan,staff,,main\n")
    return open_workspace(folder)


def get(proxy: int, url: str, user: str) -> int:
    """Ask the proxy for a page as a user; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy, timeout=20)
    secret = base64.b64encode(f"{user}:x".encode()).decode()
    connection.request(
        "GET", url, headers={"Proxy-Authorization": f"Basic {secret}", "User-Agent": "Mozilla/5.0"}
    )
    status = connection.getresponse().status
    connection.close()
    return status


def incidents_of(workspace: Workspace) -> dict[tuple[str, str], services.RecordedIncident]:
    """Return the register's incidents by theme and subject."""
    with open_register(workspace.database):
        return {(i.incident.theme, i.incident.subject): i for i in services.incidents()}


def run_all(workspace: Workspace, log: Path) -> dict[tuple[str, str], services.RecordedIncident]:
    """Ingest a log, analyse, and return the incidents."""
    later = datetime.now(UTC) + timedelta(hours=2)
    tally = ingest(workspace, items_of(workspace, [str(log)]), later)
    assert tally.problems == []
    assert tally.rejects == 0
    analyse(workspace, later)
    return incidents_of(workspace)


@pytest.mark.skipif(
    not (SQUID and FAKE_AUTH.exists()), reason="Squid is not installed: apt-get install squid"
)
def test_squid(open_folder: Path, workspace: Workspace, web: int) -> None:
    """A visited and a refused betting site are incidents of the right person; a helpline and a news site are none."""
    port, log, hosts = free_port(), open_folder / "access.log", open_folder / "hosts"
    names = ["www.bet365.com", "www.pokerstars.uk", "www.bbc.co.uk", "www.gamcare.org.uk", "www.essex.ac.uk"]
    hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in names))
    hosts.chmod(0o644)
    config = open_folder / "squid.conf"
    config.write_text(
        f"http_port 127.0.0.1:{port}\nhosts_file {hosts}\naccess_log stdio:{log} squid\ncache_log /dev/null\n"
        f"pid_filename {open_folder}/squid.pid\ncoredump_dir {open_folder}\ncache deny all\nshutdown_lifetime 1 seconds\n"
        f"auth_param basic program {FAKE_AUTH}\nauth_param basic realm school\nacl known proxy_auth REQUIRED\n"
        "acl betting dstdomain .pokerstars.uk\nhttp_access deny known betting\nhttp_access allow known\nhttp_access deny all\n"
        "via off\nforwarded_for delete\nnetdb_filename none\npinger_enable off\n"
    )
    with running([str(SQUID), "-N", "-f", str(config)], port):
        for name in names:
            get(port, f"http://{name}:{web}/page", "akhan")
        refused = get(port, f"http://www.pokerstars.uk:{web}/", "blee")
    assert refused == 403
    found = run_all(workspace, log)
    assert {key for key in found if key[0] == "gambling"} == {("gambling", "akhan"), ("gambling", "blee")}
    assert not [key for key in found if key[0] != "gambling"]
    visited, stopped = found["gambling", "akhan"].incident, found["gambling", "blee"].incident
    assert {"www.bet365.com", "www.pokerstars.uk"} == set(visited.details)
    assert (visited.role, visited.clauses, visited.visibility) == ("staff", ("TLA-GAMBLING",), "url")
    assert stopped.blocked == stopped.events == 1
    report = half_term(workspace, None, actor="tester", now=datetime.now(UTC))
    assert report.total == 2
    assert {line.person for line in report.incidents} == {"A.K.", "B."}
    pages = write(report, workspace.reports)
    assert b"www.bet365.com" in pages[0].read_bytes()


@pytest.mark.skipif(not DNSMASQ, reason="dnsmasq is not installed: apt-get install dnsmasq-base")
def test_dnsmasq(tmp_path: Path, workspace: Workspace) -> None:
    """Names asked of dnsmasq are incidents of an address, seen as look-ups alone; a canary and a helpline are none."""
    port, log = free_port(), tmp_path / "dnsmasq.log"
    command = [
        str(DNSMASQ), "--keep-in-foreground", f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces",
        "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--address=/#/192.0.2.1", "--address=/nordvpn.com/",
        "--log-queries", f"--log-facility={log}", "--user=root", f"--pid-file={tmp_path}/dnsmasq.pid",
    ]  # fmt: skip
    asked = [
        "www.bet365.com",
        "nordvpn.com",
        "www.bbc.co.uk",
        "www.childline.org.uk",
        "mask.icloud.com",
        "essex.ac.uk",
    ]
    with running(command, port):
        for name in asked:
            dns.query.udp(dns.message.make_query(name, "A"), "127.0.0.1", port=port, timeout=5)
    found = run_all(workspace, log)
    assert set(found) == {("gambling", "127.0.0.1"), ("bypass", "127.0.0.1")}
    assert {i.incident.visibility for i in found.values()} == {"dns"}
    assert {i.incident.subject_kind for i in found.values()} == {"address"}
    assert all(i.incident.day >= date(2026, 1, 1) for i in found.values())
