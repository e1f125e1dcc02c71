"""A mistake in a template holds the mails it concerns, and nobody else's; what was not shown is not noted as mailed."""

import re
from dataclasses import replace

from tests.pipeline.conftest import Clock, only
from watcher import render
from watcher.model import DeliveryState, Recipient
from watcher.pipeline import mail, publish
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.pipeline.status import status
from watcher.store import editions, outbox

READ = ("fil-des-metiers", "competences-territoires", "cyber-donnees-hebdo", "quotidien-du-val")
EVERYTHING = Recipient(id="r-all", address="tout@example.org")
# Readers of one theme, whose editions are shorter.
ONE_THEME = Recipient(id="r-one", address="un@example.org", themes=("ia-emploi",))
GONE = Recipient(id="r-gone", address="parti@example.org", themes=("ia-emploi",))


def crowd(desk: Desk, *people: Recipient) -> Desk:
    """Return `desk` with its digest mailed to `people`."""
    digest = replace(desk.config.digests[0], recipients=people)
    return replace(desk, config=replace(desk.config, digests=(digest,)))


def break_for_one_theme(desk: Desk) -> int:
    """Write a mistake that only the edition of ONE_THEME meets, and return its line."""
    own, _ = publish.preview(crowd(desk, ONE_THEME), "veille")
    entries = sum(len(section.entries) + section.more for section in own.sections)
    page = desk.home.templates / "email" / "edition.html.j2"
    text = page.read_text("utf-8")
    page.write_text(text.replace("</head>", f"{{{{ 1 // (total - {entries}) }}}}</head>"), "utf-8")
    return text[: text.index("</head>")].count("\n") + 1


def mend(desk: Desk) -> None:
    """Take the mistake away."""
    page = desk.home.templates / "email" / "edition.html.j2"
    page.write_text(re.sub(r"{{ 1 // .*? }}", "", page.read_text("utf-8")), "utf-8")


async def test_a_template_error_holds_only_the_mails_it_concerns(desk: Desk, clock: Clock) -> None:
    """The edition is frozen and the others receive theirs; the held mail leaves once the template is mended (row E13)."""
    await poll(only(desk, *READ))
    two = crowd(desk, EVERYTHING, ONE_THEME)
    line = break_for_one_theme(desk)
    first = publish.publish(two, "veille")
    assert first.created
    assert first.mails == 1
    ((recipient, problem),) = first.held
    assert recipient == "r-one"
    assert problem.startswith(f"{desk.home.templates}/email/edition.html.j2:{line}: ")
    assert mail.deliver_due(two).counts == {DeliveryState.SENT: 1}
    assert two.store.read(lambda tx: editions.mailed(tx, ["r-one"])) == {"r-one": frozenset()}

    clock.pass_(hours=1)
    still = publish.publish(two, "veille")
    assert (still.created, still.mails, [who for who, _ in still.held]) == (False, 0, ["r-one"])

    mend(desk)
    clock.pass_(hours=1)
    mended = publish.publish(two, "veille")
    assert (mended.created, mended.mails, mended.held) == (False, 1, ())
    assert mended.edition == first.edition
    assert mail.deliver_due(two).counts == {DeliveryState.SENT: 1}
    assert mail.deliver_due(two).counts == {}
    assert publish.publish(two, "veille").mails == 0
    mailed = two.store.read(lambda tx: editions.mailed(tx, ["r-one"]))["r-one"]
    assert mailed
    assert mailed < {entry.key for section in first.edition.sections for entry in section.entries}


async def test_a_held_mail_is_that_of_the_edition_that_was_frozen(desk: Desk, clock: Clock) -> None:
    """A week later it is still last week's edition that leaves, before the new one, under last week's number."""
    await poll(only(desk, *READ))
    one = crowd(desk, ONE_THEME)
    break_for_one_theme(desk)
    first = publish.publish(one, "veille")
    assert (first.created, first.mails, len(first.held)) == (True, 0, 1)
    mend(desk)
    clock.pass_(days=7)
    await poll(only(one, *READ), everything=True)
    second = publish.publish(one, "veille")
    assert (second.created, second.mails) == (True, 2)
    due = one.store.read(lambda tx: outbox.due(tx, clock.now, 10))
    assert [delivery.edition_id for delivery in due] == [1, 2]
    assert due[0].message_id != due[1].message_id


async def test_who_left_meanwhile_is_not_written_to(desk: Desk) -> None:
    """A recipient taken off the digest while their mail was held receives nothing (row E11)."""
    await poll(only(desk, *READ))
    break_for_one_theme(desk)
    publish.publish(crowd(desk, EVERYTHING, GONE), "veille")
    mend(desk)
    later = publish.publish(crowd(desk, EVERYTHING), "veille")
    assert (later.mails, later.held) == (0, ())
    assert [d.recipient_id for d in desk.store.read(lambda tx: outbox.due(tx, desk.now(), 10))] == ["r-all"]


async def test_status_tells_held_mails_from_refused_ones(desk: Desk) -> None:
    """A mail that waits for a mended template is `held`, not `refused` by anybody."""
    await poll(only(desk, *READ))
    two = crowd(desk, EVERYTHING, ONE_THEME)
    break_for_one_theme(desk)
    publish.publish(two, "veille")
    assert status(two).outbox == {"queued": 1, "held": 1}


async def test_what_a_mail_had_no_room_for_is_not_noted_as_mailed(desk: Desk) -> None:
    """Only the entries that are in the mail count as mailed: one left out for its size may come back (row E10)."""
    await poll(only(desk, *READ))
    wide = crowd(desk, EVERYTHING)
    page = desk.home.templates / "email" / "parts.html.j2"
    heavy = '<td class="entry" title="' + "x" * 30_000 + '"'
    page.write_text(page.read_text("utf-8").replace('<td class="entry', heavy, 1), "utf-8")
    published = publish.publish(wide, "veille")
    entries = [entry for section in published.edition.sections for entry in section.entries]
    noted = wide.store.read(lambda tx: editions.mailed(tx, ["r-all"]))["r-all"]
    assert 0 < len(noted) < len(entries)
    _, message = publish.preview(wide, "veille")
    assert message.html.count("<h3") == len(noted)
    assert len(message.html.encode()) <= render.MAX_HTML
