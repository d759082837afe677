"""Git is read from files at once, and asked later."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from celltrail.capture.git import finish_git, read_git
from celltrail.domain.record import GitState, Keeping


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.py").write_text("x = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    return folder


def test_commit_and_branch_are_read_from_a_folder_below(repository: Path) -> None:
    (repository / "notebooks").mkdir()

    state = read_git(repository / "notebooks")

    assert GitState(git(repository, "rev-parse", "HEAD"), "main") == state


def test_packed_refs_a_detached_head_and_a_worktree_are_read(repository: Path, tmp_path: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "pack-refs", "--all")
    git(repository, "worktree", "add", "-q", "-b", "side/one", str(tmp_path / "side"))

    packed, linked = read_git(repository), read_git(tmp_path / "side")
    git(repository, "checkout", "-q", "--detach")

    assert (commit, "main") == (packed.commit, packed.branch)
    assert (commit, "side/one") == (linked.commit, linked.branch)
    assert (commit, None) == (read_git(repository).commit, read_git(repository).branch)


def test_outside_a_repository_nothing_is_pending(tmp_path: Path) -> None:
    state = read_git(tmp_path)

    assert GitState(status=Keeping.KEPT) == state
    assert (state, None) == finish_git(state, tmp_path)


def test_a_clean_tree_has_no_diff(repository: Path) -> None:
    state, diff = finish_git(read_git(repository), repository)

    assert (False, Keeping.KEPT, None) == (state.is_dirty, state.status, diff)


def test_changes_are_kept_masked_and_without_notebooks(repository: Path) -> None:
    (repository / "a.py").write_text("token = 'ghp_" + "a1" * 18 + "'\n")
    (repository / "b.ipynb").write_text("{}")
    git(repository, "add", "b.ipynb")
    (repository / "below").mkdir()

    state, diff = finish_git(read_git(repository), repository / "below")

    assert diff is not None
    assert (True, Keeping.KEPT) == (state.is_dirty, state.status)
    assert b"masked:key:1" in diff
    assert b"b.ipynb" not in diff
    assert state.diff_digest is not None


def test_an_untracked_file_is_a_change_without_a_diff(repository: Path) -> None:
    (repository / "new.py").touch()

    state, diff = finish_git(read_git(repository), repository)

    assert (True, None) == (state.is_dirty, diff)


def test_before_the_first_commit_there_is_a_branch_only(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")

    state = read_git(tmp_path)

    assert (None, "main") == (state.commit, state.branch)
    assert Keeping.KEPT == finish_git(state, tmp_path)[0].status


def test_a_huge_diff_is_cut(repository: Path) -> None:
    (repository / "a.py").write_text("y = 2\n" * 100_000)

    _, diff = finish_git(read_git(repository), repository)

    assert diff is not None
    assert 250_000 < len(diff) < 260_000
    assert diff.endswith(b"cut at 256 kB\n")
