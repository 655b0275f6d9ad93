"""JA4: the published examples, the corners of the description, and real captures against two other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aup_monitor.capture.ja4 import GREASE, Offer, ja4
from tests.capture.conversations import captures, foxio, hellos, ndpi

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = {
    "legacy_version": 0x0303,
    "ciphers": (
        0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035,
    ),
    "extensions": [
        0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D, 0x0005, 0x0023, 0x0012, 0x002B, 0xFF01, 0x000B, 0x000A, 0x0015,
    ],
    "versions": (0x0304, 0x0303),
    "signature_algorithms": (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601),
    "alpn": (b"h2", b"http/1.1"),
}  # fmt: skip

# Where nDPI and the description differ, the description is followed. nDPI writes `d` with and without a server name;
# of ALPN it takes the first two characters of the whole list; of an empty list it takes the hash of nothing.
UNALIKE = slice(3, 4), slice(8, 10)
NDPI_DIFFERS = {
    "ndpi__dtls.pcap": 2,  # DTLS 1.3, which it takes for 1.2; a connection inside GTP, which schools don't have
    "ndpi__dtls_old_version.pcapng": 1,  # DTLS 0x0100, which it takes for SSL 3.0
    "ndpi__tls_invalid_reads.pcap": 1,  # a broken message (and inside GTP)
}
# Made before the description said what to do with an ALPN value that isn't text.
FOXIO_DIFFERS = {"ja4__tls-non-ascii-alpn.pcapng": 2}


def test_the_published_example() -> None:
    """The example of the description comes out as it does there."""
    assert ja4(Offer(**EXAMPLE), "t") == "t13d1516h2_8daaf6152771_e5627efa2ab1"


def test_without_signature_algorithms() -> None:
    """The last part has no underscore inside when there are no signature algorithms: the description's own example."""
    assert ja4(Offer(**{**EXAMPLE, "signature_algorithms": ()}), "t").endswith("_6d807ffa2a79")


def test_grease_counts_nowhere() -> None:
    """Values that mean nothing change nothing, wherever they stand."""
    grease = tuple(sorted(GREASE))
    greased = {
        name: type(value)([*grease, *value])
        for name, value in EXAMPLE.items()
        if name not in {"legacy_version", "alpn"}
    }

    assert ja4(Offer(**{**EXAMPLE, **greased}), "t") == ja4(Offer(**EXAMPLE), "t")


def test_order_does_not_matter() -> None:
    """Browsers shuffle their extensions; the fingerprint stays."""
    shuffled = {**EXAMPLE, "extensions": EXAMPLE["extensions"][::-1], "ciphers": EXAMPLE["ciphers"][::-1]}

    assert ja4(Offer(**shuffled), "t") == ja4(Offer(**EXAMPLE), "t")


@pytest.mark.parametrize(
    ("first", "ends"),
    [
        (b"h2", "h2"),
        (b"http/1.1", "h1"),
        (b"x", "xx"),
        (b"", "00"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"0\xab", "3b"),
        (b"01\xab\xcd", "3d"),
        (b"0\xab\xcd1", "01"),
        (b"-a", "21"),
    ],
)
def test_first_protocol(first: bytes, ends: str) -> None:
    """The ends of the first ALPN value, or of its hexadecimal text where one of them is no letter or figure."""
    assert ja4(Offer(**{**EXAMPLE, "alpn": (first,)}), "t")[8:10] == ends


@pytest.mark.parametrize(
    ("versions", "legacy", "written"),
    [
        ((), 0x0303, "12"),
        ((), 0x0300, "s3"),
        ((0x0303, 0x0304), 0x0303, "13"),
        ((0x0A0A,), 0x0302, "11"),
        ((0x7F1C, 0x0304), 0x0303, "00"),  # a draft is the highest, and has no letters of its own
        ((0xFEFD, 0xFEFC), 0xFEFD, "d3"),
        ((), 0xFEFF, "d1"),
        ((), 0x1234, "00"),
    ],
)
def test_version(versions: tuple[int, ...], legacy: int, written: str) -> None:
    """The highest of the listed versions, or the old field where none is listed."""
    offer = Offer(**{**EXAMPLE, "versions": versions, "legacy_version": legacy})

    assert ja4(offer, "q")[:3] == f"q{written}"


def test_nothing_and_too_much() -> None:
    """Empty lists are zeros, not the hash of nothing; counts stop at 99."""
    nothing = ja4(Offer(legacy_version=0x0303), "t")
    much = ja4(Offer(legacy_version=0x0303, ciphers=tuple(range(200)), extensions=list(range(1, 150))), "t")

    assert nothing == "t12i000000_000000000000_000000000000"
    assert much.startswith("t12i999900_")


def test_foxio_programs_agree(shared: Path) -> None:
    """Every fingerprint that FoxIO's own programs give for their captures is ours, too, with the server's name."""
    counts = {}
    for capture in captures(shared / "samples" / "pcaps-ja4"):
        wanted = foxio(capture)
        found = hellos(capture) if wanted else {}
        unlike = [
            w
            for w in wanted
            if (f := found.get(w.ends)) is None or (f.ja4, f.server_name) != (w.ja4, w.server_name)
        ]
        counts[capture.name] = len(unlike)

    assert {name: count for name, count in counts.items() if count} == FOXIO_DIFFERS


def test_ndpi_agrees(shared: Path) -> None:
    """Every fingerprint and server name that nDPI finds in its own captures is ours, but for the differences named."""
    counts = {}
    readings = 0
    for capture in captures(shared / "samples" / "pcaps"):
        wanted = ndpi(capture)
        readings += len(wanted)
        found = hellos(capture) if wanted else {}
        unlike = []
        for want in wanted:
            one, two, three, four = want.ends
            hello = found.get(want.ends) or found.get((three, four, one, two))
            same_name = hello and (want.server_name is None or hello.server_name == want.server_name)
            if not same_name or (
                want.ja4 and (not hello.ja4 or _comparable(hello.ja4) != _comparable(want.ja4))
            ):
                unlike.append(want)
        counts[capture.name] = len(unlike)

    assert readings > 150
    assert {name: count for name, count in counts.items() if count} == NDPI_DIFFERS


def _comparable(fingerprint: str) -> str:
    letters = list(fingerprint.replace("e3b0c44298fc", "0" * 12))
    for part in UNALIKE:
        letters[part] = "?" * (part.stop - part.start)
    return "".join(letters)
