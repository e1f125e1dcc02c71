"""The mail that a recipient gets: its bytes, its headers, its size, and what may not be in it.

The whole mails in tests/emails/ are compared byte for byte. After a change of templates that is meant, write them anew with
`WATCHER_GOLDEN=write pytest tests/render` and read the difference.
"""

import os
from binascii import b2a_qp
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emails import sample
from watcher import render, tokens
from watcher.errors import ConfigError
from watcher.model import Edition, Entry, Message, Parliament, Period, Recipient, Section, UnreadSource
from watcher.render import mime

EMAILS = Path(__file__).parents[1] / "emails"
TEMPLATES = render.Templates(sample.files())


def mail(edition: Edition | None = None, recipient: Recipient = sample.RECIPIENT) -> Message:
    return render.message(edition or sample.full(), recipient, TEMPLATES, sample.SETTINGS)


def read(message: Message) -> EmailMessage:
    parsed = message_from_bytes(message.raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def with_entry(**changed: object) -> Edition:
    """Return an edition of one entry, with what the test changes in it."""
    entry = replace(sample.full().sections[0].entries[0], **changed)  # type: ignore[arg-type]
    section = Section(theme="ia", label="IA", colour="#5B21B6", entries=(entry,))
    return replace(sample.full(), sections=(section,), unread=())


class Links(HTMLParser):
    """Collects tags and addresses of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]


@pytest.mark.parametrize("name", ["full", "second", "empty", "at_once"])
def test_the_whole_mail_is_the_golden_one(name: str) -> None:
    """HTML, text and bytes are those that were looked at and found good."""
    message = mail(getattr(sample, name)())
    parts = {"html": message.html.encode(), "txt": message.text.encode(), "eml": message.raw}
    for suffix, content in parts.items():
        golden = EMAILS / f"{name}.{suffix}"
        if os.environ.get("WATCHER_GOLDEN") == "write":
            golden.write_bytes(content)
        assert content == golden.read_bytes(), f"{golden} differs"


def test_the_same_edition_gives_the_same_bytes() -> None:
    """A mail rendered again, by another process, is the same mail: Date, boundary and Message-ID come from the edition."""
    again = render.message(sample.full(), sample.RECIPIENT, render.Templates(sample.files()), sample.SETTINGS)
    assert mail().raw == again.raw


def test_the_headers_say_who_when_and_how_to_leave() -> None:
    """From, To, Reply-To, Date in the configured zone, List-Id, List-Unsubscribe, Auto-Submitted, and nothing else."""
    message = read(mail())
    assert {name.lower() for name in message} == mime.ALLOWED - {"list-unsubscribe-post"}
    assert str(message["From"]) == "Veille emploi & compétences <veille@observatoire.example>"
    assert str(message["To"]) == "Claire Lemoine <c.lemoine@observatoire.example>"
    assert str(message["Reply-To"]) == "redaction@observatoire.example"
    assert parsedate_to_datetime(str(message["Date"])).isoformat() == "2026-11-23T07:30:00+01:00"
    assert str(message["List-Id"]) == "<veille.observatoire.example>"
    assert str(message["Auto-Submitted"]) == "auto-generated"
    token = tokens.unsubscribe("", "veille", "r-7f3a")
    way = f"\r\nList-Unsubscribe: <mailto:veille@observatoire.example?subject=unsubscribe%20{token}>\r\n"
    assert way.encode() in mail().raw


def test_the_subject_is_made_of_our_own_words_and_figures() -> None:
    """Title of the digest, number, period, count: never a word that was fetched (row E06)."""
    assert str(read(mail())["Subject"]) == (
        "Veille emploi, compétences et technologies n°\u00a012 — semaine du 16 au 22\u00a0novembre 2026\u00a0: "
        "18\u00a0articles, 6\u00a0questions"
    )
    assert "rien de nouveau" in mail(sample.empty()).subject


def test_what_is_sent_at_once_is_called_by_what_it_is() -> None:
    """Its subject and heading say why it comes now and when; it is neither a day's edition nor a numbered one."""
    message = mail(sample.at_once())
    assert message.subject == (
        "Veille emploi, compétences et technologies\u202f: à lire sans attendre — 1\u00a0article, "
        "mercredi 18\u00a0novembre 2026 à 8\u00a0h\u00a012"
    )
    for part in (message.text, unescape(message.html)):
        assert "À lire sans attendre" in part
        assert "votre prochaine lettre" in " ".join(part.split()).replace("\u00a0", " ")
        for word in ("L’essentiel", "journée en chiffres", "semaine en chiffres", "n°", "arrêtée"):
            assert word not in part
    daily = mail(replace(sample.full(), frequency="daily", period=replace(sample.PERIOD, key="2026-11-16")))
    assert "La journée en chiffres" in daily.text


def test_each_recipient_has_a_message_id_and_a_way_out_of_their_own() -> None:
    """The body is shared by equal subscriptions; what identifies the reader is not."""
    other = Recipient(id="r-99", address="b@observatoire.example")
    one, two = mail(), mail(recipient=other)
    assert one.message_id != two.message_id
    assert "r-99" not in one.raw.decode()
    assert "r-7f3a" not in two.raw.decode()
    mine, theirs = (tokens.unsubscribe("", "veille", ident) for ident in ("r-7f3a", "r-99"))
    assert two.html.count(f"unsubscribe%20{theirs}") == 1
    assert one.html.replace(mine, theirs) == two.html


def test_both_parts_are_complete_and_in_french() -> None:
    """Text first, HTML last (RFC 2046, 5.1.4): both name every entry (row E10)."""
    message = read(mail())
    text_part, html_part = list(message.iter_parts())
    assert (text_part.get_content_type(), html_part.get_content_type()) == ("text/plain", "text/html")
    text = " ".join(mail().text.split())
    for section in sample.full().sections:
        for entry in section.entries:
            assert entry.url in text
            assert entry.url.replace("&", "&amp;") in mail().html
            assert entry.publisher in text
    assert '<html lang="fr"' in mail().html


def test_lines_are_short_and_seven_bit() -> None:
    """Quoted-printable lines of 76 at most; the text itself is folded at 76 columns but for addresses (row E07)."""
    raw = mail().raw
    assert raw.isascii()
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 76 or "http" in line or "mailto:" in line for line in mail().text.splitlines())


