"""The register as an app of Django."""

from __future__ import annotations

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """Name and label; the label begins the name of every table and is written in every register, so it stays."""

    name = "aup_monitor.register"
    label = "register"
    verbose_name = "Register of incidents"
