"""
The goals of conformance, on the real samples; `make conformance` prints what is behind each.

Files that no format should claim are left out here, for their number; the command looks at those, too.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # `tests.conformance`, as `python -m` finds it

from tests.conformance.documents import inside
from tests.conformance.kept import figures, kept
from tests.conformance.measure import Findings, measure
from tests.conformance.report import report
from tests.conformance.samples import NoLog, Sample, walk
from tests.conformance.table import NO_FORMAT, reasons, right_formats
from tests.conformance.told import same, time_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("conformance")  # the work that its tests share is done once

slow = pytest.mark.slow
ROW: dict[str, Any] = {
    "user_name": "amina.k",
    "user_domain": "SCHOOL",
    "source_ip": "2001:db8::1",
    "source_port": None,
    "source_mac": "02:00:00:00:00:0a",
    "destination_port": 443,
    "network_transport": "tcp",
    "http_request_method": "GET",
    "url_scheme": "https",
    "url_domain": "www.example.org",
    "url_path": None,
    "url_query": "q=a%20b",
    "url_full": None,
    "event_outcome": "blocked",
    "rule_category": "Games,Chat",
    "dns_question_type": "AAAA",
}


def worth_reading(folder: Path) -> Iterator[Sample | NoLog]:
    """Yield the samples but for those of kinds that the program does not read."""
    return (sample for sample in walk(folder) if right_formats(sample.name) != (NO_FORMAT,))


@pytest.fixture(scope="module")
def findings(shared: Path) -> Findings:
    """Return what comes of the real samples."""
    return measure(worth_reading(shared / "samples"))


@slow
def test_values_are_as_others_read_them(findings: Findings) -> None:
    """Of all compared values 99.5 in a hundred are equal, and of the others each is explained."""
    total = findings.total
    strange = [d for d in findings.differences if d.reason is None]
    assert not strange, [(d.format, d.field, d.theirs, d.ours, d.where) for d in strange]
    assert total.compared > 30_000
    assert total.equal / total.compared >= 0.995


@slow
def test_no_reason_is_out_of_use(findings: Findings) -> None:
    """Each reason explains a difference that there still is."""
    assert [(r.format, sorted(r.columns), r.why) for r in findings.unused] == []


@slow
def test_every_line_is_an_event_a_reject_with_a_reason_or_skipped(findings: Findings) -> None:
    """Rows out are rows in, and no reject is without words."""
    total = findings.total
    assert total.lines == total.events + total.rejects + total.skipped
    assert all(reason.strip() for _, reason in findings.rejects)


@slow
def test_the_right_format_wins(findings: Findings) -> None:
    """Of files of known kinds 99 in a hundred are recognised as what they are."""
    assert findings.sniffed > 500
    assert len(findings.mistaken) <= findings.sniffed / 100, findings.mistaken


@slow
def test_the_figures_that_ship_are_those_measured(findings: Findings) -> None:
    """`make conformance WRITE=1` was run after the last change of a format."""
    assert kept() == figures(findings)


@slow
def test_the_report_ends_with_its_sums(findings: Findings) -> None:
    """The last line is one JSON object; each difference is named by file and line."""
    *lines, last = report(findings)
    assert set(json.loads(last)) == {
        *("files", "lines", "events", "rejects", "skipped", "fields_compared", "fields_equal")
    }
    assert any(line.startswith("format ") for line in lines)


def test_reasons_say_why() -> None:
    """A reason has columns, and words that are more than a name."""
    assert all(reason.columns and len(reason.why.split()) >= 4 for reason in reasons())


@pytest.mark.parametrize(
    ("column", "theirs", "equal"),
    [
        ("user_name", "school\\Amina.K", True),
        ("user_name", "amina.k@school", True),
        ("user_name", "amina", False),
        ("user_name", "-", None),
        ("source_ip", "2001:0db8:0000::0001", True),
        ("source_ip", "2001:db8::2", False),
        ("source_ip", "a.example", None),
        ("source_port", 0, None),
        ("source_port", 80, False),
        ("source_mac", "02-00-00-00-00-0A", True),
        ("destination_port", "443", True),
        ("url_domain", "WWW.example.org.", True),
        ("url_domain", "example.org", False),
        ("url_path", "/", None),
        ("url_path", "/a", False),
        ("url_query", "?q=a b", True),
        ("url_query", "q=ab", False),
        ("event_outcome", ["denied", "connection"], True),
        ("event_outcome", ["allowed"], False),
        ("event_outcome", ["info"], None),
        ("rule_category", ["Chat", "Games"], True),
        ("rule_category", ["Chat"], False),
        ("dns_question_type", "28 (AAAA)", True),
        ("network_transport", "17", False),
    ],
)
def test_what_counts_as_the_same(column: str, theirs: object, equal: bool | None) -> None:
    """A spelling may differ, a value may not; what says nothing is not compared."""
    assert same(column, theirs, ROW) is equal


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-12T09:05:01Z",
        "2026-01-12T10:05:01+01:00",
        "1768208701",
        "1768208701000",
        "12-Jan-2026 09:05:01.000",
        "12/Jan/2026:09:05:01 +0000",
    ],
)
def test_times_in_many_forms(text: str) -> None:
    """Each form that expected parses write is the same moment."""
    assert time_of(text) == datetime(2026, 1, 12, 9, 5, 1, tzinfo=UTC)


def test_documents_that_quote_lines() -> None:
    """A table's rows, a test's cases and a parser's examples become lines, each with what was read of it."""
    table = json.dumps([{"SyslogMessage": "one", "c_ip": "192.0.2.1"}, {"SyslogMessage": "two\nmore"}])
    content, readings = inside(table.encode()) or (b"", [])
    assert content == b"one\ntwo more\n"
    assert (readings[0].offset, readings[0].fields["c_ip"], readings[1].offset) == (0, "192.0.2.1", 4)
    bare = [
        {"SyslogMessage": "query: a", "EventTime [UTC]": "6/1/2021, 12:42:28.603 PM", "ProcessName": "named"}
    ]
    content, _ = inside(json.dumps(bare).encode()) or (b"", [])
    assert content == b"2021-06-01T12:42:28.603000+00:00 - named: query: a\n"
    xml = b"<normalizer><examples><example><text>a b</text><expectedTags><expectedTag name='user'>x</expectedTag>"
    content, readings = inside(xml + b"</expectedTags></example></examples></normalizer>") or (b"", [])
    assert (content, dict(readings[0].fields)) == (b"a b\n", {"user": "x"})
    assert inside(b"[a]\nlog 1 pass = the line\nrule = 1\n") == (b"the line\n", [])
    assert inside(b'{"events":[{"message":"m"},{"json":{"a":1}}]}') == (b'm\n{"a":1}\n', [])
    assert inside(b'{"a":1}\n{"a":2}\n') is None


