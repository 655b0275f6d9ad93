"""A real e2guardian, in every form of its log that the packaged version writes: each request is one event."""

from __future__ import annotations

import base64
import getpass
import http.client
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from servers import free_port, program, running, wait_for_lines

from aup_monitor.formats.web import e2guardian, squid

if TYPE_CHECKING:
    from conftest import Run

E2GUARDIAN = program("e2guardian")
PACKAGED = Path("/etc/e2guardian")
BROWSER = "Mozilla/5.0 (X11; CrOS)"

pytestmark = [
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.skipif(not E2GUARDIAN, reason="e2guardian is not installed: apt-get install e2guardian"),
]


def setting(text: str, name: str, value: str) -> str:
    """Return settings with one changed, or added."""
    changed, count = re.subn(rf"(?m)^#?\s*{name} *=.*$", f"{name} = {value}", text, count=1)
    return changed if count else f"{changed}\n{name} = {value}\n"


def configured(folder: Path, form: int) -> tuple[list[str], int]:
    """Write settings like the packaged ones with three banned things; return the command and the port."""
    port = free_port()
    banned, searches, group = folder / "sites", folder / "searches", folder / "mainf1.conf"
    banned.write_text("games.example\n")
    searches.write_text("")
    main, first = (PACKAGED / "e2guardian.conf").read_text(), (PACKAGED / "e2guardianf1.conf").read_text()
    changes = {
        "logfileformat": str(form), "filterip": "127.0.0.1", "filterports": str(port), "nodaemon": "on",
        "loglocation": f"'{folder}/access.log'", "pidfilename": f"'{folder}/e2guardian.pid'", "loguseragent": "on",
        "httpworkers": "30", "usecustombannedimage": "off", "usecustombannedflash": "off",
        "authplugin": f"'{PACKAGED}/authplugins/proxy-basic.conf'",
    }  # fmt: skip
    for name, value in changes.items():
        main = setting(main, name, value)
    if getpass.getuser() != "root":
        main = setting(setting(main, "daemonuser", getpass.getuser()), "daemongroup", getpass.getuser())
    (folder / "main.conf").write_text(main)
    first = first.replace(f"{PACKAGED}/lists/bannedsitelist", str(banned))
    group.write_text(first.replace("'no_name_group'", "'Year 9'"))
    for file in folder.iterdir():
        file.chmod(0o644)
    return [str(E2GUARDIAN), "-N", "-c", str(folder / "main.conf")], port


def ask(port: int, method: str, url: str, account: str | None, client: str) -> tuple[int, int]:
    """Ask for a page, or for a tunnel; return the status and the bytes of the page, which e2guardian may cut off."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(client, 0))
    head = {"User-Agent": BROWSER, "Connection": "close"}
    if account is not None:
        head["Proxy-Authorization"] = "Basic " + base64.b64encode(f"{account}:x".encode()).decode()
    connection.request(method, url, headers=head)
    answer = connection.getresponse()
    try:
        page = answer.read() if method != "CONNECT" else b""
    except http.client.IncompleteRead as exc:
        page = exc.partial
    connection.close()
    return answer.status, len(page)


Case = tuple[str, str, str, str, str | None, str, dict[str, Any]]


def cases(web: int) -> list[Case]:
    """Return what is asked: method, address, host, client, account, outcome, and what else the event must have."""
    here = f"http://127.0.0.1:{web}"
    page = {"http_response_status_code": 200}
    return [
        ("GET", f"{here}/a/b?q=bees", "127.0.0.1", "127.0.0.2", "akhan", "allowed", {**page, "url_query": "q=bees"}),
        ("GET", f"{here}/missing", "127.0.0.1", "127.0.0.3", "blee", "allowed", {"http_response_status_code": 404}),
        ("GET", f"{here}/x", "127.0.0.1", "127.0.0.4", None, "allowed", page),
        ("POST", f"{here}/form", "127.0.0.1", "127.0.0.2", r"SCHOOL\akhan", "allowed", page),
        ("GET", "http://www.games.example/play", "www.games.example", "127.0.0.3", "blee", "blocked", {}),
        ("CONNECT", "games.example:443", "games.example", "127.0.0.3", "blee", "blocked", {}),
        ("GET", "http://gone.invalid", "gone.invalid", "127.0.0.2", "akhan", "unknown", {}),
    ]  # fmt: skip


@pytest.mark.parametrize("form", [1, 2, 4, 5, 6])
def test_each_request_is_one_event(open_folder: Path, run: Run, web: int, form: int) -> None:
    """Pages, a refusal, a refused tunnel and a site that is not there: who, what, why and what became of it."""
    asked = record(open_folder, web, form)
    for expected in asked:
        run.expect(**expected)
    found = run.check(e2guardian.FORMAT, open_folder / "access.log")
    assert [event["event_action"] for event in found[4:]] == ["DENIED", "DENIED", "NETERROR"]
    assert found[4]["rule_name"] == "Blocked site: games.example"
    if form != 1:
        assert {event["user_group"] for event in found} == {"Year 9"}
        assert {event["user_agent_original"] for event in found} == {BROWSER}


def test_form_3_is_squids(open_folder: Path, run: Run, web: int) -> None:
    """Format 3 is read as Squid's, where a site that did not answer looks like a refusal."""
    for expected in record(open_folder, web, 3):
        if expected["url_domain"] == "gone.invalid":
            expected["event_outcome"] = "blocked"
        run.expect(**expected)
    run.check(squid.FORMAT, open_folder / "access.log")


def record(folder: Path, web: int, form: int) -> list[dict[str, Any]]:
    """Run e2guardian and make the requests; return the columns that the events must have."""
    command, port = configured(folder, form)
    expected = []
    # It does not end when asked to, so that it is killed once its log is whole.
    with running(command, port, ends_itself=False):
        for method, url, host, client, account, outcome, more in cases(web):
            _, size = ask(port, method, url, account, client)
            name = account.rpartition("\\")[2] if account else None
            if outcome == "allowed":
                more["destination_bytes"] = size
            expected.append(
                {"http_request_method": method, "url_domain": host, "source_ip": client, "user_name": name,
                 "url_full": url if method != "CONNECT" else None, "event_outcome": outcome, **more}
            )  # fmt: skip
            wait_for_lines(folder / "access.log", len(expected))
    return expected
