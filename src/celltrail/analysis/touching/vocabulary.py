"""Words that tell what a call does, where the source alone can't: of Python, IPython and the libraries."""

from __future__ import annotations

import builtins


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


BUILTINS = frozenset(dir(builtins))
# What can name any variable without writing its name.
DYNAMIC = words("eval exec globals locals vars __import__ __main__ dir get_ipython")
# What may end an exception in silence: what follows then runs although the body did not end.
SWALLOWS = ("suppress", "raises", "ignore", "swallow")
# Magics of IPython and ours that read and bind no variables by themselves, or do so visibly.
PLAIN_MAGICS = words(
    """
    ! alias alias_magic autoawait autocall automagic autosave bookmark cd clear colors conda config debug dhist
    dirs doctest_mode env gui hist history killbgscripts ldir less lf lk ll load_ext loadpy ls lsmagic lx man
    magic matplotlib mkdir more mv notebook page pdb pip popd pprint precision profile pushd pwd pycat pylab
    quickref reload_ext rm rmdir set_env unload_ext uv who who_ls whos xmode cat cp autoreload aimport logstart
    logstop logon logoff logstate bash sh script writefile file html HTML javascript js latex markdown svg SVG
    perl ruby system sx cmd time timeit prun capture reset reset_selective xdel connect_info qtconsole subshell
    track trail runs compare restore recipe lineage replay why promote watermark load_dotenv dotenv tb
    """
)
# Decorators that don't call what they are given, nor keep anything outside it.
QUIET = words(
    """
    property staticmethod classmethod lru_cache cache wraps dataclass contextmanager asynccontextmanager njit
    jit cached_property abstractmethod singledispatch total_ordering overload final vectorize no_type_check
    """
)
# Context managers known to let errors through; any other may swallow them.
PASSES_ERRORS = words(
    """
    open errstate catch_warnings option_context context no_grad inference_mode connect ZipFile
    TemporaryDirectory NamedTemporaryFile TemporaryFile closing redirect_stdout redirect_stderr Pool
    ThreadPoolExecutor Path ProcessPoolExecutor Session Lock RLock ExcelWriter HDFStore config_context
    parallel_backend parallel_config File rc_context localcontext StringIO BytesIO chdir nullcontext
    printoptions set_grad_enabled autocast urlopen style_context Timer tqdm
    """
)
# Functions whose text names variables: `df.query("a > @limit")`, `duckdb.sql("select * from df")`, formulas.
READS_TEXT = words(
    """
    query eval sql execute executemany ols glm logit gls mixedlm from_formula dmatrix dmatrices pipe
    ExpressionText poisson probit wls quantreg gee rlm phreg negativebinomial evaluate
    """
)
# Methods of Python's containers that change what they belong to.
CHANGING_METHODS = words(
    "append extend insert add update remove discard pop clear sort reverse setdefault appendleft"
)
