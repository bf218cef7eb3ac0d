"""What can go wrong in tts-redash, and the exit code each error ends the command with.

RedashError (1)
    WrongUse (2)            an option, a parameter value or a specs folder that can't be used
        ParameterError      a value that its parameter's type refuses
    SpecErrors (1)          files of the pack that are wrong, all problems at once
    DatabaseError (1)
        DatabaseAway (75)   not reachable now
        SchemaMissing (2)   reachable, but the tables aren't there
        QueryFailed (1)     one query was refused, or took too long
"""

from __future__ import annotations


class RedashError(Exception):
    """Something failed; `hint` says what the user can do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class WrongUse(RedashError):
    """An option, a file name or a folder that can't be used."""

    exit_code = 2


class ParameterError(WrongUse):
    """A value that its parameter's declared type refuses."""


class SpecErrors(RedashError):
    """The files of the pack are wrong."""


class DatabaseError(RedashError):
    """The database refused."""


class DatabaseAway(DatabaseError):
    """The database can't be reached now."""

    exit_code = 75


class SchemaMissing(DatabaseError):
    """The database has no tables of ours."""

    exit_code = 2


class QueryFailed(DatabaseError):
    """One query was refused or took too long; the others may work."""
