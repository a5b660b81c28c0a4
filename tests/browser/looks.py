"""How a page looks to those who cannot see it well: axe, large targets, and room for large type on a small screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations", "incomplete"]}
LARGE_TYPE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`html { font-size: 200% !important; }
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
FIELDS = "select, textarea, input:not([type=hidden], [type=radio], [type=checkbox])"
TO_TOUCH = f"a, button, summary, .choice, .dots label, {FIELDS}"
# What is lower than 48 pixels; a link inside a sentence may be as high as its line.
TOO_SMALL = """(toTouch) => [...document.querySelectorAll(":is(main, nav, header, footer) :is(" + toTouch + ")")]
  .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < 47.5)
  .filter((it) => {
    const isInSentence = it.parentElement.textContent.trim() !== it.textContent.trim();
    return !(it.matches("p a, li a") && getComputedStyle(it).display === "inline" && isInSentence);
  })
  .map((it) => it.outerHTML.slice(0, 120))"""


def faults(page: Page) -> list[str]:
    """What axe finds, each as `rule: place`."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


def expect_no_fault(page: Page, sizes: tuple[tuple[int, int], ...] = ((360, 700), (320, 700))) -> None:
    """Nothing for axe in either scheme, nothing too small to touch, and no page that scrolls sideways.

    `sizes` are widths and heights in pixels, the last one 320 wide: there the type doubles.
    """
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
        assert faults(page) == [], scheme
    assert page.evaluate(TOO_SMALL, TO_TOUCH) == []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(LARGE_TYPE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
