"""What every page must hold, asked of a page that is open in the browser. Each check returns what is wrong."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path("node_modules/axe-core/axe.min.js")
TAGS = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']"
RULES = f"axe.run(document, {{runOnly: {TAGS}, resultTypes: ['violations']}})"
# axe measures over seconds: meanwhile no font may arrive, no progress bar ask again (a copy is unknown to htmx), and
# no page glide down to its list of mistakes, under the bars that stay in place
STILL = """
() => {
  document.documentElement.style.scrollBehavior = "auto";
  window.scrollTo(0, 0);
  document.querySelectorAll("[hx-trigger^=every]").forEach((one) => one.replaceWith(one.cloneNode(true)));
  return document.fonts.ready.then(() => true);
}
"""
TOUCH = 44
TABLET = 1024
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_WIDE = """
() => [...document.querySelectorAll("main *")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}))
  .filter((one) => !one.closest("svg, .visually-hidden, .kk-chart-drawing"))
  .map((one) => [one, one.getBoundingClientRect(), one.parentElement.closest("main, .kk-table-frame, .kk-sheet")])
  .filter(([one, box, frame]) => box.width > 0 && box.right > frame.getBoundingClientRect().right + 1.5)
  .slice(0, 1).map(([one]) => [one.tagName, one.className, one.innerText.slice(0, 40)].join(" "))
"""
SMALL_TARGETS = f"""
() => [...document.querySelectorAll("nav a, summary, button, .btn, input[type=submit], select")]
  .filter((one) => one.checkVisibility({{visibilityProperty: true}}) && !one.closest(".kk-skip"))
  .map((one) => [one, (one.closest("label") || one).getBoundingClientRect()])
  .filter(([one, box]) => box.width > 0 && Math.round(box.height) < {TOUCH})
  .map(([one, box]) => [one.tagName, one.innerText.replace(/\\s+/g, " ").trim(), Math.round(box.height)].join(" "))
"""
BRIGHTNESS = """
() => {
  const colour = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
  return (0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]) / 255;
}
"""
FOCUSED = """
() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  return {what: `${one.tagName.toLowerCase()}.${one.className} ${(one.innerText || "").trim().slice(0, 30)}`, ring,
          isSkip: one.classList.contains("kk-skip"), isVisible: box.width > 0 && box.bottom > 0,
          isBody: one === document.body, inMain: !!one.closest("main")};
}
"""
REACHABLE = """
() => ["a[href]", "button", "input:not([type=hidden])", "select", "textarea", "summary"]
  .flatMap((kind) => [...document.querySelectorAll(`main ${kind}`)])
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled)
"""
UNREACHABLE = f"""
() => ({REACHABLE.strip()})().filter((one) => one.tabIndex !== 0).map((one) => one.outerHTML.slice(0, 80))
"""
# an input with autofocus would be the starting point otherwise
FROM_THE_TOP = (
    "() => { const body = document.body; body.tabIndex = -1; body.focus(); body.removeAttribute('tabindex'); }"
)
MAIN_TEXT = "() => document.querySelector('main')?.innerText.replace(/\\s+/g, ' ').trim() || ''"
MOST_TABS = 8


def phone(page: Page) -> list[str]:
    """390 px wide: everything keeps in its frame, controls are 44 px high."""
    return [*beyond(page), *page.evaluate(SMALL_TARGETS)]


def desktop(page: Page) -> list[str]:
    """One heading; everything keeps in its frame, on a tablet too."""
    heads = page.locator("h1").count()
    found = [f"{heads} h1"] * (heads != 1) + beyond(page)
    size = page.viewport_size
    page.set_viewport_size({"width": TABLET, "height": 768})
    found += [f"{TABLET}: {one}" for one in beyond(page)]
    if size:
        page.set_viewport_size(size)
    return found


def beyond(page: Page) -> list[str]:
    """What scrolls sideways or stands out of its frame."""
    sideways = page.evaluate(SIDEWAYS)
    return [f"scrolls {sideways} px sideways"] * (sideways > 0) + [
        f"too wide: {one}" for one in page.evaluate(TOO_WIDE)
    ]


def dark(page: Page) -> list[str]:
    brightness = page.evaluate(BRIGHTNESS)
    return [f"background is {brightness:.2f} bright"] if brightness > 0.25 else []


def axe(page: Page) -> list[str]:
    page.evaluate(STILL)
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE.read_text()} }} }}")
    found: list[dict[str, Any]] = page.evaluate(RULES)["violations"]
    return [f"{one['id']} {one['nodes'][0]['target']} {one['nodes'][0]['failureSummary']}" for one in found]


def wide_and_light_then_narrow_and_dark(page: Page, path: str) -> list[str]:
    """Open a page once: axe finds nothing and nothing scrolls sideways, on a desktop and on a phone at night."""
    page.goto(path)
    return [found for width, scheme in ((1280, "light"), (390, "dark")) for found in _seen(page, width, scheme)]


def in_every_size_and_scheme(page: Page, path: str) -> list[str]:
    """As above, in all four."""
    page.goto(path)
    return [found for width, scheme in product((1280, 390), ("light", "dark")) for found in _seen(page, width, scheme)]


def _seen(page: Page, width: int, scheme: Any) -> list[str]:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours change at once
    found = beyond(page) + axe(page)
    return [f"{width} {scheme}: {one}" for one in found]


def keyboard(page: Page) -> list[str]:
    """The skip link comes first and leads into the content; the next controls show that they are focused."""
    wrong = [f"cannot be reached: {one}" for one in page.evaluate(UNREACHABLE)]
    page.evaluate(FROM_THE_TOP)
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    if not (first["isSkip"] and first["isVisible"]):
        return [*wrong, f"first stop is {first['what']}, not the skip link"]
    page.keyboard.press("Enter")
    count = page.evaluate(f"({REACHABLE.strip()})().length")
    for _ in range(min(count, MOST_TABS)):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if not stop["inMain"]:
            return wrong if count else [*wrong, f"the skip link leads to {stop['what']}"]
        if not stop["ring"]:
            wrong.append(f"no focus to be seen on {stop['what']}")
    return wrong


def without_script(page: Page, text_with_script: str) -> list[str]:
    """The page is complete: its content says as much as with JavaScript."""
    said = page.evaluate(MAIN_TEXT)
    if page.locator("nav").count() and not page.locator("nav a").count():
        return ["the navigation is empty"]
    missing = len(said) < 0.9 * len(text_with_script)
    return [f"{len(said)} instead of {len(text_with_script)} characters"] if missing or not said else []
