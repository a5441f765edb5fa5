"""The few files of the npm packages that pages use, copied to the static files; ``make`` runs it."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

VENDOR_DIR = Path(__file__).resolve().parents[2] / "web" / "static" / "vendor"
# folder in node_modules, patterns in it, folder in static/vendor
WANTED = (
    ("@tabler/core/dist", ("css/tabler.min.css", "js/tabler.min.js"), "tabler"),
    ("@fontsource-variable/source-sans-3", ("wght.css", "wght-italic.css", "files/*-wght-*.woff2"), "source-sans-3"),
    ("htmx.org/dist", ("htmx.min.js",), "htmx"),
    ("uplot/dist", ("uPlot.min.css", "uPlot.iife.min.js"), "uplot"),
)
SOURCE_MAP = re.compile(rb"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=.*)\s*$")


def copy_assets(node_modules: Path) -> int:
    """Fill static/vendor anew; return the number of files. Source maps are left out, and so are their links."""
    shutil.rmtree(VENDOR_DIR, ignore_errors=True)
    count = 0
    for package, patterns, target in WANTED:
        for pattern in patterns:
            for source in sorted((node_modules / package).glob(pattern)):
                destination = VENDOR_DIR / target / source.relative_to(node_modules / package)
                destination.parent.mkdir(parents=True, exist_ok=True)
                destination.write_bytes(SOURCE_MAP.sub(b"", source.read_bytes()))
                count += 1
    return count


if __name__ == "__main__":
    copied = copy_assets(Path("node_modules"))
    sys.exit(0 if copied else "No browser assets were found in node_modules.")
