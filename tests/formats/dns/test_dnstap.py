"""dnstap: real records, those of a real BIND, records built by hand, resuming, and damage anywhere."""

from __future__ import annotations

import io
import random
import shutil
import socket
import struct
import subprocess
import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.errors import AupError, InputError
from aup_monitor.core.format import Context
from aup_monitor.formats.dns import dnstap
from aup_monitor.formats.dns.dnstap import FORMAT, read
from aup_monitor.formats.dns.questions import LOOKBACK

NAMED = shutil.which("named") or shutil.which("named", path="/usr/sbin")
SAMPLE = Path(__file__).parents[3] / "sample_logs" / "formats" / "dnstap.fstrm"
CLIENT_QUERY, CLIENT_RESPONSE, RESOLVER_QUERY = 5, 6, 3
AT = 1_768_385_649
"""2026-01-14 10:14:09 UTC."""


def varint(value: int) -> bytes:
    """Return a number as Protocol Buffers write it."""
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | bytes | str) -> bytes:
    """Return a field: a number or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def nanoseconds(number: int, value: int) -> bytes:
    """Return a field of four bytes."""
    return varint(number << 3 | 5) + struct.pack("<I", value)


def record(kind: int, message: dns.message.Message | bytes, **parts: Any) -> bytes:
    """Return a dnstap record; `parts` change client, protocol, port, second, policy."""
    given: dict[str, Any] = {
        "client": "192.168.7.21",
        "protocol": 1,
        "port": 40000,
        "second": AT,
        "policy": b"",
    } | parts
    wire = message if isinstance(message, bytes) else message.to_wire()
    packed = ip_address(given["client"]).packed
    server = ip_address("192.168.7.1" if len(packed) == 4 else "2001:db8::53").packed
    answer = kind % 2 == 0
    body = field(1, kind) + field(2, 1 if len(packed) == 4 else 2) + field(3, given["protocol"])
    body += field(4, packed) + field(5, server) + field(6, given["port"]) + field(7, 53)
    body += field(8, given["second"]) + nanoseconds(9, 120_000_000)
    if answer:
        body += field(12, given["second"]) + nanoseconds(13, 145_500_000)
    body += field(14 if answer else 10, wire)
    body += field(15, given["policy"]) if given["policy"] else b""
    return field(1, "dns1") + field(2, "Example DNS 1.0") + field(14, body) + field(15, 1)


def question(name: str, kind: str = "A", number: int = 1) -> dns.message.Message:
    """Return a question with a number of its own."""
    made = dns.message.make_query(name, kind, id=number)
    made.flags |= dns.flags.RD
    return made


def answer(
    name: str, kind: str, *data: str, code: dns.rcode.Rcode = dns.rcode.NOERROR, number: int = 1
) -> dns.message.Message:
    """Return the answer to a question."""
    made = dns.message.make_response(question(name, kind, number))
    made.set_rcode(code)
    if data:
        made.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *data))
    return made


def stream(*records: bytes, stop: bool = True) -> bytes:
    """Return a file of records."""
    kind = b"protobuf:dnstap.Dnstap"
    start = struct.pack(">III", 0, len(kind) + 12, 2) + struct.pack(">II", 1, len(kind)) + kind
    frames = b"".join(struct.pack(">I", len(one)) + one for one in records)
    return start + frames + (struct.pack(">III", 0, 4, 3) if stop else b"")


def whole(content: bytes, after: int = -1) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [row for frame in read(io.BytesIO(content), Context(), after) for row in frame.to_dicts()]


def sample() -> bytes:
    """Return the sample: what a school's server is asked in a few seconds."""
    policy = field(1, "RPZ") + field(2, b"casino.example.") + field(3, 1) + field(4, 1)
    passed = field(1, "RPZ") + field(2, b"rpz-passthru") + field(3, 3)
    return stream(
        record(CLIENT_QUERY, question("WWW.Example.org.", number=7)),
        record(CLIENT_RESPONSE, answer("WWW.Example.org.", "A", "192.0.2.10", number=7)),
        record(CLIENT_QUERY, question("casino.example.", number=8), port=40001),
        record(
            CLIENT_RESPONSE,
            answer("casino.example.", "A", code=dns.rcode.NXDOMAIN, number=8),
            port=40001,
            policy=policy,
        ),
        record(RESOLVER_QUERY, question("www.example.org.", number=9)),
        record(
            CLIENT_RESPONSE,
            answer("video.example.", "AAAA", "2001:db8::7"),
            client="2001:db8::21",
            protocol=3,
        ),
        record(CLIENT_RESPONSE, answer("other.example.", "A", code=dns.rcode.REFUSED), protocol=2),
        record(CLIENT_QUERY, question("chat.example.", "HTTPS"), protocol=4),
        record(CLIENT_QUERY, question("games.example.", "TXT"), protocol=7),
        record(CLIENT_RESPONSE, answer("www.example.net.", "A", "192.0.2.11", number=12), policy=passed),
        record(CLIENT_QUERY, dns.message.make_query("version.bind.", "TXT", "CH", id=3)),
        record(CLIENT_QUERY, b"\x00\x01\x01"),
        b"\xff\xff\xff",
        stop=True,
    )


