"""The journal of what left: whole lines, whatever death or disk did to the last one."""

from pathlib import Path

from watcher.deliver.journal import Journal


def noted(path: Path, *lines: dict[str, object]) -> None:
    with Journal(path) as journal:
        for line in lines:
            journal.note(line)


def test_a_line_cut_short_costs_itself_and_not_the_next(tmp_path: Path) -> None:
    """What a death left half written does not swallow the line that the next run notes."""
    path = tmp_path / "journal.jsonl"
    noted(path, {"message_id": "1"}, {"message_id": "2"})
    path.write_bytes(path.read_bytes()[:-5])
    noted(path, {"message_id": "3"})
    assert [line["message_id"] for line in Journal(path).lines()] == ["1", "3"]


def test_a_journal_that_ended_well_gets_no_empty_line(tmp_path: Path) -> None:
    """Opening it again adds nothing."""
    path = tmp_path / "journal.jsonl"
    noted(path, {"message_id": "1"})
    before = path.read_bytes()
    noted(path)
    assert path.read_bytes() == before
