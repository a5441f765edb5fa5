"""Reminders are insert-only; deliveries stay with their customer."""

from pathlib import Path

from django.db import migrations

from kundenkontor.events.insert_only import drop_insert_only_sql, insert_only_sql

TABLES = ("delivery_reminder",)

SQL = Path(__file__).parent.parent / "sql" / "rules.sql"


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial"), ("events", "0002_rules")]
    operations = [
        migrations.RunSQL(SQL.read_text("utf-8"), migrations.RunSQL.noop),
        *(migrations.RunSQL(insert_only_sql(table), drop_insert_only_sql(table)) for table in TABLES),
    ]
