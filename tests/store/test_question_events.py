"""What happened to questions: each event once, corrected in place, offered to editions once."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.store.builders import HOUR, NOW, document, edition, post
from tests.store.question_builders import ASKED, TODAY, answered, event, question, save
from watcher.errors import StoreError
from watcher.model import Chamber, EventKind, Question, QuestionEvent, QuestionStatus, Sighting
from watcher.store import Store, Transaction, documents, editions, questions
from watcher.store.questions import Recorded

DAY = timedelta(days=1)


def add(store: Store, *events: QuestionEvent, now: datetime = NOW, news: bool = True) -> Recorded:
    return store.write(lambda tx: questions.add_events(tx, events, now=now, news=news))


def of(store: Store, asked: Question | None = None) -> tuple[QuestionEvent, ...]:
    return store.read(lambda tx: questions.events_of(tx, (asked or question()).key))


def offered(store: Store, after: datetime | None = None, until: datetime = NOW) -> list[tuple[QuestionEvent, Question]]:
    return list(store.read(lambda tx: questions.events(tx, after, until)))


def mark(store: Store, today: date, now: datetime = NOW) -> tuple[QuestionEvent, ...]:
    return store.write(lambda tx: questions.mark_overdue(tx, today, now))


class TestRecording:
    def test_an_event_comes_back_as_it_went_in(self, store: Store) -> None:
        """Every field of an event is kept, with the moment at which it was first known."""
        whole = event(
            kind=EventKind.TRANSFERRED,
            detail="2",
            from_ministry="Secrétariat d'État, chargé de l'IA",
            to_ministry="Travail",
            page="12",
            days=3,
            linked="question:senat:17:QE:1",
            label="Transmise au",
            on=TODAY,
        )
        save(store, question())
        recorded = add(store, whole)
        assert recorded == Recorded(inserted=(replace(whole, recorded_at=NOW),))
        assert of(store) == recorded.inserted

    def test_the_same_event_is_stored_once(self, store: Store) -> None:
        """Read again, from elsewhere too, an event is neither new nor revised, and is offered once."""
        save(store, question())
        add(store, event())
        again = add(store, event(), event(read_from="https://elsewhere.example/"), now=NOW + HOUR)
        assert again == Recorded()
        assert of(store) == (replace(event(), recorded_at=NOW),)
        assert len(offered(store, until=NOW + HOUR)) == 1
        assert offered(store, after=NOW, until=NOW + HOUR) == []

    def test_twice_in_one_reading_it_is_one(self, store: Store) -> None:
        """A listing that shows an event twice, once without its page, gives one event with the page."""
        save(store, question())
        recorded = add(store, event(page="7"), event(page=None))
        assert [one.page for one in recorded.inserted] == ["7"]
        assert len(of(store)) == 1

    def test_a_corrected_date_revises_it_and_is_not_offered_again(self, store: Store) -> None:
        """The date of an event moves, the moment we first knew of it does not, and no edition shows it twice."""
        save(store, question())
        add(store, event())
        recorded = add(store, event(on=ASKED + DAY), now=NOW + HOUR)
        assert recorded == Recorded(revised=(replace(event(on=ASKED + DAY), recorded_at=NOW),))
        assert of(store) == recorded.revised
        assert offered(store, after=NOW, until=NOW + HOUR) == []
        assert [told.on for told, _ in offered(store)] == [ASKED + DAY]

    def test_a_date_is_never_replaced_by_nothing(self, store: Store) -> None:
        """A reading that shows less takes nothing away; one that shows more adds it."""
        save(store, question())
        add(store, event(on=None, label="publiée"))
        assert add(store, event(page="3506", label="")).revised[0] == replace(
            event(page="3506", label="publiée"), recorded_at=NOW
        )
        assert add(store, event(on=None)) == Recorded()

    def test_backfill_never_becomes_news(self, store: Store) -> None:
        """An event stored as backfill stays out of editions, even when a later reading would have made it news."""
        save(store, question())
        add(store, event(), news=False)
        add(store, event(on=TODAY), news=True, now=NOW + HOUR)
        assert offered(store, until=NOW + HOUR) == []

    def test_news_is_decided_event_by_event(self, store: Store) -> None:
        """A first load keeps old events without a word and offers the recent ones."""
        save(store, question())
        both = (event(), event(kind=EventKind.ANSWERED, on=TODAY))
        store.write(lambda tx: questions.add_events(tx, both, now=NOW, news=lambda one: one.on == TODAY))
        assert [told.kind for told, _ in offered(store)] == [EventKind.ANSWERED]

    def test_details_tell_events_of_a_kind_apart(self, store: Store) -> None:
        """Two transfers are two events; the same rank is the same one."""
        save(store, question())
        one, two = (event(kind=EventKind.TRANSFERRED, detail=rank, on=None) for rank in ("1", "2"))
        assert len(add(store, one, two, one).inserted) == 2
        assert len(of(store)) == 2

    def test_an_event_may_come_before_its_question_but_not_without_it(self, store: Store) -> None:
        """Order does not matter inside a transaction; an event of a question that is not there undoes it."""
        with pytest.raises(StoreError):
            add(store, event(question(404)))
        assert of(store, question(404)) == ()
        save(store, question())
        other = question(2, title="autre")

        def both(tx: Transaction) -> None:
            questions.add_events(tx, [event(other)], now=NOW, news=True)
            documents.save(tx, [document(other.key)], {})
            questions.save(tx, [other], now=NOW)

        store.write(both)
        assert len(of(store, other)) == 1

    def test_many_at_once(self, store: Store) -> None:
        """A load of more events than a statement takes is stored whole, once."""
        many = [question(n) for n in range(700)]
        save(store, *many)
        events = [event(one, kind) for one in many for kind in (EventKind.ASKED, EventKind.SIGNALLED)]
        assert len(add(store, *events).inserted) == 1400
        assert add(store, *events) == Recorded()


class TestOffering:
    def test_in_order_with_the_question_as_it_is_now(self, store: Store) -> None:
        """Editions get the events of their window, the oldest offer first, each with what is now held of its question."""
        save(store, question(1), question(2))
        add(store, event(question(2)))
        add(store, event(question(1)), now=NOW + HOUR)
        save(store, answered(2))
        found = offered(store, until=NOW + HOUR)
        assert [told.question for told, _ in found] == [question(2).key, question(1).key]
        assert found[0][1] == answered(2)
        assert [told.question for told, _ in offered(store, after=NOW, until=NOW + HOUR)] == [question(1).key]
        assert offered(store, until=NOW - HOUR) == []

    def test_what_is_stored_after_a_cutoff_it_precedes_goes_to_the_next_edition(self, store: Store) -> None:
        """An event read before an edition was frozen and stored after it is in the next one: it would else be in none."""
        save(store, question())
        store.write(lambda tx: editions.freeze(tx, edition(), [post("lecture", edition())], now=NOW))
        add(store, event(), now=NOW - HOUR)
        assert offered(store, until=NOW) == []
        assert len(offered(store, after=NOW, until=NOW + HOUR)) == 1


class TestLife:
    def test_in_the_order_in_which_things_happen(self, store: Store) -> None:
        """Events are told by date; on one day, or without a day, in the order of a question's life."""
        save(store, question())
        answer = ASKED + 287 * DAY
        told = [
            event(kind=EventKind.ANSWERED, on=answer, days=287, page="4196"),
            event(kind=EventKind.TRANSFERRED, detail="1", on=None, to_ministry="Travail"),
            event(kind=EventKind.OVERDUE, on=ASKED + 61 * DAY),
            event(kind=EventKind.RECALLED, linked="question:senat:16:QE:8911"),
            event(kind=EventKind.ASKED, page="3506"),
            event(kind=EventKind.ERRATUM, detail="1", on=answer),
        ]
        add(store, *told)
        assert [one.kind.value for one in of(store)] == ["asked", "recalled", "transferred", "overdue", "answered", "erratum"]

    def test_without_any_date(self, store: Store) -> None:
        """Events that nobody dated are told in the order of a question's life."""
        save(store, question())
        add(store, *(event(kind=kind, on=None) for kind in (EventKind.WITHDRAWN, EventKind.SIGNALLED, EventKind.ASKED)))
        assert [one.kind.value for one in of(store)] == ["asked", "signalled", "withdrawn"]


