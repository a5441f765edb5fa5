"""What belongs to a document stays with its customer; keys that are written before their head are deferred."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql" / "rules.sql"


class Migration(migrations.Migration):
    dependencies = [("receivables", "0001_initial"), ("contracts", "0001_initial"), ("invoicing", "0001_initial")]
    operations = [
        migrations.RunSQL(SQL.read_text("utf-8"), migrations.RunSQL.noop),
    ]
