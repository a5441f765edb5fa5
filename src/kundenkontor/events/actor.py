"""Who did it: a value that every command takes and every event stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["customer", "staff", "system", "operator"]


@dataclass(frozen=True, slots=True)
class Actor:
    """``kind`` staff or customer: a login; system: a job; operator: the command line."""

    kind: ActorKind
    label: str
    user_id: int | None = None


SYSTEM = Actor("system", "system")
