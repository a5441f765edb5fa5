"""What sellers declared, and the tax settings that returns ask for."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

TAX_SETTINGS = [
    "small_business", "destination_rate", "oss", "cash_accounting", "advance_by_service", "eu_by_invoice",
    "card_on_credit",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Declaration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=3)),
                ("until", models.DateField()),
                ("declared_at", models.DateTimeField()),
                ("declared_by", models.CharField(max_length=150)),
                (
                    "seller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="declarations", to="parties.seller"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["vat", "zm", "oss"])), name="a_declaration_is_of_a_return"
                    )
                ],
            },
        ),
        migrations.RemoveConstraint("sellertaxsetting", "a_tax_setting_is_of_a_kind"),
        migrations.AddConstraint(
            "sellertaxsetting",
            models.CheckConstraint(condition=models.Q(("kind__in", TAX_SETTINGS)), name="a_tax_setting_is_of_a_kind"),
        ),
    ]
