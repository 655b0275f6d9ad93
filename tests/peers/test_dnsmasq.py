"""A real dnsmasq: each question is one event, and so is each name that it is told to answer with nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from servers import ask_name, free_port, program, running
from test_unbound import QUESTIONS, question

from aup_monitor.formats.dns import dnsmasq

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

DNSMASQ = program("dnsmasq")

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not DNSMASQ, reason="dnsmasq is not installed: apt-get install dnsmasq-base"),
]


@pytest.mark.parametrize("log", ["--log-queries", "--log-queries=extra"])
def test_each_request_is_one_event(tmp_path: Path, run: Run, upstream: int, log: str) -> None:
    """Questions of all kinds, then names that are blocked, with the client who asked."""
    port = free_port()
    command = [
        str(DNSMASQ), "--keep-in-foreground", f"--port={port}", "--listen-address=127.0.0.1,::1", "--bind-interfaces",
        "--no-resolv", "--no-hosts", "--conf-file=/dev/null", f"--server=127.0.0.1#{upstream}", "--address=/games.example/",
        "--address=/casino.example/0.0.0.0", log, f"--log-facility={tmp_path}/dnsmasq.log", "--user=root",
        f"--pid-file={tmp_path}/dnsmasq.pid",
    ]  # fmt: skip
    with running(command, port):
        ask_name(port, "127.0.0.6", r"a\032\"b.school.example", "TXT")
        run.expect(**question("127.0.0.6", 'a "b.school.example', "TXT"))
        for client, name, kind, transport in QUESTIONS:
            ask_name(port, client, name, kind, transport)
            run.expect(**question(client, name, kind), event_outcome="unknown")
        for client, name in (("127.0.0.7", "www.games.example"), ("127.0.0.8", "casino.example")):
            ask_name(port, client, name, "A")
            run.expect(**question(client, name, "A"), event_action="query")
            run.expect(**question(client, name, "A"), event_action="blocked", event_outcome="blocked")
    found = run.check(dnsmasq.FORMAT, tmp_path / "dnsmasq.log")
    if log.endswith("extra"):
        assert all(event["source_port"] for event in found)
