"""What the settings say is private, kept until the door is made: with the first cell, not with `%load_ext`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celltrail.config import Privacy

_chosen: Privacy | None = None


def choose_private(privacy: Privacy | None) -> None:
    """Let the next door of this process be one with these settings; None for the defaults.

    Parameters
    ----------
    privacy : Privacy or None
        Of the project.
    """
    global _chosen  # noqa: PLW0603  a process has one shell, and each text goes through the same door
    _chosen = privacy


def chosen_private() -> Privacy | None:
    """Return the settings that were chosen last; None where the defaults hold."""
    return _chosen
