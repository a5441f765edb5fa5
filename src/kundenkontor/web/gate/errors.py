"""Refusals of the shared web layer."""

from kundenkontor.kernel.errors import DomainError, message


class CustomerSwitched(DomainError):
    """A form that was opened for one customer is not sent for another: it names none, so it would change that one."""

    code = "customer_switched"
    template = message("This form was opened for another customer number. Please open it again.")


class NotSentYet(DomainError):
    """The form is shown as it was typed before the sign-in; see ``web/gate/typed.py``."""

    code = "not_sent_yet"
    template = message("Not sent yet. Please check it and send it.")
