"""Points: the state-changing system calls of a piece of work, and a kill -9 at the entry of one of them.

The work runs in a child of this process, which stops itself at a ready mark: what comes before is not tried. strace is attached
there to the threads that it has, counts the calls by name, or kills at the n-th of one name; the call itself is then not made.
"""

import os
import re
import shutil
import signal
import subprocess
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHANGING = (
    "write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink", "unlinkat", "link",
    "linkat", "ftruncate", "mkdir", "mkdirat", "sendto", "sendmsg",
)  # fmt: skip
MOST = 500
KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """The `number`-th call of `name` after the ready mark."""

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name}:{self.number}"


def available() -> str | None:
    """Return why points cannot be tried here, None when they can."""
    if shutil.which("strace") is None:
        return "there is no strace (apt install strace)"
    done = subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"strace may not trace here: {done.stderr.strip().splitlines()[-1:]}"


def found(work: Callable[[], None], folder: Path) -> tuple[Point, ...]:
    """Run `work` whole once and return its points, in no order that matters. `work` marks itself ready with `ready()`."""
    trace = folder / "trace"
    code = _run(work, ["-e", f"trace={','.join(CHANGING)}", "-o", str(trace)])
    if code != 0:
        raise RuntimeError(f"the work fails without being killed (exit {code})")
    calls = re.compile(r"(?:(\d+) +)?(\w+)\(")
    lines = trace.read_text("utf-8", "replace").splitlines()
    counts = Counter((match[2], match[1]) for line in lines if (match := calls.match(line)))
    # strace counts for each thread: the n-th call is made by the first that comes so far.
    most: dict[str, int] = {}
    for (name, _), count in counts.items():
        most[name] = max(count, most.get(name, 0))
    return tuple(Point(name, number) for name, count in sorted(most.items()) for number in range(1, count + 1))


def killed_at(point: Point, work: Callable[[], None]) -> bool:
    """Run `work`, killed at `point`; say whether it got there."""
    inject = f"inject={point.name}:signal=KILL:when={point.number}"
    return _run(work, ["-e", f"trace={point.name}", "-e", inject, "-o", "/dev/null"]) == KILLED


def finished(work: Callable[[], None]) -> int:
    """Run `work` whole in a child and return its exit code."""
    child = _started(work)
    os.waitpid(child, os.WUNTRACED)
    os.kill(child, signal.SIGCONT)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def ready() -> None:
    """Stop here until whoever tries the points is attached."""
    os.kill(os.getpid(), signal.SIGSTOP)


def _run(work: Callable[[], None], options: list[str]) -> int:
    child = _started(work)
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        raise RuntimeError("the work ended before its ready mark")
    threads = sorted(path.name for path in Path(f"/proc/{child}/task").iterdir())
    attach = [word for thread in threads for word in ("-p", thread)]
    tracer = subprocess.Popen(["strace", *attach, *options], stderr=subprocess.PIPE, text=True)
    try:
        assert tracer.stderr is not None
        attached = 0
        while attached < len(threads):
            if not (line := tracer.stderr.readline()):
                raise RuntimeError("strace did not attach")
            attached += "attached" in line
        os.kill(child, signal.SIGCONT)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        _gone(tracer)
    return code


def _gone(tracer: "subprocess.Popen[str]") -> None:
    try:
        tracer.wait(timeout=5)
    except subprocess.TimeoutExpired:
        tracer.kill()
        tracer.wait()
    if tracer.stderr is not None:
        tracer.stderr.close()


def _started(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - a child may not come back into its parent's code
        traceback.print_exc()
    os._exit(code)
