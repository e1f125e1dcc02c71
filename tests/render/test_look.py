"""The mail as a browser shows it: nothing sticks out on a telephone, everything can be read, by day and by night."""

import shutil
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.emails import sample
from watcher import render

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the look of the mail was not checked"),
]

# The contrast of each piece of text with what is behind it (WCAG 2.2, 1.4.3), for texts below the required ratio.
UNREADABLE = """() => {
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    const said = walker.currentNode.data.replace(/[\\s\\u00a0\\u202f·]+/g, "");
    if (!said || style.display === "none" || element.closest(".preview")) continue;
    const [one, two] = [light(rgb(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) bad.push([said.slice(0, 40), style.color, ratio.toFixed(2)]);
  }
  return bad;
}"""


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 720])
def test_the_mail_fits_and_can_be_read(browser: Browser, width: int, scheme: str) -> None:
    """No sideways scrolling at 360 pixels, contrast AA everywhere, and no request leaves when it is opened (row E17)."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    mail = render.message(sample.full(), sample.RECIPIENT, render.Templates(sample.files()), sample.SETTINGS)
    page.set_content(mail.html)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(UNREADABLE) == []
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert [url for url in asked if not url.startswith(("about:", "data:"))] == []
    page.close()
