from lxml.etree import Element
from trafilatura.settings import Document, Extractor

def bare_extraction(
    filecontent: Element,
    *,
    url: str | None = None,
    fast: bool = False,
    with_metadata: bool = False,
    include_comments: bool = True,
    favor_precision: bool = False,
    options: Extractor | None = None,
) -> Document | None: ...
