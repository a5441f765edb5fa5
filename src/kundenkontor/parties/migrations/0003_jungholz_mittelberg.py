"""Sellers may be established in Jungholz or Mittelberg."""

from django.db import migrations, models

TAX_SETTINGS = [
    "small_business", "destination_rate", "oss", "cash_accounting", "advance_by_service", "eu_by_invoice",
    "card_on_credit", "jungholz_mittelberg",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0002_declarations"),
    ]

    operations = [
        migrations.RemoveConstraint("sellertaxsetting", "a_tax_setting_is_of_a_kind"),
        migrations.AddConstraint(
            "sellertaxsetting",
            models.CheckConstraint(condition=models.Q(("kind__in", TAX_SETTINGS)), name="a_tax_setting_is_of_a_kind"),
        ),
    ]
