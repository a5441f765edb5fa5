from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel("SealAnchor"),
        migrations.CreateModel(
            name="SealAnchor",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
                ("anchored_at", models.DateTimeField()),
                ("numbers", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Restoration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("noted_at", models.DateTimeField()),
                ("cause", models.CharField(max_length=10)),
                ("sequence", models.BigIntegerField()),
                ("numbers", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["backup", "anchors"])), name="a_restoration_has_a_cause"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="eventseal",
            name="key_id",
            field=models.CharField(default="", max_length=16),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("name", "rows.sealed")), fields=["reference", "-id"], name="batches_of_rows"
            ),
        ),
    ]
