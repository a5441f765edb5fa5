from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0002_rules")]
    operations = [
        migrations.CreateModel(
            name="DayMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task", models.CharField(max_length=60)),
                ("day", models.DateField()),
                ("marked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("task"), models.F("day"), name="a_daily_task_begins_once_a_day")
                ],
            },
        ),
    ]
