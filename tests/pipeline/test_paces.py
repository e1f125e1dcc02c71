"""Each reader at their own pace: weekly, daily, or at once for what nobody should learn on Monday."""

from dataclasses import replace

import pytest

from tests.pipeline.conftest import Clock, only
from tests.pipeline.readers import person, reading
from watcher import render
from watcher.demo.publisher import Publisher
from watcher.errors import UnknownNameError
from watcher.model import DeliveryState, Figures, Recipient
from watcher.pipeline import held, mail, paces, publish
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.store import editions, outbox

READ = ("fil-des-metiers", "competences-territoires", "cyber-donnees-hebdo", "quotidien-du-val")
WEEKLY = person("hebdo@example.org")
AT_ONCE = replace(person("vite@example.org"), frequency="at_once")
DAILY = replace(person("jour@example.org"), frequency="daily")


def must_reads(desk: Desk) -> list[str]:
    """Return the keys of the entries that the next edition would show as must-reads."""
    edition, _ = publish.preview(desk, "veille")
    return [entry.key for section in edition.sections for entry in section.entries if entry.relevance == 3]


async def test_a_must_read_leaves_at_once_and_is_one_line_on_monday(desk: Desk, clock: Clock) -> None:
    """One mail for one entry, once; the week's edition tells it as already sent, to that reader alone (promise P2)."""
    await poll(only(desk, *READ))
    desk = reading(desk, WEEKLY, AT_ONCE)
    expected = must_reads(desk)
    assert expected
    published, problems = paces.publish_due(desk)
    assert problems == ()
    assert 0 < len(published) <= paces.MOST_A_DAY
    sent = {entry.key for one in published for section in one.edition.sections for entry in section.entries}
    assert all("http" not in one.edition.period.key for one in published)
    assert sent <= set(expected)
    assert [one.edition.number for one in published] == list(range(1, len(published) + 1))
    assert {(one.digest.id, one.edition.frequency) for one in published} == {("veille.at-once", "at_once")}
    assert all(one.edition.figures == Figures() for one in published)
    assert mail.deliver_due(desk).counts == {DeliveryState.SENT: len(published)}
    assert paces.publish_due(desk) == ((), ())

    clock.pass_(days=3)
    await poll(only(desk, *READ), everything=True)
    week = publish.publish(desk, "veille")
    assert week.mails == 2
    assert all(one.digest != week.edition.digest for one in (p.edition for p in published))
    done = _rendered_again(desk, week)
    assert {entry.key for entry in done[AT_ONCE.id].already_sent} == sent
    assert done[WEEKLY.id].already_sent == ()
    assert not {entry.key for section in done[AT_ONCE.id].sections for entry in section.entries} & sent


def _rendered_again(desk: Desk, week: publish.Published) -> dict[str, render.Edition]:
    """Return the editions that were rendered for each reader, as the templates saw them."""
    seen: dict[str, render.Edition] = {}
    plain = render.message

    def watched(edition: render.Edition, recipient: Recipient, *rest: object) -> object:
        seen[recipient.id] = edition
        return plain(edition, recipient, *rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "message", watched)
        had = {
            person.id: held.Before(at_once=desk.store.read(lambda tx, p=person: _at_once(tx, p.id)))
            for person in week.digest.recipients
        }
        had = {ident: replace(before, keys=before.at_once) for ident, before in had.items()}
        held.rendered(week.edition, week.digest.recipients, had, held.templates_of(desk.home), desk.config.settings)
    return seen


def _at_once(tx: object, recipient_id: str) -> frozenset[str]:
    from watcher.store import recipients

    return recipients.mailed_in(tx, "veille.at-once").get(recipient_id, frozenset())  # type: ignore[arg-type]


async def test_no_more_than_five_a_day_interrupt_anybody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the day's share, must-reads wait for the edition: they are in it."""
    await poll(only(desk, *READ))
    desk = reading(desk, WEEKLY, AT_ONCE)
    monkeypatch.setattr(paces, "MOST_A_DAY", 1)
    assert len(paces.publish_due(desk)[0]) == 1
    assert paces.publish_due(desk)[0] == ()


