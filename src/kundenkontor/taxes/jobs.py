"""Background entries of VAT id checks."""

from __future__ import annotations

from kundenkontor.jobs.declaring import job
from kundenkontor.taxes.commands import answer_questions, answer_seller_questions
from kundenkontor.taxes.models import SellerVatIdQuestion, VatIdQuestion
from kundenkontor.taxes.vies import configured_checker


@job("check_vat_ids", queue="taxes")
def check_vat_ids(customer_ids: list[int]) -> None:
    """Ask what is due about the VAT ids of customers; each question knows who asked it."""
    answer_questions(VatIdQuestion.objects.filter(customer__in=customer_ids), configured_checker())


@job("check_seller_vat_id", queue="taxes")
def check_seller_vat_id(seller_id: int) -> None:
    """The same about a seller's own VAT id."""
    answer_seller_questions(SellerVatIdQuestion.objects.filter(seller=seller_id), configured_checker())


@job("ask_due_vat_ids", queue="taxes", cron="* * * * *", only_one=True)
def ask_due_vat_ids(timestamp: int) -> None:
    """Once a minute: repeats, what a service that was down left over, and questions whose worker died."""
    answer_seller_questions(SellerVatIdQuestion.objects.all(), configured_checker())
    answer_questions(VatIdQuestion.objects.all(), configured_checker())
