"""An SMTP server that takes every mail and keeps nothing but a count: what a hand-over is measured against.

`python -m benchmarks.sink [LOG [FOLDER]]` prints its port, then serves until its standard input ends. With LOG, each mail it
has answered for is one line there: the Message-ID and a hash of the bytes; with FOLDER, its bytes are a file of that name there.
"""

import asyncio
import hashlib
import os
import re
import sys
from pathlib import Path

_GREETING = b"220 sink\r\n"
_HELLO = b"250-sink\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n250 PIPELINING\r\n"
_ANSWERS = {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n", b"EHLO": _HELLO, b"HELO": b"250 sink\r\n"}


async def serve(log: Path | None, folder: Path | None = None) -> None:
    """Listen on a free port of loopback and print it."""
    notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else None

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _talk(reader, writer, notes, folder)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 22)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, notes: int | None, folder: Path | None) -> None:
    writer.write(_GREETING)
    while line := await reader.readline():
        verb = line[:4].upper()
        writer.write(_ANSWERS.get(verb, b"250 ok\r\n"))
        if verb == b"QUIT":
            return
        if verb == b"DATA":
            body = await reader.readuntil(b"\r\n.\r\n")
            if notes is not None:
                # Written down before it is answered for, as a relay does.
                name = re.search(rb"(?mi)^Message-ID:\s*(\S+)", body)
                known = (name[1] if name else b"?").decode("ascii", "replace")
                digest = hashlib.sha256(body).hexdigest()
                if folder is not None:
                    (folder / digest).write_bytes(body)
                os.write(notes, f"{known} {digest}\n".encode())
            writer.write(b"250 2.0.0 taken\r\n")


if __name__ == "__main__":
    asyncio.run(serve(*(Path(name) for name in sys.argv[1:3])) if len(sys.argv) > 1 else serve(None))
