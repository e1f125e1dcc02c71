"""Rehearse: render the home's templates on all that they may show and on nothing, so that a mistake shows before Monday."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from watcher import dates, digest, render
from watcher.config import Config, Home
from watcher.errors import ConfigError, ConfigErrors
from watcher.model import Digest, Recipient, UnreadSource
from watcher.pipeline import specimens
from watcher.pipeline.held import templates_of
from watcher.render import notices
from watcher.seeds import Seeds

WHEN = specimens.WHEN
PERSON = Recipient(id="rehearsal", address="rehearsal@example.org")


def rehearse(home: Home, config: Config, seeds: Seeds) -> int:
    """Render every template on an empty and on a full edition, report and notice, and return how many files there are.

    Raises ConfigErrors with the file and line of the first mistake of the readers' mails, and of the administrator's.
    """
    templates = templates_of(home)
    mistakes: list[ConfigError] = []
    for part in (_editions, _notices):
        try:
            part(templates, config, seeds)
        except ConfigError as error:
            mistakes.append(error)
    if mistakes:
        raise ConfigErrors(tuple(mistakes))
    return len(templates)


def _editions(templates: render.Templates, config: Config, seeds: Seeds) -> None:
    settings = config.settings
    plan = digest.Plan(
        digest=config.digests[0] if config.digests else Digest(id="rehearsal", title="Rehearsal"),
        number=1,
        period=dates.last_week(WHEN, ZoneInfo(settings.timezone)),
        cutoff=WHEN,
        candidates=(),
        stories=(),
        themes=seeds.themes,
        seeds=seeds.seeds,
        read=0,
        sources_read=1,
        unread=(UnreadSource(id="rehearsal", name="Rehearsal", reason="http_503", since=WHEN),),
        excerpt=settings.excerpt,
        templates_hash=templates.hash,
    )
    render.message(digest.build(plan), PERSON, templates, settings)
    with_web = replace(settings, web_base_url=settings.web_base_url or specimens.URL)
    full = specimens.full_edition(plan, seeds)
    for edition in (full, specimens.sent_at_once(full)):
        render.message(edition, PERSON, templates, with_web)


def _notices(templates: render.Templates, config: Config, seeds: Seeds) -> None:
    zone = ZoneInfo(config.settings.timezone)
    every, week = specimens.alarms(), dates.last_week(WHEN, zone)
    names = {"rehearsal": seeds.themes[0].label if seeds.themes else "Rehearsal"}
    some: tuple[Mapping[str, object], ...] = (
        {"begun": every, "ended": every, "names": names, "lasting": len(every)},
        {"begun": every[:1], "ended": (), "names": {}, "lasting": 1},
        {"begun": (), "ended": every[:1], "names": {}, "lasting": 0},
        {"begun": (), "ended": every, "names": {}, "lasting": 0},
    )
    for values in some:
        notices.notice("alarm", "rehearsal", PERSON, templates, config.settings, at=WHEN, values=values)
    for full in (True, False):
        values = {"report": specimens.report(full=full), "week": week}
        notices.notice("report", "rehearsal", PERSON, templates, config.settings, at=WHEN, values=values)
