"""Forcepoint Web Security: its three forms, accounts, what a browser may say, and lines gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aup_monitor.formats.web.forcepoint_web import FORMAT

Rows = Callable[..., list[dict[str, Any]]]
CEF = (
    "<159>Jan 12 08:45:01 10.20.0.5 CEF:0|Forcepoint|Security|8.5.0|13|Transaction {action}|7| act={action} app=http "
    "dvc=10.20.0.5 dst=192.0.2.7 dhost=www.example.org dpt=80 src=10.20.4.31 spt=65252 suser={path} loginID={login} "
    "destinationTranslatedPort=0 rt=1768207501 in=76 out=197 requestMethod={method} "
    "requestClientApplication={agent} reason=- cs1Label=Policy cs1=Super Administrator**Year 9 cs2Label=DynCat cs2=0 "
    "cs3Label=ContentType cs3=text/html cn1Label=DispositionCode cn1=1025 cn2Label=ScanDuration cn2=14 request={url} "
    "logRecordSource=OnPrem"
)
PAIRS = (
    "<159>Jan 12 08:45:01 10.20.0.5 vendor=Websense product=Security product_version=8.5.0 action={action} severity=1 "
    "category=13 user={path} src_host=10.20.4.31 src_port=65252 dst_host=www.example.org dst_ip=192.0.2.7 dst_port=80 "
    "bytes_out=197 bytes_in=76 http_response=0 http_method={method} http_content_type=text/html "
    "http_user_agent={agent} http_proxy_status_code=403 reason=- disposition=1025 policy=Year_9 role=8 duration=0 url={url}"
)
LEEF = (
    "<159>Jan 12 08:45:01 10.20.0.5 LEEF:1.0|Forcepoint|Security|8.5.3|transaction:{action}|sev=7\tcat=13\t"
    "usrName={path}\tloginID={login}\tsrc=10.20.4.31\tsrcPort=65252\tsrcBytes=197\tdstBytes=76\tdst=192.0.2.7\t"
    "dstPort=80\tproxyStatus-code=403\tserverStatus-code=0\tduration=66\tmethod={method}\tdisposition=1025\t"
    "contentType=text/html\treason=-\tpolicy=Super Administrator**Year 9\trole=8\tuserAgent={agent}\turl={url}"
)
FORMS = pytest.mark.parametrize("form", [CEF, PAIRS, LEEF], ids=["cef", "pairs", "leef"])


def event(rows: Rows, form: str, **parts: str) -> dict[str, Any]:
    """Parse one line, with some of its parts changed."""
    usual = {
        "action": "blocked",
        "path": "-",
        "login": "-",
        "method": "GET",
        "agent": "Mozilla/5.0 (X11)" if form is not PAIRS else "Mozilla/5.0_(X11)",
        "url": "http://www.example.org/a?b=c",
    }
    line = form.format(**usual | parts).encode()
    assert FORMAT.score(line) == 1
    (row,) = rows(FORMAT, line)
    assert row["reject"] is None
    return row


@FORMS
def test_each_form_says_the_same(rows: Rows, form: str) -> None:
    """CEF, key-value pairs and LEEF of one request make one event."""
    row = event(rows, form, path="alice")
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)
    assert (row["observer_name"], row["event_code"]) == ("10.20.0.5", "1025")
    assert (row["event_action"], row["event_outcome"]) == ("blocked", "blocked")
    assert (row["source_ip"], row["source_port"]) == ("10.20.4.31", 65252)
    assert (row["destination_ip"], row["destination_port"]) == ("192.0.2.7", 80)
    assert (row["user_name"], row["user_domain"]) == ("alice", None)
    assert (row["url_full"], row["url_query"]) == ("http://www.example.org/a?b=c", "b=c")
    assert (row["source_bytes"], row["destination_bytes"]) == (197, 76)
    assert row["http_response_status_code"] == (None if form is CEF else 403)
    assert row["http_response_mime_type"] == "text/html"
    assert row["user_agent_original"] == "Mozilla/5.0 (X11)"
    assert row["rule_category"] == "13"
    assert row["rule_name"] == ("Year_9" if form is PAIRS else "Super Administrator**Year 9")


@FORMS
@pytest.mark.parametrize(
    ("action", "outcome"), [("permitted", "allowed"), ("Blocked", "blocked"), ("continue", "unknown")]
)
def test_the_action_is_the_outcome(rows: Rows, form: str, action: str, outcome: str) -> None:
    """Forcepoint's word decides, in any case."""
    assert event(rows, form, action=action)["event_outcome"] == outcome


