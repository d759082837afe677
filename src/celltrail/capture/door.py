"""The one door for text: whatever is kept goes through `mask` before its digest is taken.

Only formats that nothing else has are masked: access keys of known services, private keys, signed tokens, passwords
inside URLs. Numbers and names are never touched, so that code still runs and figures stay what they are.
"""

from __future__ import annotations

import re

# Each service documents the prefix of its keys, so that scanners can find them.
_SECRETS = {
    "aws-key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "github-token": r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{22,})",
    "gitlab-token": r"\bglpat-[0-9A-Za-z_\-]{20,}",
    "slack-token": r"\bxox[abeprs]-[0-9A-Za-z\-]{10,}",
    "google-key": r"\bAIza[0-9A-Za-z_\-]{35}",
    "huggingface-token": r"\bhf_[0-9A-Za-z]{30,}",
    "openai-key": r"\bsk-(?:proj-|svcacct-|ant-)?[0-9A-Za-z_\-]{32,}",
    "stripe-key": r"\b[rs]k_live_[0-9A-Za-z]{20,}",
    "pypi-token": r"\bpypi-AgEIcHlwaS5vcmc[0-9A-Za-z_\-]{30,}",
    "signed-token": r"\beyJ[0-9A-Za-z_\-]{10,}\.eyJ[0-9A-Za-z_\-]{10,}\.[0-9A-Za-z_\-]{10,}",
    "private-key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
    "password": r"(?<=://)[^\s/:@'\"{}]+:[^\s/@'\"{}]+(?=@)",
}
_ANY = re.compile("|".join(f"(?P<{name.replace('-', '_')}>{form})" for name, form in _SECRETS.items()), re.DOTALL)

# One of these stands in every secret above: most texts are done after these quick looks.
_SIGNS = (
    "AKIA",
    "ASIA",
    "gh",
    "glpat-",
    "xox",
    "AIza",
    "hf_",
    "sk-",
    "k_live_",
    "pypi-",
    "eyJ",
    "PRIVATE KEY",
    "://",
)


def mask(text: str) -> str:
    """Return the text with every known secret replaced by what kind of secret it was.

    Parameters
    ----------
    text : str
        Source, output, note, diff, path: anything that is about to be kept.

    Returns
    -------
    str
        The same text where nothing was found. Masking twice changes nothing more.
    """
    if not any(sign in text for sign in _SIGNS):
        return text
    return _ANY.sub(lambda found: f"‹masked:{(found.lastgroup or '').replace('_', '-')}›", text)
