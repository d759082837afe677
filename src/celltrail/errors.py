"""The errors that celltrail raises.

::

    CelltrailError
    ├── UsageError            (ValueError)    a word on the command that celltrail does not know
    │   ├── HeaderError                       the line `%%track …` or `# celltrail: …`
    │   ├── FilterError                       a filter such as `metrics.auc > 0.9`
    │   └── BadReferenceError                 a reference such as `forest#7`
    ├── NotFoundError         (KeyError)
    │   ├── RunNotFoundError
    │   ├── ExperimentNotFoundError
    │   └── ArtifactNotFoundError
    ├── NoActiveRunError      (RuntimeError)  `log_*` outside a run
    ├── UntrustedModelError   (PermissionError)  a pickle that neither this user made nor trusted
    ├── NotKeptError          (LookupError)   known, but its content was not kept
    ├── EnvironmentNotMadeError (RuntimeError)  an environment that can't be locked or made anew
    ├── ReplayError           (RuntimeError)  a recipe that can't be replayed here
    └── TrailError            (OSError)       the store itself
        ├── TrailNotFoundError
        ├── TrailVersionError                 written by a newer celltrail
        ├── TrailDamagedError
        ├── TrailReadOnlyError
        └── TrailBusyError                    locked longer than we may wait

A message says what was asked, what is wrong, and what to type next. Magics and the command line show
these as one line; every other error keeps its traceback.
"""

from __future__ import annotations


class CelltrailError(Exception):
    """Root of every error that celltrail raises on purpose."""

    def __str__(self) -> str:
        # KeyError quotes its message; a person should read the sentence itself.
        return str(self.args[0]) if self.args else type(self).__name__


class UsageError(CelltrailError, ValueError):
    """Raised when a command, option or value is not one that celltrail knows."""


class HeaderError(UsageError):
    """Raised when the header of a tracked cell can't be read."""


class FilterError(UsageError):
    """Raised when a filter can't be read; the message points at the character."""


class BadReferenceError(UsageError):
    """Raised when a reference is malformed or may mean several things."""


class NotFoundError(CelltrailError, KeyError):
    """Raised when what was named does not exist in this trail."""


class RunNotFoundError(NotFoundError):
    """Raised when no run bears the reference."""


class ExperimentNotFoundError(NotFoundError):
    """Raised when no experiment bears the name."""


class ArtifactNotFoundError(NotFoundError):
    """Raised when a run holds no artifact of that name."""


class NoActiveRunError(CelltrailError, RuntimeError):
    """Raised by `log_*` and `set_*` when no run is being recorded."""


class UntrustedModelError(CelltrailError, PermissionError):
    """Raised before a pickle is opened that neither this user made nor trusted by name."""


class NotKeptError(CelltrailError, LookupError):
    """Raised when a thing is on record but its content was not kept."""


class EnvironmentNotMadeError(CelltrailError, RuntimeError):
    """Raised when the environment of a run can't be locked or made anew here."""


class ReplayError(CelltrailError, RuntimeError):
    """Raised when the recipe of a run can't be replayed here; what a replay comes to is a verdict, never this."""


class TrailError(CelltrailError, OSError):
    """Raised when the store can't be found, opened, read or written."""


class TrailNotFoundError(TrailError):
    """Raised when no trail lies at or above the place asked for."""


class TrailVersionError(TrailError):
    """Raised when a trail was written by a newer celltrail than this one."""


class TrailDamagedError(TrailError):
    """Raised when the store's file is not a sound SQLite database."""


class TrailReadOnlyError(TrailError):
    """Raised when a change is asked of a trail that can't be written."""


class TrailBusyError(TrailError):
    """Raised when another process holds the store longer than a cell may wait."""
