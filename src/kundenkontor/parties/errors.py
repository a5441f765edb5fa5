"""Refusals of changes to customers and sellers."""

from __future__ import annotations

from kundenkontor.kernel.errors import DomainError, message


class CustomerNeedsName(DomainError):
    code = "customer_needs_name"
    template = message("Please give a company or a last name.")
    field = "company"


class CompanyStaysCompany(DomainError):
    """Another contract partner is a new contract, not a change of data."""

    code = "company_stays_company"
    template = message("A company needs its name here. If a person takes over the contracts, please contact us.")
    field = "company"


class PersonStaysPerson(DomainError):
    code = "person_stays_person"
    template = message("You are our customer as a private person. If a company takes over, please contact us.")
    field = "company"


class AddressIncomplete(DomainError):
    """§ 11 UStG (AT) and § 14 UStG (DE) ask for the recipient's full address."""

    code = "address_incomplete"
    template = message("Street, postal code and city belong to the address.")
    field = "street"


class InvoiceAddressIncomplete(DomainError):
    code = "invoice_address_incomplete"
    template = message("A different invoice address needs street, postal code, city and country.")
    field = "invoice_street"


class UnknownCountry(DomainError):
    code = "unknown_country"
    template = message("“{country}” is no country we know.")
    field = "country"


class VatIdMalformed(DomainError):
    code = "vat_id_malformed"
    template = message("“{vat_id}” is not a valid VAT id. Please check the digits.")
    field = "vat_id"


class VatIdNotRemovable(DomainError):
    code = "vat_id_not_removable"
    template = message("To have your VAT id removed, please contact us.")
    field = "vat_id"


class VatIdForBusinessOnly(DomainError):
    code = "vat_id_for_business_only"
    template = message("A VAT id belongs to a business. You are our customer as a private person.")
    field = "vat_id"


class NothingRequested(DomainError):
    code = "nothing_requested"
    template = message("Country and VAT id are already as you entered them.")


class NoOpenRequest(DomainError):
    code = "no_open_request"
    template = message("There is no open request any more.")


class TooManyContacts(DomainError):
    """Mail goes to contacts: their number is bounded (kernel/limits.py)."""

    code = "too_many_contacts"
    template = message("A customer keeps at most {limit} contacts. Please remove one first.")


class MainContactStays(DomainError):
    code = "main_contact_stays"
    template = message("There is a main contact already. Please change it instead.")
    field = "group"


class CustomerNumberTaken(DomainError):
    code = "customer_number_taken"
    template = message("The customer number “{number}” is already given to another customer of this seller.")
    field = "number"


class ConsumerIsNoBusiness(DomainError):
    code = "consumer_is_no_business"
    template = message("A consumer is no taxable person. Please choose one of both, or neither.")
    field = "is_consumer"


class VatIdOfConsumer(DomainError):
    code = "vat_id_of_consumer"
    template = message("A consumer has no VAT id.")
    field = "vat_id"


class ShortNameTaken(DomainError):
    code = "short_name_taken"
    template = message("The short name “{short_name}” is already used by another seller.")
    field = "short_name"


class AccentTooLight(DomainError):
    """WCAG 2.2, 1.4.3: text on white paper needs a contrast of 4.5 to 1."""

    code = "accent_too_light"
    template = message("On white paper this colour has a contrast of only {contrast} to 1; at least 4.5 are needed.")
    field = "accent_colour"


class IbanInvalid(DomainError):
    code = "iban_invalid"
    template = message("The check digits of this IBAN are wrong.")
    field = "iban"


class BicInvalid(DomainError):
    code = "bic_invalid"
    template = message("This is not a BIC. A BIC has 8 or 11 characters, for example GIBAATWWXXX.")
    field = "bic"


class IbanKnown(DomainError):
    code = "iban_known"
    template = message("This seller already has this IBAN.")
    field = "iban"


class SettingUnchanged(DomainError):
    code = "setting_unchanged"
    template = message("On that day this is already so.")
    field = "valid_from"


class MonthNotOver(DomainError):
    code = "month_not_over"
    template = message("Only months that are over can be declared.")
    field = "until"


class MonthNotWhole(DomainError):
    code = "month_not_whole"
    template = message("Returns are declared up to the last day of a month.")
    field = "until"


class QuarterNotWhole(DomainError):
    code = "quarter_not_whole"
    template = message("This return is declared by quarter: up to the last day of a quarter.")
    field = "until"


class AlreadyDeclared(DomainError):
    code = "already_declared"
    template = message("Up to this day the returns are already declared.")
    field = "until"


class SettingDeclared(DomainError):
    """What was declared stays as it was counted."""

    code = "setting_declared"
    template = message("VAT returns are declared up to {until}; a tax fact can begin or end only after that.")
    field = "valid_from"


class BookedBeyondToday(DomainError):
    code = "booked_until_in_future"
    template = message("Payments cannot be booked beyond today.")
    field = "payments_booked_until"
