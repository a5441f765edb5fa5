"""The rate table is filled with the standard rates since 2019."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from kundenkontor.taxes.rates import STANDARD_RATES


def fill_rates(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    TaxRate = apps.get_model("taxes", "TaxRate")
    for country, rows in STANDARD_RATES.items():
        starts = [date.fromisoformat(start) for start, _ in rows]
        ends = [start - timedelta(days=1) for start in starts[1:]] + [None]
        for (_, rate), start, end in zip(rows, starts, ends, strict=True):
            TaxRate.objects.create(country=country, rate=Decimal(rate), valid_from=start, valid_to=end)


class Migration(migrations.Migration):
    dependencies = [("taxes", "0001_initial")]
    operations = [
        migrations.RunPython(fill_rates, migrations.RunPython.noop),
    ]
