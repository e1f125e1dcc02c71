"""Look at the machine, the home, the mail and the service for what would make trouble, each finding with its remedy."""

from watcher.pipeline.doctor.examine import examine
from watcher.pipeline.doctor.findings import Finding, Level

__all__ = ["Finding", "Level", "examine"]
