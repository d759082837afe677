"""The shapes of everything that is shown. Mirrored in `labextension/src/schema.ts`; held together by tests/contract.

Numbers that are not finite are the strings "nan", "inf" and "-inf", in every face. Text is not yet escaped: whoever
draws escapes. Times are ISO-8601 in UTC.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

RUN_MIME = "application/vnd.celltrail.run.v1+json"

Number = float | str
"""A number; NaN and infinities as "nan", "inf", "-inf"."""


class RunHead(TypedDict):
    """Which run."""

    id: str
    reference: str  # "forest#7"
    experiment: str
    number: int | None
    repeats: int
    author: str
    status: Literal["running", "finished", "failed", "interrupted", "lost"]
    started_at: str
    duration_s: float | None


class Headline(TypedDict):
    """The main metric."""

    key: str  # "average_precision_score.y_test"
    label: str  # "avg precision"
    value: Number
    text: str  # "0.8412": as many digits as mean something, at most four
    target: str  # "y_test"
    target_detail: str  # "60 216 rows, 104 frauds"; empty where not known
    greater_is_better: bool | None


class Delta(TypedDict):
    """Against an earlier run on the same target data."""

    against: str  # "#6"
    value: Number
    text: str  # "▲ .0087"
    direction: Literal["up", "down", "same"]
    is_better: bool | None
    may_be_chance: bool
    noise: Number | None
    noise_source: str  # "5 folds", "5 repeats", "60 216 rows"; empty where not known


class Change(TypedDict):
    """One thing that differs from the run compared with."""

    kind: Literal["param", "columns", "rows", "data", "code", "environment", "estimator", "seed", "cell", "file"]
    name: str
    before: str
    after: str


class Caution(TypedDict):
    """A doubt, its consequence, the next step."""

    text: str
    consequence: str
    next: str


class MetricRow(TypedDict):
    """One metric."""

    key: str
    label: str
    value: Number
    text: str
    spread: Number | None
    count: int
    fit: str | None
    is_confirmed: bool


class FitRow(TypedDict):
    """One fit, with its standing where a run has several."""

    name: str
    estimator: str
    value: Number | None
    text: str
    is_top: bool
    remark: str  # "did not converge (100 iterations)"
    params_written: dict[str, Any] | None
    params_default: int  # how many keep their default
    model: str  # "kept, 18 MB", "not kept: over the budget"
    curve: dict[str, list[Number]]


class InputRow(TypedDict):
    """One frame or array that went in."""

    name: str
    role: str
    kind: str
    rows: int | None
    columns: int | None
    digest: str  # first twelve digits, or empty while pending
    status: str


class TrendPoint(TypedDict):
    """One run of the experiment in the little chart."""

    number: int
    value: Number | None
    is_this: bool
    is_best: bool


class Saved(TypedDict):
    """What travels with the notebook, so that another trail can compare without any transfer."""

    metrics: dict[str, Number]
    main_metric: str | None
    inputs: list[dict[str, Any]]  # name, role, rows, digest, sampled_digest
    versions: dict[str, str]  # distributions in use
    params: dict[str, Any]  # written
    seed: int | None
    source_digest: str
    author: str
    date: str  # "2026-11-12"


class SavedSays(TypedDict):
    """How the output saved in the notebook differs from this run."""

    value_text: str
    author: str
    date: str
    differences: list[str]  # "scikit-learn 1.9.0→1.9.1", "+17 571 rows"


class RunView(TypedDict):
    """The line and the panel of one run."""

    schema: Literal["celltrail.run/1"]
    mode: Literal["line", "panel"]
    run: RunHead
    evaluates_later: bool  # "→ forest#7": this cell only scored a fit of an earlier run
    headline: Headline | None
    standing: str  # "highest of 7", "best of 7", ""
    is_best: bool
    delta: Delta | None
    changed: list[Change]
    same: list[str]
    cautions: list[Caution]
    error: str
    target_scored: int  # how often this target data was scored in this trail
    repeats_say: str  # "not deterministic: 0.838–0.845 over 5 runs, no seed set"
    metrics: list[MetricRow]
    fits: list[FitRow]
    inputs: list[InputRow]
    environment: str  # one line: "Python 3.11.7, scikit-learn 1.9.1, 82 distributions"
    trend: list[TrendPoint]
    saved: Saved
    saved_says: SavedSays | None
    pending: list[str]
    note: NotRequired[str]


class RunRow(TypedDict):
    """One run in a list: the keys of the public `Run`, content by digest."""

    id: str
    reference: str
    experiment: str
    number: int | None
    repeats: int
    author: str
    status: str
    started_at: str
    duration_s: float | None
    main_metric: str | None
    main_value: Number | None  # of several fits, that of the one that stands highest
    params: dict[str, Any]
    metrics: dict[str, Number]
    tags: dict[str, str]
    note: str
    error: str | None
    source_digest: str
    environment_digest: str


class MetricDifference(TypedDict):
    """One metric of two runs."""

    key: str
    left: Number | None
    right: Number | None
    text: str
    same_target: bool


class CompareView(TypedDict):
    """Everything that differs between two runs."""

    schema: Literal["celltrail.compare/1"]
    left: RunHead
    right: RunHead
    metrics: list[MetricDifference]
    params: list[Change]
    data: list[Change]
    code: str  # unified diff of the two cells; empty where equal
    environment: list[Change]
    other_cells: list[dict[str, str]]  # cell id, state ("changed", "added", "removed"), diff
    outputs: list[str]
    curves: list[dict[str, Any]]  # name, left, right
    same: list[str]
