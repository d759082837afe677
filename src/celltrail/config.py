"""The settings of a project: `celltrail.toml`, or `[tool.celltrail]` in `pyproject.toml`.

Found upwards from the notebook; the nearest file that says anything about celltrail holds, and `celltrail.toml` goes
before a `pyproject.toml` beside it. A wrong setting never stops a cell: it is one sentence in `warnings`, and the
default holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from celltrail.domain.words import did_you_mean

TrackMode = Literal["auto", "marked", "off"]
OutputsMode = Literal["schema", "full"]
PanelMode = Literal["line", "panel", "none"]

CHOICES: Mapping[str, tuple[str, ...]] = {
    "track": ("auto", "marked", "off"),
    "outputs": ("schema", "full"),
    "panel": ("line", "panel", "none"),
}
AuthorMode = Literal["name", "email", "pseudonym"]

MASKED = ("keys", "emails", "cards", "phones")
"""What is masked before it is stored, unless `mask = […]` names less."""

ENVIRONMENT = (
    *("OMP_*", "OPENBLAS_*", "GOTO_NUM_THREADS", "MKL_*", "BLIS_*", "VECLIB_*", "NUMEXPR_*", "LOKY_MAX_CPU_COUNT"),
    *("CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG", "TF_DETERMINISTIC_OPS", "XLA_FLAGS", "PYTHONHASHSEED"),
    *("PYTHONOPTIMIZE", "TOKENIZERS_PARALLELISM"),
)
"""Environment variables that change results: the only ones whose values are kept, unless `environment = […]` names
others."""

AUTHORS: tuple[AuthorMode, ...] = ("name", "email", "pseudonym")


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is never stored: the table `privacy` of the settings.

    Attributes
    ----------
    mask : tuple of str
        Of "keys", "emails", "cards" and "phones": what is masked in every text.
    environment : tuple of str
        Names of the environment variables that are kept; `*` stands for any text.
    personal : tuple of str
        Columns of which a profile keeps counts alone; `*` stands for any text. Others are found by name and content.
    author : {"name", "email", "pseudonym"}
        How the person is named with each run; never masked.
    """

    mask: tuple[str, ...] = MASKED
    environment: tuple[str, ...] = ENVIRONMENT
    personal: tuple[str, ...] = ()
    author: AuthorMode = "name"


LIMITS: Mapping[str, float] = {"room_gb": 5.0, "free_percent": 10.0}


@dataclass(frozen=True, slots=True)
class Config:
    """What the project decided.

    Attributes
    ----------
    track : {"auto", "marked", "off"}
        Which cells become runs: those that train or evaluate, only those with a header, none.
    main : str or None
        Key of the main metric, where the rule of the house should not choose it.
    outputs : {"schema", "full"}
        Whether tables shown as outputs are kept as header, types and shape, or whole.
    panel : {"line", "panel", "none"}
        What a run shows where its header does not say: the line, the panel, nothing.
    room_gb : float
        Above so many gigabytes of trail a line says how to sweep it.
    free_percent : float
        Below this share of free disk, in percent, likewise.
    privacy : Privacy
        What is never stored.
    path : Path or None
        The file that was read; None where there is none.
    warnings : tuple of str
        One sentence for each setting that could not be understood.
    """

    track: TrackMode = "auto"
    main: str | None = None
    outputs: OutputsMode = "schema"
    panel: PanelMode = "line"
    room_gb: float = 5.0
    free_percent: float = 10.0
    privacy: Privacy = Privacy()
    path: Path | None = None
    warnings: tuple[str, ...] = ()


def read_config(start: Path) -> Config:
    """Read the settings that hold for a folder.

    Parameters
    ----------
    start : Path
        The notebook's folder, or the working directory.

    Returns
    -------
    Config
        The defaults where no file says anything.
    """
    folder = start.absolute()
    for each in (folder, *folder.parents):
        if (config := _read_file(each / "celltrail.toml", section=())) is not None:
            return config
        if (config := _read_file(each / "pyproject.toml", section=("tool", "celltrail"))) is not None:
            return config
    return Config()


def _read_file(path: Path, *, section: tuple[str, ...]) -> Config | None:
    """Read one file; None where it is absent or lacks the section."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        import tomllib  # most projects have no such file

        table: Any = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        if section:  # a broken pyproject.toml is for others to report; nobody knows whether it speaks of us
            return None
        return Config(path=path, warnings=(f"{path} can't be read ({error}): the defaults hold.",))
    for key in section:
        table = table.get(key) if isinstance(table, dict) else None
    return read_table(table, path) if isinstance(table, dict) else None


def read_table(table: Mapping[str, Any], path: Path | None = None) -> Config:
    """Read settings from a table; what can't be understood keeps its default and is named.

    Parameters
    ----------
    table : mapping
        As TOML gives it. Tables within it belong to other parts and are left alone.
    path : Path, optional
        Where it stands, for the messages.

    Returns
    -------
    Config
        With `warnings` for what was not understood.
    """
    config, warnings = Config(path=path), []
    where = path.name if path is not None else "the settings"
    for key, value in table.items():
        if key == "privacy" and isinstance(value, dict):
            privacy, problems = _privacy(value)
            config = replace(config, privacy=privacy)
            warnings += [f"In {where}: {problem}" for problem in problems]
            continue
        if isinstance(value, dict):
            continue
        if problem := _fault(key, value):
            warnings.append(f"In {where}: {problem}")
        else:
            config = replace(config, **cast("dict[str, Any]", {key: value}))
    return replace(config, warnings=tuple(warnings))


def _fault(key: str, value: object) -> str:
    if key in CHOICES:
        if value in CHOICES[key]:
            return ""
        return f"{key} = {value!r} is none of {', '.join(CHOICES[key])}: {CHOICES[key][0]!r} holds."
    if key == "main":
        return "" if isinstance(value, str) and value else f"main = {value!r} is no metric's name: the rule holds."
    if key in LIMITS:
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return ""
        return f"{key} = {value!r} is no number of at least 0: {LIMITS[key]:g} holds."
    return f"{key!r} is no setting. {did_you_mean(key, [*CHOICES, *LIMITS, 'main'])}"


def _privacy(table: Mapping[str, Any]) -> tuple[Privacy, list[str]]:
    """Read the table `privacy`; a key that can't be understood keeps its default and is one sentence."""
    privacy, problems = Privacy(), []
    for key, value in table.items():
        if key == "author":
            if value in AUTHORS:
                privacy = replace(privacy, author=value)
            else:
                problems.append(f"privacy.author = {value!r} is none of {', '.join(AUTHORS)}: 'name' holds.")
        elif key == "outputs":
            problems.append("privacy.outputs is no setting: write outputs = … one level up.")
        elif key not in ("mask", "environment", "personal"):
            near = did_you_mean(key, ["mask", "environment", "personal", "author"])
            problems.append(f"'privacy.{key}' is no setting. {near}")
        elif not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            problems.append(f"privacy.{key} = {value!r} is no list of texts: the default holds.")
        elif key == "mask" and (strange := [item for item in value if item not in MASKED]):
            problems.append(f"privacy.mask: {strange[0]!r} is none of {', '.join(MASKED)}: all of them are masked.")
        else:
            privacy = replace(privacy, **cast("dict[str, Any]", {key: tuple(value)}))
    return privacy, problems
