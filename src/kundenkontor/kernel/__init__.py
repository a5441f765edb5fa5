"""What every package stands on: money, refusals, the actor's clock. No models, no Django settings.

Amounts are Decimal, parsed by one strict parser and rounded half up in one place (``money``).
A refusal is a ``DomainError`` with a stable code; each face maps it once.
"""
