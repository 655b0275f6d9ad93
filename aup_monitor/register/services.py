"""All that a job or a page may do with the open register, in one place to import from."""

from __future__ import annotations

from aup_monitor.register.audit import Entry, Head, What, entries, head, holds, look
from aup_monitor.register.decisions import ALLOWED, Verdict, decide
from aup_monitor.register.incidents import (
    VERDICTS,
    Decision,
    RecordedIncident,
    Which,
    find,
    history,
    incidents,
)
from aup_monitor.register.matches import WINDOW, accept_match, offer_matches
from aup_monitor.register.recording import Recorded, record
from aup_monitor.register.self_reports import (
    MatchState,
    NewSelfReport,
    SelfReport,
    add_self_report,
    find_self_report,
    self_reports,
)
from aup_monitor.register.verification import verify

__all__ = [
    "ALLOWED",
    "VERDICTS",
    "WINDOW",
    "Decision",
    "Entry",
    "Head",
    "MatchState",
    "NewSelfReport",
    "Recorded",
    "RecordedIncident",
    "SelfReport",
    "Verdict",
    "What",
    "Which",
    "accept_match",
    "add_self_report",
    "decide",
    "entries",
    "find",
    "find_self_report",
    "head",
    "history",
    "holds",
    "incidents",
    "look",
    "offer_matches",
    "record",
    "self_reports",
    "verify",
]