async def test_a_daily_reader_of_a_weekly_digest_has_editions_of_their_own(desk: Desk, clock: Clock) -> None:
    """Numbered by themselves; the week's edition goes to the others; tomorrow repeats nothing (promise P2)."""
    await poll(only(desk, *READ))
    desk = reading(desk, WEEKLY, DAILY)
    published, problems = paces.publish_due(desk)
    assert problems == ()
    (daily,) = published
    assert (daily.digest.id, daily.edition.number, daily.mails) == ("veille.daily", 1, 1)
    assert publish.publish(desk, "veille").mails == 1
    mail.deliver_due(desk)
    clock.pass_(days=1)
    await poll(only(desk, *READ), everything=True)
    (tomorrow,) = paces.publish_due(desk)[0]
    assert tomorrow.edition.number == 2
    first = {e.key for s in daily.edition.sections for e in s.entries}
    assert not first & {e.key for s in tomorrow.edition.sections for e in s.entries}


async def test_who_begins_to_read_daily_is_not_sent_the_archive(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """The first daily edition goes on where the weekly one was, not at the beginning of the archive."""
    await poll(only(desk, *READ))
    publish.publish(reading(desk, WEEKLY), "veille")
    clock.pass_(days=1)
    publisher.publish("assistants-juridiques-reconversion", clock.now)
    await poll(only(desk, *READ), everything=True)
    (daily,) = paces.publish_due(reading(desk, WEEKLY, DAILY))[0]
    assert {e.key.rpartition("/")[2].removesuffix(".html") for s in daily.edition.sections for e in s.entries} == {
        "assistants-juridiques-reconversion"
    }


async def test_identical_subscriptions_are_rendered_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred readers of two kinds: the templates run for each kind, not for each reader; only headers differ."""
    await poll(only(desk, *READ))
    crowd = [person(f"r{n}@example.org") for n in range(200)]
    crowd = [replace(who, themes=("ia-emploi",)) if n % 2 else who for n, who in enumerate(crowd)]
    runs: list[str] = []
    plain = render.Templates.html

    def counted(self: render.Templates, name: str, **values: object) -> str:
        runs.append(name)
        return plain(self, name, **values)

    monkeypatch.setattr(render.Templates, "html", counted)
    crowded = reading(desk, *crowd)
    assert publish.publish(crowded, "veille").mails == 200
    assert len(runs) <= 8
    mails = desk.store.read(lambda tx: outbox.find(tx, limit=300))
    assert len({one.message_id for one in mails}) == 200
    assert [one.recipient_id for one in reversed(mails)] == [who.id for who in crowd]
    assert desk.store.read(lambda tx: editions.mailed(tx, [crowd[0].id]))[crowd[0].id]


async def test_each_reader_is_shown_their_own_pace(desk: Desk) -> None:
    """A daily reader is shown the day's edition, under its own name too; what leaves at once is shown and not frozen."""
    await poll(only(desk, *READ))
    desk = reading(desk, WEEKLY, DAILY, AT_ONCE)
    for name, address in (("veille", DAILY.address), ("veille.daily", None)):
        shown = paces.previewed(desk, name, address=address)
        assert shown
        assert shown.edition.digest == "veille.daily"
    shown = paces.previewed(desk, "veille.at-once")
    assert shown
    assert (shown.edition.frequency, shown.frozen) == ("at_once", False)
    assert desk.store.read(editions.all) == ()
    with pytest.raises(UnknownNameError, match=r"veille\.weekly"):
        paces.previewed(desk, "veille.weekly")


async def test_the_past_is_shown_as_it_was_sent(desk: Desk, clock: Clock) -> None:
    """A preview of a frozen week is the stored mail, byte for byte, until its bytes are forgotten; then it is made anew."""
    await poll(only(desk, *READ))
    week = publish.publish(reading(desk, WEEKLY), "veille").edition.period.key
    (stored,) = desk.store.read(outbox.find)
    page = desk.home.templates / "email" / "edition.html.j2"
    page.write_text(page.read_text("utf-8").replace("</body>", "<!-- changed since --></body>"), "utf-8")
    clock.pass_(days=14)
    shown = publish.previewed(reading(desk, WEEKLY), "veille", week=week, address=WEEKLY.address)
    assert (shown.stored, shown.message.raw) == (True, stored.raw)
    assert shown.message.text
    stranger = publish.previewed(reading(desk, WEEKLY), "veille", week=week, address="autre@example.org")
    assert (stranger.stored, stranger.sent, stranger.frozen) == (False, False, True)
    with pytest.raises(UnknownNameError, match="2026-W10"):
        publish.previewed(reading(desk, WEEKLY), "veille", week="2026-W10")
