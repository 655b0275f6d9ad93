"""
The database itself refuses to change, delete or empty the audit trail.

A later migration that alters the table on SQLite makes it anew and loses these triggers; it has to run `protect` again.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_SQLITE = (
    """
    CREATE TRIGGER register_audit_no_update BEFORE UPDATE ON register_auditentry
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER register_audit_no_delete BEFORE DELETE ON register_auditentry
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
)

_POSTGRESQL = (
    """
    CREATE FUNCTION register_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER register_audit_no_change BEFORE UPDATE OR DELETE ON register_auditentry
    FOR EACH ROW EXECUTE FUNCTION register_audit_refuse()
    """,
    """
    CREATE TRIGGER register_audit_no_truncate BEFORE TRUNCATE ON register_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION register_audit_refuse()
    """,
)


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers of this kind of database."""
    statements = _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]

    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
