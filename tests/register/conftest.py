"""A new register for each test, incidents by the handful, and a PostgreSQL server where one is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from aup_monitor.core.incident import Confidence, Incident, Intent, incident_id
from aup_monitor.register.connect import Register, open_register

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2026, 9, 14)


class MakeIncident(Protocol):
    """Return an incident; what is not said has a plain value."""

    def __call__(self, subject: str = ..., day: date = ..., site: str = ..., **fields: Any) -> Incident:
        """Return it."""


@pytest.fixture
def now() -> datetime:
    """Return the time at which everything in a test is done."""
    return datetime(2026, 9, 15, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def incident() -> MakeIncident:
    """Return the maker of incidents."""

    def make(subject: str = "fmarsh", day: date = DAY, site: str = "hill", **fields: Any) -> Incident:
        rule = fields.get("rule", "gambling-site")
        seen = datetime(day.year, day.month, day.day, 10, 42, tzinfo=UTC)
        plain: dict[str, Any] = {
            "id": incident_id(site, rule, subject, day),
            "site": site,
            "rule": rule,
            "subject": subject,
            "subject_kind": "user",
            "role": "staff",
            "day": day,
            "title": "Gambling site visited",
            "theme": "gambling",
            "clauses": ("CL-PROFESSIONAL", "TLA-GAMBLING"),
            "severity": 3,
            "confidence": Confidence.HIGH,
            "confidence_reasons": ("the full address was seen",),
            "intent": Intent.UNCLEAR,
            "intent_reasons": (),
            "first_seen": seen,
            "last_seen": seen,
            "visits": 1,
            "events": 7,
            "blocked": 2,
            "in_school_hours": True,
            "details": ("bets.example",),
            "addresses": ("192.0.2.17",),
            "devices": ("HILL-ST-04",),
            "visibility": "url",
            "rule_author": "A. Writer",
            "evidence": ("list gambling: bets.example",),
        }
        return Incident(**(plain | fields))

    return make


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return where a register may be made."""
    return tmp_path / "register.sqlite3"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty register, to be copied: quicker than making its tables for every test."""
    path = tmp_path_factory.mktemp("template") / "register.sqlite3"
    open_register(path).close()
    return path


@pytest.fixture
def register(database: Path, template: Path) -> Iterator[Register]:
    """Return an empty register, open."""
    shutil.copy(template, database)
    with open_register(database, wait=5) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL server on a free port and return its address, to which a database's name is to be added."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="aup-pg-"))
    account: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
    if account:
        shutil.chown(folder, "postgres")
    port = _free_port()
    data = folder / "data"
    server: list[str | Path] = [programs[-1].with_name("pg_ctl"), "-D", folder / "data"]
    secret = folder / "secret"
    secret.write_text("correct horse")
    secret.chmod(0o644)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    initdb: list[str | Path] = [
        programs[-1],
        "-D",
        data,
        "-U",
        "aup",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-E",
        "UTF8",
    ]
    quiet: dict[str, Any] = {
        "cwd": folder,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        **account,
    }
    subprocess.run([*initdb, "--no-sync", "--locale=C.UTF-8"], check=True, **quiet)
    subprocess.run([*server, "-w", "-l", folder / "log", "-o", options, "start"], check=True, **quiet)
    try:
        yield f"postgresql://aup:correct%20horse@127.0.0.1:{port}"
    finally:
        subprocess.run([*server, "-m", "immediate", "stop"], check=True, **quiet)
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
