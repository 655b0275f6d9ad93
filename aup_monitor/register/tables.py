"""
The models, with Django made ready first: every service takes them from here.

A web console that has set Django up with its own settings is left as it is. The settings are passed rather than named
in the environment, because another program's DJANGO_SETTINGS_MODULE must not reach us, nor ours a child process,
and because Django then leaves the process's time zone alone.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings

from aup_monitor.register import settings as ours

__all__ = ["AuditEntry", "Decision", "Incident", "MatchState", "SelfReport"]

if not settings.configured:
    settings.configure(**{name: value for name, value in vars(ours).items() if name.isupper()})
    # Not django.setup(): that would import the URL machinery and set up logging, which nothing here wants.
    apps.populate(settings.INSTALLED_APPS)

# Here and no earlier: models cannot be imported before Django is ready.
from aup_monitor.register.models import (
    AuditEntry,
    Decision,
    Incident,
    MatchState,
    SelfReport,
)
