"""Reading runs: completeness of a run over all active contracts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.billing.models import ISSUING, PREVIEWS, BillingRun, Charge
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.events.names import BILLING_ISSUING_ASKED
from kundenkontor.invoicing.models import ChargeRebilling
from kundenkontor.parties.models import Customer, Seller

# Each active contract once: billed up to the cutoff, free, parked, or why not. Its last charge counts as billed unless
# the last document that billed it was cancelled. What was never billed goes by the first day of its last period: free
# or without a price on that day, or begun before the cut-over. Open: it came or changed while the run was under way.
COMPLETENESS = """
SELECT c.id, c.customer_id, c.number,
    CASE
        WHEN billed.period_end >= served.last_day AND cancelled.is_billed_again IS NULL THEN 'billed'
        WHEN NOT cancelled.is_billed_again AND billed.period_end >= served.last_day THEN 'waived'
        WHEN EXISTS (SELECT 1 FROM billing_parkedcustomer p WHERE p.run_id = %(run)s AND p.customer_id = c.customer_id
                     AND NOT p.is_released)
            THEN 'parked'
        WHEN cancelled.is_billed_again THEN 'cancelled'
        WHEN billed.period_end IS NOT NULL THEN 'open'
        WHEN price.amount IS NULL THEN 'no_price'
        WHEN price.amount = 0 THEN 'free'
        WHEN c.cut_over_date > due.first_day THEN 'billed_elsewhere'
        ELSE 'open'
    END AS outcome
FROM contracts_contract c
CROSS JOIN LATERAL (SELECT least(%(until)s::date, c.end_date) AS last_day) served
LEFT JOIN LATERAL (
    SELECT l.id, l.period_end, l.invoice_id FROM billing_charge l
    WHERE l.contract_id = c.id AND l.kind = 'recurring' ORDER BY l.period_end DESC LIMIT 1
) billed ON true
LEFT JOIN LATERAL (
    SELECT r.invoice_id FROM invoicing_chargerebilling r
    WHERE r.charge_id = billed.id ORDER BY r.correction_id DESC LIMIT 1  -- as indexed; the latest
) again ON true
LEFT JOIN invoicing_correction cancelled
    ON cancelled.original_id = coalesce(again.invoice_id, billed.invoice_id) AND cancelled.is_full
LEFT JOIN LATERAL (
    SELECT max(day) AS first_day
    FROM (VALUES (0), (1)) less (periods)
    CROSS JOIN LATERAL (
        SELECT ((date_part('year', served.last_day) - date_part('year', c.start_date)) * 12
                + date_part('month', served.last_day) - date_part('month', c.start_date))::int AS months) apart
    CROSS JOIN LATERAL (
        SELECT (c.start_date + make_interval(months => (apart.months / c.period_months - less.periods)
                                                        * c.period_months))::date AS day) begun
    WHERE billed.period_end IS NULL AND day <= served.last_day
) due ON true
LEFT JOIN LATERAL (
    SELECT p.amount FROM contracts_contractprice p
    WHERE p.contract_id = c.id AND p.valid_from <= due.first_day ORDER BY p.valid_from DESC LIMIT 1
) price ON true
WHERE c.seller_id = %(seller)s AND c.start_date <= %(until)s AND (c.end_date IS NULL OR c.end_date >= %(from)s)
"""


def with_last_invoice(charges: QuerySet[Charge]) -> QuerySet[Any]:
    """With ``last_invoice_id``: the document that bills a charge now, which is another one after it was issued anew."""
    anew = ChargeRebilling.objects.filter(charge_id=OuterRef("pk")).order_by("-id")
    last = Coalesce(Subquery(anew.values("invoice_id")[:1]), F("invoice_id"), output_field=BigIntegerField())
    return charges.annotate(last_invoice_id=last)


def find_preview(seller_id: int, billed_until: date) -> BillingRun | None:
    """The seller's open preview until this day; who confirms or prepares the same goes on with it and its releases."""
    return BillingRun.objects.filter(seller_id=seller_id, billed_until=billed_until, state__in=PREVIEWS).last()


def list_unbilled(last_day: date) -> QuerySet[Seller]:
    """Sellers with customers whose month no run issues or issued, nor has the clock prepared one, which staff may have
    thrown away.

    Where nothing is issued without staff, their own open preview will do.
    """
    covers = Q(state__in=[*ISSUING, "finished"]) | Q(started_by=SYSTEM.label) & ~Q(state="previewing")
    covers |= Q(state="previewed", seller__bills_automatically=False)
    runs = BillingRun.objects.filter(covers, seller=OuterRef("pk"), billed_until__gte=last_day)
    return Seller.objects.filter(Exists(Customer.objects.filter(seller=OuterRef("pk"))), ~Exists(runs))


def completeness_of(run: BillingRun) -> dict[str, Any]:
    """How many active contracts the run billed, found free, parked or left, by outcome; and what was issued."""
    params: dict[str, date | int] = {
        "until": run.billed_until,
        "from": run.billed_until.replace(day=1),
        "run": run.pk,
        "seller": run.seller_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT outcome, count(*) FROM ({COMPLETENESS}) c GROUP BY outcome", params)  # nosec B608
        outcomes = dict(cursor.fetchall())
        cursor.execute(
            "SELECT coalesce(sum(invoices), 0), coalesce(sum(charges), 0), coalesce(sum(total_with_vat), 0)"
            " FROM billing_billingchunk WHERE run_id = %s",
            [run.pk],
        )
        invoices, charges, total = cursor.fetchone()
    return {"outcomes": outcomes, "invoices": invoices, "charges": charges, "total_with_vat": str(total)}


def list_left_runs() -> QuerySet[BillingRun]:
    """Confirmed runs that are not finished and that no background job is working on or waits for.

    Either the command line is issuing them, or their job failed for good.
    """
    tasks = ["kundenkontor.bill_run", "kundenkontor.prepare_run"]
    waiting = ProcrastinateJob.objects.filter(status__in=["todo", "doing"])
    jobs = list(waiting.filter(task_name__in=tasks))
    runs = [job.args["run_id"] for job in jobs if "run_id" in job.args]
    sellers = [job.args["seller_id"] for job in jobs if "seller_id" in job.args]
    asked = waiting.filter(args__name=BILLING_ISSUING_ASKED.name).values_list("args__event_ids", flat=True)
    events = [event_id for event_ids in asked for event_id in event_ids]
    runs += Event.objects.filter(pk__in=events).values_list("subject_id", flat=True)
    return BillingRun.objects.filter(state__in=ISSUING).exclude(Q(pk__in=runs) | Q(seller_id__in=sellers))
