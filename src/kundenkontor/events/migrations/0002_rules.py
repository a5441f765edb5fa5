"""Events, seals and anchors are insert-only."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from kundenkontor.events.insert_only import REFUSE_CHANGE_SQL, drop_insert_only_sql, insert_only_sql

TABLES = (
    "events_event",
    "events_eventseal",
    "events_sealanchor",
)


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(REFUSE_CHANGE_SQL, "DROP FUNCTION refuse_change();"),
        *(migrations.RunSQL(insert_only_sql(table), drop_insert_only_sql(table)) for table in TABLES),
    ]
