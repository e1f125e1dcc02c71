"""The round: everything that is looked at, in the order in which one thing stands on another."""

from collections.abc import Mapping
from datetime import date, datetime

from watcher.config import Config, Home
from watcher.config.secrets import read_secrets
from watcher.deliver import RelayError
from watcher.deliver.handshake import greet
from watcher.errors import ConfigError, StoreError
from watcher.pipeline.doctor import home as homes
from watcher.pipeline.doctor import machine, service, versions
from watcher.pipeline.doctor.findings import Finding, cure, ok
from watcher.store import look

MAIL = "mail"


def examine(home: Home, env: Mapping[str, str], now: datetime) -> tuple[Finding, ...]:
    """Return all that was found. Reads the whole database and greets the relay; changes nothing and sends nothing."""
    loaded, configuration = homes.configuration(home, env)
    file = home.var / "watcher.db"
    zone = loaded.settings.timezone if loaded else "Europe/Paris"
    released: date = versions.weaknesses()[0]
    return (
        *versions.examine(versions.installed()),
        *versions.extras(dkim=loaded is not None and loaded.settings.mail.dkim is not None, database=_address(env)),
        *machine.clock(now, zone, released, _newest(home, env)),
        *machine.disk(home.var, file.stat().st_size if file.exists() else 0),
        *machine.limits(),
        *configuration,
        *homes.permissions(home),
        *homes.database(home, env),
        *homes.backups(home, now),
        *(mail(loaded) if loaded else ()),
        *service.examine(),
    )


def mail(loaded: Config) -> list[Finding]:
    """Return how the relay answers: encrypted and logged in as the settings ask, nothing sent."""
    settings = loaded.settings.mail
    if settings.mode == "spool":
        return [ok(MAIL, "Written to the spool, as files; no relay is asked.")]
    try:
        greeting = greet(settings)
    except RelayError as error:
        return [cure(MAIL, error.message, "Look at `mail:` of sources.yaml, and at the relay.")]
    who = "logged in" if greeting.logged_in else "without logging in"
    said = f"{settings.host}:{settings.port} answers, {settings.security}, {who}: {', '.join(greeting.extensions)}."
    missing = [name for name in ("8bitmime",) if name not in greeting.extensions]
    if missing:
        return [cure(MAIL, f"The relay takes no 8-bit mail ({settings.host}).", "Use another relay: ours are in UTF-8.")]
    return [ok(MAIL, said)]


def _address(env: Mapping[str, str]) -> str | None:
    try:
        return read_secrets(env).database
    except ConfigError:
        return None  # said where the configuration is looked at


def _newest(home: Home, env: Mapping[str, str]) -> datetime | None:
    address = _address(env)
    if address is None and not (home.var / "watcher.db").exists():
        return None
    try:
        return look.glance(address or home.database_url).newest
    except StoreError:
        return None  # said where the database is looked at
