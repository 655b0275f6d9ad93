"""The sentences of the half-termly report: what happened, how grave, what is wanted of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aup_monitor.core.document import Decision
from aup_monitor.core.incident import SEVERITIES, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.core.document import Period
    from aup_monitor.register.incidents import RecordedIncident

UNDECIDED: Final = (State.NEW, State.TRIAGED)
SERIOUS: Final = 4
COMPARABLE: Final = 0.8
"""Two half-terms are compared where the earlier has logs of at least this share of as many school days."""


def number(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 incident`, `no incidents`, `1,204 incidents`."""
    word = one if count == 1 else many or f"{one}s"
    return f"{'no' if count == 0 else f'{count:,}'} {word}"


def summary(  # noqa: PLR0913 - the sentences need all of it
    counted: Sequence[RecordedIncident],
    before: Sequence[RecordedIncident] | None,
    period: Period,
    *,
    gaps: int,
    decisions: int,
    no_data: bool,
    days: tuple[int, int] = (1, 1),
) -> tuple[str, ...]:
    """
    Return two to five sentences, the gravest news first.

    `days`: school days of which logs came, in this half-term and in the one before.
    """
    if no_data:
        return (
            "No logs reached the system in this half-term, so it is not known whether there were incidents.",
            "This needs putting right before anything can be said: please ask the Network Manager.",
        )
    said = [_how_many(counted, before, period, days)]
    if counted:
        said.append(_how_grave(counted))
    if gaps:
        said.append(
            f"{_capital(number(gaps, 'gap'))} in what could be seen {'is' if gaps == 1 else 'are'} named on the second page: "
            "where there were no logs, no incidents does not mean that nothing happened."
        )
    else:
        said.append("Logs of each kind named on the second page came on every school day.")
    if decisions:
        wanted = "One decision is" if decisions == 1 else f"{decisions} decisions are"
        said.append(
            f"{wanted} wanted of you; {'it is' if decisions == 1 else 'they are'} on the second page."
        )
    else:
        said.append("Nothing is wanted of you but your signature.")
    return tuple(said)


def _how_many(
    counted: Sequence[RecordedIncident],
    before: Sequence[RecordedIncident] | None,
    period: Period,
    days: tuple[int, int],
) -> str:
    tense = "were" if len(counted) != 1 else "was"
    so_far = "" if period.finished else " so far"
    head = f"{_capital(number(len(counted), 'incident'))} {tense} found{so_far} in {period.label[:1].lower()}{period.label[1:]}"
    if before is None:
        return f"{head}; there is no earlier half-term to compare it with."
    now_seen, then_seen = days
    if then_seen < COMPARABLE * now_seen:
        return (
            f"{head}. In the half-term before there were {len(before):,}, but logs came then on only "
            f"{number(then_seen, 'school day')}, and on {now_seen} now."
        )
    change = len(counted) - len(before)
    if not change:
        return f"{head}, as many as in the half-term before."
    word = "more" if change > 0 else "fewer"
    return f"{head}, {abs(change):,} {word} than the {len(before):,} of the half-term before."


def _how_grave(counted: Sequence[RecordedIncident]) -> str:
    urgent = sum(i.incident.severity == max(SEVERITIES) for i in counted)
    serious = sum(i.incident.severity == SERIOUS for i in counted)
    if not urgent and not serious:
        return "None was serious."
    parts = []
    if urgent:
        parts.append(f"{urgent} called for action at once")
    if serious:
        parts.append(f"{serious} {'was' if serious == 1 else 'were'} serious")
    grave = [i for i in counted if i.incident.severity >= SERIOUS]
    waiting = sum(i.state in UNDECIDED for i in grave)
    tail = (
        "each has been decided"
        if not waiting
        else f"{waiting} of these still {'waits' if waiting == 1 else 'wait'} for a decision"
    )
    return f"{_capital(' and '.join(parts))}; {tail}."


def decisions(incidents: Sequence[RecordedIncident], gaps: Sequence[str]) -> tuple[Decision, ...]:
    """Return what the Headteacher is asked to decide, most pressing first; each incident is asked about once."""
    open_ones = [i for i in incidents if i.state in UNDECIDED]
    grave = [i for i in open_ones if i.incident.severity >= SERIOUS]
    staff = [i for i in open_ones if i.incident.role == "staff" and i.incident.severity < SERIOUS]
    asked_about = {i.incident.id for i in (*grave, *staff)}
    changed = [i for i in incidents if i.changed_since_decision and i.incident.id not in asked_about]
    asked = [
        ("Decide what is to be done about the serious incidents that nobody has decided on.", grave),
        (
            "Consider the incidents that concern members of staff, and whether any needs a conversation.",
            staff,
        ),
        ("Look again at incidents of which more became known after they were decided.", changed),
    ]
    wanted = [
        Decision(text=text, references=tuple(i.reference for i in which)) for text, which in asked if which
    ]
    if gaps:
        wanted.append(
            Decision(
                text="Agree with the Network Manager how the gaps in the logs are to be closed.",
                references=(),
            )
        )
    return tuple(wanted)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
