"""Background entries of VAT id checks."""

from __future__ import annotations

from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.jobs import breakers
from kundenkontor.jobs.declaring import job
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.commands import SERVICE, answer_questions, record_seller_check
from kundenkontor.taxes.models import VatIdQuestion
from kundenkontor.taxes.vat_ids import VIES_PREFIXES
from kundenkontor.taxes.vies import configured_checker


@job("check_vat_ids", queue="taxes")
def check_vat_ids(customer_ids: list[int]) -> None:
    """Ask what is due about the VAT ids of customers; each question knows who asked it."""
    answer_questions(VatIdQuestion.objects.filter(customer__in=customer_ids), configured_checker())


@job("ask_due_vat_ids", queue="taxes", cron="* * * * *", only_one=True)
def ask_due_vat_ids(timestamp: int) -> None:
    """Once a minute: repeats, what a service that was down left over, and questions whose worker died."""
    answer_questions(VatIdQuestion.objects.all(), configured_checker())


@job("check_seller_vat_id", queue="taxes")
def check_seller_vat_id(seller_id: int, actor: Actor) -> None:
    """Ask VIES once about a seller's own VAT id; ids that it does not know of, and a service that is down, are not
    asked."""
    seller = Seller.objects.get(pk=seller_id)
    if normal_vat_id(seller.vat_id)[:2] in VIES_PREFIXES and not breakers.is_open(SERVICE):
        answer = configured_checker().check(seller.vat_id, requester=seller.vat_id)
        record_seller_check(seller, answer, on=business_date(seller.zone), actor=actor)
