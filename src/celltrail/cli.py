"""The shell's door: `celltrail VERB …`.

Exit status 0: done. 1: celltrail says no, in one line on stderr. 2: a word it does not know. 130: interrupted.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from celltrail.errors import CelltrailError, UsageError
from celltrail.verbs import current
from celltrail.verbs.asking import as_json, ask
from celltrail.verbs.helping import table_help
from celltrail.verbs.reading import shell_words
from celltrail.verbs.table import VERBS, spoken_verb


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `celltrail`.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind the command; those of this process where it is left out.

    Returns
    -------
    int
        Exit status.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _answer(words)
    except UsageError as error:
        _say(f"celltrail: {error}", sys.stderr)
        return 2
    except CelltrailError as error:
        _say(f"celltrail: {error}", sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `celltrail runs | head`: nobody reads on. What Python would flush at exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        current.close_all()


def _answer(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help"}:
        _say(table_help(VERBS, "shell"), sys.stdout)
        return 0
    if words[0] in {"-V", "--version", "version"}:
        from celltrail import __version__

        _say(f"celltrail {__version__}", sys.stdout)
        return 0
    verb, behind = spoken_verb(shell_words(words))
    answer, request = ask(current.context("shell"), verb, behind)
    _say(as_json(answer) if request.as_json else answer.text, sys.stdout)
    if answer.aside and not request.as_json:
        _say(answer.aside, sys.stderr)
    return answer.exit_status


def _say(text: str, stream: object) -> None:
    """Write a text, and a line end where it has none, on terminals that can't write ▲ too."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    written = text.encode(encoding, errors="replace").decode(encoding)
    with contextlib.suppress(AttributeError):
        stream.write(written if written.endswith("\n") else f"{written}\n")  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
