"""Two network namespaces with one cable between them: a school's computer, and everything outside the school."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest
from servers import program

from aup_monitor.capture.pcap import FORMAT
from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP, Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHOOL: Final = "10.20.0.2"
"""The school's computer."""
GATEWAY: Final = "10.20.0.1"
"""The other end of its cable."""
WORLD: Final = "198.51.100.1"
"""A server outside."""
SCHOOL_V6, WORLD_V6, GATEWAY_V6 = "2001:db8:20::2", "2001:db8:99::1", "2001:db8:20::1"
WAIT: Final = 30.0
"""Seconds after which a program that does not begin, or does not end, fails a test."""
_STEP: Final = 0.05


def needs(*packages: tuple[str, str]) -> pytest.MarkDecorator:
    """Skip a test where a program is missing; each is named with the Debian package that holds it."""
    missing = dict.fromkeys(package for name, package in packages if not program(name))
    return pytest.mark.skipif(bool(missing), reason=f"not installed: apt-get install {' '.join(missing)}")


class Lab:
    """The two namespaces, and what runs in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.school, self.world = (f"aup-{os.getpid()}-{name}" for name in ("school", "world"))
        self.pcap = folder / "cable.pcap"
        """The newest recording."""

    def plug_in(self) -> None:
        """Make the namespaces and their cable."""
        for name in (self.school, self.world):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip(
            "link", "add", "cable", "netns", self.school, "type", "veth", "peer", "cable", "netns", self.world
        )
        _ip("-n", self.world, "address", "add", f"{WORLD}/32", "dev", "lo")
        _ip("-n", self.world, "address", "add", f"{WORLD_V6}/128", "dev", "lo", "nodad")
        for name, four, six in ((self.school, SCHOOL, SCHOOL_V6), (self.world, GATEWAY, GATEWAY_V6)):
            _ip("-n", name, "address", "add", f"{four}/24", "dev", "cable")
            _ip("-n", name, "address", "add", f"{six}/64", "dev", "cable", "nodad")
            _ip("-n", name, "link", "set", "cable", "up")
        # The server outside answers with its own address, also where a program leaves the choice to the kernel (UDP).
        _ip("-n", self.world, "route", "replace", "10.20.0.0/24", "dev", "cable", "src", WORLD)
        _ip(
            "-n",
            self.world,
            "-6",
            "route",
            "add",
            "2001:db8:20::/64",
            "dev",
            "cable",
            "src",
            WORLD_V6,
            "metric",
            "1",
        )
        _ip("-n", self.school, "route", "add", "default", "via", GATEWAY)
        _ip("-n", self.school, "-6", "route", "add", "default", "via", GATEWAY_V6)

    @property
    def mac(self) -> str:
        """The hardware address of the school's computer."""
        shown = self.ask("cat", "/sys/class/net/cable/address")
        return shown.strip()

    def unplug(self) -> None:
        """Remove both namespaces, and the cable with them."""
        for name in (self.school, self.world):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def ask(self, *command: str, fails: bool = False) -> str:
        """Run a client in the school until it ends; return what it printed. It must succeed, unless it `fails`."""
        done = subprocess.run(
            _inside(self.school, command), capture_output=True, timeout=WAIT, check=False, text=True
        )
        said = done.stdout + done.stderr
        assert fails or done.returncode == 0, f"{command[0]} ended with {done.returncode}: {said}"
        return done.stdout

    def inside(self, namespace: str, *command: str) -> str:
        """Set something up in a namespace, or ask how it stands; return what was printed."""
        return subprocess.run(_inside(namespace, command), check=True, capture_output=True, text=True).stdout

    @contextmanager
    def narrow(self, size: int) -> Iterator[None]:
        """Let packets of so many bytes pass the cable at most (IPv6 needs 1280), so that longer ones are cut."""
        for name in (self.school, self.world):
            self.inside(name, "ip", "link", "set", "cable", "mtu", str(size))
        try:
            yield
        finally:
            for name in (self.school, self.world):
                self.inside(name, "ip", "link", "set", "cable", "mtu", "1500")

    def recorders(self) -> int:
        """Return how many programs listen to the cable outside."""
        return self.inside(self.world, "ss", "-H0").count("\n")

    @contextmanager
    def runs(
        self, *command: str, at_school: bool = False, until: str | int | Callable[[], bool] | None = None
    ) -> Iterator[Path]:
        """
        Run a program beside the block, outside the school or in it, and give the file with what it prints.

        The block begins once the program listens on a port, has printed some words, or something else holds: `until`.
        """
        name = self.school if at_school else self.world
        log = self.folder / f"{os.path.basename(command[0])}-{time.monotonic_ns()}.log"  # noqa: PTH119 - a name, not a path
        with log.open("wb") as out:
            started = subprocess.Popen(_inside(name, command), stdout=out, stderr=out, stdin=subprocess.PIPE)
        try:
            if until is not None:
                wait_until(functools.partial(_has_begun, name, log, until), log, started)
            yield log
        finally:
            started.terminate()
            try:
                started.wait(timeout=10)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()
            started.communicate()  # closes its input, which some programs wait for

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record what passes the cable while the block runs, as a monitoring port of a switch would see it."""
        said = self.folder / "tcpdump.log"
        command = ("tcpdump", "-i", "cable", "-U", "--immediate-mode", "-Z", "root", "-w", str(self.pcap))
        with said.open("wb") as out:
            recorder = subprocess.Popen(_inside(self.world, command), stdout=out, stderr=out)
        try:
            wait_until(lambda: b"listening on" in said.read_bytes(), said, recorder)
            yield
            time.sleep(0.2)  # the last packets reach the recorder after the client has ended
        finally:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(timeout=WAIT)

    def rows(self) -> pl.DataFrame:
        """Return all that the newest recording tells, leases too; nothing in it is unreadable."""
        assert FORMAT.read is not None
        with self.pcap.open("rb") as file:
            rows = pl.concat(FORMAT.read(file, Context("UTC"), -1), how="diagonal")
        assert rows[REJECT].drop_nulls().to_list() == []
        return rows.filter(~pl.col(SKIP)).drop(REJECT, SKIP)

    def events(self, **values: object) -> list[dict[str, object]]:
        """Return the newest recording's events with these values, each with the columns that it fills."""
        rows = self.rows().filter(log_class="capture", **values).drop(LEASE_FROM, LEASE_TO)
        return [{name: value for name, value in row.items() if value is not None} for row in rows.to_dicts()]


