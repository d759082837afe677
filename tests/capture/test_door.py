"""Nothing that must not be kept passes the door, wherever in a record it stands; the rest passes as it is."""

from __future__ import annotations

import copy
import dataclasses
import json
import typing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.stored import Workshop, a_full_cell, content

from celltrail.capture.door import Door
from celltrail.capture.door_blobs import HOLDS_SECRET
from celltrail.capture.door_record import PASSES, mask_cell, mask_record
from celltrail.domain import record as records
from celltrail.domain.ids import ArtifactId, Digest
from celltrail.domain.record import ArtifactRecord, CellRecord, FileRecord, Keeping
from celltrail.store.blobs import digest_of
from celltrail.store.spool import cell_to_json
from celltrail.store.trail import Trail

MAIL = "ann@corp.com"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY1"

# Fields with text that is none of a person's: digests, ids, names of classes; and the actor, whom the settings name.
EXEMPT = {
    "SessionRecord": {"id", "author", "host", "boot_id", "lock_name", "client"},
    "ExecutionRecord": {"id", "session_id", "parent_id"},
    "DatasetRecord": {"role", "kind", "sampled_digest", "digest"},
    "FileRecord": {"mode", "digest"},
    "FileTouch": {"digest"},
    "ArtifactRecord": {"id", "kind", "media_type", "digest", "fit_id", "flavor", "signature"},
    "SeriesRecord": {"fit_id"},
    "MetricRecord": {"run_id", "fit_id", "target_digest"},
    "FitRecord": {"id", "estimator", "module", "kind", "method"},
    "ScoredTable": {"run_id"},
    "GitState": {"commit", "diff_digest"},
    "EnvironmentRecord": {"python", "implementation", "platform", "machine"},
    "SnapshotRecord": {"completeness"},
    "ExperimentIdentity": {"estimator"},
    "RunRecord": {"id", "execution_id", "author", "kind", "machine", "masked"},
    "MachineUse": set(),
    "CellRecord": {"session", "execution", "run", "metrics", "tables", "blobs"},  # mask_cell's own
    "SavedRun": {"id", "experiment", "repeat_of", "said", "summary"},  # comes out of the store
}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return Door()


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def test_every_field_with_text_passes_the_door_or_is_exempt_by_name() -> None:
    undecided = []
    for kind in vars(records).values():
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            hints = typing.get_type_hints(kind)
            decided = {*PASSES.get(kind, {}), *EXEMPT.get(kind.__name__, ())}
            undecided += [
                f"{kind.__name__}.{name}" for name in hints if _holds_text(hints[name]) and name not in decided
            ]

    assert [] == undecided


def _holds_text(hint: Any) -> bool:
    if hint is Any or hint is str or isinstance(hint, typing.NewType) or dataclasses.is_dataclass(hint):
        return True
    if typing.get_origin(hint) is typing.Literal:
        return False
    return any(_holds_text(part) for part in typing.get_args(hint))


