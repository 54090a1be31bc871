"""File names are readable where that is safe, and always unique."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkles.explanation.file_name import class_folders, file_name

ODD = ["", ".", "..", "../../etc/passwd", "a/b", "a\\b", "nul\x00", "Été", "a.", ".a", "x" * 300]


def test_ids_of_open_images_are_kept() -> None:
    assert file_name("000b1e0f3a2c") == "000b1e0f3a2c"
    assert file_name("photo_2024-01.02") == "photo_2024-01.02"


@settings(deadline=None)
@given(st.text() | st.sampled_from(ODD))
def test_names_are_safe(name: str) -> None:
    made = file_name(name)
    assert 1 <= len(made) <= 100
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    assert not made.startswith((".", "_"))  # Spark and people would not see it
    assert not made.endswith(".")
    assert Path("folder", made).parent == Path("folder")


@settings(deadline=None)
@given(st.lists(st.text(max_size=3) | st.sampled_from(ODD), unique=True, max_size=30))
def test_names_are_unique_even_without_regard_to_case(names: list[str]) -> None:
    assert len({file_name(name).casefold() for name in names}) == len(names)


def test_classes_that_differ_only_in_case_have_different_folders() -> None:
    assert class_folders(["Cat", "Dog"]) == ["cat", "dog"]
    folders = class_folders(["Cat", "cat", "Traffic light"])
    assert len({folder.casefold() for folder in folders}) == 3


def test_names_of_signed_uris_have_no_secrets() -> None:
    one, other = (file_name(f"h://a/b.jpg?sig={secret}") for secret in ("0f3a5e", "abcdef"))
    assert one != other
    assert "0f3a5e" not in one
