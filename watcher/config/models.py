"""The shape of `sources.yaml`: what each key means, what it may hold, and the noun it becomes.

The keys of a source that belong to its kind alone are not here: they stand in the `Options` of the kind.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.config import JsonDict
from pydantic.functional_validators import AfterValidator

from watcher.config import addresses, words
from watcher.config.words import wrong
from watcher.model import DkimSettings, FirstFetch, MailSettings, Settings, Source


def _length(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    def check(value: object) -> timedelta:
        length = words.duration(value)
        if not least <= length <= most:
            at_least, at_most = words.duration_words(least), words.duration_words(most)
            raise wrong(f"`{words.clip(str(value))}` is out of range.", f"At least {at_least}, at most {at_most}.")
        return length

    return check


_DURATION = WithJsonSchema({"type": ["string", "integer"], "examples": ["90 min", "6 h", "1 day", "2 years"]})
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

# An hour is the shortest step that publishers take well: promise P8 of the design.
Every = Annotated[timedelta, BeforeValidator(_length(_HOUR, 60 * _DAY)), _DURATION]
Gap = Annotated[timedelta, BeforeValidator(_length(timedelta(0), _HOUR)), _DURATION]
Retention = Annotated[timedelta, BeforeValidator(_length(_DAY, 36_500 * _DAY)), _DURATION]
Id = Annotated[str, AfterValidator(words.identifier), Field(json_schema_extra={"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"})]
Line = Annotated[str, AfterValidator(words.line)]
WebAddress = Annotated[str, AfterValidator(addresses.web_address), Field(json_schema_extra={"format": "uri"})]
BaseAddress = Annotated[str, AfterValidator(addresses.base_address), Field(json_schema_extra={"format": "uri"})]
MailAddress = Annotated[str, AfterValidator(addresses.mail_address), Field(json_schema_extra={"format": "email"})]
Contact = Annotated[str, AfterValidator(addresses.contact)]
Domain = Annotated[str, AfterValidator(addresses.domain)]
Network = Annotated[str, AfterValidator(addresses.network)]
Listen = Annotated[str, AfterValidator(addresses.listening), Field(json_schema_extra={"examples": ["127.0.0.1:8484"]})]
Zone = Annotated[str, AfterValidator(words.time_zone)]
Day = Annotated[str, AfterValidator(words.day), Field(json_schema_extra={"examples": ["monday", "lundi"]})]
Time = Annotated[str, AfterValidator(words.time_of_day), Field(json_schema_extra={"examples": ["07:30"]})]
Language = Annotated[str, AfterValidator(words.language), Field(json_schema_extra={"pattern": "^[a-z]{2,3}$"})]


class Entry(BaseModel):
    """What all parts of the file have in common: nothing unknown, nothing converted on the quiet."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)


class RetentionEntry(Entry):
    """How long things are kept."""

    texts: Annotated[
        Retention,
        Field(
            description="How long the full text of an article is kept, e.g. `2 years`.", json_schema_extra={"default": "730 days"}
        ),
    ] = 730 * _DAY
    logs: Annotated[
        Retention,
        Field(
            description="How long the log of polls and deliveries is kept, e.g. `30 days`.",
            json_schema_extra={"default": "30 days"},
        ),
    ] = 30 * _DAY


class WebEntry(Entry):
    """The staff's web archive."""

    base_url: Annotated[
        BaseAddress | None,
        Field(description="The address under which staff reach the archive; mails link to it. Empty: no such links."),
    ] = None


class DkimEntry(Entry):
    """Who signs our mails. The key stands in the credential `dkim-key` or in WATCHER_DKIM_KEY, never here."""

    domain: Annotated[Domain, Field(description="The domain that signs: that of `sender`, or one above it.")]
    selector: Annotated[Domain, Field(description="The name of the key in the DNS: SELECTOR._domainkey.DOMAIN.")]


class MailEntry(Entry):
    """How mail leaves. The password stands in WATCHER_SMTP_PASSWORD or in the credential `smtp-password`, never here."""

    mode: Annotated[
        Literal["spool", "smtp"], Field(description="`spool` writes one .eml file per mail; `smtp` sends to a server.")
    ] = "spool"
    sender: Annotated[MailAddress, Field(description="The address in From.")] = "veille@localhost"
    sender_name: Annotated[Line, Field(description="The name in From.")] = "Veille"
    reply_to: Annotated[MailAddress | None, Field(description="Where answers of readers go; empty: to the sender.")] = None
    host: Annotated[Line, Field(description="The SMTP server.")] = "localhost"
    port: Annotated[int, Field(ge=1, le=65535, description="Its port: 587 with starttls, 465 with tls.")] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description="`starttls` (RFC 3207), `tls` from the first byte (RFC 8314), or `none` for a server on this machine."),
    ] = "starttls"
    username: Annotated[Line | None, Field(description="Who logs in; empty: nobody does.")] = None
    ca_file: Annotated[Line | None, Field(description="A PEM file of authorities to trust instead of the system's.")] = None
    on_unknown: Annotated[
        Literal["resend", "hold"],
        Field(description="What happens to a mail cut off at its final dot: `resend` it once, or `hold` it for an operator."),
    ] = "resend"
    inbound: Annotated[
        MailAddress | None,
        Field(description="The address whose mail is piped into `watcher inbound`, `+...` included; empty: nothing comes back."),
    ] = None
    dkim: Annotated[DkimEntry | None, Field(description="Sign mails (RFC 6376); empty: the relay does, or nobody.")] = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.mode == "smtp":
            for key in ("host", "sender"):
                if key not in self.model_fields_set:
                    raise wrong(f"`{key}` is missing.", "`mode: smtp` needs it.")
        if self.username and self.security == "none":
            raise wrong("`username` with `security: none` would send the password in clear.", "Use `starttls` or `tls`.")
        return self

    def noun(self, password: str | None) -> MailSettings:
        """Return the settings the mail room works with."""
        plain = {name: getattr(self, name) for name in type(self).model_fields if name != "dkim"}
        dkim = DkimSettings(domain=self.dkim.domain, selector=self.dkim.selector) if self.dkim else None
        return MailSettings(password=password, dkim=dkim, **plain)


