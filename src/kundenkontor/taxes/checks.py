"""What must hold of VAT ids; set-based, for ``verify``."""

from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
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
