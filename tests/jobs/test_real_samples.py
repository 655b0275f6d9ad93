"""The whole journey on real files that nobody here wrote: Squid, FortiGate, pfSense, Pi-hole, Zeek and Windows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from aup_monitor.core.workspace import Workspace, open_workspace
from aup_monitor.jobs.analyse import analyse
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.jobs.report import half_term, write
from aup_monitor.lake import Lake
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from pathlib import Path

    from aup_monitor.core.tally import Tally

pytestmark = pytest.mark.xdist_group("real-samples")  # the work that its tests share is done once

NOW = datetime(2026, 10, 24, 12, tzinfo=UTC)
FOLDERS = ("squid", "fortigate", "pfsense-opnsense", "dnsmasq-pihole", "zeek", "windows-events")
PATTERNS = {
    "zeek": ("elastic-*dns*.log", "elastic-*ssl*.log", "*basic__*.log"),
    "windows-events": ("*7045*.evtx", "plaso__*.evtx", "evtx/*.evtx"),
}


@pytest.fixture(scope="module")
def journey(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Tally]:
    """Return a workspace in which the real samples were read and analysed."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "aup.toml").write_text(
        'school = "Real"\npolicies = ["the-learning-alliance", "pupils"]\n[sites.main]\nname = "Real"\n'
        "[sites.main.half_terms]\n"
        '"2018-summer-2" = [2019-05-01, 2019-05-31]\n"2016-summer-2" = [2017-06-05, 2017-07-31]\n'
    )
    workspace = open_workspace(folder)
    paths = [
        str(path)
        for name in FOLDERS
        for pattern in PATTERNS.get(name, ("*.log",))
        for path in sorted((shared / "samples" / name).glob(pattern))
    ]
    tally = ingest(workspace, items_of(workspace, paths), NOW)
    analyse(workspace, NOW)
    return workspace, tally


def test_every_line_is_accounted_for(journey: tuple[Workspace, Tally]) -> None:
    """Lines are events, rejects or skipped; the lake holds as many as the run counted; each family gave events."""
    workspace, tally = journey
    lake = Lake(workspace.lake)
    assert tally.lines == tally.events + tally.rejects + tally.skipped
    assert lake.scan("events").collect().height == tally.events
    assert lake.scan("rejects").collect().height == tally.rejects
    formats = set(lake.scan("readings").filter(pl.col("events") > 0).collect()["format"])
    assert {"squid", "fortigate", "filterlog", "dnsmasq", "zeek-dns", "zeek-ssl", "evtx"} <= formats


def test_files_of_other_formats_are_refused_and_named(journey: tuple[Workspace, Tally]) -> None:
    """
    A web server's log among the firewall's, and the like, are named; none is read as something that it is not.

    Zeek's own baselines, whose times are crossed out, are named by that.
    """
    _, tally = journey
    refused = " ".join(tally.problems)
    crossed_out = "no ts, or one that is no time"
    assert all(
        "no known format fits" in p or ("zeek-baseline" in p and crossed_out in p) for p in tally.problems
    )
    for name in ("opnsense-sshd.log", "pfsense-gui-auth.log"):
        assert name in refused


def test_the_right_incidents(journey: tuple[Workspace, Tally]) -> None:
    """The filter's and firewall's own verdicts, a VPN app, installed services and DoT are found, and little else."""
    workspace, _ = journey
    with open_register(workspace.database):
        found = services.incidents()
    said = {(i.incident.rule, i.incident.subject, i.incident.day) for i in found}
    for expected in (
        ("virus_found", "10.1.100.11", date(2019, 5, 13)),
        ("malware_verdict", "10.1.100.11", date(2019, 5, 14)),
        ("vpn_app", "10.123.248.26", date(2023, 3, 8)),
        ("remote_tool_installed", "desktop-1n4r894", date(2018, 7, 31)),
    ):
        assert expected in said
    # The firewall's syslog writes no year, so the day of this one depends on when the sample was laid out.
    assert ("encrypted_dns_port", "10.170.12.50") in {(rule, subject) for rule, subject, _ in said}
    assert ("privileged_group_changed", "gold_administrator", date(2015, 8, 9)) in said
    themes = Counter(i.incident.theme for i in found)
    assert themes.pop("credentials", 0) == 1, "what computers did by themselves accuses nobody"
    assert set(themes) <= {"malware", "bypass", "software", "remote-access", "hacking"}
    assert sum(themes.values()) <= 20


def test_the_report(journey: tuple[Workspace, Tally], tmp_path: Path) -> None:
    """A half-term of them makes a report in every form, with the days without logs named."""
    workspace, _ = journey
    document = half_term(workspace, "2018-summer-2", actor="tester", now=NOW)
    assert document.total == len(document.incidents) > 0
    assert any("no logs" in gap for gap in document.gaps)
    written = {path.name.split(".", 1)[1]: path.stat().st_size for path in write(document, tmp_path)}
    assert set(written) == {"html", "pdf", "incidents.csv", "figures.csv", "json"}
    assert all(written.values())
