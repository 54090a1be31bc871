"""The cache of networks is bounded, and can be listed and emptied."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from sparkles.cli import main
from sparkles.models.cache import draft_folder, lookup_network, record_network, store_files
from sparkles.models.stored_networks import cache_limit, drop_oldest, stored_networks

FACTS = {"height": 32, "width": 32, "length": 1280, "engine": "openvino", "int8": None}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("SPARKLES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "networks"


def store(content: bytes, *recipes: str, hours: float = 0.0) -> None:
    """Store a network of two files that was used some hours ago."""
    with draft_folder() as folder:
        drafts = [folder / "network.xml", folder / "network.bin"]
        for draft in drafts:
            draft.write_bytes(content)
        files = store_files(drafts)
    for recipe in recipes:
        record_network(recipe, FACTS, files)
    then = time.time() - 3600 * hours
    for path in [*files, *(files[0].parent / f"{recipe}.json" for recipe in recipes)]:
        os.utime(path, (then, then))


def test_networks_are_listed_with_all_that_belongs_to_them(cache: Path) -> None:
    store(b"old", "one", "two", hours=3)
    store(b"new", "three", hours=2)
    newest, oldest = stored_networks(cache)
    assert [path.suffix for path in oldest.files].count(".json") == 2
    assert oldest.size == sum(path.stat().st_size for path in oldest.files)
    assert {*newest.files, *oldest.files} == set(cache.iterdir())
    assert newest.description == "32 x 32 pixels to 1,280 features, openvino"


def test_the_least_recently_used_network_is_dropped_first(cache: Path) -> None:
    for place, name in enumerate("abcd"):
        store(name.encode() * 10_000, name, hours=9 - place)
    assert lookup_network("a") is not None  # used now, so it is no longer the oldest
    drop_oldest(cache, most=45_000)
    assert [lookup_network(name) is not None for name in "abcd"] == [True, False, False, True]
    assert len(list(cache.iterdir())) == 6


def test_networks_of_the_last_hour_stay(cache: Path) -> None:
    store(b"in use", "one", hours=0.5)
    drop_oldest(cache, most=0)
    assert lookup_network("one") is not None


def test_a_network_that_is_added_pushes_out_an_old_one(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(b"x" * 10_000, "old", hours=2)
    monkeypatch.setenv("SPARKLES_CACHE_GB", "0.00002")
    store(b"y" * 10_000, "new")
    assert (lookup_network("old"), lookup_network("new") is not None) == (None, True)


@pytest.mark.parametrize(
    ("given", "limit"), [("2.5", 2.5e9), ("0", 0.0), ("-1", 1e10), ("much", 1e10)]
)
def test_the_limit_is_given_in_gigabytes(
    monkeypatch: pytest.MonkeyPatch, given: str, limit: float
) -> None:
    monkeypatch.setenv("SPARKLES_CACHE_GB", given)
    assert cache_limit() == limit


def test_the_command_shows_and_empties_the_cache(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store(b"z" * 2_000_000, "one")
    (cache / "broken.json").write_text(json.dumps(["no note"]))
    assert main(["cache"]) == 0
    shown = capsys.readouterr().out
    assert f"{cache}: 2 networks, 4 MB of at most 10,000 MB" in shown
    assert "32 x 32 pixels to 1,280 features, openvino" in shown
    assert main(["cache", "--empty"]) == 0
    assert capsys.readouterr().out == f"deleted 4 MB in {cache}\n"
    assert list(cache.iterdir()) == []
