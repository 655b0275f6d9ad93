"""What look-ups of names and leases of addresses show, asked by dig, kdig, curl and udhcpc."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import SCHOOL, WORLD, needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab import Lab

OUTSIDE = str(Path(__file__).parent / "outside.py")
DIG, DNSMASQ = ("dig", "bind9-dnsutils"), ("dnsmasq", "dnsmasq-base")
HTTPS_RECORD = "00010000010003026832000500060004" + "00010203"
"""Priority 1, the name itself, ALPN h2, and an `ech` key, which tells that the client may hide the server's name."""

pytestmark = pytest.mark.servers


@contextmanager
def dnsmasq(lab: Lab, *options: str) -> Iterator[None]:
    """Run dnsmasq in the world with these options and no settings of the machine."""
    command = (
        "dnsmasq",
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
    )
    lasting = (
        f"--dhcp-leasefile={lab.folder / 'leases'}",
        f"--pid-file={lab.folder / 'dnsmasq.pid'}",
        "--log-facility=-",
    )
    until = 67 if "--port=0" in options else 53
    with lab.runs(*command, *lasting, *options, until=until):
        yield


@pytest.fixture
def names(lab: Lab) -> Iterator[str]:
    """Run a name server that knows a few names; return its address."""
    with dnsmasq(
        lab,
        "--address=/www.school-test.example/192.0.2.7",
        "--address=/www.school-test.example/2001:db8::7",
        "--cname=page.school-test.example,real.school-test.example",
        "--host-record=real.school-test.example,192.0.2.8",
        "--txt-record=note.school-test.example,words that nobody needs to keep",
        f"--dns-rr=secure.school-test.example,65,{HTTPS_RECORD}",
    ):
        yield WORLD


@needs(DIG, DNSMASQ)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_questions_and_answers(lab: Lab, names: str, transport: str) -> None:
    """Each question is one event with code and answers, by UDP and by TCP; of a text only its size is told."""
    asked = [
        ("www.school-test.example", "A"),
        ("www.school-test.example", "AAAA"),
        ("page.school-test.example", "A"),
        ("note.school-test.example", "TXT"),
        ("secure.school-test.example", "HTTPS"),
    ]
    with lab.recorded():
        for name, kind in asked:
            lab.ask("dig", "+tries=1", *(["+tcp"] if transport == "tcp" else []), f"@{names}", name, kind)
    events = lab.events()
    told = [(event["dns_question_name"], event["dns_question_type"]) for event in events]
    assert told == asked
    assert {(e["source_ip"], e["destination_ip"], e["destination_port"]) for e in events} == {
        (SCHOOL, WORLD, 53)
    }
    assert {(e["network_transport"], e["dns_response_code"], e["event_outcome"]) for e in events} == {
        (transport, "NOERROR", "allowed")
    }
    assert all(int(str(event["event_duration"])) > 0 for event in events)
    assert [event["dns_answers"] for event in events] == [
        "192.0.2.7",
        "2001:db8::7",
        "real.school-test.example,192.0.2.8",
        "TXT 32 bytes",
        "HTTPS 1 . alpn=h2 ech",
    ]


@needs(DIG, DNSMASQ)
def test_name_that_is_not_there(lab: Lab, names: str) -> None:
    """A refused question is told as blocked, a name that does not exist with its code."""
    with lab.recorded():
        lab.ask("dig", "+tries=1", f"@{names}", "elsewhere.example", "A")
    (event,) = lab.events()
    assert (event["dns_response_code"], event["event_outcome"]) == ("REFUSED", "blocked")


@needs(DIG, DNSMASQ)
def test_answer_in_fragments(lab: Lab) -> None:
    """An answer that the network cuts into fragments is read whole."""
    name, text = "note.school-test.example", ",".join(["word" * 50] * 8)
    server = dnsmasq(lab, f"--txt-record={name},{text}", "--edns-packet-max=4096")
    with lab.narrow(1280), server, lab.recorded():
        lab.ask("dig", "+tries=1", "+bufsize=4096", "+ignore", f"@{WORLD}", name, "TXT")
    (event,) = lab.events()
    assert event["network_transport"] == "udp"
    assert event["dns_answers"] == "TXT 1608 bytes"


@needs(DIG)
def test_question_that_nobody_answers(lab: Lab) -> None:
    """A question without an answer is told without."""
    with lab.recorded():
        lab.ask(
            "dig", "+tries=1", "+time=1", "@198.51.100.1", "-p", "53", "www.school-test.example", fails=True
        )
    (event,) = lab.events()
    assert event["dns_question_name"] == "www.school-test.example"
    assert "dns_response_code" not in event


@needs(("kdig", "knot-dnsutils"))
def test_look_ups_over_tls(lab: Lab, certificate: Path) -> None:
    """DNS over TLS is recognised by its port; of the question nothing is seen."""
    with lab.runs(sys.executable, OUTSIDE, "look-ups", "853", str(certificate), until=853), lab.recorded():
        said = lab.ask(
            "kdig",
            "+tls",
            "+tls-hostname=dns.school-test.example",
            f"+tls-ca={certificate}.crt",
            f"@{WORLD}",
            "www.school-test.example",
        )
    assert "192.0.2.7" in said
    (event,) = lab.events()
    assert (event["network_application"], event["network_protocol"]) == ("dot", "tls")
    assert event["tls_server_name"] == "dns.school-test.example"
    assert "dns_question_name" not in event


@needs(("curl", "curl"))
def test_look_ups_over_https(lab: Lab) -> None:
    """DNS over HTTPS whose path is seen, as behind a device that ends TLS, is recognised by it."""
    question = "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB"
    with lab.runs(sys.executable, OUTSIDE, "web", "80", until=80), lab.recorded():
        lab.ask("curl", "-sS", f"http://{WORLD}/dns-query?dns={question}")
    (event,) = lab.events()
    assert event["network_application"] == "doh"


@needs(DNSMASQ, ("udhcpc", "udhcpc"))
def test_lease(lab: Lab) -> None:
    """An address given by DHCP is a lease of the device and its name, from then until it ends."""
    options = (
        "--port=0",
        "--interface=cable",
        "--dhcp-range=10.20.0.50,10.20.0.59,1h",
        "--dhcp-authoritative",
        "--no-ping",
    )
    with dnsmasq(lab, *options), lab.recorded():
        lab.ask("udhcpc", "-i", "cable", "-n", "-q", "-f", "-s", "/bin/true", "-x", "hostname:lab-laptop")
    (lease,) = lab.rows().to_dicts()
    assert (lease["log_class"], lease["event_action"], lease["event_outcome"]) == (
        "dhcp",
        "DHCPACK",
        "allowed",
    )
    assert str(lease["source_ip"]).startswith("10.20.0.5")
    assert lease["host_name"] == "lab-laptop"
    assert lease["source_mac"] == lab.mac
    assert (lease["lease_to"] - lease["lease_from"]).total_seconds() == 3600
