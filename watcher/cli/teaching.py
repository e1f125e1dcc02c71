"""`watcher themes label | labels`: what staff say of documents."""

from dataclasses import asdict

import click

from watcher.cli.common import json_option, local, many, opened, print_json, table

VALUES = {"yes": True, "no": False}
OPINIONS = {"relevant": True, "off-topic": False}


def _login() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        return ""


def _named(_: click.Context, __: click.Parameter, author: str) -> str:
    """Return the author's name without blanks around it. Raises BadParameter when nothing is left."""
    if not (name := " ".join(author.split())):
        raise click.BadParameter("nobody is named. Write who says it: --author claire.")
    return name


@click.command("label")
@click.argument("document")
@click.argument("what", metavar="THEME|relevant|off-topic")
@click.argument("value", type=click.Choice(list(VALUES)), required=False)
@click.option("--take-back", is_flag=True, help="Forget what the author said of it.")
@click.option(
    "--author", envvar="WATCHER_AUTHOR", default=_login, callback=_named, show_default="your login", help="Who says it."
)
@click.pass_obj
def label(home: str | None, document: str, what: str, value: str | None, take_back: bool, author: str) -> None:
    """Say that a stored DOCUMENT (its key or address) is of a THEME, or not, or whether it belongs in a digest.

    It is kept with its author and date; `watcher themes learn` learns from it. What was said before of the same version by
    the same author is replaced.

    \b
    Examples:
      watcher themes label https://www.example.org/article ia-emploi yes
      watcher themes label https://www.example.org/article territoires no --author claire
      watcher themes label https://www.example.org/article off-topic
    """
    from watcher.classify.linear import RELEVANCE
    from watcher.pipeline import labelling

    if what in OPINIONS and value is not None:
        raise click.UsageError(f"{what!r} says it all: leave {value!r} out.")
    theme, said = (RELEVANCE, OPINIONS[what]) if what in OPINIONS else (what, VALUES.get(value or ""))
    with opened(home) as desk:
        if take_back:
            count = labelling.take_back(desk, document, theme, author)
            click.echo(f"{many(count, 'label')} of {author} taken back.")
            return
        labelling.check_theme(desk, theme)
        if said is None:
            raise click.UsageError(f"Is it of {what}? Add yes or no.")
        kept, found = labelling.label(desk, document, theme, said, author)
    if theme == RELEVANCE:
        click.echo(f"{found.document.title}: {what}, says {kept.author} (it was graded {found.verdict.relevance} of 3).")
    else:
        is_on = "on" if theme in found.verdict.on else "off"
        click.echo(f"{found.document.title}: {theme} {value}, says {kept.author} (it was {is_on}).")
    click.echo("`watcher themes learn` learns from it.")


@click.command("labels")
@json_option
@click.pass_obj
def labels(home: str | None, as_json: bool) -> None:
    """List what people said of documents, oldest first.

    \b
    Examples:
      watcher themes labels
      watcher themes labels --json | jq -r '.author' | sort | uniq -c
    """
    from watcher.store import labels as kept

    with opened(home) as desk:
        said = desk.store.read(kept.every)
        if as_json:
            for one in said:
                print_json({name: value for name, value in asdict(one).items() if name != "features"})
            return
        table((local(one.labelled_at, desk), one.author, one.theme, "yes" if one.value else "no", one.document) for one in said)
        click.echo(f"{many(len(said), 'label')}.")
