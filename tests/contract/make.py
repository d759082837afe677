"""The fixed values behind tests/contract/*.json: run this file to write them anew.

Python and TypeScript both read the files: `test_contract.py` holds them to the types of `views/schema.py`, and
`labextension/test/contract.test.ts` to the guards of `schema.ts`, which must accept and draw them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NotRequired, get_origin, get_type_hints, is_typeddict

from celltrail.views import schema

HERE = Path(__file__).parent
DIGEST = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


def head(number: int, *, author: str = "", repeats: int = 1) -> schema.RunHead:
    return {
        "id": f"01J9Z6V5T0000000000000000{number}",
        "reference": f"forest#{number}",
        "experiment": "forest",
        "number": number,
        "repeats": repeats,
        "author": author,
        "status": "finished",
        "started_at": "2026-11-12T09:30:00+00:00",
        "duration_s": 2.25,
    }


def trend() -> list[schema.TrendPoint]:
    values = [0.7951, 0.8122, 0.8014, "nan", 0.8391, 0.8325, 0.8412]
    return [
        {"number": number, "value": value, "is_this": number == 7, "is_best": number == 7}
        for number, value in enumerate(values, start=1)
    ]


def saved() -> schema.Saved:
    return {
        "metrics": {"average_precision_score.y_test": 0.8412, "log_loss.y_test": "inf"},
        "main_metric": "average_precision_score.y_test",
        "inputs": [{"name": "X_train", "role": "train", "rows": 180_648, "digest": DIGEST, "sampled_digest": DIGEST}],
        "versions": {"scikit-learn": "1.9.1"},
        "params": {"max_depth": 12},
        "seed": 42,
        "source_digest": DIGEST,
        "author": "ann",
        "date": "2026-11-12",
    }


def metrics() -> list[schema.MetricRow]:
    def row(key: str, label: str, value: schema.Number, text: str, *, count: int = 1) -> schema.MetricRow:
        spread = 0.011 if count > 1 else None
        return {
            "key": key,
            "label": label,
            "value": value,
            "text": text,
            "spread": spread,
            "count": count,
            "fit": "clf",
            "is_confirmed": key != "acc",
        }

    return [
        row("average_precision_score.y_test", "avg precision", 0.8412, "0.8412"),
        row("f1_score.macro.y_test", "macro F1", 0.9012, "0.9012"),
        row("cross_val_score", "cross-validation", 0.8325, "0.8325 ± .011 (5)", count=5),
        row("log_loss.y_test", "log loss", "inf", "inf"),
        row("acc", "acc", 0.9991, "0.9991"),
    ]


def fit(name: str, estimator: str, value: float, *, is_top: bool, remark: str = "") -> schema.FitRow:
    return {
        "name": name,
        "estimator": estimator,
        "value": value,
        "text": f"{value:.4f}",
        "is_top": is_top,
        "remark": remark,
        "params_written": {"n_estimators": 400, "max_depth": 12, "random_state": 42},
        "params_default": 15,
        "model": "kept, 18 MB",
        "curve": {"train_loss": [0.69, 0.41, 0.33, "nan", 0.27, 0.25]} if is_top else {},
    }


def data_input(name: str, role: str, rows: int) -> schema.InputRow:
    return {
        "name": name,
        "role": role,
        "kind": "DataFrame",
        "rows": rows,
        "columns": 31,
        "digest": DIGEST[:12],
        "status": "full",
    }


def run_panel() -> schema.RunView:
    return {
        "schema": "celltrail.run/1",
        "mode": "panel",
        "run": head(7),
        "evaluates_later": False,
        "headline": {
            "key": "average_precision_score.y_test",
            "label": "avg precision",
            "value": 0.8412,
            "text": "0.8412",
            "target": "y_test",
            "target_detail": "60 216 rows, 104 frauds",
            "greater_is_better": True,
        },
        "standing": "highest of 7",
        "is_best": True,
        "delta": {
            "against": "#6",
            "value": 0.0087,
            "text": "▲ .0087",
            "direction": "up",
            "is_better": True,
            "may_be_chance": True,
            "noise": 0.011,
            "noise_source": "5 folds",
        },
        "changed": [
            {"kind": "param", "name": "max_depth", "before": "8", "after": "12"},
            {"kind": "columns", "name": "columns", "before": "", "after": "+txn_hour"},
        ],
        "same": ["rows", "split", "seed 42", "environment", "rest of the code"],
        "cautions": [
            {
                "text": "Cell [4] was edited after it ran.",
                "consequence": '"Run all" would give another X_train.',
                "next": "",
            },
            {
                "text": "y_test was scored 41 times.",
                "consequence": "The highest of many is too high.",
                "next": "Keep a part unseen until the end.",
            },
        ],
        "error": "",
        "target_scored": 41,
        "repeats_say": "",
        "metrics": metrics(),
        "fits": [fit("clf", "RandomForestClassifier", 0.8412, is_top=True)],
        "inputs": [data_input("X_train", "train", 180_648), data_input("X_test", "evaluate", 60_216)],
        "environment": "Python 3.11.7, scikit-learn 1.9.1, 82 distributions",
        "trend": trend(),
        "saved": saved(),
        "saved_says": None,
        "pending": [],
    }


def run_line() -> schema.RunView:
    return {**run_panel(), "mode": "line"}


def run_fits() -> schema.RunView:
    view = run_panel()
    view["run"] = {**head(3), "reference": "zoo#3", "experiment": "zoo"}
    view["delta"] = None
    view["standing"] = ""
    view["changed"] = [{"kind": "estimator", "name": "", "before": "", "after": "+ HistGradientBoosting"}]
    view["fits"] = [
        fit("HistGradientBoosting", "HistGradientBoostingClassifier", 0.8497, is_top=True),
        fit("RandomForestClassifier", "RandomForestClassifier", 0.8412, is_top=False),
        fit(
            "LogisticRegression",
            "LogisticRegression",
            0.712,
            is_top=False,
            remark="did not converge (100 iterations)",
        ),
    ]
    view["trend"] = view["trend"][:1]
    return view


def run_failed() -> schema.RunView:
    view = run_line()
    view["run"] = {**head(8), "status": "failed"}
    view["error"] = "failed in fit after 2.1 s · parameters and 2 inputs kept"
    view |= {"headline": None, "standing": "", "is_best": False, "delta": None, "metrics": [], "fits": []}
    view |= {"changed": [], "same": [], "cautions": [], "trend": [], "pending": ["git"], "note": "out of memory?"}
    return view


def run_saved_says() -> schema.RunView:
    view = run_line()
    view["run"] = head(1, author="bob", repeats=5)
    view |= {"standing": "", "is_best": False, "delta": None, "changed": [], "cautions": [], "trend": []}
    view["saved_says"] = {
        "value_text": "0.8412",
        "author": "ann",
        "date": "2026-11-12",
        "differences": ["scikit-learn 1.9.0→1.9.1", "+17 571 rows"],
    }
    view["repeats_say"] = "not deterministic: 0.838–0.845 over 5 runs, no seed set"
    return view


def run_rows() -> list[schema.RunRow]:
    def row(number: int, depth: int, score: schema.Number, status: str) -> schema.RunRow:
        failed = status == "failed"
        return {
            "id": head(number)["id"],
            "reference": f"forest#{number}",
            "experiment": "forest",
            "number": number,
            "repeats": 3 if number == 5 else 1,
            "author": "",
            "status": status,
            "started_at": f"2026-11-12T09:3{number}:00+00:00",
            "duration_s": None if failed else 2.25,
            "main_metric": None if failed else "average_precision_score.y_test",
            "main_value": None if failed else score,
            "params": {"max_depth": depth, "n_estimators": 400},
            "metrics": {} if failed else {"average_precision_score.y_test": score, "f1_score.macro.y_test": 0.9},
            "tags": {"owner": "me"},
            "note": "",
            "error": "ValueError: Input X contains NaN." if failed else None,
            "source_digest": DIGEST,
            "environment_digest": DIGEST,
        }

    return [
        row(7, 12, 0.8412, "finished"),
        row(6, 8, 0.8325, "finished"),
        row(5, 8, "nan", "finished"),
        row(4, 8, 0.0, "failed"),
    ]


def compare() -> schema.CompareView:
    return {
        "schema": "celltrail.compare/1",
        "left": head(6),
        "right": head(7),
        "metrics": [
            {
                "key": "average_precision_score.y_test",
                "left": 0.8325,
                "right": 0.8412,
                "text": "▲ .0087",
                "same_target": True,
            },
            {"key": "log_loss.y_test", "left": None, "right": "inf", "text": "", "same_target": False},
        ],
        "params": [{"kind": "param", "name": "max_depth", "before": "8", "after": "12"}],
        "data": [{"kind": "columns", "name": "X_train", "before": "", "after": "+txn_hour"}],
        "code": "\n".join(
            [
                "--- forest#6",
                "+++ forest#7",
                "@@ -1,3 +1,4 @@",
                '+X_train["txn_hour"] = hour(X_train)',
                "-clf = RandomForestClassifier(max_depth=8)",
                "+clf = RandomForestClassifier(max_depth=12)",
                " clf.fit(X_train, y_train)",
                "",
            ]
        ),
        "environment": [{"kind": "environment", "name": "scikit-learn", "before": "1.9.0", "after": "1.9.1"}],
        "other_cells": [{"cell": "4a1f", "state": "changed", "diff": "-rows = 1000\n+rows = 2000\n"}],
        "outputs": ["1 figure differs"],
        "curves": [{"name": "train_loss", "left": [0.69, 0.5, 0.41], "right": [0.69, 0.41, "nan", 0.27]}],
        "same": ["rows", "seed 42"],
    }


def optional_keys(shape: type) -> set[str]:
    """Tell the keys that may be absent (`__optional_keys__` does not see through postponed annotations)."""
    hints = get_type_hints(shape, include_extras=True)
    return {key for key, hint in hints.items() if get_origin(hint) is NotRequired}


def shapes() -> dict[str, dict[str, list[str]]]:
    """Tell the keys of every shape, so that a key added on one side only is seen on the other."""
    return {
        name: {
            "required": sorted(get_type_hints(shape).keys() - optional_keys(shape)),
            "optional": sorted(optional_keys(shape)),
        }
        for name, shape in sorted(vars(schema).items())
        if is_typeddict(shape)
    }


FILES = {
    "run_panel": run_panel,
    "run_line": run_line,
    "run_fits": run_fits,
    "run_failed": run_failed,
    "run_saved_says": run_saved_says,
    "run_rows": run_rows,
    "compare": compare,
    "shapes": shapes,
}


def as_text(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


if __name__ == "__main__":
    for name, make in FILES.items():
        (HERE / f"{name}.json").write_text(as_text(make()), encoding="utf-8")
