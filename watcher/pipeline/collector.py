"""Python's garbage collector, which looks for cycles among all that is in memory each time enough was made."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def at_rest() -> Generator[None]:
    """Collect nothing meanwhile: for work of seconds whose objects all stay until it ends. Reference counts free as ever."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
