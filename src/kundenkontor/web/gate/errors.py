"""Refusals of the shared web layer."""

from kundenkontor.kernel.errors import DomainError, message


class CustomerSwitched(DomainError):
    """A form that was opened for one customer is not sent for another: it names none, so it would change that one."""

    code = "customer_switched"
    template = message("This form was opened for another customer number. Please open it again.")
