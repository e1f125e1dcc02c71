"""Characters that a database, a mail or a screen cannot take are gone; wrong decodings are undone when that is certain."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import text

LINES = {
    "Un titre  sur\ndeux\tlignes ": "Un titre sur deux lignes",
    "piège\u2028Bcc: x@y.z\r\nSuite": "piège Bcc: x@y.z Suite",
    "\ufeffIA\u200b gén\u00adérative\u2060": "IA générative",
    "exe.\u202efdp\u202c": "exe.fdp",
    "\u2066a\u2069\u200fb\u061cc": "abc",
    "a\x00b\x1b[31mc\x9dd": "ab[31mcd",
    "\ud83d seul, \ud83d\ude00 paire": "\ufffd seul, 😀 paire",
    "Question\u00a0: « quoi\u202f? »": "Question\u00a0: « quoi\u202f? »",
    "collé\u00a0partout\u00a0ici": "collé partout ici",
    "1\u202f000\u00a0€": "1\u202f000\u00a0€",
    "MÃ©tiers": "Métiers",
    "<b>reste</b>": "<b>reste</b>",
    " \u200b\n": "",
}


@pytest.mark.parametrize("line", LINES, ids=ascii)
def test_a_title_is_one_clean_line(line: str) -> None:
    """A title cannot add a header, reorder what follows or hide a word (rows E06, F11, H08)."""
    assert text.clean_line(line) == LINES[line]


def test_a_stack_of_marks_is_cut_to_four() -> None:
    """A million combining marks on a letter do not cover the page, and cost no more than a moment (row H08)."""
    begin = time.process_time()
    line = text.clean_line("e" + "\u0301\u0316" * 500_000 + "t Việt")
    assert time.process_time() - begin < 5
    assert sum(unicodedata.combining(c) > 0 for c in unicodedata.normalize("NFD", line.split("t")[0])) <= 4
    assert line.endswith("t Việt")


def test_a_long_line_is_cut_at_a_word() -> None:
    """A cut shows, falls between words and leaves no dangling punctuation."""
    assert text.clean_line("Les métiers, les compétences et la formation", 14) == "Les métiers…"
    assert text.clean_line("Les métiers", 11) == "Les métiers"
    assert text.clean_line("anticonstitutionnellement", 10) == "anticonst…"
    assert text.clean_line("abc", 1) == "…"
    assert text.clean_line("abc", 0) == ""


@given(st.text(max_size=400), st.integers(0, 60))
def test_a_line_is_within_its_limit_and_settled(line: str, limit: int) -> None:
    """Whatever comes in, a line fits, any encoder takes it, and cleaning it again changes nothing (row E06)."""
    cleaned = text.clean_line(line, limit)
    assert len(cleaned) <= limit
    assert len(cleaned.splitlines()) <= 1
    cleaned.encode("utf-8")
    whole = text.clean_line(line, 1000)
    assert text.clean_line(whole, 1000) == whole


def test_what_a_database_takes_is_otherwise_kept() -> None:
    """NUL goes, a half surrogate is marked, a replacement character and right-to-left marks stay (row F10)."""
    assert text.valid("a\x00b\ud800c\ufffdd\u200fe\u0301\t\n") == "ab\ufffdc\ufffdd\u200fé\t\n"
    assert text.valid("\ud83d\ude00") == "😀"
    assert text.valid("plain\x00 ascii") == "plain ascii"


@given(st.text(max_size=200))
def test_valid_text_is_normal_and_settled(raw: str) -> None:
    """Text for the store is in NFC and can be encoded; storing it again changes nothing (row D15)."""
    kept = text.valid(raw)
    assert unicodedata.is_normalized("NFC", kept)
    assert "\x00" not in kept.encode("utf-8").decode("utf-8")
    assert text.valid(kept) == kept


def test_a_million_marks_are_stored_in_linear_time() -> None:
    """Normalising a hostile run of marks does not hang the program, and the marks are still there (row H08)."""
    begin = time.process_time()
    kept = text.valid("a" + "\u0301\u0316" * 500_000)
    assert time.process_time() - begin < 8
    assert kept.count("\u0316") == 500_000


GARBLED = {
    "MÃ©tiers dâ€™avenir": "Métiers d’avenir",
    "lâ\x80\x99Ã©tude": "l’étude",
    "Ã‰tude Ã\xa0 paraÃ®tre": "Étude à paraître",
    "FranceÂ\xa0CompÃ©tences": "France\xa0Compétences",
    "cÅ“ur Â« mÃ©tier Â»": "cœur « métier »",
    "MÃƒÂ©tiers": "Métiers",
    "MÃ©tiers — œuvre": "Métiers — œuvre",
    "MÃ©tiers 中": "Métiers 中",
}
SOUND = [
    "Métiers d’avenir",
    "SÃO PAULO",
    "Âge légal, Â",
    "CORAÇÃO",
    "ÂŒ",
    "naïve façade",
    "40 € — ±5 %",
    "ascii",
    "",
    "Ã 中",
    "Å",
    "â€",
]


@pytest.mark.parametrize("garbled", GARBLED, ids=ascii)
def test_utf8_read_as_windows_1252_is_repaired(garbled: str) -> None:
    """A feed that was decoded twice gives readable French (row F10)."""
    assert text.mojibake(garbled) == GARBLED[garbled]


@pytest.mark.parametrize("sound", SOUND, ids=ascii)
def test_sound_text_is_left_alone(sound: str) -> None:
    """What is not certainly garbled stays as it is (row F10)."""
    assert text.mojibake(sound) == sound


@given(st.text(alphabet="aeiou tdnréèàùçâêîôûëïüœæÉÀŒ’«»–… ", max_size=80))
def test_french_survives_being_decoded_wrongly(french: str) -> None:
    """Any French text that was encoded in UTF-8 and read as windows-1252 comes back, and is untouched when it was not."""
    broken = "".join(bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in french.encode())
    assert text.mojibake(broken) == french
    assert text.mojibake(french) == french
