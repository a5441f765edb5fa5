from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql" / "rebillings.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_rebillings"),
        ("invoicing", "0008_rebillings"),
    ]

    operations = [
        migrations.RunSQL(SQL.read_text("utf-8"), migrations.RunSQL.noop),
    ]
