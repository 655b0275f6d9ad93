"""Compare what the program reads of captures with what others read, and what it tells of them with our judgement."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from aup_monitor.core.errors import AupError
from tests.capture_conformance.ours import Capture, read
from tests.capture_conformance.theirs import (
    DNS_NAME,
    HTTP_HOST,
    JA4,
    NDPI,
    PROTOCOL,
    Reading,
    beside,
    has_tshark,
    ndpi_words,
    tshark,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

SUFFIXES: Final = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz")
_NDPI_LONGEST: Final = 79
"""Letters of a name that nDPI keeps: of a longer one, the last."""
_NDPI_WORDS: Final = {
    "AnyDesk": "anydesk",
    "BitTorrent": "bittorrent",
    "DNS": "dns",
    "DoH_DoT": "dot",
    "DTLS": "dtls",
    "HTTP": "http",
    "OpenVPN": "openvpn",
    "QUIC": "quic",
    "RDP": "rdp",
    "SOCKS": "socks",
    "SSH": "ssh",
    "TLS": "tls",
    "WireGuard": "wireguard",
}
"""nDPI's words for protocols, and ours, protocol or application. Others name services, which hosts' rules know."""


class Judgement(BaseModel):
    """What a capture shows, by our own judgement (`captures.yml`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flagged: bool | None = None
    sign: tuple[str, ...] = ()
    ndpi: str = ""
    why: str = ""
    differs: dict[str, dict[str, str]] = {}


@cache
def judgements() -> dict[str, Judgement]:
    """Return the judgement of each capture, by file name."""
    path = Path(__file__).with_name("captures.yml")
    return TypeAdapter(dict[str, Judgement]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass
class Figures:
    """How often values agree."""

    compared: int = 0
    equal: int = 0
    explained: int = 0

    @property
    def share(self) -> float:
        """Return the share of values that are equal."""
        return self.equal / self.compared if self.compared else 1.0

    @property
    def settled(self) -> float:
        """Return the share of values that are equal, or whose difference is explained."""
        return (self.equal + self.explained) / self.compared if self.compared else 1.0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.compared + other.compared, self.equal + other.equal, self.explained + other.explained
        )


@dataclass(frozen=True)
class Difference:
    """A value of theirs that we do not have."""

    file: str
    theirs: Reading
    ours: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What was recognised in a capture and what rules told of it, beside our judgement."""

    file: str
    ndpi: str
    applications: tuple[str, ...]
    rules: tuple[str, ...]
    judgement: Judgement

    @property
    def right(self) -> bool:
        """Whether both are as they should be."""
        return bool(self.rules) == self.judgement.flagged and set(self.judgement.sign) <= set(
            self.applications
        )


@dataclass
class Findings:
    """What came of a folder of captures."""

    files: int = 0
    packets: int = 0
    events: int = 0
    rejects: Counter[str] = field(default_factory=Counter)
    figures: dict[tuple[str, str], Figures] = field(default_factory=dict)
    """(by, field) -> figures."""
    differences: list[Difference] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    tshark: bool = True
    """Whether tshark could be asked."""

    def total(self, by: Collection[str], fields: Collection[str]) -> Figures:
        """Return the figures of these programs and fields together."""
        chosen = (f for (who, what), f in self.figures.items() if who in by and what in fields)
        return sum(chosen, Figures())


def captures(folder: Path) -> list[Path]:
    """Return the captures below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(SUFFIXES))


def measure(*folders: Path) -> Findings:
    """Read and compare every capture below folders."""
    findings = Findings(tshark=has_tshark())
    for path in (path for folder in folders for path in captures(folder)):
        try:
            capture = read(path)
        except AupError as error:
            findings.unread.append((path.name, str(error)))
            continue
        findings.files += 1
        findings.packets += capture.packets
        findings.events += capture.events.height
        findings.rejects.update(capture.rejects)
        for reading in _readings(path, ask_tshark=findings.tshark):
            _compare(findings, path.name, capture, reading)
        _judge(findings, path, capture)
    return findings


def _readings(path: Path, *, ask_tshark: bool) -> Iterator[Reading]:
    yield from beside(path)
    if ask_tshark:
        yield from tshark(path)


def _compare(findings: Findings, name: str, capture: Capture, reading: Reading) -> None:
    if reading.by == NDPI and reading.field == PROTOCOL and not _wanted(reading.value):
        return
    ours = capture.values.get((reading.ends, reading.field), frozenset())
    figures = findings.figures.setdefault((reading.by, reading.field), Figures())
    figures.compared += 1
    if any(same(reading, value) for value in ours):
        figures.equal += 1
        return
    reason = _reason(name, reading, ours)
    figures.explained += bool(reason)
    findings.differences.append(Difference(name, reading, tuple(sorted(ours)), reason))


def _reason(name: str, reading: Reading, ours: frozenset[str]) -> str:
    """Return why a value of theirs needn't be ours; empty: nobody has explained it."""
    if reading.part:
        return "no ClientHello in the capture: a record of unknown content is not named"
    if reading.by == NDPI and reading.field == JA4 and any(_ndpi_ja4(reading.value, value) for value in ours):
        return "nDPI writes other letters for a missing server name and for ALPN than the definition does"
    judgement = judgements().get(name)
    return judgement.differs.get(reading.field, {}).get(reading.by, "") if judgement else ""


def _ndpi_ja4(theirs: str, ours: str) -> bool:
    """
    Tell whether two fingerprints are the same but for three letters and the hash of nothing.

    The fourth letter is `i` where there is no server name, letters nine and ten are the first and the last of the first ALPN, and the
    hash of no extensions is written as zeros (https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md).
    """

    def essence(ja4: str) -> str:
        return (ja4[:3] + ja4[4:8] + ja4[10:]).replace("_e3b0c44298fc", "_000000000000")

    return essence(theirs) == essence(ours)


def _wanted(words: str) -> set[str]:
    """Return our words for the protocols that nDPI names, innermost last."""
    return {_NDPI_WORDS[word] for word in words.split(".") if word in _NDPI_WORDS}


def same(reading: Reading, ours: str) -> bool:
    """Tell whether a value of ours is the one that they read, but for how they write it."""
    theirs = reading.value
    if reading.field == PROTOCOL:
        return ours in _wanted(theirs)
    if reading.field == HTTP_HOST:
        theirs = theirs.removesuffix(":80").rsplit(":", 1)[0] if theirs.count(":") == 1 else theirs
    theirs, ours = theirs.lower().removesuffix("."), ours.lower()
    if reading.by == NDPI:
        written = _ndpi_spelling(ours)
        return written.endswith(theirs) if len(theirs) >= _NDPI_LONGEST else written == theirs
    if reading.field == DNS_NAME and theirs == "<root>":
        return ours in {"", "."}
    return ours == theirs


def _ndpi_spelling(name: str) -> str:
    """Return a name as nDPI writes it: other signs than a host's as `_`, those that cannot be printed as `?`."""
    return re.sub(r"[^a-z0-9.?_:-]", "_", re.sub(r"\\\d{3}", "?", name))


def _judge(findings: Findings, path: Path, capture: Capture) -> None:
    judgement = judgements().get(path.name)
    if judgement is not None and judgement.flagged is not None:
        words = ", ".join(ndpi_words(path)[:4])
        findings.verdicts.append(
            Verdict(
                path.name, words, tuple(sorted(capture.applications)), tuple(sorted(capture.rules)), judgement
            )
        )
