"""The cells that benches of lineage time, each of a kind: small, heavy, and on a frame of 1 GB."""

from __future__ import annotations

PREPARE = """
import copy
import numpy as np
import pandas as pd
xs = list(range(50))
d = {"a": [1, 2], "b": 3}
df = pd.DataFrame({"a": range(100), "b": 1.0})
a = np.zeros(1000)
def f(x):
    return x + len(xs)
class C:
    def __init__(self):
        self.v, self.n = [1], 0
c = C()
"""
LARGE = "G = pd.DataFrame(np.random.default_rng(0).random((12_500_000, 10)))"
HEAVY = {
    "loop": "t = 0\nfor i in range(4_000_000):\n    t += i",
    "branches in a loop": (
        "t = 0\nfor i in range(3_000_000):\n    if i % 2:\n        t += i\n    else:\n        t -= i"
    ),
    "attributes": "for i in range(3_000_000):\n    c.n = c.n + 1",
    "calls": "for i in range(1_500_000):\n    f(i)",
    "deepcopy": "for i in range(60_000):\n    copy.deepcopy(d)",
    "id()": "for i in range(4_000_000):\n    id(i)",
}
SMALL = ("y = 1", "n = len(xs)", "r = f(2)", "d['b'] = 4", "c.v.append(1)", "m = a.mean()", "s = df['a'].sum()")
OF_LARGE = ("h = G.head()", "v = G[3].mean()", "G[3] = 0.0")
