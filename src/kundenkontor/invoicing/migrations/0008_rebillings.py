from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql" / "rebillings.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_rebillings"),  # which takes the table away there
        ("invoicing", "0007_remove_renderfailure_invoice_delete_invoicefile_and_more"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargeRebilling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_id", models.BigIntegerField()),
                ("charge_id", models.BigIntegerField()),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "correction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rebillings",
                        to="invoicing.correction",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rebilled_charges",
                        to="invoicing.invoice",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("charge_id"), models.F("correction"), name="a_cancelled_charge_is_billed_again_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(SQL.read_text("utf-8"), migrations.RunSQL.noop),
    ]
