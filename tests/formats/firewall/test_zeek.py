"""Zeek's logs in both of their forms, against Elastic's reading, Zeek's own baselines, and malice."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.format import Context
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.firewall import zeek
from aup_monitor.formats.reader import read_blocks

if TYPE_CHECKING:
    from aup_monitor.core.format import Format

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats"
ALL: Final = (zeek.CONN, zeek.DHCP, zeek.DNS, zeek.HTTP, zeek.QUIC, zeek.SSL)
DNS_HEADER: Final = "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\tquery\tanswers"
DNS_LINE: Final = "1772705649.052907\t10.20.4.31\t51946\t10.20.0.2\t53\tudp\t7\t{}\t-"
CONTEXT: Final = Context()


def read(fmt: Format, content: bytes) -> list[dict[str, Any]]:
    """Return one dict a line, as the reader cuts the content."""
    frames = [block.frame for block in read_blocks(fmt, io.BytesIO(content), CONTEXT)]
    return pl.concat(frames, how="diagonal").sort("offset").to_dicts()


def events(fmt: Format, *lines: str) -> list[dict[str, Any]]:
    """Return what the lines are, without comments."""
    return [row for row in read(fmt, "\n".join(lines).encode()) if not row["skip"]]


def dig(tree: dict[str, Any], path: str) -> Any:
    """Return a value by its dotted ECS name, from nested or flat keys."""
    if path in tree:
        return tree[path]
    for part in path.split("."):
        tree = tree.get(part, {}) if isinstance(tree, dict) else {}
    return None if tree == {} else tree


def by_offset(items: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return Beats' events with the byte at which the line of each begins."""
    return [(item["log.offset"], item) for item in items]


# Elastic's names and ours, by log.
SHARED: Final = {
    "source.ip": "source_ip",
    "source.port": "source_port",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
}
SAME: Final = {
    "dns": {
        "dns.question.name": "dns_question_name",
        "dns.question.type": "dns_question_type",
        "dns.response_code": "dns_response_code",
        "network.transport": "network_transport",
    },
    # Elastic calls every TLS session tcp; Zeek's ssl.log holds QUIC's sessions, too, and does not say which, so
    # that ours leaves the transport open.
    "ssl": {"tls.client.server_name": "tls_server_name"},
    # Elastic counts the bytes of IP packets, headers and all (orig_ip_bytes); ours are those of the content.
    "connection": {"network.transport": "network_transport", "event.duration": "event_duration"},
    "http": {
        "http.request.method": "http_request_method",
        "http.response.status_code": "http_response_status_code",
        "url.domain": "url_domain",
        "user_agent.original": "user_agent_original",
        "user.name": "user_name",
    },
}
UNLIKE: Final = {
    # Zeek has type and code of ICMP where ports are; we leave them out, Elastic only in some versions keeps them.
    ("source.port", "icmp"),
    ("destination.port", "icmp"),
}
BY_FOLDER: Final = {"dns": zeek.DNS, "ssl": zeek.SSL, "connection": zeek.CONN, "http": zeek.HTTP}


@pytest.mark.parametrize("log", list(SAME))
def test_real_json_agrees_with_elastic(shared: Path, log: str) -> None:
    """Times to the second, ends, questions, server names and pages are as Elastic reads them."""
    compared = 0
    for path in sorted((shared / "samples" / "zeek").glob(f"elastic-*__{log}__*-expected.json")):
        expected = json.loads(path.read_text())
        content = path.with_name(path.name.removesuffix("-expected.json")).read_bytes()
        rows = {row["offset"]: row for row in read(BY_FOLDER[log], content)}
        items = (
            zip(rows, expected["expected"], strict=True)
            if isinstance(expected, dict)
            else by_offset(expected)
        )
        for offset, item in items:
            row, line = rows[offset], content[offset:].decode().partition("\n")[0]
            # A Splunk export wraps the line into JSON of its own; Elastic unwraps it, we say that it is not Zeek's.
            assert (row["reject"] is None) == line.startswith('{"ts"')
            if row["reject"]:
                continue
            time = datetime.fromisoformat(dig(item, "@timestamp"))
            assert row["timestamp"].replace(microsecond=0) == time.replace(microsecond=0)
            for theirs, ours in {**SHARED, **SAME[log]}.items():
                # What only we read is no disagreement, but for the ends of the connection.
                if (dig(item, theirs) is None and theirs not in SHARED) or (
                    theirs,
                    row.get("network_transport"),
                ) in UNLIKE:
                    continue
                compared += 1
                assert (theirs, dig(item, theirs)) == (theirs, row[ours])

    assert compared > 30


