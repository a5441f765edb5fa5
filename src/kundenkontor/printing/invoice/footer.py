"""The seller's particulars at the foot of every page."""

from __future__ import annotations

from kundenkontor.einvoicing.model import Party
from kundenkontor.kernel.formats import format_iban
from kundenkontor.printing.invoice.frozen import BankAccount, Language, LegalFooter
from kundenkontor.printing.invoice.wording import words

_MOST_ACCOUNTS = 2


def footer_columns(seller: Party, legal: LegalFooter, language: Language) -> list[list[str]]:
    """Four columns: address, contact, register, tax and bank; empty ones are left out."""
    columns = [_address(seller), _contact(seller, legal), _register(legal, language), _tax_and_bank(legal, language)]
    filled = [[line for line in column if line] for column in columns]
    return [column for column in filled if column]


def _address(seller: Party) -> list[str]:
    address = seller.address
    town = f"{address.postal_code} {address.city}".strip()
    return [seller.name, address.line_one, address.line_two, address.line_three, town]


def _contact(seller: Party, legal: LegalFooter) -> list[str]:
    return [legal.phone or seller.contact_phone, legal.email or seller.contact_email, legal.website]


def _register(legal: LegalFooter, language: Language) -> list[str]:
    labels = words(language)
    seat = f"{labels['seat']}: {legal.seat}" if legal.seat else ""
    directors = ", ".join(legal.managing_directors)
    return [
        ", ".join(filter(None, (legal.legal_form, seat))),
        ", ".join(filter(None, (legal.register_number, legal.register_court))),
        f"{labels['managing_directors']}: {directors}" if directors else "",
    ]


def _tax_and_bank(legal: LegalFooter, language: Language) -> list[str]:
    labels = words(language)
    return [
        f"{labels['vat_id']}: {legal.vat_id}" if legal.vat_id else "",
        f"{labels['tax_number']}: {legal.tax_number}" if legal.tax_number else "",
        *(line for account in legal.bank_accounts[:_MOST_ACCOUNTS] for line in _bank(account)),
    ]


def _bank(account: BankAccount) -> list[str]:
    bank = ", ".join(filter(None, (account.bank_name, f"BIC {account.bic}" if account.bic else "")))
    return [bank, f"IBAN {format_iban(account.iban)}"]
