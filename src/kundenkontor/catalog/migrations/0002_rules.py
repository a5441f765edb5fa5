"""The history of prices is insert-only."""

from django.db import migrations

from kundenkontor.events.insert_only import drop_insert_only_sql, insert_only_sql

TABLES = ("catalog_priceevent",)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("events", "0002_rules")]
    operations = [
        *(migrations.RunSQL(insert_only_sql(table), drop_insert_only_sql(table)) for table in TABLES),
    ]
