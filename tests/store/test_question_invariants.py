"""Whatever the order in which events are read, what the store says of them stays true."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.builders import HOUR, NOW, undone
from tests.store.question_builders import ASKED, event, question, save
from watcher import urls
from watcher.model import EventKind, QuestionEvent
from watcher.store import Store, Transaction, question_rows, questions


@pytest.fixture(scope="module")
def watched(lasting: Store) -> Store:
    """Give a store with one question."""
    save(lasting, question())
    return lasting


written = st.builds(
    event,
    kind=st.sampled_from([EventKind.ASKED, EventKind.ANSWERED]),
    on=st.sampled_from([None, ASKED, ASKED + timedelta(days=1)]),
    page=st.sampled_from([None, "1", "2"]),
)
addresses = st.from_regex(r"https://[a-z]{1,3}\.fr(/[a-zA-Z0-9_.-]{1,6}){1,4}(\.html?|\.pdf)?", fullmatch=True)


@settings(max_examples=25)
@given(readings=st.lists(st.lists(written, max_size=3), max_size=5), news=st.lists(st.booleans(), min_size=5, max_size=5))
def test_whatever_the_readings(watched: Store, readings: list[list[QuestionEvent]], news: list[bool]) -> None:
    """One row an event, offered at most once and only if its first reading was news; no date or page is ever lost."""

    def work(tx: Transaction) -> None:
        first: dict[EventKind, bool] = {}
        last: dict[tuple[EventKind, str], object] = {}
        for place, reading in enumerate(readings):
            questions.add_events(tx, reading, now=NOW + place * HOUR, news=news[place])
            for one in reading:
                first.setdefault(one.kind, news[place])
                for name in ("on", "page"):
                    if getattr(one, name) is not None:
                        last[(one.kind, name)] = getattr(one, name)
        kept = {one.kind: one for one in questions.events_of(tx, question().key)}
        assert kept.keys() == first.keys()
        assert all(getattr(kept[kind], name) == value for (kind, name), value in last.items())
        told = [one.kind for one, _ in questions.events(tx, None, NOW + 9 * HOUR)]
        assert sorted(told) == sorted(kind for kind, was_news in first.items() if was_news)

    undone(watched, work)


@settings(max_examples=300)
@given(addresses)
def test_the_short_way_to_the_form_of_an_address_is_the_long_one(address: str) -> None:
    """An address that is taken for plain has the form that it would get if it were taken apart."""
    assert question_rows.address_of(address) == urls.canonical(address)
