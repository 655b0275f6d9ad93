"""RADIUS servers' logs: FreeRADIUS and a real one of it, Microsoft's NPS, Cisco's ISE against Elastic's reading."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.identity import cisco_ise, freeradius, freeradius_detail, nps_ias, nps_xml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SERVER: Final = shutil.which("freeradius", path="/usr/sbin:/usr/bin") or shutil.which("radiusd")
CLIENT: Final = shutil.which("radclient")
CONFIG: Final = """
prefix = /usr
name = freeradius
logdir = {folder}
run_dir = {folder}
libdir = /usr/lib/freeradius
log {{
  destination = files
  file = {folder}/radius.log
  auth = yes
  auth_badpass = yes
}}
security {{
  reject_delay = 0
}}
client lab {{
  ipaddr = 127.0.0.1
  secret = testing123
}}
modules {{
  detail {{
    filename = {folder}/detail
    header = "%t"
  }}
  pap {{
  }}
}}
server default {{
  listen {{
    type = auth
    ipaddr = 127.0.0.1
    port = {auth}
  }}
  listen {{
    type = acct
    ipaddr = 127.0.0.1
    port = {acct}
  }}
  authorize {{
    update control {{
      Cleartext-Password := "hello"
    }}
    pap
  }}
  authenticate {{
    pap
  }}
  accounting {{
    detail
  }}
}}
"""
SESSION: Final = (
    'Calling-Station-Id="00-53-0A-0B-0C-0D",NAS-IP-Address=192.0.2.5,Framed-IP-Address=192.0.2.40'
)


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def send(kind: str, port: int, attributes: str) -> None:
    """Send one packet and wait for its answer."""
    command = [str(CLIENT), "-r", "2", "-t", "2", f"127.0.0.1:{port}", kind, "testing123"]
    subprocess.run(command, input=attributes.encode(), capture_output=True, check=False, timeout=20)


@pytest.mark.servers
@pytest.mark.skipif(
    not (SERVER and CLIENT), reason="FreeRADIUS is not installed: apt-get install freeradius freeradius-utils"
)
def test_a_real_freeradius(tmp_path: Path, events: Callable[..., Any]) -> None:
    """What a real server writes of a session and of three log-ons is read as what was sent to it."""
    auth, acct = free_port(), free_port()
    config = tmp_path / "radiusd.conf"
    config.write_text(CONFIG.format(folder=tmp_path, auth=auth, acct=acct))
    config.chmod(0o600)
    server = subprocess.Popen(
        [str(SERVER), "-f", "-d", str(tmp_path), "-n", "radiusd"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"TZ": "UTC", "PATH": "/usr/sbin:/usr/bin"},
    )
    try:
        for _ in range(100):
            if (tmp_path / "radius.log").exists() and "Ready" in (tmp_path / "radius.log").read_text():
                break
            time.sleep(0.1)
        before = datetime.now(UTC) - timedelta(seconds=2)
        send("acct", acct, f'Acct-Status-Type=Start,User-Name="SCHOOL\\\\amina.k",{SESSION}')
        send(
            "acct",
            acct,
            f'Acct-Status-Type=Interim-Update,User-Name="caf\u00e9 \\"x\\"",Acct-Session-Time=5,{SESSION}',
        )
        send(
            "acct",
            acct,
            f'Acct-Status-Type=Stop,User-Name="host/pc.school.example",Acct-Session-Time=9,{SESSION}',
        )
        send("acct", acct, "Acct-Status-Type=Accounting-On,NAS-IP-Address=192.0.2.5")
        send("auth", auth, f'User-Name="amina.k",User-Password="hello",NAS-Port=3,{SESSION}')
        send("auth", auth, 'User-Name="dai.p",User-Password="letmein",NAS-Port=3')
        send("auth", auth, 'User-Name="host/pc.school.example",User-Password="letmein",NAS-Port=3')
    finally:
        server.terminate()
        server.wait(timeout=20)
    start, interim, stop = events(freeradius_detail.FORMAT, (tmp_path / "detail").read_text())
    assert [row["event_action"] for row in (start, interim, stop)] == ["Start", "Interim-Update", "Stop"]
    assert {(row["source_ip"], row["source_mac"]) for row in (start, interim, stop)} == {
        ("192.0.2.40", "00:53:0a:0b:0c:0d")
    }
    assert (start["user_name"], start["user_domain"]) == ("amina.k", "SCHOOL")
    assert (interim["user_name"], stop["user_name"], stop["host_name"]) == (
        'café "x"',
        None,
        "pc.school.example",
    )
    assert before <= start["lease_from"] <= datetime.now(UTC)
    assert stop["lease_to"] - stop["lease_from"] == timedelta(seconds=9)
    logons = events(freeradius.FORMAT, (tmp_path / "radius.log").read_text())
    assert [(row["event_outcome"], row["user_name"], row["host_name"]) for row in logons] == [
        ("allowed", "amina.k", None),
        ("blocked", "dai.p", None),
        ("blocked", None, "pc.school.example"),
    ]
    assert all("letmein" not in str(row.values()) for row in logons)
    assert all(before <= row["timestamp"] <= datetime.now(UTC) for row in logons)


def test_a_record_that_was_cut_off_gives_nothing_to_the_next(events: Callable[..., Any]) -> None:
    """Attributes of a record without an end are not taken for those of the next."""
    text = (
        'Mon Jan 12 08:45:02 2026\n\tUser-Name = "amina.k"\n\tFramed-IP-Address = 192.168.7.20\n'
        "Mon Jan 12 08:45:03 2026\n\tAcct-Status-Type = Start\n\tTimestamp = 1768207503\n\n"
    )
    (row,) = events(freeradius_detail.FORMAT, text)
    assert (row["user_name"], row["source_ip"], row["event_action"]) == (None, None, "Start")


def test_attributes_inside_a_value_are_not_attributes(events: Callable[..., Any]) -> None:
    """A name with line ends and tabs is written with escapes, and stays one value."""
    text = (
        'Mon Jan 12 08:45:02 2026\n\tUser-Name = "x\\n\\tFramed-IP-Address = 10.6.6.6"\n'
        "\tAcct-Status-Type = Start\n\tFramed-IP-Address = 192.168.7.21\n\tTimestamp = 1768207502\n\n"
    )
    (row,) = events(freeradius_detail.FORMAT, text)
    assert row["source_ip"] == "192.168.7.21"


@pytest.mark.parametrize(
    ("account", "user", "host"),
    [
        ("amina.k", "amina.k", None),
        ("amina.k/secret", "amina.k", None),
        ("host/pc.school.example/<via Auth-Type = eap>", None, "pc.school.example"),
        (r"SCHOOL\LIB-PC-04$", None, "LIB-PC-04"),
        ("00-53-0a-0b-0c-0d", None, None),
        ("00530a0b0c0d", None, None),
        ("anonymous@school.example", None, None),
        ("anonymous", None, None),
        ("anonymousfan", "anonymousfan", None),
    ],
)
def test_who_is_a_person(
    events: Callable[..., Any], account: str, user: str | None, host: str | None
) -> None:
    """Computers, hardware addresses and outer names are nobody; passwords are dropped."""
    line = f"Mon Jan 12 08:45:02 2026 : Auth: (4) Login OK: [{account}] (from client ap port 3 cli 00-53-0A-0B-0C-0D)\n"
    (row,) = events(freeradius.FORMAT, line)
    assert (row["user_name"], row["host_name"], row["source_mac"]) == (user, host, "00:53:0a:0b:0c:0d")


def ias(kind: str, **more: str) -> str:
    """Return a line of the database-compatible form."""
    places = {"user": 5, "path": 6, "station": 8, "address": 10, "class_": 26, "status": 31, "took": 37}
    cells = ['"NPS1"', '"IAS"', "01/12/2026", "08:45:02", kind, *[""] * 60]
    for key, value in more.items():
        cells[places[key]] = f'"{value}"'
    return ",".join(cells) + "\n"


def test_an_answer_of_nps_takes_device_and_account_of_its_request(events: Callable[..., Any]) -> None:
    """Only the request names the device; of another request, and without `Class`, nothing is taken."""
    accept, other, bare = events(
        nps_ias.FORMAT,
        ias("1", user=r"SCHOOL\amina.k", station="00-53-0A-0B-0C-0D", class_="311 7")
        + ias("2", path="school.example/Pupils/Amina K", class_="311 7")
        + ias("3", path="school.example/Pupils/Dai P", class_="311 8")
        + ias("2", path=r"SCHOOL\eve.m"),
    )
    assert (accept["user_name"], accept["source_mac"]) == ("amina.k", "00:53:0a:0b:0c:0d")
    assert (other["user_name"], other["source_mac"], other["event_outcome"]) == ("Dai P", None, "blocked")
    assert (bare["user_name"], bare["source_mac"]) == ("eve.m", None)


def test_nps_accounting_says_who_held_the_address(events: Callable[..., Any]) -> None:
    """A start holds from then on; a stop for as long as the session took."""
    start, stop = events(
        nps_ias.FORMAT,
        ias("4", user="amina.k", address="192.168.7.21", status="1")
        + ias("4", user="amina.k", address="192.168.7.21", status="2", took="3600")
        + ias("4", status="7"),
    )
    now = datetime(2026, 1, 12, 8, 45, 2, tzinfo=UTC)
    assert (start["lease_from"], start["lease_to"]) == (now, None)
    assert (stop["lease_from"], stop["lease_to"]) == (now - timedelta(hours=1), now)


def test_a_name_cannot_imitate_an_element(events: Callable[..., Any]) -> None:
    """In XML a bracket inside a name is escaped, and so never begins an element."""
    line = (
        '<Event><Timestamp data_type="4">01/12/2026 08:45:02.100</Timestamp><User-Name data_type="1">'
        '&lt;Framed-IP-Address data_type="3"&gt;10.6.6.6&lt;/Framed-IP-Address&gt;</User-Name>'
        '<Packet-Type data_type="0">3</Packet-Type><Reason-Code data_type="0">16</Reason-Code></Event>\n'
    )
    (row,) = events(nps_xml.FORMAT, line)
    assert row["source_ip"] is None
    assert row["user_name"].startswith("<Framed-IP-Address")


ISE: Final = {
    "@timestamp": "timestamp",
    "event.code": "event_code",
    "host.hostname": "observer_name",
    "cisco_ise.log.calling_station.id": "source_mac",
    "cisco_ise.log.framed.ip": "source_ip",
    "cisco_ise.log.acct.input.octets": "source_bytes",
    "cisco_ise.log.acct.output.octets": "destination_bytes",
    "cisco_ise.log.authorization_policy.matched_rule": "rule_name",
    "source.ip": "source_ip",
}


def test_real_lines_of_ise_agree_with_elastic(
    shared: Path, differences: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    """Each value of the events in eleven real files is as Elastic reads it; the other messages are skipped."""
    logs = sorted((shared / "samples" / "radius-ise").glob("*.log"))
    assert [found for log in logs for found in differences(cisco_ise.FORMAT, log, ISE)] == []
    read = [row for log in logs for row in rows(cisco_ise.FORMAT, log.read_text())]
    assert [row["reject"] for row in read if row["reject"]] == []
    events = [row for row in read if not row["skip"]]
    assert (len(logs), len(read), len(events)) == (11, 85, 16)
    assert [row["event_code"] for row in events if row["lease_from"]] == ["5231", "3000", "3001"]
    users = {row["user_name"] for row in events}
    assert {"nisehorrrrn", "businesskent", "test123", None} < users


def test_a_comma_inside_a_name_of_ise(events: Callable[..., Any]) -> None:
    r"""ISE writes it as `\,`; what follows is the name's, not an attribute."""
    line = (
        "<181>Jan 12 08:45:03 ise1 CISE_Failed_Attempts 0000083424 1 0 2026-01-12 08:45:03.100 +00:00 0000083491 5400 "
        r"NOTICE Failed-Attempt: Authentication failed, UserName=x\, Framed-IP-Address=10.6.6.6, NAS-Port=1,"
        "\n"
    )
    (row,) = events(cisco_ise.FORMAT, line)
    assert (row["user_name"], row["source_ip"]) == ("x, Framed-IP-Address=10.6.6.6", None)