def test_real_answers_are_joined(shared: Path) -> None:
    """All answers of a JSON list arrive, in order."""
    path = shared / "samples" / "zeek" / "elastic-beats__zeek__dns__dns-json.log"
    raw = [json.loads(line) for line in path.read_text().splitlines()]

    assert [row["dns_answers"] for row in read(zeek.DNS, path.read_bytes())] == [
        ",".join(line["answers"]) if "answers" in line else None for line in raw
    ]


@pytest.mark.parametrize("fmt", [zeek.DNS, zeek.QUIC, zeek.SSL], ids=["dns", "quic", "ssl"])
def test_zeeks_own_baselines(shared: Path, fmt: Format) -> None:
    """Zeek's test results have their times crossed out: each line is a reject that says so, its fields still told apart."""
    path = fmt.name.removeprefix("zeek-")
    read_any, hosts = 0, set()
    for file in sorted((shared / "samples" / "zeek").glob(f"zeek-baseline__*__{path}.log")):
        content = file.read_bytes()
        rows = [row for row in read(fmt, content) if not row["skip"]]
        whole = b"#fields" in content
        reason = "no ts, or one that is no time" if whole else "no #fields line before this line"
        crossed_out = [row for row in rows if not content[row["offset"] :].startswith(b"1.000000")]

        assert {row["reject"] for row in crossed_out} <= {reason}

        if whole:
            assert fmt.score(content[:65536]) == 1
        hosts |= {row["source_ip"] for row in rows if whole}
        read_any += len(rows)

    assert read_any > 10
    assert None not in hosts


@pytest.mark.parametrize("path", ["conn", "http"])
def test_real_tabs(shared: Path, path: str) -> None:
    """A real log from 2011, fields of its day, is read whole."""
    content = (shared / "samples" / "zeek" / f"lnav__logfile_bro_{path}.log.0").read_bytes()
    fmt = {"conn": zeek.CONN, "http": zeek.HTTP}[path]
    rows = [row for row in read(fmt, content) if not row["skip"]]

    assert len(rows) > 10
    assert {row["reject"] for row in rows} == {None}
    assert {row["timestamp"].year for row in rows} == {2011}
    assert fmt.score(content) == 1


def test_both_forms_say_the_same() -> None:
    """The same log as text and as JSON gives the same events."""
    for path in ("dns", "ssl", "quic", "dhcp"):
        fmt = {"dns": zeek.DNS, "ssl": zeek.SSL, "quic": zeek.QUIC, "dhcp": zeek.DHCP}[path]
        tabs = [
            row
            for row in read(fmt, (OWN / f"zeek-{path}.log").read_bytes())
            if not row["skip"] and not row["reject"]
        ]
        lines = [row for row in read(fmt, (OWN / f"zeek-{path}.json.log").read_bytes()) if not row["reject"]]
        for one, other in zip(tabs, lines, strict=False):
            assert {**one, "offset": 0} == {**other, "offset": 0}

        assert len(lines) >= 5


def test_the_header_drives_the_columns() -> None:
    """Another order, another separator, absent and unknown and doubled fields: names decide, not places."""
    header = "#fields,trans_id,ts,nonsense,query,id_orig_h,query"
    event = events(zeek.DNS, header, "1,1772705649.5,x,Casino.Example.,10.0.0.1,second")[0]

    assert event["dns_question_name"] == "casino.example"
    assert event["source_ip"] == "10.0.0.1"
    assert event["destination_ip"] is None
    assert event["timestamp"] == datetime(2026, 3, 5, 10, 14, 9, 500000, tzinfo=UTC)


