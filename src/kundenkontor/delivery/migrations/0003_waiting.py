from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_rules")]
    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["created_at"], name="deliveries_that_wait"
            ),
        ),
    ]
