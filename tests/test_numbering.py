"""Every known form of a question's address leads to its key."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import numbering


def test_the_key_of_a_question_is_told_from_other_names() -> None:
    """Addresses, titles and guids are no keys, whatever they are about."""
    assert numbering.is_key("question:senat:17:QE:719")
    assert not any(
        map(numbering.is_key, ("https://www.senat.fr/questions/base/2024/qSEQ241000719.html", "questions", "QE 719", ""))
    )


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.senat.fr/questions/base/2024/qSEQ241000719.html", "question:senat:17:QE:719"),
        ("http://senat.fr/questions/base/2024/qSEQ241000719.html", "question:senat:17:QE:719"),
        ("http://www.senat.fr/questions/base/2025/qSEQ250705373", "question:senat:17:QE:5373"),
        ("https://conference.senat.fr/questions/base/2022/qSEQ220628479.html", "question:senat:15:QE:28479"),
        ("https://www.senat.fr/questions/base/2024/qSEQ24100104S.html", "question:senat:17:QOSD:104"),
        ("https://www.senat.fr/questions/base/2019/qSEQ19010587S.html", "question:senat:15:QOSD:587"),
        ("https://www.senat.fr/questions/base/2025/qSEQ25020188G.html?x=1#y", "question:senat:17:QG:188"),
        ("http://www.senat.fr/basile/visio.do?id=qSEQ16030791G&idtable=q313501|q313502&_na=QG", "question:senat:14:QG:791"),
        ("qSEQ241000719", "question:senat:17:QE:719"),
        ("https://www.senat.fr/questions/base/1997/qSEQ970518765.html", "question:senat:10:QE:18765"),
        ("https://www.assemblee-nationale.fr/dyn/17/questions/QANR5L17QE6139", "question:assemblee:17:QE:6139"),
        ("http://questions.assemblee-nationale.fr/dyn/16/questions/QANR5L16QE6139.pdf", "question:assemblee:16:QE:6139"),
        ("https://questions.assemblee-nationale.fr/q17/17-2634QE.htm", "question:assemblee:17:QE:2634"),
        ("http://questions.assemblee-nationale.fr/q14/14-47351QE.htm/vue/xml", "question:assemblee:14:QE:47351"),
        ("https://questions.assemblee-nationale.fr/q15/15-12QOSD.htm", "question:assemblee:15:QOSD:12"),
        ("json/QANR5L17QG1.json", "question:assemblee:17:QG:1"),
        ("QANR5L17QE1", "question:assemblee:17:QE:1"),
    ],
)
def test_a_known_form_leads_to_its_key(address: str, key: str) -> None:
    """Both chambers, old and new, http or https, mirrors, PDF, XML, a reference alone."""
    assert numbering.address_key(address) == key


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://www.senat.fr/",
        "https://www.senat.fr/questions/base/00719.html",
        "https://www.senat.fr/questions/base/17/q1700719.html",
        "https://www.senat.fr/questions/base/2024/qSEQ241300719.html",
        "https://www.senat.fr/questions/base/2024/qSEQ241000000.html",
        "https://www.senat.fr/questions/base/2011/qSEQ11010007Z.html",
        "https://www.senat.fr/questions/base/2024/",
        "https://[broken/qSEQ241000719.html/",
        "https://www.assemblee-nationale.fr/dyn/17/questions",
        "QANR5L17QE000",
    ],
)
def test_what_is_no_question_leads_nowhere(address: str) -> None:
    """Home pages, indexes, the forms that are known to be wrong, letters and months that do not exist."""
    assert numbering.address_key(address) is None


@pytest.mark.parametrize(
    ("published", "kind", "number", "legislature"),
    [
        (date(2024, 6, 20), "QE", "12150", 16),  # dissolved on the 9th: the numbers go on
        (date(2024, 7, 25), "QE", "40", 17),
        (date(2024, 7, 11), "QE", "12400", 16),
        (date(2022, 6, 30), "QE", "28479", 15),  # eight days into the 16th
        (date(2022, 7, 14), "QE", "1450", 16),
        (date(2022, 7, 7), "QOSD", "2400", 15),
        (date(2022, 7, 7), "QOSD", "12", 16),
        (date(2017, 7, 6), "QG", "5", 15),
        (date(2017, 8, 3), "QE", "999", 15),
        (date(1978, 4, 5), "QE", "25900", 6),
    ],
)
def test_the_senat_counts_on_for_a_while(published: date, kind: str, number: str, legislature: int) -> None:
    """Around a new legislature the number tells under which one a question was counted."""
    assert numbering.senat_legislature(published, kind, number) == legislature


def test_before_the_base_there_is_no_legislature() -> None:
    """The Sénat's base begins in April 1978."""
    assert numbering.senat_legislature(date(1970, 1, 1), "QE", "1") is None


@given(st.text(max_size=200))
def test_any_words_are_an_address_or_none(words: str) -> None:
    """Whatever stands where an address should, there is a key or none, never an exception."""
    key = numbering.address_key(words)
    assert key is None or key.startswith("question:")


@given(st.dates(min_value=date(1978, 4, 3), max_value=date(2060, 12, 31)), st.integers(1, 99_999))
def test_the_day_in_the_month_does_not_matter(day: date, number: int) -> None:
    """A listing that gives the day and an address that gives the month agree."""
    assert numbering.senat_legislature(day, "QE", str(number)) == numbering.senat_legislature(
        day.replace(day=1), "QE", str(number)
    )
