"""From the real index, with real kernels: a model of another scikit-learn predicts bit for bit alike."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from queue import Empty

import pytest
from jupyter_client.manager import KernelManager
from replay.conftest import MakeRun

from celltrail.replay.environment import make_environment
from celltrail.replay.environment_uv import find_uv

OLD = [
    ["scikit-learn", "1.8.0"],
    ["numpy", "2.3.5"],
    ["scipy", "1.16.3"],
    ["joblib", "1.5.2"],
    ["threadpoolctl", "3.6.0"],
]
FIT = """
import pickle, sys, sklearn
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
X, y = make_classification(2_000, 20, random_state=0)
models = [RandomForestClassifier(20, random_state=0), HistGradientBoostingClassifier(max_iter=20, random_state=0)]
models = [model.fit(X[:1_500], y[:1_500]) for model in models]
predicted = [model.predict_proba(X).tobytes() for model in models]
pickle.dump((sklearn.__version__, X, models, predicted), open(sys.argv[1], "wb"))
"""
PREDICT = """
import pickle, sys, warnings, sklearn
warnings.simplefilter("error")
version, X, models, predicted = pickle.load(open(sys.argv[1], "rb"))
print(version == sklearn.__version__, predicted == [model.predict_proba(X).tobytes() for model in models])
"""


@pytest.fixture
def real_index(tmp_path: Path) -> None:
    """The index that uv is set up for; without it the test is skipped, or fails in CI."""
    asked = find_uv(lambda _: None, 60).ask("pip", "compile", "--refresh", "-", folder=tmp_path, text="six")
    if asked.status != 0:
        say = "no package index can be reached"
        if os.environ.get("CI") or os.environ.get("CELLTRAIL_BROWSER") == "required":
            pytest.fail(f"{say}: {asked.messages}")
        pytest.skip(say)


@pytest.mark.kernel
def test_a_model_of_another_scikit_learn_predicts_alike_in_the_rebuilt_environment(
    make_run: MakeRun, real_index: None, tmp_path: Path
) -> None:
    old = make_environment(make_run(*OLD), tmp_path / "old")
    subprocess.run([old.python, "-c", FIT, tmp_path / "models.pickle"], check=True)

    made = make_environment(make_run(*OLD), tmp_path / "made")

    said = subprocess.run(
        [made.python, "-c", PREDICT, tmp_path / "models.pickle"], capture_output=True, text=True, check=True
    )
    assert "True True" == said.stdout.strip()
    assert () == made.missing


@pytest.mark.kernel
def test_a_kernel_starts_in_the_rebuilt_environment_and_has_its_versions(
    make_run: MakeRun, real_index: None, tmp_path: Path
) -> None:
    made = make_environment(make_run(["six", "1.16.0"]), tmp_path / "made")
    manager = KernelManager()
    manager.kernel_spec.argv = [str(made.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        client.execute("import six, sys; print(six.__version__, sys.prefix)")
        said = heard(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

    assert ["1.16.0", str(tmp_path / "made")] == said.split()


def heard(client: object) -> str:
    """Return the first text that the kernel prints."""
    while True:
        try:
            message = client.get_iopub_msg(timeout=60)  # type: ignore[attr-defined]
        except Empty:
            pytest.fail("the kernel said nothing within a minute")
        if message["msg_type"] == "stream":
            return str(message["content"]["text"])
        assert message["msg_type"] != "error", message["content"]


@pytest.mark.kernel
@pytest.mark.skipif(sys.platform == "win32", reason="pip lies elsewhere")
def test_pip_installs_from_the_lock_too(make_run: MakeRun, real_index: None, tmp_path: Path) -> None:
    from celltrail.replay.environment import lock_of

    made = make_environment(make_run(["pip", "26.3"], ["six", "1.17.0"]), tmp_path / "made")
    lock = tmp_path / "pylock.toml"
    lock.write_text(lock_of(make_run(["six", "1.16.0"])).text)

    subprocess.run([made.python, "-m", "pip", "install", "-q", "-r", lock], check=True, capture_output=True)

    code = "import six; print(six.__version__)"
    assert b"1.16.0" == subprocess.run([made.python, "-c", code], capture_output=True, check=True).stdout.strip()
