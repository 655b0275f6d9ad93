"""A real Unbound: each question is one event, whether questions, answers or both are logged, and so is each verdict."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import pytest
from servers import ask_name, free_port, program, running

from aup_monitor.formats.dns import unbound

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

UNBOUND = program("unbound")

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not UNBOUND, reason="Unbound is not installed: apt-get install unbound"),
]


def configured(folder: Path, upstream: int, *logs: str) -> tuple[list[str], int]:
    """Write settings with a policy and two local zones; return the command and the port."""
    port, config, policy = free_port(), folder / "unbound.conf", folder / "policy.zone"
    policy.write_text(
        "$ORIGIN policy.school.\n@ 300 IN SOA ns.school. root.school. 1 300 300 300 300\n@ 300 IN NS ns.school.\n"
        "casino.example 300 IN CNAME .\nempty.example 300 IN CNAME *.\nexam.example 300 IN CNAME rpz-passthru.\n"
        "silent.example 300 IN CNAME rpz-drop.\nsearch.example 300 IN A 192.0.2.9\n"
    )
    config.write_text(
        f"server:\n interface: 127.0.0.1@{port}\n interface: ::1@{port}\n do-daemonize: no\n chroot: ''\n"
        f" username: '{getpass.getuser()}'\n pidfile: '{folder}/unbound.pid'\n directory: '{folder}'\n use-syslog: no\n"
        f" logfile: '{folder}/unbound.log'\n verbosity: 1\n do-not-query-localhost: no\n access-control: 127.0.0.0/8 allow\n"
        f" module-config: 'respip iterator'\n {' '.join(f'{log}: yes' + chr(10) for log in logs)}"
        " local-zone: games.example always_nxdomain\n local-zone: refused.example refuse\n"
        " local-zone: lan. static\n local-data: 'printer.lan. A 192.0.2.40'\n"
        "remote-control:\n control-enable: no\n"
        f"rpz:\n name: policy.school\n zonefile: '{policy}'\n rpz-log: yes\n rpz-log-name: school\n"
        f"forward-zone:\n name: .\n forward-addr: 127.0.0.1@{upstream}\n"
    )
    return [str(UNBOUND), "-d", "-c", str(config)], port


QUESTIONS = [
    # client, name, type, transport
    ("127.0.0.2", "www.school.example", "A", "udp"),
    ("127.0.0.3", "WwW.School.Example", "AAAA", "udp"),
    ("127.0.0.2", "www.school.example", "A", "udp"),
    ("127.0.0.4", "www.school.example", "HTTPS", "tcp"),
    ("::1", "xn--caf-dma.school.example", "A", "udp"),
    ("127.0.0.5", "not.missing.example", "A", "udp"),
    ("127.0.0.5", "7.2.0.192.in-addr.arpa", "PTR", "udp"),
    ("127.0.0.5", "printer.lan", "A", "udp"),
    ("127.0.0.6", ".", "NS", "udp"),
]  # fmt: skip
JUDGED = [
    # client, name, outcome, what was done, by which rule
    ("127.0.0.7", "casino.example", "blocked", "rpz-nxdomain"),
    ("127.0.0.7", "empty.example", "blocked", "rpz-nodata"),
    ("127.0.0.7", "silent.example", "blocked", "rpz-drop"),
    ("127.0.0.8", "exam.example", "allowed", "rpz-passthru"),
    ("127.0.0.8", "search.example", "unknown", "rpz-local-data"),
    ("127.0.0.8", "www.games.example", "blocked", "always_nxdomain"),
    ("127.0.0.8", "refused.example", "blocked", "refuse"),
]


def question(client: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return the columns that a question's event must have."""
    return {
        "source_ip": client,
        "dns_question_name": name.lower().rstrip(".") or None,
        "dns_question_type": kind,
        **more,
    }


@pytest.mark.parametrize("replies", [False, True])
def test_each_question_is_one_event(tmp_path: Path, run: Run, upstream: int, *, replies: bool) -> None:
    """With questions logged, or with questions and answers: no question is counted twice or lost."""
    logs = ["log-queries", "log-replies"] if replies else ["log-queries"]
    command, port = configured(tmp_path, upstream, *logs)
    with running(command, port):
        ask_name(port, "127.0.0.6", r"a\032\"b.school.example", "TXT")
        run.expect(**question("127.0.0.6", "a??b.school.example", "TXT"))
        for client, name, kind, transport in QUESTIONS:
            ask_name(port, client, name, kind, transport)
            run.expect(**question(client, name, kind), event_outcome="unknown", event_action="query")
    run.check(unbound.FORMAT, tmp_path / "unbound.log")


def test_each_answer_is_one_event(tmp_path: Path, run: Run, upstream: int) -> None:
    """With answers alone: the code and how long it took come with each."""
    command, port = configured(tmp_path, upstream, "log-replies")
    with running(command, port):
        for client, name, kind, transport in QUESTIONS:
            code = ask_name(port, client, name, kind, transport)
            outcome = "allowed" if code == "NOERROR" else "unknown"
            run.expect(**question(client, name, kind), dns_response_code=code, event_outcome=outcome)
    found = run.check(unbound.FORMAT, tmp_path / "unbound.log")
    assert all(0 <= event["event_duration"] < 5_000_000_000 for event in found)


def test_each_verdict_is_one_event_beside_its_question(tmp_path: Path, run: Run, upstream: int) -> None:
    """Policies and local zones: the question, and what became of it, with the client of both."""
    command, port = configured(tmp_path, upstream, "log-queries", "log-replies", "log-local-actions")
    with running(command, port):
        for client, name, outcome, did in JUDGED:
            ask_name(port, client, name, "A")
            run.expect(**question(client, name, "A"), event_action="query")
            run.expect(
                **question(client, name, "A"), event_action=did.removeprefix("rpz-"), event_outcome=outcome
            )
    found = run.check(unbound.FORMAT, tmp_path / "unbound.log")
    assert [event["rule_name"] for event in found if event["rule_name"]] == [
        *["school"] * 5,
        "games.example",
        "refused.example",
    ]
