"""The files of papers, and what could not be rendered."""

from __future__ import annotations

from django.db import models

from kundenkontor.documents.models import StoredFile
from kundenkontor.jobs.attempts import Attempt
from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, Trigger, of_document
from kundenkontor.parties.models import Customer

# no foreign key can follow a kind; papers are never deleted, so asking whenever one is named is as good
OWNER_IS_ASKED = Trigger("a_paper_is_of_its_customer", "AFTER INSERT OR UPDATE OF paper_kind, paper_id, customer_id")


class OfPaper(models.Model):
    """A row that belongs to a paper: the kind's code, the row of its table, and whose it is."""

    paper_kind = models.CharField(max_length=40)
    paper_id = models.BigIntegerField()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        abstract = True


class PaperFile(OfPaper):
    """The stored PDF or XML of a paper. Insert-only: made once, the same bytes for ever."""

    facts = TableFacts(
        of_document("paper_id"),
        portal=True,
        insert_only=True,
        checks=("files_are_as_recorded", "papers_are_of_their_customer"),
        triggers=(OWNER_IS_ASKED,),
    )

    kind = models.CharField(max_length=3)  # pdf or xml
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", db_index=False)
    template_version = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("paper_id", "paper_kind", "kind", name="a_paper_is_rendered_once"),
            models.CheckConstraint(condition=models.Q(kind__in=("pdf", "xml")), name="a_paper_is_pdf_or_xml"),
        ]


class UnstoredPaper(models.Model):
    """What is set for one look and never kept, a draft or a sample: asked for by whoever waits, made by the worker,
    gone after an hour. One row per content."""

    facts = TableFacts(OF_NO_CUSTOMER)

    sha256 = models.CharField(max_length=64, unique=True)
    document = models.TextField()  # frozen, as the render processes take it
    pdf = models.BinaryField(null=True)
    refusal = models.JSONField(null=True)  # why it cannot be set
    asked_at = models.DateTimeField()


class RenderFailure(OfPaper, Attempt):
    """A paper that could not be rendered: tried again with growing pauses until staff has to look; gone once it is."""

    facts = TableFacts(of_document("paper_id"), checks=("papers_are_of_their_customer",), triggers=(OWNER_IS_ASKED,))

    number = models.CharField(max_length=40)

    class Meta(Attempt.Meta):
        constraints = [
            *Attempt.Meta.constraints,
            models.UniqueConstraint("paper_id", "paper_kind", name="a_paper_fails_in_one_row"),
        ]
