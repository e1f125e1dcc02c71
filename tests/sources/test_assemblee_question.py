"""What is read in one record of the Assemblée: real files, every oddity, every field missing in turn, any tree at all."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.sources.assemblee_builders import CASES, LATEST, NOW, URL, a_source, real_tree
from watcher import numbering, sources
from watcher.errors import ParseError
from watcher.model import FetchResult, Parsed, Question, QuestionStatus, Request, SourceState
from watcher.sandbox import envelope
from watcher.sources import assemblee_json, assemblee_questions
from watcher.sources.assemblee_nodes import Node

FILES = sorted(path for path in CASES.iterdir() if not path.name.endswith((".expected.json", ".md")))


def read(content: bytes | str, url: str = URL) -> Parsed:
    """Read one file as a poll of a single file would."""
    body = content.encode() if isinstance(content, str) else content
    result = FetchResult(request=Request(url=url), url=url, status=200, body=body, fetched_at=NOW)
    return sources.parse(a_source(url), result, SourceState(source_id="an"))


def question(tree: Node) -> Question:
    return assemblee_json.question(tree, legislature=17, latest=LATEST)


@pytest.mark.parametrize("case", FILES, ids=lambda path: path.name)
def test_a_case_is_read_as_expected(case: Path) -> None:
    """The two real files, and the shapes of the 14th, 15th and 17th legislatures, whole."""
    expected = TypeAdapter(Parsed).validate_json(case.with_name(case.name.split(".")[0] + ".expected.json").read_bytes())
    assert read(case.read_bytes()) == expected


def test_the_real_question_of_2014_gives_its_life() -> None:
    """Asked 7 January 2014 p. 18, renewed 15 April, taken over by the same ministry under a new reference, answered 13 May."""
    (item,) = read((CASES / "q14_14-47351QE.xml").read_bytes()).items
    found = item.question
    assert found is not None
    assert found.answer is not None
    assert (found.key, found.asked_on, found.page) == ("question:assemblee:14:QE:47351", date(2014, 1, 7), "18")
    assert (found.renewed_on, found.signalled_on, found.errata) == ((date(2014, 4, 15),), None, ())
    assert [(move.to.ref, move.on) for move in found.transfers] == [("PO700737", date(2014, 4, 3))]
    assert (found.answer.published_on, found.answer.page, found.status) == (date(2014, 5, 13), "3858", QuestionStatus.ANSWERED)
    assert found.author is not None
    assert (found.author.name, found.author.ref) == ("François Cornut-Gentille", "PA923")
    assert "AMX30B2 DT" in found.answer.text
    assert "<" not in found.answer.text


def test_the_real_question_to_the_government_is_cut_where_the_minister_speaks() -> None:
    """A transcript stands in the answer alone: what precedes the first member of the Government is the question."""
    (item,) = read((CASES / "QANR5L17QG1.json").read_bytes()).items
    found = item.question
    assert found is not None
    assert found.answer is not None
    assert found.text.endswith("La parole est à M. le ministre de l'intérieur.")
    assert found.answer.text.startswith("M. Bruno Retailleau, ministre de l'intérieur .")
    assert (found.asked_on, found.sitting_on) == (date(2024, 10, 3), None)


def test_a_transcript_without_a_minister_is_all_answer() -> None:
    """Where nobody is introduced as a member of the Government, nothing is cut."""
    tree = real_tree("QANR5L17QG1.json")
    tree["textesReponse"] = {"texteReponse": {"infoJO": {"dateJO": "2024-10-03"}, "texte": "<strong>M. X.</strong> Bonjour."}}
    found = question(tree)
    assert (found.text, found.answer and found.answer.text) == ("", "M. X. Bonjour.")


def test_its_address_leads_to_its_key() -> None:
    """The page that an item shows is one that the numbering knows."""
    for case in FILES:
        for item in read(case.read_bytes()).items:
            assert numbering.address_key(item.url) == item.guid


NOTHING: list[Node] = [None, "", {}, [], {"@xsi:nil": "true"}, {"@xsi:nil": "true", "@xmlns:xsi": "x"}]


@pytest.mark.parametrize("nothing", NOTHING, ids=str)
@pytest.mark.parametrize("key", ["textesReponse", "cloture", "signalement", "indexationAN", "auteur", "minInt", "minAttribs"])
def test_nothing_has_several_forms_and_is_nothing(key: str, nothing: Node) -> None:
    """null, an empty element, and `{"@xsi:nil": "true"}` are all the same (row F13)."""
    tree = real_tree()
    tree[key] = nothing
    without = {name: value for name, value in tree.items() if name != key}
    assert question(tree) == question(without)


@pytest.mark.parametrize("path", ["minAttribs.minAttrib", "textesQuestion.texteQuestion", "textesReponse.texteReponse"])
def test_one_element_is_an_object_or_a_list_of_one(path: str) -> None:
    """A list of one element reads as that element (row F13)."""
    outer, inner = path.split(".")
    tree = real_tree()
    holder = tree[outer]
    assert isinstance(holder, dict)
    several = holder[inner]
    assert isinstance(several, list)
    as_list, as_object = real_tree(), real_tree()
    as_list[outer], as_object[outer] = {inner: several[:1]}, {inner: several[0]}
    assert question(as_list) == question(as_object)


CLOSINGS: list[tuple[Node, QuestionStatus, str]] = [
    ({"codeCloture": "REP_PUB", "libelleCloture": "Réponse publiée"}, QuestionStatus.ANSWERED, "Réponse publiée"),
    ({"codeCloture": "RET_INI", "libelleCloture": "Retirée par l'auteur"}, QuestionStatus.WITHDRAWN, "Retirée par l'auteur"),
    ({"libelleCloture": "Question retirée sans réponse"}, QuestionStatus.WITHDRAWN, "Question retirée sans réponse"),
    ({"codeCloture": "FIN_MAN", "libelleCloture": "Fin de mandat"}, QuestionStatus.LAPSED, "Fin de mandat"),
    ({"codeCloture": "CADUQUE"}, QuestionStatus.LAPSED, "CADUQUE"),
    ({"libelleCloture": "Transformée en question orale"}, QuestionStatus.CONVERTED, "Transformée en question orale"),
    ({"codeCloture": "ZZZ", "libelleCloture": "Jamais vu"}, QuestionStatus.CLOSED, "Jamais vu (ZZZ)"),
    ({"codeCloture": "ZZZ"}, QuestionStatus.CLOSED, "ZZZ"),
    ({"dateCloture": "2025-05-06"}, QuestionStatus.UNKNOWN, ""),
    ({"codeCloture": None, "libelleCloture": None, "dateCloture": None}, QuestionStatus.OPEN, ""),
    (None, QuestionStatus.OPEN, ""),
]  # fmt: skip


@pytest.mark.parametrize(("closing", "status", "label"), CLOSINGS, ids=lambda value: str(value)[:40])
def test_a_closing_is_told_by_its_code_or_its_words_and_never_dropped(closing: Node, status: QuestionStatus, label: str) -> None:
    """Known endings get their state, unknown codes keep code and label, an unanswered question without one is open (F13)."""
    tree = real_tree()
    tree["textesReponse"], tree["cloture"] = None, closing
    found = question(tree)
    assert (found.status, found.status_label) == (status, label)
    assert (found.answer is not None) == (status is QuestionStatus.ANSWERED)


def test_an_answer_wins_over_whatever_closed_the_question() -> None:
    """A text that was published is an answer, with or without its closing, even after the end of a mandate."""
    closings: list[Node] = [None, {"libelleCloture": "Fin de mandat"}]
    for closing in closings:
        tree = real_tree()
        tree["cloture"] = closing
        assert question(tree).status is QuestionStatus.ANSWERED


def test_a_published_answer_whose_text_is_not_there_has_its_date() -> None:
    """REP_PUB without a text gives an answer of that day, and no word that nobody wrote."""
    tree = real_tree()
    tree["textesReponse"] = None
    answer = question(tree).answer
    assert answer is not None
    assert (answer.text, answer.published_on) == ("", date(2025, 11, 25))


OPENING = "Mme Camille Exemple appelle l'attention de Mme la secrétaire d'État chargée de l'intelligence artificielle et du…"


@pytest.mark.parametrize(
    ("missing", "title"),
    [
        ((), "Prise en charge des contrats. Apprentis œuvrant à distance"),
        (("analyses",), "formation continue"),
        (("analyses", "teteAnalyse"), "formation professionnelle et apprentissage"),
        (("analyses", "teteAnalyse", "rubrique"), OPENING),
    ],
)
def test_the_title_is_what_there_is(missing: tuple[str, ...], title: str) -> None:
    """The analyses, else their head, else the rubric, else the first words: fresh questions carry only some."""
    tree = real_tree()
    index = tree["indexationAN"]
    assert isinstance(index, dict)
    tree["indexationAN"] = {
        key: value for key, value in {**index, "teteAnalyse": "formation continue"}.items() if key not in missing
    }
    (item,) = read(json.dumps({"question": tree})).items
    assert item.title == title


@pytest.mark.parametrize(
    "written", ["2025-03-04", "04/03/2025", "2025-03-04T00:00:00.000+01:00", "2025-03-04+01:00", " 4/3/2025 "]
)
def test_both_forms_of_dates_are_read_everywhere(written: str) -> None:
    """ISO in the 17th legislature and the 14th, French in the 15th and 16th."""
    tree = real_tree()
    tree["textesQuestion"] = {"texteQuestion": {"infoJO": {"dateJO": written}, "texte": "Une question."}}
    assert question(tree).asked_on == date(2025, 3, 4)


@pytest.mark.parametrize("written", ["2925-03-04", "0001-01-01", "31/02/2025", "hier", 20250304, None, ["2025-03-04"]])
def test_what_cannot_be_a_date_is_none(written: Node) -> None:
    """An absurd date is no date; the first attribution tells the day then (row F07)."""
    tree = real_tree()
    tree["textesQuestion"] = {"texteQuestion": {"infoJO": {"dateJO": written}, "texte": "Une question."}}
    assert question(tree).asked_on == date(2025, 3, 4)
    tree["minAttribs"] = None
    assert question(tree).asked_on is None


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("signalement", {"dateSignalement": "2025-05-20"}, "signalled_on"),
        ("signalement", {"infoJO": {"dateJO": "20/05/2025"}}, "signalled_on"),
        ("renouvellement", {"dateRenouvellement": "2025-05-20"}, "renewed_on"),
        ("renouvellements", {"renouvellement": {"dateJO": "2025-05-20"}}, "renewed_on"),
        ("erratumQuestion", {"dateJO": "2025-05-20", "pageJO": "12"}, "errata"),
        ("errata", {"erratum": [{"date": "20/05/2025"}]}, "errata"),
    ],
)
def test_reports_renewals_and_errata_are_found_under_the_keys_they_may_have(key: str, value: Node, field: str) -> None:
    """No file at hand shows the exact keys in JSON: any date below the name that is known counts."""
    tree = {name: one for name, one in real_tree().items() if name not in ("signalement", "renouvellements", "erratum")}
    tree[key] = value
    found = getattr(question(tree), field)
    assert found in (date(2025, 5, 20), (date(2025, 5, 20),))


def test_identity_comes_from_the_uid_else_from_number_type_and_legislature() -> None:
    """A renamed or missing uid is made up for by the number; the address tells the legislature; else the record is aside."""
    tree = real_tree()
    tree["identifiant"] = {"numero": "77", "legislature": "16"}
    assert question(tree).key == "question:assemblee:17:QE:9001"
    tree["uid"] = None
    assert question(tree).key == "question:assemblee:16:QE:77"
    tree["identifiant"], tree["type"] = {"numero": "00077"}, None
    assert question(tree).key == "question:assemblee:17:QE:77"
    tree["@xsi:type"] = None
    with pytest.raises(ParseError) as caught:
        question(tree)
    assert caught.value.reason == "no_identity"


WRONG: tuple[Node, ...] = ({"a": [1]}, 7, True, ["x"], "x")


def every_place(tree: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, below in steps:
        yield from every_place(below, (*path, step))


def changed(path: tuple[str | int, ...], value: object, *, drop: bool) -> dict[str, Node]:
    """Return the real record with what lies at `path` replaced or left out."""
    tree = real_tree()
    place: Node = tree
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]
    if drop:
        del place[path[-1]]  # type: ignore[arg-type]
    else:
        place[path[-1]] = value  # type: ignore[index]
    return tree


def changed_to_wrong(path: tuple[str | int, ...]) -> Iterator[dict[str, Node]]:
    for wrong in WRONG:
        yield changed(path, wrong, drop=False)


@pytest.mark.parametrize("path", list(every_place(real_tree())), ids=lambda path: ".".join(map(str, path)))
def test_every_field_missing_or_wrong_in_turn_leaves_a_question_with_the_rest(path: tuple[str | int, ...]) -> None:
    """No field is needed but the uid or the number: the record is read, and what was not touched is unchanged (row F13)."""
    for tree in (
        changed(path, None, drop=True),
        *(changed(path, wrong, drop=False) for wrong in ({"a": [1]}, 7, True, ["x"], "x")),
    ):
        found = question(tree)
        assert found.kind == "QE"
        if path[0] not in ("textesQuestion", "uid", "identifiant"):
            assert found.text.startswith("Mme Camille Exemple")
        if path[0] not in ("uid", "identifiant"):
            assert found.number == "9001"


KEYS = sorted({str(step) for path in every_place(real_tree()) for step in path if isinstance(step, str)})
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40),
    st.sampled_from(["2024-10-03", "03/10/2024", "QANR5L17QE1", "PA1", "<p>Bonjour<br>", "REP_PUB", "&#339;", "true", "\ud800"]),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), below, max_size=5),
    max_leaves=25,
)


def refusal(work: Callable[[], object]) -> str:
    """Return the reason of the ParseError that `work` raises, empty when it raises none; any other exception goes through."""
    try:
        work()
    except ParseError as error:
        return error.reason
    return ""


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(tree=TREES)
def test_any_tree_gives_a_question_or_is_set_aside(tree: Node) -> None:
    """Whatever stands under `question` is a question or a ParseError, never another exception (row F13)."""
    if refusal(lambda: assemblee_json.records({"question": tree})) == "no_question":
        return
    for record in assemblee_json.records({"question": tree}):
        assert refusal(partial(_written, record)) in ("", "no_identity")


def _written(record: Node) -> None:
    envelope.answer(question(record))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.dictionaries(st.sampled_from(KEYS), TREES, max_size=8))
def test_a_question_keeps_its_identity_whatever_its_other_fields_hold(parts: dict[str, Node]) -> None:
    """With its uid intact, a record is always read, and leaves its worker (row F13)."""
    found = question({**parts, "uid": "QANR5L17QE12"})
    assert found.key == "question:assemblee:17:QE:12"
    envelope.answer(found)


@settings(max_examples=200)
@given(noise=st.binary(max_size=60), place=st.integers(min_value=0, max_value=1919))
def test_bytes_that_were_damaged_are_read_or_set_aside(noise: bytes, place: int) -> None:
    """XML and JSON with a hole in them give items or a ParseError with its reason, never another exception (row F13)."""
    for name in ("QANR5L15QE9002.xml", "QANR5L17QE9001.json"):
        whole = (CASES / name).read_bytes()
        result = FetchResult(
            request=Request(url=URL), url=URL, status=200, body=whole[:place] + noise + whole[place + 10 :], fetched_at=NOW
        )
        reason = refusal(partial(assemblee_questions.parse, a_source(), result, SourceState(source_id="an")))
        assert reason in ("", "broken_json", "broken_xml", "no_question", "no_identity", "empty")


DOCTYPE = '<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><question>&b;</question>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "broken_json"),
        ('{"question": }', "broken_json"),
        ("<question>", "broken_xml"),
        ("<autre/>", "no_question"),
        ("[1, 2]", "no_question"),
        ('{"question": {"texte": "sans numéro"}}', "no_identity"),
        ("[" * 5_000, "broken_json"),
        ("", "empty"),
        (DOCTYPE, "no_identity"),
    ],
)
def test_what_cannot_be_read_says_why(content: str, reason: str) -> None:
    """Broken JSON, broken XML, other content, no number, deep nesting, entities: each has its reason."""
    with pytest.raises(ParseError) as caught:
        read(content)
    assert caught.value.reason == reason


def test_entities_of_a_doctype_are_not_expanded() -> None:
    """A file on our disk named by an entity stays there."""
    hostile = '<!DOCTYPE q [<!ENTITY f SYSTEM "file:///etc/passwd">]><question><uid>QANR5L17QE5</uid><type>&f;</type></question>'
    (item,) = read(hostile).items
    assert item.question is not None
    assert "root" not in str(item)
