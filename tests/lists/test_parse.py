"""Lists of host names in every form that list makers publish, and in forms that nobody should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.lists.parse import LONGEST_LINE, parse_domains


def names(content: bytes) -> list[str]:
    """Return the names of a list."""
    return parse_domains(content).entries["domain"].to_list()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("bet365.com", "bet365.com"),
        ("  Bet365.COM.  ", "bet365.com"),
        ("bet365.com # since 2001", "bet365.com"),
        ("0.0.0.0 bet365.com", "bet365.com"),
        ("127.0.0.1\tbet365.com # a comment", "bet365.com"),
        ("::1 bet365.com", "bet365.com"),
        ("||bet365.com^", "bet365.com"),
        ("||bet365.com^$important", "bet365.com"),
        ("domain:bet365.com", "bet365.com"),
        ("domain:bet365.com @ads", "bet365.com"),
        ("full:www.bet365.com", "www.bet365.com"),
        ("*.bet365.com", "bet365.com"),
        (".bet365.com", "bet365.com"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("_dns.resolver.arpa", "_dns.resolver.arpa"),
        ("*.onion", "onion"),
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7 # dns.example", "192.0.2.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
    ],
)
def test_forms(line: str, name: str) -> None:
    """Each published form gives the same canonical name."""
    parsed = parse_domains(line.encode())
    assert parsed.entries["domain"].to_list() == [name]
    assert parsed.problems.is_empty()


@pytest.mark.parametrize(
    "line",
    [
        "gambling",
        "regexp:^bet.*",
        "keyword:casino",
        "include:other",
        "@@||bet365.com^",
        "||bet365.com/ads^",
        "bet365.com/path",
        "bet 365.com",
        "-bet.com",
        "bet..com",
        "192.0.2.0/24",
        "999.1.1.1",
        "1.2.3",
        "https://bet365.com/",
        "bet\x00365.com",
        "ü" * 300 + ".example",
        "a." * 130 + "example",
    ],
)
def test_bad_lines_are_named(line: str) -> None:
    """A line that is no name is left out, and named with its line and reason; the next line is read."""
    parsed = parse_domains(f"# title\n{line}\nbet365.com\n".encode())
    assert parsed.entries["domain"].to_list() == ["bet365.com"]
    assert parsed.problems["line"].to_list() == [2]
    assert parsed.problems["reason"].item()


def test_what_every_hosts_file_holds() -> None:
    """The names of the machine itself are neither entries nor problems."""
    parsed = parse_domains(
        b"127.0.0.1 localhost\n::1 ip6-localhost\n255.255.255.255 broadcasthost\n0.0.0.0 0.0.0.0\n"
    )
    assert parsed.entries.is_empty()
    assert parsed.problems.is_empty()


def test_exact_and_wide_are_kept() -> None:
    """`full:` means this host alone, `*.` means what is below a public suffix, too."""
    parsed = parse_domains(b"full:one.example\n*.two.example\nthree.example\n")
    assert parsed.entries.rows() == [
        ("one.example", True, False),
        ("three.example", False, False),
        ("two.example", False, True),
    ]


def test_the_wider_of_two_lines_holds() -> None:
    """A name that is there both alone and with all below it covers all below it."""
    assert parse_domains(b"full:a.example\na.example\n").entries.rows() == [("a.example", False, False)]


def test_windows_file() -> None:
    """A byte order mark and Windows line ends do not get into the names."""
    assert names(b"\xef\xbb\xbf# title: x\r\nbet365.com\r\n\r\nbetfair.com\r\n") == [
        "bet365.com",
        "betfair.com",
    ]


def test_huge_line_is_one_problem() -> None:
    """A line of ten megabytes is named by its beginning and costs nothing more."""
    parsed = parse_domains(b"a" * 10_000_000 + b"\nbet365.com")
    assert parsed.entries["domain"].to_list() == ["bet365.com"]
    assert parsed.problems.height == 1
    assert str(LONGEST_LINE // 1000) in parsed.problems["reason"].item()
    assert len(parsed.problems["text"].item()) == 80


def test_binary_file_gives_no_name() -> None:
    """A picture saved under a list's name yields problems, never names."""
    assert names(bytes(range(256)) * 50) == []


def test_empty_and_comments_only() -> None:
    """Nothing in, nothing out."""
    for content in (b"", b"\n\n", b"# a\n! b\n[Adblock Plus]\n"):
        parsed = parse_domains(content)
        assert parsed.entries.is_empty()
        assert parsed.problems.is_empty()


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    """Whatever the bytes, parsing ends, and no line is both an entry and a problem."""
    parsed = parse_domains(content)
    lines = content.decode("utf-8-sig", errors="replace").split("\n")
    assert parsed.entries.height + parsed.problems.height <= len(lines)
    assert all(" " not in name and name == name.lower() for name in parsed.entries["domain"])
