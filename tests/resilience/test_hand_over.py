"""Killed in the middle of a hand-over: a few points here, all of them in `make resilience`."""

from collections import Counter

import pytest

from benchmarks.resilience import hand_over, judge, points
from benchmarks.resilience.judge import Fate
from benchmarks.resilience.points import Point

COPY = ("<a@x>", "hash")


def fate(copies: int, state: str = "sent", left: str = "queued") -> Fate:
    return Fate(point=Point("write", 1), copies=(COPY,) * copies, state=state, left=left)


@pytest.mark.skipif(points.available() is not None, reason=f"{points.available()}")
def test_a_kill_loses_no_mail_and_doubles_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every mail is delivered, or told as unknown, whatever instant the process dies at (row E01, promise P3)."""
    monkeypatch.setattr(hand_over, "MAILS", 1)
    (row,) = hand_over.rows(4)[:1]
    assert row.points >= 4
    assert row.kept
    assert row.fates["never"] == 0


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        (fate(0), "silent"),
        (fate(0, "queued"), "silent"),
        (fate(2), "outside"),
        (fate(3, left="handing_over"), "third"),
        (Fate(point=Point("write", 1), copies=(COPY, ("<a@x>", "other")), state="sent", left="handing_over"), "differing"),
    ],
)
def test_the_judge_sees_a_broken_promise(found: Fate, broken: str) -> None:
    """A lost mail, a copy outside the window, a third one, one that differs: each is counted (promise P3)."""
    row = judge.judged("x", [found], of=1)
    assert getattr(row, broken) == 1
    assert not row.kept


def test_the_judge_lets_the_rest_pass() -> None:
    """Once, twice around the dot, and unknown are what was promised."""
    row = judge.judged("x", [fate(1), fate(2, left="handing_over"), fate(0, "unknown"), fate(1, "unknown")], of=9)
    assert row.kept
    assert row.fates == Counter(unknown=2, once=1, twice=1)
    assert "| x | 1 of 9 | 4 | 1 | 1 | 0 | 2 | 0 | 0 | 0 |" in judge.table([row])
