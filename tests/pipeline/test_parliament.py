"""Parliament through the whole pipeline: from the data sets to the edition that tells the reader."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.fetch.servers import Server, reply
from tests.pipeline import killers
from tests.pipeline.conftest import Clock, Open, only
from watcher.config import Home
from watcher.demo.parliament import archives, assemblee
from watcher.demo.publisher import Publisher
from watcher.errors import ParseError
from watcher.model import Chamber, EventKind, PollReport, PollStatus, QuestionStatus
from watcher.pipeline import publish, reading
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.pipeline.preview import preview
from watcher.pipeline.status import status
from watcher.store import documents, questions, sources
from watcher.store.questions import Filter

PAGE = Path(__file__).parents[1] / "sources/senat_questions/pages/qSEQ241000719_reponse_tardive.html"
SEED = "question:senat:17:QE:719"
HEADER = (
    "Sort;Nature;Numéro;Référence;Titre;Nom;Prénom;Civilité;Circonscription;Groupe;Type Appartenance;Date de publication JO;"
    "Ministère de dépôt;Ministère de réponse;Date de réponse JO;Thème(s);URL Question"
)
DEPOT = "Secrétariat d'État chargé de l'intelligence artificielle et du numérique"
TITLE = "Place des métiers du numérique face à l'intelligence artificielle"
YAML = """\
settings:
  contact: veille@example.org
  gap: 0 s
  allow_private: [127.0.0.0/8]
sources:
  - {{id: senat, kind: senat_questions, name: Sénat, url: '{url}'}}
digests:
  - {{id: veille, title: Veille, day: monday, time: "07:30", recipients: [lecture@example.org]}}
