"""Keys and passwords: by the form that a service gave them, or by the name that stands before them."""

from __future__ import annotations

import re

# Each service documents the form of its keys, so that scanners can find them.
_FORMS = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}",  # Amazon
    r"gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{22,}",
    r"gl(?:pat|dt|ptt|rt|soat|cbt|ft)-[0-9A-Za-z_\-]{20,}",  # GitLab
    r"xox[abeoprs]-[0-9A-Za-z\-]{10,}|xapp-\d-[0-9A-Za-z\-]{20,}",  # Slack
    r"AIza[0-9A-Za-z_\-]{35}|ya29\.[0-9A-Za-z_\-]{20,}",  # Google
    r"hf_[0-9A-Za-z]{30,}",  # Hugging Face
    r"sk-(?:proj-|svcacct-|ant-|or-)?[0-9A-Za-z_\-]{32,}",  # OpenAI, Anthropic, OpenRouter
    r"(?:gsk|xai|pplx|r8|nvapi|tgp_v1)[_-][0-9A-Za-z_\-]{30,}",  # Groq, xAI, Perplexity, Replicate, NVIDIA, Together
    r"[rs]k_(?:live|test)_[0-9A-Za-z]{20,}|whsec_[0-9A-Za-z+/=]{24,}",  # Stripe
    r"pypi-AgE[0-9A-Za-z_\-]{50,}",
    r"npm_[0-9A-Za-z]{36}",
    r"SG\.[0-9A-Za-z_\-]{16,}\.[0-9A-Za-z_\-]{16,}",  # SendGrid
    r"do[oprt]_v1_[0-9a-f]{64}",  # DigitalOcean
    r"dapi[0-9a-f]{32}(?:-\d)?",  # Databricks
    r"hv[bsr]\.[0-9A-Za-z_\-]{24,}",  # Vault
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",  # Shopify
    r"glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}",  # Grafana
    r"ATATT3[0-9A-Za-z_\-=]{100,}",  # Atlassian
    r"lin_api_[0-9A-Za-z]{40}|ntn_[0-9A-Za-z]{40,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}",  # Linear, Notion, Postman
    r"\d{8,10}:AA[0-9A-Za-z_\-]{33}",  # Telegram
    r"eyJ[0-9A-Za-z_\-]{10,}\.eyJ[0-9A-Za-z_\-]{10,}\.[0-9A-Za-z_\-]{10,}",  # a JSON web token (RFC 7519)
    r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
)
FORMS = re.compile(rf"(?<![0-9A-Za-z_])(?:{'|'.join(_FORMS)})(?![0-9A-Za-z])")
# RFC 7468; a key that was cut off is one all the same.
PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
# One of these stands in every key above: most texts are done after these quick looks.
SIGNS = (
    *("AKIA", "ASIA", "ABIA", "ACCA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "xox", "xapp-", "AIza"),
    *("ya29.", "hf_", "sk-", "gsk_", "xai-", "pplx-", "r8_", "nvapi-", "tgp_v1_", "k_live_", "k_test_", "whsec_"),
    *("pypi-AgE", "npm_", "SG.", "_v1_", "dapi", "hvb.", "hvs.", "hvr.", "shp", "glsa_", "ATATT3", "lin_api_"),
    *("ntn_", "PMAK-", ":AA", "eyJ", "AGE-SECRET-KEY-", "PRIVATE KEY", "glpat-", "gldt-", "glptt-", "glrt-"),
    *("glsoat-", "glcbt-", "glft-"),
)
SHORTEST_FORM = 14

# Passwords in URLs (RFC 3986, userinfo); a user alone is none unless it looks like a key.
URL_PASSWORD = re.compile(r"(?<=://)(?P<user>[^\s/:@'\"{}<>‹›\x00]*):(?P<password>[^\s/@'\"{}<>‹›\x00]+)(?=@)")
URL_KEY = re.compile(r"(?<=://)([^\s/:@'\"{}<>‹›\x00]{16,})(?=@)")
URL_QUERY = re.compile(
    r"(?i)[?&;](?:key|sig|signature|code|auth|x-amz-(?:signature|credential))=([^&\s\"'<>#\x00]{8,})"
)
HEADER = re.compile(r"(?i)\b(?:bearer|basic)\s+([0-9A-Za-z+/._~\-]{16,}=*)")

# Names after which a password or a key stands.
_PASSWORD_NAMES = r"passw(?:or)?d|passwd|pwd|passphrase"
_KEY_NAMES = (
    r"secret|(?<!publickey)token|credentials?|api[_-]?keys?|access[_-]?keys?|secret[_-]?keys?|"
    r"private[_-]?keys?|auth[_-]?keys?|account[_-]?keys?|sharedaccesskey|encryption[_-]?keys?|signing[_-]?keys?|"
    r"client[_-]?secret|access[_-]?key[_-]?id|security[_-]?token|authorization"
)
_ENVIRONMENT_NAMES = r"[A-Z0-9]+(?:_[A-Z0-9]+)*_(?:KEY|PASS|CREDENTIALS?|PAT|DSN)"
PASSWORD_NAME = re.compile(rf"(?i)(?:^|[_.\W]|(?<=[a-z0-9]))(?:{_PASSWORD_NAMES})\d?$")
KEY_NAME = re.compile(rf"(?:(?i:(?:^|[_.\W]|(?<=[a-z0-9]))(?:{_KEY_NAMES})\d?)|(?:^|\W){_ENVIRONMENT_NAMES})$")
# Quick looks for the names above, in lower case.
NAME_SIGNS = (
    *("passw", "passphrase", "pwd", "secret", "token", "credential", "_key", "-key", "apikey", "accesskey"),
    *("accountkey", "privatekey", "secretkey", "authkey", "authorization", "bearer", "basic ", "_pass"),
    *("_pat", "_dsn"),
)

ASSIGNED = re.compile(
    r"(?<![\w.\-])(?P<name>[A-Za-z_][\w.\-]{1,60})(?:&quot;|&#x27;|&#39;|\\?[\"'\]])*\s*(?:=(?!=)|:(?![:/]))\s*"
    r"(?P<quote>&quot;|&#x27;|&#39;|\\?[\"'])?"
    r"(?P<value>(?(quote)(?=[^)\],;])(?:(?!(?P=quote))[^\n]){1,500}|[^\s\"',;)}\]&<>(\[{|\x00]+))"
)
_PLACEHOLDER = re.compile(
    r"(?i)^[<\[{(‹$%*.…]|^(?:x+|\*+|•+|\.+|-+)$|your|example\.|changeme|placeholder|redacted|dummy|^(?:none|null|true|"
    r"false|str|string|bytes|int|optional|any|required|default|auto|hidden|prompt|self|cls|env|env:.*)$"
)
IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def names_secrets(text: str) -> bool:
    """Say whether any name in a text may be that of a secret."""
    lower = text.lower()
    return any(sign in lower for sign in NAME_SIGNS)


def is_password_name(name: str) -> bool:
    """Say whether what stands after such a name is a password."""
    return PASSWORD_NAME.search(name) is not None


def is_secret_name(name: str) -> bool:
    """Say whether what stands after such a name is a secret: `db_password`, `client__api_key`, `X_TOKEN`."""
    return is_password_name(name) or KEY_NAME.search(name) is not None


def is_secret_variable(name: str) -> bool:
    """Say whether an environment variable holds a secret: `*_KEY`, `*_TOKEN`, `*_SECRET*`, `*_PASSWORD*` and such."""
    parts = name.upper().split("_")
    if parts[-1] in _LAST_WORDS or parts[-2:] == ["KEY", "ID"]:
        return True
    return any(part.startswith(("SECRET", "PASSW")) or part in ("TOKEN", "PASSPHRASE", "PWD") for part in parts)


_LAST_WORDS = frozenset({"KEY", "APIKEY", "PASS", "PAT", "CREDENTIAL", "CREDENTIALS"})


def is_secret_text(value: str) -> bool:
    """Say whether what stands after the name of a key may be one: no word, no number, no path, no place to fill in.

    Parameters
    ----------
    value : str
        The text alone, without quotation marks.

    Returns
    -------
    bool
        True from 8 characters, where letters are mixed with digits: a rule of thumb that keys keep and words don't.
    """
    if len(value) < 8 or not _may_be_secret(value):
        return False
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and not _NUMBER.fullmatch(value)


def is_secret_value(value: str) -> bool:
    """Say whether the value of a secret variable may be masked wherever it stands, without hitting common words."""
    if len(value) < 6 or not _may_be_secret(value) or _NUMBER.fullmatch(value):
        return False
    kinds = [str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum()]
    mixed = sum(any(map(kind, value)) for kind in kinds)
    return mixed >= 2 or len(value) >= 16


def _may_be_secret(value: str) -> bool:
    if any(mark in value for mark in " \t\n") or is_placeholder(value):
        return False
    return value[0] not in "/~\\" and "://" not in value and re.match(r"[A-Za-z]:\\", value) is None


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[jJLlfF]?|0x[0-9a-fA-F]+")


def is_placeholder(value: str) -> bool:
    """Say whether a text only says where a secret would stand."""
    return _PLACEHOLDER.search(value) is not None