def test_the_sample_is_what_is_built_here() -> None:
    """The committed sample is made of the records above and of nobody's log."""
    assert SAMPLE.read_bytes() == sample()


def test_real_records(shared: Path) -> None:
    """Both records of dnsdist's own file: a question, and its answer, which counts once alone."""
    content = next((shared / "samples" / "dnstap").glob("*.fstrm")).read_bytes()
    assert FORMAT.score(content) == 1
    asked, told = whole(content)
    assert str(asked["timestamp"]) == "2024-06-05 18:49:49.590209+00:00"
    assert (asked["source_ip"], asked["source_port"]) == ("172.19.0.1", 46390)
    assert (asked["destination_ip"], asked["destination_port"]) == ("172.19.0.2", 53)
    assert (asked["dns_question_name"], asked["dns_question_type"]) == ("www.google.com", "A")
    assert (asked["observer_name"], asked["network_transport"]) == ("dnsdist", "udp")
    assert told["skip"]
    # without the question, the answer is news
    length = int.from_bytes(content[42:46], "big")
    (alone,) = whole(content[:42] + content[46 + length :])
    assert (alone["event_action"], alone["dns_response_code"]) == ("CLIENT_RESPONSE", "NOERROR")
    assert (alone["event_outcome"], alone["dns_answers"]) == ("allowed", "216.58.213.68")


def test_what_a_record_says() -> None:
    """Questions, answers that are news, policies, transports, and what is skipped or bad, one after the other."""
    rows = whole(sample())
    told = [
        (r["dns_question_name"], r["event_outcome"], r["network_application"]) for r in rows if not r["skip"]
    ]
    assert told == [
        ("www.example.org", "unknown", None),
        ("casino.example", "unknown", None),
        ("casino.example", "blocked", None),
        ("video.example", "allowed", "DoT"),
        ("other.example", "blocked", None),
        ("chat.example", "unknown", "DoH"),
        ("games.example", "unknown", "DoQ"),
        ("www.example.net", "allowed", None),
        (None, "unknown", None),
        (None, "unknown", None),
    ]
    assert [r["offset"] for r in rows] == list(range(13))
    assert [r["offset"] for r in rows if r["skip"]] == [1, 4, 10]
    assert [r["reject"] for r in rows if r["reject"]] == [
        "the DNS message in the record does not decode",
        "the record does not decode",
    ]
    video = rows[5]
    assert (video["dns_answers"], video["source_ip"]) == ("2001:db8::7", "2001:db8::21")
    assert (video["event_duration"], str(video["timestamp"])) == (
        25_500_000,
        "2026-01-14 10:14:09.145500+00:00",
    )
    assert rows[3]["rule_name"] == "casino.example."
    assert [r["network_transport"] for r in rows[5:9]] == ["tcp", "tcp", "tcp", "udp"]


def test_an_answer_is_known_by_its_asker_number_and_name() -> None:
    """Another client's, another port's or another number's question is not the answer's own."""
    told = record(CLIENT_RESPONSE, answer("a.example.", "A", "192.0.2.1"))
    for parts, number in (({"client": "192.168.7.22"}, 1), ({"port": 40001}, 1), ({}, 2)):
        asked = record(CLIENT_QUERY, question("a.example.", number=number), **parts)
        assert [r["skip"] for r in whole(stream(asked, told))] == [False, False]
    other = record(CLIENT_QUERY, question("b.example."))
    assert [r["skip"] for r in whole(stream(other, told))] == [False, False]


@pytest.mark.parametrize(
    ("between", "skipped"), [(0, True), (LOOKBACK - 1, True), (LOOKBACK, False), (3000, False)]
)
def test_how_far_an_answer_looks_back(between: int, skipped: bool) -> None:
    """An answer whose question is too far away is an event; wherever an earlier reading stopped, the same."""
    asked = record(CLIENT_QUERY, question("a.example."))
    noise = [
        record(CLIENT_QUERY, question(f"n{n}.example.", number=n % 60000), port=50000) for n in range(between)
    ]
    content = stream(asked, *noise, record(CLIENT_RESPONSE, answer("a.example.", "A", "192.0.2.1")))
    rows = whole(content)
    assert rows[-1]["skip"] is skipped
    for after in (0, between // 2, between):
        assert whole(content, after) == [row for row in rows if row["offset"] > after]


def test_a_file_that_grows() -> None:
    """A last record that is half written is left for the next reading, which begins behind what was read."""
    one, two = (record(CLIENT_QUERY, question(f"{name}.example.")) for name in ("a", "b"))
    full = stream(one, two, stop=False)
    assert [r["offset"] for r in whole(full[:-5])] == [0]
    assert [r["dns_question_name"] for r in whole(full, 0)] == ["b.example"]
    assert whole(full, 1) == []


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 4, b"GIF89a" * 9, b"\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x02"]
)
def test_other_files_are_refused_in_words(content: bytes) -> None:
    """What does not say that it is dnstap is an error that the program prints."""
    assert FORMAT.score(content) == 0
    with pytest.raises(InputError, match="no dnstap file"):
        whole(content)


