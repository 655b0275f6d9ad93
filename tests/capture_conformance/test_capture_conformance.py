"""
The goals of captures, on real ones; `make capture-conformance` prints what is behind each.

tshark is asked by the command alone: it is not on every machine, and slow.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # `tests.capture_conformance`, as `python -m` finds it

from tests.capture_conformance import measure as measuring
from tests.capture_conformance.measure import Findings, judgements, measure, same
from tests.capture_conformance.report import ALL_BUT_TSHARK, NAMES, report
from tests.capture_conformance.theirs import (
    DNS_NAME,
    FOXIO_PYTHON,
    FOXIO_RUST,
    HTTP_HOST,
    JA4,
    NDPI,
    PROTOCOL,
    TSHARK,
    Reading,
    beside,
    ends,
    ndpi_words,
    tshark,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("capture-conformance")  # the work that its tests share is done once

SIDES: Final = ends("192.0.2.1", 50_000, "198.51.100.2", 443)
SAMPLES: Final = ("pcaps", "pcaps-ja4")


@pytest.fixture(scope="module")
def findings(shared: Path) -> Iterator[Findings]:
    """Return what comes of the real captures, without tshark."""
    folders = [shared / "samples" / name for name in SAMPLES]
    if not all(folder.is_dir() for folder in folders):
        pytest.skip("the real captures (../shared/samples/pcaps, pcaps-ja4) are not on this machine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "has_tshark", lambda: False)
        yield measure(*folders)


def test_every_judged_capture_is_told_as_it_should_be(findings: Findings) -> None:
    """Every VPN, proxy, tunnel and remote control is flagged, recognised by its form, and no ordinary capture is."""
    wrong = [(v.file, v.applications, v.rules) for v in findings.verdicts if not v.right]

    assert wrong == []
    assert len(findings.verdicts) == sum(j.flagged is not None for j in judgements().values())


def test_names_are_those_that_others_read(findings: Findings) -> None:
    """At least 98 % of all host names are equal, and every other one is explained."""
    names = findings.total(ALL_BUT_TSHARK, NAMES)

    assert names.compared > 400
    assert names.share > 0.98
    assert names.settled == 1


def test_fingerprints_are_those_of_ja4s_own_programs(findings: Findings) -> None:
    """At least 98 % of FoxIO's values are equal; nDPI's differ by letters that the definition settles."""
    assert findings.total((FOXIO_PYTHON, FOXIO_RUST), (JA4,)).share > 0.98
    assert findings.total((NDPI,), (JA4,)).settled == 1


def test_protocols_are_those_that_ndpi_names(findings: Findings) -> None:
    """What nDPI recognised by content is recognised here, unless the capture lacks the part that tells it."""
    protocols = findings.total((NDPI,), (PROTOCOL,))

    assert protocols.share > 0.95
    assert protocols.settled == 1


def test_every_explanation_explains_something(findings: Findings) -> None:
    """A reason in `captures.yml` that no difference needs any more is to be taken out."""
    used = {(d.file, d.theirs.field, d.theirs.by) for d in findings.differences}
    given = {
        (name, field, by)
        for name, judgement in judgements().items()
        for field, reasons in judgement.differs.items()
        for by in reasons
        if by != TSHARK
    }

    assert given <= used


def test_the_report_ends_with_its_figures(findings: Findings) -> None:
    """The last line is one JSON object; every kind of difference has its line."""
    *lines, last = report(findings)
    figures = json.loads(last)

    assert figures["files"] == findings.files
    assert figures["judged_right"] == figures["judged"]
    assert figures["tshark"] is None
    assert any("tshark is not installed" in line for line in lines)
    assert not any("NOT EXPLAINED" in line for line in lines)


def test_tshark_reads_the_same_names(shared: Path) -> None:
    """Asked of one capture, tshark itself names what nDPI does."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed (Debian: apt install tshark)")
    capture = shared / "samples/pcaps/ndpi__443-curl.pcap"
    readings = list(tshark(capture))

    assert [(reading.by, reading.value) for reading in readings] == [(TSHARK, "www.ntop.org")]
    assert readings[0].ends in {reading.ends for reading in beside(capture)}


@pytest.mark.parametrize(
    ("by", "field", "theirs", "ours", "expected"),
    [
        (NDPI, DNS_NAME, "www.Example.org", "www.example.org", True),
        (NDPI, DNS_NAME, "www.example??.org", "www.example\\001\\255.org", True),
        (NDPI, DNS_NAME, "www.example.org", "example.org", False),
        (NDPI, DNS_NAME, "x" * 75 + ".org", "y" + "x" * 75 + ".org", True),
        (NDPI, PROTOCOL, "TLS.AnyDesk", "anydesk", True),
        (NDPI, PROTOCOL, "TLS.AnyDesk", "tls", True),
        (NDPI, PROTOCOL, "TLS.AnyDesk", "openvpn", False),
        (TSHARK, DNS_NAME, "<Root>", ".", True),
        (TSHARK, HTTP_HOST, "www.example.org:8080", "www.example.org", True),
        (TSHARK, HTTP_HOST, "www.example.org:8080", "www.example.com", False),
        (
            FOXIO_RUST,
            JA4,
            "t13d1516h2_8daaf6152771_02713d6af862",
            "t13i1516h2_8daaf6152771_02713d6af862",
            False,
        ),
    ],
)
def test_only_ways_of_writing_are_forgiven(
    by: str, field: str, theirs: str, ours: str, expected: bool
) -> None:
    """Capitals, ports, escapes and cut names are the same value; another name is another value."""
    assert same(Reading(by, field, SIDES, theirs), ours) == expected


def test_a_flow_of_ndpi_is_read_whole(tmp_path: Path) -> None:
    """Name, protocol and fingerprint of each flow; what devices say among themselves, and guesses by port, are left out."""
    capture = tmp_path / "monday.pcap"
    capture.with_name("monday.pcap.out").write_text(
        "Guessed flow protos:\t1\n"
        "\t1\tTCP 192.0.2.1:50000 <-> 198.51.100.2:443 [proto: 91.26/TLS.ntop][Confidence: DPI]"
        "[Hostname/SNI: www.ntop.org][JA4: t12d6707h2_2955a3196ffa_c83f907a73d3]\n"
        "\t2\tUDP [2001:db8::1]:5353 -> [ff02::fb]:5353 [proto: 8/MDNS][Hostname/SNI: _raop._tcp.local]\n"
        "\t3\tTCP 192.0.2.1:50001 -> 198.51.100.2:443 [proto: 91/TLS][Confidence: Match by port]\n"
        "\t4\tTCP 192.0.2.1:50002 -> 198.51.100.2:443 [proto: 91/TLS][Confidence: DPI]\n",
        encoding="utf-8",
    )

    assert [(r.field, r.value, r.part) for r in beside(capture)] == [
        (PROTOCOL, "TLS.ntop", False),
        ("server name", "www.ntop.org", False),
        (JA4, "t12d6707h2_2955a3196ffa_c83f907a73d3", False),
        (PROTOCOL, "TLS", True),
    ]
    assert ndpi_words(capture) == ["TLS.ntop", "MDNS", "TLS"]
