"""Makes a run's environment anew: an interpreter of its version, its distributions by a lock, a kernel that starts.

Without a path it goes into the user's cache, by the digest of its lock, so that the next replay finds it there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from blake3 import blake3

from celltrail.domain.run import Run
from celltrail.errors import EnvironmentNotMadeError
from celltrail.replay.environment_cache import Folder, alone, environment_folder, lock_folder
from celltrail.replay.environment_lock import Lock, Missing, lock_environment
from celltrail.replay.environment_origin import KeptFiles, place_of, read_source, with_versions
from celltrail.replay.environment_python import Interpreter, find_python, minor_of
from celltrail.replay.environment_target import target_here, target_of
from celltrail.replay.environment_uv import Told, Uv, cause, find_uv

# Two hundred distributions over a slow line, some of them built: a rule of the house.
TIMEOUT_S = 1800.0
_KERNEL = "import ipykernel.kernelapp"


@dataclass(frozen=True, slots=True)
class MadeEnvironment:
    """An environment made anew.

    Attributes
    ----------
    python : Path
        Its interpreter: `python -m ipykernel_launcher` starts a kernel.
    version : str
        Of the interpreter, "3.11.7".
    lock : Path
        The lock that it was made from.
    packages : int
        How many distributions the lock brought.
    missing : tuple of Missing
        What the run had and this has not, each with its reason.
    remarks : tuple of str
        What is here, but not just as the run had it.
    variables : dict of str to str
        Environment variables of the run that change results: to be set for a kernel.
    is_cached : bool
        Whether it was there already.
    duration_s : float
        Seconds that this took.
    """

    python: Path
    version: str
    lock: Path
    packages: int
    missing: tuple[Missing, ...]
    remarks: tuple[str, ...]
    variables: Mapping[str, str]
    is_cached: bool
    duration_s: float


def lock_of(
    run: Run, *, on_progress: Told = lambda _: None, timeout_s: float = TIMEOUT_S, here: str | None = None
) -> Lock:
    """Write the lock of a run's environment.

    Parameters
    ----------
    run : Run
        The run.
    on_progress : callable, optional
        Is given each line of progress.
    timeout_s : float, default 1800
        Seconds.
    here : str, optional
        Version of an interpreter of this machine: the lock is then for it, and for this machine. By default it is
        for the Python and the platform of the run.

    Returns
    -------
    Lock
        The text of a `pylock.toml`, and what is to be said of it.

    Raises
    ------
    EnvironmentNotMadeError
        If uv is missing, the index can't be asked, or nothing was recorded.
    """
    return _lock(run, run.environment, find_uv(on_progress, timeout_s), here)


def make_environment(
    run: Run,
    path: Path | None = None,
    *,
    python: str | None = None,
    instead: Mapping[str, str] | None = None,
    on_progress: Told = lambda _: None,
    timeout_s: float = TIMEOUT_S,
) -> MadeEnvironment:
    """Make the environment of a run anew.

    Parameters
    ----------
    run : Run
        The run.
    path : Path, optional
        A new folder. Where it is left out, the user's cache, in which an equal environment is found again.
    python : str, optional
        A version or a path of the interpreter, where the run's own minor version is not to be taken.
    instead : mapping of str to str, optional
        By name of a distribution that the run had: the version that stands in the place of its own. Nothing else is
        moved by that.
    on_progress : callable, optional
        Is given each line of progress.
    timeout_s : float, default 1800
        Seconds for all of it.

    Returns
    -------
    MadeEnvironment
        A kernel has been seen to load in it.

    Raises
    ------
    EnvironmentNotMadeError
        If it can't be made; nothing is left then. An interrupt leaves nothing either.
    """
    began = time.monotonic()
    uv = find_uv(on_progress, timeout_s)
    environment = with_versions(run.environment, instead or {})
    if path is not None and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise EnvironmentNotMadeError(f"{path} is in use already. Name a new folder: env make {run.reference} PATH")
    interpreter = find_python(target_of(environment).python, python, uv, lock_folder())
    lock = _lock(run, environment, uv, interpreter.version)
    if path is not None:
        made = Folder(path.absolute())
        with _cleared_on_failure(made):
            facts = _build(made, lock, interpreter, uv)
        is_cached = False
    else:
        made = environment_folder(_key(lock, interpreter))
        with alone(made, uv):
            found = made.says()
            is_cached = found is not None
            with _cleared_on_failure(made):
                facts = found if found is not None else _build(made, lock, interpreter, uv)
            made.mark_used()
    return _made(made, facts, _variables(environment), _differences(environment, interpreter), is_cached, began)


def _build(made: Folder, lock: Lock, interpreter: Interpreter, uv: Uv) -> dict[str, Any]:
    """Make the environment; return what it says of itself."""
    shutil.rmtree(made.path, ignore_errors=True)
    try:
        made.path.mkdir(parents=True)
    except OSError as error:
        raise EnvironmentNotMadeError(
            f"{made.path} can't be made ({error.strerror}). Name another folder."
        ) from error
    words = ["venv", "--quiet", "--no-project", "--allow-existing", "--python", str(interpreter.path), str(made.path)]
    said = uv.ask(*words, folder=made.path)
    if said.status != 0:
        raise EnvironmentNotMadeError(f"uv could not make a virtual environment: {cause(said.messages)}")
    lock = _install(made, lock, uv)
    added = _add_kernel(made, lock, uv)
    facts = {
        "python": interpreter.version,
        "packages": len(lock.packages),
        "missing": [asdict(each) for each in lock.missing],
        "remarks": [*lock.remarks, *added],
    }
    made.write(facts)
    return facts


def _install(made: Folder, lock: Lock, uv: Uv) -> Lock:
    """Install what the lock says; what can't be installed is left out of it, by name, and the rest goes in."""
    while True:
        lock.write(made.lock)
        said = uv.ask("pip", "sync", "--strict", "--python", made.python, made.lock, folder=made.path)
        if said.status == 0:
            return lock
        why = cause(said.messages)
        heard = " ".join(said.messages.split())
        named = [name for name, version in lock.packages.items() if re.search(_as_named(name, version), heard)]
        if not named:
            raise EnvironmentNotMadeError(f"uv could not install what the run had: {why}")
        lock = lock.without(named, why)


