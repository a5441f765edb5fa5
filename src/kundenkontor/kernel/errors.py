"""Refusals: what the business does not allow, said with a stable code and a sentence for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

JSON_VALUES = (str, int, bool, list, type(None))


def message(text: str) -> str:
    """Mark a sentence for translation; it is translated only when it is shown."""
    return text


def show_plainly(value: Any, currency: str = "") -> str:
    """For whoever reads without a language."""
    return f"{currency} {value}" if currency else str(value)


class Shown:
    """A param as the reader writes it; ``{total:EUR}`` in a sentence makes it an amount of that currency."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, currency: str) -> str:
        return str(DomainError.show(self.value, currency))

    def __str__(self) -> str:
        return format(self)


def speak_with(translate: Callable[[str], str], show: Callable[[Any, str], Any]) -> None:
    """Let refusals speak the reader's language; called once at start, because the kernel knows no Django.

    ``translate`` is gettext; ``show`` writes a date, a number or, with a currency, an amount as the reader does.
    """
    DomainError.translate = staticmethod(translate)
    DomainError.show = staticmethod(show)


class DomainError(Exception):
    """A refusal. Keeps code and typed params; formats only when shown, in the reader's language.

    Raised where something is not done; listed where every reason is looked for, warnings (``is_warning``), which stop
    nothing, among them; stored as code and params where somebody reads it later. One class per code.
    """

    code: ClassVar[str] = "refused"
    template: ClassVar[str] = message("This is not possible.")
    label: ClassVar[str] = ""  # in a word or two, where refusals are counted
    warning: ClassVar[str] = ""  # the sentence of a warning, where it differs
    mend: ClassVar[str] = ""  # the place where what is wrong can be mended; each face knows its page
    reads: ClassVar[Mapping[str, Callable[[str], Any]]] = {}  # params that are text when stored
    translate: ClassVar[Callable[[str], str]] = staticmethod(str)
    show: ClassVar[Callable[[Any, str], Any]] = staticmethod(show_plainly)
    by_code: ClassVar[dict[str, type[DomainError]]] = {}
    field: str = ""  # the form field, column or business term that has to change

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "code" in vars(cls):
            assert cls.code not in DomainError.by_code, f"two refusals are called {cls.code}"
            DomainError.by_code[cls.code] = cls

    def __init__(self, *, field: str = "", is_warning: bool = False, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params
        self.is_warning = is_warning
        self.field = field or type(self).field

    def __str__(self) -> str:
        return self._say(self.template)

    @property
    def warning_sentence(self) -> str:
        """What is not as it should be, and that it stopped nothing."""
        return self._say(self.warning or self.template)

    def _say(self, sentence: str) -> str:
        return DomainError.translate(sentence).format(**self.shown())

    def shown(self) -> dict[str, Any]:
        """The params as the reader writes them."""
        return {name: Shown(value) for name, value in self.params.items()}

    @classmethod
    def short(cls) -> str:
        """The label in the reader's language, or the code."""
        return DomainError.translate(cls.label) if cls.label else cls.code

    def stored_params(self) -> dict[str, Any]:
        """The params as JSON holds them."""
        return {name: value if isinstance(value, JSON_VALUES) else str(value) for name, value in self.params.items()}

    def as_json(self) -> dict[str, Any]:
        """What ``restore`` takes."""
        return {"code": self.code, "params": self.stored_params(), "field": self.field}

    @staticmethod
    def restore(code: str, params: Mapping[str, Any], *, field: str = "", is_warning: bool = False) -> DomainError:
        """The refusal that was stored with this code. Raises KeyError where no class has it."""
        kind = DomainError.by_code[code]
        typed = {name: kind.reads[name](value) if name in kind.reads else value for name, value in params.items()}
        refusal = kind.__new__(kind)
        DomainError.__init__(refusal, field=field, is_warning=is_warning, **typed)
        return refusal
