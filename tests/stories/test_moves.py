"""What becomes of a story that was told before."""

from dataclasses import replace
from datetime import timedelta

from tests.digest.builders import MONDAY, candidate, plan
from tests.stories.test_group import WIRE
from watcher import digest, stories
from watcher.model import Candidate, Edition, Entry, Section, Story, Told

STRIKE = (
    "Greta de Lille : les formateurs en grève contre la fermeture de deux sites",
    "Les formateurs du Greta de Lille sont en grève depuis mardi contre la fermeture des sites de Roubaix et d'Armentières. "
    "Quarante contractuels ne seraient pas renouvelés. Le rectorat évoque une baisse de 15 % des commandes publiques.",
)
END = (
    "Greta de Lille : les formateurs suspendent la grève, un seul site fermera",
    "Après neuf jours de grève, les formateurs du Greta de Lille reprennent le travail. Seul le site d'Armentières fermera, en "
    "juillet. Vingt-huit contractuels sont renouvelés pour un an.",
)
NEWS = (
    "Formation à l'IA dans la plasturgie : le plan de la région porté à 9 millions",
    "La région porte à 9 millions d'euros son plan de formation à l'intelligence artificielle pour la plasturgie. Les sessions "
    "d'Oyonnax ont fait le plein ; Nantua et Bellignat en auront en avril, annonce la vice-présidente chargée de l'emploi.",
)


def told(story: str, *documents: str, development: int = 1, title: str = "Un titre", day: float = 1) -> Told:
    when = MONDAY + timedelta(days=day)
    return Told(story=story, development=development, title=title, documents=documents, number=7, told_at=when)


def only(found: tuple[Story, ...]) -> Story:
    (story,) = found
    return story


def test_a_copy_of_what_was_told_says_nothing_new() -> None:
    """Next week's copy keeps the number it was told under: it is left out of the edition, and counted (row F04)."""
    first = candidate("a", "Plan de formation à l'IA", WIRE, day=0, story_id="a")
    copy = candidate("b", "Plan de formation à l'IA", WIRE, day=6)
    story = only(stories.group([copy], [first], [told("a", "a")]))
    assert (story.id, story.development, story.entry_key) == ("a", 1, "a")
    edition = digest.build(plan(copy, stories=(story,)))
    assert (edition.sections, edition.repeated) == ((), 1)


def test_news_that_carries_a_story_on_is_its_next_development() -> None:
    """A strike and its end: the entry has a key of its own and says what was told before."""
    before = candidate("a", *STRIKE, day=0, story_id="a")
    after = candidate("b", *END, day=9)
    story = only(stories.group([after], [before], [told("a", "a", title=STRIKE[0])]))
    assert (story.id, story.keys, story.development, story.entry_key) == ("a", ("b",), 2, "a#2")
    edition = digest.build(plan(after, stories=(story,)))
    (entry,) = edition.sections[0].entries
    assert (entry.key, entry.story, entry.development, entry.documents) == ("a#2", "a", 2, ("b",))
    assert entry.follows is not None
    assert (entry.follows.title, entry.follows.number) == (STRIKE[0], 7)
    assert edition.repeated == 0


def test_a_story_told_in_new_sentences_with_new_facts_has_moved_on() -> None:
    """The same story, days later, with figures and places that nobody had told: a development. Its copies are not."""
    first = candidate("a", "Plan de formation à l'IA", WIRE, day=0, story_id="a")
    later = candidate("b", *NEWS, day=8, story_id="a")
    copy = candidate("c", *NEWS, day=8.5)
    story = only(stories.group([later, copy], [first], [told("a", "a")]))
    assert (story.development, set(story.keys)) == (2, {"a", "b", "c"})
    again = candidate("d", *NEWS, day=12)
    known = [first, replace(later, story_id="a"), replace(copy, story_id="a")]
    said = [told("a", "a"), told("a", "b", "c", development=2, day=9)]
    assert only(stories.group([again], known, said)).development == 2


def test_the_same_day_nothing_moves_on() -> None:
    """Two outlets that tell one event on one day differ in words: that is no development."""
    first = candidate("a", "Plan de formation à l'IA", WIRE, day=0, story_id="a")
    same_day = candidate("b", *NEWS, day=0.5, story_id="a")
    assert only(stories.group([same_day], [first], [told("a", "a", day=0.2)])).development == 1


def test_two_developments_of_one_week_have_two_numbers() -> None:
    """Keys are unique: each of them is mailed once."""
    before = candidate("a", *STRIKE, day=0, story_id="a")
    one = candidate("b", *END, day=9)
    other = candidate(
        "c",
        "Greta de Lille : après la grève, les formateurs obtiennent un audit des commandes",
        "Le rectorat a confié à un cabinet l'audit que les formateurs du Greta de Lille demandaient pendant la grève. Les sites "
        "de Roubaix et d'Armentières seront visités en avril. La fermeture attendra le rapport, dit le syndicat.",
        day=11,
    )
    found = stories.group([one, other], [before], [told("a", "a")])
    assert [story.entry_key for story in found] == ["a#2", "a#3"]


def test_what_editions_told_is_read_from_them() -> None:
    """Editions frozen before developments were counted speak too: their entries' keys are their stories."""
    edition = digest.build(plan())
    old = Entry(
        key="k", document_key="k", title="t", url="https://k.example/", publisher="p", published_at=None, excerpts=(),
        relevance=2, score=0.5, themes=(), evidence=(),
    )  # fmt: skip
    section = Section(theme="ia", label="IA", colour="#000000", entries=(old, replace(old, key="s#2", story="s", development=2)))
    frozen: Edition = replace(edition, sections=(section,))
    found = stories.told([frozen], frozen.cutoff - timedelta(days=21))
    assert [(one.story, one.development, one.documents, one.number) for one in found] == [
        ("k", 1, ("k",), 12),
        ("s", 2, ("k",), 12),
    ]
    assert stories.told([frozen], frozen.cutoff) == ()


def test_documents_told_before_do_not_stand_for_what_is_new() -> None:
    """The entry of a development quotes the new document, even where the old one is offered again."""
    old, new = candidate("a", *STRIKE, score=0.99), candidate("b", *END, day=9)
    story = Story(id="a", keys=("a", "b"), development=2, told=told("a", "a"))
    (entry,) = digest.build(plan(old, new, stories=(story,))).sections[0].entries
    assert entry.document_key == "b"


def test_older_than_the_window_is_another_story() -> None:
    """After 21 days the end of a strike is news of its own."""
    before: Candidate = candidate("a", *STRIKE, day=-20)
    assert only(stories.group([candidate("b", *END, day=9)], [before], [told("a", "a", day=-19)])).development == 1
