"""What `help privacy` says, and what a person is told of masked values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celltrail.analysis.masking.spans import count_masks

if TYPE_CHECKING:
    from celltrail.domain.run import Run

PRIVACY = """What is masked before anything is stored, and how to change it

  keys     keys and tokens of known services, private keys, passwords in URLs, what stands after a name such as
           password, api_key or token, and the values of environment variables such as *_KEY, *_TOKEN, *_SECRET*,
           *_PASSWORD*, wherever they appear
  emails   e-mail addresses
  cards    payment cards and bank accounts whose check digits agree
  phones   phone numbers that a country's numbering plan knows

  In the source of a cell only string literals and comments are masked, never numbers or names. A mask such as
  ‹masked:email:1› is numbered within its text; two values that are masked can't be told apart later, so a run
  whose masked value alone changed counts as unchanged. The values are nowhere in the trail, nor is a digest of them.
  What is recognised only later (a password without a name) stays in what was stored before: %trail forget RUN.

  A model whose pickle holds a masked key is not kept: celltrail.keep(model) keeps it all the same.
  Tables shown as outputs are kept as header, types and shape; of columns with personal data, profiles keep counts.
  Of environment variables only those that change results are kept, by name.

  In celltrail.toml, or under [tool.celltrail] in pyproject.toml:

  outputs = "full"                          tables with their rows
  [privacy]
  mask = ["keys", "emails", "cards", "phones"]   what is masked; [] for nothing
  environment = ["OMP_*", "CUDA_VISIBLE_DEVICES"]   variables that are kept; [] for none
  personal = ["customer", "name*"]          columns of which a profile keeps counts alone
  author = "pseudonym"                      how you are named with each run: name, email, pseudonym"""


def masked_in(run: Run) -> str:
    """Say what is masked in the source of a run, and what to do before it is run again; "" where nothing is.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    str
        One sentence.
    """
    counts = (run.content.field("masked") or {}).get("source", {})
    return sentence(counts, "it") if counts else ""


def masked_in_texts(texts: list[str]) -> str:
    """Say what is masked in the cells of a notebook; "" where nothing is."""
    counts: dict[str, int] = {}
    for text in texts:
        for kind, count in count_masks(text).items():
            counts[kind] = counts.get(kind, 0) + count
    return sentence(counts, "its cells") if counts else ""


def sentence(counts: dict[str, int], where: str) -> str:
    """Say how many values are masked, which kinds, and what to do."""
    from celltrail.capture.door import in_words

    total = sum(counts.values())
    one = total == 1
    return (
        f"{total} value{'' if one else 's'} in {where} {'is' if one else 'are'} masked ({in_words(counts)}): "
        f"put your own where ‹masked:…› stands before you run it."
    )
