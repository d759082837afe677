"""`celltrail demo`: the example notebooks, executed in a fresh kernel, and left in a folder to look at.

What is told and trained stands in the notebooks: `example_notebooks/` of the repository, and of the installed
package. This file copies them, runs them as any front end would, and says where everything is.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from celltrail.errors import CelltrailError
from celltrail.verbs.current import Context, open_at
from celltrail.verbs.model import Answer
from celltrail.verbs.table import find_verb

NEEDED = ("nbclient", "ipykernel", "sklearn", "pandas", "matplotlib", "tqdm")
FOLDER = "celltrail-demo"
SETTINGS = "# This folder is a project of its own: its runs are kept in .celltrail beside this file.\n"


def demo(context: Context, *, folder: str | None = None) -> Answer:
    """Execute the example notebooks in a folder of their own.

    Parameters
    ----------
    context : Context
        Where it was asked.
    folder : str, optional
        A new folder; `celltrail-demo` in the working directory, or `celltrail-demo-2` and so on, where left out.

    Returns
    -------
    Answer
        Where notebooks and trail are, the runs, and what to type next.

    Raises
    ------
    CelltrailError
        If a package is missing, the folder is in use, or a cell fails.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CelltrailError(f'celltrail demo needs {", ".join(missing)}. Type: pip install "celltrail[demo]"')
    place = _new_folder(context.cwd, folder)
    copies = [Path(shutil.copy(source, place)) for source in example_notebooks()]
    (place / "celltrail.toml").write_text(SETTINGS, encoding="utf-8")
    started = time.perf_counter()
    cells = _execute_all(copies)
    return _what_to_look_at(context, place, copies, f"{cells} cells in {time.perf_counter() - started:.0f} s")


def example_notebooks() -> list[Path]:
    """Return the example notebooks, in the order in which they are to be read.

    Returns
    -------
    list of Path
        As they are shipped: with the outputs that the documentation shows.

    Raises
    ------
    CelltrailError
        If this installation holds none.
    """
    here = Path(__file__).parent
    # Installed from a wheel they lie in the package; in a checkout they have their only place at the top.
    for folder in (here / "example_notebooks", here.parent.parent / "example_notebooks"):
        found = sorted(folder.glob("*.ipynb"))
        if found:
            return found
    raise CelltrailError("This installation of celltrail holds no example notebooks. Install celltrail anew.")


