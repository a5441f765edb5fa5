"""What a table says of itself, declared at its model: whose its rows are, who sees them, whether they change, what
checks them. Triggers, policies and rights follow from it (``access/walls.py``), and ``verify`` walks it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from django.apps import apps
from django.db import models

# narrower numbers are quantities, rates and percentages
DIGITS_OF_AN_AMOUNT = 14


@dataclass(frozen=True, slots=True)
class Whose:
    """What a row belongs to, and the columns that name it and its customer.

    What the portal sees names both in the row itself, so that a policy compares columns and looks nowhere else.
    """

    kind: Literal["nobody", "customer", "contract", "document", "parent"]
    key: str = ""
    customer: str = ""
    without_is_shared: bool = False  # a row without customer is everybody's


OF_NO_CUSTOMER = Whose("nobody")


def of_customer(column: str = "customer_id", *, without_is_shared: bool = False) -> Whose:
    return Whose("customer", column, column, without_is_shared)


def of_contract(column: str = "contract_id") -> Whose:
    return Whose("contract", column, "customer_id")


def of_document(column: str = "invoice_id") -> Whose:
    return Whose("document", column, "customer_id")


def of_parent(column: str) -> Whose:
    """Belongs to whom the row behind this foreign key belongs; only for tables that the portal does not see."""
    return Whose("parent", column)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger of a table, in replication mode too; its function is ``sql/<function>.sql`` of the package that
    declares it; a table of another package may call it.

    ``event`` is written as PostgreSQL prints it: ``AFTER INSERT OR DELETE OR UPDATE``. So is ``condition``, which is
    asked of a row before the function is called.
    """

    name: str
    event: str
    function: str = ""  # of the same name
    level: Literal["ROW", "STATEMENT"] = "ROW"
    is_deferred: bool = False
    condition: str = ""

    @property
    def called(self) -> str:
        """The function that it calls."""
        return self.function or self.name


@dataclass(frozen=True, slots=True)
class TableFacts:
    """The declaration of one table: ``facts = TableFacts(of_customer(), portal=True)`` in its model.

    ``portal``: its pages read the table, rows of the chosen customers only, or all rows where they are of no customer.
    ``checks`` are the codes of what ``verify`` asks of it. A table that never changes or holds amounts
    names one or says why it is ``unchecked``. ``sealed`` are columns, the key first, that never change in rows that are
    never deleted: they are sealed in batches (``events/batches.py``), where the row fits ``sealed_where``.
    """

    whose: Whose
    portal: bool = False
    insert_only: bool = False
    checks: tuple[str, ...] = ()
    unchecked: str = ""
    triggers: tuple[Trigger, ...] = ()
    sealed: tuple[str, ...] = ()
    sealed_where: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its declaration; ``sql`` is the folder of its triggers' functions."""

    name: str
    facts: TableFacts
    sql: Path


# Tables of libraries, whose models cannot say it: the application may change them, the portal sees none.
LIBRARY_TABLES = (
    "account_emailaddress", "account_emailconfirmation", "auth_group", "auth_group_permissions", "auth_permission",
    "cache", "django_content_type", "django_migrations", "django_session", "pghistory_context",
    "procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_workers",
)  # fmt: skip


def facts_of(model: type[models.Model]) -> TableFacts | None:
    """What the model itself declares; the history of a tracked model is of the same customer and never changes."""
    tracked: type[models.Model] | None = getattr(model, "pgh_tracked_model", None)
    if tracked is None:
        return vars(model).get("facts")
    facts = facts_of(tracked)
    if facts is None:
        return None
    columns = tuple(str(field.column) for field in model._meta.local_fields)
    return TableFacts(facts.whose, insert_only=True, checks=("rows_are_as_sealed",), sealed=columns)


def our_models() -> list[type[models.Model]]:
    """The models with a table of their own that is not a library's."""
    found = apps.get_models(include_auto_created=True)
    with_table = [model for model in found if model._meta.managed and not model._meta.proxy]
    return [model for model in with_table if model._meta.db_table not in LIBRARY_TABLES]


def declared_tables() -> dict[str, Table]:
    """Every table that the product may have, by name."""
    tables = {name: Table(name, TableFacts(OF_NO_CUSTOMER), Path()) for name in LIBRARY_TABLES}
    for model in our_models():
        facts = facts_of(model)
        if facts:
            name = model._meta.db_table
            tables[name] = Table(name, facts, Path(apps.get_app_config(model._meta.app_label).path, "sql"))
    return tables


class Sealing(NamedTuple):
    """Columns of a table that are sealed in batches; the first is its key."""

    table: str
    columns: tuple[str, ...]
    where: str


def sealings() -> list[Sealing]:
    """The tables whose rows are sealed in batches, in order."""
    tables = sorted(declared_tables().values(), key=lambda table: table.name)
    return [Sealing(table.name, table.facts.sealed, table.facts.sealed_where) for table in tables if table.facts.sealed]


def faults() -> list[str]:
    """A sentence per model whose declaration is missing or contradicts its columns."""
    return [f"{model._meta.label} {fault}" for model in our_models() for fault in faults_of(model)]


def faults_of(model: type[models.Model]) -> list[str]:
    facts = facts_of(model)
    if facts is None:
        return ["declares no facts (kernel/tables.py)"]
    columns = {field.column for field in model._meta.local_fields}
    missing = {facts.whose.key, facts.whose.customer} - columns - {""}
    is_of_none = facts.whose.kind == "nobody"
    is_checked = bool(facts.checks or facts.unchecked)
    rules = {
        f"has no column {', '.join(sorted(missing))}": missing,
        "names a customer and says that it is of none": is_of_none and "customer_id" in columns,
        "is seen by the portal and does not name its customer": facts.portal and facts.whose.kind == "parent",
        "seals columns that it does not have": set(facts.sealed) - columns,
        "names no check and does not say why": (facts.insert_only or _holds_amounts(model)) and not is_checked,
    }
    return [sentence for sentence, is_broken in rules.items() if is_broken]


def _holds_amounts(model: type[models.Model]) -> bool:
    fields: list[Any] = [field for field in model._meta.local_fields if isinstance(field, models.DecimalField)]
    return any(field.max_digits >= DIGITS_OF_AN_AMOUNT for field in fields)
