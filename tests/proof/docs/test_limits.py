"""The page about limits says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from kundenkontor.kernel import limits

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "operations" / "limits.md").read_text()


def test_every_limit_is_explained_with_its_value() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d+|`[^`]*`)", PAGE, re.M))
    values = {name: value for name, value in vars(limits).items() if name.isupper()}
    for table in [value for value in values.values() if isinstance(value, dict)]:
        values |= {name: value if isinstance(value, int) else f"`{value}`" for name, value in table.items() if value}
    assert rows == {name: str(value) for name, value in values.items() if not isinstance(value, dict)}
