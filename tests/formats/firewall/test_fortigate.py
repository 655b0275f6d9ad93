"""FortiGate lines against Elastic's reading of real ones, against each of our promises, and against malice."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aup_monitor.core.format import Context
from aup_monitor.core.schema import EVENT_SCHEMA, LOG_CLASSES, OUTCOMES, conform
from aup_monitor.formats.firewall import fortigate

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "fortigate.log"
TIME: Final = "eventtime=1772705649052907555 "


def parsed(*lines: str, zone: str = "UTC") -> list[dict[str, Any]]:
    """Return one dict a line, in the order given."""
    frame = pl.DataFrame(
        {"line": list(lines), "offset": range(len(lines))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    return fortigate.parse(frame.lazy(), Context(zone=zone)).collect().sort("offset").to_dicts()


def webfilter(rest: str) -> dict[str, Any]:
    """Return the event of one web-filter line that ends with `rest`."""
    return parsed(f"{TIME}type=utm subtype=webfilter {rest}")[0]


# What Elastic calls a thing, and what we do.
SAME: Final = {
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.bytes": "source_bytes",
    "source.user.name": "user_name",
    "source.user.group.name": "user_group",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "url.query": "url_query",
    "dns.question.name": "dns_question_name",
    "dns.question.type": "dns_question_type",
    "event.code": "event_code",
    "event.duration": "event_duration",
    "network.transport": "network_transport",
    "network.application": "network_application",
    "http.request.method": "http_request_method",
    "file.name": "file_name",
    "observer.name": "observer_name",
}

# Where ours differs and why it is right: which lines, which of our columns.
ENDS: Final = {"source_ip", "source_port", "destination_ip", "destination_port"}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "the far end of a VPN is where the person is, so it is the source, whoever began": (
        'subtype="?vpn',
        ENDS,
    ),
    "`ip=` of FortiClient and FortiExtender events is the device's address; Elastic drops it": (
        " ip=",
        {"source_ip"},
    ),
    "`url=/` on https stands for a path that was not seen": (' url="(https://[^/]+)?/"', {"url_path"}),
    "one sample was pasted from a page that made the host a link": (r'hostname="\[', {"url_domain"}),
    "an administrator's calls of the firewall's own REST interface are no pages": (
        "rest-api",
        {"url_path", "url_query"},
    ),
    "tcp/514 is a port, not an application": (' app="(tcp|icmp6)/', {"network_application"}),
    "unauthuser was guessed from traffic; nobody may be accused on it": ("unauthuser", {"user_name"}),
    "a backslash in quotes is written twice": (r"\\\\", {"file_name"}),
    "FortiManager's lines are not FortiGate's: its own keys (userfrom, remote_ip) are not read": (
        "device_id=FMG",
        {"source_ip", "source_port", "observer_name", "event_code"},
    ),
}


def flat(tree: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves with their dotted names; Beats writes them so already."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def second(text: str) -> datetime:
    """Return an ISO 8601 time to the second in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)