class ServiceEntry(Entry):
    """The service that `watcher run` starts."""

    listen: Annotated[Listen, Field(description="Where it answers about its health: an address of this machine and a port.")] = (
        "127.0.0.1:8484"
    )


def _shown_inside(schema: JsonDict) -> None:
    """Leave out the default of a group: each of its keys shows its own."""
    schema.pop("default", None)


class SettingsEntry(Entry):
    """What holds for the whole installation."""

    contact: Annotated[
        Contact,
        Field(description="An e-mail or web address shown to publishers in the user agent; nothing public is read without."),
    ] = ""
    timezone: Annotated[Zone, Field(description="The zone of all days and times of this file.")] = "Europe/Paris"
    gap: Annotated[
        Gap, Field(description="The pause between two requests to one site, e.g. `2 s`.", json_schema_extra={"default": "2 s"})
    ] = timedelta(seconds=2)
    excerpt: Annotated[int, Field(ge=0, le=2000, description="How many characters of one article a mail may quote.")] = 420
    retention: Annotated[RetentionEntry, Field(description="How long things are kept.", json_schema_extra=_shown_inside)] = (
        RetentionEntry()
    )
    allow_private: Annotated[
        tuple[Network, ...], Field(description="Networks (CIDR) that may be read although they are not public.")
    ] = ()
    proxy: Annotated[WebAddress | None, Field(description="The HTTP proxy to go through; the environment's is ignored.")] = None
    mail: Annotated[MailEntry, Field(description="How mail leaves.", json_schema_extra=_shown_inside)] = MailEntry()
    web: Annotated[WebEntry, Field(description="The staff's web archive.", json_schema_extra=_shown_inside)] = WebEntry()
    service: Annotated[ServiceEntry, Field(description="The service.", json_schema_extra=_shown_inside)] = ServiceEntry()
    admin: Annotated[
        tuple[MailAddress, ...], Field(description="Who looks after the service: alarms and a weekly report go there.")
    ] = ()

    def noun(self, *, password: str | None, database: str | None) -> Settings:
        """Return the settings joined with the two secrets."""
        return Settings(
            contact=self.contact,
            timezone=self.timezone,
            gap=self.gap.total_seconds(),
            excerpt=self.excerpt,
            keep_texts=self.retention.texts,
            keep_logs=self.retention.logs,
            allow_private=self.allow_private,
            proxy=self.proxy,
            database=database,
            web_base_url=self.web.base_url,
            listen=self.service.listen,
            admin=self.admin,
            mail=self.mail.noun(password),
        )


class SourceEntry(Entry):
    """The keys that every source has, whatever its kind."""

    id: Annotated[Id, Field(description="A short name that never changes; the archive is filed under it.")]
    kind: Annotated[str, Field(description="How it is read.")]
    name: Annotated[Line, Field(description="The name that readers see.")]
    url: Annotated[WebAddress, Field(description="The address that is read.")]
    language: Annotated[
        Language, Field(description="The language it is written in (ISO 639), unless a text shows otherwise.")
    ] = "fr"
    every: Annotated[
        Every, Field(description="How often to look, e.g. `6 h`, `1 day`; at least 1 h.", json_schema_extra={"default": "6 h"})
    ] = timedelta(hours=6)
    enabled: Annotated[bool, Field(description="`false` keeps the entry and its archive, and reads nothing.")] = True
    themes: Annotated[tuple[Id, ...], Field(description="The only themes it may be filed under; empty: all.")] = ()
    first_fetch: Annotated[
        FirstFetch, Field(description="What the first reading brings as news: that of the last `period`, or `all`.")
    ] = FirstFetch.PERIOD
    weight: Annotated[float, Field(gt=0, le=10, description="How much its articles count when a digest is full; 1 is usual.")] = (
        1.0
    )
    was: Annotated[Id | None, Field(description="The id it had before: its history follows.")] = None

    def noun(self, options: object) -> Source:
        """Return the source with the options of its kind."""
        return Source(options=options, **{name: getattr(self, name) for name in type(self).model_fields})
