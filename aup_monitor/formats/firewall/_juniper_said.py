r"""
What Juniper SRX says in plain text, where it is not set to structured data: one regular expression for each shape of message.

    session closed TCP FIN: 10.20.4.31/51022->203.0.113.9/443 0x0 junos-https 192.0.2.1/9->203.0.113.9/443 0x0 source rule out ...
    WebFilter: ACTION="URL Blocked" 10.20.4.31(51022)->203.0.113.9(80) CATEGORY="..." ... URL=a.example OBJ=/ USERNAME=...
    IDP: at 1772705649, SIG Attack log <10.20.4.31/51022->203.0.113.9/80> for TCP protocol and service HTTP ...
    TCP port scan! source: 10.20.4.31:51022, destination: 203.0.113.9:80, zone name: trust, ... action: drop

A session's text holds values without names, of which some may be missing or hold a blank (the rules of address
translation). What follows them is found by its shape: protocol, policy, two zones and a number.

Reference: https://apps.juniper.net/syslog-explorer/
"""

from __future__ import annotations

from typing import Final

import polars as pl

_ENDS: Final = (
    r"(?<source_address>[0-9A-Fa-f.:]+)[/(](?<source_port>\d+)\)?->"
    r"(?<destination_address>[0-9A-Fa-f.:]+)[/(](?<destination_port>\d+)\)?"
)
_TRAFFIC: Final = (
    r" \d+\((?<bytes_from_client>\d+)\) \d+\((?<bytes_from_server>\d+)\) (?<elapsed_time>\d+)"
    r"(?: (?<application>[^\s()]+) (?<nested_application>[^\s()]+))?"
)
_SESSION: Final = (
    rf"session (?:created|closed|denied|cl\w+|[a-z ]*update)[^/>]*? {_ENDS}(?: 0x[0-9a-f]+)? (?<service_name>\S+)"
    r"(?: .*?)? (?:(?<denied_protocol>\d{1,3})\(\d+\) (?<denied_policy>[^\s/()]+) \S+ \S+"
    rf"|(?<protocol_id>\d{{1,3}}) (?<policy_name>[^\s/()]+) [^\s/()]+ [^\s/()]+ \d+(?:{_TRAFFIC})?)"
    r"(?: (?:\S+ ){0,3}?(?<username>[^\s()]+)\((?<roles>[^)]*)\))?"
)
_PAGE: Final = (
    rf'ACTION="(?<action>[^"]*)".*? {_ENDS}.*? CATEGORY="(?<category>[^"]*)" .*?PROFILE="(?<profile>[^"]*)" '
    r"URL=(?<url>\S+) OBJ=(?<obj>\S*).* (?:USERNAME=|username )(?<username>\S+) (?:ROLES=|roles )(?<roles>.*)$"
)
_ATTACK: Final = (
    rf"Attack log <{_ENDS}> for (?<protocol_name>\S+) protocol .*? application (?<application_name>\S+) by rule \S+ of "
    r"rulebase \S+ in policy (?<policy_name>\S+)\. attack: .*?action=(?<action>\w+), .*?name=(?<attack_name>[^\s,]+)"
)
_SCREEN: Final = (
    r"^(?<attack_name>[^!]+!) source: (?<source_address>[0-9A-Fa-f.:]+?)(?::(?<source_port>\d+))?, "
    r"destination: (?<destination_address>[0-9A-Fa-f.:]+?)(?::(?<destination_port>\d+))?, .*action: (?<action>\S+)"
)
_SHAPES: Final = {"SESSION": _SESSION, "WEBFILTER": _PAGE, "IDP": _ATTACK, "SCREEN": _SCREEN}
"""A word of the message's tag, and the shape of its text."""


def text_columns(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Fill the columns that structured data names from the `text` of a line that has none, by its `tag`."""
    found: dict[str, list[pl.Expr]] = {}
    for word, shape in _SHAPES.items():
        ours = pl.when(pl.col("tag").str.contains(word, literal=True)).then(pl.col("text"))
        lines = lines.with_columns(ours.str.extract_groups(shape).alias(f"_{word}"))
        for name in pl.Series([""]).str.extract_groups(shape).struct.fields:
            key = {"denied_protocol": "protocol_id", "denied_policy": "policy_name"}.get(name, name)
            found.setdefault(key.replace("_", "-"), []).append(pl.col(f"_{word}").struct.field(name))
    return lines.with_columns(pl.coalesce(name, *pieces).alias(name) for name, pieces in found.items())
