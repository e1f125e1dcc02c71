"""`watcher digest list | preview | send`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, many, opened, print_json
from watcher.cli.outbox import tell_hold, tell_outcome
from watcher.model import Edition, Message

if TYPE_CHECKING:
    from watcher.pipeline.publish import Preview, Published


def _address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Check the mail address of an option; a mistake names the option (exit code 2)."""
    from pydantic_core import PydanticCustomError

    from watcher.config.addresses import mail_address

    try:
        return value if value is None else mail_address(value)
    except PydanticCustomError as error:
        raise click.BadParameter("this is not a mail address. Write it as `name@example.org`.") from error


@click.group("digest")
def command() -> None:
    """List, preview and send editions.

    \b
    Examples:
      watcher digest list
      watcher digest preview veille --out .
      watcher digest send veille --dry-run
    """


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool) -> None:
    """List the editions frozen so far, newest first.

    \b
    Examples:
      watcher digest list
      watcher digest list --json | jq '.period'
    """
    from watcher.store import editions

    with opened(home) as desk:
        frozen = desk.store.read(editions.all)
        for one in frozen:
            edition = one.edition
            entries = entries_of(edition)
            if as_json:
                period = edition.period.key
                print_json(
                    {
                        "digest": edition.digest,
                        "number": edition.number,
                        "period": period,
                        "cutoff": edition.cutoff,
                        "entries": entries,
                    }
                )
            else:
                frozen_at = local(edition.cutoff, desk)
                # What left at once is named after its entry, by a hash: a person reads its day.
                named = frozen_at[:10] if edition.frequency == "at_once" else edition.period.key
                name = f"{edition.digest}  n° {edition.number}  {named}"
                click.echo(f"{name}  frozen {frozen_at}  {many(entries, 'article')}")
        if not frozen and not as_json:
            click.echo("No edition yet. `watcher digest send NAME` makes the first.")


@command.command("preview")
@click.argument("name")
@click.option("--week", help="The ISO week, as 2026-W47 (default: the last complete one); the day of a daily edition.")
@click.option("--to", "address", callback=_address, help="As this person would receive it, at their own pace.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write .eml, .html, .txt and .page.html there; else print the text.",
)
@json_option
@click.pass_obj
def preview(home: str | None, name: str, week: str | None, address: str | None, out: Path | None, as_json: bool) -> None:
    """Show what digest NAME would send now, without freezing or sending anything; of a past week, what was sent.

    Readers at another pace have names of their own: `veille.daily`, `veille.at-once`.

    \b
    Examples:
      watcher digest preview veille --week 2026-W47 --out preview/
      watcher digest preview veille --json | jq '.edition.sections[].entries[].title'
    """
    from watcher.pipeline import paces

    with opened(home) as desk:
        found = paces.previewed(desk, name, week=week, address=address)
    if found is None:
        click.echo(f"{name}: nothing waits that would leave at once.")
        return
    edition, message = found.edition, found.message
    _tell_nature(found, address)
    paths = write_preview(edition, message, out) if out is not None else ()
    if as_json:
        files = [str(path) for path in paths]
        print_json({"edition": edition, "subject": message.subject, "text": message.text, "files": files})
    elif out is None:
        click.echo(message.text)
    else:
        for path in paths:
            click.echo(str(path))


def _tell_nature(found: "Preview", address: str | None) -> None:
    """Say on standard error when a preview of a frozen edition is not what was sent."""
    name = f"{found.edition.digest} n° {found.edition.number}"
    if found.frozen and not found.sent:
        to = "this address" if address else "anybody listed now"
        click.echo(f"{name} was not sent to {to}: this is what it would have held, with today's templates.", err=True)
    elif found.frozen and not found.stored:
        click.echo("Rendered anew with today's templates: the bytes that were sent are not kept any more.", err=True)


