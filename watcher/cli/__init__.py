"""The command line: one file per command, loaded when it is asked for."""

import importlib
import sys

import click

from watcher import __version__
from watcher.errors import ConfigError, UnknownNameError, WatcherError

COMMANDS = {
    "init": "Lay out sources.yaml, seeds/ and templates/ for editing.",
    "check": "Validate configuration, seeds and templates; print what was understood.",
    "poll": "Fetch what is due, or the sources named, now.",
    "preview": "Show what an address or a source would give, before saving anything.",
    "classify": "Judge texts from a JSONL file, one verdict per line.",
    "themes": "List, evaluate, explain and learn the themes.",
    "digest": "List, preview and send editions.",
    "outbox": "See what was mailed and what waits, or try again.",
    "recipients": "See who receives what, and act for somebody who asks.",
    "inbound": "Read a mail that came back, or that unsubscribes.",
    "search": "Search the archive.",
    "questions": "Follow parliamentary questions: asked, answered, overdue.",
    "status": "What works, what does not, since when.",
    "sources": "List, add, import and export sources.",
    "review": "Decide what is held for a person.",
    "backup": "Copy everything into one file, checked; or check such a file.",
    "restore": "Put a backup in place, with all mail held until you have looked.",
    "doctor": "Look for what would make trouble, and say what to do about it.",
    "reload": "Have the service take what was edited, or confirm a big change.",
    "run": "Run the service: poll, mail and answer about its health.",
    "forget": "Erase all that is kept of one person.",
    "export": "Print all that is kept of one person.",
    "demo": "Run the whole of it on a built-in publisher, no network needed.",
}


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own, imported only when one of them runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command called `cmd_name`, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"watcher.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or fail with the nearest name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    envvar="WATCHER_HOME",
    help="The folder of sources.yaml, seeds/, templates/ and var/ (default: the current one).",
)
@click.version_option(__version__, prog_name="watcher")
@click.pass_context
def group(ctx: click.Context, home: str | None) -> None:
    """Follow articles and parliamentary answers, say what matters and why, and mail it once a week.

    \b
    Start here:
      watcher demo                     see it work, on a publisher of its own
      watcher init veille              lay out a home to edit, in ./veille
      watcher --home veille check      is everything right?
      watcher --home veille poll       read the sources
      watcher --home veille digest preview veille --out .
    """
    ctx.obj = home


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 something failed (named), 2 wrong use, 3 bad configuration."""
    try:
        code: object = group.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except ConfigError as error:
        click.echo(error.message, err=True)
        sys.exit(3)
    except UnknownNameError as error:
        click.echo(error.message, err=True)
        sys.exit(2)
    except WatcherError as error:
        click.echo(f"watcher: {error.message}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has enough of it (`watcher search ... | head`).
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        click.echo(f"watcher: {error.filename or 'the output'}: {error.strerror}.", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
