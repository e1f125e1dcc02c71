"""`watcher outbox list | retry | resolve | reconcile`."""

from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, many, opened, opened_to_look, print_json, table

if TYPE_CHECKING:
    from watcher.model import Delivery
    from watcher.pipeline.desk import Desk
    from watcher.pipeline.mail import Delivered
    from watcher.pipeline.reconcile import Reconciled


@click.group("outbox", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """See how many mails were sent, wait, or were refused; hand over those that are due; settle those in doubt.

    \b
    Examples:
      watcher outbox
      watcher outbox retry
      watcher outbox resolve 12 sent
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command.command("list")
@click.option("--mails", is_flag=True, help="One line per mail that is not sent, with its number and when it is due.")
@json_option
@click.pass_obj
def list_(home: str | None, mails: bool = False, as_json: bool = False) -> None:
    """Count the mails by state. Addresses are not shown.

    \b
    Examples:
      watcher outbox list
      watcher outbox list --mails
      watcher outbox list --json
    """
    if mails:
        _each(home, as_json)
        return
    from watcher.pipeline import epoch
    from watcher.pipeline.status import mails as counted

    with opened_to_look(home) as desk:
        counts = desk.store.read(counted)
        tell_hold(desk)
        held = epoch.hold(desk)
    if as_json:
        print_json({**counts, "hold": held} if held else counts)
        return
    if held:
        click.echo(held)
    for state, count in counts.items():
        click.echo(f"{state}: {many(count, 'mail')}")
    if not counts:
        click.echo("No mail yet.")


def _each(home: str | None, as_json: bool) -> None:
    from watcher.model import DeliveryState
    from watcher.store import outbox

    open_states = [state for state in DeliveryState if state is not DeliveryState.SENT]
    with opened_to_look(home) as desk:
        found = desk.store.read(lambda tx: outbox.find(tx, open_states, limit=1000))
        if as_json:
            for mail in found:
                shown = (
                    "id",
                    "state",
                    "recipient_id",
                    "message_id",
                    "attempts",
                    "hand_overs",
                    "not_before",
                    "reply",
                    "updated_at",
                )
                print_json({name: getattr(mail, name) for name in shown})
            return
        table(
            (str(m.id), m.state, m.recipient_id, f"since {local(m.updated_at, desk)}", _due(m, desk), m.reply or "")
            for m in reversed(found)
        )
        tell_hold(desk)
    if not found:
        click.echo("Every mail was sent.")


def _due(mail: "Delivery", desk: "Desk") -> str:
    if mail.state not in ("queued", "deferred"):
        return "-"
    return f"due {local(mail.not_before, desk)}" if mail.not_before else "due now"


def tell_hold(desk: "Desk") -> None:
    """Say on standard error why nothing may leave this home, if nothing may."""
    from watcher.pipeline import epoch

    if (held := epoch.hold(desk)) is not None:
        click.echo(held, err=True)


def tell_outcome(desk: "Desk", outcome: "Delivered") -> None:
    """Say what a run handed over; when nothing was due, what waits and until when."""
    from watcher.store import outbox

    count, next_at = desk.store.read(outbox.waiting)
    if outcome.held is None and not outcome.counts and not outcome.withdrawn and count:
        when = f"the next is due at {local(next_at, desk)}" if next_at else "due now"
        click.echo(f"No mail was due: {many(count, 'mail')} {'waits' if count == 1 else 'wait'}, {when}.")
    else:
        click.echo(outcome.sentence())
    if outcome.held is None:
        tell_hold(desk)


@command.command("retry")
@click.pass_obj
def retry(home: str | None) -> None:
    """Hand over the mails that are due now.

    \b
    Examples:
      watcher outbox retry
    """
    from watcher.pipeline import mail

    with opened(home) as desk:
        outcome = mail.deliver_due(desk)
        tell_outcome(desk, outcome)
    if outcome.problems:
        raise click.exceptions.Exit(1)


@command.command("resolve")
@click.argument("number", type=int)
@click.argument("decision", type=click.Choice(("sent", "resend", "drop")))
@click.pass_obj
def resolve(home: str | None, number: int, decision: str) -> None:
    """Settle mail NUMBER: `sent` when the relay's log has it, `resend` once more, or `drop` it.

    The same bytes leave under the same Message-ID: a receiver that has them already can tell.

    \b
    Examples:
      watcher outbox list --mails
      watcher outbox resolve 12 resend
    """
    from watcher.pipeline import resolving

    with opened(home) as desk:
        state = resolving.resolve(desk, number, decision)
    click.echo(f"Mail {number} is {state} now." if state else f"Mail {number} is out of the outbox.")


@command.command("reconcile")
@click.option("--send-waiting", "waiting", flag_value="queued", help="Mails that the journal does not know leave.")
@click.option("--waiting-were-sent", "waiting", flag_value="sent", help="Mails that the journal does not know left before.")
@json_option
@click.pass_obj
def reconcile(home: str | None, waiting: str | None, as_json: bool) -> None:
    """Let mail leave again from a database that was restored or copied.

    What the journal of this home says left is marked so, with the editions that the database lost. Mails that wait and that
    the journal does not know need a word from you: on a staging copy, do not run this at all.

    \b
    Examples:
      watcher outbox reconcile
      watcher outbox reconcile --send-waiting
    """
    from watcher.model import DeliveryState
    from watcher.pipeline.reconcile import reconcile as decide

    with opened(home) as desk:
        done = decide(desk, waiting=DeliveryState(waiting) if waiting else None)
    if as_json:
        print_json(done)
    else:
        _tell(done)
    if done.undecided:
        raise click.exceptions.Exit(1)


def _tell(done: "Reconciled") -> None:
    if done.problem is None:
        click.echo("Nothing to reconcile: mail is not held.")
        return
    click.echo(f"Mail {'is' if done.undecided else 'was'} held: {done.problem}")
    if done.undecided:
        click.echo(f"{many(done.waiting, 'mail')} wait that the journal does not know. Nothing was changed. Say which:")
        click.echo("  watcher outbox reconcile --send-waiting         nobody received them: they leave")
        click.echo("  watcher outbox reconcile --waiting-were-sent    they left before the backup was restored")
        return
    click.echo(
        f"From the journal: {many(done.editions, 'lost edition')}, {many(done.sent, 'mail')} sent, {done.unknown} unknown."
    )
    click.echo("Mail may leave: `watcher outbox retry`.")
