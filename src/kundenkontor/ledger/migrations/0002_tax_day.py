"""Entries say when they count (``tax_day``) beside when they are posted."""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
        ("parties", "0002_declarations"),
    ]

    operations = [
        migrations.AddField("journalentry", "tax_day", models.DateField(null=True)),
        # entries of before count when they were posted; rows are never updated, but a type may be set anew
        migrations.RunSQL("ALTER TABLE ledger_journalentry ALTER COLUMN tax_day TYPE date USING entry_date", ""),
        migrations.AlterField("journalentry", "tax_day", models.DateField()),
        migrations.AddConstraint(
            "journalentry",
            models.CheckConstraint(
                condition=models.Q(("entry_date__gte", models.F("tax_day"))), name="nothing_is_posted_ahead"
            ),
        ),
        migrations.AddIndex(
            "journalentry",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["entry_date"], name="entries_by_date", pages_per_range=32
            ),
        ),
        migrations.AddIndex(
            "journalentry",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["tax_day"], name="entries_by_tax_day", pages_per_range=32
            ),
        ),
    ]