INJECTIONS = [
    "=?utf-8?q?x=0ABcc:z@z.z?=",
    "=?utf-8?q?x=0D=0ABcc:z@z.z?= =?utf-8?q?y?=",
    "a\r\nBcc: z@z.z",
    "a\nBcc: z@z.z",
    "a\u2028Bcc: z@z.z",
    "a\x00b\x85Bcc: z@z.z",
    '"><script>alert(1)</script>',
    "\u202eelcitra",
    "<img src=https://z.z/p.gif>",
    "</style><style>@import url(//z.z)",
    "{{ 7*7 }}{% raw %}",
    "«“”»;: !?",
]


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_no_title_source_or_name_adds_a_header_or_a_tag(hostile: str) -> None:
    """Whatever a feed, a source or a person is called: the headers on the list, the tags of the template (rows E06, E17, W12)."""
    entry = sample.full().sections[0].entries[0]
    edition = replace(
        with_entry(
            title=hostile, publisher=hostile, excerpts=(hostile,), seed_title=hostile, also_in=((hostile, "https://x.example/"),)
        ),
        title=hostile,
        unread=(UnreadSource(id="u", name=hostile, reason=hostile, since=None),),
    )
    recipient = Recipient(id=hostile, address="c@observatoire.example", name=hostile)
    message = mail(edition, recipient)
    parsed = message_from_bytes(message.raw, policy=policy.compat32)
    assert sorted(name.lower() for name in parsed) == sorted(mime.ALLOWED - {"list-unsubscribe-post"})
    assert read(message)["To"].addresses[0].addr_spec == "c@observatoire.example"
    tags = Links(mail(with_entry(also_in=entry.also_in[:1])).html).tags
    assert set(Links(message.html).tags) <= {*tags, "b"}
    assert not any(sign in message.text + message.html for sign in "\x00\x85\u2028\u202e")
    assert "49" not in message.subject


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        " https://x.example/",
        'https://x.example/" onclick="x',
        "vbscript:x",
        "//x.example/",
        "",
    ],
)
def test_an_address_that_is_not_of_the_web_is_shown_not_linked(url: str) -> None:
    """http, https and mailto make links; anything else is text (row W08)."""
    message = mail(with_entry(url=url, also_in=(("Ailleurs", url),)))
    addresses = Links(message.html).addresses
    assert all(address.startswith(("https://", "mailto:")) for address in addresses)
    assert "Ailleurs" in message.html