def real(shared: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (line, Elastic's reading, ours) for every real line that has both and is an event."""
    for path in sorted((shared / "samples" / "fortigate").glob("*-expected.json")):
        expected = json.loads(path.read_text())
        items = expected["expected"] if isinstance(expected, dict) else expected
        lines = path.with_name(path.name.removesuffix("-expected.json")).read_text().split("\n")
        full = [line for line in lines if line]
        # The zone that each project's tests were run with.
        ours = parsed(*full, zone="Etc/GMT+2" if "beats" in path.name else "UTC")

        assert len(items) == len(full)

        for line, item, event in zip(full, items, ours, strict=True):
            if item is not None and event["reject"] is None and not event["skip"]:
                yield line, dict(flat(item)), event


def test_real_lines_agree_with_elastic(shared: Path) -> None:
    """Addresses, ports, users, pages, questions, bytes are as Elastic reads them, but where a reason is written."""
    used, strange, compared = set(), [], 0
    for line, item, event in real(shared):
        for theirs, ours in SAME.items():
            # What only we read is no disagreement, but for the ends of a connection.
            if item.get(theirs) is None and ours not in ENDS | {"user_name", "url_path"}:
                continue
            compared += 1
            if str(item.get(theirs)) == str(event[ours]):
                continue
            reasons = [
                why
                for why, (where, columns) in EXPLAINED.items()
                if ours in columns and re.search(where, line)
            ]
            used.update(reasons)
            if not reasons:
                strange.append((theirs, item.get(theirs), event[ours], line[:200]))

    assert strange == []
    assert used == set(EXPLAINED)
    assert compared > 1500


def test_real_times_agree_with_elastic_to_the_second(shared: Path) -> None:
    """`eventtime` is Elastic's event.start; without it `date` and `time` are its @timestamp."""
    wrong = [
        line
        for line, item, event in real(shared)
        if second(item.get("event.start") or item["@timestamp"]) != event["timestamp"].replace(microsecond=0)
    ]

    assert wrong == []


def test_real_verdicts_agree_with_elastic(shared: Path) -> None:
    """What Elastic types denied or allowed is blocked or allowed here; a failed log-on is blocked."""
    names = {"denied": "blocked", "allowed": "allowed"}
    wrong = []
    for line, item, event in real(shared):
        types = set(item.get("event.type") or []) & set(names)
        if types and names[types.pop()] != event["event_outcome"]:
            wrong.append(line)
        failed = item.get("event.outcome") == "failure" and "device_id=FMG" not in line
        if failed and event["event_outcome"] != "blocked":
            wrong.append(line)

    assert wrong == []


def test_real_lines_that_are_no_events(shared: Path) -> None:
    """Of the real lines only those without `type` and a web server's are bad; events about nobody are passed over."""
    lines = [
        line
        for path in sorted((shared / "samples" / "fortigate").glob("*.log"))
        for line in path.read_text().split("\n")
        if line
    ]
    events = parsed(*lines)
    bad = [line for line, event in zip(lines, events, strict=True) if event["reject"]]
    passed_over = [line for line, event in zip(lines, events, strict=True) if event["skip"]]

    assert all(" type=" not in line for line in bad)
    assert len(bad) == 4
    assert all('type="event"' in line and " srcip=" not in line for line in passed_over)


def test_class_of_each_kind() -> None:
    """The class follows what the line is about."""
    kinds = {
        "type=traffic subtype=forward srcip=10.0.0.1": "firewall",
        "type=utm subtype=webfilter srcip=10.0.0.1": "web",
        "type=webfilter subtype=ftgd_blk srcip=10.0.0.1": "web",
        "type=utm subtype=dns qname=example.com": "dns",
        "type=utm subtype=app-ctrl app=Netflix": "firewall",
        "type=utm subtype=virus virus=EICAR": "firewall",
        "type=event subtype=user user=amina": "auth",
        "type=event subtype=vpn user=amina": "auth",
        "type=event subtype=vpn remip=192.0.2.1": "firewall",
        "type=event subtype=system user=admin action=login": "auth",
        "type=event subtype=system dhcp_msg=Ack mac=AA:BB:CC:00:00:01 ip=10.0.0.9 hostname=CB-7": "dhcp",
    }
    events = parsed(*(TIME + line for line in kinds))

    assert [event["log_class"] for event in events] == list(kinds.values())
    assert events[-1]["host_name"] == "CB-7"
    assert events[-1]["source_mac"] == "aa:bb:cc:00:00:01"
    assert events[-1]["source_ip"] == "10.0.0.9"
    assert not any(event["skip"] for event in events)


@pytest.mark.parametrize("stamp", ["1772705649", "1772705649052", "1772705649052907", "1772705649052907555"])
def test_eventtime_in_any_unit(stamp: str) -> None:
    """Seconds, milliseconds, microseconds and nanoseconds are told apart by their size, and win over date and time."""
    event = parsed(f"date=2001-01-01 time=01:01:01 eventtime={stamp} type=traffic subtype=forward")[0]

    assert event["timestamp"].replace(microsecond=0) == datetime(2026, 3, 5, 10, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "hour"),
    [("", 9), ('tz="+0530" ', 4), ('tz="-0500" ', 15), ('tz="UTC-5:00" ', 15), ("eventtime=0 ", 9)],
)
def test_date_and_time_in_their_zone(clock: str, hour: int) -> None:
    """Without a usable eventtime the offset written counts, else the zone of the settings (here summer time)."""
    line = f"date=2026-07-14 time=10:15:00 {clock}type=traffic subtype=forward"
    event = parsed(line, zone="Europe/London")[0]

    assert event["timestamp"].hour == hour
    assert event["timestamp"].date() == datetime(2026, 7, 14, tzinfo=UTC).date()


@pytest.mark.parametrize(
    ("rest", "domain", "path", "full"),
    [
        ('service="HTTP" hostname="a.example" url="/x?q=1"', "a.example", "/x", "http://a.example/x?q=1"),
        ('service="HTTP" hostname="a.example" url="/"', "a.example", "/", "http://a.example/"),
        ('service="HTTPS" hostname="A.Example." url="/"', "a.example", None, None),
        ('service="HTTPS" hostname="a.example" url="https://a.example/"', "a.example", None, None),
        (
            'service="HTTPS" hostname="a.example" url="https://a.example/x"',
            "a.example",
            "/x",
            "https://a.example/x",
        ),
        ('service="HTTPS" hostname="a.example"', "a.example", None, None),
        ('service="HTTP" url="http://b.example:8080/y"', "b.example", "/y", "http://b.example:8080/y"),
        ('dstport=443 service="web" hostname="a.example" url="/x"', "a.example", "/x", "https://a.example/x"),
        (
            'service="HTTP" hostname="a.example" url="/go?to=https://c.example/z"',
            "a.example",
            "/go",
            "http://a.example/go?to=https://c.example/z",
        ),
        ('service="HTTP" hostname="N/A" url="/x"', None, None, None),
    ],
)
def test_address_of_a_page(rest: str, domain: str | None, path: str | None, full: str | None) -> None:
    """The address is put together from host and path, or taken where whole; a path not seen is not claimed."""
    event = webfilter(rest)

    assert (event["url_domain"], event["url_path"], event["url_full"]) == (domain, path, full)


@pytest.mark.parametrize(
    ("account", "name", "domain"),
    [
        ('"OAKFIELD\\\\amina.k"', "amina.k", "OAKFIELD"),
        ('"amina.k@oakfield.example"', "amina.k", "oakfield.example"),
        ('"amina k"', "amina k", None),
        ("amina", "amina", None),
        ('"N/A"', None, None),
        ('""', None, None),
        ('"Sean \\"Jack\\" O\'Neil"', 'Sean "Jack" O\'Neil', None),
        ('"a, b=c, srcip=10.9.9.9"', "a, b=c, srcip=10.9.9.9", None),
    ],
)
def test_account(account: str, name: str | None, domain: str | None) -> None:
    """Accounts lose their domain; spaces, commas, escaped quotes and equals signs stay; nobody is nobody."""
    event = webfilter(f"user={account} srcip=10.0.0.1")

    assert (event["user_name"], event["user_domain"], event["source_ip"]) == (name, domain, "10.0.0.1")


@pytest.mark.parametrize(
    "bait",
    [
        'msg="seen user=head srcip=10.66.6.6 here"',
        'agent="x\\" user=\\"head\\" srcip=10.66.6.6"',
        'agent="ends with a backslash \\\\" level=notice msg=" user=head srcip=10.66.6.6"',
        'url="/?a=" level=notice msg=" user=head srcip=10.66.6.6"',
        'msg=" user=head\x00 srcip=10.66.6.6"',
        'msg="never closed user=head srcip=10.66.6.6 ',
    ],
)
def test_keys_inside_quotes_are_not_keys(bait: str) -> None:
    """No text that a pupil can bring into the log becomes somebody's name or address."""
    before = webfilter(f"{bait} user=amina srcip=10.0.0.1") if "never" not in bait else None
    after = webfilter(f"user=amina srcip=10.0.0.1 {bait}")

    for event in filter(None, (before, after)):
        assert (event["user_name"], event["source_ip"]) == ("amina", "10.0.0.1")


def test_outcomes() -> None:
    """A check that blocked outweighs a session that closed; a failed log-on is blocked; the rest is not guessed."""
    verdicts = {
        "type=traffic action=deny": "blocked",
        "type=traffic action=close": "allowed",
        "type=traffic action=close utmaction=block": "blocked",
        "type=traffic action=accept utmaction=allow": "allowed",
        "type=utm subtype=dns action=redirect": "blocked",
        "type=utm subtype=dns eventtype=dns-query": "unknown",
        "type=utm subtype=ssl action=info": "unknown",
        "type=utm subtype=ips action=detected": "allowed",
        "type=event subtype=user action=FSSO-logon": "allowed",
        "type=event subtype=vpn action=ssl-login-fail": "blocked",
        "type=event subtype=user action=auth status=failure": "blocked",
        "type=event subtype=system action=edit": "unknown",
    }
    events = parsed(*(TIME + line for line in verdicts))

    assert dict(zip(verdicts, [event["event_outcome"] for event in events], strict=True)) == verdicts


def test_filters_own_words() -> None:
    """Category, policy, search words, virus and attack are kept as FortiGate wrote them."""
    web = webfilter('policyid=3 profile="pupils" catdesc="Games" keyword="times tables" group="Year 9"')
    virus = webfilter('virus="EICAR_TEST_FILE" profile=p policyname="All pupils"')
    attack = webfilter('attack="Some.Exploit" policyid=3')
    traffic = webfilter('appcat="unscanned" app="PING"')

    assert (web["rule_name"], web["rule_category"], web["search_query"]) == (
        "pupils",
        "Games",
        "times tables",
    )
    assert web["user_group"] == "Year 9"
    assert (virus["rule_name"], virus["rule_category"]) == ("All pupils", "virus: EICAR_TEST_FILE")
    assert (attack["rule_name"], attack["rule_category"]) == ("3", "attack: Some.Exploit")
    assert traffic["rule_category"] is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no type"),
        ("not a log line", "no type"),
        ("\x00\x01\x02", "no type"),
        ('msg="type=utm"', "no type"),
        ("type=traffic", "no time"),
        ("date=2026-02-30 time=10:00:00 type=traffic", "no time"),
        ("eventtime=99999999999999999999999 type=traffic", "no time"),
        ("date= time= type=traffic", "no time"),
    ],
)
def test_bad_lines_say_why(line: str, reason: str) -> None:
    """A line that is none of FortiGate's, or has no time, is a reject with its reason."""
    assert parsed(line)[0]["reject"].startswith(reason)


