"""
When two ways of writing a value say the same.

Each column has a kind, each kind a function that brings both values to one spelling. What a spelling hides is listed
here and nowhere else; whatever is not hidden must be equal.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOTHING: Final = frozenset({"", "-", "--", "n/a", "null", "none", "(null)"})
"""What logs and their readers write for no value."""
ALLOWED: Final = frozenset(
    {"allowed", "allow", "accept", "accepted", "pass", "passed", "permit", "permitted"}
)
BLOCKED: Final = frozenset(
    {"denied", "deny", "block", "blocked", "drop", "dropped", "reject", "rejected", "reset", "reset-both"}
)
_SAME_TRANSPORT: Final = {
    "ipv6-icmp": "icmp6",
    "icmpv6": "icmp6",
    "icmp6": "icmp6",
    "6": "tcp",
    "17": "udp",
    "1": "icmp",
}
_SAME_PROTOCOL: Final = {"https": "tls", "ssl": "tls"}
_RCODES: Final = {
    "0": "noerror",
    "1": "formerr",
    "2": "servfail",
    "3": "nxdomain",
    "4": "notimp",
    "5": "refused",
}
_QTYPE: Final = re.compile(r"^(?:\d+ \((\w+)\)|(\w+) record)$")
_NOBODY: Final = re.compile(r"(?:unknown\b|no authentication required$|not found$|unauthuser$|\*+$)")
_NO_APPLICATION: Final = re.compile(
    r"(?:insufficient-data|incomplete|not-applicable)$|(?:tcp|udp|icmp6?)(?:/|$)", re.IGNORECASE
)
_KIND_OF_THREAT: Final = re.compile(r"^(?:attack|virus|threat|data|file): ")
_ADDRESS: Final = re.compile(r"(?:[0-9a-f]{2}[-:]){5}[0-9a-f]{2}|\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+")
_CLEAR_TIMES: Final = (
    "%d-%b-%Y %H:%M:%S.%f",
    "%d/%b/%Y:%H:%M:%S %z",
    "%Y.%m.%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y, %I:%M:%S.%f %p",
)


def same(column: str, theirs: object, row: Mapping[str, Any]) -> bool | None:
    """Say whether theirs equals our row's column; None where theirs says nothing that could be compared."""
    if isinstance(theirs, str) and theirs.strip().lower() in NOTHING:
        return None
    if theirs is None or theirs == []:
        return None
    return KINDS.get(column, _text)(theirs, row[column], row)


def _text(theirs: object, ours: object, _: Mapping[str, Any]) -> bool:
    """Equal as text; a list is its items joined by a comma, in any order; a blank at the ends is none."""
    if isinstance(theirs, list):
        told = sorted(str(item).strip() for item in theirs)
        return told in (sorted(part.strip() for part in re.split(by, str(ours or ""))) for by in ",;")
    return str(theirs).strip() == str(ours if ours is not None else "").strip()


def _word(theirs: object, ours: object, row: Mapping[str, Any]) -> bool:
    """Equal but for the case of letters."""
    if isinstance(theirs, list):
        theirs = theirs[0] if len(theirs) == 1 else theirs
    return _text(str(theirs).lower(), str(ours or "").lower(), row)


def _number(theirs: object, ours: object, _: Mapping[str, Any]) -> bool:
    """Equal as numbers."""
    try:
        return ours is not None and float(str(theirs)) == float(str(ours))
    except ValueError:
        return str(theirs).strip() == str(ours)


