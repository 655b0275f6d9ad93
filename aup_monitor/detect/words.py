"""
What the gathered matches say of a person, with the reasons in words: severity, confidence and intent.

All three are for people to check, never verdicts. In doubt confidence is the lowest of its parts, and intent is unclear.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aup_monitor.core.incident import LEVELS, Confidence, Intent
from aup_monitor.detect.gather import AT_MOST
from aup_monitor.detect.themes import themes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aup_monitor.detect.gather import Gathered
    from aup_monitor.detect.rule import Rule

MANY_VISITS: Final = 5
AT_ONCE: Final = timedelta(seconds=5)
"""Within which a device asks for the several kinds of address of one name."""
CROWD: Final = 10
"""So many at once are no coincidence."""
SHORT_VISIT: Final = timedelta(seconds=30)
_NAMED: Final = re.compile(r"(own\d*-)?names-[^,]*$")
"""How the source of a word in a name is called, where it is the only one."""
_MASKED: Final = "not shown; ask the Designated Safeguarding Lead"
_ORDER: Final = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)

Part = tuple[Confidence, str]

_SEEN: Final[dict[str, Part]] = {
    "url": (Confidence.HIGH, "The log has the whole web address."),
    "host": (Confidence.MEDIUM, "The log has the name of the site, but not the page."),
    "dns": (
        Confidence.LOW,
        "The log only shows that the name of the site was looked up; a program may do that by itself.",
    ),
    "event": (Confidence.HIGH, "The log describes the act itself."),
}
_WHO: Final[dict[str, Part]] = {
    "user": (Confidence.HIGH, "The log names the account."),
    "device": (Confidence.MEDIUM, "The log names the device, but not who used it."),
    "site": (Confidence.MEDIUM, "It concerns the whole site, and no person."),
    "address": (Confidence.LOW, "The log has only a network address, which says little about who it was."),
}


def severity(rule: Rule, level: int, found: Gathered, intent: Intent) -> int:
    """
    Return 1-5: the level that holds for the subject, one more for five visits or for three blocked attempts within ten minutes.

    What only came along with other pages is never raised. Repetition makes an incident one for action at once (5) only
    where a person's safety is at stake: a game of getting past the filter must not look like a cry for help. A correlation
    has repetition in its own level.
    """
    repeated = found.visits >= MANY_VISITS or found.burst
    if not repeated or rule.correlation or intent is Intent.BACKGROUND:
        return level
    return min(level + 1, _highest(rule.theme)) if level < max(LEVELS.values()) else level


def _highest(theme: str) -> int:
    known = themes().get(theme)
    return max(LEVELS.values()) - (known is None or known.route != "safeguarding")


_LEASED: Final = (
    "Who it was follows from who held the address at that time, by the log of leases or log-ons; "
    "the event itself names nobody."
)


def confidence(found: Gathered) -> tuple[Confidence, tuple[str, ...]]:
    """Return the lowest of what was seen, who is named and how many lists agree; with a reason for each."""
    who = (Confidence.MEDIUM, _LEASED) if found.leased else _WHO[found.subject_kind]
    parts = [_SEEN[found.visibility], who]
    if _only_named(found):
        parts.append((Confidence.LOW, "Only a word in its name says so; no list holds the site."))
    elif found.votes == 1 and found.curated:
        parts.append((Confidence.MEDIUM, "One list lists it, which was written by hand."))
    elif found.votes == 1:
        parts.append((Confidence.LOW, "Only one source lists it."))
    elif found.votes > 1:
        parts.append((Confidence.HIGH, f"{found.votes} sources list it."))
    lowest = min((part for part, _ in parts), key=_ORDER.index)
    return lowest, tuple(reason for _, reason in parts)


def _only_named(found: Gathered) -> bool:
    """Tell whether everything rests on words in the names of hosts (`lists/names/`)."""
    sources = [entry["list_sources"] for entry in found.entries if entry["list_sources"]]
    return bool(sources) and all(_NAMED.match(source) for source in sources)


def intent(rule: Rule, found: Gathered) -> tuple[Intent, tuple[str, ...]]:
    """Return whether the person meant it, as far as the matches can say; with the reasons."""
    if rule.aup.intent is not None:
        reason = f"The rule takes this kind of act as {rule.aup.intent}; the log itself cannot show it."
        return rule.aup.intent, (reason,)
    if found.supporting_only:
        reason = "Only parts of other pages were fetched (pictures, scripts, advertising), never a page of its own."
        return Intent.BACKGROUND, (reason,)
    deliberate = tuple(_deliberate(found))
    if deliberate:
        return Intent.DELIBERATE, deliberate
    if background := _background(rule, found):
        return Intent.BACKGROUND, (background,)
    if accidental := _accidental(found):
        return Intent.ACCIDENTAL, (accidental,)
    return Intent.UNCLEAR, (_unclear(found),)


def _deliberate(found: Gathered) -> list[str]:
    reasons = []
    if found.searched:
        reasons.append("It was typed as a search.")
    if found.from_search:
        reasons.append("It was opened from the results of a search.")
    if found.pages > 1:
        reasons.append(f"{found.pages} different pages were opened.")
    if found.again_after_block and found.visibility in {"url", "host"}:
        reasons.append("It was asked for again after it had been blocked.")
    return reasons


def _background(rule: Rule, found: Gathered) -> str | None:
    """Say why no person may have asked at all; only of names, of which a program may ask by itself."""
    if found.visibility not in {"host", "dns"}:
        return None
    if found.crowd >= CROWD:
        return f"At least {found.crowd} people or devices asked for it in the same minute, as a program or a whole class does."
    # What may be grave is never put down to a program for want of a second look-up.
    if found.visibility == "host" or rule.level in {"high", "critical"}:
        return None
    if found.last_seen - found.first_seen < AT_ONCE:
        return "The name was looked up once; browsers do that for every link on a page, and programs by themselves."
    if found.at_night and found.subject_kind != "user" and found.visits < MANY_VISITS:
        return "The name was only looked up at night, by a device at which nobody is known to have been."
    return None


def _accidental(found: Gathered) -> str | None:
    if found.visibility not in {"url", "host"}:
        return None
    if found.redirected:
        return "Every request was sent on to another address; no page was shown."
    if found.blocked == found.events and found.attempts == 1:
        return "It was blocked, and not asked for again."
    if found.visits == 1 and found.last_seen - found.first_seen < SHORT_VISIT:
        return "There was one visit, of less than 30 seconds."
    return None


def _unclear(found: Gathered) -> str:
    match found.visibility:
        case "dns":
            return "Only the name was looked up; the log cannot tell a person from a program."
        case "host":
            return f"Only the name of the site is known ({_visits(found)}); a program may go there by itself."
        case "url":
            return f"One page was opened ({_visits(found)}); the log shows no more."
        case _:
            return "The log shows what happened, but not why."


def _visits(found: Gathered) -> str:
    return "one visit" if found.visits == 1 else f"{found.visits} visits"


def details(rule: Rule, found: Gathered) -> tuple[str, ...]:
    """Return figures, then what was reached or used, commonest first; withheld where the rule says so."""
    if rule.mask:
        return (_MASKED,)
    return (*_estimates(rule, found), *found.details)[:AT_MOST]


def _estimates(rule: Rule, found: Gathered) -> Iterator[str]:
    """Yield the figures that made it an incident; time spent is told as the estimate that it is."""
    if rule.aup.at_least.minutes:
        yield f"about {found.minutes} minutes (an estimate, from the times of what was logged)"
    if rule.aup.at_least.pages:
        yield f"{found.pages_printed:,} pages"


def evidence(rule: Rule, found: Gathered) -> tuple[str, ...]:
    """Return why the rule matched, in words, commonest first, each once."""
    return tuple(dict.fromkeys(_evidence(entry, mask=rule.mask) for entry in found.entries))


def _evidence(entry: dict[str, str | None], *, mask: bool) -> str:
    if entry["list_name"] is None:
        return f"matched: {(entry['selections'] or '').replace(',', ', ')}"
    kind, _, name = entry["list_name"].partition(".")
    what = "term list" if kind == "terms" else "list"
    met = "" if mask else f" as “{entry['list_entry']}”"
    sources = (entry["list_sources"] or "").replace(",", ", ")
    return f"on the {what} {name or kind}{met}" + (f" (source: {sources})" if sources else "")
