"""Handing frozen mails over: to an SMTP relay, or to a folder of .eml files.

`outbox` is the state machine; `smtp` and `spool` are the two ways out, alike behind `Transport`. A transport never decides
what happens next: it says what the other side answered, and `outbox.next_step` turns that into the next state.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from watcher.errors import DeliveryError
from watcher.model import Delivery


class Transport(Protocol):
    """A way for mails to leave, opened once for a batch: `with transport: transport.send(...)`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def send(self, delivery: Delivery, before_final_dot: Callable[[], None]) -> str:
        """Hand `delivery.raw` over and return the reply that took responsibility for it (RFC 5321, 6.1).

        `before_final_dot` is called once, just before the step that cannot be taken back; when it raises, the mail is not
        handed over and its exception passes through. Raises DeliveryError: plain when this mail was not taken,
        `RelayError` when no mail can leave at present, `UnansweredError` when nobody can tell whether it was taken.
        """
        ...


class RelayError(DeliveryError):
    """The relay itself cannot be used (connection, certificate, password): everybody's mail waits, nobody's is refused.

    `transient` is False when only a person can mend it.
    """


class UnansweredError(DeliveryError):
    """The final dot left and no answer came back: the mail may or may not have been taken (RFC 5321, 4.5.3.2.6)."""