@command.command("send")
@click.argument("name")
@click.option("--week", help="The ISO week, as 2026-W47 (default: the last complete one).")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, freeze and send nothing.")
@click.option("--test", "address", callback=_address, help="Send the mail to this address alone, freeze and note nothing.")
@click.pass_obj
def send(home: str | None, name: str, week: str | None, dry_run: bool, address: str | None) -> None:
    """Freeze the edition of digest NAME and hand its mails over. An edition that exists is not made twice.

    When a mistake in a template keeps some mails from being made, the others leave; mend it and send again for these.

    \b
    Examples:
      watcher digest send veille
      watcher digest send veille --dry-run
      watcher digest send veille --test redaction@example.org
    """
    from watcher.pipeline import mail, publish, subscriptions

    with opened(home) as desk:
        if address and not dry_run:
            message = publish.test_mail(desk, name, week=week, address=address)
            click.echo(f"A test, noted nowhere: {mail.send_test(desk, message, address)}")
            return
        if dry_run:
            edition, _ = publish.preview(desk, name, week=week)
            entries = entries_of(edition)
            wanted = subscriptions.own_pace(desk, publish.digest_named(desk, name))
            people = many(len(wanted.recipients), "recipient")
            click.echo(f"n° {edition.number}, {edition.period.key}: {many(entries, 'article')} for {people}. Nothing sent.")
            tell_hold(desk)
            return
        named = publish.digest_named(desk, name)
        if named.recipients and not subscriptions.own_pace(desk, named).recipients:
            click.echo(
                f"{name}: all its readers chose another pace or left, so there is nothing to freeze (`watcher digest due`)."
            )
            return
        published = publish.publish(desk, name, week=week)
        click.echo(said(published))
        outcome = mail.deliver_due(desk)
        tell_outcome(desk, outcome)
    tell_held(published)
    if outcome.problems or published.held:
        raise click.exceptions.Exit(1)


@command.command("due")
@click.pass_obj
def due(home: str | None) -> None:
    """Freeze every edition whose hour has come, at each reader's own pace, and hand the mails over. For cron, every few minutes.

    \b
    Examples:
      watcher digest due
    """
    from watcher.pipeline import calendar, mail

    with opened(home) as desk:
        calendar.join(desk)
        turn = calendar.publish_due(desk)
        for published in turn.published:
            click.echo(said(published))
            tell_held(published)
        for name, why in turn.idle:
            click.echo(f"{name}: nothing to do yet. {why}")
        for name, problem in turn.problems:
            click.echo(f"{name}: {problem}", err=True)
        outcome = mail.deliver_due(desk)
        tell_outcome(desk, outcome)
    if outcome.problems or turn.problems or any(published.held for published in turn.published):
        raise click.exceptions.Exit(1)


def said(published: "Published") -> str:
    """Return what `publish` did, in one line."""
    edition = published.edition
    entries = entries_of(edition)
    late = f"{many(published.released, 'mail')} held until now queued"
    if not published.created:
        what = f"{late}, nothing else is mailed" if published.released else "nothing new is mailed"
        return f"{edition.digest} n° {edition.number} ({edition.period.key}) was frozen before: {what}."
    what = f"{many(entries, 'article')}, {many(published.mails - published.released, 'mail')} queued"
    what += f", {late}" if published.released else ""
    return f"{edition.digest} n° {edition.number} ({edition.period.key}): {what}."


def tell_held(published: "Published") -> None:
    """Say on standard error which mails are held, and what to mend."""
    by_problem: dict[str, list[str]] = {}
    for recipient, problem in published.held:
        by_problem.setdefault(problem, []).append(recipient)
    for problem, people in by_problem.items():
        click.echo(f"{problem}\n  {many(len(people), 'mail')} held for it ({', '.join(people)}).", err=True)
    if by_problem:
        click.echo(f"Mend it, then `watcher digest send {published.digest.id}` sends what is held, and nothing twice.", err=True)


def entries_of(edition: Edition) -> int:
    """Return how many entries an edition shows."""
    return sum(len(section.entries) for section in edition.sections)


def write_preview(edition: Edition, message: Message, folder: Path) -> tuple[Path, ...]:
    """Write the .eml, .html and .txt of an edition, and a page for pictures of it, into `folder` and return their paths."""
    from watcher.render.page import page

    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{edition.digest}-{edition.number:03d}-{edition.period.key}"
    paths = tuple(stem.with_suffix(suffix) for suffix in (".eml", ".html", ".txt", ".page.html"))
    paths[0].write_bytes(message.raw)
    paths[1].write_text(message.html, "utf-8")
    paths[2].write_text(message.text, "utf-8")
    paths[3].write_text(page(message), "utf-8")
    return paths
