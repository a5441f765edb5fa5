"""Lines keep the references of their contract where the head of a document has others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0003_by_period"),
    ]

    operations = [
        migrations.AddField("invoiceline", name, models.CharField(default="", max_length=100), preserve_default=False)
        for name in ("order_number", "buyer_reference")
    ]
