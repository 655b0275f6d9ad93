"""Bring the tables up to this version of the program, all in one transaction, and refuse what a newer one made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from aup_monitor.core.errors import StoreError
from aup_monitor.register import sqlite_file
from aup_monitor.register.failures import place
from aup_monitor.register.tables import Incident
from aup_monitor.register.transaction import transaction

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader


def upgrade() -> None:
    """
    Apply the migrations that the open register lacks; a register that lacks none is not written to.

    Raises:
        StoreError: a newer version of the program made it, its tables are gone, or see `failures`.

    """
    executor = MigrationExecutor(connection)
    _refuse_newer(executor.loader)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        _migrate()
    elif Incident._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - Django documents _meta
        raise StoreError("the register's tables are gone", where=place(), fix="restore the last backup")


def _refuse_newer(loader: MigrationLoader) -> None:
    ours = loader.migrated_apps
    unknown = {
        key for key in loader.applied_migrations if key[0] in ours and key not in loader.disk_migrations
    }
    if unknown:
        raise StoreError(
            "a newer version of this program made the register",
            where=place(),
            fix="pip install --upgrade aup-monitor",
        )


def _migrate() -> None:
    # SQLite makes a table anew to alter it, which Django allows only while foreign keys are not enforced; and that can
    # be said only outside a transaction. Django checks every foreign key itself before it commits.
    connection.disable_constraint_checking()
    try:
        with transaction():
            # Looked at again, now that nobody else can write: another program may have done it in the meantime.
            executor = MigrationExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes())
            if connection.vendor == "sqlite":
                sqlite_file.mark()
    finally:
        connection.enable_constraint_checking()
