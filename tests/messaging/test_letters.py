"""Every letter is written whole in both languages, from plain values alone."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from kundenkontor.messaging import letters
from kundenkontor.messaging.commands import send_letter
from kundenkontor.messaging.letters.billing_preview import BillingPreview
from kundenkontor.messaging.letters.document import DocumentLetter
from kundenkontor.messaging.letters.email_changed import EmailChanged
from kundenkontor.messaging.letters.first_access import FirstAccess, StaffAccess
from kundenkontor.messaging.letters.forwarded_document import ForwardedDocument
from kundenkontor.messaging.letters.letter import BankDetails, Letter, table
from kundenkontor.messaging.letters.more_customers import MoreCustomers
from kundenkontor.messaging.letters.notices import AddressChanged, ChangeNotice
from kundenkontor.messaging.letters.password import PasswordChanged, PasswordReset
from kundenkontor.messaging.letters.reminder import OverdueReminder, RemindedDocument, UpcomingReminder

ACCOUNT = BankDetails(account_name="Alpenhost GmbH", iban="AT611904300234573201", bic="BKAUATWW")
DOCUMENT = DocumentLetter(
    title="Rechnung",
    number="RE2026-1",
    issued=date(2026, 11, 22),
    amount_due=Decimal("1234.50"),
    currency="EUR",
    asks_for_money=True,
    due=date(2026, 12, 6),
    account=ACCOUNT,
    reference="RF18RE20261",
    purpose="11001 RE2026-1",
)
REMINDED = RemindedDocument(
    number="RE2026-1",
    issued=date(2026, 11, 22),
    due=date(2026, 12, 6),
    open_amount=Decimal("1234.50"),
    currency="EUR",
    purpose="11001 RE2026-1",
)
KEYS = {"password_reset_key", "access_letter"}  # the kinds of letters that are secret
LINK = "https://kunden.example/x/"
LETTERS: list[Letter] = [
    DOCUMENT,
    dataclasses.replace(DOCUMENT, asks_for_money=False),
    dataclasses.replace(DOCUMENT, amount_due=Decimal(0)),
    ForwardedDocument(
        title="Rechnung", number="RE2026-1", issued=date(2026, 11, 22), customer_name="Ada", customer_number="11001"
    ),
    UpcomingReminder(documents=(REMINDED,) * 4, account=ACCOUNT, balance=Decimal(0)),
    OverdueReminder(documents=(REMINDED,), account=None, balance=Decimal("3.50")),
    FirstAccess(
        seller="Alpenhost", username="ada", customer_numbers=("11001", "11002"), link=LINK, home=LINK, valid_days=14
    ),
    StaffAccess(username="clara", link=LINK, valid_days=14),
    ChangeNotice(what="Bankverbindung gespeichert", about="alpenhost", by="clara"),
    AddressChanged(customer_number="11001", customer_name="Ada"),
    AddressChanged(customer_number="11001", customer_name="Ada", is_of_invoices=True),
    MoreCustomers(username="ada", customers=(("11001", "Ada"),), home=LINK),
    MoreCustomers(username="ada", customers=(("11001", "Ada"), ("11002", "Ada OG")), home=LINK),
    EmailChanged(username="ada", home=LINK),
    PasswordReset(username="ada", link=LINK),
    PasswordChanged(username="ada", link=LINK),
    BillingPreview(
        seller="Alpenhost",
        is_finished=False,
        invoices=3,
        total_with_vat=Decimal("12.00"),
        parked=1,
        notes=(),
        link=LINK,
    ),
]


def written(letter: Letter, language: str) -> tuple[str, str]:
    with translation.override(language):
        text = letter.write(language)
        return text.subject, "\n\n".join(text.paragraphs)


def test_all_letters_are_looked_at_here() -> None:
    modules = [
        importlib.import_module(f"{letters.__name__}.{one.name}") for one in pkgutil.iter_modules(letters.__path__)
    ]
    known = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    kinds = {one for one in known if issubclass(one, Letter) and hasattr(one, "kind")}
    assert kinds == {type(letter) for letter in LETTERS}, "add an example to LETTERS"


def test_a_line_without_a_value_is_left_out() -> None:
    assert table([("Payee", "Alpenhost"), ("IBAN", ""), ("BIC", "BKAUATWW")]) == "Payee: Alpenhost\nBIC: BKAUATWW"


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: type(letter).__name__)
def test_a_letter_is_written_in_both_languages(letter: Letter) -> None:
    german, english = written(letter, "de"), written(letter, "en")
    assert german[0] != english[0] or isinstance(letter, ForwardedDocument)
    assert german[1] != english[1]
    assert not {"{", "}"} & {*german[0], *german[1], *english[0], *english[1]}
    assert "\n" not in german[0] + english[0]


def test_a_document_letter_says_amounts_and_dates_as_the_document_does() -> None:
    subject, german = written(DOCUMENT, "de")
    assert subject == "Ihre Rechnung RE2026-1 vom 22.11.2026"
    assert "Zahlbetrag: 1.234,50\u00a0EUR\nFällig am: 06.12.2026" in german and "AT61 1904 3002 3457 3201" in german
    _, english = written(dataclasses.replace(DOCUMENT, title="Invoice"), "en")
    assert "your invoice RE2026-1 of 22 Nov 2026" in english and "EUR\u00a01,234.50" in english


def test_a_reminder_names_three_documents_and_says_that_there_are_more() -> None:
    subject, body = written(UpcomingReminder(documents=(REMINDED,) * 4, account=ACCOUNT, balance=Decimal(0)), "de")
    assert subject.endswith("RE2026-1, RE2026-1, RE2026-1 …") and body.count("Verwendungszweck: 11001 RE2026-1") == 4


@pytest.mark.django_db
@pytest.mark.invariant("I-L2")
@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: type(letter).__name__)
def test_a_letter_says_itself_whether_its_text_is_a_key(letter: Letter) -> None:
    mail = send_letter(letter, to="ada@huber.example", language="de")
    assert mail.is_secret == letter.is_secret == (mail.kind in KEYS)