class TestOverdue:
    def test_a_question_crosses_its_term_once(self, store: Store) -> None:
        """The day after its two months an open question is overdue: one event, dated from the term, offered once."""
        save(store, question())
        due = date(2026, 12, 1)
        assert mark(store, due) == ()
        made = mark(store, due + DAY)
        key, address = question().key, question().addresses[0]
        wanted = QuestionEvent(question=key, kind=EventKind.OVERDUE, on=due, days=61, read_from=address, recorded_at=NOW)
        assert made == (wanted,)
        assert [told for told, _ in offered(store)] == [wanted]
        assert mark(store, due + 2 * DAY, NOW + HOUR) == ()
        assert len(offered(store, until=NOW + HOUR)) == 1

    def test_what_was_overdue_before_we_came_is_no_news(self, store: Store) -> None:
        """A first load of old questions marks them all and offers none."""
        old = [question(n, asked_on=ASKED - n * DAY) for n in (20, 40, 400)]
        save(store, *old)
        assert len(mark(store, TODAY)) == 3
        assert offered(store) == []

    def test_what_crossed_while_nobody_ran_for_months_is_no_news(self, store: Store) -> None:
        """After a long stop, what was asked more than 90 days ago is marked without a word; the rest is news."""
        save(store, question(1, asked_on=TODAY - DAY), question(2, asked_on=TODAY - 10 * DAY))
        made = mark(store, TODAY + 89 * DAY)
        assert {one.question for one in made} == {question(1).key, question(2).key}
        assert [told.question for told, _ in offered(store)] == [question(1).key]

    def test_only_what_still_waits(self, store: Store) -> None:
        """An answer, a withdrawal or an unknown state is not overdue, nor is what has no term."""
        save(store, answered(1), question(2, status=QuestionStatus.WITHDRAWN), question(3, status=QuestionStatus.UNKNOWN))
        save(store, question(4, kind="QG"), question(5, asked_on=None), question(6))
        assert [one.question for one in mark(store, TODAY + 60 * DAY)] == [question(6).key]

    def test_a_corrected_date_moves_the_event(self, store: Store) -> None:
        """When the day of a question is corrected, its term moves and so does the event; nothing is offered again."""
        save(store, question())
        mark(store, TODAY + 60 * DAY)
        save(store, question(asked_on=ASKED + DAY))
        assert mark(store, TODAY + 60 * DAY, NOW + HOUR) == ()
        assert [(one.on, one.recorded_at) for one in of(store)] == [(date(2026, 12, 2), NOW)]
        assert offered(store, after=NOW, until=NOW + HOUR) == []


