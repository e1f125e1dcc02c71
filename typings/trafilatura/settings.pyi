class Document:
    title: str | None
    author: str | None
    sitename: str | None
    date: str | None
    text: str | None
