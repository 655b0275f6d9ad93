"""LEEF of many products: its two versions and their marks, times by their own pattern, verdicts, hostile lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.carrier.leef import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

ONE: Final = "LEEF:1.0|Example|Thing|1|Something|"
TIME: Final = "devTime=1768385649000\t"


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line."""
    return lambda line, **options: parse(FORMAT, line, **options)[0]


@pytest.mark.parametrize(
    ("head", "mark"),
    [
        ("LEEF:1.0|Example|Thing|1|Something|", "\t"),
        ("LEEF: 1.0|Example|Thing|1|Something|", "\t"),
        ("LEEF:1.0|Example|Thing|1|Something|", "#011"),
        ("LEEF:1.0|Example|Thing|1|Something|", "<009>"),
        ("LEEF:1.0|Example|Thing|1|Something|", r"\0x09"),
        ("LEEF:1.0|Example|Thing|1|Something|", "    "),
        ("LEEF:1.0|Example|Thing|1|Something|", " "),
        ("LEEF:2.0|Example|Thing|1|Something|^|", "^"),
        ("LEEF:2.0|Example|Thing|1|Something|0x5E|", "^"),
        ("LEEF:2.0|Example|Thing|1|Something|x5e|", "^"),
        ("LEEF:2.0|Example|Thing|1|Something|x005E|", "^"),
        ("LEEF:2.0|Example|Thing|1|Something|x09|", "\t"),
        ("LEEF:2.0|Example|Thing|1|Something|\t|", "\t"),
        ("LEEF:2.0|Example|Thing|1|Something||", "\t"),
        ("LEEF:2.0|Example|Thing|1|Something|", "\t"),
        ("LEEF:2.0|Example|Thing|1|Something|;|", ";"),
        ("Jan 14 10:14:09 thing LEEF:2.0|Example|Thing|1|Something|0x7C|", "|"),
    ],
)
def test_marks(one: Callable[..., dict[str, Any]], head: str, mark: str) -> None:
    """Attributes are parted by what the version or the header says, also after a syslog server's escapes."""
    pairs = ["devTime=1768385649000", "src=192.0.2.7", "usrName=amina.k", "policy=Year 9 a=b", "dstPort=443"]
    event = one(head + mark.join(pairs))
    assert event["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)
    assert (event["source_ip"], event["user_name"], event["destination_port"]) == (
        "192.0.2.7",
        "amina.k",
        443,
    )
    assert event["rule_name"] == ("Year 9" if mark.isspace() and mark != "\t" else "Year 9 a=b")
    assert (event["observer_vendor"], event["event_code"]) == ("Example", "Something")


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("devTime=Jul 14 2026 10:14:09", 9),
        ("devTime=Jul 14 2026 10:14:09 GMT+02:00", 8),
        ("devTime=14/07/2026 10:14:09\tdevTimeFormat=dd/MM/yyyy HH:mm:ss", 9),
        ("devTime=07/14/2026 01:14:09 PM\tdevTimeFormat=MM/dd/yyyy hh:mm:ss a", 12),
        ("devTime=20260714101409\tdevTimeFormat=yyyyMMddHHmmss", 9),
        ("devTime=2026-07-14T10:14:09.000+0200\tdevTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ", 8),
        ("devTime=14.07.2026 10:14:09 UTC\tdevTimeFormat=dd.MM.yyyy HH:mm:ss z", 10),
    ],
)
def test_times(one: Callable[..., dict[str, Any]], said: str, hour: int) -> None:
    """A time that can be read in one way is; others go by their pattern; what has no zone is local."""
    event = one(f"{ONE}src=192.0.2.7\t{said}", zone="Europe/London")
    assert event["timestamp"] == datetime(2026, 7, 14, hour, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "envelope", ["Jan 14 10:14:09 thing ", "<13>1 2026-01-14T10:14:09Z thing app - - - "]
)
def test_the_envelopes_time_serves(one: Callable[..., dict[str, Any]], envelope: str) -> None:
    """A line without a time of its own has the envelope's, and its machine."""
    event = one(f"{envelope}{ONE}src=192.0.2.7")
    assert event["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, tzinfo=UTC)
    assert event["observer_name"] == "thing"


@pytest.mark.parametrize(
    ("said", "log_class", "outcome"),
    [
        ("src=192.0.2.7\turl=http://a.example/\taction=blocked", "web", "blocked"),
        ("src=192.0.2.7\tdst=192.0.2.8\taction=Accept", "firewall", "allowed"),
        ("src=192.0.2.7\tquery=a.example", "dns", "unknown"),
        ("src=192.0.2.7\tusrName=amina\tisLoginEvent=true\tcat=Failed", "auth", "blocked"),
        ("src=192.0.2.7\tdst=192.0.2.8\tusrName=amina\tisLoginEvent=true\tcat=Success", "auth", "allowed"),
        ("usrName=amina\tserialNumber=AA1\taction=Allowed", "endpoint", "allowed"),
    ],
)
def test_classes_and_verdicts(
    one: Callable[..., dict[str, Any]], said: str, log_class: str, outcome: str
) -> None:
    """What a line holds tells its class, and its words tell the outcome."""
    event = one(ONE + TIME + said)
    assert (event["log_class"], event["event_outcome"]) == (log_class, outcome)


def test_only_the_named_account_counts(one: Callable[..., dict[str, Any]]) -> None:
    """`usrName` goes before `accountName`, wherever it stands."""
    assert one(f"{ONE}{TIME}accountName=target\tusrName=SCHOOL\\amina")["user_name"] == "amina"
    assert one(f"{ONE}{TIME}accountName=target")["user_name"] == "target"


def test_many_patterns_of_time_cost_no_more_than_their_lines(
    parse: Callable[..., list[dict[str, Any]]],
) -> None:
    """A file that writes each time in its own way loses times, and nothing else."""
    lines = [f"{ONE}src=192.0.2.7\tdevTime=x{n} 10:14:09\tdevTimeFormat='x{n}' HH:mm:ss" for n in range(200)]
    assert {row["source_ip"] for row in parse(FORMAT, *lines)} == {"192.0.2.7"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no LEEF header"),
        ("\x00\x1f", "no LEEF header"),
        ("LEEF:2.0|a|b|c", "no LEEF header"),
        (ONE + "src=192.0.2.7", "no time"),
        ("LEEF:2.0|a|b|c|d|xZZ|devTime=x^src=192.0.2.7", "no time"),
        (ONE + "src=192.0.2.7\tdevTime=10:14:09\tdevTimeFormat=%Y%s%%HH:mm:ss", "no time"),
    ],
)
def test_bad_lines_say_why(one: Callable[..., dict[str, Any]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    event = one(line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]
