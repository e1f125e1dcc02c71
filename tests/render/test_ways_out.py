"""How a reader, or their mail program, leaves: List-Unsubscribe, one click, and the link at the end of the mail."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from tests.emails import sample
from watcher import render, tokens
from watcher.model import Message, Settings

TEMPLATES = render.Templates(sample.files())
KEY = "k" * 64


def mail(**changed: object) -> Message:
    settings = replace(sample.SETTINGS, **changed)  # pyright: ignore[reportArgumentType]
    settings = replace(
        settings, mail=replace(settings.mail, key=KEY, **({"inbound": INBOUND} if "web_base_url" in changed else {}))
    )
    return render.message(sample.full(), replace(sample.RECIPIENT, id="0123456789abcdef"), TEMPLATES, settings)


INBOUND = "veille-retours@observatoire.example"


@pytest.mark.parametrize("length", [0, 90, 250, 400])
def test_the_ways_out_are_plain_ascii_whatever_their_length(length: int) -> None:
    """Long addresses stay on one line, unencoded, or one click means nothing (row E08)."""
    base = "https://veille.example/" + "/".join(["x" * 48] * (length // 50)) if length else "https://veille.example"
    raw = mail(web_base_url=base.rstrip("/")).raw
    token = tokens.unsubscribe(KEY, "veille", "0123456789abcdef")
    (line,) = [one for one in raw.split(b"\r\n") if one.startswith(b"List-Unsubscribe:")]
    page, letter = (part.strip(" <>") for part in line.decode("ascii").partition(":")[2].split(","))
    assert page == f"{base.rstrip('/')}/unsubscribe/{token}"
    assert letter == f"mailto:veille-retours+u{token}@observatoire.example?subject=unsubscribe%20{token}"
    assert len(line) <= 998
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert tokens.unsubscribes(KEY, token, ["autre", "veille"]) == ("veille", "0123456789abcdef")


@pytest.mark.parametrize("base", [None, "http://veille.example"])
def test_one_click_is_offered_over_https_only(base: str | None) -> None:
    """Without a page, or with one in clear, the way out is by mail, and no program is told to post anywhere (row E08)."""
    message = mail(web_base_url=base)
    assert b"List-Unsubscribe-Post" not in message.raw
    assert b"List-Unsubscribe: <mailto:" in message.raw
    assert "veille.example/unsubscribe" not in message.html


def test_the_list_is_the_same_at_every_pace() -> None:
    """A daily edition of a weekly digest has its List-Id, so that a reader's filter holds, and leads out of the same digest."""
    settings = replace(sample.SETTINGS, mail=replace(sample.SETTINGS.mail, key=KEY))
    daily = render.message(replace(sample.full(), digest="veille.daily"), sample.RECIPIENT, TEMPLATES, settings)
    weekly = render.message(sample.full(), sample.RECIPIENT, TEMPLATES, settings)
    one, two = (message_from_bytes(each.raw, policy=policy.default) for each in (daily, weekly))
    assert one["List-Id"] == two["List-Id"]
    assert one["List-Unsubscribe"] == two["List-Unsubscribe"]
    assert one["Message-ID"] != two["Message-ID"]


def test_the_key_is_in_no_mail() -> None:
    """A mail holds the proof, never the key (promise P12)."""
    assert KEY.encode() not in mail().raw
    assert KEY not in repr(Settings(mail=replace(sample.SETTINGS.mail, key=KEY)))
