"""What the store keeps of parliamentary questions, and how it finds them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.store.builders import HOUR, NOW, document
from tests.store.question_builders import ASKED, LABOUR, TODAY, answered, question, save
from watcher.errors import StoreError
from watcher.model import Answer, Chamber, Member, Ministry, Question, QuestionStatus, Transfer
from watcher.store import Store, Transaction, documents, questions
from watcher.store.questions import Filter, Listed, QuestionPage

DAY = timedelta(days=1)


def find(store: Store, limit: int = 20, offset: int = 0, **asked: object) -> QuestionPage:
    wanted = Filter(**asked)  # pyright: ignore[reportArgumentType]
    return store.read(lambda tx: questions.find(tx, wanted, limit, offset))


def numbers(store: Store, limit: int = 20, offset: int = 0, **asked: object) -> list[str]:
    return [one.number for one in find(store, limit, offset, **asked).questions]


def held(store: Store, key: str) -> Question | None:
    return store.read(lambda tx: questions.get(tx, [key])).get(key)


class TestKeeping:
    def test_a_question_comes_back_as_it_went_in(self, store: Store) -> None:
        """Every field of a question is kept: transfers, errata, subjects, accents, dates, references."""
        whole = answered(
            sitting_on=ASKED,
            asked_ministry=Ministry(label="Secrétariat d'État chargé de l'IA", ref="PO2"),
            rubric="formation",
            subjects=("apprentissage", "œuvre"),
            signalled_on=ASKED + DAY,
            renewed_on=(ASKED + 2 * DAY, ASKED + 3 * DAY),
            transfers=(Transfer(to=LABOUR), Transfer(to=LABOUR, on=ASKED)),
            errata=(TODAY,),
            closed_on=TODAY,
            converted_to="question:senat:17:QOSD:3",
            recalls="question:senat:16:QE:1",
        )
        save(store, whole)
        assert held(store, whole.key) == whole

    def test_the_same_number_is_another_question_under_another_legislature(self, store: Store) -> None:
        """Chamber, legislature, kind and number together are the key: numbers start again."""
        others = [
            question(),
            question(legislature=16),
            question(kind="QG"),
            question(chamber=Chamber.ASSEMBLEE),
        ]
        save(store, *others)
        found = store.read(lambda tx: questions.get(tx, [one.key for one in others]))
        assert found == {one.key: one for one in others}

    def test_what_is_not_held_is_left_out(self, store: Store) -> None:
        """Asking for unknown questions gives none, not an error."""
        assert store.read(lambda tx: questions.get(tx, ["question:senat:17:QE:1"])) == {}

    def test_saved_again_it_takes_the_place_of_the_former(self, store: Store) -> None:
        """There is one row a question: an answer that comes months later is found where the question was."""
        save(store, question())
        save(store, answered(), now=NOW + HOUR)
        page = find(store)
        assert page.total == 1
        assert (page.questions[0].status, page.questions[0].days) == (QuestionStatus.ANSWERED, 42)
        assert find(store, overdue=date(2027, 6, 1)).total == 0

    def test_a_question_without_its_document_is_refused(self, store: Store) -> None:
        """A question is contained in a document: one that has none is named, and nothing is written."""
        with pytest.raises(StoreError, match=r"question:senat:17:QE:719 has no document"):
            store.write(lambda tx: questions.save(tx, [question()], now=NOW))
        assert find(store).total == 0

    def test_an_empty_question_is_kept(self, store: Store) -> None:
        """A record with every field missing is a question that says nothing, and is listed as unknown."""
        bare = Question(chamber=Chamber.ASSEMBLEE, legislature=17, kind="QE", number="1")
        save(store, bare)
        assert held(store, bare.key) == bare
        listed = find(store).questions[0]
        assert (listed.status, listed.days, listed.due_on, listed.ministry) == (QuestionStatus.UNKNOWN, None, None, "")

    def test_what_no_engine_stores_is_replaced(self, store: Store) -> None:
        """NUL and lone surrogates in any text of a question become U+FFFD (row F10)."""
        dirty = question(title="a\x00b", text="c\ud800", status_label="d\x00", author=Member(name="e\x00 f\udfff", group="g\x00"))
        save(store, dirty)
        kept = held(store, dirty.key)
        assert kept is not None
        assert (kept.title, kept.text, kept.status_label) == ("a\ufffdb", "c\ufffd", "d\ufffd")
        assert find(store).questions[0].author == "e\ufffd f\ufffd"

    def test_it_goes_with_its_document(self, store: Store) -> None:
        """When a document is deleted, its question, addresses and events go too, and no row is left pointing nowhere."""
        save(store, question())
        store.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM documents"))
        assert held(store, question().key) is None
        assert store.read(lambda tx: questions.key_of(tx, question().addresses[0])) is None
        assert store.problems() == ()

    def test_many_at_once(self, store: Store) -> None:
        """More questions than an engine takes in one statement are saved and read back."""
        many = [question(n) for n in range(1300)]
        save(store, *many)
        assert len(store.read(lambda tx: questions.get(tx, [one.key for one in many]))) == 1300
        assert find(store, limit=2000).total == 1300


class TestAddresses:
    def test_every_form_met_leads_to_the_question(self, store: Store) -> None:
        """All addresses under which a question was met lead to it, with http or https, trackers, a fragment or none."""
        forms = (
            "https://www.senat.fr/questions/base/2024/qSEQ241000719.html",
            "http://www.senat.fr/basile/visio.do?id=qSEQ241000719",
        )
        save(store, question(addresses=forms), question(720, addresses=()))
        spelt = [*forms, "http://www.senat.fr/questions/base/2024/qSEQ241000719.html?utm_source=x#top"]
        for address in spelt:
            assert store.read(lambda tx, address=address: questions.key_of(tx, address)) == question().key
        assert store.read(lambda tx: questions.key_of(tx, "https://www.senat.fr/other")) is None
        assert store.read(lambda tx: questions.key_of(tx, "no address")) is None

    def test_an_address_met_before_is_kept(self, store: Store) -> None:
        """A form that the next reading does not name still leads to the question."""
        save(store, question(addresses=("https://a.example/1", "https://a.example/2")))
        save(store, question(addresses=("https://a.example/2",)))
        assert store.read(lambda tx: questions.key_of(tx, "https://a.example/1")) == question().key
        assert find(store).questions[0].url == "https://a.example/2"


class TestAnsweredAlike:
    def test_one_answer_given_to_many(self, store: Store) -> None:
        """Questions given the same words on the same day are told, whatever the apostrophes, case and blanks."""
        day = TODAY
        same = [
            answered(1, answer=Answer(text="L'étude est en cours.", published_on=day)),
            answered(2, answer=Answer(text="L’étude  est\u00a0en cours.", published_on=day)),
            answered(3, answer=Answer(text="L'ÉTUDE est en cours.", published_on=day)),
            answered(4, answer=Answer(text="L'étude est en cours.", published_on=day + DAY)),
            answered(5, answer=Answer(text="L'étude n'est pas en cours.", published_on=day)),
            question(6),
            answered(7, answer=Answer(text="", published_on=day)),
            answered(8, answer=Answer(text=" ", published_on=day)),
        ]
        save(store, *same)
        alike = [store.read(lambda tx, key=one.key: questions.answered_alike(tx, key)) for one in same]
        assert alike[0] == (same[1].key, same[2].key)
        assert alike[1] == (same[0].key, same[2].key)
        assert alike[3:] == [()] * 5
        assert store.read(lambda tx: questions.answered_alike(tx, "unknown")) == ()


class TestFinding:
    @pytest.fixture
    def four(self, store: Store) -> Store:
        """Four questions: two overdue, one answered, one just asked to another ministry by somebody else."""
        culture = Ministry(label="Ministère de la culture", id="culture")
        save(store, question(1, asked_on=date(2026, 8, 1)), themes=["ia-emploi"])
        save(store, question(2, asked_on=date(2026, 7, 1), chamber=Chamber.ASSEMBLEE, text="Sur l'alternance."))
        save(store, answered(3))
        author = Member(name="Jean Martin", group="Écologiste")
        save(store, question(4, asked_on=date(2026, 11, 10), ministry=culture, author=author), themes=["metiers", "ia-emploi"])
        return store

    def test_the_newest_first_by_the_later_of_question_and_answer(self, four: Store) -> None:
        """A late answer brings its question back to the top."""
        assert numbers(four) == ["3", "4", "1", "2"]

    def test_pages_have_a_total_and_do_not_overlap(self, four: Store) -> None:
        """Two pages hold together what one would, in the same order."""
        first, second = find(four, 3, 0), find(four, 3, 3)
        assert (first.total, second.total) == (4, 4)
        assert [one.number for one in (*first.questions, *second.questions)] == numbers(four)
        assert numbers(four, limit=0) == []
        assert numbers(four, offset=100) == []

    def test_what_is_overdue_longest_first_with_the_days_elapsed(self, four: Store) -> None:
        """Open questions past their term, the oldest first, with what has passed since they were asked."""
        page = find(four, overdue=TODAY)
        assert [(one.number, one.days, one.due_on) for one in page.questions] == [
            ("2", 138, date(2026, 9, 1)),
            ("1", 107, date(2026, 10, 1)),
        ]
        assert page.total == 2
        assert numbers(four, overdue=TODAY, theme="ia-emploi") == ["1"]
        found = four.read(lambda tx: questions.open_overdue(tx, TODAY, 1))
        assert [one.number for one in found] == ["2"]
        assert [one.number for one in four.read(lambda tx: questions.open_overdue(tx, TODAY, 9, theme="ia-emploi"))] == ["1"]

    def test_by_each_filter(self, four: Store) -> None:
        """Chamber, status, kind, theme, days, each alone and together."""
        assert numbers(four, chamber=Chamber.ASSEMBLEE) == ["2"]
        assert numbers(four, status=QuestionStatus.ANSWERED) == ["3"]
        assert numbers(four, status=QuestionStatus.OPEN) == ["4", "1", "2"]
        assert numbers(four, kind="QG") == []
        assert numbers(four, theme="ia-emploi") == ["4", "1"]
        assert numbers(four, since=date(2026, 11, 10)) == ["3", "4"]
        assert numbers(four, until=date(2026, 8, 1)) == ["1", "2"]
        assert numbers(four, since=date(2026, 8, 1), until=date(2026, 11, 10)) == ["4", "1"]
        assert numbers(four, status=QuestionStatus.OPEN, theme="ia-emploi", ministry="culture") == ["4"]

    def test_the_themes_are_told_the_surest_first(self, four: Store) -> None:
        """A listed question says under what it is filed."""
        assert {one.number: one.themes for one in find(four).questions} == {
            "1": ("ia-emploi",),
            "2": (),
            "3": (),
            "4": ("metiers", "ia-emploi"),
        }

    @pytest.mark.parametrize(
        ("author", "found"),
        [
            ("d'Aubert", ["3", "1", "2"]),
            ("ELISE roy", ["3", "1", "2"]),
            ("mart", ["4"]),
            ("artin", []),
            ("%", []),
            ("_", []),
            ("", []),
        ],
    )
    def test_by_author(self, four: Store, author: str, found: list[str]) -> None:
        """Words of a name in any order, without accents or case, or the beginnings of them; no word finds nothing."""
        assert numbers(four, author=author) == found

    def test_by_group(self, four: Store) -> None:
        """A political group is found without its accents."""
        assert numbers(four, group="ecologiste") == ["4"]

    def test_by_words_of_its_text(self, four: Store) -> None:
        """Words go through the same index as the search, with its plurals and elisions; none of them finds nothing."""
        assert numbers(four, words="alternances") == ["2"]
        assert numbers(four, words="compétence", status=QuestionStatus.ANSWERED) == ["3"]
        assert numbers(four, words="zzz") == []
        assert numbers(four, words="...") == []
        assert len(numbers(four, words="  ")) == 4

    def test_what_is_held_for_a_person_is_not_found(self, store: Store) -> None:
        """A question of a bulk that waits for review is in no list, until it is released."""
        store.write(lambda tx: documents.save(tx, [document(question().key, held=True)], {}))
        store.write(lambda tx: questions.save(tx, [question()], now=NOW))
        assert find(store).total == 0
        assert find(store, overdue=date(2027, 1, 1)).total == 0
        store.write(lambda tx: documents.release(tx, "outlet"))
        assert find(store).total == 1

    def test_without_dates_the_day_it_was_first_stored_counts(self, store: Store) -> None:
        """An undated question stands at the day we first knew of it, and stays there when it is saved again."""
        save(store, question(1, asked_on=None), now=NOW)
        save(store, question(1, asked_on=None), now=NOW + 30 * DAY)
        save(store, question(2, asked_on=TODAY + DAY))
        assert numbers(store) == ["2", "1"]
        assert numbers(store, since=TODAY, until=TODAY) == ["1"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"kind": "QG"},
            {"asked_on": None},
            {"status": QuestionStatus.UNKNOWN},
            {"status": QuestionStatus.WITHDRAWN},
            {"answer": Answer(text="Oui.")},
        ],
    )
    def test_what_has_no_term_is_never_overdue(self, store: Store, fields: dict[str, object]) -> None:
        """Only a written question that is dated, open and without any answer has a term."""
        save(store, question(1, **fields))
        assert find(store, overdue=date(2030, 1, 1)).total == 0

    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            (date(2026, 10, 1), date(2026, 12, 1)),
            (date(2026, 12, 31), date(2027, 2, 28)),
            (date(2027, 12, 30), date(2028, 2, 29)),
        ],
    )
    def test_the_term_is_two_calendar_months(self, store: Store, asked: date, due: date) -> None:
        """A question is overdue the day after the last of its two months, ends of months included."""
        save(store, question(1, asked_on=asked))
        assert find(store, overdue=due).total == 0
        assert find(store, overdue=due + DAY).total == 1


class TestMinistries:
    @pytest.fixture
    def named(self, store: Store) -> Store:
        """A ministry under two names, one whose name shares a word, one without identity."""
        before = Ministry(label="Ministère de l'emploi et de l'insertion", id="travail")
        school = Ministry(label="Ministère de l'éducation nationale, du travail manuel", id="ecole")
        save(store, question(1), question(2, ministry=before), question(3, ministry=school))
        save(store, question(4, ministry=Ministry(label="Ministère du temps libre")), question(5, ministry=None))
        return store

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("travail", ["2", "1"]),
            ("insertion", ["2", "1"]),
            ("TRAVAIL santé", ["2", "1"]),
            ("ministere travail", ["3", "2", "1"]),
            ("temps libre", ["4"]),
            ("nowhere", []),
            ("", []),
            ("!", []),
        ],
    )
    def test_by_identity_or_words_through_renamings(self, named: Store, asked: str, found: list[str]) -> None:
        """An identity is taken as it is; words find the ministry whole, under all its names."""
        assert numbers(named, ministry=asked) == found

    def test_those_there_are(self, named: Store) -> None:
        """Ministries come with how often they are named so; a question that names none counts for none."""
        found = named.read(questions.ministries)
        assert {(one.id, one.questions) for one in found} == {("travail", 1), ("ecole", 1), (None, 1)}
        assert len(found) == 4

    def test_the_one_that_answered_counts(self, store: Store) -> None:
        """A transferred question is listed under the ministry that has it, then under the one that answered."""
        state = Ministry(label="Secrétariat d'État chargé de l'IA", id="ia")
        save(store, question(1, asked_ministry=state, ministry=None), question(2, asked_ministry=state))
        save(store, answered(3, ministry=state))
        assert {one.number: one.ministry_id for one in find(store).questions} == {"1": "ia", "2": "travail", "3": "travail"}


class TestDelays:
    def test_the_median_per_ministry_of_what_was_answered_in_the_window(self, store: Store) -> None:
        """Both days of the window count; an even number of answers gives the mean of the middle two; the longest first."""
        culture = Ministry(label="Culture", id="culture")

        def after(number: int, days: int, ministry: Ministry = LABOUR, **fields: object) -> Question:
            on = ASKED + days * DAY
            return question(
                number, status=QuestionStatus.ANSWERED, answer=Answer(text="Oui.", published_on=on, ministry=ministry), **fields
            )

        save(store, after(1, 10), after(2, 20), after(3, 33), after(4, 40))
        save(store, after(5, 31, culture), after(6, 12, culture), after(7, 12, culture))
        save(store, after(8, 9), after(9, 41))  # outside the window
        save(store, after(10, 15, Ministry(label="Sans identité")), after(11, 15, kind="QG"), question(12))
        save(store, after(13, 15, culture, asked_on=None))
        found = store.read(lambda tx: questions.median_delays(tx, ASKED + 10 * DAY, ASKED + 40 * DAY))
        assert found == (("travail", 26.5, 4), ("culture", 12.0, 3))

    def test_an_answer_dated_before_its_question_is_left_out(self, store: Store) -> None:
        """A mistake in a date does not pull a median down."""
        save(store, answered(1, on=ASKED - DAY), answered(2, on=ASKED))
        assert store.read(lambda tx: questions.median_delays(tx, ASKED - 9 * DAY, TODAY)) == (("travail", 0.0, 1),)

    def test_nothing_answered(self, store: Store) -> None:
        """No answer in the window is no median."""
        save(store, answered(1))
        assert store.read(lambda tx: questions.median_delays(tx, TODAY, TODAY)) == ()


def test_what_a_legislature_leaves_open(store: Store) -> None:
    """The open questions of one chamber and legislature are told, and no others."""
    left = [question(n, chamber=Chamber.ASSEMBLEE, legislature=16) for n in (1, 2)]
    others = [question(3, legislature=16), question(4, chamber=Chamber.ASSEMBLEE), answered(5, legislature=16)]
    save(store, *left, *others)
    assert store.read(lambda tx: questions.open_of(tx, Chamber.ASSEMBLEE, 16)) == tuple(left)
    assert store.read(lambda tx: questions.open_of(tx, Chamber.ASSEMBLEE, 16, limit=1)) == (left[0],)
    save(store, *(replace(one, status=QuestionStatus.LAPSED) for one in left))
    assert store.read(lambda tx: questions.open_of(tx, Chamber.ASSEMBLEE, 16)) == ()


def test_a_listed_question_says_what_a_reader_needs(store: Store) -> None:
    """A line of a list holds everything but the texts."""
    save(store, answered(), themes=["ia-emploi"])
    assert find(store).questions == (
        Listed(
            key="question:senat:17:QE:719",
            chamber=Chamber.SENAT,
            legislature=17,
            kind="QE",
            number="719",
            status=QuestionStatus.ANSWERED,
            status_label="Réponse publiée",
            asked_on=ASKED,
            answered_on=date(2026, 11, 12),
            due_on=None,
            days=42,
            ministry_id="travail",
            ministry=LABOUR.label,
            author="Élise d'Aubert-Roy",
            group="Les Républicains",
            title="Compétences n° 719",
            url=answered().addresses[0],
            themes=("ia-emploi",),
        ),
    )


def test_what_is_asked_often_is_found_by_an_index(sqlite_store: Store) -> None:
    """What is overdue, newest, held, offered, answered in a window, or at an address, never reads every question."""
    save(sqlite_store, *(question(n) for n in range(300)))
    asked: list[str] = []

    def plans(tx: Transaction) -> list[str]:
        raw = tx.connection.connection.dbapi_connection
        assert raw is not None
        raw.set_trace_callback(asked.append)
        questions.find(tx, Filter(overdue=TODAY))
        questions.find(tx, Filter())
        questions.events(tx, NOW, NOW + HOUR)
        questions.median_delays(tx, ASKED, TODAY)
        questions.key_of(tx, "https://www.senat.fr/x")
        questions.open_of(tx, Chamber.SENAT, 17)
        questions.answered_alike(tx, question(1).key)
        raw.set_trace_callback(None)
        return [str(row[3]) for sql in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")]

    told = sqlite_store.read(plans)
    assert len(asked) == 11
    assert [step for step in told if step.startswith("SCAN ") and "COVERING INDEX" not in step] == []
    assert "SCAN questions USING COVERING INDEX ix_questions_waiting" in told
    assert any("ix_documents_held (held=?)" in step for step in told)
    assert any("ix_question_events_offered_at (offered_at>? AND offered_at<?)" in step for step in told)
