"""One kernel in which every estimator is fitted and every measure taken, and what of it is then not on record."""

from __future__ import annotations

import ast
import contextlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from support import every_estimator, every_metric
from traitlets.config import Config

import celltrail
from celltrail.capture.by_hand import current_kernel
from celltrail.capture.cell import OpenCell
from celltrail.domain.run import Fit, Run
from celltrail.errors import ArtifactNotFoundError, NotKeptError
from celltrail.flavors.json_values import json_value

# What can't be captured in full, and why. A miss that is not named here fails the test.
KNOWN_MISSES: dict[str, str] = {}


# A model that takes no time to pickle is over its 50 ms all the same where the machine is busy with something else.
_TRIES = 3


class Laboratory:
    """A shell in a folder of its own, with celltrail loaded before or after scikit-learn is imported."""

    def __init__(self, *preparations: str, loads_first: bool = False) -> None:
        InteractiveShell.clear_instance()
        config = Config()
        config.HistoryManager.hist_file = ":memory:"
        config.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell.instance(config=config)
        self.said = ""
        load = ["%load_ext celltrail"]
        for source in [*load, *preparations] if loads_first else [*preparations, *load]:
            self.run(source)

    def run(self, source: str) -> None:
        """Run a cell as a front end does, and demand success."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            result = self.shell.run_cell(source, store_history=True)
        self.said = said.getvalue()
        result.raise_error()

    def cell(self) -> OpenCell:
        """Return the cell that ran last."""
        kernel = current_kernel()
        assert kernel is not None
        assert kernel.last_cell is not None
        return kernel.last_cell

    def last_run(self) -> Run | None:
        """Return the run that the last cell is, read from the trail."""
        record = self.cell().record.run
        return celltrail.open_trail().run(record.id) if record is not None else None

    def misses_of_estimator(self, specimen: every_estimator.Specimen) -> list[str]:
        """Fit and measure an estimator in a cell; return what of it is not on record."""
        for _ in range(_TRIES):
            self.run(specimen.source)
            found = self.last_run()
            if found is None or not _is_over_budget(found):
                break
        if found is None:
            return ["no run"]
        if [specimen.name] != [fit.estimator for fit in found.fits]:
            return [f"fits: {[fit.estimator for fit in found.fits]}"]
        (fit,) = found.fits
        checks: dict[str, Callable[[], bool]] = {
            "params": lambda: self._has_params(fit),
            "written": lambda: _has_written(fit, specimen.source),
            "data": lambda: specimen.data == [data["name"] for data in fit.inputs if data["digest"] is not None],
            "model": lambda: self._has_model(found, specimen),
            "metrics": lambda: set(specimen.keys) == set(found.metrics),
            "unknown": lambda: not found.content.field("unknown"),
        }
        return [name for name, holds in checks.items() if not holds()]

    def _has_params(self, fit: Fit) -> bool:
        held = self.shell.user_ns["model"].get_params(deep=True)
        return {name: repr(json_value(value)) for name, value in held.items()} == {
            name: repr(value) for name, value in fit.params.items()
        }

    def _has_model(self, found: Run, specimen: every_estimator.Specimen) -> bool:
        held = self.shell.user_ns["model"]
        try:
            loaded = found.model()
        except (ArtifactNotFoundError, NotKeptError):
            return False
        if type(loaded) is not type(held):
            return False
        if not hasattr(held, "predict"):
            return True
        data = eval(specimen.data[0], self.shell.user_ns)
        return bool(np.array_equal(held.predict(data), loaded.predict(data)))

    def fit_models(self) -> dict[str, str | None]:
        """Fit the models that the metrics score, a cell each; return their fits by name."""
        fits: dict[str, str | None] = {"": None}
        for name, source in every_metric.MODELS.items():
            self.run(source)
            fits[name] = self.cell().run.fits[0].id
        self.run(every_metric.PREDICTIONS)
        return fits

    def misses_of_metric(self, use: every_metric.Use, fits: dict[str, str | None]) -> list[str]:
        """Call a metric in a cell; return what of it is not on record."""
        self.run(f"value = {use.call}\nplt.close('all')")
        cell = self.cell()
        fit = cell.run.fits[0].id if use.model == "itself" else fits[use.model]
        expected = [
            (key, [float(eval(value, self.shell.user_ns))], fit)
            for key, value in zip(use.keys, use.values, strict=True)
        ]
        metrics = [(metric.key, metric.values, metric.fit_id) for metric in cell.record.metrics]
        own = [artifact for artifact in cell.run.artifacts if artifact.kind == "table"]
        tables = [(table.name, table.fit_id) for table in [*own, *(one.artifact for one in cell.record.tables)]]
        misses = [] if expected == metrics else [f"metrics: {metrics}, not {expected}"]
        if tables != ([(use.table, fit)] if use.table else []):
            misses.append(f"tables: {tables}")
        return misses

    def close(self) -> None:
        """Put the process back as it was."""
        self.shell.run_line_magic("unload_ext", "celltrail")
        self.shell.reset(new_session=False)
        self.shell.history_manager.end_session()
        InteractiveShell.clear_instance()


def _is_over_budget(found: Run) -> bool:
    return any(row["kind"] == "model" and row["status"] != "kept" for row in found.content.field("artifacts"))


def _has_written(fit: Fit, source: str) -> bool:
    """Say whether what the cell writes as plain keywords is on record as written."""
    tree = ast.parse(source)
    (made,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.targets[0].id == "model"
    ]
    written = {one.arg: one.value.value for one in made.keywords if isinstance(one.value, ast.Constant)}
    known = fit.params_written or {}
    return all(name in known and known[name] == value for name, value in written.items())


@contextlib.contextmanager
def laboratory(folder: Path, *preparations: str, loads_first: bool = False) -> Iterator[Laboratory]:
    """Open a laboratory with a trail of its own, and clear it away afterwards."""
    (folder / "celltrail.toml").touch()
    before, trail = Path.cwd(), os.environ.pop("CELLTRAIL_TRAIL", None)
    os.chdir(folder)
    room = Laboratory(*preparations, loads_first=loads_first)
    try:
        yield room
    finally:
        room.close()
        os.chdir(before)
        if trail is not None:
            os.environ["CELLTRAIL_TRAIL"] = trail
