"""A VAT id found invalid is no longer printed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql" / "invalid_vat_ids.sql"


class Migration(migrations.Migration):
    dependencies = [("parties", "0003_track_less")]
    operations = [migrations.RunSQL(SQL.read_text("utf-8"), migrations.RunSQL.noop)]
