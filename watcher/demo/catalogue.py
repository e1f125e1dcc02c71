"""Write the sources.yaml of the demo's home."""

import json
from collections.abc import Iterable

from watcher.demo.outlet import Plan

_HEAD = """\
# The sources of the demo: fictitious outlets that a built-in publisher serves on loopback.
# They can be read while `watcher demo` runs; edit anything and run it again.

settings:
  contact: demo@example.org
  timezone: Europe/Paris
  gap: 0 s                        # seconds between two requests to one outlet; real sites want 2 or more
  allow_private: [127.0.0.0/8]    # the only way to reach loopback; leave it out for real sources
  mail:
    mode: spool
    sender: veille@example.org
    sender_name: Veille de démonstration

sources:
"""
_TAIL = """
digests:
  - id: veille
    title: Veille compétences et métiers
    frequency: weekly
    day: monday
    time: "07:30"
    recipients: [lecture@example.org]

# end of sources.yaml
"""


def sources_yaml(sources: Iterable[tuple[Plan, str]]) -> str:
    """Return the file for these outlets and the addresses of their listings."""
    return _HEAD + "\n".join(_entry(plan, url) for plan, url in sources) + _TAIL


def _entry(plan: Plan, url: str) -> str:
    lines = [
        f"  # {plan.purpose}",
        f"  - id: {plan.id}",
        f"    kind: {plan.kind}",
        # A JSON string is a YAML string, whatever the name holds.
        f"    name: {json.dumps(plan.name, ensure_ascii=False)}",
        f"    url: {url}",
        "    every: 1 h",
        *(f"    {option}" for option in plan.options),
    ]
    if not plan.enabled:
        lines.append("    enabled: false")
    return "\n".join(lines) + "\n"
