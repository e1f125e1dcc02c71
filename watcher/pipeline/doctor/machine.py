"""The machine: clock and zone, disk, limits, a place for temporary files."""

import os
import resource
import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watcher.pipeline.doctor.findings import Finding, cure, note, ok
from watcher.pipeline.room import RESERVE

CLOCK, DISK, LIMITS = "clock", "disk", "limits"
_LITTLE = 1 << 30
_LEAST_FILES = 256


def clock(now: datetime, zone: str, released: date, newest: datetime | None) -> list[Finding]:
    """Return what is to be said of the clock and of the zone (row T07).

    `released` is a day that has passed for certain; `newest` the latest instant that the archive knows, None for none.
    """
    findings: list[Finding] = []
    remedy = "Set the clock, and let it be kept right: `timedatectl set-ntp true`."
    if now.date() < released:
        findings.append(cure(CLOCK, f"It shows {now:%Y-%m-%d}, before this program was made.", remedy))
    if newest is not None and now < newest - timedelta(minutes=5):
        findings.append(cure(CLOCK, f"It shows {now:%Y-%m-%d %H:%M} UTC; the archive has seen {newest:%Y-%m-%d %H:%M}.", remedy))
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        findings.append(cure(CLOCK, f"The time zone {zone} is not known here.", "Install it: `apt install tzdata`."))
    else:
        summer, winter = (datetime(2026, month, 1, tzinfo=UTC).astimezone(place).utcoffset() for month in (7, 1))
        if zone == "Europe/Paris" and (summer, winter) != (timedelta(hours=2), timedelta(hours=1)):
            findings.append(
                cure(CLOCK, "The time zone Europe/Paris has no summer time here.", "Install it anew: `apt install tzdata`.")
            )
        findings.append(ok(CLOCK, f"{now.astimezone(place):%Y-%m-%d %H:%M} in {zone}."))
    return findings


def disk(var: Path, needed: int) -> list[Finding]:
    """Return what is to be said of the disk under `var`; `needed` is what a copy of the database would take, in bytes."""
    there = next(folder for folder in (var, *var.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free under {there}."
    if free < RESERVE:
        return [cure(DISK, said, "Free some space: below 64 MB nothing is read or mailed.")]
    status = os.statvfs(there)
    if status.f_files and status.f_favail < 1000:
        return [cure(DISK, f"{status.f_favail} files more and {there} is full.", "Remove small files, or use a larger disk.")]
    if free < max(_LITTLE, 2 * needed):
        return [note(DISK, said, "Free some space: an upgrade copies the database first, a backup twice.")]
    return [ok(DISK, said)]


def limits() -> list[Finding]:
    """Return what is to be said of limits and of temporary files (row P05)."""
    findings: list[Finding] = []
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files != resource.RLIM_INFINITY and files < _LEAST_FILES:
        findings.append(cure(LIMITS, f"Only {files} files may be open at once.", "Raise it: `ulimit -n 1024`, or LimitNOFILE=."))
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"\0" * 65536)
            file.flush()
    except OSError as error:
        remedy = "Free some space there, or name another folder in TMPDIR."
        findings.append(cure(LIMITS, f"No temporary file can be written: {error.strerror}.", remedy))
    return findings or [ok(LIMITS, "Open files and temporary files.")]
