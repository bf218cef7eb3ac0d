"""What can go wrong in tts-redash, and the exit code each error ends the command with.

RedashError (1)
    WrongUse (2)            an option, a parameter value or a specs folder that can't be used
        ParameterError      a value that its parameter's type refuses
    SpecErrors (1)          files of the pack that are wrong, all problems at once
    DatabaseError (1)
        DatabaseAway (75)   not reachable now
        SchemaMissing (2)   reachable, but the tables aren't there
        QueryFailed (1)     one query was refused, or took too long
    StalePlan (1)           files or objects moved since the plan was made
    ChangedInBoth (1)       a field was changed in Redash and in the files, and nobody said whose counts
    RemoteError (1)         the Redash server did not do what was asked
        RedashAway (75)     no answer, or none of its own: away, starting, overloaded
        WrongKey (2)        it does not know the API key
        NotRedash (2)       what answers at that address is no Redash API
        NotAllowed (1)      the key's user may not do this
        NotThere (1)        no such object
        Conflict (1)        somebody else changed it since it was read
        Refused (1)         any other refusal
        RunFailed (1)       a query that Redash ran ended with an error
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


class RemoteError(RedashError):
    """The Redash server did not do what was asked; `status` is the HTTP status, None where no answer came."""

    def __init__(self, message: str, hint: str = "", status: int | None = None) -> None:
        super().__init__(message, hint)
        self.status = status


class RedashAway(RemoteError):
    """No answer of Redash: it is away, starting or overloaded; `undone` says that the request surely had no effect."""

    exit_code = 75

    def __init__(self, message: str, hint: str = "", status: int | None = None, undone: bool = False) -> None:
        super().__init__(message, hint, status)
        self.undone = undone


class WrongKey(RemoteError):
    """Redash does not know the API key."""

    exit_code = 2


class NotRedash(RemoteError):
    """What answers at that address is no Redash API."""

    exit_code = 2


class NotAllowed(RemoteError):
    """The key's user may not do this."""


class NotThere(RemoteError):
    """Redash has no such object."""


class Conflict(RemoteError):
    """Somebody else changed the object since it was read."""


class Refused(RemoteError):
    """Redash refused for any other reason; its word for it is in the message."""


class RunFailed(RemoteError):
    """A query that Redash ran ended with an error."""


class StalePlan(RedashError):
    """What a plan was made of is not so any more: files or objects moved meanwhile."""


class ChangedInBoth(RedashError):
    """A field was changed in Redash and in the files since the last apply, and nobody said whose change counts."""
