"""The tables whose rows never change: enforced by triggers and by missing rights of the app role."""

from __future__ import annotations

INSERT_ONLY_TABLES = (
    "events_event",
    "events_eventseal",
    "events_sealanchor",
    "documents_storedfile",
    "parties_partysnapshot",
    "ledger_journalentry",
    "ledger_posting",
    "taxes_vatidcheck",
    "invoicing_invoice",
    "invoicing_invoiceline",
    "invoicing_vatbreakdown",
    "invoicing_correction",
    "invoicing_invoicefile",
    "billing_charge",
    "billing_chargerebilling",
    "payments_payment",
    "payments_paymentbooking",
    "payments_paymentreversal",
    "payments_allocation",
    "payments_refund",
    "delivery_reminder",
    "parties_customerevent",
    "parties_contactevent",
    "access_userevent",
    "access_membershipevent",
    "catalog_priceevent",
    "contracts_contractevent",
    "contracts_contractpriceevent",
)


def insert_only_sql(table: str) -> str:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE for every role, in replication mode too.

    They are statement triggers: an INSERT pays nothing for them, and an UPDATE that hits no row is refused as well.
    """
    return f"""
CREATE TRIGGER {table}_is_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_insert_only;
"""


def drop_insert_only_sql(table: str) -> str:
    return f"DROP TRIGGER {table}_is_insert_only ON {table};"


REFUSE_CHANGE_SQL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""
