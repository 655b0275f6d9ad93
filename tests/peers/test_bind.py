"""A real BIND: each question is one event, and so is what a response policy made of it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import pytest
from servers import ask_name, free_port, program, running
from test_unbound import QUESTIONS, question

from aup_monitor.formats.dns import bind

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

NAMED = program("named")
JUDGED = [
    ("127.0.0.7", "casino.example", "blocked", "NXDOMAIN"),
    ("127.0.0.7", "empty.example", "blocked", "NODATA"),
    ("127.0.0.7", "silent.example", "blocked", "DROP"),
    ("127.0.0.8", "exam.example", "allowed", "PASSTHRU"),
    ("127.0.0.8", "search.example", "unknown", "Local-Data"),
]

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not NAMED, reason="BIND is not installed: apt-get install bind9"),
]


def configured(folder: Path, upstream: int, stamp: str) -> tuple[list[str], int]:
    """Write settings with a policy and one client that may not ask; return the command and the port."""
    port, config, policy = free_port(), folder / "named.conf", folder / "policy.zone"
    policy.write_text(
        "$TTL 300\n@ IN SOA ns.school. root.school. 1 300 300 300 300\n@ IN NS ns.school.\n"
        "casino.example IN CNAME .\nempty.example IN CNAME *.\nexam.example IN CNAME rpz-passthru.\n"
        "silent.example IN CNAME rpz-drop.\nsearch.example IN A 192.0.2.9\n"
    )
    config.write_text(
        f'options {{ directory "{folder}"; pid-file none; listen-on port {port} {{ 127.0.0.1; }};\n'
        f"listen-on-v6 port {port} {{ ::1; }}; forwarders {{ 127.0.0.1 port {upstream}; }}; forward only;\n"
        "dnssec-validation no; recursion yes; querylog yes; session-keyfile none; empty-zones-enable no;\n"
        'allow-query { !127.0.0.9; any; }; response-policy { zone "policy.school" log yes; } qname-wait-recurse no; };\n'
        f'controls {{ }};\nzone "policy.school" {{ type primary; file "{policy}"; allow-query {{ none; }}; }};\n'
        f'logging {{ channel all {{ file "{folder}/named.log"; {stamp} severity info; print-category yes; print-severity yes; }};\n'
        "category queries { all; }; category rpz { all; }; category rpz-passthru { all; }; category security { all; }; };\n"
    )
    return [str(NAMED), "-f", "-c", str(config), "-u", getpass.getuser()], port


@pytest.mark.parametrize("stamp", ["print-time yes;", "print-time iso8601-utc;"])
def test_each_request_is_one_event(tmp_path: Path, run: Run, upstream: int, stamp: str) -> None:
    """Questions of all kinds; then what a policy changed, beside its question; then a client that may not ask."""
    command, port = configured(tmp_path, upstream, stamp)
    with running(command, port):
        ask_name(port, "127.0.0.6", r"a\032\"b.school.example", "TXT")
        run.expect(**question("127.0.0.6", r"a\032\"b.school.example", "TXT"))
        for client, name, kind, transport in QUESTIONS:
            ask_name(port, client, name, kind, transport)
            run.expect(**question(client, name, kind, network_transport=transport), event_outcome="unknown")
        for client, name, outcome, did in JUDGED:
            ask_name(port, client, name, "A")
            run.expect(**question(client, name, "A"), event_action="query")
            run.expect(
                **question(client, name, "A"),
                event_action=did,
                event_outcome=outcome,
                rule_name=f"{name}.policy.school",
            )
        ask_name(port, "127.0.0.9", "www.school.example", "A")
        denied = question("127.0.0.9", "www.school.example", "A")
        run.expect(**denied, event_action="query")
        run.expect(**denied, event_action="denied", event_outcome="blocked")
    found = run.check(bind.FORMAT, tmp_path / "named.log")
    assert all(event["source_port"] for event in found)