@FORMS
@pytest.mark.parametrize(
    ("path", "name", "domain"),
    [
        ("-", None, None),
        (r"ELMPARK\alice", "alice", "ELMPARK"),
        ("WinNT://ELMPARK/alice", "alice", "ELMPARK"),
        ("LDAP://10.20.0.2 OU=Year 9,DC=elmpark,DC=example/Alice Example", "Alice Example", None),
    ],
)
def test_accounts(rows: Rows, form: str, path: str, name: str | None, domain: str | None) -> None:
    """A directory's path ends with the person; Windows' path has the domain, too."""
    row = event(rows, form, path=path)
    assert (row["user_name"], row["user_domain"]) == (name, domain)


@pytest.mark.parametrize("form", [CEF, LEEF], ids=["cef", "leef"])
def test_the_name_at_log_on_goes_before_the_path(rows: Rows, form: str) -> None:
    """Where both are there, the account is the one that the person typed."""
    assert event(rows, form, path="LDAP://x OU=y/Alice Example", login="alice")["user_name"] == "alice"


@FORMS
@pytest.mark.parametrize(
    ("method", "url", "seen"),
    [
        ("CONNECT", "https://www.example.org/", False),
        ("GET", "https://www.example.org", False),
        ("GET", "https://www.example.org/", False),
        ("GET", "https://www.example.org/?q=1", True),
        ("GET", "http://www.example.org/", True),
    ],
)
def test_what_was_seen_of_https(rows: Rows, form: str, method: str, url: str, *, seen: bool) -> None:
    """A tunnel, and https without a path, show the host alone."""
    row = event(rows, form, method=method, url=url)
    assert row["url_domain"] == "www.example.org"
    assert (row["url_full"], row["url_path"]) == ((url, "/") if seen else (None, None))


@FORMS
def test_a_browser_cannot_pass_for_other_fields(rows: Rows, form: str) -> None:
    """Keys in a browser's name change neither who it was nor where."""
    agent = "x request=http://news.example/ url=http://news.example/ src=192.0.2.99 rt=1 dhost=a.example act=permitted action=permitted"
    row = event(rows, form, agent=agent)
    assert (row["url_domain"], row["source_ip"]) == ("www.example.org", "10.20.4.31")
    assert row["event_outcome"] == "blocked"
    assert row["timestamp"] == datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)


def test_escapes_of_cef(rows: Rows) -> None:
    """An escaped equals sign is one."""
    assert event(rows, CEF, url=r"http://www.example.org/a?b\=c")["url_query"] == "b=c"


def test_lines_gone_wrong_are_rejects(rows: Rows) -> None:
    """Another product's line, and one that was cut off, are named bad."""
    lines = [
        "CEF:0|Forcepoint|Email Security|8.5.0|1|Message|5| act=blocked",
        "CEF:0|Forcepoint|Security|8.5.0|13|Transaction blocked|7| act=blocked app=htt",
        "vendor=Websense product=Security",
        "plain",
    ]
    found = rows(FORMAT, "\n".join(lines).encode())
    assert [row["reject"] for row in found] == [
        "not a line of Forcepoint's web filter",
        "no action or no address in the line",
        "not a line of Forcepoint's web filter",
        "not a line of Forcepoint's web filter",
    ]
