"""What must hold of VAT ids; set-based, for ``verify``."""

from kundenkontor.events.names import SELLER_VAT_ID_CHECKED
from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
    Check(
        "seller_vat_id_checks_are_as_recorded",
        message("Every answer of VIES about a seller is in the events, once, and every event of one has its row"),
        """SELECT coalesce(c.vat_id, e.payload ->> 'vat_id') FROM taxes_sellervatidcheck c
           FULL JOIN (SELECT subject_id, business_date, payload FROM events_event WHERE name = %s) e
           ON e.subject_id = c.id
           WHERE (e.payload ->> 'vat_id', e.payload ->> 'outcome', e.payload ->> 'evidence', e.business_date)
                 IS DISTINCT FROM (c.vat_id::text, c.outcome::text, c.evidence::text, c.checked_on)""",
        (SELLER_VAT_ID_CHECKED.name,),
    ),
    Check(
        "vat_ids_are_as_checked",
        message("Every VAT id that counts as checked or invalid was found so, last of all"),
        """SELECT c.number FROM parties_customer c
           LEFT JOIN (
               SELECT DISTINCT ON (customer_id, vat_id) customer_id, vat_id,
                      CASE outcome WHEN 'valid' THEN 'checked' ELSE 'invalid' END AS state
               FROM taxes_vatidcheck WHERE outcome <> 'unavailable' ORDER BY customer_id, vat_id, id DESC
           ) k ON (k.customer_id, k.vat_id) = (c.id, c.vat_id)
           WHERE c.vat_id_state IN ('checked', 'invalid') AND k.state IS DISTINCT FROM c.vat_id_state""",
    ),
)
