"""Parliamentary questions: what identifies one, what we hold of it, what happened to it, which belong together.

Pure: values in, values out. `events` and `timeline` tell the life of a question, `merge` keeps what was read of it.
"""

from watcher.numbering import address_key
from watcher.questions.groups import CAMPAIGN, Group, GroupKind, answer_hash, groups
from watcher.questions.life import due_on, events, is_open, lapsed, overdue, timeline
from watcher.questions.merge import merge
from watcher.questions.names import named
from watcher.questions.wording import bare_text, is_reminder

__all__ = [
    "CAMPAIGN",
    "Group",
    "GroupKind",
    "address_key",
    "answer_hash",
    "bare_text",
    "due_on",
    "events",
    "groups",
    "is_open",
    "is_reminder",
    "lapsed",
    "merge",
    "named",
    "overdue",
    "timeline",
]