def test_lengths_that_cannot_be() -> None:
    """Neither four gigabytes of record nor of control frame are read; the records before are."""
    good = stream(record(CLIENT_QUERY, question("a.example.")), stop=False)
    for damage in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00\xff\xff\xff\xff"):
        rows = whole(good + damage + b"x" * 100)
        assert [row["reject"] is None for row in rows] == [True, False]
        assert "the rest of the file cannot be read" in rows[1]["reject"]


def test_damage_anywhere_never_raises() -> None:
    """Bytes changed at random give rows, or an error in words."""
    chance = random.Random(7)
    for _ in range(400):
        content = bytearray(sample())
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            rows = whole(bytes(content))
        except AupError:
            continue
        assert all(row["skip"] or row["reject"] or row["event_outcome"] for row in rows)


@given(st.binary(max_size=300))
def test_any_record_gives_a_row(body: bytes) -> None:
    """Whatever bytes a record holds, and whatever a message holds, it is one row."""
    assert len(whole(stream(body or b"\x00"))) == 1
    assert len(whole(stream(record(CLIENT_QUERY, body), record(CLIENT_RESPONSE, body)))) == 2


def test_many_records_come_in_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come in frames of a certain size, all of the same columns."""
    monkeypatch.setattr(dnstap, "FRAME_RECORDS", 4)
    frames = list(read(io.BytesIO(sample()), Context(), -1))
    assert [len(frame) for frame in frames] == [4, 4, 4, 1]
    assert len({tuple(frame.schema.items()) for frame in frames}) == 1
    assert pl.concat(frames).height == 13


CONFIG = """
options { directory "@"; listen-on port # { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "@/pid";
  session-keyfile "@/key"; recursion yes; dnssec-validation no; allow-query { any; }; forward only; forwarders { };
  response-policy { zone "rpz"; }; dnstap { client; auth; }; dnstap-output file "@/dnstap.fstrm"; };
controls { };
zone "elmpark.example" { type primary; file "@/zone"; };
zone "rpz" { type primary; file "@/rpz"; };
"""
ZONE = "$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 127.0.0.1\n"


@pytest.mark.servers
@pytest.mark.skipif(not NAMED, reason="BIND is not installed: apt-get install bind9")
def test_a_real_bind(tmp_path: Path) -> None:
    """What BIND writes of questions over UDP and TCP, and of one that it refuses, is read as it was asked."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (tmp_path / "named.conf").write_text(CONFIG.replace("@", str(tmp_path)).replace("#", str(port)))
    (tmp_path / "zone").write_text(f"{ZONE}www A 192.0.2.1\nwww AAAA 2001:db8::1\n")
    (tmp_path / "rpz").write_text(f"{ZONE}casino.elmpark.example CNAME .\n")
    command = [str(NAMED), "-g", "-c", str(tmp_path / "named.conf")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    asked = [("www", "A"), ("www", "AAAA"), ("nothing", "A"), ("casino", "A")]
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        for name, kind in asked:
            made = dns.message.make_query(f"{name}.elmpark.example", kind)
            dns.query.udp(made, "127.0.0.1", port=port, timeout=5)
        dns.query.tcp(dns.message.make_query("www.elmpark.example", "A"), "127.0.0.1", port=port, timeout=5)
    finally:
        server.terminate()
        server.wait(timeout=40)
    rows = whole((tmp_path / "dnstap.fstrm").read_bytes())
    assert [row["reject"] for row in rows if row["reject"]] == []
    found = sorted(
        (r["dns_question_name"], r["dns_question_type"], r["network_transport"])
        for r in rows
        if not r["skip"]
    )
    expected = [(f"{name}.elmpark.example", kind, "udp") for name, kind in asked]
    assert found == sorted([*expected, ("www.elmpark.example", "A", "tcp")])
    assert {row["source_ip"] for row in rows if not row["skip"]} == {"127.0.0.1"}
    assert {row["observer_product"].split()[0] for row in rows if not row["skip"]} == {"BIND"}
    assert len([row for row in rows if row["skip"]]) == len(found)