def test_nothing_is_fetched_when_the_mail_is_opened() -> None:
    """No picture, form, script, font or pixel: the only addresses are links (rows E17, S04)."""
    links = Links(mail().html)
    structure = {"html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "th"}
    assert set(links.tags) <= structure | {"p", "h1", "h2", "h3", "h4", "a", "span", "b", "br"}
    assert "url(" not in mail().html
    assert links.addresses
    assert all(address.startswith(("https://", "mailto:")) for address in links.addresses)


def test_styles_are_in_the_elements_and_dark_mode_stays_in_the_sheet() -> None:
    """Mail programs that drop style sheets keep the look; those that read them get the dark and the narrow one."""
    html = mail().html
    assert 'class="title" style="' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 520px)" in html


@pytest.mark.parametrize("count", [40, 5000])
def test_a_mail_is_never_clipped(count: int) -> None:
    """Under 100 kB whatever the number of entries: the least relevant are left out, and counted (row E10)."""
    first = sample.full().sections[0].entries[0]
    many = tuple(replace(first, key=f"k{n}", score=1 - n / 10_000) for n in range(count))
    section = replace(sample.full().sections[0], entries=many, more=0)
    message = mail(replace(sample.full(), sections=(section,), parliament=Parliament()))
    assert len(message.html.encode()) <= render.MAX_HTML
    shown = message.text.count("\n* ")
    assert 20 < shown < count or count == 40
    if shown < count:
        left = f"{count - shown:,}".replace(",", "\u202f")
        assert f"… et {left}\u00a0autres articles sur ce thème." in message.text
        assert message.html.count("<h3") == shown


def test_an_empty_week_says_so_and_why() -> None:
    """Nothing published, nothing relevant, nothing readable: three honest lines (row E10)."""
    empty = sample.empty()
    assert "aucun de ces textes n’apporte de nouveau" in " ".join(mail(empty).text.split())
    assert "n’ont rien publié" in " ".join(mail(replace(empty, read=0)).text.split())
    assert "Aucune source n’a pu être lue" in mail(replace(empty, sources_read=0)).html


@pytest.mark.parametrize(
    ("start", "end", "wording"),
    [
        ((2026, 11, 16), (2026, 11, 23), "semaine du 16 au 22\u00a0novembre 2026"),
        ((2026, 6, 1), (2026, 6, 8), "semaine du 1er au 7\u00a0juin 2026"),
        ((2026, 9, 28), (2026, 10, 5), "semaine du 28\u00a0septembre au 4\u00a0octobre 2026"),
        ((2026, 12, 28), (2027, 1, 4), "semaine du 28\u00a0décembre 2026 au 3\u00a0janvier 2027"),
        ((2026, 11, 16), (2026, 11, 17), "lundi 16\u00a0novembre 2026"),
    ],
)
def test_the_period_is_said_in_french(start: tuple[int, int, int], end: tuple[int, int, int], wording: str) -> None:
    """Months and years are said once where once is enough; the first of a month is "1er"; the last day is inside."""
    hours = timedelta(hours=2 if 3 < start[1] < 10 else 1)
    period = Period(key="k", start=datetime(*start, tzinfo=UTC) - hours, end=datetime(*end, tzinfo=UTC) - hours)
    assert wording in mail(replace(sample.full(), period=period)).subject


