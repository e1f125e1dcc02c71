from collections.abc import Callable

class DKIMException(Exception): ...  # noqa: N818 - the library's name

def sign(
    message: bytes,
    selector: bytes,
    domain: bytes,
    privkey: bytes,
    *,
    canonicalize: tuple[bytes, bytes] = ...,
    include_headers: list[bytes] | None = None,
) -> bytes: ...
def verify(message: bytes, *, dnsfunc: Callable[..., bytes]) -> bool: ...
