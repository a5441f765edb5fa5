"""``python -m tests.proof.house.schema``: write the list of what the migrations make anew (``access/schema.txt``)."""

from __future__ import annotations

import os

from tests.support import postgres

NAME = "schema.txt"


def standing() -> list[str]:
    """Of the migrated database from which all test databases are cloned."""
    from kundenkontor.access.schema import standing_schema  # needs Django

    with postgres.shared_cluster() as cluster:
        name = postgres.template_database(cluster)
        with cluster.connect(name) as connection, connection.cursor() as cursor:
            return standing_schema(cursor)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings")
    import django

    django.setup()
    from kundenkontor.access.schema import SCHEMA_FILE

    SCHEMA_FILE.write_text("".join(f"{line}\n" for line in standing()), "utf-8")