@pytest.mark.parametrize(
    ("reason", "wording"),
    [
        ("http_503", "son serveur est en panne"),
        ("http_418", "son serveur a répondu par l’erreur\u00a0418"),
        ("robots", "demande à ne pas être lu"),
        ("never heard of", "elle n’a pas pu être lue"),
        ("", "elle n’a pas pu être lue"),
    ],
)
def test_reasons_are_said_in_french_whatever_the_code(reason: str, wording: str) -> None:
    """A code of the program never reaches a reader; one that nobody worded has a wording too."""
    edition = replace(sample.empty(), unread=(UnreadSource(id="s", name="Revue", reason=reason, since=None),))
    assert wording in unescape(mail(edition).html)
    assert wording in mail(edition).text.replace("\n  ", " ")


def test_french_typography_is_kept() -> None:
    """Narrow no-break spaces before high signs and inside guillemets; English is left as it is."""
    edition = with_entry(title="IA : « fini » le code ?", excerpts=("Oui ! Il a dit « non ».",))
    assert "IA\u202f: «\u202ffini\u202f» le code\u202f?" in mail(edition).html
    assert "«\u202fOui\u202f! Il a dit “non”.\u202f»" in mail(edition).html
    assert "AI: what now ?" in mail(with_entry(title="AI: what now ?", language="en")).html


def test_dates_are_those_of_the_readers_clock() -> None:
    """23:30 in London on the 15th is the 16th in Paris."""
    entry = with_entry(published_at=datetime(2026, 11, 15, 23, 30, tzinfo=UTC))
    assert "16\u00a0novembre 2026" in mail(entry).text
    assert "16\u00a0novembre 2026" not in mail(with_entry(published_at=None)).text


@pytest.mark.parametrize(
    ("score", "wording"),
    [(0.94, "thème sûr à 94 % (seuil : 29 %)"), (0.1, "thème le plus proche, mais incertain (10 % pour un seuil de 29 %)")],
)
def test_a_theme_below_its_threshold_is_not_called_sure(score: float, wording: str) -> None:
    """What is relevant stands under its nearest theme, and says that this theme is only the nearest."""
    text = " ".join(mail(with_entry(theme_score=score, threshold=0.29)).text.replace("\u202f", " ").split())
    assert wording in text


def test_articles_later_than_the_week_are_announced() -> None:
    """The week names the edition; what was published after it, until the cut-off, is announced beside the cut-off."""
    assert "parus jusqu" not in mail(with_entry(published_at=sample.PERIOD.end - timedelta(hours=1))).text
    end = sample.PERIOD.end
    later = mail(replace(with_entry(published_at=end + timedelta(hours=1)), cutoff=end + timedelta(days=1)))
    assert "Articles parus jusqu’au 23\u00a0novembre 2026\nÉdition arrêtée" in later.text
    assert "Articles parus jusqu’au 23\u00a0novembre 2026\u202f; édition arrêtée" in unescape(later.html)


def test_a_reader_of_one_theme_sees_its_bar() -> None:
    """The week in figures has a figure, were there one theme only."""
    one = mail(with_entry())
    assert "en chiffres" in one.text
    assert "█" in one.text
    assert 'aria-label="Articles par thème"' in one.html