def test_the_header_may_change_mid_file() -> None:
    """Each line is read by the newest header above it, also when a block begins between the two."""
    new = "#fields\tquery\tts\tid.orig_h\ttrans_id"
    lines = [DNS_HEADER, DNS_LINE.format("one.example"), new, "two.example\t1772705650.0\t10.20.4.32\t8"]
    content = "\n".join(lines).encode()
    for block_bytes in (1, 60, 1 << 20):
        frames = [
            b.frame for b in read_blocks(zeek.DNS, io.BytesIO(content), CONTEXT, block_bytes=block_bytes)
        ]
        rows = pl.concat(frames, how="diagonal").sort("offset").filter(~pl.col("skip"))

        assert rows["dns_question_name"].to_list() == ["one.example", "two.example"]
        assert rows["source_ip"].to_list() == ["10.20.4.31", "10.20.4.32"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([DNS_LINE.format("a.example")], "no #fields line"),
        (["#fields", DNS_LINE.format("a.example")], "no #fields line"),
        (["#fields\t" + "\t".join("x" * 600), DNS_LINE.format("a.example")], "no #fields line"),
        ([DNS_HEADER, DNS_LINE.format("a.example") + "\textra"], "more or fewer fields"),
        ([DNS_HEADER, "1772705649.05"], "more or fewer fields"),
        ([DNS_HEADER, DNS_LINE.format("a").replace("1772705649.052907", "XXXXXXXXXX.XXXXXX")], "no ts"),
        ([DNS_HEADER, DNS_LINE.format("a").replace("1772705649.052907", "1e300")], "no ts"),
        ([DNS_HEADER, DNS_LINE.format("a").replace("1772705649.052907", "nan")], "no ts"),
        ([DNS_HEADER, DNS_LINE.format("a").replace("1772705649.052907", "-1")], "no ts"),
        (["#fields\tts\tid.orig_h\tserver_name", "1772705649.0\t10.0.0.1\ta.example"], "a line of another"),
        (['{"_path":"ssl","ts":1772705649.0,"id.orig_h":"10.0.0.1"}'], "a line of another"),
        (['{"ts":1772705649.0,"id.orig_h":"10.0.0.1","query":"a.exa'], "the JSON does not end"),
        (['{"ts":[],"query":{}}'], "no ts"),
        (["{}"], "no ts"),
        (["{" * 5000], "the JSON does not end"),
    ],
)
def test_bad_lines_say_why(lines: list[str], reason: str) -> None:
    """A line that cannot be read is a reject with its reason."""
    assert [row["reject"][: len(reason)] for row in events(zeek.DNS, *lines)] == [reason]


def test_times_in_json() -> None:
    """Seconds with a fraction and ISO 8601 give the same instant."""
    stamps = ("1772705649.052907", '"2026-03-05T10:14:09.052907Z"', '"1772705649.052907"')
    rows = events(zeek.DNS, *(f'{{"ts": {stamp}, "id.orig_h": "10.0.0.1"}}' for stamp in stamps))

    assert {row["timestamp"] for row in rows} == {datetime(2026, 3, 5, 10, 14, 9, 52907, tzinfo=UTC)}


def test_keys_inside_json_texts_are_not_keys() -> None:
    """A name that looks like a key with its value changes nobody's address."""
    bait = json.dumps('x","id.orig_h":"10.66.6.6","y":"')
    row = events(zeek.DNS, f'{{"ts":1772705649.0,"query":{bait},"id.orig_h":"10.0.0.1"}}')[0]

    assert row["source_ip"] == "10.0.0.1"
    assert row["dns_question_name"] == json.loads(bait)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"caf\xc3\xa9.example", "xn--caf-dma.example"),
        (r"tab\x09in.example", r"tab\x09in.example"),
        (r"bad\xff.example", r"bad\xff.example"),
        (r"comma\x2cin.example", "comma,in.example"),
        ("-", None),
        ("(empty)", None),
    ],
)
def test_escapes(written: str, name: str | None) -> None:
    """Printable UTF-8 is undone in both forms and made a name of DNS; control characters and broken bytes stay as written."""
    in_json = json.dumps(written)
    rows = events(
        zeek.DNS,
        DNS_HEADER,
        DNS_LINE.format(written),
        f'{{"ts":1772705649.0,"id.orig_h":"10.0.0.1","query":{in_json}}}',
    )

    assert rows[0]["dns_question_name"] == name
    if name is not None:
        assert rows[1]["dns_question_name"] == name


