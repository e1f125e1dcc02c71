"""Find a person in `sources.yaml`: the lines that an administrator has to change."""

from dataclasses import dataclass
from pathlib import Path

from pydantic_core import PydanticCustomError

from watcher.config.addresses import mail_address, recipient_id
from watcher.config.nodes import Node
from watcher.config.reading import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a person is listed: the file, the line, the digest, and the address as it is read."""

    file: str
    line: int
    digest: str
    address: str

    @property
    def recipient_id(self) -> str:
        """The opaque id of the person."""
        return recipient_id(self.address)


def recipients_in(path: Path) -> tuple[Line, ...]:
    """Return the line of every recipient of the file at `path`. One that is no address is passed over: loading says so."""
    return recipients_of(path.read_bytes(), str(path))


def recipients_of(content: bytes, file: str) -> tuple[Line, ...]:
    """Return the line of every recipient of `content`, a version of sources.yaml that is called `file` in messages."""
    root, _ = read(content, file)
    digests = root.child("digests") if root else None
    found: list[Line] = []
    for digest in digests.items if digests else ():
        name, people = digest.child("id"), digest.child("recipients")
        for person in people.items if people else ():
            address = _address(person.child("address") or person)
            if address is not None:
                found.append(Line(file=file, line=person.line, digest=name.text if name else "", address=address))
    return tuple(found)


def _address(node: Node) -> str | None:
    try:
        return mail_address(node.text)
    except PydanticCustomError:
        return None
