"""The sandbox: whatever a parser does, only its own task is lost."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.errors import BlockedError, FetchError, ParseError, SandboxError, StoreError, WatcherError
from watcher.model import Item, Parsed, Request
from watcher.sandbox import Sandbox
from watcher.sandbox.envelope import rebuild
from watcher.sandbox.pool import Workers

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


# The tasks: module-level functions, found again by name in the worker.


_NAMES = st.sampled_from(["ParseError", "SandboxError", "datetime", "__name__", "Nobody"])
_FIELDS = st.dictionaries(
    st.sampled_from(["reason", "kind", "__class__", "message", "args"]), st.none() | st.integers(0, 9) | st.text()
)
_REFUSALS = st.tuples(_NAMES, _FIELDS).map(
    lambda told: msgspec.msgpack.encode({"error": told[0], "message": "no", "fields": told[1]})
)


_DEEP = msgspec.msgpack.encode({"error": "ParseError", "message": "no", "fields": {"reason": []}})[:-1] + b"\x91" * 100_000


def shout(word: str, *, times: int = 1) -> str:
    return word.upper() * times


def make_parsed(title: str) -> Parsed:
    item = Item(guid="g1", url="https://exemple.fr/a", title=title, published_at=NOON, categories=("emploi", "IA"))
    return Parsed(items=(item,), follow=(Request(url="https://exemple.fr/a"),), rejected={"no_title": 2}, cursor={"page": "2"})


def hang() -> str:
    time.sleep(3600)
    return ""


def hang_in_c() -> str:
    ctypes.CDLL(None).pause()
    return ""


def leave() -> str:
    os._exit(7)


def leave_politely() -> str:
    sys.exit(3)


def segfault() -> str:
    ctypes.string_at(0)
    return ""


def be_killed() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def hog() -> str:
    return str(len(bytearray(4 * 1024**3)))


def answer_too_much() -> str:
    return "a" * 3_000_000


def print_too_much() -> str:
    for _ in range(1000):
        print("x" * 10_000)  # noqa: T201
        os.write(2, b"y" * 10_000)
    return "done"


def spin() -> str:
    while True:
        pass


def burn(seconds: float) -> float:
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass
    return seconds


def refuse(name: str) -> str:
    if name == "parse":
        raise ParseError("This is not a feed.", reason="not_a_feed", kind="feed", where="line 3", url="https://exemple.fr/rss")
    if name == "fetch":
        raise FetchError("Later.", reason="throttled", url="https://exemple.fr/", status=429, retry_after=NOON)
    if name == "store":
        raise StoreError("The file is not a database.", remedy="Restore a backup.")
    raise BlockedError("A robot check.", reason="robot_check", url="https://exemple.fr/")


def stumble() -> str:
    raise KeyError("été \udcff")


class Unloadable:
    """An argument that can be sent and not received."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        """Leave the interpreter where it is read."""
        return sys.exit, (3,)


class MuteError(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        """Fail."""
        raise ValueError


def be_mute() -> str:
    raise MuteError


def keep(thing: object) -> str:
    return type(thing).__name__


def fill(mebibytes: int) -> str:
    return "a" * (len(bytearray(mebibytes * 1024**2)) // 16)


def whoami() -> int:
    return os.getpid()


def surrogate() -> str:
    return "caf\ud800"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(workers=2, memory=512 * 1024**2, cpu_seconds=1, wall_seconds=2, max_output=1_000_000) as sandbox:
        yield sandbox


async def test_an_answer_comes_back_as_the_noun_it_was(box: Sandbox) -> None:
    """A task's answer is rebuilt with its types: tuples, aware dates, mappings, enums."""
    assert await box.run(shout, "été", times=2, returns=str) == "ÉTÉÉTÉ"
    parsed = await box.run(make_parsed, "L’industrie recrute", returns=Parsed)
    assert parsed == make_parsed("L’industrie recrute")
    assert parsed.items[0].published_at is not None
    assert parsed.items[0].published_at.utcoffset() is not None


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        pytest.param(hang, "timeout", id="hangs"),
        pytest.param(hang_in_c, "timeout", id="hangs inside C code"),
        pytest.param(leave, "crashed", id="os._exit"),
        pytest.param(leave_politely, "crashed", id="sys.exit"),
        pytest.param(segfault, "crashed", id="SIGSEGV"),
        pytest.param(be_killed, "memory", id="SIGKILL, as the kernel does when memory runs out"),
        pytest.param(hog, "memory", id="memory hog"),
        pytest.param(answer_too_much, "too_large", id="endless answer"),
        pytest.param(stumble, "crashed", id="any exception"),
        pytest.param(be_mute, "crashed", id="an exception that cannot be worded"),
        pytest.param(surrogate, "crashed", id="text that is not Unicode"),
    ],
)
async def test_a_bad_task_costs_itself_and_says_why(box: Sandbox, task: object, reason: str) -> None:
    """However a parser ends, the caller gets a SandboxError with the reason, and the next task works (rows H05, H01)."""
    start = time.monotonic()
    with pytest.raises(SandboxError) as caught:
        await box.run(task, returns=str)  # pyright: ignore[reportArgumentType]
    assert caught.value.reason == reason
    assert caught.value.task.startswith("test_sandbox.") or ".test_sandbox." in caught.value.task
    assert time.monotonic() - start < 6
    assert await box.run(shout, "ok", returns=str) == "OK"


