"""The shape of `digests:` in `sources.yaml`: what is mailed, when, and to whom."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from watcher.config import addresses
from watcher.config.models import Day, Entry, Id, Line, MailAddress, Time
from watcher.config.words import wrong
from watcher.model import Digest, Recipient


def _or_address(schema: JsonDict) -> None:
    """Tell editors that a recipient may be a bare address."""
    whole = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string", "format": "email", "description": "The person's e-mail address."}, whole]


class RecipientEntry(Entry):
    """A person who receives a digest: an address alone, or an address with a name and themes."""

    model_config = ConfigDict(json_schema_extra=_or_address)

    address: Annotated[MailAddress, Field(description="The person's e-mail address.")]
    name: Annotated[Line | None, Field(description="The person's name, for the To line.")] = None
    themes: Annotated[tuple[Id, ...], Field(description="The only themes this person receives; empty: those of the digest.")] = ()
    frequency: Annotated[
        Literal["weekly", "daily", "at_once"] | None,
        Field(description="How often this person is written to; empty: as the digest leaves. `at_once` adds each must-read."),
    ] = None
    language: Annotated[Literal["fr"], Field(description="The language of the mail's own words; there is French.")] = "fr"

    def noun(self) -> Recipient:
        """Return the person under an opaque id."""
        return Recipient(
            id=addresses.recipient_id(self.address),
            address=self.address,
            name=self.name,
            themes=self.themes,
            frequency=self.frequency,
            language=self.language,
        )


class DigestEntry(Entry):
    """One digest: what is in it, when it leaves, who receives it."""

    id: Annotated[Id, Field(description="A short name that never changes; editions are numbered under it.")]
    title: Annotated[Line, Field(description="The title that readers see.")]
    frequency: Annotated[Literal["weekly", "daily"], Field(description="How often it leaves.")] = "weekly"
    day: Annotated[Day, Field(description="The day a weekly digest leaves, in English or French.")] = "monday"
    time: Annotated[Time, Field(description="The time it leaves, in the time zone of the settings: `07:30`.")] = "07:30"
    themes: Annotated[tuple[Id, ...], Field(description="The themes in it; empty: all.")] = ()
    recipients: Annotated[tuple[RecipientEntry, ...], Field(description="Who receives it.")] = ()
    max_per_section: Annotated[int, Field(ge=1, le=100, description="How many articles a theme shows at most.")] = 8
    max_entries: Annotated[int, Field(ge=1, le=500, description="How many articles it shows at most.")] = 40
    min_relevance: Annotated[int, Field(ge=0, le=3, description="3 must-read only, 2 useful too, 1 marginal too.")] = 2

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.frequency == "daily" and "day" in self.model_fields_set:
            raise wrong("a daily digest has no `day`.", "Remove `day`, or write `frequency: weekly`.")
        return self

    def noun(self) -> Digest:
        """Return the digest with its recipients."""
        return Digest(
            id=self.id,
            title=self.title,
            frequency=self.frequency,
            day=self.day,
            at=self.time,
            themes=self.themes,
            recipients=tuple(person.noun() for person in self.recipients),
            max_per_section=self.max_per_section,
            max_entries=self.max_entries,
            min_relevance=self.min_relevance,
        )