def test_long_and_strange_lines_do_no_harm() -> None:
    """A line of 100 kB, NULs and numbers too large leave the rest readable."""
    long = events(zeek.DNS, DNS_HEADER, DNS_LINE.format("a" * 100_000), DNS_LINE.format("b\x00c"))
    huge = events(
        zeek.SSL, '{"ts":1772705649,"id.orig_h":"10.0.0.1","id.orig_p":99999999999,"established":true}'
    )[0]

    assert [row["reject"] for row in long] == [None, None]
    assert len(long[0]["dns_question_name"]) == 100_000
    assert (huge["source_port"], huge["reject"]) == (None, None)


@pytest.mark.parametrize(
    ("rcode", "rejected", "outcome"),
    [
        ("NOERROR", "F", "allowed"),
        ("REFUSED", "T", "blocked"),
        ("REFUSED", "F", "blocked"),
        ("NXDOMAIN", "F", "unknown"),
    ],
)
def test_outcome_of_a_question(rcode: str, rejected: str, outcome: str) -> None:
    """Only a refusal is a block; NXDOMAIN may be a slip of the keyboard."""
    header = "#fields\tts\tid.orig_h\ttrans_id\trcode_name\trejected"

    assert (
        events(zeek.DNS, header, f"1772705649.0\t10.0.0.1\t1\t{rcode}\t{rejected}")[0]["event_outcome"]
        == outcome
    )


def test_sessions_not_established_are_not_called_blocked() -> None:
    """`established` false says that Zeek saw no end of the handshake, no more."""
    rows = events(zeek.SSL, *(f'{{"ts":1772705649.0,"established":{word}}}' for word in ("true", "false")))

    assert [row["event_outcome"] for row in rows] == ["allowed", "unknown"]


