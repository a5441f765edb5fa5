"""What an e-mail address is here: one mailbox at a domain that the Internet can know."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

# RFC 6761, RFC 6762 and what machines call themselves; ".example" is for tests and examples
NO_DOMAINS = frozenset({"localhost", "local", "localdomain", "internal", "invalid", "test", "lan", "home", "arpa"})
LONGEST = 254
LONGEST_LOCAL_PART = 64


class AddressValidator(EmailValidator):
    """Refuses our own machine or network: ``a@localhost``, ``a@[127.0.0.1]``, ``a@mail.local``; and what no mail server
    takes (RFC 5321, 4.5.3.1).

    So nobody makes our mail server write to its own accounts.
    """

    domain_allowlist: list[str] = []

    def __call__(self, value: str | None) -> None:
        super().__call__(value)
        if value and len(value.rpartition("@")[0]) > LONGEST_LOCAL_PART:
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def validate_domain_part(self, domain_part: str) -> bool:
        last = domain_part.rpartition(".")[2].lower()
        return bool(self.domain_regex.match(domain_part)) and not last.isdigit() and last not in NO_DOMAINS


validate_address = AddressValidator()


def is_address(text: str) -> bool:
    try:
        validate_address(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST
