from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices of downloads live for a week, and their archives are asked for anew: those of before go."""

    dependencies = [("documents", "0003_texts_of_selections")]

    operations = [
        migrations.RunSQL("DELETE FROM documents_downloadselection", migrations.RunSQL.noop),
        migrations.RemoveField("downloadselection", "file_ids"),
        migrations.RemoveField("downloadselection", "file_names"),
        migrations.RemoveField("downloadselection", "file_days"),
        migrations.AddField("downloadselection", "listing", models.TextField(default=""), preserve_default=False),
    ]
