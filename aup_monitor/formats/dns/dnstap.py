r"""
dnstap: what a DNS server was asked and answered, in binary, as files of Frame Streams.

BIND, Unbound, Knot Resolver, PowerDNS Recursor, dnsdist and CoreDNS write it, with nearly no cost. A record holds the message
itself as it went over the wire, who sent it, when and how. In BIND 9:

    dnstap { client; auth; };                // named.conf, options
    dnstap-output file "/var/log/named/dnstap.fstrm" size 200m versions 5;

In Unbound, `dnstap-log-client-query-messages` and `-response-messages` to a socket, from which `fstrm_capture` writes files.
References: https://dnstap.info/, https://github.com/dnstap/dnstap.pb/blob/master/dnstap.proto (the record) and
https://github.com/farsightsec/fstrm (the file)

What it fills: time, client and server with their ports, transport, DoT, DoH, DoQ or DNSCrypt (`network_application`), name and
type asked for; of answers the code, what was answered and how long it took; the policy (RPZ) that decided (`rule_name`); the
server's name and product. `offset` is the number of the record in the file, from 0.

A question of a client (CLIENT_QUERY, AUTH_QUERY) is an event; its outcome is unknown. Its answer is one only if the question is not
among the 256 records before it, or if it was refused, or a policy decided: a server that logs answers alone loses nothing.

Outcome of an answer: what a policy of the server did (PASS is allowed, all else blocked); else NOERROR is allowed, REFUSED
blocked, anything else unknown.

Lacks: the account. Caveats:
- What the server itself asked others (RESOLVER, FORWARDER, STUB), tools and updates are skipped, and so are classes other than IN.
- The last record of a file that is being written may not be whole yet: it comes with the next reading.
- After a length that cannot be, nothing of the file can be read: one reject says so.
- Servers with several threads write records not quite in the order of time.
- A question is no proof of a visit.

Checked on 2 real records of dnsdist, byte by byte, and on those that a real BIND 9.18 wrote of questions with known answers.
"""

from __future__ import annotations

import struct
from ipaddress import ip_address
from typing import IO, TYPE_CHECKING, Final, NamedTuple

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.dns._dnstap_records import CONTENT_TYPE, Damage, Record, frames, record_of
from aup_monitor.formats.dns.questions import LOOKBACK, outcome_of, question_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.core.format import Context

FRAME_RECORDS: Final = 20_000
"""How many records are given at a time."""
MOST_ANSWERS: Final = 50
"""How many records of an answer are told."""

_KINDS: Final = {1: "AUTH_QUERY", 2: "AUTH_RESPONSE", 5: "CLIENT_QUERY", 6: "CLIENT_RESPONSE"}
"""Those of clients; all others are the server's own."""
_ANSWERS: Final = (2, 6)
_TRANSPORTS: Final = {1: "udp", 2: "tcp", 3: "tcp", 4: "tcp", 5: "udp", 6: "tcp", 7: "udp"}
_APPLICATIONS: Final = {3: "DoT", 4: "DoH", 5: "DNSCrypt", 6: "DNSCrypt", 7: "DoQ"}
_PASS: Final = 3
_REFUSED: Final = 5
_HEADER: Final = struct.Struct("!6H")
_QUESTION: Final = struct.Struct("!2H")


class _Row(NamedTuple):
    """A record as columns, before they are cleaned column-wise."""

    offset: int
    reject: str | None = None
    skip: bool = False
    at: int | None = None
    took: int | None = None
    action: str | None = None
    verdict: str | None = None
    observer: str | None = None
    version: str | None = None
    client: str | None = None
    client_port: int | None = None
    server: str | None = None
    server_port: int | None = None
    transport: str | None = None
    application: str | None = None
    name: str | None = None
    type: str | None = None
    code: str | None = None
    answers: str | None = None
    rule: str | None = None


_NUMBERS: Final = ("offset", "at", "took", "client_port", "server_port")
_SCHEMA: Final[dict[str, pl.DataType]] = {
    **{name: pl.Int64() if name in _NUMBERS else pl.String() for name in _Row._fields},
    "skip": pl.Boolean(),
}


def sniff(head: bytes) -> float:
    """Return 1 for a file that begins as every dnstap file does: a control frame that names what it holds."""
    return float(head.startswith(b"\x00\x00\x00\x00") and CONTENT_TYPE in head[:64])


def read(file: IO[bytes], context: Context, after: int) -> Iterator[pl.DataFrame]:  # noqa: ARG001 - dnstap is in UTC
    """Yield frames of at most `FRAME_RECORDS` records with numbers above `after` (`core.format.Read`)."""
    rows: list[_Row] = []
    for row in _rows(file, after):
        rows.append(row)
        if len(rows) == FRAME_RECORDS:
            yield _frame(rows)
            rows = []
    if rows:
        yield _frame(rows)


def _rows(file: IO[bytes], after: int) -> Iterator[_Row]:
    """Yield the rows above `after`; so many before them are read as an answer looks back."""
    asked: dict[bytes, int] = {}
    number = -1
    try:
        for number, frame in enumerate(frames(file)):
            if number >= after - LOOKBACK:
                row = _row(number, frame, asked)
                if number > after:
                    yield row
    except Damage as damage:
        yield _Row(max(number + 1, after + 1), reject=str(damage))


def _row(number: int, frame: bytes, asked: dict[bytes, int]) -> _Row:
    try:
        record = record_of(frame)
        if record is None or record.kind not in _KINDS:
            return _Row(number, skip=True)
        return _event(number, record, asked)
    except Damage as damage:
        return _Row(number, reject=str(damage))


