"""What crosses back from a worker: one tag byte, then MessagePack, read as the type that the task promised."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from watcher import errors
from watcher.errors import SandboxError, WatcherError

T = TypeVar("T")

_ANSWER, _REFUSAL, _FAILURE = b"a", b"r", b"f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one task: bytes of address space, seconds of processor and of the clock, bytes of answer."""

    memory: int
    cpu_seconds: float
    wall_seconds: float
    max_output: int


def answer(value: object) -> bytes:
    """Encode what a task returned. Raises TypeError or OverflowError for what is not plain: a subclass of str, 2**64.

    Instants come back in UTC.
    """
    return _ANSWER + msgspec.msgpack.encode(value)


def refusal(error: WatcherError) -> bytes:
    """Encode an error of the project: its class by name, its sentence, its fields. Those of settings are met in no worker."""
    refused = _Refusal(error=type(error).__name__, message=_unicode(str(error)), fields=dict(vars(error)))
    return _REFUSAL + msgspec.msgpack.encode(refused)


def failure(reason: str, message: str) -> bytes:
    """Encode how a task failed in a way nobody foresaw."""
    return _FAILURE + msgspec.msgpack.encode((reason, _unicode(message)))


def lacks_memory(raw: bytes) -> bool:
    """Say whether an envelope tells that there was too little memory."""
    return raw.startswith(failure("memory", "")[:-1])


def rebuild(raw: bytes, returns: type[T], task: str) -> T:
    """Read an envelope: return the answer, or raise the WatcherError of the task, or a SandboxError naming `task`.

    A worker that a page has taken over may write anything: what is not of the type promised is a SandboxError (`crashed`).
    """
    tag, body = raw[:1], memoryview(raw)[1:]
    try:
        if tag == _ANSWER:
            return cast("T", _decoder(returns).decode(body))
        refused = _decoder(_Refusal).decode(body) if tag == _REFUSAL else None
        error = _error(refused) if refused else _failed(_decoder(tuple[str, str]).decode(body), task)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
        raise SandboxError(f"{task}: its answer cannot be read ({wrong}).", reason="crashed", task=task) from wrong
    raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    error: str
    message: str
    fields: dict[str, Any]


def _error(refused: _Refusal) -> WatcherError:
    """Make the task's error again, each field of the type that its constructor, or that of a base, asks for."""
    kind = vars(errors).get(refused.error)
    if not (isinstance(kind, type) and issubclass(kind, WatcherError)):
        raise msgspec.ValidationError(f"There is no error called {refused.error[:80]!r}")
    kinds = [one for one in reversed(kind.__mro__) if issubclass(one, WatcherError)]
    hints = {field: hint for one in kinds for field, hint in get_type_hints(one.__init__).items() if field != "return"}
    error = kind.__new__(kind, refused.message)
    for field, value in refused.fields.items():
        if field not in hints:
            raise msgspec.ValidationError(f"A {refused.error} has no {field[:80]!r}")
        setattr(error, field, msgspec.convert(value, hints[field]))
    return error


def _failed(told: tuple[str, str], task: str) -> SandboxError:
    reason, message = told
    return SandboxError(f"{task}: {message}", reason=reason, task=task)


@lru_cache(maxsize=64)
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def _unicode(message: str) -> str:
    return message.encode(errors="replace").decode()
