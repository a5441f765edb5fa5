"""Refusals of changes that would contradict what was billed."""

from kundenkontor.kernel.errors import DomainError, message


class ContractNumberTaken(DomainError):
    code = "contract_number_taken"
    field = "number"
    template = message("The contract number “{number}” is already given to another contract of this seller.")


class ForeignProduct(DomainError):
    code = "foreign_product"
    field = "product"
    template = message("This product belongs to another seller.")


class AlreadyBilled(DomainError):
    """What the billed periods rest on stays as it is."""

    code = "contract_already_billed"
    template = message("The contract has been billed until {until}; this can no longer be changed.")


class SetUpAlreadyBilled(DomainError):
    code = "set_up_already_billed"
    field = "set_up_fee"
    template = message("The set-up fee has already been billed.")


class SetUpTooLate(DomainError):
    """It would wait for the next period, a year perhaps; a one-off item joins the next invoice."""

    code = "set_up_too_late"
    field = "set_up_fee"
    template = message("The contract has been billed until {until}. Please enter set-up work as a one-off item.")


class EndBeforeStart(DomainError):
    code = "contract_ends_before_start"
    field = "end_date"
    template = message("The last day of service lies before the start.")


class EndAlreadyBilled(DomainError):
    code = "contract_end_already_billed"
    field = "end_date"
    template = message(
        "The contract has been billed until {until}. Please tick that the days after its end are credited, "
        "and correct the invoice."
    )


class PriceAlreadyBilled(DomainError):
    code = "price_already_billed"
    field = "valid_from"
    template = message(
        "The period beginning on {start} has been billed. A price can begin on {earliest} at the earliest."
    )


class PriceBeforeStart(DomainError):
    code = "price_before_start"
    field = "valid_from"
    template = message("A price cannot begin before the contract does.")


class FirstPriceStays(DomainError):
    code = "first_price_stays"
    template = message("A contract keeps its first price.")