def test_a_folder_of_anybodys(tmp_path: Path) -> None:
    """Expected parses are found by their kind beside any log; what is no log is named with its reason."""
    folder = tmp_path / "a vendor unheard of"
    folder.mkdir()
    line = "1768207501.104     85 192.0.2.7 TCP_MISS/200 15320 GET http://a.example/ - HIER_DIRECT/192.0.2.9 text/html"
    (folder / "x__one.log").write_text(f"{line}\n{line}\n")
    node = 'results["s01-parse"]["some/squid"]'
    (folder / "x__parser.assert").write_text(
        f'{node}[0].Evt.Parsed["message"] == "{line}"\n{node}[0].Evt.Parsed["source_ip"] == "192.0.2.7"\n'
        f'{node}[1].Evt.Parsed["message"] == "{line}"\n{node}[1].Evt.Parsed["source_ip"] == "192.0.2.8"\n'
    )
    (folder / "two.log").write_text(f"{line}\n")
    (folder / "two.log-expected.json").write_text('{"expected": [{"source": {"ip": "192.0.2.7"}}]}')
    (folder / "notes.md").write_text("notes")
    (folder / "odd.log").write_text("nothing that anybody knows\n")
    (folder / "empty.log").write_text("")
    found = measure(walk(tmp_path))
    assert (found.total.files, found.total.lines, found.total.compared, found.total.equal) == (2, 3, 3, 2)
    assert [(d.theirs, d.ours, d.where) for d in found.differences] == [
        ("192.0.2.8", "192.0.2.7", "a vendor unheard of/x__one.log:2")
    ]
    assert {name.rpartition("/")[2] for name, _ in found.unread} == {"notes.md", "odd.log", "empty.log"}