def test_long_and_strange_lines_do_no_harm() -> None:
    """A line of 100 kB, NULs, numbers too large and bytes that are no text leave the rest of the line readable."""
    long = webfilter(f'srcip=10.0.0.1 url="/{"a" * 100_000}" hostname=a.example service=HTTP user=amina')
    nul = webfilter('user="ami\x00na" srcip=10.0.0.1\x00 \x04\ufffd D\x0c<$')
    huge = webfilter(f"srcip=10.0.0.1 srcport=99999999999 sentbyte={'9' * 40} duration=9223372036854775807")

    assert len(long["url_path"]) == 100_001
    assert long["user_name"] == "amina"
    assert (nul["user_name"], nul["source_ip"]) == ("amina", "10.0.0.1")
    assert (huge["source_port"], huge["source_bytes"], huge["reject"]) == (None, None, None)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), max_size=5))
def test_any_text_gives_a_row_a_line(lines: list[str]) -> None:
    """Whatever the lines hold, each gives one row and every column has the schema's type."""
    frame = pl.DataFrame(
        {"line": [f'type=utm {line}="' for line in lines], "offset": range(len(lines))},
        schema={"line": pl.String, "offset": pl.Int64},
    )
    out = fortigate.parse(frame.lazy(), Context())

    assert conform(out).collect().schema == pl.Schema(EVENT_SCHEMA)
    assert sorted(out.collect()["offset"]) == list(range(len(lines)))


