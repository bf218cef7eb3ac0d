"""The tree of errors and what each one ends with."""

from __future__ import annotations

import inspect

from redash import errors


def test_the_docstring_draws_the_tree_that_is_there():
    """Each class stands in it, under its base, with its exit code where it differs from the base's."""
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]
    drawn = [line for line in (errors.__doc__ or "").splitlines() if line.strip().split(" ")[0].isidentifier()][1:]
    depths = {line.split()[0]: len(line) - len(line.lstrip()) for line in drawn}

    assert set(depths) == {kind.__name__ for kind in classes}
    assert depths == {kind.__name__: 4 * (len(kind.__mro__) - 4) for kind in classes}


def test_a_hint_travels_with_the_message():
    """The command line prints both."""
    error = errors.DatabaseAway("nobody answers", "is it running?")

    assert (str(error), error.hint, error.exit_code) == ("nobody answers", "is it running?", 75)
