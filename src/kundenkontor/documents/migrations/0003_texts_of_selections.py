from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices of downloads live for a week, and their archives are asked for anew: those of before go."""

    dependencies = [("documents", "0002_damaged_files")]

    operations = [
        migrations.RunSQL("DELETE FROM documents_downloadselection", migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField("downloadselection", "overview"),
        migrations.AddField(
            "downloadselection",
            "text_names",
            ArrayField(models.CharField(max_length=150), default=list),
            preserve_default=False,
        ),
        migrations.AddField(
            "downloadselection", "texts", ArrayField(models.BinaryField(), default=list), preserve_default=False
        ),
    ]
