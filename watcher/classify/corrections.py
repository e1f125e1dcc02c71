"""What staff say of verdicts, put together into rows to train on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watcher.model import Example, Features, Label

Version = tuple[str, str]
"""A document's key and the fingerprint of one of its versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What people agree on of one version of a document.

    `marks` says, for `relevance` and the themes that were spoken of, whether it is so; of the others nothing is known. `text`
    is the version itself as long as the archive holds it; `features` is what is left of it afterwards.
    """

    version: Version
    marks: Mapping[str, bool]
    features: Features
    text: Example | None = None

    @property
    def id(self) -> str:
        """Return what names this row: its version, and what was said of it."""
        said = ",".join(f"{theme}={'yes' if value else 'no'}" for theme, value in sorted(self.marks.items()))
        return f"{' '.join(self.version)} {said}"


def gather(labels: Iterable[Label], texts: Mapping[Version, Example]) -> tuple[tuple[Correction, ...], int]:
    """Return the rows that `labels` make, in order, and how many opinions were left out because their authors disagree."""
    said: dict[Version, dict[str, set[bool]]] = {}
    features: dict[Version, Features] = {}
    for label in labels:
        version = (label.document, label.fingerprint)
        said.setdefault(version, {}).setdefault(label.theme, set()).add(label.value)
        features[version] = label.features
    rows: list[Correction] = []
    contested = 0
    for version, opinions in sorted(said.items()):
        contested += sum(len(values) > 1 for values in opinions.values())
        marks = {theme: True in values for theme, values in sorted(opinions.items()) if len(values) == 1}
        if marks:
            rows.append(Correction(version=version, marks=marks, features=features[version], text=texts.get(version)))
    return tuple(rows), contested
