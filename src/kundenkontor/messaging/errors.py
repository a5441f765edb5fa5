"""Refusals of the outbox, and why a mail could not be handed over."""

from kundenkontor.kernel.errors import DomainError, message


class MailNotRetryable(DomainError):
    """It held a secret, which is gone; a new one has to be asked for."""

    code = "mail_not_retryable"
    template = message("This mail cannot be sent again; please request a new one.")


class MailQuotaReached(DomainError):
    """The address was sent its mails of this kind today, or the login has caused its own."""

    code = "mail_quota_reached"
    template = message("No more of these mails are sent today. Please try again tomorrow.")


class ChangeNotTold(DomainError):
    """The login has caused its mails of today, so the former address could not be told."""

    code = "change_not_told"
    template = message(
        "Whoever had the old address is told by mail, and you have caused as many mails today as one login may. "
        "Please change it tomorrow."
    )


class MailRefused(DomainError):
    """The server refused recipient or message for good (5xx), or its address cannot be right."""

    code = "mail_refused"
    template = message("The mail was refused: {answer}")


class MailDelayed(DomainError):
    """The server said "later" (4xx), refused us rather than the mail, or could not be reached."""

    code = "mail_delayed"
    template = message("The mail could not be handed over yet: {answer}")


class MailServerSilent(MailDelayed):
    """It could not be reached or did not answer in time: the next mail would wait as long."""


class MailUnanswered(DomainError):
    """The connection ended between the whole mail and the answer to it: the server may have taken it."""

    code = "mail_unanswered"
    template = message("The server did not say whether it took the mail: {answer}")
