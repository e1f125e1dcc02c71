"""Load what the workers need, once, before they are forked. The one module that works when it is imported.

The fork server knows only names of modules to import (multiprocessing.set_forkserver_preload). What is loaded here, two
seconds of processor, is then shared by all workers and by those that take their places.
"""

from datetime import UTC, datetime
from importlib import import_module

from watcher.sandbox import inside

_PAGE = b"<html><body><h1>Titre</h1><p>Un article sur les travaux de formation, assez long pour avoir un texte.</p></body></html>"
_FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><item><title>Un</title></item></channel></rss>'


def warm() -> None:
    """Read a small page and a small feed, so that parsers and dictionaries are in memory."""
    inside.one_thread()

    from watcher import extract, text

    import_module("watcher.classify.classifier")
    from watcher.model import FetchResult, Request

    import_module("watcher.pipeline.reading")
    from watcher.sources import feed

    def answer(body: bytes) -> FetchResult:
        url = "http://localhost/"
        return FetchResult(request=Request(url=url), url=url, status=200, body=body, fetched_at=datetime(2026, 1, 1, tzinfo=UTC))

    extract.read(answer(_PAGE), language="fr", dated=True)
    feed.read(answer(_FEED))
    text.search_tokens("travaux")
    text.language("Zażółć gęślą jaźń, dokument o szkoleniu zawodowym", "fr")  # not French: the classifier of languages is asked


warm()
