"""A replay with something else in the place of something, at the Python door: `celltrail.replay(run, seed=7)`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrail.errors import ReplayError
from celltrail.verbs.current import Context

if TYPE_CHECKING:
    from celltrail.domain.verdict import Verdict
    from celltrail.replay.replay import Recorded


def trial(
    context: Context,
    reference: str,
    *,
    data: Mapping[str, Any] | None,
    params: Mapping[str, Any] | None,
    env: bool | Mapping[str, str],
    seed: int | None,
    timeout: float | None,
) -> Verdict:
    """Replay a run with substitutions, and keep what comes out as a trial of it."""
    from celltrail.replay.replay import check_can_run
    from celltrail.replay.substitute import with_params, with_seed
    from celltrail.replay.trying import Substitution, replay_trial
    from celltrail.replay.variables import put_in
    from celltrail.verbs.progress import progress
    from celltrail.verbs.replay import made_for, recorded_of

    recorded = recorded_of(context, reference)
    check_can_run(recorded)
    codes = list(recorded.codes)
    if params:
        codes = with_params(codes, recorded.place, _estimator(recorded), params)
    if seed is not None:
        codes = with_seed(codes, recorded.place, seed)
    instead = _files(recorded, {name: other for name, other in (data or {}).items() if _is_file(other)})
    values = put_in(
        recorded.executions,
        recorded.place,
        {name: value for name, value in (data or {}).items() if not _is_file(value)},
    )
    versions = dict(env) if isinstance(env, Mapping) else {}
    told = {
        "data": {**{path: str(other) for path, other in instead.items()}, **(values.told or {})},
        "params": dict(params or {}),
        "seed": seed,
        "env": versions or bool(env),
    }
    trail = context.trail(writing=True)  # where no trial can be kept, that is said before any work
    with progress(context) as shown:
        made = made_for(recorded.run, shown, timeout, versions) if env else None
        return replay_trial(
            recorded,
            trail,
            Substitution(codes, instead, told, values),
            made=made,
            told=shown,
            timeout_s=timeout,
        )


def _is_file(value: Any) -> bool:
    return isinstance(value, str | os.PathLike)


def _estimator(recorded: Recorded) -> str:
    names = {fit.estimator for fit in recorded.run.fits if fit.kind != "transformer"}
    if not names:
        raise ReplayError(
            f"params: {recorded.run.reference} fitted no model, so there is none to put parameters in. "
            "Edit the cell and run it."
        )
    if len(names) != 1:
        listed = ", ".join(sorted(names))
        raise ReplayError(
            f"{recorded.run.reference} fitted {listed}: it is not clear whose parameters are meant. "
            "Edit the cell and run it."
        )
    return names.pop()


def _files(recorded: Recorded, data: Mapping[str, str | os.PathLike[str]]) -> dict[str, Path]:
    """Return other files by the absolute paths of those in whose place they stand."""
    read = {(recorded.project / one["path"]).as_posix() for one in recorded.run.files if one["mode"] == "read"}
    read |= {file.path for one in recorded.executions for file in one.files if file.mode != "write"}
    found = {}
    for path, other in data.items():
        whole = Path(os.path.abspath(recorded.folder / Path(path).expanduser())).as_posix()
        if whole not in read:
            names = ", ".join(sorted(Path(each).name for each in read)) or "no file"
            raise ReplayError(f"data: {recorded.run.reference} did not read {path}. It read {names}.")
        source = Path(other).expanduser().absolute()
        if not source.is_file():
            raise ReplayError(f"data: there is no file {source}. Name one that stands in the place of {path}.")
        found[whole] = source
    return found
