"""The life of a mail in the outbox."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deliver.relays import NOW, delivery
from watcher.deliver import RelayError, UnansweredError, outbox
from watcher.errors import DeliveryError
from watcher.model import Delivery, DeliveryState

LATER = DeliveryError("451 later", code=451)
NEVER = DeliveryError("550 no such user", code=550, transient=False)
NOBODY_KNOWS = UnansweredError("no answer to the final dot")


def step(row: Delivery, outcome: str | DeliveryError | None, *, on_unknown: str = "resend", chance: float = 0.5) -> outbox.Move:
    return outbox.next_step(row, outcome, now=NOW, on_unknown=on_unknown, random=lambda: chance)


def stored(row: Delivery, move: outbox.Move) -> Delivery:
    """Return the row as the store would hold it after `move`."""
    return replace(
        row,
        state=move.state,
        attempts=move.attempts,
        hand_overs=move.hand_overs,
        not_before=move.not_before,
        reply=move.reply,
    )


def test_an_accepted_mail_is_sent_and_keeps_the_receipt() -> None:
    """The 250 text, with the relay's queue id, stays in the outbox."""
    move = step(delivery(), "250 2.0.0 Ok: queued as 4F2")
    assert (move.state, move.reply, move.hand_overs) == (DeliveryState.SENT, "250 2.0.0 Ok: queued as 4F2", 1)


def test_a_5xx_is_refused_at_once() -> None:
    """What the relay refuses for good is not tried again, and says why (row E04)."""
    move = step(delivery(), NEVER)
    assert (move.state, move.reply, move.not_before) == (DeliveryState.REFUSED, "550 no such user", None)


def test_the_backoff_doubles_with_jitter_and_ends_after_48_hours() -> None:
    """4xx after 4xx: 5, 10, 20 minutes and so on, never more than 6 hours apart, refused once 48 hours are over (row E03)."""
    row, waits = delivery(), list[timedelta]()
    while (move := step(row, LATER)).state is DeliveryState.DEFERRED:
        assert move.not_before is not None
        waits.append(move.not_before - NOW)
        row = stored(row, move)
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40)]
    assert max(waits) == timedelta(hours=6)
    assert timedelta(hours=48) <= sum(waits, timedelta()) < timedelta(hours=54)
    assert move.state is DeliveryState.REFUSED
    assert move.hand_overs == 0


def test_the_jitter_spreads_retries_by_a_fifth() -> None:
    """Two hundred mails greylisted together do not come back together (row E03)."""
    early, late = step(delivery(), LATER, chance=0.0), step(delivery(), LATER, chance=0.999)
    assert early.not_before == NOW + timedelta(minutes=4)
    assert late.not_before is not None
    assert NOW + timedelta(minutes=5, seconds=58) < late.not_before < NOW + timedelta(minutes=6)


def test_a_greylisted_mail_leaves_within_twenty_minutes() -> None:
    """A greylist of 15 minutes costs two refusals, not an afternoon (row E03)."""
    first = step(delivery(), LATER)
    second = step(stored(delivery(), first), LATER)
    assert first.not_before is not None
    assert second.not_before is not None
    assert timedelta(minutes=15) <= (first.not_before - NOW) + (second.not_before - NOW) <= timedelta(minutes=20)


def test_a_relay_that_rejects_our_password_refuses_nobody() -> None:
    """535 is not about the recipient: the mail waits (row E04)."""
    move = step(delivery(), RelayError("535 bad password", code=535, transient=False))
    assert move.state is DeliveryState.DEFERRED


def test_an_unanswered_mail_is_resent_once_then_held() -> None:
    """`on_unknown: resend` hands the same mail over a second time, and never a third (promise P3, row E02)."""
    row = stored(delivery(), outbox.begin(delivery()))
    first = step(row, NOBODY_KNOWS)
    assert (first.state, first.hand_overs) == (DeliveryState.QUEUED, 1)
    assert first.not_before is not None
    assert first.not_before > NOW
    row = stored(row, first)
    row = stored(row, outbox.begin(row))
    second = step(row, NOBODY_KNOWS)
    assert (second.state, second.hand_overs, second.not_before) == (DeliveryState.UNKNOWN, 2, None)
    with pytest.raises(DeliveryError, match="handed over 2 times"):
        outbox.begin(replace(row, state=DeliveryState.QUEUED))


def test_an_unanswered_mail_is_held_when_the_settings_say_so() -> None:
    """`on_unknown: hold` waits for an operator after one hand-over (promise P3, row E02)."""
    move = step(delivery(), NOBODY_KNOWS, on_unknown="hold")
    assert (move.state, move.hand_overs, move.not_before) == (DeliveryState.UNKNOWN, 1, None)


@pytest.mark.parametrize("left_as", [DeliveryState.HANDING_OVER, DeliveryState.UNKNOWN])
def test_what_a_killed_process_left_behind_is_settled_at_the_next_start(left_as: DeliveryState) -> None:
    """A row found in the window around the dot counts the dot it announced, once (row E01)."""
    row = delivery(state=left_as, hand_overs=1)
    assert step(row, None).state is DeliveryState.QUEUED
    assert step(row, None).hand_overs == 1
    assert step(row, None, on_unknown="hold").state is DeliveryState.UNKNOWN
    assert step(replace(row, hand_overs=2), None).state is DeliveryState.UNKNOWN


def test_a_refused_dot_is_not_a_hand_over() -> None:
    """451 to the final dot is an answer: the mail was not taken, however often that happens (row E03)."""
    row = delivery()
    for _ in range(5):
        row = stored(row, outbox.begin(row))
        assert row.hand_overs == 1
        row = stored(row, step(row, LATER))
        assert (row.state, row.hand_overs) == (DeliveryState.DEFERRED, 0)


@given(
    st.lists(st.sampled_from(["lost", "died", "later", "no relay", "refused"]), max_size=40),
    st.sampled_from(["resend", "hold"]),
    st.booleans(),
)
def test_no_story_leads_to_a_third_hand_over(events: list[str], on_unknown: str, row_is_fresh: bool) -> None:
    """Whatever happens in whatever order, final dots that went unanswered are at most two, or one on `hold` (row E01)."""
    outcomes: dict[str, DeliveryError | None] = {
        "lost": NOBODY_KNOWS,
        "died": None,
        "later": LATER,
        "no relay": RelayError("gone"),
        "refused": NEVER,
    }
    row, dots = delivery(), 0
    for event in events:
        if row.state not in (DeliveryState.QUEUED, DeliveryState.DEFERRED):
            break
        before = row
        if event != "no relay":
            row = stored(row, outbox.begin(row))
            dots += event in ("lost", "died")
        row = stored(row, step(row if row_is_fresh else before, outcomes[event], on_unknown=on_unknown))
    assert dots <= (2 if on_unknown == "resend" else 1)
    assert row.hand_overs == dots
