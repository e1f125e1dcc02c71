"""The folder of .eml files."""

import stat
from pathlib import Path

import pytest

from tests.deliver.relays import delivery
from watcher.deliver.spool import Spool
from watcher.errors import DeliveryError


def nothing() -> None:
    """Stand for the store that notes the hand-over."""


def test_a_mail_becomes_one_private_file(tmp_path: Path) -> None:
    """The bytes are those of the outbox, named after the Message-ID, readable by their owner alone (row S02)."""
    folder = tmp_path / "spool"
    with Spool(folder) as spool:
        reply = spool.send(delivery(), nothing)
    file = folder / "12.a@obs.example.eml"
    assert file.read_bytes() == delivery().raw
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert reply == "written to 12.a@obs.example.eml"
    assert [path.name for path in folder.iterdir()] == [file.name]


def test_the_same_mail_twice_is_one_file(tmp_path: Path) -> None:
    """A resend finds its own file and announces no second dot (promise P2)."""
    dots: list[int] = []
    spool = Spool(tmp_path)
    for _ in range(2):
        spool.send(delivery(), lambda: dots.append(1))
    assert len(list(tmp_path.iterdir())) == 1
    assert len(dots) == 1


def test_another_mail_with_the_same_name_is_kept(tmp_path: Path) -> None:
    """What was delivered first is never overwritten."""
    spool = Spool(tmp_path)
    spool.send(delivery(), nothing)
    with pytest.raises(DeliveryError, match="same Message-ID") as caught:
        spool.send(delivery(raw=b"other"), nothing)
    assert not caught.value.transient
    assert spool.file_of(delivery().message_id).read_bytes() == delivery().raw


def test_the_file_appears_only_after_the_store_knows(tmp_path: Path) -> None:
    """Until `handing_over` is stored there is no mail to be seen; when it cannot be, there never is."""
    spool = Spool(tmp_path)
    seen: list[bool] = []

    def failing() -> None:
        seen.append(spool.file_of(delivery().message_id).exists())
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        spool.send(delivery(), failing)
    assert seen == [False]
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_half_written_is_overwritten(tmp_path: Path) -> None:
    """A temporary file of an earlier life neither stays nor shows (row E01)."""
    (tmp_path / ".12.a@obs.example.part").write_bytes(b"half a ma")
    Spool(tmp_path).send(delivery(), nothing)
    assert [path.name for path in tmp_path.iterdir()] == ["12.a@obs.example.eml"]
    assert (tmp_path / "12.a@obs.example.eml").read_bytes() == delivery().raw


def test_a_spool_that_is_not_a_folder_is_worth_another_try(tmp_path: Path) -> None:
    """A full or misplaced spool defers the mail: nothing was handed over."""
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(DeliveryError, match="Cannot write to the spool") as caught:
        Spool(tmp_path / "spool").send(delivery(), nothing)
    assert caught.value.transient


@pytest.mark.parametrize("message_id", ["<../../etc/passwd@x>", "<a/b@x>", "<.hidden@x>", "<a\x00b@x>", f"<{'n' * 900}@x>"])
def test_a_message_id_never_leads_out_of_the_spool(tmp_path: Path, message_id: str) -> None:
    """Names are made of letters, digits and a few signs."""
    spool = Spool(tmp_path)
    file = spool.file_of(message_id)
    assert file.parent == tmp_path
    spool.send(delivery(message_id=message_id), nothing)
    assert list(tmp_path.iterdir()) == [file]
