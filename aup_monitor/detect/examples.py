"""
Events that a rule must hit and events that it must miss: `<folder>/<pack>/<name>.yml` for the rule of that pack and name.

    hit:
      - {log_class: web, url_domain: bet365.com, url_path: /}
    miss:
      - {log_class: web, url_domain: www.bbc.co.uk, url_path: /sport}

Each event is a flat map of columns of `core.schema.EVENT_COLUMNS` (and `role`). Of a correlation rule each hit and miss is a
list of such events; an event may then say `at` how many seconds after the first it happened, and that it happened so many
times (`repeat`), so many seconds apart (`every`): `{n}` in a text is which time it was, from 1, `{hex}` forty digits.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from aup_monitor.core.schema import EVENT_SCHEMA, LOG_CLASSES, OUTCOMES, conform
from aup_monitor.detect.documents import read_documents
from aup_monitor.detect.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aup_monitor.detect.rule import Rule

Event = dict[str, Any]
Story = tuple[Event, ...]

START: Final = datetime(2026, 9, 15, 9, 30, tzinfo=UTC)
"""When the first event of a story happened: in the school hours of a Tuesday in September."""
_TOLD: Final = frozenset({"at", "repeat", "every"})
_MOST: Final = 5_000
_FIX: Final = "see the columns of `aup schema`, and aup_monitor/detect/examples.py for the form"


def _story(given: object) -> object:
    return given if isinstance(given, list) else [given]


class Examples(BaseModel):
    """What a rule must hit and miss, each as a story of one event or more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hit: tuple[Annotated[Story, BeforeValidator(_story)], ...] = Field(min_length=1)
    miss: tuple[Annotated[Story, BeforeValidator(_story)], ...] = Field(min_length=1)

    def stories(self) -> Iterator[tuple[bool, Story]]:
        """Yield whether it must hit, and each story with every event in full."""
        for must_hit, stories in ((True, self.hit), (False, self.miss)):
            for story in stories:
                yield must_hit, tuple(event for written in story for event in _told(written))


def path_of(rule: Rule, folder: Path) -> Path:
    """Return where a folder of examples keeps those of the rule."""
    return folder / rule.pack / f"{rule.name}.yml"


def read_examples(path: Path) -> tuple[Examples | None, tuple[Problem, ...]]:
    """Return the examples of a file; or None and what is wrong with it, each with its line."""
    documents, problems = read_documents(path)
    if problems or len(documents) != 1:
        return None, tuple(problems or [Problem(path, 1, "holds no examples", "write hit: and miss:")])
    document = documents[0]
    try:
        examples = Examples.model_validate(document.data)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            where = ".".join(map(str, error["loc"])) or "the file"
            document.report(
                tuple(error["loc"][:2]), f"{where}: {error['msg'][:1].lower()}{error['msg'][1:]}", _FIX
            )
        return None, tuple(document.problems)
    for kind in ("hit", "miss"):
        for n, story in enumerate(getattr(examples, kind)):
            for fault in (fault for event in story for fault in _faults(event)):
                document.report((kind, n), fault, _FIX)
    return (None if document.problems else examples), tuple(document.problems)


def _faults(event: Event) -> Iterator[str]:
    for name in event.keys() - {*EVENT_SCHEMA, "role", *_TOLD}:
        yield f"there is no column {name}"
    if event.get("log_class") not in LOG_CLASSES:
        yield f"log_class is none of {', '.join(LOG_CLASSES)}"
    if event.get("event_outcome", "unknown") not in OUTCOMES:
        yield f"event_outcome is none of {', '.join(OUTCOMES)}"
    for name in _TOLD & event.keys():
        if not isinstance(event[name], int) or not 0 <= event[name] <= _MOST * 100:
            yield f"{name} is no number of {'times' if name == 'repeat' else 'seconds'}"


def _told(written: Event) -> Iterator[Event]:
    """Yield an event as often as it says, each time at its own moment."""
    event = {key: value for key, value in written.items() if key not in _TOLD}
    for n in range(min(written.get("repeat", 1), _MOST)):
        moment = START + timedelta(seconds=written.get("at", 0) + n * written.get("every", 0))
        words = {"{n}": str(n + 1), "{hex}": hashlib.sha1(str(n).encode(), usedforsecurity=False).hexdigest()}
        yield {"timestamp": moment, **{key: _filled(key, value, words) for key, value in event.items()}}


def _filled(key: str, value: object, words: dict[str, str]) -> object:
    """Return a value with the words in place; a number where the column holds numbers."""
    if not isinstance(value, str):
        return value
    for word, text in words.items():
        value = value.replace(word, text)
    return int(value) if key in EVENT_SCHEMA and EVENT_SCHEMA[key].is_integer() else value


def as_frame(story: Sequence[Event]) -> pl.LazyFrame:
    """Return a story's events as a format leaves them, columns `EVENT_SCHEMA` and `role`, numbered by `source_offset`."""
    given = [{**event, "source_offset": n} for n, event in enumerate(story)]
    schema = {name: EVENT_SCHEMA.get(name, pl.String()) for event in given for name in event}
    frame = pl.LazyFrame(given, schema_overrides=schema, strict=True)
    return conform(frame, {**EVENT_SCHEMA, "role": pl.String()})
