"""The administrator's templates, compiled: the only place that names Jinja2.

Two environments read the same mapping of files: in HTML everything is escaped, whatever the file is called; in text nothing
is, but characters that a terminal or a mail program could act upon are removed. An undefined name is an error in both.
"""

import traceback
from collections.abc import Callable, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, cast

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, TemplateError, TemplateNotFound, TemplateSyntaxError

from watcher.errors import ConfigError
from watcher.render import typography


class Templates:
    """Template files by their path below `templates/`, such as `email/edition.html.j2`.

    `hash` changes when any of them does; an edition keeps it. `root` is the folder they come from: mistakes name it.
    """

    def __init__(self, files: Mapping[str, str], root: str = "templates") -> None:
        self._files = dict(files)
        self._root = root

    def __len__(self) -> int:
        return len(self._files)

    def place(self, name: str) -> str:
        """Return where the file `name` is, for messages: a path that opens it when `root` is the folder's own."""
        return f"{self._root}/{name}"

    @cached_property
    def hash(self) -> str:
        """The hash (hexadecimal) of all names and contents."""
        return sha256("\0".join(f"{name}\0{self._files[name]}" for name in sorted(self._files)).encode()).hexdigest()

    def html(self, name: str, **values: object) -> str:
        """Render `name` with every value escaped. Raises ConfigError with the file and line of a mistake."""
        return self._render(self._html, name, values)

    def text(self, name: str, **values: object) -> str:
        """Render `name` as plain text, values stripped of control and bidirectional characters. Raises ConfigError."""
        return self._render(self._text, name, values)

    @cached_property
    def _html(self) -> Environment:
        return self._environment(autoescape=True)

    @cached_property
    def _text(self) -> Environment:
        return self._environment(autoescape=False)

    def _environment(self, *, autoescape: bool) -> Environment:
        environment = Environment(
            autoescape=autoescape,  # noqa: S701 (plain text is not escaped; HTML always is)
            undefined=StrictUndefined,
            loader=FunctionLoader(self._source),
            finalize=typography.cleaned,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        cast("dict[str, Any]", environment.filters).update(_FILTERS)
        cast("dict[str, Any]", environment.tests)["web"] = typography.is_web
        return environment

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """Give Jinja2 a file under its own name, so that its tracebacks say where a mistake is."""
        return (self._files[name], name, None) if name in self._files else None

    def _render(self, environment: Environment, name: str, values: Mapping[str, object]) -> str:
        try:
            template: Template = environment.get_template(name)
            return template.render(**values)
        except TemplateSyntaxError as error:
            raise ConfigError(f"{error.message}.", file=self.place(error.name or name), line=error.lineno) from error
        except TemplateNotFound as error:
            message = f"there is no template {error.name or name!r}."
            file, line = self._line(error)
            raise ConfigError(
                message, file=self.place(file or name), line=line, remedy="`watcher init HOME` lays them out."
            ) from error
        except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
            file, line = self._line(error)
            raise ConfigError(f"{error or type(error).__name__}.", file=self.place(file or name), line=line) from error

    def _line(self, error: Exception) -> tuple[str | None, int | None]:
        """Return the template and line that `error` came from: the innermost frame that is one of our files."""
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in self._files]
        return (frames[-1].filename, frames[-1].lineno) if frames else (None, None)


_FILTERS: dict[str, Callable[..., object]] = {
    "bar": typography.bar,
    "capitalize_first": typography.capitalize_first,
    "decimal": typography.decimal,
    "french_spaces": typography.french_spaces,
    "inner_quotes": typography.inner_quotes,
    "just_before": typography.just_before,
    "local": typography.local,
    "one_line": typography.one_line,
    "plain_link": typography.plain_link,
    "thousands": typography.thousands,
    "underline": typography.underline,
    "wrapped": typography.wrap,
}
