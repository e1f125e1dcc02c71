"""The time zone of a source, checked when sources.yaml is read."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone known here: write one like Europe/Paris.") from error
    return name


Zone = Annotated[str, AfterValidator(_known), Field(description="The zone of dates that name none.")]
