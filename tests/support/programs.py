"""Random programs of cells: they bind, change through other names, call, draw, read and write files, fail, run again.

Names tell their kind (`n1` a number, `xs1` a list of numbers, …), so that most of what is made runs; what does not is
a cell that fails, which is wanted too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from IPython import version_info

Cell = tuple[str, str]
# Before, `%%time` shows what its cell raises and the cell counts as done: that it failed half way is known to nobody.
TIME_FAILS = version_info >= (9, 5)

KINDS = {"n": 4, "xs": 3, "d": 2, "f": 3, "o": 2, "m": 2, "it": 1, "nest": 1, "s": 2}
# One line each; {n} and its like are names of that kind, {k} is a small number, {v} a letter.
LINES = """
{n} = {k}
{n} = {n} + {k}
{n} = {n} * 2 + {n}
{n} += {k}
{n} += {n}
{n} = len({xs})
{n} = sum({xs})
{n} = sum({xs}[:2]) - {k}
{n} = {f}({n})
{n} = {f}({k})
{f}({k})
{n} = {d}.get("{v}", {k})
{n} = {d}["{v}"]
{n} = {o}.total
{n} = {o}.step({n})
{o}.step({k})
{n} = max({n}, {n}) if {n} % 2 else {k}
{n} = next({it})
{n} = {n} // ({n} - {n})
{n} = int({m}.sum())
{n} = int({m}[0] * 10)
{n} = len({s})
{n} = eval("{n} + {k}")
{n}, {n} = {n}, {n}
{n} = (lambda v: v + {n})({k})
{n} = [v for v in {xs}][-1]
{n} = {nest}[0][0]
{xs} = [{k}, {n}]
{xs} = [{k}, {k}, {k}]
{xs} = {xs}
{xs} = list({xs})
{xs} = {xs}[1:]
{xs} = sorted({xs})
{xs} = [v + {n} for v in {xs}]
{xs} = list(map({f}, {xs}[:3]))
{xs} = [{f}(v) for v in {xs}[:3]]
{xs} = list({it})
{xs} = {nest}[0]
{xs} = {d}.get("l", {xs})
{xs} = {o}.items
{xs} = [{n} := v for v in {xs}]
{xs}, {xs} = {xs}, {xs}
{xs}.append({n})
{xs}.append({k})
{xs}.extend({xs}[:3])
{xs} += [{k}]
{xs}[0] = {n}
{xs}.sort()
{xs}.reverse()
{xs}.pop()
{xs}.insert(0, {n})
del {xs}[0]
{xs}.clear()
[{xs}.append(v) for v in {xs}[:2]]
print({xs}.append({k}))
{nest} = [{xs}, {xs}]
{nest}[0].append({k})
{nest}[-1] = {xs}
{nest}.append({xs})
{d} = dict([("{v}", {n})])
{d} = {d}
{d} = dict({d})
{d} = collections.defaultdict(list)
{d}["{v}"] = {n}
{d}["l"] = {xs}
{d}["l"].append({k})
{d}["{v}"]
{d}.update({v}={k})
{d}.setdefault("{v}", {n})
del {d}["{v}"]
{d}.pop("{v}", None)
{s} = "a" * {k}
{s} = {s} + str({n})
{s} = "%s and %s" % ({n}, {s})
{s} = open("{file}.txt").read()
{n} = len(open("{file}.txt").read())
open("{file}.txt", "w").write({s})
pathlib.Path("{file}.txt").write_text(str({n}))
open("{file}.txt", "a").write("{v}")
{s} = pathlib.Path("{file}.txt").read_text()
{n} = os.path.exists("{file}.txt") + 0
{xs} = json.load(open("{file}.json"))
json.dump({xs}, open("{file}.json", "w"))
os.replace("p.txt", "q.txt")
os.replace("q.txt", "r.txt")
os.rename("r.txt", "p.txt")
os.replace("q.txt", "q.txt")
{n} = random.randint(0, 99)
{xs} = [random.randint(0, 9) for _ in range(3)]
random.shuffle({xs})
random.seed({k})
{n} = int(random.random() * 100)
{m} = np.random.rand(3)
np.random.seed({k})
{n} = int(np.random.randint(0, 99))
rng = np.random.default_rng({k})
{m} = rng.random(3)
rng.shuffle({m})
{m} = np.arange({k} + 2)
{m} = {m}
{m} = {m}[1:]
{m} = {m}.copy()
{m} = {m} + {n}
{m}[0] = {k}
{m} += 1
{m}[:2] *= 2
{m}.sort()
np.add({m}, 1, out={m})
{it} = iter({xs}[:4])
{it} = (v + {n} for v in {xs}[:4])
{it} = (v for v in range({k}))
{f} = lambda v: v + {n}
{f} = lambda v: len({xs}) + v
{f} = {f}
{f} = functools.partial(max, {n})
{f} = {o}.step
{f} = make({n})
{o} = Thing()
{o} = {o}
{o} = copy.copy({o})
{o}.total = {n}
{o}.items.append({k})
{o}.items = {xs}
Thing.base = {n}
Thing.step = lambda self, v: v + {k}
Thing.shared.append({k})
{n} = {o}.base
{n} = len({o}.shared)
{n} = len(Thing.shared)
exec("{n} = {k}")
globals()["{n}"] = {k}
del {n}
del {xs}
del {f}
{n}
{xs}
print({n}, {xs})
# about {n}
import math; {n} = math.floor({n} / 2)
from math import floor as {f}
%time {n} = {n} + {k}
assert {n} % 3
"""
BLOCKS = '''
def {f}(v):
    return v + {n}
---
def {f}(v):
    # {f} keeps what it is given
    {xs}.append(v)
    return len({xs})
---
def {f}(v):
    global {n}
    {n} = {n} + v
    return {n}
---
def {f}(v, kept={xs}):
    kept.append(v)
    return sum(kept)
---
def {f}(v, add={n}):
    """Add what was there
  when it was made.
    """
    return v + add
---
def {f}(v):
    return {f}(v) + 1 if v < 3 else v
---
def {f}(v):
    return {o}.step(v)
---
def {f}(v):
    {d}["{v}"] = v
    return v
---
@functools.lru_cache(maxsize=None)
def {f}(v):
    return v + {n}
---
def {f}(v):
    with open("{file}.txt", "a") as out:
        out.write(str(v))
    return v
---
def {f}(v):
    return v + random.randint(0, 9)
---
def make(size):
    box = [size]
    def inner(v):
        box.append(v)
        return sum(box)
    return inner
---
class Thing:
    shared = []
    base = {k}
    def __init__(self):
        self.items = [{n}]
        self.total = {k}
    def step(self, v):
        self.total += v
        self.items.append(v)
        return self.total
---
class Thing:
    shared = {xs}
    base = {n}
    def __init__(self):
        self.items = {xs}
        self.total = {n}
    def step(self, v):
        Thing.shared.append(v)
        return len(self.shared) + {n}
---
if {n} % 2:
    {n} = {k}
else:
    {xs}.append({n})
---
if {n} > {k}:
    {xs} = {xs} + [{n}]
---
for v in {xs}[:5]:
    {n} = {n} + v
---
for i in range(3):
    {xs}.append(i)
    {n} += i
---
for turn in range(4):
    if {n} > 5:
        break
    {n} += 3
---
try:
    {n} = {n} // ({n} % 3)
except ZeroDivisionError:
    {n} = {k}
---
try:
    {xs}.append({k})
    {n} = {d}["{v}"]
except KeyError as error:
    {s} = str(error)
finally:
    {xs}.append({n})
---
with open("{file}.txt") as lines:
    {s} = lines.read()
---
with open("{file}.json", "w") as out:
    json.dump({xs}, out)
---
{xs}.append({k})
{n} = len({xs})
{xs}.pop()
---
{d}["tmp"] = {k}
{n} = len({d})
del {d}["tmp"]
---
{xs}.append({k})
{n} = {n} // 0
{xs}.append({n})
---
{n} = {k}
raise ValueError("{v}")
---
class Odd(Exception):
    pass
{xs}.append({k})
raise Odd
---
{xs} = (
    [{k}, {n}]
    # and what was there
    + {xs}
)
'''
HEAD = (
    "import collections, copy, functools, json, os, pathlib, random\nimport numpy as np",
    "random.seed(1)\nnp.random.seed(1)\nrng = np.random.default_rng(1)",
    "n1, n2, n3, n4 = 1, 2, 3, 4\nxs1 = [1, 2]\nxs2 = [5, 3]\nxs3 = [7]",
    "d1 = {'a': 1, 'l': xs1}\nd2 = {'b': 2, 'l': []}\ns1 = 'x'\ns2 = 'yy'\nnest1 = [[1], [2]]",
    "def f1(v):\n    return v + n1\ndef f2(v):\n    xs2.append(v)\n    return len(xs2)\nf3 = lambda v: v * 2",
    "class Thing:\n    shared = []\n    base = 1\n    def __init__(self):\n        self.items = []\n"
    "        self.total = 0\n    def step(self, v):\n        self.total += v\n"
    "        self.items.append(v)\n        return self.total\n"
    "o1 = Thing()\no2 = Thing()",
    "m1 = np.arange(4)\nm2 = np.ones(3)\nit1 = iter([4, 5, 6, 7])\ndef make(k):\n    return lambda v: v + k",
    "for one in 'pq':\n    open(one + '.txt', 'w').write(one * 3)\n    open(one + '.json', 'w').write('[1, 2]')",
)
_LINES = [line for line in LINES.split("\n") if line]
_BLOCKS = [block.strip("\n") for block in BLOCKS.split("\n---\n")]
TARGETS = ("n", "xs", "d", "o", "m", "nest", "s")


@dataclass(frozen=True)
class Program:
    """Cells in the order in which they run, and the names whose recipes are tried."""

    seed: int
    cells: tuple[Cell, ...]
    targets: tuple[str, ...]


def make_program(seed: int, *, without: tuple[str, ...] = ()) -> Program:
    """Return the program of a seed, the same each time; `without` leaves lines out that hold one of these texts."""
    draw = random.Random(seed)
    lines = [line for line in _LINES if not any(text in line for text in without)]
    blocks = [block for block in _BLOCKS if not any(text in block for text in without)]
    cells: list[Cell] = [(f"h{place}", source) for place, source in enumerate(HEAD)]
    known: list[Cell] = []
    for place in range(draw.randint(4, 14)):
        if known and draw.random() < 0.2:
            cell_id, source = draw.choice(known)
            if draw.random() < 0.5:
                kept = source.split("\n")
                source = "\n".join([*kept, _fill(draw, draw.choice(lines))])
        else:
            cell_id, source = f"c{place}", _cell(draw, lines, blocks)
        known.append((cell_id, source))
        cells.append((cell_id, source))
    targets = {f"{kind}{draw.randint(1, KINDS[kind])}" for kind in draw.sample(TARGETS, 3)}
    return Program(seed, tuple(cells), tuple(sorted(targets)))


def _cell(draw: random.Random, lines: list[str], blocks: list[str]) -> str:
    parts = []
    for _ in range(draw.choice((1, 1, 2, 2, 3, 4))):
        parts.append(_fill(draw, draw.choice(blocks if draw.random() < 0.25 else lines)))
    source = "\n".join(parts)
    if draw.random() < 0.05 and TIME_FAILS:
        source = f"%%time\n{source}"
    return source if draw.random() > 0.15 else f"# a remark\n\n{source}\n"


def _fill(draw: random.Random, text: str) -> str:
    """Put names into the places of a line; the same place twice may be another name."""
    made = []
    for place, part in enumerate(text.split("{")):
        if place == 0:
            made.append(part)
            continue
        kind, _, rest = part.partition("}")
        if kind == "k":
            name = str(draw.randint(0, 6))
        elif kind == "v":
            name = draw.choice("abc")
        elif kind == "file":
            name = draw.choice("pq")
        else:
            name = f"{kind}{draw.randint(1, KINDS[kind])}"
        made.append(name + rest)
    return "".join(made)