# end of sources.yaml
"""


@pytest.fixture
async def senat(home: Path) -> AsyncIterator[Server]:
    """Serve the list of the Sénat and the page of question n° 719, and have the home read them."""
    server = Server()
    await server.start()
    (home / "sources.yaml").write_text(YAML.format(url=server.url("/data/questions.csv")), "utf-8")
    yield server
    await server.stop()


def show(server: Server, *, answered: bool) -> None:
    """Publish the list and the page as they are before the answer, or after it."""
    page = f"{server.origin}/questions/base/2024/qSEQ241000719.html"
    state = (
        f"Réponse du Ministère;QE;719;;{TITLE};Pluchet;Kristina;Mme;Eure;Les Républicains;;2024-10-03;{DEPOT};"
        f"Ministère du travail;2025-07-17;;{page}"
        if answered
        else f"En cours;QE;719;;{TITLE};Pluchet;Kristina;Mme;Eure;Les Républicains;;2024-10-03;{DEPOT};;;;{page}"
    )
    html = PAGE.read_text("utf-8")
    if not answered:
        start = html.index("<section>\n<p>Transmise")
        html = html[:start] + html[html.index("</section>", start) + len("</section>") :]
    server.routes["/data/questions.csv"] = reply(200, f"{HEADER}\n{state}\n".encode("cp1252"), {"Content-Type": "text/csv"})
    server.routes["/questions/base/2024/qSEQ241000719.html"] = reply(200, html.encode(), {"Content-Type": "text/html"})
    server.routes["/robots.txt"] = reply(404)


async def test_a_late_answer_reaches_the_reader_of_the_week_in_which_it_was_read(
    senat: Server, open_desk: Open, clock: Clock
) -> None:
    """Asked on 3 October 2024, answered 287 days later on the same address: exactly its events, and an entry that week."""
    clock.now = datetime(2024, 10, 4, 9, 0, tzinfo=UTC)
    show(senat, answered=False)
    with open_desk() as desk:
        await poll(desk, everything=True)
        first = await asyncio.to_thread(publish.publish, desk, "veille")
        assert [e.event for e in first.edition.parliament.entries] == [EventKind.ASKED]
        clock.now = datetime(2025, 7, 18, 9, 0, tzinfo=UTC)
        show(senat, answered=True)
        (report,) = await poll(desk, everything=True)
        assert (report.revised, report.failed) == (1, {})
        clock.now = datetime(2025, 7, 21, 6, 0, tzinfo=UTC)
        late = await asyncio.to_thread(publish.publish, desk, "veille")
        told = desk.store.read(lambda tx: questions.events_of(tx, SEED))
    assert late.edition.period.key == "2025-W29"
    (entry,) = late.edition.parliament.entries
    assert (entry.event, entry.days, entry.page, entry.on) == (EventKind.ANSWERED, 287, "4196", date(2025, 7, 17))
    assert entry.answered
    assert not late.edition.sections
    assert {(e.kind, e.on, e.page) for e in told} == {
        (EventKind.ASKED, date(2024, 10, 3), "3506"),
        (EventKind.TRANSFERRED, None, None),
        (EventKind.ANSWERED, date(2025, 7, 17), "4196"),
    }


async def test_nothing_is_told_twice(senat: Server, open_desk: Open, clock: Clock) -> None:
    """The same list and page, read again every day, bring no event and no entry to the next edition (promise P3)."""
    clock.now = datetime(2025, 7, 18, 9, 0, tzinfo=UTC)
    show(senat, answered=True)
    with open_desk() as desk:
        await poll(desk, everything=True)
        assert (await asyncio.to_thread(publish.publish, desk, "veille")).edition.parliament.entries
        clock.pass_(days=7)
        (report,) = await poll(desk, everything=True)
        assert report.status is PollStatus.NOT_MODIFIED or report.known == 1
        assert not (await asyncio.to_thread(publish.publish, desk, "veille")).edition.parliament.entries


async def test_an_answer_between_two_polls_of_both_chambers(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """A question that was open and is answered is one revision, one event, one entry, with its key passages."""
    chambers = only(desk, "senat-questions", "assemblee-questions")
    await poll(chambers, everything=True)
    before = desk.store.read(lambda tx: questions.find(tx, Filter(status=QuestionStatus.ANSWERED), 100)).total
    await asyncio.to_thread(publish.publish, chambers, "veille")
    for outlet in ("senat-questions", "assemblee-questions"):
        publisher.chamber(outlet).next_issue()
    clock.pass_(days=1)
    reports = {report.source: report for report in await poll(chambers, everything=True)}
    assert {name: report.revised for name, report in reports.items()} == {"senat-questions": 1, "assemblee-questions": 1}
    assert desk.store.read(lambda tx: questions.find(tx, Filter(status=QuestionStatus.ANSWERED), 100)).total == before + 2
    clock.pass_(days=5)
    edition = (await asyncio.to_thread(publish.publish, chambers, "veille")).edition
    assert {question.chamber for entry in edition.parliament.answers for question in entry.questions} == set(Chamber)
    assert all(entry.answered for entry in edition.parliament.answers)


async def test_many_questions_are_one_entry(desk: Desk) -> None:
    """Three questions under one answer are one entry that lists them."""
    await poll(only(desk, "senat-questions"), everything=True)
    edition = (await asyncio.to_thread(publish.publish, desk, "veille")).edition
    assert [len(entry.questions) for entry in edition.parliament.answers if len(entry.questions) > 1] == [3]


async def test_who_has_the_floor_is_no_part_of_an_answer(desk: Desk) -> None:
    """A question of the sitting quotes what was said, not how the record names its speakers."""
    await poll(only(desk, "senat-questions"), everything=True)
    edition = (await asyncio.to_thread(publish.publish, desk, "veille")).edition
    (entry,) = (one for one in edition.parliament.answers if one.title.startswith("Intelligence artificielle et premier emploi"))
    assert entry.answered
    assert not any("ministre du travail" in passage or "parole" in passage for passage in (*entry.asked, *entry.answered))
    assert entry.asked[0].startswith("Monsieur le ministre, dans les cabinets de conseil")


async def test_a_ministers_title_is_no_subject(desk: Desk) -> None:
    """Rural post offices, put to the minister for artificial intelligence, concern nobody here."""
    await poll(only(desk, "senat-questions"), everything=True)
    (found,) = desk.store.read(lambda tx: questions.find(tx, Filter(words="bureaux de poste"), 10)).questions
    assert "intelligence artificielle" in found.ministry
    held = desk.store.read(lambda tx: documents.get(tx, found.key))
    assert held is not None
    assert held.verdict.relevance == 0


async def test_a_half_published_data_set_is_an_alarm(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """A list or an archive that lost most of its questions changes nothing and says so (rows F08, F16)."""
    chambers = only(desk, "senat-questions", "assemblee-questions")
    await poll(chambers, everything=True)
    held = desk.store.read(lambda tx: questions.find(tx, Filter(), 100)).total
    for outlet in ("senat-questions", "assemblee-questions"):
        publisher.chamber(outlet).shrink(3)
    clock.pass_(days=1)
    reports = await poll(chambers, everything=True)
    assert {report.reason for report in reports} == {"shrunken"}
    assert desk.store.read(lambda tx: questions.find(tx, Filter(), 100)).total == held


async def test_what_is_set_aside_is_named_and_an_alarm(desk: Desk) -> None:
    """One broken record costs itself; where it is more than one in a hundred, the report says which (row F13)."""
    (report,) = await poll(only(desk, "assemblee-questions"), everything=True)
    assert report.status is PollStatus.READ
    assert report.rejected == {"broken_json": 1}
    assert report.error is not None
    assert "1 of 18 records were set aside" in report.error
    assert ".json (broken_json)" in report.error
    assert report.fetched == report.new + report.backfill + 1


async def test_what_was_set_aside_is_read_again_each_night(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """A broken record is told as long as it is broken; it never becomes one of those that are known (row F13)."""
    chamber = only(desk, "assemblee-questions")
    await poll(chamber, everything=True)
    publisher.chamber("assemblee-questions").next_issue()
    clock.pass_(days=1)
    (report,) = await poll(chamber, everything=True)
    assert (report.revised, report.known, report.rejected) == (1, 16, {"broken_json": 1})


async def test_a_busy_week_is_no_bulk_import(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """An archive is as large as what it lists, not as what changed last night: its next questions are not held (row F09)."""
    chamber = only(desk, "assemblee-questions")
    await poll(chamber, everything=True)
    states = desk.store.read(sources.states)
    assert states["assemblee-questions"].usual_items == 18


async def test_an_archive_costs_one_request_when_nothing_changed(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """The second night is one conditional request, and no file is left behind (row F15)."""
    chamber = only(desk, "assemblee-questions")
    await poll(chamber, everything=True)
    publisher.forget_requests()
    clock.pass_(days=1)
    (report,) = await poll(chamber, everything=True)
    assert report.status is PollStatus.NOT_MODIFIED
    (hit,) = (hit for hit in publisher.hits("assemblee-questions") if hit.path.endswith(".zip"))
    assert hit.header("If-None-Match") or hit.header("If-Modified-Since")
    assert not list(Home(desk.home.path).var.glob("download-*"))


async def test_a_term_that_ends_while_we_watch_is_told_once(senat: Server, open_desk: Open, clock: Clock) -> None:
    """An open question enters the table of those that wait, two months after it was asked, with the days elapsed."""
    clock.now = datetime(2024, 10, 4, 9, 0, tzinfo=UTC)
    show(senat, answered=False)
    with open_desk() as desk:
        await poll(desk, everything=True)
        await asyncio.to_thread(publish.publish, desk, "veille")
        clock.now = datetime(2024, 12, 4, 9, 0, tzinfo=UTC)
        await poll(desk, everything=True)
        await poll(desk, everything=True)
        told = desk.store.read(lambda tx: questions.events_of(tx, SEED))
        clock.pass_(days=5)
        edition = (await asyncio.to_thread(publish.publish, desk, "veille")).edition
    assert [e.on for e in told if e.kind is EventKind.OVERDUE] == [date(2024, 12, 3)]
    (row,) = edition.parliament.overdue
    assert row.days == (clock.now.date() - date(2024, 10, 3)) // timedelta(days=1)


async def test_an_answer_whose_page_comes_after_an_edition_is_in_the_next_one(
    senat: Server, open_desk: Open, clock: Clock
) -> None:
    """The list says "answered", its page cannot be read that week: the answer is told when its text has come, once."""
    clock.now = datetime(2025, 7, 18, 9, 0, tzinfo=UTC)
    show(senat, answered=True)
    page = senat.routes["/questions/base/2024/qSEQ241000719.html"]
    senat.routes["/questions/base/2024/qSEQ241000719.html"] = reply(503, headers={"Retry-After": "60"})
    with open_desk() as desk:
        await poll(desk, everything=True)
        clock.now = datetime(2025, 7, 21, 6, 0, tzinfo=UTC)
        early = await asyncio.to_thread(publish.publish, desk, "veille")
        assert not early.edition.parliament.answers
        senat.routes["/questions/base/2024/qSEQ241000719.html"] = page
        clock.pass_(hours=3)
        await poll(desk, everything=True)
        clock.pass_(days=7)
        late = await asyncio.to_thread(publish.publish, desk, "veille")
        clock.pass_(days=7)
        await poll(desk, everything=True)
        after = await asyncio.to_thread(publish.publish, desk, "veille")
    assert [entry.days for entry in late.edition.parliament.answers] == [287]
    assert not after.edition.parliament.entries


async def test_an_answer_after_more_than_a_year_reaches_the_reader(senat: Server, open_desk: Open, clock: Clock) -> None:
    """The list forgets a question after a year; its page is read again until it shows the answer, which is told that week."""
    clock.now = datetime(2024, 10, 4, 9, 0, tzinfo=UTC)
    show(senat, answered=False)
    place = "/questions/base/2024/qSEQ241000719.html"
    with open_desk() as desk:
        await poll(desk, everything=True)
        await asyncio.to_thread(publish.publish, desk, "veille")
        other = f"En cours;QE;4711;;Autre;Martin;Anne;Mme;Eure;UC;;2025-11-06;{DEPOT};;;;{senat.origin}/questions/autre"
        senat.routes["/data/questions.csv"] = reply(200, f"{HEADER}\n{other}\n".encode("cp1252"), {"Content-Type": "text/csv"})
        clock.now = datetime(2025, 11, 14, 9, 0, tzinfo=UTC)
        await poll(desk, everything=True)
        senat.seen.clear()
        clock.pass_(hours=12)
        await poll(desk, everything=True)
        assert senat.paths().count(place) == 1, "it is looked at again"
        clock.pass_(hours=12)
        await poll(desk, everything=True)
        assert senat.paths().count(place) == 1, "and then left alone for some weeks"
        show(senat, answered=True)
        late = PAGE.read_text("utf-8").replace("17/07/2025", "04/12/2025")
        senat.routes[place] = reply(200, late.encode(), {"Content-Type": "text/html"})
        senat.routes["/data/questions.csv"] = reply(200, f"{HEADER}\n{other}\n".encode("cp1252"), {"Content-Type": "text/csv"})
        for _ in range(2):
            clock.pass_(days=15)
            await poll(desk, everything=True)
        await poll(desk, everything=True)
        told = desk.store.read(lambda tx: questions.events_of(tx, SEED))
        clock.pass_(days=7)
        edition = (await asyncio.to_thread(publish.publish, desk, "veille")).edition
        senat.seen.clear()
        clock.pass_(days=60)
        for _ in range(2):
            await poll(desk, everything=True)
    assert [(e.on, e.days) for e in told if e.kind is EventKind.ANSWERED] == [(date(2025, 12, 4), 427)]
    assert [(entry.event, entry.days) for entry in edition.parliament.answers] == [(EventKind.ANSWERED, 427)]
    assert place not in senat.paths(), "what was answered is not looked at any more"


async def test_an_old_open_page_that_did_not_change_is_not_read_again(senat: Server, open_desk: Open, clock: Clock) -> None:
    """It is asked for as of when it was seen last, with a month of grace; "not modified" counts as having been seen."""
    clock.now = datetime(2024, 10, 4, 9, 0, tzinfo=UTC)
    show(senat, answered=False)
    place = "/questions/base/2024/qSEQ241000719.html"
    with open_desk() as desk:
        await poll(desk, everything=True)
        other = f"En cours;QE;4711;;Autre;Martin;Anne;Mme;Eure;UC;;2025-11-06;{DEPOT};;;;{senat.origin}/questions/autre"
        senat.routes["/data/questions.csv"] = reply(200, f"{HEADER}\n{other}\n".encode("cp1252"), {"Content-Type": "text/csv"})
        senat.routes[place] = reply(304)
        clock.now = datetime(2025, 11, 14, 9, 0, tzinfo=UTC)
        await poll(desk, everything=True)
        senat.seen.clear()
        clock.pass_(hours=12)
        (report,) = await poll(desk, everything=True)
        (asked,) = (one for one in senat.seen if one.path == place)
        assert asked.headers["if-modified-since"] == "Fri, 06 Sep 2024 09:00:00 GMT"
        assert report.failed == {}
        assert desk.store.read(lambda tx: questions.seen_at(tx, SEED)) == clock.now
        held = desk.store.read(lambda tx: questions.get(tx, [SEED]))[SEED]
        assert held.text
        senat.seen.clear()
        clock.pass_(days=15)
        await poll(desk, everything=True)
        assert place not in senat.paths(), "it was seen"


async def test_what_is_set_aside_is_shown_until_a_poll_ends_it(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """A night in which nothing changed mends nothing: `watcher status` shows the alarm until a reading without it (row F13)."""
    chamber = only(desk, "assemblee-questions")

    def alarm() -> str | None:
        return next(one.alarm for one in status(chamber).sources)

    assert alarm() is None
    await poll(chamber, everything=True)
    assert "(broken_json)" in (alarm() or "")
    clock.pass_(days=1)
    (report,) = await poll(chamber, everything=True)
    assert report.status is PollStatus.NOT_MODIFIED
    assert "(broken_json)" in (alarm() or "")
    desk.store.write(lambda tx: sources.log_polls(tx, [PollReport(source=report.source, status=PollStatus.READ)], clock.now))
    assert alarm() is None


async def test_errors_of_an_archive_name_its_address(
    senat: Server, home: Path, publisher: Publisher, open_desk: Open, clock: Clock
) -> None:
    """What is wrong with a zip is told under the address it came from, never under the name of a file that is gone (row F14)."""
    entries = publisher.chamber("assemblee-questions").entries
    cut = archives.truncated(archives.build(assemblee.json_members(entries), clock.now))
    url = senat.url("/17/questions.json.zip")
    text = YAML.format(url=url).replace("senat_questions", "assemblee_questions")
    (home / "sources.yaml").write_text(text, "utf-8")
    senat.routes |= {"/17/questions.json.zip": reply(200, cut), "/robots.txt": reply(404)}
    with open_desk() as desk:
        (report,) = await poll(desk, everything=True)
        with pytest.raises(ParseError) as seen:
            await preview(desk, "senat")
    assert report.reason == "archive_truncated"
    for message in (report.error or "", seen.value.message):
        assert message.startswith(url)
        assert "download-" not in message


@pytest.fixture
def archive(senat: Server, home: Path, publisher: Publisher, clock: Clock) -> Server:
    """Serve an archive of whole questions without validators, and have the home read it in the place of the Sénat."""
    members = assemblee.json_members(publisher.chamber("assemblee-questions").entries)
    members = {f"json/{number}.json": record for number, record in enumerate(members.values()) if record.endswith(b"}")}
    url = senat.url("/17/questions.json.zip")
    (home / "sources.yaml").write_text(YAML.format(url=url).replace("senat_questions", "assemblee_questions"), "utf-8")
    packed = archives.build(members, clock.now)
    senat.routes |= {"/17/questions.json.zip": reply(200, packed), "/robots.txt": reply(404)}
    return senat


async def test_an_unchanged_archive_without_validators_is_not_read_again(
    archive: Server, open_desk: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an ETag it costs its download: the members are known by their checksums, and none is parsed (row F15)."""
    with open_desk() as desk:
        (first,) = await poll(desk, everything=True)
        assert (first.error, first.rejected) == (None, {})
        clock.pass_(days=1)
        monkeypatch.setattr(reading, "read_members", killers.dies_on_all)
        (second,) = await poll(desk, everything=True)
    assert archive.paths() == ["/17/questions.json.zip"] * 2
    assert (second.error, second.rejected) == (None, {})
    assert (second.known, second.new, second.revised) == (first.fetched, 0, 0)