@pytest.mark.parametrize(
    ("request_line", "full", "domain", "path"),
    [
        ("GET a.example /x?u=http://b.example/", "http://a.example/x?u=http://b.example/", "a.example", "/x"),
        ("GET a.example http://a.example/y", "http://a.example/y", "a.example", "/y"),
        ("GET - http://A.example:8080/y", "http://A.example:8080/y", "a.example", "/y"),
        ("GET - http://a.example/z", "http://a.example/z", "a.example", "/z"),
        ("CONNECT a.example:443 a.example:443", None, "a.example", None),
        ("- - -", None, None, None),
    ],
)
def test_pages(request_line: str, full: str | None, domain: str | None, path: str | None) -> None:
    """The address is host and path, or whole as a proxy is asked; a tunnel has none."""
    header = "#fields\tts\tid.orig_h\ttrans_depth\tmethod\thost\turi"
    line = "\t".join(["1772705649.0", "10.0.0.1", "1", *request_line.split()])
    row = events(zeek.HTTP, header, line)[0]

    assert (row["url_full"], row["url_domain"], row["url_path"]) == (full, domain, path)
    assert row["url_scheme"] == (full and "http")


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1), max_size=5
    )
)
def test_any_header_and_any_lines_give_a_row_a_line(lines: list[str]) -> None:
    """Whatever header and lines hold, each line gives one row of the schema's types."""
    frame = pl.DataFrame(
        {"line": lines, "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    for fmt in ALL:
        assert fmt.parse is not None
        out = fmt.parse(frame.lazy(), Context(header="#fields" + "".join(lines))).collect()

        assert sorted(out["offset"]) == list(range(len(lines)))
        assert all(dtype == EVENT_SCHEMA[name] for name, dtype in out.schema.items() if name in EVENT_SCHEMA)


@pytest.mark.parametrize(
    "head",
    [
        "#fields\tts\tid.orig_h\ttrans_depth\tmethod\turi\tcall_id\n",
        "#fields\tts\tid.orig_h\ttrans_depth\thelo\tmailfrom\n",
        '{"ts":1772705649.0,"id.orig_h":"10.0.0.1","trans_depth":0,"method":"INVITE","request_body_len":0}\n',
        '{"ts":1772705649.0,"id.orig_h":"10.0.0.1","trans_depth":1,"helo":"mail.example"}\n',
    ],
)
def test_telephones_and_mail_are_no_pages(head: str) -> None:
    """Zeek's sip and smtp logs count transactions, too, and are not taken for http."""
    assert zeek.HTTP.score(head.encode()) == 0


def test_each_knows_its_own() -> None:
    """Of them all, only the right one recognises each sample."""
    for path in OWN.glob("zeek-*.log"):
        scores = {fmt.name: fmt.score(path.read_bytes()) for fmt in ALL}
        own = path.name.split(".")[0]

        assert scores == {fmt.name: float(fmt.name == own) for fmt in ALL}


def test_real_leases_agree_with_elastic(shared: Path) -> None:
    """Whom an address was given to, by the three real lines of dhcp.log; a Splunk export is none of Zeek's."""
    compared = 0
    for path in sorted((shared / "samples" / "zeek").glob("elastic-*__dhcp__*-expected.json")):
        expected = json.loads(path.read_text())
        rows = read(zeek.DHCP, path.with_name(path.name.removesuffix("-expected.json")).read_bytes())
        items = expected["expected"] if isinstance(expected, dict) else expected
        for row, item in zip(rows, items, strict=True):
            if row["reject"]:
                continue
            same = {
                "source.ip": "source_ip",
                "destination.ip": "destination_ip",
                "zeek.dhcp.address.mac": "source_mac",
                "zeek.dhcp.hostname": "host_name",
            }
            assert {key: dig(item, key) for key in same} == {key: row[ours] for key, ours in same.items()}
            assert row["lease_from"] == row["timestamp"]
            assert (row["lease_to"] - row["lease_from"]).total_seconds() in {1800, 86400}
            compared += 1

    assert compared == 3


DHCP_HEADER: Final = "#fields\tts\tuids\tclient_addr\tmac\tassigned_addr\tlease_time\tmsg_types"


@pytest.mark.parametrize(
    ("assigned", "seconds", "messages", "outcome", "held"),
    [
        ("10.0.0.9", "3600.0", "DISCOVER,OFFER,REQUEST,ACK", "allowed", (0, 3600)),
        ("10.0.0.9", "-", "REQUEST,ACK", "allowed", (0, None)),
        ("10.0.0.9", "4294967295.0", "REQUEST,ACK", "allowed", (0, None)),
        ("10.0.0.9", "nan", "REQUEST,ACK", "allowed", (0, None)),
        ("10.0.0.9", "900.0", "REQUEST,NAK,REQUEST,ACK", "allowed", (0, 900)),
        ("10.0.0.9", "900.0", "REQUEST,ACK,DECLINE", "unknown", (None, None)),
        ("10.0.0.9", "900.0", "REQUEST,ACK,RELEASE", "unknown", (None, 0)),
        ("-", "-", "REQUEST,NAK", "blocked", (None, None)),
        ("-", "-", "INFORM,ACK", "allowed", (None, None)),
        ("-", "-", "RELEASE", "unknown", (None, 0)),
        ("-", "-", "-", "unknown", (None, None)),
    ],
)
def test_leases(
    assigned: str, seconds: str, messages: str, outcome: str, held: tuple[int | None, int | None]
) -> None:
    """The last message says whether the address is held, and the lease until when."""
    line = f"1772705649.0\tC1\t10.0.0.9\taa:bb:cc:00:00:01\t{assigned}\t{seconds}\t{messages}"
    row = events(zeek.DHCP, DHCP_HEADER, line)[0]
    since = [
        None if time is None else (time - row["timestamp"]).total_seconds()
        for time in (row["lease_from"], row["lease_to"])
    ]

    assert (row["source_ip"], row["event_outcome"], tuple(since)) == ("10.0.0.9", outcome, held)


@pytest.mark.parametrize(
    ("history", "outcome"), [("ISish", "allowed"), ("ISIS", "unknown"), ("-", "unknown")]
)
def test_quic_sessions(history: str, outcome: str) -> None:
    """A session is allowed once the server's own packets were seen."""
    header = "#fields\tts\tid.orig_h\tid.resp_h\tclient_initial_dcid\tserver_name\thistory"
    row = events(zeek.QUIC, header, f"1772705649.0\t10.0.0.1\t192.0.2.1\tab\tCasino.Example.\t{history}")[0]

    assert (row["tls_server_name"], row["event_outcome"]) == ("casino.example", outcome)
    assert (row["network_protocol"], row["network_transport"]) == ("quic", "udp")