async def test_a_parser_that_spins_is_ended_by_its_processor_limit() -> None:
    """Processor time is limited apart from wall time, and the reason says which of the two it was (row H01)."""
    with Sandbox(workers=1, cpu_seconds=1, wall_seconds=60) as sandbox:
        with pytest.raises(SandboxError) as caught:
            await sandbox.run(spin, returns=str)
        assert caught.value.reason == "cpu"


async def test_good_tasks_survive_the_bad_ones_beside_them(box: Sandbox) -> None:
    """Twenty good tasks running beside hangs, crashes and spins all answer (row H05, promise P7)."""
    bad = [box.run(task, returns=str) for task in (leave, segfault, be_killed, hang, spin, leave, hog)]
    good = [box.run(shout, f"page {number}", returns=str) for number in range(20)]
    mixed = [task for pair in zip(bad, good, strict=False) for task in pair] + good[len(bad) :]
    results = await asyncio.gather(*mixed, return_exceptions=True)
    assert sum(isinstance(result, SandboxError) for result in results) == len(bad)
    assert {result for result in results if isinstance(result, str)} == {f"PAGE {number}" for number in range(20)}


async def test_of_tasks_handed_over_together_the_guilty_one_is_found() -> None:
    """Where many wait, a few go to a worker at a time; one that ends it is told its own reason, the others their answers."""
    wrong = {leave: "crashed", be_killed: "memory", hang_in_c: "timeout", spin: "cpu", answer_too_much: "too_large"}
    with Sandbox(workers=1, cpu_seconds=1, wall_seconds=3, max_output=1_000_000) as sandbox:
        good = [sandbox.run(shout, f"page {number}", returns=str) for number in range(60)]
        bad = [sandbox.run(task, returns=str) for task in wrong]
        told = await asyncio.gather(*good[:30], *bad, *good[30:], return_exceptions=True)
    assert [answer for answer in told if isinstance(answer, str)] == [f"PAGE {number}" for number in range(60)]
    assert [error.reason for error in told if isinstance(error, SandboxError)] == list(wrong.values())


