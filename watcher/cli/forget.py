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
    from pydantic_core import PydanticCustomError

    from watcher.config.addresses import mail_address
    from watcher.pipeline import forgetting

    try:
        mail_address(address)
    except PydanticCustomError as error:
        raise click.BadParameter("this is no e-mail address: write it as name@host.", param_hint="ADDRESS") from error
    with opened(home) as desk:
        done = forgetting.forget(desk, address)
    if as_json:
        lines = [{"line": line.line, "digest": line.digest} for line in done.lines]
        counted = {name: getattr(done.erased, name) for name in ("mails", "entries", "choices", "labels")}
        print_json({**counted, "files": done.files, "versions": done.versions, "sources_yaml": lines})
        return
    erased = done.erased
    if not (erased.total or done.files or done.versions or done.lines):
        click.echo("Nobody of that address is known here. Should they come to be, they are not written to.")
        return
    parts = (many(erased.mails, "mail"), f"{erased.entries} entries noted as mailed", many(erased.choices, "choice"))
    click.echo(
        f"Erased: {', '.join(parts)}, {many(done.files, 'file')} of the spool, "
        f"{many(done.versions, 'kept version')} of sources.yaml; {many(erased.labels, 'label')} made nameless."
    )
    for line in done.lines:
        click.echo(f"{line.file}:{line.line}: the digest {line.digest} still names this person. Remove the line.")