def execute(path: Path, told: Callable[[int], None] | None = None, **environment: str) -> int:
    """Execute a notebook from the top in a fresh kernel, and save it with its new outputs.

    Parameters
    ----------
    path : Path
        The notebook; it is replaced, as far as it came, also where a cell fails.
    told : callable, optional
        Is called after each code cell with how many have run.
    **environment : str
        Variables of the kernel, beside those of this process.

    Returns
    -------
    int
        How many code cells ran.

    Raises
    ------
    CelltrailError
        If a cell fails, or the kernel does.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    notebook: Any = nbformat.read(path, as_version=4)
    ran = 0

    def cell_starts(cell: Any, cell_index: int) -> None:  # noqa: ARG001  nbclient calls by keyword
        # As JupyterLab does: so a run is known as that of this cell when the notebook is opened there.
        client.kc.session.metadata["cellId"] = cell["id"]

    def cell_ran(cell: Any, cell_index: int, execute_reply: Any) -> None:  # noqa: ARG001  as above
        nonlocal ran
        ran += 1
        if told is not None:
            told(ran)

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,  # a line that is written over is saved as it stood at last, as JupyterLab does
        on_cell_start=cell_starts,
        on_cell_executed=cell_ran,
    )
    with tempfile.TemporaryFile() as log:
        # The kernel's own notices are of no use here, but for the last words of one that dies.
        try:
            client.execute(env=_environment(path, environment), stderr=log)
        except CellExecutionError as error:
            raise CelltrailError(
                f"{path.name}: cell {ran} failed with {error.ename}: {error.evalue}. "
                f"The notebook as far as it came: {path}"
            ) from error
        except DeadKernelError as error:
            log.seek(0)
            words = log.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise CelltrailError(f"{path.name}: the kernel died in cell {ran + 1}. {' '.join(words)}") from error
        finally:
            nbformat.write(notebook, path)
    return ran


def _new_folder(cwd: Path, named: str | None) -> Path:
    """Make a folder that was not there: what a person may have changed in an earlier one stays theirs."""
    if named is not None:
        place = (cwd / Path(named).expanduser()).absolute()
        if place.exists() and any(place.iterdir() if place.is_dir() else [place]):
            raise CelltrailError(f"{named} is in use already. Name a new folder, or leave it out: celltrail demo")
    else:
        names = [FOLDER, *(f"{FOLDER}-{number}" for number in range(2, 1000))]
        place = next(folder for name in names if not (folder := cwd / name).exists())
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CelltrailError(
            f"{place} can't be made ({error.strerror}). Name a folder that can be written: celltrail demo FOLDER"
        ) from error
    return place


def _execute_all(notebooks: list[Path]) -> int:
    import nbformat
    from tqdm import tqdm

    counts = [sum(cell.cell_type == "code" for cell in nbformat.read(path, as_version=4).cells) for path in notebooks]
    done = 0
    with tqdm(total=sum(counts), unit="cell", file=sys.stderr, bar_format="{l_bar}{bar:30} {n}/{total} cells") as bar:
        for path in notebooks:
            bar.set_description(path.stem)
            done += execute(path, lambda _: bar.update(1))
        bar.set_description("done")
    return done


def _environment(notebook: Path, more: dict[str, str]) -> dict[str, str]:
    """Return the kernel's environment: the demo's trail is found from its folder, as it will be in JupyterLab."""
    kept = {name: value for name, value in os.environ.items() if name != "CELLTRAIL_TRAIL"}
    return {**kept, "CELLTRAIL_NOTEBOOK": str(notebook), **more}


def _what_to_look_at(context: Context, place: Path, notebooks: list[Path], work: str) -> Answer:
    trail = open_at(place)
    runs = find_verb("runs").function()(Context(context.door, place))
    rows = [
        ("Executed", f"{_shown(notebooks[0], context.cwd)}"),
        *(("", f"{_shown(path, context.cwd)}") for path in notebooks[1:]),
        ("", f"{work}, in fresh kernels"),
        ("Trail", f"{_shown(trail.path, context.cwd)}"),
    ]
    lines = [
        *(f"{head:<10}{what}" for head, what in rows),
        "",
        runs.text,
        "",
        "Look at the lines under the cells, then ask the trail:",
        *(f"    {command}" for command in _commands(place, context.cwd)),
    ]
    data = {
        "folder": str(place),
        "notebooks": [str(path) for path in notebooks],
        "trail": str(trail.path),
        "runs": runs.data,
    }
    return Answer("\n".join(lines), data)


def _commands(place: Path, cwd: Path) -> list[str]:
    """Return what to type next, from here: a command that the shell finds is told by its name, else by its path."""
    scripts = Path(sys.executable).parent
    found = shutil.which("celltrail")
    is_on_path = found is not None and Path(found).parent == scripts
    celltrail = "celltrail" if is_on_path else f"{_relative(scripts, place) / 'celltrail'}"
    jupyter = "jupyter" if is_on_path else f"{_relative(scripts, cwd) / 'jupyter'}"
    shown = _shown(place, cwd)
    return [
        f"{jupyter} lab {shown}" if find_spec("jupyterlab") else f"open {shown} in Jupyter or VS Code",
        f"cd {shown}",
        f"{celltrail} runs",
        f"{celltrail} compare forest#1 forest#2",
        f"{celltrail} show forest#2 --all",
    ]


def _relative(path: Path, start: Path) -> Path:
    try:
        return Path(os.path.relpath(path, start))
    except ValueError:  # another drive on Windows
        return path


def _shown(path: Path, cwd: Path) -> Path:
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path
