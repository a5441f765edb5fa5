"""When a provider took money, and when money left us again."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_rules"),
        ("ledger", "0002_tax_day"),
    ]

    operations = [
        migrations.AddField("payment", "succeeded_on", models.DateField(null=True)),
        migrations.AddField("paymentreversal", "returned_on", models.DateField(null=True)),
        migrations.AddConstraint(
            "payment",
            models.CheckConstraint(
                condition=Q(succeeded_on__isnull=True) | Q(succeeded_on__lte=F("received_on")),
                name="a_provider_pays_out_what_it_has",
            ),
        ),
    ]
