"""Durations, days, times, addresses and ids as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from watcher.config.addresses import base_address, contact, mail_address, recipient_id, web_address
from watcher.config.words import day, duration, duration_words, identifier, slug, time_of_day


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6 h", 21_600), ("90 min", 5_400), ("1 day", 86_400), ("1 jour", 86_400), ("2 semaines", 1_209_600), ("1 h 30 min", 5_400),
     ("6h", 21_600), ("0.5 s", 0.5), ("2 years", 63_072_000), ("18 mois", 46_656_000), (" 6  HEURES ", 21_600)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    """A duration is a number and a unit, in English or French."""
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "h", "6", "-6 h", "6 h et plus", "6,5 h", "999999999 years", "6 hh", True, None, 6, [1]])
def test_no_durations(text: object) -> None:
    """What is no duration is refused, never guessed."""
    with pytest.raises(PydanticCustomError):
        duration(text)


@given(st.integers(1, 10**9))
def test_durations_come_back(milliseconds: int) -> None:
    """A duration written in words is read back the same, to the millisecond."""
    length = timedelta(milliseconds=milliseconds)
    assert duration(duration_words(length)) == length


@pytest.mark.parametrize(
    ("text", "time"), [("07:30", "07:30"), ("7:30", "07:30"), ("7 h 30", "07:30"), ("7h", "07:00"), ("0:00", "00:00")]
)
def test_times(text: str, time: str) -> None:
    """A time of day is hours and minutes, in either fashion."""
    assert time_of_day(text) == time


@pytest.mark.parametrize("text", ["24:00", "7", "07:60", "07:3", "7 pm", "", "07:30:00", "١٢:٣٠ x"])
def test_no_times(text: str) -> None:
    """What is no time of day is refused."""
    with pytest.raises(PydanticCustomError):
        time_of_day(text)


def test_days() -> None:
    """A day has its English name inside, whatever the language and case it was written in."""
    assert [day(word) for word in ("monday", "Lundi", "DIMANCHE")] == ["monday", "monday", "sunday"]


@pytest.mark.parametrize("text", ["Dares", "a_b", "-a", "a-", "a--b", "", "e\u0301", "é", "a" * 65, "a\n"])
def test_ids(text: str) -> None:
    """An id is a to z, 0 to 9 and single hyphens: it is the same in a file name, a log and a column (row Y05)."""
    with pytest.raises(PydanticCustomError):
        identifier(text)


@given(st.text(max_size=200))
def test_slugs_are_ids(text: str) -> None:
    """Whatever a title is made of, the id proposed for it is one."""
    assert identifier(slug(text)) == slug(text)


BAD_MAIL = [
    "marie", "marie@", "@example.org", "marie@observatoire", "a b@example.org", "a@example.org\nBcc: b@example.org",
    "a@exa mple.org", "a,b@example.org", "a@b@example.org", "<a@example.org>", '"a b"@example.org',
    "a@[127.0.0.1]", "é@example.org", "a\u2028@example.org", "a\0@example.org", "a@example.org;b@example.org", "a" * 80 + "@b.fr",
    "a@-example.org",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_MAIL)
def test_bad_mail_addresses(text: str) -> None:
    """A recipient that is no address, or that carries characters of a header, is refused, and not repeated (rows Y10, S01)."""
    with pytest.raises(PydanticCustomError) as caught:
        mail_address(text)
    assert "example.org:" not in str(caught.value)
    assert "marie" not in str(caught.value)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_mail_addresses_never_break_a_header(text: str) -> None:
    """Whatever is accepted is printable ASCII with one `@` and no space: no header can be made of it (row Y10)."""
    try:
        address = mail_address(f"{text}@example.org")
    except PydanticCustomError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert address.count("@") == 1
    assert not set(address) & set(' ,;:<>"()[]\\')


def test_international_addresses() -> None:
    """An international domain becomes its xn-- form; case and form do not make two persons (row Y10)."""
    assert mail_address("Zoe@exämple.fr") == "Zoe@xn--exmple-cua.fr"
    assert recipient_id(mail_address("zoe@EXÄMPLE.fr")) == recipient_id(mail_address("Zoe@xn--exmple-cua.fr"))
    assert mail_address("a@localhost") == "a@localhost"


@pytest.mark.parametrize(
    "text",
    ["example.org/rss", "ftp://example.org", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///x", "http://[::1",
     "https://user:hunter2@example.org/", "https://example.org:99999/", "https://exa mple.org/", "https://example.org/a b",
     "user:hunter2@example.org/x", "//example.org/x", "", "https://example.org\\@evil.org/"],
)  # fmt: skip
def test_bad_web_addresses(text: str) -> None:
    """Only http and https addresses with a host and without a password are taken; a password is not repeated (rows N15, S01)."""
    with pytest.raises(PydanticCustomError) as caught:
        web_address(text)
    assert "hunter2" not in str(caught.value)


def test_other_addresses() -> None:
    """The base of links ends without a slash; a contact is ASCII, for it stands in a header."""
    assert base_address("https://example.org/veille/") == "https://example.org/veille"
    assert contact(" a@example.org ") == "a@example.org"
    with pytest.raises(PydanticCustomError):
        contact("https://exämple.fr/")
