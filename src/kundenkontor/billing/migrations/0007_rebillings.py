from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0006_codes"),
    ]

    operations = [
        migrations.DeleteModel(
            name="ChargeRebilling",
        ),
    ]
