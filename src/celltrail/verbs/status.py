"""`status` in five lines, and `track` from outside a cell."""

from __future__ import annotations

from pathlib import Path

from celltrail.config import TrackMode, read_config
from celltrail.errors import CelltrailError, TrailNotFoundError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

_CAPTURED = {
    "auto": "cells that train or evaluate, and cells with %%track or # celltrail:",
    "marked": "cells with %%track or # celltrail:",
    "off": "nothing: tracking is off; %track on starts it",
}


def status(context: Context) -> Answer:
    """Say where we stand: notebook, trail and size, server, what is captured, what is not."""
    mode, tables = _mode(context)
    path, size, kinds = _trail(context)
    data = {
        "notebook": str(context.notebook) if context.notebook else None,
        "trail": str(path) if path else None,
        "size_bytes": size,
        "sizes": kinds,
        "track": mode,
        "is_loaded": context.kernel is not None,
    }
    lines = [
        ("notebook", home(context.notebook) if context.notebook else "none known here"),
        ("trail", _trail_words(path, size, kinds)),
        ("server", "none is needed: line, panel and shell read the trail itself"),
        ("captured", _CAPTURED[mode] if context.kernel is not None else _asleep(mode)),
        ("not", f"values of frames (schema and digest only){tables}; nothing leaves this machine"),
    ]
    return Answer("\n".join(f"{name:<9} {words}" for name, words in lines), data)


def track(context: Context, *, what: str = "status") -> Answer:
    """Do what `%track on|off|status|last` does."""
    if what == "status":
        return status(context)
    if context.kernel is None:
        raise CelltrailError(
            f"track {what} speaks to a kernel, and celltrail is loaded in none here. In the notebook: %load_ext "
            f'celltrail, then %track {what}. For the whole project: track = "off" in celltrail.toml.'
        )
    if what == "last":
        raise CelltrailError("track last speaks of the cell before this one: type it as a magic, %track last.")
    context.kernel.mode = "auto" if what == "on" else "off"
    return status(context)


def home(path: Path) -> str:
    """Return a path as a person writes it: `~/fraud/.celltrail`."""
    try:
        return "~/" + path.absolute().relative_to(Path.home()).as_posix()
    except ValueError:
        return path.as_posix()


def _mode(context: Context) -> tuple[TrackMode, str]:
    if context.kernel is not None:
        mode, keeps_tables = context.kernel.mode, context.kernel.keeps_tables
    else:
        config = read_config(context.cwd)
        mode, keeps_tables = config.track, config.outputs == "full"
    return mode, "" if keeps_tables else "; of tables in outputs header, types and shape"


def _asleep(mode: TrackMode) -> str:
    return f"after %load_ext celltrail: {_CAPTURED[mode]}" if mode != "off" else _CAPTURED[mode]


def _trail(context: Context) -> tuple[Path | None, int, dict[str, int]]:
    from celltrail.store.size import folder_size, is_quickly_told, sizes_by_kind

    try:
        trail = context.trail()
    except TrailNotFoundError:
        return None, 0, {}
    size = folder_size(trail.path)
    return trail.path, size, sizes_by_kind(trail, size) if is_quickly_told(trail) else {}


def _trail_words(path: Path | None, size: int, kinds: dict[str, int]) -> str:
    from celltrail.views.numbers import size_text
    from celltrail.views.room import kinds_words

    if path is None:
        return "none yet: the first tracked cell makes one"
    return f"{home(path)} · {size_text(size)} ({kinds_words(kinds) if kinds else 'by kind: celltrail doctor'})"
