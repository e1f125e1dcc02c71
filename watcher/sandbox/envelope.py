"""What crosses back from a worker: one tag byte, then JSON. Written on one side, read on the other."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_type_hints

from watcher import errors
from watcher.errors import SandboxError, WatcherError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

_ANSWER, _REFUSAL, _FAILURE = b"a", b"r", b"f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one task: bytes of address space, seconds of processor, bytes of answer."""

    memory: int
    cpu_seconds: float
    max_output: int


def answer(value: object, returns: Any) -> bytes:
    """Encode what a task returned as the type it promised."""
    return _ANSWER + _adapter(returns).dump_json(value)


def refusal(error: WatcherError) -> bytes:
    """Encode an error of the project: its class by name, its sentence, its fields."""
    return _REFUSAL + _adapter(_Refusal).dump_json(
        _Refusal(error=type(error).__name__, message=_unicode(str(error)), fields=dict(vars(error)))
    )


def failure(reason: str, message: str) -> bytes:
    """Encode how a task failed in a way nobody foresaw."""
    return _FAILURE + _adapter(tuple[str, str]).dump_json((reason, _unicode(message)))


def rebuild(raw: bytes, returns: type[T], task: str) -> T:
    """Read an envelope: return the answer, or raise the WatcherError of the task, or a SandboxError naming `task`."""
    tag, body = raw[:1], raw[1:]
    if tag == _ANSWER:
        return _adapter(returns).validate_json(body)
    if tag == _REFUSAL:
        raise _error(_adapter(_Refusal).validate_json(body))
    reason, message = _adapter(tuple[str, str]).validate_json(body)
    raise SandboxError(f"{task}: {message}", reason=reason, task=task)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    error: str
    message: str
    fields: dict[str, Any]


def _error(refused: _Refusal) -> WatcherError:
    """Make the task's error again, each field of the type that its constructor asks for."""
    kind = cast("type[WatcherError]", getattr(errors, refused.error))
    hints = get_type_hints(kind.__init__)
    error = kind.__new__(kind, refused.message)
    for field, value in refused.fields.items():
        setattr(error, field, _adapter(hints.get(field, object)).validate_python(value))
    return error


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _unicode(message: str) -> str:
    return message.encode(errors="replace").decode()