def test_types_are_the_schemas() -> None:
    """Every column of the answer is one of the schema's and has its type already."""
    frame = pl.LazyFrame(schema={"line": pl.String, "offset": pl.Int64})
    schema = fortigate.parse(frame, Context()).collect_schema()

    assert {name: dtype for name, dtype in schema.items() if name in EVENT_SCHEMA} == {
        name: dtype for name, dtype in EVENT_SCHEMA.items() if name in schema
    }
    assert set(schema) - set(EVENT_SCHEMA) == {"offset", "reject", "skip", "lease_from", "lease_to"}


def test_own_sample() -> None:
    """The sample shows every class we promise, only known outcomes, and one bad line."""
    events = parsed(*OWN.read_text().splitlines())

    assert (
        {event["log_class"] for event in events}
        == {"web", "dns", "firewall", "auth", "dhcp"}
        <= set(LOG_CLASSES)
    )
    assert {event["event_outcome"] for event in events} == set(OUTCOMES)
    assert [event["reject"] is not None for event in events].count(True) == 1
    assert "head.teacher" not in {event["user_name"] for event in events}


def test_sniff(shared: Path) -> None:
    """Real FortiGate files are recognised, other firewalls' are not."""
    folder = shared / "samples"
    scores = {
        path.name: fortigate.FORMAT.score(path.read_bytes())
        for path in (folder / "fortigate").glob("*elastic*.log")
    }
    others = [
        path
        for name in ("sophos-xg", "sophos-utm", "sonicwall", "watchguard", "juniper-srx", "squid")
        for path in (folder / name).iterdir()
        if path.suffix == ".log"
    ]

    assert len(scores) >= 7
    assert min(scores.values()) > 0.9
    assert others
    assert max(fortigate.FORMAT.score(path.read_bytes()) for path in others) == 0


