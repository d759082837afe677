"""The table of verbs. Thing, then where: `note RUN TEXT`, `rename EXPERIMENT NAME`, `restore RUN -o FILE`."""

from __future__ import annotations

from celltrail.domain.keep_rule import read_keep_rule
from celltrail.domain.words import did_you_mean
from celltrail.errors import UsageError
from celltrail.verbs.model import Argument, Example, Option, Verb
from celltrail.verbs.reading import Word
from celltrail.verbs.table_environment import ENVIRONMENT_VERBS, REPLAY_VERBS

_RUN = Argument("run", "forest#7, #7, last, prev, best, saved, or the first six letters of an id", completes="run")
_RUNS = Argument("runs", "forest#7, #7, last, …", count="many", completes="run")
_CHECK = Option("--check", "shows what would happen, changes nothing")
_OUTPUT = Option("--output", "write to this file; never over one", value="FILE", short="-o")


def _whole(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


_LOOK = (
    Verb(
        "runs",
        "Lists runs, newest first; in Python a DataFrame",
        "celltrail.verbs.runs:runs",
        (Argument("filter", "such as metrics.accuracy > 0.9 and tags.owner = 'me'", "optional text", "filter"),),
        (
            Option("--since", "begun on this day or later: 2026-11-01, yesterday, 3 days ago", value="D"),
            Option("--until", "begun on this day or earlier", value="D"),
            Option("--best", "only the first N by main metric, best first", value="N", read=_whole),
            Option("--mine", "only those that I ran"),
            Option("--notebook", "only those of this notebook"),
            Option("--limit", "at most the newest N; a cell shows 60 unless asked for more", value="N", read=_whole),
        ),
        (
            Example("metrics.accuracy_score.y_test > 0.9 and params.max_depth = 5", "runs that fulfil the filter"),
            Example("--best 3", "the three best"),
            Example("--since yesterday --mine", "what I ran since yesterday"),
        ),
        short_magic=True,
    ),
    Verb(
        "compare",
        "Shows everything that differs between runs, code included",
        "celltrail.verbs.compare:compare",
        (_RUNS,),
        (Option("--code", "only the code"),),
        (
            Example("prev last", "the newest run with the one before it"),
            Example("forest#2 forest#7 boost#1", "the later ones each with the first"),
            Example("forest#2 best --code", "only what changed in the cell"),
        ),
        short_magic=True,
    ),
    Verb(
        "show",
        "Shows one run",
        "celltrail.verbs.show:show",
        (_RUN,),
        (Option("--all", "everything that is kept about it, with sizes"),),
        (
            Example("last", "the newest run"),
            Example("forest#7 --all", "all that is kept about it"),
            Example("best --json", "one object, content included"),
        ),
    ),
    Verb(
        "restore",
        "Brings back a cell to the letter as a new cell or file, and its notebook as a new file",
        "celltrail.verbs.restore:restore",
        (_RUN,),
        (_OUTPUT, Option("--notebook", "the whole notebook, as a new file beside it")),
        (
            Example("forest#2", "the cell, below this one"),
            Example("forest#2 -o forest.py", "the cell, as a file"),
            Example("forest#2 --notebook", "the notebook as it stood then, as a new file"),
        ),
        short_magic=True,
    ),
)

_LINEAGE = (
    Verb(
        "recipe",
        "Gives the least code that makes a variable or a run again",
        "celltrail.verbs.recipe:recipe",
        (Argument("target", "a variable, a run, or forest#7:model, as that run left it", completes="run"),),
        (
            Option("--run", "a variable in the session of this run; by default in this kernel", value="RUN"),
            Option("--whole", "cells as they stood, with statements that can't matter"),
            Option("--output", "write recipe.ipynb or recipe.py; never over a file", value="FILE", short="-o"),
        ),
        (
            Example("model", "the cells that made it, as they were run"),
            Example("forest#7 -o recipe.ipynb", "what made the models and metrics of that run, as a notebook"),
            Example("model --run last --json", "as the session of that run left it, as JSON"),
        ),
        short_magic=True,
    ),
    Verb(
        "lineage",
        "Draws where a thing came from, or says which cells are stale",
        "celltrail.verbs.lineage:lineage",
        (
            Argument(
                "target",
                "a variable, a run, forest#7:model; without one, cell by cell",
                "optional",
                completes="run",
            ),
        ),
        (
            Option("--stale", 'cells that are not what "run all" would give, and why'),
            Option("--cells", "what each cell read, wrote, changed in place, and its files"),
            Option("--run", "in the session of this run; by default this kernel", value="RUN"),
        ),
        (
            Example("model", "the graph behind it"),
            Example("--stale", "what is stale, comes from code that is gone, or ran out of order"),
            Example("--cells --json", "what each cell touched, as JSON"),
        ),
        short_magic=True,
    ),
    Verb(
        "fix",
        'Says which cells to run, in which order, so that all is as "run all" would give it; runs none',
        "celltrail.verbs.fix:fix",
        (),
        (Option("--run", "in the session of this run; by default this kernel", value="RUN"),),
        (
            Example("", "the cells to run, and why each"),
            Example("--json", "the same as JSON"),
            Example("--run last", "in the session of that run"),
        ),
    ),
)

_CHANGE = (
    Verb(
        "note",
        "Sets the note of a run; without a text shows it",
        "celltrail.verbs.annotate:note",
        (_RUN, Argument("text", "the note; an empty '' takes it away", "optional text")),
        (),
        (
            Example("last first try with the new columns", "sets the note"),
            Example("forest#7", "shows it"),
            Example("forest#7 ''", "takes it away"),
        ),
    ),
    Verb(
        "tag",
        "Sets tags of a run; without any shows them",
        "celltrail.verbs.annotate:tag",
        (_RUN, Argument("tags", "owner=me; an empty value takes the tag away", "any")),
        (),
        (
            Example("last owner=me", "sets one"),
            Example("forest#7 owner=me stage=trial", "sets two"),
            Example("forest#7 stage=", "takes one away"),
        ),
    ),
    Verb(
        "rename",
        "Gives an experiment another name; its runs keep their numbers",
        "celltrail.verbs.annotate:rename",
        (
            Argument("experiment", "its name now", completes="experiment"),
            Argument("name", "its new name"),
        ),
        (_CHECK,),
        (
            Example("random-forest forest", "random-forest#7 becomes forest#7"),
            Example("random-forest forest --check", "says whether the name is free"),
            Example("random-forest-2 boost --json", "the answer as JSON"),
        ),
    ),
    Verb(
        "forget",
        "Removes runs; they can come back until gc",
        "celltrail.verbs.forget:forget",
        (_RUNS,),
        (_CHECK, Option("--undo", "bring them back")),
        (
            Example("forest#3", "removes one"),
            Example("forest#3 forest#4 --check", "says what would go, and how large it is"),
            Example("forest#3 --undo", "brings it back"),
        ),
    ),
)

_CARE = (
    Verb(
        "status",
        "Says in five lines: notebook, trail and size, server, what is captured, what is not",
        "celltrail.verbs.status:status",
        examples=(
            Example("", "where we stand"),
            Example("--json", "the same as JSON"),
            Example("-h", "this help"),
        ),
    ),
    Verb(
        "track",
        "Turns recording on or off, says how it stands, or makes a run of the cell just run",
        "celltrail.verbs.status:track",
        (Argument("what", "what to do", "optional", choices=("on", "off", "status", "last")),),
        (),
        (
            Example("off", "cells leave no runs from here on"),
            Example("last", "makes a run of the cell just run"),
            Example("status", "how it stands"),
        ),
    ),
    Verb(
        "doctor",
        "Checks the trail and says what to do; exit status 1 where something is wrong",
        "celltrail.verbs.care:doctor",
        (),
        (Option("--mark-lost", "mark runs of other machines that were not heard of since as lost"),),
        (
            Example("", "checks"),
            Example("--json", "the findings as JSON"),
            Example("--mark-lost", "also settles runs whose machine is gone"),
        ),
    ),
    Verb(
        "export",
        "Writes whole runs into one file, for another trail",
        "celltrail.verbs.carry:export_runs",
        (_RUNS,),
        (_OUTPUT,),
        (
            Example("forest#7", "forest-7.celltrail.zip"),
            Example("forest#6 forest#7 -o forests.zip", "two runs into a file of your choice"),
            Example("best -o best.zip --json", "says what went into it as JSON"),
        ),
    ),
    Verb(
        "import",
        "Takes in runs that another trail exported; they keep author, time and number",
        "celltrail.verbs.carry:import_runs",
        (Argument("file", "what export wrote", completes="file"),),
        (),
        (
            Example("forests.zip", "takes them in"),
            Example("/mnt/share/bob.zip", "takes in the runs of a colleague"),
            Example("forests.zip --json", "the runs as JSON"),
        ),
    ),
    Verb(
        "backup",
        "Copies the trail, verified, while kernels go on",
        "celltrail.verbs.care:backup",
        (Argument("folder", "where to; a new folder beside the trail where none is given", "optional", "file"),),
        (),
        (
            Example("", "into a new folder beside the trail"),
            Example("/mnt/safe/fraud-trail", "into a folder of your choice"),
            Example("--json", "says as JSON where it is"),
        ),
    ),
    Verb(
        "gc",
        "Gives back the room of what was forgotten, or of models; after it forget can't be undone",
        "celltrail.verbs.care:gc",
        (),
        (
            Option("--models", "models instead, all but those that --keep names"),
            Option("--keep", "what stays of each experiment: best:3,last,registered", "RULE", read_keep_rule),
            Option("--undo", "brings back models whose content is still there"),
            Option("--environments", "instead, environments that replays rebuilt in the cache"),
            Option("--dry-run", "shows what would go, removes nothing"),
            _CHECK,
        ),
        (
            Example("--dry-run", "what would go; without it, it goes"),
            Example("--models --keep best:3,last,registered --dry-run", "which models would go, and how much room"),
            Example("--environments --dry-run", "which rebuilt environments would go"),
        ),
    ),
    Verb(
        "enable",
        "Loads celltrail in every kernel of this environment; it sleeps where no trail lies above",
        "celltrail.verbs.enable:enable",
        (),
        (_CHECK,),
        (
            Example("", "from the next kernel start on"),
            Example("--check", "says which file would change"),
            Example("--json", "the answer as JSON"),
        ),
    ),
    Verb(
        "disable",
        "Takes back enable",
        "celltrail.verbs.enable:disable",
        (),
        (_CHECK,),
        (
            Example("", "from the next kernel start on"),
            Example("--check", "says which file would change"),
            Example("--json", "the answer as JSON"),
        ),
    ),
    Verb(
        "demo",
        "Executes the example notebooks in a folder of their own, and says what to look at",
        "celltrail.tour:demo",
        (Argument("folder", "a new folder; celltrail-demo here where none is given", "optional", "file"),),
        (),
        (
            Example("", "in celltrail-demo, below the working directory"),
            Example("/tmp/tour", "in a folder of your choice"),
            Example("--json", "says as JSON where everything is"),
        ),
    ),
    Verb(
        "help",
        "Shows this table, or the help of one verb",
        "celltrail.verbs.asking:show_help",
        (Argument("verb", "a verb; or privacy: what is masked, and how to change it", "optional text", "verb"),),
        (),
        (Example("", "the table"), Example("runs", "one verb"), Example("restore", "another")),
    ),
)

VERBS: tuple[Verb, ...] = (*_LOOK, *_LINEAGE, *REPLAY_VERBS, *_CHANGE, *ENVIRONMENT_VERBS, *_CARE)


def find_verb(name: str) -> Verb:
    """Return the verb of that name.

    Parameters
    ----------
    name : str
        As typed.

    Returns
    -------
    Verb
        The verb.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest.
    """
    for verb in VERBS:
        if verb.name == name:
            return verb
    raise UsageError(f"{name} is no verb. {did_you_mean(name, [verb.name for verb in VERBS])}")


def spoken_verb(words: list[Word]) -> tuple[Verb, list[Word]]:
    """Return the verb that words begin with, and what stands behind it.

    Parameters
    ----------
    words : list of Word
        At least one. `env lock forest#7` is the verb `env lock`; `env` alone asks for help.

    Returns
    -------
    tuple of (Verb, list of Word)
        The verb, and its words.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest.
    """
    first = words[0].text
    seconds = [verb.name.partition(" ")[2] for verb in VERBS if verb.name.startswith(f"{first} ")]
    if not seconds:
        return find_verb(first), words[1:]
    second = words[1].text if len(words) > 1 else "-h"
    if second in seconds:
        return find_verb(f"{first} {second}"), words[2:]
    if second.startswith("-"):
        return find_verb("help"), [word for word in words if word.text not in {"-h", "--help"}]
    raise UsageError(f"{first} {second} is no verb. {did_you_mean(second, seconds)}")