def _as_named(name: str, version: str) -> str:
    """Return how uv names what fails: `docopt==0.6.2`, `mine @ git+https://…`; "Package `mine`"."""
    return rf"`{re.escape(name)}(=={re.escape(version)}`| @ |`)"


def _add_kernel(made: Folder, lock: Lock, uv: Uv) -> list[str]:
    """See that a kernel can start: where the run had none, ipykernel is added, and nothing else is moved by that."""
    if "ipykernel" in lock.packages and uv.run([str(made.python), "-c", _KERNEL], folder=made.path).status == 0:
        return []
    held = "".join(f"{name}=={version}\n" for name, version in lock.packages.items())
    said = uv.ask(
        *("pip", "install", "--python", made.python, "--constraints", "-", "ipykernel"), folder=made.path, text=held
    )
    if said.status != 0:
        raise EnvironmentNotMadeError(
            f"The run's environment has no kernel that starts, and none could be added: {cause(said.messages)}"
        )
    works = uv.run([str(made.python), "-c", _KERNEL], folder=made.path)
    if works.status != 0:
        last = (works.messages.strip().splitlines() or ["no reason given"])[-1]
        raise EnvironmentNotMadeError(f"The environment is there, but a kernel does not start in it: {last}")
    added = re.findall(r"^ \+ (\S+)==(\S+)", said.messages, re.MULTILINE)
    kernel = next((f"{name} {version}" for name, version in added if name == "ipykernel"), "ipykernel")
    others = f" and {len(added) - 1} that it needs" if len(added) > 1 else ""
    return [f"added, so that a kernel can start: {kernel}{others}"]


def _lock(run: Run, environment: Mapping[str, Any], uv: Uv, here: str | None) -> Lock:
    """Return the lock, from the cache where nothing was missing of it."""
    target = target_of(environment)
    if here is not None:
        target = target_here(here)
    rows = [row[:3] for row in environment.get("distributions") or []]
    files = _kept_files(run)
    contents = sorted((name, each.digest, each.reason, each.saved_since) for name, each in files.items())
    key = blake3(json.dumps([2, asdict(target), rows, contents]).encode()).hexdigest()[:32]
    wheels = {
        place_of(source, content): content
        for source in map(read_source, rows)
        if source.name in files and (content := files[source.name].content) is not None
    }
    kept = lock_folder() / f"{key}.json"
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads(kept.read_text(encoding="utf-8"))
        return Lock(told["text"], told["packages"], _missing(told["missing"]), tuple(told["remarks"]), wheels)
    lock = replace(lock_environment(environment, target, uv, lock_folder(), files), wheels=wheels)
    # What an index lacks today it may have tomorrow, or another index has it.
    if not any(not missed.origin for missed in lock.missing):
        with contextlib.suppress(OSError):
            beside = kept.with_name(f"{kept.name}.{os.getpid()}")
            told = asdict(replace(lock, wheels={}))
            beside.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
            os.replace(beside, kept)
    return lock


def _kept_files(run: Run) -> dict[str, KeptFiles]:
    """Return what the run kept of distributions from folders."""
    return {
        one["distribution"]: KeptFiles(
            one["digest"] or "", one["content"], one["reason"] or one["status"], tuple(one.get("saved_since") or ())
        )
        for one in run.content.field("local_distributions")
    }


def _made(
    made: Folder,
    facts: Mapping[str, Any],
    variables: Mapping[str, str],
    differences: list[str],
    is_cached: bool,
    began: float,
) -> MadeEnvironment:
    return MadeEnvironment(
        python=made.python,
        version=str(facts["python"]),
        lock=made.lock,
        packages=int(facts["packages"]),
        missing=_missing(facts["missing"]),
        remarks=(*differences, *facts["remarks"]),
        variables=variables,
        is_cached=is_cached,
        duration_s=time.monotonic() - began,
    )


def _missing(told: list[dict[str, str]]) -> tuple[Missing, ...]:
    return tuple(Missing(**each) for each in told)


def _variables(environment: Mapping[str, Any]) -> dict[str, str]:
    told = (environment.get("threads") or {}).get("variables") or {}
    return {str(name): str(value) for name, value in told.items()}


def _differences(environment: Mapping[str, Any], interpreter: Interpreter) -> list[str]:
    """Say in which way even a complete environment can't be that of the run."""
    was, found = target_of(environment), target_here(interpreter.version)
    said = []
    if was.python and was.python != interpreter.version:
        more = "" if minor_of(was.python) == interpreter.minor else ", another minor version"
        said.append(f"Python {interpreter.version} instead of {was.python}{more}")
    if was.system and (was.system, was.machine) != (found.system, found.machine or was.machine):
        said.append(
            f"{found.system} {found.machine} instead of {was.system} {was.machine}: other builds of everything"
        )
    return said


def _key(lock: Lock, interpreter: Interpreter) -> str:
    return blake3("\0".join([lock.text, interpreter.version, str(interpreter.path)]).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _cleared_on_failure(made: Folder) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(made.path, ignore_errors=True)
        raise