async def test_many_small_tasks_share_hand_overs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred tasks that wait take far fewer than a hundred hand-overs, each with the answer of its own task."""
    handed: list[int] = []
    perform = Workers.perform

    async def counted(self: Workers, payload: bytes, count: int, *, name: str, patience: float) -> list[bytes]:
        handed.append(count)
        return await perform(self, payload, count, name=name, patience=patience)

    monkeypatch.setattr(Workers, "perform", counted)
    with Sandbox(workers=1) as sandbox:
        answers = await asyncio.gather(*(sandbox.run(shout, f"page {number}", returns=str) for number in range(100)))
    assert answers == [f"PAGE {number}" for number in range(100)]
    assert sum(handed) == 100
    assert len(handed) < 50


async def test_what_answers_weigh_is_not_held_against_the_tasks_that_follow() -> None:
    """Twenty tasks of which each fits into the memory of a worker are all done, also those handed over together."""
    with Sandbox(workers=1, memory=400 * 1024**2) as sandbox:
        answers = await asyncio.gather(*(sandbox.run(fill, 250, returns=str) for _ in range(20)))
    assert {len(answer) for answer in answers} == {250 * 1024**2 // 16}


async def test_an_argument_that_cannot_be_read_costs_its_own_task() -> None:
    """What fails while a worker reads its arguments is told as any other failure, and those beside it are answered."""
    with Sandbox(workers=1) as sandbox:
        calls = [sandbox.run(keep, Unloadable() if number == 30 else number, returns=str) for number in range(60)]
        told = await asyncio.gather(*calls, return_exceptions=True)
    assert [answer for answer in told if answer != "int"] == [told[30]]
    assert isinstance(told[30], SandboxError)
    assert told[30].reason == "crashed"


async def test_a_second_event_loop_is_refused(box: Sandbox) -> None:
    """Calls that wait in one loop are not lost to another one."""
    await box.run(shout, "ici", returns=str)
    with pytest.raises(RuntimeError, match="another event loop"):
        await asyncio.to_thread(lambda: asyncio.run(box.run(shout, "là", returns=str)))
    assert await box.run(shout, "ici", returns=str) == "ICI"


async def test_cancelling_one_of_several_frees_their_worker() -> None:
    """A hanging call that was handed over with others is ended with its worker when it is cancelled; the others go on."""
    with Sandbox(workers=1, wall_seconds=60) as sandbox:
        await sandbox.run(whoami, returns=int)
        calls = [asyncio.create_task(sandbox.run(shout, "ici", returns=str)) for _ in range(20)]
        stuck = asyncio.create_task(sandbox.run(hang, returns=str))
        calls += [asyncio.create_task(sandbox.run(shout, "ici", returns=str)) for _ in range(20)]
        await asyncio.sleep(1)
        stuck.cancel()
        assert await asyncio.wait_for(asyncio.gather(*calls), 20) == ["ICI"] * 40


async def test_a_cancelled_call_leaves_those_beside_it() -> None:
    """Cancelling some of the calls that wait together takes nothing from the others."""
    with Sandbox(workers=1) as sandbox:
        calls = [asyncio.create_task(sandbox.run(burn, 0.01, returns=float)) for _ in range(60)]
        await asyncio.sleep(0)
        for call in calls[::2]:
            call.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results[::2])
    assert results[1::2] == [0.01] * 30


async def test_the_processor_limit_is_counted_per_task() -> None:
    """A worker may use far more than the limit over its life, as long as each task stays within."""
    with Sandbox(workers=1, cpu_seconds=1, wall_seconds=60) as sandbox:
        burnt = [await sandbox.run(burn, 0.5, returns=float) for _ in range(6)]
    assert sum(burnt) == 3.0


async def test_the_loop_is_not_blocked_while_a_parser_hangs(box: Sandbox) -> None:
    """The event loop keeps ticking while a worker is stuck (row P07)."""
    stuck = asyncio.create_task(box.run(hang, returns=str))
    longest, last = 0.0, time.monotonic()
    while not stuck.done():
        await asyncio.sleep(0.02)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert isinstance(stuck.exception(), SandboxError)
    assert longest < 0.5


@pytest.mark.parametrize("name", ["parse", "fetch", "store", "blocked"])
async def test_the_errors_of_the_project_cross_with_their_fields(box: Sandbox, name: str) -> None:
    """A WatcherError raised in a worker is raised again here: same class, same sentence, same fields."""
    with pytest.raises((ParseError, FetchError, StoreError, BlockedError)) as here:
        refuse(name)
    with pytest.raises(type(here.value)) as there:
        await box.run(refuse, name, returns=str)
    assert str(there.value) == str(here.value)
    assert vars(there.value) == vars(here.value)


@given(st.sampled_from([b"a", b"r", b"f", b"x", b""]), st.binary(max_size=80) | _REFUSALS)
@example(b"r", _DEEP)
def test_whatever_a_worker_writes_is_an_answer_or_an_error(tag: bytes, body: bytes) -> None:
    """A worker that a page has taken over can give a wrong answer of the right type, or an error, and nothing else."""
    try:
        answer = rebuild(tag + body, dict[str, int], "task")
    except WatcherError:
        return
    assert all(isinstance(key, str) and isinstance(value, int) for key, value in answer.items())


async def test_a_crash_names_the_exception(box: Sandbox) -> None:
    """An exception nobody foresaw is named in the message, so that an operator can report it."""
    with pytest.raises(SandboxError, match="KeyError"):
        await box.run(stumble, returns=str)


async def test_what_a_parser_prints_goes_nowhere(box: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    """A parser cannot flood the journal: its output streams lead nowhere (row P09)."""
    assert await box.run(print_too_much, returns=str) == "done"
    assert capfd.readouterr() == ("", "")


async def test_an_input_too_large_for_a_worker_is_refused_at_once(box: Sandbox) -> None:
    """A body that could not even be handed over is refused before it leaves, with its reason."""
    with pytest.raises(SandboxError) as caught:
        await box.run(shout, "a" * (200 * 1024**2), returns=str)
    assert caught.value.reason == "too_large"


async def test_an_idle_worker_killed_from_outside_costs_nothing() -> None:
    """When the kernel kills idle workers, the next task still gets its answer (row P03)."""
    with Sandbox(workers=1) as sandbox:
        first = await sandbox.run(whoami, returns=int)
        psutil.Process(first).kill()
        await asyncio.sleep(0.5)
        second = await sandbox.run(whoami, returns=int)
    assert second != first


async def test_cancelling_frees_the_worker() -> None:
    """A call that is cancelled ends its worker; the next task does not wait for it (row P02)."""
    with Sandbox(workers=1, wall_seconds=60) as sandbox:
        await sandbox.run(whoami, returns=int)
        stuck = asyncio.create_task(sandbox.run(hang, returns=str))
        await asyncio.sleep(0.5)
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        assert await asyncio.wait_for(sandbox.run(shout, "suite", returns=str), 10) == "SUITE"


async def test_no_process_is_left_behind() -> None:
    """Leaving the context ends every worker, even one that hangs, and whoever waited for it is told."""
    with Sandbox(workers=2, wall_seconds=60) as sandbox:
        pid = await sandbox.run(whoami, returns=int)
        stuck = asyncio.create_task(sandbox.run(hang, returns=str))
        await asyncio.sleep(0.5)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    with pytest.raises(SandboxError, match="closed"):
        await stuck
    with pytest.raises(SandboxError, match="closed"):
        await sandbox.run(whoami, returns=int)


def test_nothing_heavy_is_imported_with_the_sandbox() -> None:
    """Importing the sandbox pulls in neither the pool nor a parser (lazy at first use)."""
    import subprocess

    code = "import sys, watcher.sandbox; print([m for m in ('pebble', 'pydantic', 'lxml', 'numpy') if m in sys.modules])"
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_worker_does_not_import_the_program_that_started_it(tmp_path: Path) -> None:
    """What a program imports for itself is neither loaded in its workers nor open to what they read."""
    program, seen = tmp_path / "program.py", tmp_path / "seen"
    program.write_text(
        "import asyncio\n"
        "from pathlib import Path\n"
        "from watcher.sandbox import Sandbox\n"
        f"with Path({str(seen)!r}).open('a') as file:\n"
        "    file.write(__name__ + '\\n')\n"
        "async def ask():\n"
        "    with Sandbox(workers=1) as sandbox:\n"
        "        assert await sandbox.run(len, b'four', returns=int) == 4\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(ask())\n"
    )
    subprocess.run([sys.executable, str(program)], check=True, timeout=60)
    assert seen.read_text().split() == ["__main__"]
