"""`watcher forget`."""

import click

from watcher.cli.common import json_option, many, opened, print_json


@click.command("forget")
@click.argument("address")
@json_option
@click.pass_obj
def command(home: str | None, address: str, as_json: bool) -> None:
    """Erase all that is kept of the person at ADDRESS, and write to them no more.

    A hash remains that means nothing without the key of this home, so that a restored backup forgets them again. The lines of
    sources.yaml that name the person are shown: they are yours to remove, and have no effect meanwhile.

    \b
    Examples:
      watcher forget lecture@example.org
    """
    from watcher.pipeline import forgetting

    with opened(home) as desk:
        done = forgetting.forget(desk, address)
    if as_json:
        lines = [{"line": line.line, "digest": line.digest} for line in done.lines]
        counted = {name: getattr(done.erased, name) for name in ("mails", "entries", "choices", "labels")}
        print_json({**counted, "files": done.files, "sources_yaml": lines})
        return
    erased = done.erased
    parts = (many(erased.mails, "mail"), f"{erased.entries} entries noted as mailed", many(erased.choices, "choice"))
    click.echo(
        f"Erased: {', '.join(parts)}, {many(done.files, 'file')} of the spool; {many(erased.labels, 'label')} made nameless."
    )
    for line in done.lines:
        click.echo(f"{line.file}:{line.line}: the digest {line.digest} still names this person. Remove the line.")