def make_certificate(path: Path, name: str) -> Path:
    """Write a key and a self-signed certificate for a name, its subdomains and the server's address into one file."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", f"{path}.key", "-out", f"{path}.crt", "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", f"subjectAltName=DNS:{name},DNS:*.{name},IP:{WORLD}"),
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(Path(f"{path}.key").read_text() + Path(f"{path}.crt").read_text())
    return path


def wait_until(begun: Callable[[], bool], log: Path, started: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until something holds; fail with the program's own words if it never does."""
    end = time.monotonic() + WAIT
    while not begun():
        ended = started is not None and started.poll() is not None
        if ended or time.monotonic() > end:
            pytest.fail(
                f"{'ended' if ended else 'waited too long'}: {log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(_STEP)


def _has_begun(name: str, log: Path, until: str | int | Callable[[], bool]) -> bool:
    if callable(until):
        return until()
    if isinstance(until, str):
        return until.encode() in log.read_bytes()
    listening = subprocess.run(
        _inside(name, ("ss", "-Hltun", f"sport = :{until}")), capture_output=True, check=False
    )
    return bool(listening.stdout.strip())


def _inside(namespace: str, command: tuple[str, ...]) -> list[str]:
    """Return a command that runs in a namespace."""
    return ["ip", "netns", "exec", namespace, program(command[0]) or command[0], *command[1:]]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
