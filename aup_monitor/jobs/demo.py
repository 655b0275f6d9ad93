"""
The whole journey with the logs of an invented school: workspace, logs in, incidents, people's decisions, report out.

The clock stands in the autumn holiday, so that the same report comes out on any day.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import yaml

from aup_monitor.core.errors import ConfigError
from aup_monitor.core.incident import State
from aup_monitor.core.resources import resource
from aup_monitor.core.workspace import CONFIG_FILE, Workspace, open_workspace
from aup_monitor.jobs.analyse import Analysis, analyse
from aup_monitor.jobs.ingest import ingest, items_of
from aup_monitor.jobs.report import half_term, write
from aup_monitor.jobs.self_report import accept, add
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aup_monitor.core.tally import Tally

ANALYSED: Final = datetime(2026, 10, 24, 9, tzinfo=UTC)
REPORTED: Final = datetime(2026, 10, 24, 10, tzinfo=UTC)
DECIDED: Final = datetime(2026, 10, 26, 9, tzinfo=UTC)
PRINTED: Final = datetime(2026, 10, 26, 15, tzinfo=UTC)
HALF_TERM: Final = "2026-autumn-1"
NETWORK_MANAGER: Final = "r.osei"


@dataclass(frozen=True)
class Demo:
    """What the demo made."""

    tally: Tally
    analysis: Analysis
    reports: tuple[Path, ...]


def demo(folder: Path, progress: Callable[[str, int, int], None] = lambda _name, _done, _all: None) -> Demo:
    """
    Make the demo's workspace in a folder, and everything in it.

    Raises:
        ConfigError: the folder holds something else than an earlier demo.

    """
    workspace = _workspace(folder)
    tally = ingest(workspace, items_of(workspace, [str(folder / "logs")]), ANALYSED, progress)
    analysis = analyse(workspace, ANALYSED, progress=progress)
    _people_act(workspace)
    document = half_term(workspace, HALF_TERM, actor=NETWORK_MANAGER, now=PRINTED)
    return Demo(tally, analysis, tuple(write(document, workspace.reports)))


def _workspace(folder: Path) -> Workspace:
    """Lay the demo's files out; an earlier demo in the folder is taken away first."""
    mark = folder / ".demo"
    if folder.exists() and any(folder.iterdir()):
        if not mark.exists():
            raise ConfigError(
                "this folder is not empty and holds no demo",
                where=folder,
                fix="name another: aup demo demo2/",
            )
        shutil.rmtree(folder)
    source = resource("sample_logs", "demo")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    mark.write_text("Made by `aup demo`, which may take it away again.\n", encoding="utf-8")
    for name in (CONFIG_FILE, "people.csv"):
        shutil.copyfile(source / name, folder / name)
    shutil.copytree(source / "logs", folder / "logs")
    for name, written in _given("MTIMES.yml").items():
        seconds = datetime.fromisoformat(str(written)).timestamp()
        os.utime(folder / name, (seconds, seconds))
    return open_workspace(folder)


def _people_act(workspace: Workspace) -> None:
    """Enter what the school's people reported and decided."""
    for report in _given("self_reports.yml"):
        reference, offers = add(
            workspace,
            site=None,
            when=datetime.fromisoformat(str(report["when"])),
            person=(report["person"], report["account"]),
            said=(report["what"], report["action"]),
            actor=NETWORK_MANAGER,
            now=REPORTED,
        )
        if offers and report.get("explains"):
            accept(workspace, reference, offers[0].incident.id, NETWORK_MANAGER, REPORTED)
    with open_register(workspace.database):
        found = {
            (i.incident.rule, i.incident.subject, i.incident.day): i.incident.id for i in services.incidents()
        }
        for given in _given("decisions.yml"):
            verdict = services.Verdict(
                State(given["state"]),
                given.get("reason", ""),
                given.get("action", ""),
                given.get("outcome", ""),
            )
            key = (given["rule"], given["subject"], given["day"])
            services.decide(found[key], verdict, given["by"], DECIDED)


def _given(name: str) -> Any:
    return yaml.safe_load(resource("sample_logs", "demo", name).read_text(encoding="utf-8"))
