"""The messages of Cisco ASA and FTD that tell of a connection, a refusal or a person: number, shape, verdict."""

from __future__ import annotations

from typing import Final

_IP: Final = r"[^\s/()]+"
_NAT: Final = r"(?: ?\([0-9A-Za-z.:_-]+/\d+\))?"
_WHO: Final = r"(?: ?\((?<{}_user>[^()]+)\))?"
_PORT: Final = r"(?:/(?<{}_number>\d+))?"


def _end(side: str, before: str = r"(?:[^\s:]+:)?") -> str:
    return f"{before}(?<{side}>{_IP}){_PORT.format(side)}"


BETWEEN: Final = (
    rf" (?:for|from) {_end('left')}{_NAT}{_WHO.format('left')} to {_end('right')}{_NAT}{_WHO.format('right')}"
)
"""`for outside:192.0.2.1/443 (192.0.2.1/443) to inside:10.0.0.1/4952 (192.0.2.9/4952) (amina)`, and `from ... to ...`."""
SRC_DST: Final = rf" src {_end('left')}{_WHO.format('left')} dst {_end('right')}{_WHO.format('right')}"
ARROW: Final = (
    rf" \w+(?: for user '?(?<left_user>[^' ]+)'?)? [^\s/]+/(?<left>{_IP})\((?<left_number>\d+)\)\S* "
    rf"-> [^\s/]+/(?<right>{_IP})\((?<right_number>\d+)\)"
)
PING: Final = rf" faddr (?<left>{_IP})/\d+{_WHO.format('left')} gaddr \S+ (?:\S+ )??laddr (?<right>{_IP})/\d+"
PAGE: Final = rf"^(?:[^\s@]+@)?(?<left>{_IP}){_WHO.format('left')} Accessed (?:\S+ )?URL (?:[^\s@:/]+@)?(?<right>[0-9A-Fa-f.]+):(?<page>\S+)"
NO_PAGE: Final = rf"denied URL (?<page>\S+) SRC (?<left>{_IP}) DEST (?<right>{_IP})"
CONSOLE: Final = (
    rf' from {_end("left", "")} to (?:[^\s:]+:)?(?<right>{_IP})/\w+ for user "(?<left_user>[^"]*)"'
)
"""An administrator's log-on to the firewall itself: `from 10.0.0.9/51923 to inside:10.0.0.1/ssh for user "amina"`."""
SESSION_END: Final = (
    r"Group = (?<group>[^,]+), .*Duration: (?:(?<days>\d+)d )?(?<hours>\d+)h:(?<minutes>\d+)m:(?<seconds>\d+)s, "
    r"Bytes xmt: (?<sent>\d+), Bytes rcv: (?<received>\d+)"
)
"""How a VPN session's last message (113019) sums it up; the firewall counts what it sent to the person as `xmt`."""
PERSON: Final = r"""(?:\bUser <|Username = |[Uu]ser = |for user "|\bUser )(?<left_user>[^<>,"\s]+)"""
ADMINISTRATOR: Final = r"\bUname: (?<left_user>[^,\s]+)"
"""Looked for first, since such a message begins `User authentication failed`."""
PERSONS_ADDRESS: Final = r"(?:IPv4 Address <|IP <|IP = |IP address: |user IP = | IP |from )(?<left>\d[0-9A-Fa-f.:]*|[0-9A-Fa-f]*:[0-9A-Fa-f.:]+)"

SHAPES: Final = (
    (
        BETWEEN,
        "302013 302014 302015 302016 302303 302304 106001 106006 106007 106015 106017 106021 710003 338002 338004",
    ),
    (SRC_DST, "106023 106010 106014"),
    (ARROW, "106100 106102 106103"),
    (PING, "302020 302021"),
    (PAGE, "304001"),
    (NO_PAGE, "304002"),
    (CONSOLE, "605004 605005"),
)
ADDRESSED_AFTER: Final = "722051"
"""Names the address that a VPN gives after the one that it was asked from."""
LOG_ONS: Final = "113004 113005 113012 113015 113019 113039 605004 605005 611101 611102 716001 716002 716039 722022 722023 722051"
CONNECTIONS: Final = "430001 430002 430003 430004 430005"
"""FTD's own messages, of `Key: value` pairs."""
REFUSED: Final = "106001 106006 106007 106010 106014 106015 106017 106021 106023 304002 710003 113005 113015 605004 611102 716039"
ANSWERS: Final = {
    "No error": "NOERROR",
    "Format Error": "FORMERR",
    "Server Failure": "SERVFAIL",
    "Non-Existent Domain": "NXDOMAIN",
    "Not Implemented": "NOTIMP",
    "Query Refused": "REFUSED",
}
"""FTD's words for how a DNS question ended."""
QUESTIONS: Final = {
    "a host address": "A",
    "IP6 Address": "AAAA",
    "an authoritative name server": "NS",
    "the canonical name for an alias": "CNAME",
    "marks the start of a zone of authority": "SOA",
    "a domain name pointer": "PTR",
    "mail exchange": "MX",
    "text strings": "TXT",
    "Server Selection": "SRV",
}
"""FTD's words for the type of a DNS question."""