DAY: Final = 'date=2026-03-05 time=10:14:09 logid="0316013056" '
SAID: Final = (
    'type="utm" subtype="webfilter" eventtime=1772705649052907555 devname="fw" user="SCHOOL\\\\amina.k" '
    'group="Pupils" srcip=10.20.4.31 srcport=61930 dstip=203.0.113.9 dstport=443 proto=6 service="HTTPS" '
    'hostname="casino.example" profile="pupils" action="blocked" url="/spin?a=b" sentbyte=11 rcvdbyte=12 '
    'agent="Some browser" referralurl="https://a.example/" filename="x y.zip" catdesc="Gambling"'
)
SAID_IN_CEF: Final = (
    "CEF:0|Fortinet|Fortigate|v7.4.4|13056|utm:webfilter ftgd_blk blocked|4|FTNTFGTlogid=0316013056 "
    "cat=utm:webfilter FTNTFGTsubtype=webfilter FTNTFGTeventtime=1772705649052907555 dvchost=fw "
    "duser=SCHOOL\\\\amina.k FTNTFGTgroup=Pupils src=10.20.4.31 spt=61930 dst=203.0.113.9 dpt=443 proto=6 app=HTTPS "
    "dhost=casino.example FTNTFGTprofile=pupils act=blocked request=/spin?a\\=b out=11 in=12 "
    "requestClientApplication=Some browser FTNTFGTreferralurl=https://a.example/ fname=x y.zip requestContext=Gambling"
)


