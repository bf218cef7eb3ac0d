"""Errors of tts-app; only `cli` catches the base.

AppError                 exit 1
    ConfigError          exit 2    an option or variable that can't be used
    PortTaken            exit 75   the port asked for is in use
    TryAgain             exit 75   a service is away or busy
    EventInvalid         exit 1    a value that no log line may hold
    RequestFailed        exit 1    one request that ends other than ok
"""

from __future__ import annotations


class AppError(Exception):
    """Base of all errors of this program."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(AppError):
    """An option or environment variable has a value that can't be used."""

    exit_code = 2


class PortTaken(AppError):
    """Another program listens on the port that was asked for."""

    exit_code = 75


class TryAgain(AppError):
    """A service doesn't answer, or says that trying again may help."""

    exit_code = 75


class EventInvalid(AppError):
    """A required value is not finite, not text, or the line is longer than 256 KiB."""


class RequestFailed(AppError):
    """A request ends with one of the codes of `events.ERRORS`.

    The message is for the client: one sentence that never repeats the user's text. `param` names the field at fault.
    """

    def __init__(self, code: str, message: str, param: str | None = None, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code
        self.param = param