def every_text(value: Any, put: Any) -> Any:
    """Put something into every text of a record that is not exempt."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        exempt = EXEMPT[type(value).__name__] if not isinstance(value, CellRecord) else {"session", "blobs"}
        for field in dataclasses.fields(value):
            if field.name not in exempt:
                setattr(value, field.name, every_text(getattr(value, field.name), put))
        return value
    if type(value) is str:
        return put(value)
    if isinstance(value, list):
        return [every_text(item, put) for item in value]
    if isinstance(value, dict):
        return {put(key): every_text(item, put) for key, item in value.items()}
    return value


@pytest.mark.parametrize("secret", [MAIL, SECRET, "4111 1111 1111 1111", "ghp_" + "a1" * 18])
def test_a_secret_in_every_text_of_a_record_never_reaches_the_store(door: Door, shop: Workshop, secret: str) -> None:
    def put(text: str) -> str:
        # The source of a cell is code: the secret stands in a comment.
        return f"{text} # {secret} " if text not in ("read", "write", "live", "run") else text

    cell = copy.deepcopy(a_full_cell(shop))
    assert cell.run is not None
    cells = cell.run.snapshot.cells if cell.run.snapshot else []
    named = [{key: one[key] for key in ("source", "outputs", "cell_type")} for one in cells]
    every_text(cell, put)
    if cell.run.snapshot is not None:  # what names content goes on naming it
        cell.run.snapshot.cells = [
            {key: told for key, told in one.items() if key.split()[0] not in digests} | digests
            for one, digests in zip(cell.run.snapshot.cells, named, strict=True)
        ]
    shop.trail.save(mask_cell(cell, door, base=shop.trail.path.parent.as_posix()), wait_s=5)

    assert [] == found_in(shop.trail, secret)
    assert secret.encode() not in cell_to_json(mask_cell(cell, door, base=""))


def found_in(trail: Trail, secret: str) -> list[str]:
    """Return the places of a trail that hold a text."""
    tables = [name for (name,) in trail.db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    places = []
    for table in tables:
        for row in trail.db.rows(f"SELECT * FROM {table}"):
            places += [f"{table}: {value!r:.200}" for value in row if isinstance(value, str) and secret in value]
    for (digest,) in trail.db.rows("SELECT digest FROM blobs"):
        if secret.encode() in (blob := trail.read_blob(digest.hex())):
            places.append(f"blob: {blob[:200]!r}")
    return places


def test_a_record_without_secrets_passes_as_it_is(door: Door, shop: Workshop) -> None:
    cell = a_full_cell(shop)

    assert cell is mask_cell(cell, door, base="")


def test_masked_content_has_the_digest_of_what_is_kept(door: Door, shop: Workshop) -> None:
    cell = shop.cell()
    assert cell.run is not None
    text = f"mail {MAIL}".encode()
    picture = json.dumps({"image/svg+xml": f"<text>{MAIL}</text>"}).encode()
    outputs = json.dumps([{"data": {"celltrail_blob": content(cell, picture)}}]).encode()
    cell.run.artifacts = [
        ArtifactRecord(ArtifactId("1"), "a.txt", "text", "text/plain", content(cell, text), len(text)),
        ArtifactRecord(
            ArtifactId("2"), "outputs", "output", "application/json", content(cell, outputs), len(outputs)
        ),
    ]

    kept = mask_cell(cell, door, base="")

    assert kept.run is not None
    assert all(digest == digest_of(data) for digest, data in kept.blobs.items())
    assert b"mail \xe2\x80\xb9masked:email:1\xe2\x80\xba" == kept.blobs[Digest(str(kept.run.artifacts[0].digest))]
    shown = json.loads(kept.blobs[Digest(str(kept.run.artifacts[1].digest))])
    assert b"masked:email:1" in kept.blobs[shown[0]["data"]["celltrail_blob"]]


def test_a_model_that_holds_a_secret_is_not_kept_and_says_how_to(door: Door, shop: Workshop) -> None:
    cell = shop.cell()
    assert cell.run is not None
    pickle = b"\x80\x05\x95\0\0" + SECRET.encode() + b"\0."
    cell.run.artifacts = [
        ArtifactRecord(
            ArtifactId("1"), "clf", "model", "application/octet-stream", content(cell, pickle), len(pickle)
        )
    ]

    kept = mask_cell(cell, door, base="")

    assert kept.run is not None
    assert {} == kept.blobs
    assert Keeping.NOT_KEPT is kept.run.artifacts[0].status
    assert f"{HOLDS_SECRET}; celltrail.keep(clf) keeps it all the same" == kept.run.artifacts[0].reason


def test_what_a_name_gives_away_is_masked_in_every_other_text(door: Door) -> None:
    assert "Step()" == door.mask("Step()")
    door.learn_from({"pipe__client__api_key": "Zq81mmPXabc77xy", "token_pattern": "abcd1234efgh5678"})

    assert "got ‹masked:key:1›" == door.mask("got Zq81mmPXabc77xy")
    assert "abcd1234efgh5678" == door.mask("abcd1234efgh5678")
    assert not door.holds_secret(b"abcd1234efgh5678")
    assert door.holds_secret(b"\0Zq81mmPXabc77xy\0")


def test_a_variable_set_in_the_cell_is_known_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()
    monkeypatch.setenv("SOME_SERVICE_TOKEN", "q9Wx81mmPXabc7")
    door.look_at_environment("import os")

    assert "is ‹masked:key:1›" == door.mask("is q9Wx81mmPXabc7")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "postgres"),
        ("MY_TOKEN", "1"),
        ("PWD", "/home/ann"),
        ("KEY_FILE_KEY", "12345678"),
        ("X_KEY", "none"),
    ],
)
def test_a_common_word_in_a_secret_variable_hides_nothing_else(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert f"see {value}." == Door().mask(f"see {value}.")


def test_a_secret_is_known_in_html_in_urls_and_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET_KEY", 'a<b&"c/D4 é9'.replace(" ", "+"))
    door = Door()

    for told in ("a&lt;b&amp;&quot;c/D4+é9", "a%3Cb%26%22c%2FD4%2B%C3%A99", 'a<b&\\"c/D4+\\u00e99'):
        assert "x ‹masked:key:1› y" == door.mask(f"x {told} y")


def test_a_path_is_masked_below_the_folder_that_holds_the_trail(door: Door) -> None:
    record = FileRecord(f"/home/{MAIL}/p/{MAIL}.csv", "read")

    assert f"/home/{MAIL}/p/‹masked:email:1›.csv" == mask_record(record, door, base=f"/home/{MAIL}/p").path
    assert "/home/‹masked:email:1›/p/‹masked:email:1›.csv" == mask_record(record, door, base="/elsewhere").path


def test_columns_that_are_masked_stay_apart(door: Door) -> None:
    masked = door.mask_json({"columns": [["a@x.org", "int64"], ["b@x.org", "int64"]], "a@x.org": 1})

    assert [["‹masked:email:1›", "int64"], ["‹masked:email:2›", "int64"]] == masked["columns"]
    assert 1 == masked["‹masked:email:1›"]


def test_the_same_text_has_the_same_mask_after_a_restart() -> None:
    first, second = Door(), Door()
    first.mask("b@x.org")

    assert first.mask("a@x.org") == second.mask("a@x.org")
    assert first.mask_code("m = 'a@x.org'  # b@x.org") == second.mask_code("m = 'a@x.org'  # b@x.org")


def test_what_was_masked_is_said_once() -> None:
    door = Door()
    assert "" == door.said_once()

    door.mask("a@x.org b@x.org ghp_" + "a1" * 18)

    assert "masked before storing: 2 e-mail addresses, 1 key · %trail help privacy" == door.said_once()
    assert "" == door.said_once()


def test_the_number_of_masks_stands_in_the_record(door: Door, shop: Workshop) -> None:
    cell = shop.cell(source=f"x = '{MAIL}'  # ‹masked:key:1›")

    kept = mask_cell(cell, door, base="")

    assert kept.run is not None
    assert {"source": {"email": 1}} == kept.run.masked
    assert 1 == kept.execution.masked
    assert datetime.now(UTC) > kept.execution.started_at


def test_a_metric_that_has_passed_is_masked_once_its_name_is_known_to_be_secret(door: Door, shop: Workshop) -> None:
    cell = a_full_cell(shop)
    name = "hunter2-of-the-metric"
    cell.metrics[0].key = name

    passed = [mask_cell(cell, door, base="").metrics[0].key for _ in range(2)]
    door.learn([name])
    masked = mask_cell(cell, door, base="").metrics[0].key

    assert [name, name] == passed
    assert name not in masked


def test_a_cell_of_a_notebook_that_has_passed_is_masked_once_what_it_holds_is_a_secret(
    door: Door, shop: Workshop
) -> None:
    cell = a_full_cell(shop)
    assert cell.run is not None
    assert cell.run.snapshot is not None
    words = "hunter2-in-the-metadata"
    cell.run.snapshot.cells[0]["metadata"] = {"title": words}

    def kept() -> Any:
        run = mask_cell(cell, door, base="").run
        assert run is not None
        assert run.snapshot is not None
        return run.snapshot.cells[0]["metadata"]["title"]

    passed = [kept() for _ in range(2)]
    door.learn([words])
    masked = kept()

    assert [words, words] == passed
    assert words not in masked
