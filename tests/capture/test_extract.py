"""Connections, questions and requests, told once each, however packets come, stop, repeat and begin anew."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.ipsec import ESP
from scapy.packet import Packet, Raw

from aup_monitor.capture import extract
from aup_monitor.capture.extract import Extractor
from aup_monitor.capture.flows import IDLE, IDLE_TCP
from aup_monitor.capture.packets import packets_of
from tests.capture.messages import crypto, initial, records
from tests.capture.sample import answer, conversation, hello, question

SECOND = 1_000_000
LAN, BACK = IP(src="192.0.2.23", dst="198.51.100.7"), IP(src="198.51.100.7", dst="192.0.2.23")
START = 1_768_385_649 * SECOND


def told(*batches: list[tuple[float, Packet]], live: bool = False) -> list[dict[str, Any]]:
    """Return the events of batches of packets, each with its second, without what is null."""
    extractor = Extractor(live=live)
    frames = []
    for batch in batches:
        times = [START + int(second * SECOND) for second, _ in batch]
        frames.append(extractor.take(packets_of([bytes(packet) for _, packet in batch], times, 101)))
    frames.append(extractor.finish())
    rows = pl.concat(frames)
    assert rows["offset"].to_list() == list(range(sum(map(len, batches))))
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in rows.filter(~pl.col("skip"), pl.col("reject").is_null()).iter_rows(named=True)
    ]


def timed(packets: list[Packet], begin: float = 0, step: float = 0.01) -> list[tuple[float, Packet]]:
    """Return packets with times."""
    return [(begin + n * step, packet) for n, packet in enumerate(packets)]


def tls(name: bytes, port: int = 50001) -> list[Packet]:
    """Return a TLS connection to a name."""
    return conversation(LAN, port, 443, (True, records(hello(name))), (False, bytes(1000)))


def test_a_connection_is_one_event_on_its_first_packet() -> None:
    """With its bytes either way, its time, and who asked whom."""
    (event,) = told(timed(tls(b"one.example")))
    size = len(records(hello(b"one.example")))
    assert event | {"offset": 0, "source_bytes": size, "destination_bytes": 1000} == event
    assert (event["source_port"], event["destination_port"]) == (50001, 443)
    assert event["event_duration"] == 60_000_000
    assert (event["event_outcome"], event["tls_server_name"]) == ("allowed", "one.example")


def test_it_is_the_same_in_one_batch_and_packet_by_packet() -> None:
    """Where batches end makes no difference."""
    packets = timed([*tls(b"one.example"), *tls(b"two.example", 50002)])
    assert told(packets) == told(*([packet] for packet in packets))


def test_segments_in_any_order_make_the_hello() -> None:
    """Also one byte at a time, with the last first and all twice."""
    text = records(hello(b"parts.example"))
    syn = LAN / TCP(sport=50001, dport=443, flags="S", seq=999)
    parts = [
        LAN / TCP(sport=50001, dport=443, flags="A", seq=1000 + at) / Raw(text[at : at + 40])
        for at in range(0, len(text), 40)
    ]
    for order in (parts, parts[::-1], [*parts, *parts], parts[1:] + parts[:1]):
        (event,) = told(timed([syn, *order]))
        assert event["tls_server_name"] == "parts.example"
        assert "tls_client_ja4" in event


def test_a_port_that_is_used_again_is_another_connection() -> None:
    """Each with its own name; a SYN that is sent again is none."""
    packets = [*tls(b"one.example"), *tls(b"one.example")[:1]]
    again = [p.copy() for p in tls(b"two.example")]
    for packet in again:
        packet[TCP].seq += 5000
    assert [e["tls_server_name"] for e in told(timed([*packets, *again]))] == ["one.example", "two.example"]
    assert [e["tls_server_name"] for e in told(timed(packets), timed(again, 1))] == [
        "one.example",
        "two.example",
    ]


@pytest.mark.parametrize(("kind", "quiet"), [(TCP, IDLE_TCP), (UDP, IDLE)])
def test_after_a_long_quiet_it_is_another_connection(kind: type[Packet], quiet: int) -> None:
    """The same in one batch and in two; a shorter quiet is none."""
    seconds = quiet / SECOND
    first = [(0, LAN / kind(sport=50001, dport=9999) / Raw(b"a" * 20))]
    for pause, events in ((seconds - 1, 1), (seconds + 1, 2)):
        second = [(pause, LAN / kind(sport=50001, dport=9999) / Raw(b"b" * 20))]
        assert len(told(first + second)) == len(told(first, second)) == events


def test_last_words_tell_nothing() -> None:
    """What comes after an end, or of a connection that ended before the capture began, is no connection."""
    late = [(30, LAN / TCP(sport=50001, dport=443, flags="A", seq=9, ack=9))]
    assert told(late) == []
    assert len(told(timed(tls(b"one.example")) + late)) == 1


def test_who_answers_from_a_known_port_is_the_server() -> None:
    """Where the beginning was not seen."""
    (event,) = told([(0, BACK / TCP(sport=443, dport=50001, flags="A", seq=5) / Raw(b"\x17\x03\x03"))])
    assert (event["source_ip"], event["destination_port"]) == ("192.0.2.23", 443)


def test_quic_is_read_across_datagrams() -> None:
    """A ClientHello in two Initial packets is one connection with its name."""
    text = hello(b"video.example")
    datagrams = [initial(crypto(text[:50])), initial(crypto(text[50:], 50), number=1)]
    (event,) = told(timed([LAN / UDP(sport=50001, dport=443) / Raw(d) for d in datagrams]))
    assert (event["network_protocol"], event["tls_server_name"]) == ("quic", "video.example")


def test_a_question_waits_for_its_answer_and_no_longer() -> None:
    """Late answers are events of their own; questions that are asked twice are two."""
    asked = LAN / UDP(sport=40000, dport=53) / Raw(question("a.example", "A", 5))
    reply = BACK / UDP(sport=53, dport=40000) / Raw(answer("a.example", "A", 5, "192.0.2.9"))
    (event,) = told([(0, asked), (0.25, reply)])
    assert (event["offset"], event["event_duration"], event["dns_answers"]) == (0, 250_000_000, "192.0.2.9")
    late = told([(0, asked)], [(9, asked.copy())], [(9.1, reply)])
    assert [e.get("dns_response_code") for e in late] == [None, "NOERROR"]
    assert [e["offset"] for e in told([(0, asked), (0.1, asked), (0.2, reply)])] == [0, 1]
    other = BACK / UDP(sport=53, dport=40000) / Raw(answer("b.example", "A", 5, "192.0.2.9"))
    assert [e["dns_question_name"] for e in told([(0, asked), (0.1, other)])] == ["a.example", "b.example"]


def test_data_hidden_in_questions_is_recognised() -> None:
    """Strange names out of one port, one after another, are a sign; the questions that follow carry it."""
    packets = [
        LAN / UDP(sport=40000, dport=53) / Raw(question(f"{n * 7919:032x}.t.example", "TXT", n))
        for n in range(8)
    ]
    assert "dns-tunnel" in {e.get("network_application") for e in told(timed(packets))}


def test_each_request_of_a_connection_is_an_event() -> None:
    """The first has the connection's bytes; what is asked of a connection counts once."""
    heads = [b"GET /%d HTTP/1.1\r\nHost: h.example\r\n\r\n" % n for n in range(3)]
    words = [word for head in heads for word in ((True, head), (False, b"HTTP/1.1 200 OK\r\n\r\n"))]
    events = told(timed(conversation(LAN, 50001, 80, *words)))
    assert [e["url_path"] for e in events] == ["/0", "/1", "/2"]
    assert ["source_bytes" in e for e in events] == [True, False, False]