def test_the_text_part_is_not_full_of_holes() -> None:
    """One blank line at most between blocks; a long address is shown without the passage that browsers scroll to."""
    url = "https://www.senat.example/questions/90302.html"
    passage = "#:~:text=" + "Les%20centres%20" * 6
    long = mail(with_entry(url=url + passage))
    assert "\n\n\n" not in long.text
    assert f"  {url}\n" in long.text
    assert passage in long.html
    assert f"{url}#:~:text=Les" in mail(with_entry(url=f"{url}#:~:text=Les")).text


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(title=texts, publisher=texts, excerpt=texts, url=texts, name=texts)
def test_any_text_gives_a_readable_mail(title: str, publisher: str, excerpt: str, url: str, name: str) -> None:
    """Every combination of characters renders, keeps the headers, and comes back as it went in (rows E06, E07)."""
    entry: Entry = replace(
        sample.full().sections[0].entries[0],
        title=title,
        publisher=publisher,
        excerpts=(excerpt,),
        url=url,
        also_in=((publisher, url),),
    )
    section = Section(theme="ia", label=title, colour="#5B21B6", entries=(entry,))
    recipient = Recipient(id="r", address="c@observatoire.example", name=name)
    message = mail(replace(sample.full(), sections=(section,), title=title), recipient)
    parsed = read(message)
    assert {header.lower() for header in parsed} <= mime.ALLOWED
    text_part, html_part = list(parsed.iter_parts())
    assert text_part.get_content().replace("\r\n", "\n") == message.text
    assert html_part.get_content().replace("\r\n", "\n") == message.html.removesuffix("\n") + "\n"


def test_an_address_that_cannot_stand_in_a_header_is_refused() -> None:
    """A sender that is no address stops the mail with a message for the administrator (row Y10)."""
    broken = replace(sample.SETTINGS, mail=replace(sample.SETTINGS.mail, sender="veille@obs.example\r\nBcc: z@z.z"))
    with pytest.raises(ConfigError):
        render.message(sample.full(), sample.RECIPIENT, render.Templates(sample.files()), broken)


def test_an_accented_address_is_served_without_naming_it() -> None:
    """A local part that 7-bit headers cannot hold stays in the envelope; an accented domain is written in ASCII (row E07)."""
    accented = read(mail(recipient=Recipient(id="r", address="hélène@obs.example", name="Hélène")))
    assert str(accented["To"]) == "undisclosed-recipients:;"
    domain = read(mail(recipient=Recipient(id="r", address="h@étude.example")))
    assert str(domain["To"]) == "h@xn--tude-9oa.example"


@pytest.mark.parametrize(
    ("cutoff", "wording"),
    [
        (datetime(2026, 11, 16, 6, 30, tzinfo=UTC), "Édition arrêtée le lundi 16\u00a0novembre 2026 à 7\u00a0h\u00a030"),
        (datetime(2026, 6, 1, 6, 0, tzinfo=UTC), "Édition arrêtée le lundi 1er\u00a0juin 2026 à 8\u00a0h"),
        (datetime(2026, 12, 31, 23, 5, tzinfo=UTC), "Édition arrêtée le vendredi 1er\u00a0janvier 2027 à 0\u00a0h\u00a005"),
    ],
)
def test_the_heading_says_until_when_the_edition_goes(cutoff: datetime, wording: str) -> None:
    """A week's edition also carries what was recorded until its cut-off: both parts say so, on the readers' clock."""
    message = mail(replace(sample.full(), cutoff=cutoff))
    assert wording in message.text.split("L’essentiel")[0]
    assert wording in unescape(message.html).split("L’essentiel</h2>")[0]
    assert wording not in message.subject


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=120), max_size=120))
def test_the_encoding_is_that_of_the_whole(lines: list[str]) -> None:
    """Encoded piece by piece, a text gives the bytes that it gives in one go, whatever its lines hold."""
    content = "".join(f"{line}\n" for line in lines) or "\n"
    assert mime.quoted_printable(content) == b2a_qp(content.encode("utf-8"), istext=True)
