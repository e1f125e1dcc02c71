"""When the chambers' data moves: validators, the next issue, and a reader who comes back another day."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from watcher.demo.parliament import assemblee
from watcher.demo.publisher import PARLIAMENT, Publisher

Ask = Callable[..., Any]
OUTLETS = tuple(plan.id for plan in PARLIAMENT)


@pytest.fixture
def chambers(anchor: datetime) -> Iterator[Publisher]:
    """The two chambers alone."""
    with Publisher(anchor, plans=PARLIAMENT) as running:
        yield running


def _urls(chambers: Publisher, outlet: str) -> tuple[str, ...]:
    more = (chambers.base(outlet) + assemblee.XML_PATH,) if outlet == assemblee.PLAN.id else ()
    return (chambers.url(outlet), chambers.chamber(outlet).entries[0].question.addresses[0], *more)


@pytest.mark.parametrize("outlet", OUTLETS)
def test_validators_are_honoured(outlet: str, chambers: Publisher, ask: Ask) -> None:
    """A second reading with either validator of the first is a 304 without a body, as often as one likes."""
    for url in _urls(chambers, outlet):
        first = ask(url)
        for headers in ({"If_None_Match": first.headers["etag"]}, {"If_Modified_Since": first.headers["last-modified"]}) * 2:
            again = ask(url, **headers)
            assert (again.status, again.body) == (304, b"")
        assert ask(url, If_None_Match='"other"').body == first.body


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_reader_who_comes_back_to_a_later_opening_finds_the_next_issue(outlet: str, anchor: datetime, ask: Ask) -> None:
    """`watcher demo`, three times: first the question is open, then it is answered, then nothing has changed."""
    with Publisher(anchor, plans=PARLIAMENT) as first:
        ports, url = first.ports, first.url(outlet)
        shown = ask(url, Accept_Encoding="gzip").headers["etag"]
        assert ask(url, If_None_Match=shown).status == 304
        assert first.chamber(outlet).issue == 0
    with Publisher(anchor, ports, plans=PARLIAMENT) as second:
        got = ask(url, If_None_Match=shown)
        assert (got.status, second.chamber(outlet).issue) == (200, 1)
    with Publisher(anchor, ports, plans=PARLIAMENT) as third:
        assert ask(url, If_None_Match=got.headers["etag"]).status == 304
        assert third.chamber(outlet).issue == 1


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_new_reader_begins_at_the_beginning(outlet: str, anchor: datetime, ask: Ask) -> None:
    """Without validators a later opening serves the bytes of the first one, and stays there."""
    with Publisher(anchor, plans=PARLIAMENT) as first:
        ports, was = first.ports, ask(first.url(outlet))
    with Publisher(anchor, ports, plans=PARLIAMENT) as second:
        assert ask(second.url(outlet)) == was
        assert ask(second.url(outlet), If_None_Match=was.headers["etag"]).status == 304


def test_the_last_issue_is_the_last(chambers: Publisher) -> None:
    """Turning further changes nothing."""
    chamber = chambers.chamber(OUTLETS[0])
    chamber.next_issue()
    was = chamber.entries
    chamber.next_issue()
    assert (chamber.issue, chamber.entries) == (1, was)


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_data_set_can_shrink_and_still_be_well_formed(outlet: str, chambers: Publisher, ask: Ask) -> None:
    """Half a night's work: the newest questions only, under other validators."""
    before = ask(chambers.url(outlet))
    chambers.chamber(outlet).shrink(3)
    after = ask(chambers.url(outlet), If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert len(after.body) < len(before.body) / 2


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_chamber_fails_like_any_outlet(outlet: str, chambers: Publisher, ask: Ask) -> None:
    """A 503 with Retry-After everywhere but at robots.txt, until it is mended; elsewhere is 404."""
    chambers.fail(outlet, 503, retry_after="60")
    for url in _urls(chambers, outlet):
        got = ask(url)
        assert (got.status, got.headers["retry-after"]) == (503, "60")
    assert ask(chambers.base(outlet) + "/robots.txt").text.startswith("User-agent: *")
    chambers.mend(outlet)
    assert ask(chambers.url(outlet)).status == 200
    assert ask(chambers.base(outlet) + "/nulle-part").status == 404


def test_only_chambers_have_issues(anchor: datetime) -> None:
    """An outlet of the press is no chamber."""
    with Publisher(anchor) as publisher, pytest.raises(KeyError):
        publisher.chamber("formateurs")
