"""What must not be kept is found; numbers, names and code always pass."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celltrail.analysis.masking.code import find_in_code
from celltrail.analysis.masking.find import Rules, find_in_text
from celltrail.analysis.masking.personal import is_iban, luhn
from celltrail.analysis.masking.spans import Numbering, count_masks, put_masks

RULES = Rules()
CARD = "4111 1111 1111 1111"
KEY = "AKIA" + "ABCDEFGHIJKLMNOP"


def text(told: str, rules: Rules = RULES) -> str:
    return put_masks(told, find_in_text(told, rules), Numbering())


def code(told: str) -> str:
    return put_masks(told, find_in_code(told, RULES), Numbering())


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "ghp_" + "a1" * 18,
        "github_pat_" + "a1" * 20,
        "glpat-" + "a1b2" * 5,
        "hf_" + "a1" * 17,
        "sk-" + "a1" * 20,
        "sk-ant-api03-" + "aB3" * 20,
        "xoxb-" + "1a" * 10,
        "AIza" + "a1B2c" * 7,
        "SG." + "a1" * 11 + "." + "b2" * 20,
        "npm_" + "a1" * 18,
        "dapi" + "0a" * 16,
        "rk_live_" + "a1" * 12,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE…",
    ],
)
def test_a_key_of_a_known_service_is_masked(secret: str) -> None:
    assert "key = '‹masked:key:1›'  # mine" == text(f"key = '{secret}'  # mine") or secret.endswith("…")
    assert secret not in text(f"log {secret}")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("write to ann.b+c@corp.co.uk.", "write to ‹masked:email:1›."),
        ("a@x.org, b@x.org, a@x.org", "‹masked:email:1›, ‹masked:email:2›, ‹masked:email:1›"),
        ("https://api/?email=ann%40corp.com", "https://api/?email=‹masked:email:1›"),
        ("<b>ann&#64;corp.com</b>", "<b>‹masked:email:1›</b>"),
        ("/home/ann@corp.com/x.ipynb", "/home/‹masked:email:1›/x.ipynb"),
        ("ann@corp.com.csv", "‹masked:email:1›.csv"),
        ("line one\\nann@corp.com", "line one\\n‹masked:email:1›"),
        (
            "\x1b[38;5;1m'\x1b[39m\x1b[33mann@corp.com\x1b[39m",
            "\x1b[38;5;1m'\x1b[39m\x1b[33m‹masked:email:1›\x1b[39m",
        ),
        (f"{CARD} 12/29", "‹masked:card:1› 12/29"),
        ("ann,4111111111111111,x", "ann,‹masked:card:1›,x"),
        ("3782-822463-10005", "‹masked:card:1›"),
        ("DE89 3704 0044 0532 0130 00 and GB29NWBK60161331926819", "‹masked:iban:1› and ‹masked:iban:2›"),
        (
            "+49 30 901820 or (212) 456-7890 or +14155552671",
            "‹masked:phone:1› or ‹masked:phone:2› or ‹masked:phone:3›",
        ),
        ("postgresql://me:pa55word@db.corp.com/x", "postgresql://‹masked:password:1›@db.corp.com/x"),
        ("https://a1b2c3d4e5f6a7b8c9@github.com/x", "https://‹masked:key:1›@github.com/x"),
        ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer ‹masked:key:1›"),
        ("Step(token='abc123def456')", "Step(token='‹masked:key:1›')"),
        ("Server=x;UID=sa;PWD=abc12345x;", "Server=x;UID=sa;PWD=‹masked:password:1›;"),
        ('{"db_password": "correct horse", "n": 1}', '{"db_password": "‹masked:password:1›", "n": 1}'),
        ("MY_API_KEY=abcd1234efgh", "MY_API_KEY=‹masked:key:1›"),
        ("token=&#x27;abcd1234efgh&#x27;", "token=&#x27;‹masked:key:1›&#x27;"),
    ],
)
def test_only_what_must_not_be_kept_is_masked(told: str, kept: str) -> None:
    assert kept == text(told)
    assert kept == text(kept)


@pytest.mark.parametrize(
    "told",
    [
        "0.1234567890",
        "0.4111111111111111",
        "1.4111111111111111e-05",
        "seed=4111111111111111",
        "RandomForestClassifier(random_state=4111111111111111)",
        "4111111111111112",  # no check digit
        "1111111111111111",  # no issuer
        "1700000000000000000",
        "2024-01-15 12:00:00.123456789",
        "[[1024 2048 4096 8192]\n [1111 2222 3333 4444]]",
        "550e8400-e29b-41d4-a716-446655440000",
        "accuracy +12345 -3.5e+10 +1.2345678901",
        "clf = RF(max_depth=8)",
        "----> 1 X@beta.values + A@w.mean()",
        "icon@2x.png",
        "numpy@1.26.0 user@host",
        "git clone git@github.com:a/b.git",
        "https://me@host.example.com/x",
        "task-force sk-learn risk_live_x",
        "getpass('Password: ')",
        "password: str, token: the, secret: None",
        "CountVectorizer(token_pattern='(?u)\\\\b\\\\w\\\\w+\\\\b')",
        "pad_token='[PAD]' eos_token='<|endoftext|>'",
        "api_key=os.environ['MY_KEY']",
        "sort_key='name1234'",
        "commit 088c5bf3d6a1e8b2c4f5a6b7c8d9e0f1a2b3c4d5",
        "AB12CDEF34567890",
        "",
    ],
)
def test_numbers_names_and_prose_pass_unchanged(told: str) -> None:
    assert told == text(told)


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        (f"card = '{CARD}'  # ann@x.org", "card = '‹masked:card:1›'  # ‹masked:email:1›"),
        ("password = 'hunter2'", "password = '‹masked:password:1›'"),
        ("os.environ['OPENAI_API_KEY'] = \"abc-123-def\"", "os.environ['OPENAI_API_KEY'] = \"‹masked:key:1›\""),
        ("x = 'lit1234567'\nStep(token=x)", "x = '‹masked:key:1›'\nStep(token=x)"),
        ("f'{login(token=\"qwe12345rt\")}@x'", "f'{login(token=\"‹masked:key:1›\")}@x'"),
        ("f'postgres://{user}:{password}@host/{db}'", "f'postgres://{user}:{password}@host/{db}'"),
        ("%env TOKEN=abcd1234efgh\nprint('x", "%env TOKEN=‹masked:key:1›\nprint('x"),
        ("!curl -u ann@x.org", "!curl -u ‹masked:email:1›"),
        ("%%bash\necho 4111111111111111", "%%bash\necho ‹masked:card:1›"),
        ("%%time\nx = 4111111111111111", "%%time\nx = 4111111111111111"),
        ("log_param('api_token', 'abcd1234zz')", "log_param('api_token', '‹masked:key:1›')"),
        ("x = {'password': 'abc', 'token': tok}", "x = {'password': '‹masked:password:1›', 'token': tok}"),
        ("'''mail\nann@x.org\n'''", "'''mail\n‹masked:email:1›\n'''"),
        ("b'ann@x.org'", "b'<masked:email:1>'"),
        ("'a\\nann@x.org'", "'a\\n‹masked:email:1›'"),
        ("if x\n  s = 'ann@x.org", "if x\n  s = '‹masked:email:1›"),
    ],
)
def test_in_code_literals_and_comments_are_masked(source: str, kept: str) -> None:
    assert kept == code(source)
    assert kept == code(kept)


@pytest.mark.parametrize(
    "source",
    [
        "seed = 4111111111111111\nx = 0.1234567890",
        "phone = +4930901820",
        "y = X@w.T + a@b.org",
        "@decorator\ndef password(token: str = None): ...",
        "value = (a\n    % 4111111111111111)",
        "parser.add_argument('--password', '-p', help='the password')",
        "tokenizer('x', pad_token='[PAD]', key='test_score1')",
    ],
)
def test_numbers_and_names_in_code_are_never_masked(source: str) -> None:
    assert source == code(source)


def test_masked_code_still_parses() -> None:
    source = f"a = b'{KEY}'\nb = rf'{{a}} ann@x.org'\nc = '\\tann@x.org'\npassword = r'x\\y'\n"

    assert 4 == sum(count_masks(code(source)).values())
    ast.parse(code(source))


def test_a_part_that_is_off_masks_nothing() -> None:
    told = f"{KEY} ann@x.org {CARD} +49 30 901820"

    assert told == text(told, Rules(frozenset()))
    assert f"{KEY} ‹masked:email:1› {CARD} +49 30 901820" == text(told, Rules(frozenset({"emails"})))


def test_checks_know_right_from_wrong() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398710")
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB83WEST12345698765432")


@given(st.floats(allow_nan=False), st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_no_float_and_no_value_by_name_is_ever_masked(number: float, seed: int) -> None:
    told = f"loss {number!r} {number:.12f} seed={seed} random_state={seed}"

    assert told == text(told)


@given(st.text(max_size=200))
def test_masking_any_text_twice_changes_nothing_more(told: str) -> None:
    assert text(text(told)) == text(told)
    assert code(code(told)) == code(told)


@given(
    st.lists(
        st.sampled_from(["'", '"', "#", "\n", "\\", "f'{", "}'", "%", " ann@x.org ", "'''", "x = ", " "]), max_size=30
    )
)
def test_masking_broken_code_keeps_all_that_is_no_secret(parts: list[Any]) -> None:
    source = "".join(parts)

    assert source.replace("ann@x.org", "") == code(source).replace("ann@x.org", "").replace("‹masked:email:1›", "")