def test_connections_of_other_protocols() -> None:
    """IPsec has no ports, and is told all the same."""
    (event,) = told([(0, LAN / ESP(spi=1, seq=1, data=bytes(64)))])
    assert (event["network_transport"], event["network_application"]) == ("esp", "ipsec")
    assert "source_port" not in event


def test_too_many_connections_are_told_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has a bound: those that were quiet for longest are told; none is lost."""
    monkeypatch.setattr(extract, "MOST_OPEN", 10)
    packets = [[(n, LAN / TCP(sport=1024 + n, dport=443, flags="S", seq=n))] for n in range(60)]
    extractor = Extractor()
    for batch in packets:
        extractor.take(
            packets_of([bytes(p) for _, p in batch], [START + int(t * SECOND) for t, _ in batch], 101)
        )
        assert len(extractor._open) <= 11
    assert len(told(*packets)) == 60


def test_a_connection_without_an_end_is_told_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows do not wait for ever for one that goes on and on."""
    monkeypatch.setattr(extract, "MOST_HELD", 50)
    batches = [timed([LAN / UDP(sport=50001, dport=9999) / Raw(b"x" * 20)] * 20, n) for n in range(20)]
    extractor, longest = Extractor(), 0
    left = 0
    for n, batch in enumerate(batches, 1):
        left += len(
            extractor.take(
                packets_of([bytes(p) for _, p in batch], [START + int(t * SECOND) for t, _ in batch], 101)
            )
        )
        longest = max(longest, n * 20 - left)
    assert longest <= 80
    assert 5 < len(told(*batches)) < 10


def test_live_a_connection_is_told_while_it_goes_on() -> None:
    """Soon, once, without bytes; later requests are told as they come."""
    head = b"GET /%d HTTP/1.1\r\nHost: h.example\r\n\r\n"
    packets = conversation(LAN, 50001, 80, (True, head % 1), (True, head % 2))
    events = told(
        timed(packets[:4]),
        [(7, LAN / UDP(sport=1, dport=9) / Raw(b"later"))],
        timed(packets[4:], 8),
        live=True,
    )
    assert [e.get("url_path") for e in events if e["network_transport"] == "tcp"] == ["/1", "/2"]
    assert all("source_bytes" not in e for e in events)
