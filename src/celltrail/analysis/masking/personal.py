"""Numbers and addresses of people: e-mail, payment cards, bank accounts, phones. Each passes its own check.

Phones are checked by `phonenumbers`, a port of Google's library that follows every change of the numbering plans; it
is loaded when a text first holds something of the form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from celltrail.analysis.masking.spans import Span

# RFC 5321 without quoted local parts and address literals; `%40` and `&#64;` are the sign in a URL and in HTML.
EMAIL = re.compile(
    r"(?<![\w.%+\-@])(?P<local>[\w.%+\-]{1,64}?)(?:@|%40|&#64;|&#x40;)"
    r"(?P<domain>(?:[\w](?:[\w\-]{0,61}[\w])?\.)+(?P<top>[^\W\d_]{2,24}))(?![\w(@\[]|\.\w+\()"
)
# `a@b.shape` in a traceback is a product of matrices, `icon@2x.png` a file, `git@host:repo` an address of code.
_NO_TOPS = frozenset(
    {
        *(
            "all",
            "any",
            "array",
            "astype",
            "columns",
            "data",
            "diagonal",
            "dot",
            "dtype",
            "flat",
            "iloc",
            "imag",
            "index",
        ),
        *("item", "loc", "max", "mean", "min", "ndim", "numpy", "real", "reshape", "shape", "size", "std", "sum"),
        *("toarray", "todense", "tolist", "transpose", "values"),
        *(
            "csv",
            "feather",
            "gif",
            "git",
            "gz",
            "html",
            "ipynb",
            "jpeg",
            "jpg",
            "json",
            "md",
            "npy",
            "npz",
            "parquet",
        ),
        *("pdf", "pickle", "pkl", "png", "py", "svg", "toml", "tsv", "txt", "xlsx", "xml", "yaml", "yml"),
    }
)
_NOBODY = frozenset({"git", "hg", "svn"})
_USER = re.compile(r"://[^\s/@]*$")

CARD = re.compile(
    r"(?<![\w.+\-/])(?<!\d{4} )(?:\d{12,19}|\d{4}([ \-])\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ \-])\d{6}\2\d{4,5})"
    r"(?![\w/]|[.\-:]\d| \d{4}(?!\d))"
)
_ASSIGNED = re.compile(r"(\w+)[\"']?\s*[=:]\s*$")
_CARD_NAME = re.compile(r"(?i)card|pan$|^cc|_cc|credit")
# Issuers' prefixes and lengths, as ISO/IEC 7812 and the issuers publish them.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|095|[689]\d)\d{11,16}"  # Diners Club
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|6(?:011|4[4-9]\d|5\d{2})\d{12}"  # Discover
    r"|62\d{14,17}"  # UnionPay
)

IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![\w])")
# Countries of the register that ISO 13616 names, by the length of their numbers.
_IBAN_LENGTHS = {
    **{15: "NO", 16: "BE", 18: "DK FO FI GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU XK"},
    **{21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL"},
    **{24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM"},
    **{28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 33: "RU"},
}

# Written for the world (E.164, with or without separators), or with the separators of North America.
PHONE = re.compile(
    r"(?<![\w.+(/\-])(?:\+[1-9]\d{0,2}[ \-/]?(?:\(\d{1,4}\)[ \-]?)?\d(?:[ \-/]?\d){5,12}"
    r"|\(\d{3}\) ?\d{3}-\d{4}|[2-9]\d{2}([\-.])[2-9]\d{2}\1\d{4})(?![\w]|[.,]\d|[\-/+*]\d)"
)
_PHONE_NAME = re.compile(r"(?i)phone|mobile|cell|tel|fax|sms|whatsapp|contact")


def emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses."""
    for found in EMAIL.finditer(text):
        domain = found["domain"].split(".")
        while domain[-1].lower() in _NO_TOPS:
            domain.pop()
            if not domain:
                break
        is_user = _USER.search(text, max(0, found.start() - 80), found.start()) is not None  # `https://me@host`
        if len(domain) > 1 and not domain[-1].isdigit() and found["local"].lower() not in _NOBODY and not is_user:
            end = found.start("domain") + len(".".join(domain))
            yield Span(found.start(), end, "email", text[found.start() : end])


def cards(text: str) -> Iterator[Span]:
    """Find payment cards and bank accounts."""
    for found in CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if is_card(digits) and not _is_value(text, found):
            yield Span(found.start(), found.end(), "card", found[0])
    for found in IBAN.finditer(text):
        if is_iban(found[0].replace(" ", "")):
            yield Span(found.start(), found.end(), "iban", found[0])


def phones(text: str) -> Iterator[Span]:
    """Find phone numbers that a numbering plan knows."""
    for found in PHONE.finditer(text):
        named = _ASSIGNED.search(text, max(0, found.start() - 80), found.start())
        is_value = named is not None and _PHONE_NAME.search(named[1]) is None and found[0][1:].isdigit()
        if not is_value and _is_phone(found[0]):
            yield Span(found.start(), found.end(), "phone", found[0])


def is_card(digits: str) -> bool:
    """Say whether digits are the number of a payment card: of an issuer's form, with the right check digit."""
    return _ISSUERS.fullmatch(digits) is not None and luhn(digits) and len(set(digits)) > 1


def luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Say whether a text without blanks is a bank account's number (ISO 13616; check of ISO 7064, mod 97-10)."""
    if text[:2] not in _IBAN_LENGTHS.get(len(text), "").split():
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _is_value(text: str, found: re.Match[str]) -> bool:
    """Say whether digits in one piece are the value of something named otherwise: `random_state=4111111111111111`."""
    if not found[0].isdigit():
        return False
    named = _ASSIGNED.search(text, max(0, found.start() - 80), found.start())
    return named is not None and _CARD_NAME.search(named[1]) is None


def _is_phone(text: str) -> bool:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, None if text.startswith("+") else "US")
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_valid_number(number))
