"""Documents are found by the end of their period, too."""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0002_rules"),
    ]

    operations = [
        migrations.AddIndex(
            "invoice",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["period_end"], name="invoices_by_period", pages_per_range=32
            ),
        ),
    ]
