"""Parts of a country with a rate of their own stand in the rate table, too."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from kundenkontor.taxes.rates import AREA_RATES


def fill_rates(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    TaxRate = apps.get_model("taxes", "TaxRate")
    for area, rows in AREA_RATES.items():
        starts = [date.fromisoformat(start) for start, _ in rows]
        ends = [start - timedelta(days=1) for start in starts[1:]] + [None]
        for (_, rate), start, end in zip(rows, starts, ends, strict=True):
            TaxRate.objects.create(country=area, rate=Decimal(rate), valid_from=start, valid_to=end)


class Migration(migrations.Migration):
    dependencies = [
        ("taxes", "0002_rates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="taxrate",
            name="country",
            field=models.CharField(max_length=5),
        ),
        migrations.RunPython(fill_rates, migrations.RunPython.noop),
    ]
