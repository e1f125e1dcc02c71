"""Sign the addresses that come back to us: who unsubscribes, which mail bounced. Nobody can make one without the key.

A token is lower-case hexadecimal, so that it survives programs that fold the case of an address: 16 digits that name, then 24
that prove (96 bits of HMAC-SHA-256, RFC 2104). The key is a text; an empty one gives tokens that prove nothing.
"""

import hmac
import re
from collections.abc import Iterable

_NAMED, _PROOF = 16, 24
_TOKEN = re.compile(rf"[0-9a-f]{{{_NAMED + _PROOF}}}")


def unsubscribe(key: str, digest: str, recipient_id: str) -> str:
    """Return the token with which a person leaves `digest`; `recipient_id` is 16 hexadecimal digits in real mails."""
    return f"{recipient_id}{_proof(key, 'unsubscribe', digest, recipient_id)}"


def unsubscribes(key: str, token: str, digests: Iterable[str]) -> tuple[str, str] | None:
    """Return the (digest, recipient's id) that `token` was made for, None when it was not made with `key`."""
    token = token.strip().lower()
    if not key or not _TOKEN.fullmatch(token):
        return None
    recipient_id, proof = token[:_NAMED], token[_NAMED:]
    made_for = [name for name in digests if hmac.compare_digest(_proof(key, "unsubscribe", name, recipient_id), proof)]
    return (made_for[0], recipient_id) if made_for else None


def bounce(key: str, delivery_id: int) -> str:
    """Return the token under which the mail `delivery_id` comes back when it cannot be delivered."""
    name = f"{delivery_id:0{_NAMED}x}"
    return f"{name}{_proof(key, 'bounce', name)}"


def bounced(key: str, token: str) -> int | None:
    """Return the number of the mail that `token` was made for, None when it was not made with `key`."""
    token = token.strip().lower()
    if not key or not _TOKEN.fullmatch(token):
        return None
    name, proof = token[:_NAMED], token[_NAMED:]
    return int(name, 16) if hmac.compare_digest(_proof(key, "bounce", name), proof) else None


def tombstone(key: str, address: str) -> str:
    """Return what stands for a person who asked to be forgotten: without the key, no list of addresses finds them again."""
    return hmac.digest(key.encode(), f"tombstone\0{address.strip().casefold()}".encode(), "sha256").hex()


def _proof(key: str, *parts: str) -> str:
    return hmac.digest(key.encode(), "\0".join(parts).encode(), "sha256").hex()[:_PROOF]
