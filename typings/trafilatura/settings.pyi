class Document:
    title: str | None
    author: str | None
    sitename: str | None
    date: str | None
    text: str | None

class Extractor:
    def __init__(
        self, *, output_format: str = "txt", fast: bool = False, precision: bool = False, comments: bool = True
    ) -> None: ...
