"""The page that shows a mail at a desk and on a phone."""

from html import unescape

from tests.emails import sample
from watcher import render
from watcher.render.page import page


def test_the_page_holds_the_mail_twice_and_what_a_mailbox_lists() -> None:
    """It needs nothing but itself, and what it frames is the HTML part to the letter; nothing in the mail may run."""
    message = render.message(sample.full(), sample.RECIPIENT, render.Templates(sample.files()), sample.SETTINGS)
    shown = page(message)
    frames = [part.partition('"')[0] for part in shown.split('srcdoc="')[1:]]
    assert [unescape(frame) for frame in frames] == [message.html, message.html]
    assert shown.count('sandbox="allow-same-origin"') == 2
    around = "".join(part.partition('"')[2] if number else part for number, part in enumerate(shown.split('srcdoc="')))
    assert "<script" not in around
    assert "src=" not in around
    assert unescape(around.partition("<dd>")[2].partition("</dd>")[0]).split() == message.subject.split()
