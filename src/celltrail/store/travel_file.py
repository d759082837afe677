"""The file in which runs travel: a zip, read with suspicion.

Layout::

    celltrail.json          what is in it: `format` ("celltrail.runs/1"), `celltrail` (version of the writer), `trail`
                            (its global id), `exported_at`, `experiments`, `runs`, see `Manifest`
    cells/EXECUTION.json    one cell each, as `domain.record.CellRecord`: sessions, executions, runs, fits, metrics
    blobs/DIGEST            content, named by its BLAKE3 digest: models, figures, outputs, sources of the notebook

Nothing else may be in it. Whoever wrote it is not trusted: a name that climbs, a digest that is wrong, a size that
is beyond bounds or a record that can't be read refuses the whole file.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from blake3 import blake3

from celltrail.domain.ids import new_id
from celltrail.domain.record import CellRecord
from celltrail.errors import TrailError, UsageError
from celltrail.store.spool import cell_from_json, cell_to_json

FORMAT = "celltrail.runs/1"
# Bounds on what a stranger may make this machine read; a trail of a thousand runs stays far below them.
LARGEST_FILE_BYTES = 8 * 2**30
LARGEST_TEXT_BYTES = 64 * 2**20
MOST_MEMBERS = 1_000_000

_ID = r"[0-9a-hjkmnp-tv-z]{26}"
_MEMBER = re.compile(rf"celltrail\.json|cells/{_ID}\.json|blobs/[0-9a-f]{{64}}")
_IDS = re.compile(_ID)
_NAME = re.compile(r"[^\W\d][\w.+-]{0,199}")
_CHUNK = 2**20
# What Python says of a file that is no zip, of JSON that is no record, of texts where numbers belong.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class TravellingExperiment:
    """An experiment, and the trail that numbers it."""

    id: str
    name: str
    author: str
    created_at: str
    trail: str


@dataclass(frozen=True, slots=True)
class TravellingRun:
    """A run: its place in its experiment, its cells (its own first) and the content they name."""

    id: str
    experiment: str
    number: int | None
    repeat_of: str | None
    cells: list[str]
    blobs: list[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `celltrail.json` says."""

    format: str
    celltrail: str
    trail: str
    exported_at: str
    experiments: list[TravellingExperiment] = field(default_factory=list)
    runs: list[TravellingRun] = field(default_factory=list)


def write_file(
    path: Path, manifest: Manifest, cells: dict[str, CellRecord], blobs: Iterator[tuple[str, bytes]]
) -> int:
    """Write a travelling file.

    Parameters
    ----------
    path : Path
        It takes the place of a file of that name.
    manifest : Manifest
        What is in it.
    cells : dict of str to CellRecord
        By execution.
    blobs : iterator of (str, bytes)
        Digest and content.

    Returns
    -------
    int
        Size in bytes.

    Raises
    ------
    TrailError
        If it can't be written; no half of it is left.
    """
    unfinished = path.with_name(f".{path.name}.{new_id()}")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("celltrail.json", json.dumps(asdict(manifest), indent=1))
            for execution, cell in cells.items():
                file.writestr(f"cells/{execution}.json", cell_to_json(cell))
            for digest, content in blobs:
                file.writestr(f"blobs/{digest}", content)
        size = unfinished.stat().st_size
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, TrailError):
            raise
        raise TrailError(f"nothing was exported: {path} can't be written ({error.strerror})") from error
    return size


class TravelFile:
    """A travelling file that was found sound: every name, size, digest and record in it has been checked.

    Parameters
    ----------
    path : Path
        The file.
    largest_bytes : int, optional
        What it may unpack to.

    Raises
    ------
    UsageError
        If it is no such file, or anything in it is not as it must be.
    """

    def __init__(self, path: Path, *, largest_bytes: int = LARGEST_FILE_BYTES) -> None:
        self.path = path
        try:
            self._file = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise UsageError(f"{path} can't be read as a file of `celltrail export` ({error}).") from error
        try:
            self._check_members(largest_bytes)
            self.manifest = self._manifest()
            self.cells = {cell: self._cell(cell) for run in self.manifest.runs for cell in run.cells}
            for digest in {one for run in self.manifest.runs for one in run.blobs}:
                self._check_digest(digest)
        except UNREADABLE as error:
            self._file.close()
            if isinstance(error, UsageError):
                raise
            raise self._refusal(f"it can't be read ({type(error).__name__})") from error
        except BaseException:
            self._file.close()
            raise

    def read_blob(self, digest: str) -> bytes:
        """Return the content of a digest that the manifest names."""
        content = self._file.read(f"blobs/{digest}")
        if blake3(content).hexdigest() != digest:
            raise self._refusal(f"blobs/{digest[:12]}… is not what its name says")
        return content

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> TravelFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_members(self, largest_bytes: int) -> None:
        members = self._file.infolist()
        names = [member.filename for member in members]
        if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > largest_bytes:
            raise self._refusal(f"it would unpack to more than {largest_bytes / 1e9:.3g} GB")
        if len(set(names)) != len(names):
            raise self._refusal("it holds two things of one name")
        for member in members:
            if not _MEMBER.fullmatch(member.filename) or member.flag_bits & 1:
                raise self._refusal(f"it holds {member.filename!r}, which no export writes")
            if member.filename.endswith(".json") and member.file_size > LARGEST_TEXT_BYTES:
                raise self._refusal(f"{member.filename} is larger than {LARGEST_TEXT_BYTES // 2**20} MiB")
        if "celltrail.json" not in names:
            raise self._refusal("it holds no celltrail.json")

    def _manifest(self) -> Manifest:
        found = json.loads(self._file.read("celltrail.json"))
        if found["format"] != FORMAT:
            raise self._refusal(
                f"its format is {str(found['format'])[:40]!r} and this celltrail reads {FORMAT!r}; upgrade celltrail"
            )
        experiments = [TravellingExperiment(**one) for one in found["experiments"]]
        runs = [TravellingRun(**one) for one in found["runs"]]
        for experiment in experiments:
            ids = (experiment.id, experiment.trail)
            if not all(_IDS.fullmatch(one) for one in ids) or not _NAME.fullmatch(experiment.name):
                raise self._refusal("an experiment in it has no proper name or id")
        known = {experiment.id for experiment in experiments}
        for run in runs:
            is_numbered = run.number is None or (isinstance(run.number, int) and 0 < run.number < 2**53)
            if not _IDS.fullmatch(run.id) or run.experiment not in known or not is_numbered or not run.cells:
                raise self._refusal("a run in it has no proper id, experiment or number")
        rest = {key: str(found[key]) for key in ("format", "celltrail", "trail", "exported_at")}
        return Manifest(**rest, experiments=experiments, runs=runs)

    def _cell(self, execution: str) -> CellRecord:
        cell = cell_from_json(self._file.read(f"cells/{execution}.json"))
        if cell.execution.id != execution or cell.blobs:
            raise self._refusal(f"cells/{execution}.json tells of another cell")
        return cell

    def _check_digest(self, digest: str) -> None:
        hasher: Any = blake3()
        with self._file.open(f"blobs/{digest}") as stream:
            while chunk := stream.read(_CHUNK):
                hasher.update(chunk)
        if hasher.hexdigest() != digest:
            raise self._refusal(f"blobs/{digest[:12]}… is not what its name says")

    def _refusal(self, why: str) -> UsageError:
        return UsageError(f"{self.path} was not imported: {why}. Nothing was written.")
