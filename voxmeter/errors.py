"""What can go wrong when the commands are composed.

VoxmeterError        base: message, hint, exit_code
  SetupError         the folder, the disk or the environment does not let us start (2)
  CommandFailed      one of the composed commands failed (its own exit code)
  CheckFailed        everything ran, but what was promised is not true (1)
"""

from __future__ import annotations


class VoxmeterError(Exception):
    """Ends the command with one line, a hint and an exit code."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SetupError(VoxmeterError):
    """The folder, the disk or the environment does not let us start."""

    exit_code = 2


class CommandFailed(VoxmeterError):
    """One of the composed commands ended with an error, which it has told itself."""

    def __init__(self, command: str, exit_code: int, hint: str = "its own message stands above") -> None:
        super().__init__(f"{command} ended with exit code {exit_code}", hint)
        self.exit_code = exit_code if exit_code > 0 else 1


class CheckFailed(VoxmeterError):
    """Everything ran, but what was promised is not true."""
