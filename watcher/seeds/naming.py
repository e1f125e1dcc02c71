"""The themes that seeds and labelled texts name, held against those that themes.yaml defines."""

from difflib import get_close_matches

from watcher.errors import ConfigError
from watcher.seeds.page import Page

# Up to so many, each is somebody's slip and told at its place; more of them are a themes.yaml that has lost some.
MOST_SLIPS = 3


class Naming:
    """Checks names of themes, and tells together what has one cause. `defined` empty: nothing can be said."""

    def __init__(self, defined: frozenset[str]) -> None:
        self._defined = defined
        self._strays: dict[str, list[ConfigError]] = {}

    def check(self, page: Page, theme: str, line: int | None, column: int | None) -> None:
        """Tell that `theme`, named at this place, is not defined."""
        if not self._defined or theme in self._defined:
            return
        near = get_close_matches(str(theme), sorted(self._defined), 1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        page.wrong(f"the theme {theme!r} is not in themes.yaml.", line, column, hint)
        self._strays.setdefault(str(theme), []).append(page.errors[-1])

    def settle(self, errors: list[ConfigError], themes_yaml: str, *, told: bool) -> None:
        """Put one mistake in the place of many that have one cause; none when that cause was `told` already."""
        strays = [error for some in self._strays.values() for error in some]
        if len(strays) <= MOST_SLIPS:
            return
        alike = {id(error) for error in strays}
        first = next(error for error in errors if id(error) in alike)
        places = {(error.file, error.line) for error in strays}
        errors[:] = [error for error in errors if id(error) not in alike]
        if not told:
            names = ", ".join(repr(theme) for theme in sorted(self._strays))
            problem = (
                f"does not define {names}, which {len(places)} lines of the seeds and labelled texts name, first {first.file}"
            )
            remedy = "Restore the file if it was cut, or take these themes out of the others."
            errors.append(ConfigError(f"{problem}:{first.line}.", file=themes_yaml, remedy=remedy))
