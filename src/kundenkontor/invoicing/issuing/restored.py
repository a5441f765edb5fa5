"""Whether the database is of an older state that nobody has released yet: then nothing is issued."""

from __future__ import annotations

from django.db.models import QuerySet

from kundenkontor.events.anchors import find_ahead
from kundenkontor.events.models import Restoration
from kundenkontor.invoicing.errors import RestoredNotReleased


def list_unreleased() -> QuerySet[Restoration]:
    """The restorations after which nobody has said yet which numbers were sent last."""
    return Restoration.objects.filter(release=None).order_by("pk")


def refuse_unreleased() -> None:
    """Numbers that were sent before the restore would be given twice. Raises RestoredNotReleased.

    Also where the anchors are ahead and no job has noted it yet; a trigger of the documents refuses what was noted.
    """
    if list_unreleased().exists() or find_ahead() is not None:
        raise RestoredNotReleased()
