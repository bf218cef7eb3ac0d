"""What can go wrong in the loader; every error says what to do next.

EtlError                      exit 1  it failed
├── ConfigError               exit 2  wrong use or configuration
│   └── SchemaError           exit 2  the database's schema is not this version's
├── NotALogError              exit 1  a named file holds no request log
├── UnsafePurgeError          exit 1  a purge would take more than half of the rows
└── TryAgainError             exit 75 nothing is wrong with the data, another time it will work
    ├── BusyError             exit 75 another import or watch of this source runs
    ├── DatabaseAwayError     exit 75 the database can't be reached, is locked or full
    ├── SchemaMovedError      exit 75 someone migrates the database under a running loader
    └── ZoneMovedError        exit 75 someone changed the report time zone under a running loader
"""

from __future__ import annotations


class EtlError(Exception):
    """It failed; nothing half-done is left behind."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(EtlError):
    """Wrong use or configuration: the same command can't work until someone changes it."""

    exit_code = 2


class SchemaError(ConfigError):
    """The database's schema is missing or of another version."""


class NotALogError(EtlError):
    """A file that was named on the command line holds no request log."""


class UnsafePurgeError(EtlError):
    """A purge would take more than half of the rows."""


class TryAgainError(EtlError):
    """Nothing is wrong with the data or the settings; another time it will work."""

    exit_code = 75


class BusyError(TryAgainError):
    """Another import or watch of this source runs."""


class DatabaseAwayError(TryAgainError):
    """The database can't be reached, is locked by another, or its disk is full."""


class SchemaMovedError(TryAgainError):
    """The schema was this version's when the run began and is another's now: only a new process can help."""


class ZoneMovedError(TryAgainError):
    """The report time zone is no longer the one that lines were decoded for; nothing of the batch is written."""
