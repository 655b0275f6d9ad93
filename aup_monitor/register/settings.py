"""
Settings for Django, as few as the register needs: one app, no web server, times in UTC.

There is no database here: `connect.open_register` says which.
"""

from __future__ import annotations

from typing import Any, Final

INSTALLED_APPS: Final = ["aup_monitor.register"]
DATABASES: Final[dict[str, dict[str, Any]]] = {}
DEFAULT_AUTO_FIELD: Final = "django.db.models.BigAutoField"
USE_TZ: Final = True
TIME_ZONE: Final = "UTC"
