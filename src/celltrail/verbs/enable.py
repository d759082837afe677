"""`enable` and `disable`: celltrail in every kernel of this environment, or no longer.

IPython reads `etc/ipython/ipython_config.py` of the environment at every start. A marked block is added to it and
nothing else is touched; the extension it names sleeps until a trail lies above the notebook (`magics.sleeping`).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from celltrail.errors import CelltrailError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

_BEGIN = "# >>> celltrail enable: written by `celltrail enable`, taken out by `celltrail disable` >>>"
_END = "# <<< celltrail enable <<<"
_BLOCK = f"""{_BEGIN}
import importlib.util

if importlib.util.find_spec("celltrail") is not None:
    get_config().InteractiveShellApp.extensions.append("celltrail.magics.sleeping")
{_END}
"""


def config_file() -> Path:
    """Return the file that every IPython kernel of this environment reads."""
    return Path(sys.prefix) / "etc" / "ipython" / "ipython_config.py"


def enable(_context: Context, *, check: bool = False) -> Answer:
    """Load celltrail in every kernel of this environment, from its next start on."""
    path = config_file()
    before = _read(path)
    if _BEGIN in before:
        return _answer(f"Already enabled, by {path}.", path, is_enabled=True)
    if check:
        return _answer(f"Would add a block of six lines to {path}.", path, is_enabled=False)
    _write(path, f"{before.rstrip()}\n\n{_BLOCK}".lstrip())
    return _answer(
        f"Enabled: kernels of {sys.prefix} load celltrail from their next start on, and it sleeps where no trail "
        f"lies above the notebook. Written to {path}; celltrail disable takes it back.",
        path,
        is_enabled=True,
    )


def disable(_context: Context, *, check: bool = False) -> Answer:
    """Take back `enable`."""
    path = config_file()
    before = _read(path)
    start, end = before.find(_BEGIN), before.find(_END)
    if start < 0 or end < start:
        return _answer(f"Not enabled: {path} holds nothing of celltrail.", path, is_enabled=False)
    if check:
        return _answer(f"Would take celltrail's block out of {path}.", path, is_enabled=True)
    rest = (before[:start].rstrip() + "\n" + before[end + len(_END) :].lstrip("\n")).strip()
    if rest:
        _write(path, rest + "\n")
    else:
        path.unlink()
    return _answer(f"Disabled from the next kernel start on ({path}).", path, is_enabled=False)


def _answer(text: str, path: Path, *, is_enabled: bool) -> Answer:
    return Answer(text, {"enabled": is_enabled, "file": str(path)})


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise CelltrailError(f"{path} can't be read ({error}).") from error


def _write(path: Path, text: str) -> None:
    """Replace the file in one step, so that a kernel that starts now reads the old or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CelltrailError(
            f"{path} can't be written ({error.strerror}). Put %load_ext celltrail into the notebook instead."
        ) from error
