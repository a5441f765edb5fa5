"""Reading runs: completeness of a run over all active contracts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.billing.models import ISSUING, BillingRun

# Each active contract once: billed up to the cutoff, free, parked, or why not. What was never billed without any other
# reason was free on the first day of its period, if it ever was. Open: it came or changed while the run was under way.
COMPLETENESS = """
SELECT c.id, c.customer_id, c.number,
    CASE
        WHEN billed.period_end >= least(%(until)s, coalesce(c.end_date, %(until)s)) THEN 'billed'
        WHEN EXISTS (SELECT 1 FROM billing_parkedcustomer p WHERE p.run_id = %(run)s AND p.customer_id = c.customer_id
                     AND NOT p.is_released)
            THEN 'parked'
        WHEN billed.period_end IS NOT NULL THEN 'open'
        WHEN price.is_free IS NULL THEN 'no_price'
        WHEN price.is_free THEN 'free'
        WHEN c.cut_over_date > c.start_date THEN 'billed_elsewhere'
        ELSE 'open'
    END AS outcome
FROM contracts_contract c
LEFT JOIN LATERAL (
    SELECT max(l.period_end) AS period_end FROM billing_charge l WHERE l.contract_id = c.id AND l.kind = 'recurring'
) billed ON true
LEFT JOIN LATERAL (
    SELECT bool_or(p.amount = 0) AS is_free FROM contracts_contractprice p
    WHERE p.contract_id = c.id AND p.valid_from <= %(until)s
) price ON true
WHERE c.seller_id = %(seller)s AND c.start_date <= %(until)s AND (c.end_date IS NULL OR c.end_date >= %(from)s)
"""


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
    jobs = list(ProcrastinateJob.objects.filter(task_name__in=tasks, status__in=["todo", "doing"]))
    runs = [job.args["run_id"] for job in jobs if "run_id" in job.args]
    sellers = [job.args["seller_id"] for job in jobs if "seller_id" in job.args]
    return BillingRun.objects.filter(state__in=ISSUING).exclude(Q(pk__in=runs) | Q(seller_id__in=sellers))