@pytest.mark.parametrize("envelope", ["", "<188>", "<188>Mar  5 10:14:09 fw "])
def test_the_three_forms_say_the_same(envelope: str) -> None:
    """The same event in each form of `set format` is the same row."""
    plain = parsed(envelope + DAY + SAID)[0]
    csv = parsed(envelope + re.sub(r" (?=[a-z]+=)", ",", DAY + SAID))[0]
    cef = parsed(envelope + SAID_IN_CEF)[0]

    assert plain["reject"] is None
    assert plain["url_full"] == "https://casino.example/spin?a=b"
    assert (plain["user_name"], plain["user_domain"]) == ("amina.k", "SCHOOL")
    assert csv == plain
    assert cef == plain


def test_keys_of_the_documents_in_cef() -> None:
    """Names that other versions give: group in cs6, policy in cs5; `dhost` of traffic is only a reverse look-up's."""
    event = parsed(
        "CEF: 0|Fortinet|Fortigate|v5.6.0|00013|traffic:forward close|3|FTNTFGTlogid=0000000013 "
        "cat=traffic:forward FTNTFGTsubtype=forward FTNTFGTeventtime=1545937675 src=10.1.100.11 shost=PC-1 "
        "dst=192.0.2.1 dhost=reverse.example proto=6 act=deny cs5=10 cs5Label=Policy Id cs6=Pupils app=HTTP"
    )[0]

    assert (event["url_domain"], event["host_name"], event["event_outcome"]) == (None, "PC-1", "blocked")
    assert (event["rule_name"], event["user_group"], event["event_code"]) == ("10", "Pupils", "0000000013")


@pytest.mark.parametrize(
    "line",
    [
        SAID_IN_CEF.replace("request=/spin?a\\=b", "request=/x? src\\=10.6.6.6 duser\\=head"),
        SAID_IN_CEF.replace("Some browser", "x\x1fduser=head\x1fsrc=10.6.6.6"),
        re.sub(r" (?=[a-z]+=)", ",", DAY + SAID).replace("Some browser", "x,user=head,srcip=10.6.6.6"),
        re.sub(r" (?=[a-z]+=)", ",", DAY + SAID).replace(
            "Some browser", 'x\\",user=\\"head\\",srcip=10.6.6.6'
        ),
    ],
)
def test_keys_inside_values_of_other_forms_are_not_keys(line: str) -> None:
    """What a browser sends is nobody's name or address in the forms csv and cef either."""
    event = parsed(line)[0]

    assert (event["user_name"], event["source_ip"]) == ("amina.k", "10.20.4.31")


@pytest.mark.parametrize(
    ("rest", "given", "until"),
    [
        ("subtype=system dhcp_msg=Ack ip=10.0.0.9 lease=3600", 0, 3600),
        ("subtype=system dhcp_msg=Ack ip=10.0.0.9 lease=4294967295", 0, None),
        ("subtype=system dhcp_msg=Ack ip=10.0.0.9", 0, None),
        ("subtype=system dhcp_msg=Release ip=10.0.0.9 lease=0", None, 0),
        ("subtype=system dhcp_msg=Offer ip=10.0.0.9 lease=3600", None, None),
        ("subtype=user action=FSSO-logon srcip=10.0.0.9 user=amina", 0, None),
        ("subtype=user action=FSSO-logoff srcip=10.0.0.9 user=amina", None, 0),
        ("subtype=user action=authentication srcip=10.0.0.9 user=amina", None, None),
    ],
)
def test_who_holds_an_address(rest: str, given: int | None, until: int | None) -> None:
    """An Ack and a log-on give an address, a Release and a log-off give it back."""
    event = parsed(f"{TIME}type=event {rest}")[0]
    now = event["timestamp"]

    assert event["lease_from"] == (None if given is None else now)
    assert event["lease_to"] == (None if until is None else now + timedelta(seconds=until))
