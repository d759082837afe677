"""The verbs of replays and environments, a part of the table: `replay RUN`, `env lock RUN`, `env make RUN PATH`."""

from __future__ import annotations

from celltrail.verbs.model import Argument, Example, Option, Verb

_RUN = Argument("run", "forest#7, #7, last, prev, best, saved, or the first six letters of an id", completes="run")


def _seconds(text: str) -> float:
    if not float(text) > 0:
        raise ValueError
    return float(text)


_TIMEOUT = Option("--timeout", "give up after so many seconds; 1800 where it is left out", "SECONDS", _seconds)

REPLAY_VERBS = (
    Verb(
        "replay",
        "Runs the recipe of a run in a fresh kernel, and says whether the same comes out",
        "celltrail.verbs.replay:replay",
        (_RUN,),
        (
            Option("--env", "in the environment of the run, made anew with uv"),
            Option("--timeout", "give up after so many seconds", value="SECONDS", read=_seconds),
            Option("--twice", "two times, to see whether two replays agree"),
        ),
        (
            Example("forest#7", "identical, close, same decisions, different (from which cell), or failed"),
            Example("best --env", "with the Python and the packages that the run had"),
            Example("last --twice --json", "unstable where two replays differ; as JSON"),
        ),
        short_magic=True,
    ),
)

ENVIRONMENT_VERBS = (
    Verb(
        "env lock",
        "Writes the environment of a run as a lock file that pip and uv install from (pylock.toml, PEP 751)",
        "celltrail.verbs.env:env_lock",
        (_RUN,),
        (
            Option("--output", "pylock.toml or pylock.NAME.toml; never over one", value="FILE", short="-o"),
            Option("--here", "for this Python and this machine, not for those of the run"),
            _TIMEOUT,
        ),
        (
            Example("forest#7", "pylock.forest-7.toml; the index is asked for digests, through uv"),
            Example("best -o pylock.toml", "into a file of your choice"),
            Example("forest#7 --here", "with the builds for this machine"),
        ),
    ),
    Verb(
        "env make",
        "Makes the environment of a run anew, in a new folder, and says what could not be had",
        "celltrail.verbs.env:env_make",
        (_RUN, Argument("path", "a new folder", completes="file")),
        (
            Option("--python", "a version or a path, where the run's Python is not on this machine", "PYTHON"),
            _TIMEOUT,
        ),
        (
            Example("forest#7 ../forest-7-env", "with the run's Python and all it had installed"),
            Example("forest#7 ../env-312 --python 3.12", "with another Python; its builds may differ"),
            Example("best /tmp/env --json", "says as JSON what is missing"),
        ),
    ),
    Verb(
        "env diff",
        "Shows how two environments differ: Python, distributions, platform, hardware, threads, variables",
        "celltrail.verbs.env:env_diff",
        (
            Argument("left", "a run, or . for here", completes="run"),
            Argument("right", "another; here where it is left out", "optional", completes="run"),
        ),
        (),
        (
            Example("forest#7 .", "that run, and here"),
            Example("forest#2 forest#7", "two runs"),
            Example("last", "the newest run, and here"),
        ),
    ),
)
