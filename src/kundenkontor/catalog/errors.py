"""Refusals of products and list prices."""

from kundenkontor.kernel.errors import DomainError, message


class ProductCodeTaken(DomainError):
    code = "product_code_taken"
    field = "code"
    template = message("The code “{code}” is already given to another product of this seller.")

    def __init__(self, product_code: str) -> None:
        super().__init__(code=product_code)


class PriceBeginsThatDay(DomainError):
    code = "price_begins_that_day"
    field = "valid_from"
    template = message("A list price for this period already begins on {day}.")


class PriceEndsBeforeItBegins(DomainError):
    code = "price_ends_before_it_begins"
    field = "valid_to"
    template = message("The last day lies before the first.")


class PricesOverlap(DomainError):
    code = "prices_overlap"
    field = "valid_to"
    template = message("Another list price for this period begins on {day}; this one has to end before it.")
