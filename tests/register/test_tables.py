"""The models, and Django made ready for them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from django.core.management import call_command

from aup_monitor.core.incident import Incident
from aup_monitor.register import tables

if TYPE_CHECKING:
    from aup_monitor.register.connect import Register


def _python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_package_alone_does_not_import_django() -> None:
    """The command line can say what it can do without waiting for Django."""
    assert _python("import sys, aup_monitor.register; print('django' in sys.modules)") == "False"


def test_services_make_django_ready_and_touch_nothing_else() -> None:
    """Another program's settings do not reach us, and the process keeps its time zone."""
    code = """
import os, time
zone = time.tzname
from aup_monitor.register import services
from django.conf import settings
print(settings.INSTALLED_APPS, time.tzname == zone, os.environ["DJANGO_SETTINGS_MODULE"])
"""
    told = _python(code, DJANGO_SETTINGS_MODULE="another.program", TZ="Europe/London")
    assert told == "['aup_monitor.register'] True another.program"


def test_a_console_with_its_own_settings_is_left_alone() -> None:
    """Where Django is set up already, the register takes part in it."""
    code = """
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "aup_monitor.register"], USE_TZ=True, ROOT_URLCONF="x")
django.setup()
from aup_monitor.register import services
print(settings.ROOT_URLCONF)
"""
    assert _python(code) == "x"


def test_the_migrations_are_complete(register: Register) -> None:
    """Nothing in the models waits for a migration; else: python -m django makemigrations register."""
    assert register.place
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_field_of_an_incident_has_its_column() -> None:
    """A field added to the contract needs a column and a migration."""
    columns = {field.name for field in tables.Incident._meta.get_fields()}
    assert set(Incident.model_fields) <= columns


def test_rows_name_themselves_without_a_person() -> None:
    """What a traceback or a shell shows of a row names nobody."""
    incident = tables.Incident(id="0123456789abcdef", subject="fmarsh")
    decision = tables.Decision(incident=incident, from_state="new", to_state="triaged", by="nmanager")
    report = tables.SelfReport(pk=7, person="F. Marsh", subject="fmarsh")
    entry = tables.AuditEntry(
        sequence=3, actor="nmanager", verb="show", object_kind="incident", object_id="01234567"
    )
    assert [str(row) for row in (incident, decision, report, entry)] == [
        "01234567",
        "01234567: new -> triaged",
        "SR-0007",
        "3: show incident 01234567",
    ]
