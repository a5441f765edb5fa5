"""Refusals of logins and access."""

from kundenkontor.kernel.errors import DomainError, message


class LastAdministrator(DomainError):
    code = "last_administrator"
    template = message("This is the last active administrator; please name another one first.")


class LoginTaken(DomainError):
    code = "login_taken"
    field = "username"
    template = message("The user name {username} is already taken.")


class EmailTaken(DomainError):
    code = "email_taken"
    field = "email"
    template = message("The e-mail address {email} already belongs to another login.")


class TooManyPasswords(DomainError):
    """Nobody waits in a long row for a password to be computed."""

    code = "too_many_passwords"
    template = message("Too many people sign in at this moment. Please try again in a few seconds.")


class UnknownRole(DomainError):
    code = "unknown_role"
    field = "role"
    template = message("There is no such role.")


class AccessLinkInvalid(DomainError):
    """Unknown, used or expired: all look the same to whoever holds the link."""

    code = "access_link_invalid"
    template = message("This link is no longer valid. Please request a new password, or ask us for a new link.")
