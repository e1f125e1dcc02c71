"""Each kind reads each of its captured cases exactly as the JSON beside it says.

A case is `tests/sources/<kind>/<case>.<format>`, with `<case>.expected.json`, and `<case>.options.json` when it needs options.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from watcher import sources
from watcher.model import FetchResult, Parsed, Source, SourceState

Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]

HERE = Path(__file__).parent
URLS = {
    "feed": "https://flux.example/dossier/flux",
    "page": "https://bois.example/actualites",
    "senat_questions": "https://data.senat.example/questions-depuis-un-an.csv",
    "sitemap": "https://plan.example/map",
}
CASES = sorted(
    path
    for kind in sources.KINDS
    for path in (HERE / kind).glob("*")
    if path.is_file() and not path.name.endswith((".expected.json", ".options.json"))
)


def pair_of(case: Path) -> Path:
    return case.with_name(case.name.split(".")[0] + ".expected.json")


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_case_is_read_as_expected(case: Path, answer: Answer, source: MakeSource, state: SourceState) -> None:
    """What a kind understands of a captured answer, whole (rows F04, F05, F07, F10, F11, F17)."""
    kind = case.parent.name
    options_file = pair_of(case).with_name(case.name.split(".")[0] + ".options.json")
    options: dict[str, object] = json.loads(options_file.read_text() if options_file.exists() else "{}")
    parsed = sources.parse(
        source(kind, url=URLS[kind], **options), answer(case.read_bytes(), url=URLS[kind], media_type="text/plain"), state
    )
    assert parsed == TypeAdapter(Parsed).validate_json(pair_of(case).read_bytes())


def test_every_case_has_its_expectation_and_every_expectation_its_case() -> None:
    """A case without its pair, or a pair without its case, checks nothing."""
    expected = {path for kind in sources.KINDS for path in (HERE / kind).glob("*.expected.json")}
    assert {pair_of(case) for case in CASES} == expected
    assert all((HERE / kind).glob("*.expected.json") for kind in sources.KINDS)
    assert len(CASES) >= 40
