"""Contracts and prices stay with their customer."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql" / "rules.sql"


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial"), ("contracts", "0001_initial")]
    operations = [
        migrations.RunSQL(SQL.read_text("utf-8"), migrations.RunSQL.noop),
    ]
