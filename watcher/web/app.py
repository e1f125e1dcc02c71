"""What is answered: `/healthz` for whoever restarts things, `/metrics` for Prometheus."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from watcher.errors import StoreError
from watcher.pipeline.desk import Desk
from watcher.store import service
from watcher.web.metrics import Counters, exposition
from watcher.web.pulse import Pulse

# Less than what a health check waits for: a database that does not answer must not keep us from saying so (row P07).
DATABASE_SECONDS = 0.5


def application(pulse: Pulse, desk: Callable[[], Desk], counters: Counters) -> Starlette:
    """Return the application. `desk` gives what the service works with at present."""

    async def healthz(_: Request) -> Response:
        told = await health(pulse, desk())
        return JSONResponse(told, status_code=200 if told["ok"] else 503, headers={"Cache-Control": "no-store"})

    async def metrics(_: Request) -> Response:
        body, kind = await asyncio.to_thread(exposition, pulse, desk(), counters)
        return Response(body, media_type=kind, headers={"Cache-Control": "no-store"})

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])


async def health(pulse: Pulse, desk: Desk) -> dict[str, object]:
    """Return how the service is. `ok` while it ticks and its database answers; `problems` may last without being fatal."""
    database = await _database(desk)
    age = pulse.tick_age
    return {
        "ok": pulse.beating and database == "ok" and "clock" not in pulse.problems,
        "version": pulse.version,
        "started_at": _iso(pulse.started_at),
        "tick_age": None if age is None else round(age, 3),
        "last_poll_at": _iso(pulse.last_poll_at),
        "database": database,
        "configuration": pulse.configuration,
        "problems": pulse.problems,
    }


async def _database(desk: Desk) -> str:
    try:
        await asyncio.wait_for(asyncio.to_thread(desk.store.read, service.last_beat), DATABASE_SECONDS)
    except StoreError as error:
        return error.message
    except TimeoutError:
        return f"no answer within {DATABASE_SECONDS:g} s"
    return "ok"


def _iso(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when else None