def _event(number: int, record: Record, asked: dict[bytes, int]) -> _Row:
    """Return the event of a client's record; skipped if it is the answer to a question that was told."""
    answer = record.kind in _ANSWERS
    wire = (record.answer or record.question) if answer else (record.question or record.answer)
    identity, flags, name, kind, group = _question(wire)
    key = b"%b %d %d %b" % (
        record.client,
        record.client_port or 0,
        identity,
        (name.to_wire() or b"") if name else b"",
    )
    code = flags & 15
    if answer:
        known = number - asked.get(key, -LOOKBACK - 1) <= LOOKBACK
        told = known and code != _REFUSED and record.policy is None
    else:
        _remember(asked, key, number)
        told = False
    if told or group != dns.rdataclass.IN:
        return _Row(number, skip=True)
    at = record.answered_at if answer else record.asked_at
    return _Row(
        number,
        at=at or record.asked_at or record.answered_at,
        took=_between(record.asked_at, record.answered_at) if answer else None,
        action=_KINDS[record.kind],
        verdict=_verdict(record),
        observer=record.identity,
        version=record.version,
        client=_address(record.client),
        client_port=record.client_port,
        server=_address(record.server),
        server_port=record.server_port,
        transport=_TRANSPORTS.get(record.protocol or 0),
        application=_APPLICATIONS.get(record.protocol or 0),
        name=name.to_text() if name else None,
        type=dns.rdatatype.to_text(dns.rdatatype.RdataType.make(kind)),
        code=dns.rcode.to_text(dns.rcode.Rcode.make(code)) if answer else None,
        answers=_answers(wire) if answer else None,
        rule=(record.policy.rule or record.policy.kind) if record.policy else None,
    )


def _remember(asked: dict[bytes, int], key: bytes, number: int) -> None:
    """Keep the number of a question; old ones go now and then, so that the memory is flat."""
    asked[key] = number
    if len(asked) > 8 * LOOKBACK:
        for old in [one for one, at in asked.items() if at < number - LOOKBACK]:
            del asked[old]


def _question(wire: bytes) -> tuple[int, int, dns.name.Name | None, int, int]:
    """Return a message's number and flags, and the name, type and class of its question."""
    try:
        identity, flags, questions, *_ = _HEADER.unpack_from(wire)
        if not questions:
            return identity, flags, None, 0, dns.rdataclass.IN
        name, length = dns.name.from_wire(wire, _HEADER.size)
        kind, group = _QUESTION.unpack_from(wire, _HEADER.size + length)
    except (struct.error, dns.exception.DNSException, ValueError, IndexError) as exc:
        raise Damage("the DNS message in the record does not decode") from exc
    return identity, flags, name, kind, group


def _answers(wire: bytes) -> str | None:
    """Return the data of an answer's records, joined by a comma; none where they do not decode."""
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True)
        found = [data.to_text() for records in message.answer for data in records]
    except (struct.error, dns.exception.DNSException, ValueError, IndexError):
        return None
    return ",".join(found[:MOST_ANSWERS]) or None


def _verdict(record: Record) -> str | None:
    """Return what a policy did; none where none acted."""
    if record.policy is None or record.policy.action is None:
        return None
    return "allowed" if record.policy.action == _PASS else "blocked"


def _between(begin: int | None, end: int | None) -> int | None:
    return end - begin if begin and end and end >= begin else None


def _address(packed: bytes) -> str | None:
    """Return an address by its bytes; none where they are not 4 or 16, or all zeros."""
    return str(ip_address(packed)) if len(packed) in (4, 16) and any(packed) else None


def _frame(rows: list[_Row]) -> pl.DataFrame:
    """Return rows as the columns of events."""
    time = pl.from_epoch(pl.col("at") // 1000, time_unit="us").dt.replace_time_zone("UTC").cast(TIME)
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").select(
        "offset",
        pl.col("reject").alias(REJECT),
        pl.col("skip").alias(SKIP),
        time.alias("timestamp"),
        pl.lit("dns").alias("log_class"),
        pl.col("action").alias("event_action"),
        pl.coalesce("verdict", outcome_of("code")).alias("event_outcome"),
        pl.col("took").alias("event_duration"),
        pl.col("version").alias("observer_product"),
        pl.col("observer").alias("observer_name"),
        pl.col("client").alias("source_ip"),
        pl.col("client_port").cast(pl.Int32).alias("source_port"),
        pl.col("server").alias("destination_ip"),
        pl.col("server_port").cast(pl.Int32).alias("destination_port"),
        pl.col("transport").alias("network_transport"),
        pl.lit("dns").alias("network_protocol"),
        pl.col("application").alias("network_application"),
        question_name("name"),
        pl.col("type").alias("dns_question_type"),
        pl.col("code").alias("dns_response_code"),
        pl.col("answers").alias("dns_answers"),
        pl.col("rule").alias("rule_name"),
    )


FORMAT: Final = Format(
    name="dnstap",
    log_class="dns",
    title="dnstap (DNS messages)",
    sniff=sniff,
    doc=__doc__,
    read=read,
    fills=(
        *("timestamp", "log_class", "event_action", "event_outcome", "event_duration"),
        *("observer_product", "observer_name", "source_ip", "source_port", "destination_ip"),
        *("destination_port", "network_transport", "network_protocol", "network_application"),
        *("dns_question_name", "dns_question_type", "dns_response_code", "dns_answers", "rule_name"),
    ),
)
