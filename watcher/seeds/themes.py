"""themes.yaml: the themes, their terms, and the relevance rule."""

import re
from typing import Any, cast

from watcher.classify.themes import FALSE_ALARM, MISS, Concept, Rule, is_searchable
from watcher.model import Term, Theme
from watcher.seeds.page import Page, is_number, is_text

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RESTORE = "Restore the file, or delete it and run `watcher init HOME`, which lays the shipped one out."
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def read_themes(page: Page, root: Any) -> tuple[tuple[Theme, ...], Rule]:
    if root is None:
        if not page.errors:
            page.wrong("is empty: there is no theme in it.", remedy=_RESTORE)
        return (), Rule()
    top = page.mapping(root, None, None, ("themes", "relevance"), ("themes",))
    themes: list[Theme] = []
    known = ("id", "label", "description", "weight", "colour", "threshold", "terms", "excludes")
    for parent, place, item in page.items(top, "themes"):
        node = page.mapping(item, parent, place, known, ("id", "label", "description"))
        identifier = page.value(node, "id", "", lambda v: is_text(v) and bool(_ID.fullmatch(v)), "lower-case words joined by -")
        if identifier in {theme.id for theme in themes}:
            page.wrong(f"the theme {identifier!r} is defined twice.", *page.at(node, "id"))
        themes.append(
            Theme(
                id=identifier,
                label=page.value(node, "label", "", is_text, "a text"),
                description=page.value(node, "description", "", is_text, "a text"),
                weight=float(page.value(node, "weight", 1.0, is_number(0, 10), "a number from 0 to 10") or 0.0),
                colour=page.value(node, "colour", "#334155", lambda v: is_text(v) and bool(_COLOUR.fullmatch(v)), "#RRGGBB"),
                threshold=page.value(node, "threshold", None, is_number(0, 1), "a number from 0 to 1"),
                terms=_terms(page, node, "terms"),
                excludes=_terms(page, node, "excludes"),
            )
        )
    if not themes and not page.errors:
        page.wrong("there is no theme in it.", *page.at(top, "themes"), remedy=_RESTORE)
    return tuple(themes), _rule(page, top)


def _rule(page: Page, top: dict[str, Any]) -> Rule:
    if "relevance" not in top:
        return Rule()
    known = ("useful", "sure", "marginal", "costs", "must_read", "concepts")
    node = page.mapping(top["relevance"], top, "relevance", known)
    concepts: list[Concept] = []
    for parent, place, item in page.items(node, "concepts"):
        one = page.mapping(item, parent, place, ("id", "terms", "excludes"), ("id", "terms"))
        identifier = page.value(one, "id", "", is_text, "a text")
        concepts.append(Concept(id=identifier, terms=_terms(page, one, "terms"), excludes=_terms(page, one, "excludes")))
    ids = [concept.id for concept in concepts]
    must_read: list[tuple[str, ...]] = []
    for parent, place, item in page.items(node, "must_read"):
        some = tuple(cast("list[str]", item)) if isinstance(item, list) else (str(item),)
        must_read.append(some)
        for name in some:
            if name not in ids:
                page.wrong(f"must_read: {name!r} is not a concept.", *page.at(parent, place), f"Concepts: {', '.join(ids)}.")
    costs = page.mapping(node["costs"], node, "costs", ("miss", "false_alarm")) if "costs" in node else {}
    useful = page.value(node, "useful", None, is_number(0, 1), "a number from 0 to 1")
    sure = page.value(node, "sure", Rule().sure, _is_chance, "a number from 0 to 1")
    marginal = page.value(node, "marginal", Rule().marginal, _is_chance, "a number from 0 to 1")
    for name, higher in (("sure", sure), ("useful", useful if "marginal" in node else None)):
        if higher is not None and marginal > higher:
            place = page.at(node, "marginal" if "marginal" in node else name)
            page.wrong(
                f"marginal: {marginal} is above {name}, which is {higher}.", *place, "Grade 1 begins below grades 2 and 3."
            )
    return Rule(
        useful=useful,
        sure=sure,
        marginal=marginal,
        miss=float(page.value(costs, "miss", MISS, _is_cost, "a number from 0.1 to 100")),
        false_alarm=float(page.value(costs, "false_alarm", FALSE_ALARM, _is_cost, "a number from 0.1 to 100")),
        must_read=tuple(must_read),
        concepts=tuple(concepts),
    )


def _is_chance(value: Any) -> bool:
    return value is not None and is_number(0, 1)(value)


def _is_cost(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.1 <= value <= 100


def _is_term(value: Any) -> bool:
    return is_text(value) and is_searchable(value)


def _terms(page: Page, node: dict[str, Any], key: str) -> tuple[Term, ...]:
    terms: list[Term] = []
    for parent, place, item in page.items(node, key):
        one = page.mapping(item, parent, place, ("pattern", "weight", "exact"), ("pattern",))
        pattern = page.value(one, "pattern", "", _is_term, "a word or a phrase, not link words only")
        weight = page.value(one, "weight", 1.0, is_number(0, 10), "a number from 0 to 10")
        exact = page.value(one, "exact", False, lambda v: isinstance(v, bool), "true or false")
        if pattern:
            terms.append(Term(pattern=pattern, weight=float(weight or 0.0), exact=exact))
    return tuple(terms)
