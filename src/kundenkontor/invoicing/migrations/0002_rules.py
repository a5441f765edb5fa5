"""Issued documents are insert-only and stay with their customer."""

from pathlib import Path

from django.db import migrations

from kundenkontor.events.insert_only import drop_insert_only_sql, insert_only_sql

TABLES = (
    "invoicing_invoice",
    "invoicing_invoiceline",
    "invoicing_vatbreakdown",
    "invoicing_correction",
    "invoicing_invoicefile",
)

SQL = Path(__file__).parent.parent / "sql" / "rules.sql"


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_initial"), ("events", "0002_rules"), ("contracts", "0002_rules")]
    operations = [
        migrations.RunSQL(SQL.read_text("utf-8"), migrations.RunSQL.noop),
        *(migrations.RunSQL(insert_only_sql(table), drop_insert_only_sql(table)) for table in TABLES),
    ]