async def test_a_data_set_that_lost_nine_tenths_deletes_nothing(
    archive: Server, open_desk: Open, clock: Clock, publisher: Publisher
) -> None:
    """A well-formed archive of two questions where there were seventeen is an alarm, and every question stays (row F16)."""
    with open_desk() as desk:
        await poll(desk, everything=True)
        held = desk.store.read(lambda tx: questions.find(tx, Filter(), 100)).total
        few = assemblee.json_members(publisher.chamber("assemblee-questions").entries[:2])
        few = {f"json/{n}.json": record for n, record in enumerate(few.values()) if record.endswith(b"}")}
        archive.routes["/17/questions.json.zip"] = reply(200, archives.build(few, clock.now))
        clock.pass_(days=1)
        (report,) = await poll(desk, everything=True)
        assert (report.status, report.reason) == (PollStatus.FAILED, "shrunken")
        found = desk.store.read(lambda tx: questions.find(tx, Filter(), 100))
        assert found.total == held


async def test_an_edition_without_answers_needs_no_names(open_desk: Open, home: Path) -> None:
    """A home that follows no parliament mails its articles, whatever stands in the files of names that it does not use."""
    (home / "reference").mkdir()
    (home / "reference/ministries.yaml").write_text("ministries: none\n", "utf-8")
    with open_desk() as desk:
        await poll(only(desk, "fil-des-metiers"), everything=True)
        edition = (await asyncio.to_thread(publish.publish, only(desk, "fil-des-metiers"), "veille")).edition
    assert edition.sections
