"""The table "page x (phone, desktop, dark, keyboard, no JavaScript, axe, German, English)"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

COLUMNS = ("phone", "desktop", "dark", "keyboard", "no JavaScript", "axe", "German", "English")


@dataclass
class Table:
    """What was found per page and column; a cell nobody looked at stays empty."""

    cells: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, page: str, column: str, problems: list[str]) -> None:
        self.cells[page].setdefault(column, []).extend(problems)

    def lines(self) -> list[str]:
        """The table, and below it what is wrong, each problem once per page and column."""
        width = max((len(page) for page in self.cells), default=4)
        out = [f"{'page':{width}}  " + "  ".join(COLUMNS)]
        for page in sorted(self.cells):
            marks = [f"{self._mark(page, column):{len(column)}}" for column in COLUMNS]
            out.append(f"{page:{width}}  " + "  ".join(marks))
        return [*out, "", *self.problems()]

    def _mark(self, page: str, column: str) -> str:
        if column not in self.cells[page]:
            return ""
        return "NO" if self.cells[page][column] else "ok"

    def problems(self) -> list[str]:
        return [
            f"{page} | {column}: {problem}"
            for page in sorted(self.cells)
            for column in COLUMNS
            for problem in dict.fromkeys(self.cells[page].get(column, []))
        ]

    def empty_cells(self) -> list[str]:
        return [f"{page} | {column}" for page in self.cells for column in COLUMNS if column not in self.cells[page]]
