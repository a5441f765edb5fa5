from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerTotals",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="totals",
                        serialize=False,
                        to="parties.customer",
                    ),
                ),
                ("documents", models.PositiveIntegerField(default=0)),
                ("invoiced_amount", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("open_amount", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("balance_amount", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
            ],
        ),
        migrations.CreateModel(
            name="OpenItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seller_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=10)),
                ("number", models.CharField(max_length=60)),
                ("currency", models.CharField(default="EUR", max_length=3)),
                ("original_amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("open_amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("due_date", models.DateField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="open_items",
                        to="parties.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("customer"),
                        models.F("due_date"),
                        condition=models.Q(("open_amount__gt", 0)),
                        name="open_items_of_a_customer",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["receivable", "balance"])),
                        name="an_open_item_is_a_claim_of_a_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("open_amount__gte", 0),
                            ("open_amount__lte", models.F("original_amount")),
                            ("original_amount__lte", Decimal("999999999999.99")),
                        ),
                        name="open_is_between_nothing_and_all",
                    ),
                ],
            },
        ),
    ]
