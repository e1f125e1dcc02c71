"""A page that shows a mail as two readers see it, side by side: at a desk and on a phone. For pictures and for judging."""

from email import policy
from email.parser import BytesHeaderParser
from html import escape

from watcher.model import Message

_WIDTHS = (("desk", 720), ("phone", 390))
_FIELDS = ("Subject", "From", "To", "Date")
_PAGE = """\
<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title}</title>
<style>
body {{ margin: 0; padding: 24px; font: 15px/1.5 system-ui, sans-serif; color: #222; background: #ddd; min-width: {whole}px }}
dl {{ display: grid; grid-template-columns: 5em 1fr; margin: 0 0 24px }} dt {{ color: #666 }} dd {{ margin: 0; font-weight: 600 }}
main {{ display: flex; gap: 24px; align-items: flex-start }}
iframe {{ border: 0; background: #fff; height: 2400px }}
@media (prefers-color-scheme: dark) {{ body {{ color: #ddd; background: #333 }} dt {{ color: #aaa }} }}
</style></head>
<body><dl>{fields}</dl><main>{frames}</main></body></html>
"""
# The mail runs no script and fetches nothing; the page around it gives each frame the height of what it holds.
_FRAME = (
    '<iframe title="{name}" width="{width}" sandbox="allow-same-origin" srcdoc="{mail}"'
    " onload=\"this.style.height = this.contentDocument.documentElement.scrollHeight + 'px'\"></iframe>"
)


def page(message: Message) -> str:
    """Return the page, complete in itself: what the mailbox lists of `message`, and its HTML part at the width of each."""
    head = BytesHeaderParser(policy=policy.default).parsebytes(message.raw)
    fields = "".join(f"<dt>{name}</dt><dd>{escape(str(head[name]))}</dd>" for name in _FIELDS if head[name])
    frames = "".join(_FRAME.format(name=name, width=width, mail=escape(message.html)) for name, width in _WIDTHS)
    whole = sum(width for _, width in _WIDTHS) + 24
    return _PAGE.format(title=escape(message.subject), fields=fields, frames=frames, whole=whole)
