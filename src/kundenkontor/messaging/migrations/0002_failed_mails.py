"""Failed mails are counted on every start page of the office."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(models.F("id"), condition=models.Q(("state", "failed")), name="failed_mails"),
        ),
    ]
