"""The same register on a real PostgreSQL server, and what goes wrong there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from aup_monitor.core.errors import StoreError
from aup_monitor.core.incident import State
from aup_monitor.register import services
from aup_monitor.register.connect import open_register
from aup_monitor.register.services import MatchState, NewSelfReport, Recorded, Verdict, What, Which

if TYPE_CHECKING:
    from datetime import datetime

    from conftest import MakeIncident

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server with an empty database of this test's own."""

    address: str
    """Of the server."""
    database: str
    """Address of the database."""


@pytest.fixture
def server(postgresql: str) -> Server:
    """Return the server with a new database."""
    name = f"aup {uuid4().hex}"
    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    return Server(postgresql, f"{postgresql}/{name.replace(' ', '%20')}")


def test_the_whole_way_of_an_incident(server: Server, incident: MakeIncident, now: datetime) -> None:
    """Recorded, refreshed, decided on, explained, withdrawn, listed, verified: as on SQLite."""
    day = incident().day
    with open_register(server.database) as register:
        assert "horse" not in register.place
        services.record([incident(), incident("b")], [("hill", day)], now)
    with open_register(server.database):
        again = [incident(events=9), incident("b")]
        assert services.record(again, [("hill", day)], now) == Recorded(0, 1, 1, 0, 0)
        report = NewSelfReport(
            incident().first_seen, "hill", "F. Marsh", "a betting page", "closed it", "FMARSH"
        )
        reference = services.add_self_report(report, "nmanager", now).reference
        (offer,) = services.offer_matches(reference, "nmanager", now)
        assert services.find_self_report(reference).match_state is MatchState.OFFERED
        services.accept_match(reference, offer.reference, "nmanager", now)
        verdict = Verdict(State.INADVERTENT, reason="reported it at once")
        services.decide(offer.reference, verdict, "head", now)
        assert services.record([], [("hill", day)], now + timedelta(hours=1)) == Recorded(0, 0, 0, 1, 1)
        (kept,) = services.incidents(Which(states=[State.INADVERTENT], subjects=["fmarsh"]))
        assert (kept.incident.events, kept.self_report) == (9, "SR-0001")
        assert services.find("".join(kept.reference[:6])) == kept
        head = services.look("head", "list", What("incidents", "", {"sites": ["hill"]}), now)
        assert services.verify(head) == ()


def test_text_that_postgresql_refuses_is_stored(
    server: Server, incident: MakeIncident, now: datetime
) -> None:
    """A NUL that a hostile client put into a host name does not stop the day's incidents."""
    with open_register(server.database):
        services.record([incident("a\0b", details=("bets\0.example", "\\u0000"))], [], now)
        services.look("a\0", "show", What("incident", "\0", {"note": "\0"}), now)
        (held,) = services.incidents()
        assert held.incident.subject == "a\ufffdb"
        assert held.incident.details == ("bets\ufffd.example", "\\u0000")
        assert services.verify() == ()


def test_a_long_text_is_stored(server: Server, incident: MakeIncident, now: datetime) -> None:
    """No length that a log may have is too long, for a column or for an index."""
    long = incident("s" * 20_000, rule="r" * 20_000, details=("d" * 100_000,))
    with open_register(server.database):
        services.record([long], [], now)
        assert services.incidents()[0].incident == long


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_auditentry SET actor = 'x'",
        "DELETE FROM register_auditentry",
        "TRUNCATE register_auditentry",
    ],
)
def test_the_server_refuses_to_change_the_trail(server: Server, now: datetime, statement: str) -> None:
    """Nor to empty it."""
    with open_register(server.database):
        services.look("dsl", "show", What("incident"), now)
        with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(statement)
        assert services.head().entries == 1


def test_the_migrations_are_complete(server: Server) -> None:
    """They make the same tables there."""
    with open_register(server.database):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_register_from_the_future_is_refused(server: Server) -> None:
    """As on SQLite."""
    open_register(server.database).close()
    with psycopg.connect(server.database) as other:
        other.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('register', '0099_later', now())"
        )
    with pytest.raises(StoreError, match="newer version"):
        open_register(server.database)


def test_a_register_that_is_being_written_says_so(
    server: Server, incident: MakeIncident, now: datetime
) -> None:
    """Writers queue; one that waits too long says what for."""
    open_register(server.database).close()
    with psycopg.connect(server.database) as other, open_register(server.database, wait=0.1):
        other.execute("SELECT pg_advisory_xact_lock(%s)", [0x41555052])
        with pytest.raises(StoreError, match="another program is writing"):
            services.record([incident()], [], now)


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (r"correct%20horse", "battery", "refuses this account"),
        (r"//aup:", "//stranger:", "refuses this account"),
        (r"/aup%20", "/none%20", "no such database"),
        (r":[0-9]+/", ":1/", "does not answer"),
    ],
)
def test_what_the_server_refuses_is_said_without_the_password(
    server: Server, right: str, wrong: str, words: str
) -> None:
    """Wrong password, wrong account, no such database, nobody there: each with its own next step."""
    with pytest.raises(StoreError, match=words) as caught:
        open_register(re.sub(right, wrong, server.database))
    assert caught.value.fix
    assert "horse" not in str(caught.value)
    assert "battery" not in str(caught.value)
