"""Why a rule does or does not hit an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aup_monitor.detect.explain import explain
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.reference import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import polars as pl

    from aup_monitor.core.lookup import Lookup


def test_each_test_is_told(
    data: Path, table: Callable[..., pl.DataFrame], lookups: Mapping[str, Lookup]
) -> None:
    """Selections, tests in words, the values that they met, and whether the rule looks at all."""
    rule = load_rules([data / "own"])["tunnel-port"]
    event = table(
        {
            "log_class": "firewall",
            "destination_port": 51820,
            "network_transport": "udp",
            "destination_ip": "10.1.1.1",
        }
    ).to_dicts()[0]
    told = explain(rule, event, Surroundings(lookups))

    assert (told.matched, told.looked_at, told.condition) == (False, True, False)
    assert told.selections == {"port": True, "inside": True, "night": False, "named": False}
    assert [(one.field, one.asked, one.cell, one.holds) for one in told.tests[:5]] == [
        ("dst_port", "is 1194", 51820, False),
        ("dst_port", "is 51820", 51820, True),
        ("network.transport", "is “udp”", "udp", True),
        ("dst_ip", "is an address of 10.0.0.0/8", "10.1.1.1", True),
        ("dst_ip", "is an address of 2001:db8:5::/48", "10.1.1.1", False),
    ]
    outside = explain(
        rule, {**event, "log_class": "dns", "destination_ip": "203.0.113.9"}, Surroundings(lookups)
    )
    assert (outside.matched, outside.looked_at, outside.condition) == (False, False, True)
    assert [one.asked for one in told.tests[5:]] == ["has the hour at least 22", "is on the list list.vpn"]


def test_every_kind_of_test_has_words(
    data: Path, table: Callable[..., pl.DataFrame], lookups: Mapping[str, Lookup]
) -> None:
    """No construct of the rules at hand is left without words."""
    event = table({}).to_dicts()[0]
    around = Surroundings({**lookups})
    told = [
        one.asked for rule in load_rules([], [data / "foreign"]) for one in explain(rule, event, around).tests
    ]

    assert all(told)
    assert {
        "is empty",
        "is not there",
        "fits “*/down?oad/*.zip”",
        r"ends with “\Temp\RUN.exe”, case minded",
    } <= set(told)
    assert "has the pattern (?i)\\bnet\\s+user\\b" in told