class TestLinks:
    def test_a_question_is_found_from_the_one_it_became_and_the_one_it_reminds_of(self, store: Store) -> None:
        """An event names the other question by its key, or by an address while only this is known; both are ways back."""
        first, oral, third = question(719), question(104, kind="QOSD"), question(900)
        save(store, first, oral, third)
        add(
            store,
            event(first, EventKind.CONVERTED, linked=oral.key),
            event(third, EventKind.RECALLED, linked=oral.addresses[0]),
            event(oral, EventKind.RECALLED, linked=first.key),
        )
        back = store.read(lambda tx: questions.linked_to(tx, oral))
        assert [(one.question, one.kind) for one in back] == [
            (first.key, EventKind.CONVERTED),
            (third.key, EventKind.RECALLED),
        ]
        assert [one.question for one in store.read(lambda tx: questions.linked_to(tx, first))] == [oral.key]
        assert store.read(lambda tx: questions.linked_to(tx, third)) == ()


class TestUnlisted:
    def test_old_open_questions_of_a_data_set_longest_unread_first(self, store: Store) -> None:
        """Open, written, asked before the list begins, not read for some time, and listed by their key: no others."""
        old, older, new = question(1, asked_on=ASKED - 500 * DAY), question(2, asked_on=ASKED - 400 * DAY), question(3)
        done = answered(4, asked_on=ASKED - 500 * DAY)
        nowhere = question(5, asked_on=ASKED - 500 * DAY, addresses=())
        elsewhere = question(6, asked_on=ASKED - 500 * DAY)
        oral = question(7, asked_on=ASKED - 500 * DAY, kind="QOSD")
        save(store, old, new, done, nowhere, elsewhere, oral, now=NOW - DAY)
        save(store, older, now=NOW - 2 * DAY)
        listed = [
            Sighting(source_id="senat", document_key=one.key, guid=one.key, listed="x", seen_at=NOW)
            for one in (old, older, new, done, nowhere, oral)
        ]
        seen = Sighting(source_id="fil", document_key=elsewhere.key, guid="un-guid", listed="x", seen_at=NOW)
        store.write(lambda tx: documents.sight(tx, (*listed, seen)))

        def unlisted(limit: int = 10, seen_before: datetime = NOW) -> list[tuple[str, str]]:
            found = store.read(
                lambda tx: questions.unlisted(
                    tx, Chamber.SENAT, asked_before=ASKED - 300 * DAY, seen_before=seen_before, limit=limit
                )
            )
            return [(one.source_id, one.key) for one in found]

        assert unlisted() == [("senat", older.key), ("senat", old.key)]
        assert unlisted(limit=1) == [("senat", older.key)]
        assert unlisted(seen_before=NOW - DAY) == [("senat", older.key)]
