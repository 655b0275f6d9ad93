"""Lists in every form that the catalogue knows, small and invented, and files that are none."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.core.errors import RuleError
from aup_monitor.lists.catalogue import Source
from aup_monitor.lists.syntax import parse_list


def source(form: str, **more: object) -> Source:
    """Return a source of this format."""
    entry = {"id": "x", "title": "X", "categories": ["x"], "licence": "own", "file": "x", "format": form}
    return Source.model_validate(entry | more)


def entries(content: bytes | str, form: str, **more: object) -> list[str]:
    """Return the entries of a list."""
    raw = content if isinstance(content, bytes) else content.encode()
    return parse_list(raw, source(form, **more)).entries["domain"].to_list()


def stamp(*fields: bytes | str, protocol: int, properties: bool = True) -> str:
    """Return a resolver's stamp; a text is a field with its length before it, bytes stand as they are."""
    body = b"".join(bytes([len(f)]) + f.encode() if isinstance(f, str) else f for f in fields)
    whole = bytes([protocol]) + bytes(8 if properties else 0) + body
    return "sdns://" + base64.urlsafe_b64encode(whole).decode().rstrip("=")


HASHES = bytes([0x80 | 2]) + b"hh" + bytes([2]) + b"gg"
FORMS = {
    "dnsmasq": ("address=/one.example/0.0.0.0\nserver=/two.example/\n", "domains", "one.example two.example"),
    "ad blocker": ("[Adblock Plus]\n! x\n||one.example^\n", "domains", "one.example"),
    "squidGuard": (
        "one.example\nTwo.example/Club/\nhttp://three.example//a/b#c\n",
        "squidguard",
        "one.example three.example/a/b two.example/Club",
    ),
    "v2fly": ("domain:one.example\nfull:two.example\n", "v2fly", "one.example two.example"),
    "networks": (
        "192.0.2.9/24 # x\n2001:DB8::/32\n198.51.100.7/32\n198.51.100.8\n",
        "cidr",
        "192.0.2.0/24 198.51.100.7 198.51.100.8 2001:db8::/32",
    ),
    "ports": (
        "192.0.2.7:9001\nsocks5://192.0.2.8:1080\n[2001:db8:0::7]:443\n",
        "cidr",
        "192.0.2.7:9001 192.0.2.8:1080 [2001:db8::7]:443",
    ),
    "MISP hosts": (
        '{"type": "hostname", "list": [".one.example", "two.example"]}',
        "misp-json",
        "one.example two.example",
    ),
    "MISP networks": (
        '{"type": "cidr", "list": ["192.0.2.0/31", "192.0.2.4/32"]}',
        "misp-json",
        "192.0.2.0/31 192.0.2.4",
    ),
    "stamps": (
        "# resolvers\n"
        + "\n".join(
            [
                stamp("192.0.2.7:8443", "key", "2.dnscrypt-cert.one.example", protocol=1),
                stamp("192.0.2.8", "key", "2.dnscrypt-cert.two.example", protocol=1),
                stamp("", HASHES, "dns.one.example", "/dns-query", protocol=2),
                stamp("192.0.2.9", HASHES, "dot.one.example:853", protocol=3),
                stamp("odoh.one.example", "/dns-query", protocol=5),
                stamp("[2001:db8::7]:443", protocol=0x81, properties=False),
            ]
        ),
        "sdns",
        "192.0.2.7:8443 192.0.2.8:443 [2001:db8::7]:443 dns.one.example dot.one.example odoh.one.example",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    """Each form gives its canonical entries, and no problem."""
    content, form, wanted = FORMS[name]
    parsed = parse_list(content.encode(), source(form))
    assert sorted(parsed.entries["domain"]) == wanted.split()
    assert parsed.problems.is_empty()


def test_table_with_a_port_or_without() -> None:
    """The catalogue names the columns; case and spaces of the header do not matter; the line of a bad row is its own."""
    table = 'name, IPaddr ,port\na, 192.0.2.7, 443\n"b, c",2001:db8::7,9001\nd,nowhere at all,1\ne\n'
    parsed = parse_list(table.encode(), source("csv", columns=["ipaddr", "port"]))
    assert parsed.entries["domain"].to_list() == ["192.0.2.7:443", "[2001:db8::7]:9001"]
    assert parsed.problems["line"].to_list() == [4, 5]
    assert entries("URI,Tool\n*.one.example,A\ntwo.example,B\n", "csv", columns=["URI"]) == [
        "one.example",
        "two.example",
    ]


def test_misp_string_is_the_host_alone() -> None:
    """A warning list's `string` says nothing of the names below; an address stays one."""
    parsed = parse_list(b'{"type": "string", "list": ["apple.example", "192.0.2.7"]}', source("misp-json"))
    assert parsed.entries.select("domain", "exact").rows() == [("192.0.2.7", False), ("apple.example", True)]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "domains"),
        ("\ufeff\n <HTML>", "cidr"),
        ("<!-- block page --><html>", "squidguard"),
        ("<html>", "csv"),
        ("not json", "misp-json"),
        ("[1, 2]", "misp-json"),
        ('{"list": ["a.example"], "type": "regex"}', "misp-json"),
        ('{"list": 3, "type": "cidr"}', "misp-json"),
        ("[" * 100_000, "misp-json"),
        ("name,address\na,192.0.2.7\n", "csv"),
        ("", "csv"),
    ],
)
def test_what_is_no_list_is_said_to_be(content: str, form: str) -> None:
    """A sign-in page, another table, another JSON: one error that says what it is, and what to do."""
    more = {"columns": ["ipaddr", "port"]} if form == "csv" else {}
    with pytest.raises(RuleError) as caught:
        parse_list(content.encode(), source(form, **more))
    assert caught.value.fix


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("192.0.2.0/33", "cidr"),
        ("0.0.0.0/0", "cidr"),
        ("192.0.2.7:99999", "cidr"),
        ("one.example/club", "cidr"),
        ("one.example/#top", "squidguard"),
        ("192.0.2.7/24", "squidguard"),
        ("192.0.2.0/24", "domains"),
        ("one.example/club", "domains"),
    ],
)
def test_what_would_list_too_much_is_a_problem(line: str, form: str) -> None:
    """All the internet, half a page, a network among names: named and left out; the next line is read."""
    parsed = parse_list(f"{line}\ntwo.example\n".encode(), source(form))
    assert parsed.entries["domain"].to_list() == ["two.example"]
    assert parsed.problems["line"].to_list() == [1]


@pytest.mark.parametrize("damaged", ["sdns://AQ", "sdns://AQcAAAAAAAAA_w", "sdns://_wcAAAAAAAAAAA"])
def test_damaged_stamp_is_a_problem(damaged: str) -> None:
    """A stamp that ends too early, or is of a kind unknown, is named; the next is read."""
    good = stamp("odoh.one.example", "/q", protocol=5)
    parsed = parse_list(f"{damaged}\n{good}\n".encode(), source("sdns"))
    assert parsed.entries["domain"].to_list() == ["odoh.one.example"]
    assert parsed.problems.height == 1


@given(st.binary(max_size=300), st.sampled_from(["squidguard", "cidr", "csv", "misp-json", "sdns"]))
def test_any_bytes(content: bytes, form: str) -> None:
    """Whatever the bytes, reading ends with entries and problems, or with the one error that is meant for it."""
    columns = {"columns": ["a"]} if form == "csv" else {}
    with suppress(RuleError):
        parsed = parse_list(content, source(form, **columns))
        assert parsed.entries["domain"].null_count() == 0
