"""What differs between two environments, and what is alike: Python, distributions, platform, hardware, threads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["python", "distribution", "platform", "hardware", "threads", "variable"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; an empty side has it not.

    Attributes
    ----------
    kind : str
        Of what.
    name : str
        Such as "scikit-learn", "cores", "OMP_NUM_THREADS".
    before, after : str
        As they are shown.
    is_used : bool
        For a distribution: whether either side had a module of it loaded.
    """

    kind: Kind
    name: str
    before: str
    after: str
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class EnvironmentDiff:
    """All that differs, and what is alike in words."""

    differences: tuple[Difference, ...]
    same: tuple[str, ...]


def diff_environments(before: Mapping[str, Any], after: Mapping[str, Any]) -> EnvironmentDiff:
    """Compare two environments.

    Parameters
    ----------
    before, after : mapping
        As `Run.environment` has them.

    Returns
    -------
    EnvironmentDiff
        What a run used comes first among the distributions, and other versions before what only one side has.
    """
    found: list[Difference] = []
    same: list[str] = []
    for kind, left, right in (
        ("python", _python(before), _python(after)),
        ("distribution", _distributions(before), _distributions(after)),
        ("platform", _platform(before), _platform(after)),
        ("hardware", _hardware(before), _hardware(after)),
        ("threads", _pools(before), _pools(after)),
        ("variable", _variables(before), _variables(after)),
    ):
        if kind == "threads" and not (left and right):
            continue  # whoever has loaded no BLAS yet tells nothing of it
        used = _used(before) | _used(after) if kind == "distribution" else set()
        found += _differences(kind, left, right, used)  # type: ignore[arg-type]
        alike = sum(left[name] == right.get(name) for name in left)
        if alike:
            same.append(_alike(kind, left, alike))
    return EnvironmentDiff(tuple(found), tuple(same))


def _differences(kind: Kind, left: Mapping[str, str], right: Mapping[str, str], used: set[str]) -> list[Difference]:
    found = [
        Difference(kind, name, left.get(name, ""), right.get(name, ""), name in used)
        for name in sorted({*left, *right})
        if left.get(name) != right.get(name)
    ]
    return sorted(found, key=lambda one: (not one.is_used, not (one.before and one.after)))


def _alike(kind: str, left: Mapping[str, str], count: int) -> str:
    match kind:
        case "python":
            return f"Python {next(iter(left.values()))}"
        case "distribution":
            return f"{count} distribution{'' if count == 1 else 's'}"
        case "variable":
            return f"{count} environment variable{'' if count == 1 else 's'}"
        case _:
            return ", ".join(sorted(left)) if count == len(left) else f"{count} of {kind}"


def _python(environment: Mapping[str, Any]) -> dict[str, str]:
    version, implementation = str(environment.get("python", "")), str(environment.get("implementation", ""))
    if not version:
        return {}
    return {"Python": version if implementation in {"CPython", ""} else f"{version} ({implementation})"}


def _distributions(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return versions; what came from a folder or an address says so, since one version may be two contents."""
    rows = environment.get("distributions") or []
    return {row[0]: f"{row[1]} ({row[2]})" if len(row) > 2 and row[2] else str(row[1]) for row in rows}


def _used(environment: Mapping[str, Any]) -> set[str]:
    return {row[0] for row in environment.get("distributions") or [] if len(row) > 3 and row[3] == "used"}


def _platform(environment: Mapping[str, Any]) -> dict[str, str]:
    found = str(environment.get("platform", ""))
    return {"platform": found} if found else {}


def _hardware(environment: Mapping[str, Any]) -> dict[str, str]:
    machine = environment.get("machine") or {}
    found = {"cpu": str(machine.get("cpu") or ""), "cores": str(machine.get("cores") or "")}
    if machine.get("memory_bytes"):
        found["memory"] = f"{machine['memory_bytes'] / 2**30:.1f} GiB"
    gpus = machine.get("gpu") or []
    found["gpu"] = ", ".join(map(str, gpus)) if gpus else "none" if machine else ""
    return {name: value for name, value in found.items() if value}


def _pools(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return the BLAS and OpenMP libraries: which, of which version and architecture, with how many threads."""
    pools = (environment.get("threads") or {}).get("pools") or []
    found: dict[str, list[str]] = {}
    for pool in pools:
        words = [pool.get("internal_api"), pool.get("version"), pool.get("architecture"), pool.get("threading_layer")]
        threads = f"{pool.get('num_threads')} threads"
        said = " ".join(_words(words))
        found.setdefault(str(pool.get("user_api") or "threads"), []).append(f"{said}, {threads}")
    return {
        {"blas": "BLAS", "openmp": "OpenMP"}.get(api, api): "; ".join(sorted(set(said)))
        for api, said in found.items()
    }


def _words(words: Iterable[Any]) -> list[str]:
    return [str(word) for word in words if word]


def _variables(environment: Mapping[str, Any]) -> dict[str, str]:
    told = (environment.get("threads") or {}).get("variables") or {}
    return {str(name): str(value) for name, value in told.items()}