def _code(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """Equal as text, or as numbers whose zeros in front do not count; 0 is no kind of event."""
    if str(theirs) == "0":
        return None
    return _text(theirs, ours, row) or _number(theirs, ours, row)


def _port(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """Equal as numbers; port 0 is none, and ICMP has none."""
    if ours is None and (
        str(theirs).strip() in {"0", "0.0"} or str(row["network_transport"]).startswith("icmp")
    ):
        return None
    return _number(theirs, ours, row)


def _ip(theirs: object, ours: object, _: Mapping[str, Any]) -> bool | None:
    """Equal as addresses, however they are written; what is no address, or nobody's (all zeros), is none."""
    if isinstance(theirs, list) and len(theirs) == 1:
        theirs = theirs[0]
    try:
        address = ip_address(str(theirs).strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    if ours is None and address.is_unspecified:
        return None
    return str(address) == str(ours).partition("%")[0]


def _mac(theirs: object, ours: object, _: Mapping[str, Any]) -> bool | None:
    """Equal by their digits; an address of zeros is none."""
    told = [
        re.sub(r"[^0-9a-f]", "", str(value or "").lower())
        for value in (theirs[0] if isinstance(theirs, list) and len(theirs) == 1 else theirs, ours)
    ]
    if not told[1] and set(told[0]) <= {"0"}:
        return None
    return told[0] == told[1]


def _host(theirs: object, ours: object, _: Mapping[str, Any]) -> bool:
    """Equal but for the case of letters, a final dot and the brackets round an IPv6 address; or one of several."""
    told = [
        str(value or "").strip().lower().strip("[]").rstrip(".")
        for value in (ours, *(theirs if isinstance(theirs, list) else [theirs]))
    ]
    return told[0] in told[1:]


def _rule(theirs: object, ours: object, row: Mapping[str, Any]) -> bool:
    """Equal; or one of several that theirs lists together."""
    return ours in theirs if isinstance(theirs, list) else _text(theirs, ours, row)


def _user(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """Equal but for the case of letters, with or without its domain, before or after it; an address or `unknown` is none."""
    if isinstance(theirs, list) and len(theirs) == 1:
        theirs = theirs[0]
    account, domain = str(ours or "").lower(), str(row.get("user_domain") or "").lower()
    told = re.sub(r"\\+", r"\\", str(theirs).strip().lower())
    if ours is None and (_ADDRESS.fullmatch(told) or _NOBODY.match(told)):
        return None
    return told in {account, rf"{domain}\{account}", f"{account}@{domain}", f"{domain}/{account}"}


def _escaped(theirs: object, ours: object, row: Mapping[str, Any]) -> bool:
    """Equal, or equal where one of the two undid the %-escapes."""
    told, kept = str(theirs).strip(), str(ours or "").strip()
    return _text(theirs, ours, row) or told == unquote(kept) or unquote(told) == kept


def _path(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """As `_escaped`; of https `/` is what a log writes that saw no path."""
    if ours is None and str(theirs).strip() == "/" and _hidden(row):
        return None
    return _escaped(theirs, ours, row)


def _hidden(row: Mapping[str, Any]) -> bool:
    return (
        row["url_scheme"] == "https"
        or row["destination_port"] == 443
        or row["http_request_method"] == "CONNECT"
    )


def _url(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """
    As `_escaped`; a host's letters may be of either case, and no path is `/` (RFC 3986, 6.2.3).

    What is no whole address is not compared, nor `https://host/` where no path was seen.
    """
    if "://" not in str(theirs):
        return None
    try:
        told = [urlsplit(unquote(str(value or "").strip())) for value in (theirs, ours)]
    except ValueError:
        return _text(theirs, ours, row)
    first, second = (url._replace(netloc=url.netloc.lower(), path=url.path or "/") for url in told)
    if ours is None and _hidden(row) and (first.path, first.query) == ("/", ""):
        return None
    return first == second


def _verdict(theirs: object, ours: object, _: Mapping[str, Any]) -> bool | None:
    """Compare allowed and blocked, by any of the usual words; other words are no verdict."""
    words = {str(word).lower() for word in (theirs if isinstance(theirs, list) else [theirs])}
    told = {name for name, those in (("allowed", ALLOWED), ("blocked", BLOCKED)) if words & those}
    return told == {ours} if len(told) == 1 else None


def _named(names: Mapping[str, str]) -> Callable[[object, object, Mapping[str, Any]], bool]:
    """Return a comparison of words of which some have a second name."""

    def compare(theirs: object, ours: object, row: Mapping[str, Any]) -> bool:
        theirs = theirs[0] if isinstance(theirs, list) and len(theirs) == 1 else theirs
        told = [names.get(str(value).lower(), str(value).lower()) for value in (theirs, ours)]
        return _word(told[0], told[1], row)

    return compare


def _action(theirs: object, ours: object, row: Mapping[str, Any]) -> bool:
    """Equal but for the case of letters and what stands between words."""
    told = [re.sub(r"[\s_-]+", " ", str(value)) for value in (theirs, ours)]
    return _word(told[0], told[1], row)


def _application(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """Equal but for the case of letters; a port, and that nothing was recognised, is no application."""
    return None if ours is None and _NO_APPLICATION.match(str(theirs)) else _word(theirs, ours, row)


def _category(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """
    Equal as text but for what stands between words, and without our own word before an attack's name.

    That no category was looked for, or none found, is none.
    """
    if str(theirs).lower() in {"any", "not-resolved", "unknown", "unscanned"}:
        return None
    bare = _KIND_OF_THREAT.sub("", str(ours or ""))
    return _text(theirs, ours, row) or _text(*(re.sub(r"[\s._-]+", " ", str(v)) for v in (theirs, bare)), row)


def _scheme(theirs: object, ours: object, row: Mapping[str, Any]) -> bool | None:
    """Equal but for the case of letters; a tunnel's `tcp` or `ssl` is no scheme of an address."""
    return None if ours is None and str(theirs) in {"tcp", "ssl"} else _word(theirs, ours, row)


def _query(theirs: object, ours: object, row: Mapping[str, Any]) -> bool:
    """As `_escaped`, with or without the question mark."""
    return _escaped(str(theirs).removeprefix("?"), ours, row)


def _qtype(theirs: object, ours: object, row: Mapping[str, Any]) -> bool:
    """Equal but for the case of letters and for words round the type: `1 (A)`, `A record`."""
    said = _QTYPE.match(str(theirs))
    return _word((said[1] or said[2]) if said else theirs, ours, row)


def _time(theirs: object, ours: object, _: Mapping[str, Any]) -> bool | None:
    """Equal to the millisecond, or to the second where theirs is of whole seconds."""
    told = time_of(theirs)
    return None if told is None else ours is not None and agree(told, ours)


def agree(theirs: datetime, ours: Any) -> bool:
    """Say whether two times are the same, as finely as theirs is told."""
    apart = abs((theirs - ours).total_seconds())
    return bool(
        apart < 1
        and theirs.replace(microsecond=0) == ours.replace(microsecond=0)
        and (not theirs.microsecond or apart <= 0.001)
    )


def time_of(value: object) -> datetime | None:
    """Return a time from ISO 8601, seconds or milliseconds since 1970, or a day and a time in figures; else None."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    text = str(value).strip()
    if re.fullmatch(r"\d{9,19}(\.\d+)?", text):
        number = float(text)
        while number > 1e11:
            number /= 1000
        return datetime.fromtimestamp(number, UTC)
    for read in (*(_clear(form) for form in _CLEAR_TIMES), datetime.fromisoformat, parsedate_to_datetime):
        try:
            time = read(text)
        except ValueError:
            continue
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    return None


def _clear(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 - `time_of` gives it UTC where it has no zone


Kind = "Callable[[object, object, Mapping[str, Any]], bool | None]"
KINDS: Final[dict[str, Any]] = {
    "timestamp": _time,
    "event_code": _code,
    "event_duration": _number,
    "event_outcome": _verdict,
    "event_action": _action,
    "source_ip": _ip,
    "destination_ip": _ip,
    "source_port": _port,
    "destination_port": _port,
    "source_mac": _mac,
    "source_bytes": _number,
    "destination_bytes": _number,
    "http_response_status_code": _port,
    "host_name": _host,
    "observer_name": _host,
    "rule_category": _category,
    "rule_name": _rule,
    "url_domain": _host,
    "dns_question_name": _host,
    "tls_server_name": _host,
    "user_name": _user,
    "user_domain": _word,
    "network_transport": _named(_SAME_TRANSPORT),
    "network_protocol": _named(_SAME_PROTOCOL),
    "network_application": _application,
    "http_request_method": _word,
    "dns_question_type": _qtype,
    "dns_response_code": _named(_RCODES),
    "url_scheme": _scheme,
    "url_full": _url,
    "url_path": _path,
    "url_query": _query,
    "http_request_referrer": _escaped,
    "file_hash": _word,
}
"""Our column -> how its values are compared; the others are text."""
