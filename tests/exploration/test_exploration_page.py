"""The page needs no other file, and text from the data stays text."""

from __future__ import annotations

import base64
import html.parser
import re
from pathlib import Path
from typing import Any

import pytest

from sparkles.exploration.class_photos import ClassPhotos, ShownPhoto
from sparkles.exploration.exploration_page import render_exploration
from sparkles.exploration.per_image import spread_of
from sparkles.pages import Picture

from ..browser import WIDTHS, read_page, started, violations
from ..photos import encode, picture

EVIL = "<script>alert('x')</script>\"&"


class Reader(html.parser.HTMLParser):
    """Collect tags and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def facts_of(**more: Any) -> Any:
    spread = spread_of({1: 3, 4: 2})
    kinds = ("read", "positive", "negative", "unsure", "other_sources", "malformed", "repeated")
    source = {"source": EVIL, "counts": True, "rows": 5, "positive": 4, "negative": 1, "unsure": 0}
    labels = {
        "rows": dict.fromkeys(kinds, 1_234_567),
        "classes": {"named": 2, "positive": 2, "negative": 0},
        "images": dict.fromkeys(("named", "with_positive", "with_negative", "contradictory"), 5),
        "sources": [source, source | {"source": None, "counts": False}],
        "per_image": {"all": spread, "positive": spread, "negative": spread_of({0: 5})},
    }
    none = dict.fromkeys(("chosen", "co_occurrence", "photos"))
    return (
        {"input": {"labels": EVIL, "images": None}, "labels": labels, "classes": []} | none | more
    )


CHOSEN = {
    "classes": [dict.fromkeys(("positive", "alone", "negative"), 7) | {"name": EVIL, "mid": "m",
                "with_photo": None}],
    "images": 9,
    "ambiguous": 2,
    "combinations": [{"classes": [EVIL, "Tree"], "images": 2}],
    "largest_share": 0.625,
    "ratio": None,
}  # fmt: skip
PAIR = {"a": EVIL, "b": "Tree", "together": 2, "value": 0.5}
TOGETHER = {"classes": [EVIL], "images": 9, "least_together": 5,
            "strongest": {"jaccard": [PAIR], "lift": []}}  # fmt: skip
QUANTILES = dict.fromkeys(("least", "p5", "median", "mean", "p95", "most"), 4.0)
NAMES = ("width", "height", "megapixels", "aspect", "bytes")
PHOTOS = {
    "asked": 9,
    "readable": 7,
    "reasons": {"no photo": 2},
    "without_label": 3,
    "formats": {"JPEG": 7},
    "channels": {"3 (RGB)": 7},
    "sizes": {"4 x 4": 7},
    "quantiles": dict.fromkeys(NAMES, QUANTILES),
}


@pytest.fixture(scope="module")
def written() -> str:
    picture = Picture("jaccard", "Title", EVIL, EVIL, b"\x89PNG pixels", "<svg>")
    facts = facts_of(chosen=CHOSEN, co_occurrence=TOGETHER, photos=PHOTOS)
    return render_exploration(facts, [picture])


@pytest.fixture(scope="module")
def page(written: str) -> Reader:
    return Reader(written)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_page_fits_and_loads_in_a_browser(written: str, width: int, tmp_path: Path) -> None:
    path = tmp_path / "explore.html"
    path.write_text(written, encoding="utf-8")
    with started() as browser, read_page(browser, path, width, dark=width == WIDTHS[0]) as seen:
        assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
        assert seen.complaints == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(seen) == []


def test_names_stay_text(page: Reader) -> None:
    assert page.of("script") == []
    assert sum(EVIL in text for text in page.text) >= 5
    assert page.of("img")[0]["alt"] == EVIL


def test_nothing_is_fetched(page: Reader) -> None:
    (image,) = page.of("img")
    head, _, body = image["src"].partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(body) == b"<svg>"
    assert page.of("link") == []
    assert not any(re.search(r"url\(|@import|https?:", text) for text in page.text)


def test_page_has_a_dark_style_and_a_viewport(page: Reader) -> None:
    style = " ".join(page.text)
    assert "prefers-color-scheme: dark" in style
    assert any(meta.get("name") == "viewport" for meta in page.of("meta"))
    assert page.of("html")[0]["lang"] == "en"


def test_numbers_are_shown(page: Reader) -> None:
    said = " ".join(" ".join(page.text).split())
    assert "1,234,567" in said
    assert "62.5 % of the others" in said
    assert "photos without a label" in said


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_a_photo_opens_large_with_the_keyboard(width: int, tmp_path: Path) -> None:
    jpeg = encode(picture(320, 240))
    photos = tuple(ShownPhoto(f"{EVIL}{place}", "a/b.jpg", jpeg) for place in range(3))
    broken = ShownPhoto("broken", "c.jpg", None, "truncated: half of it")
    galleries = [ClassPhotos("m", EVIL, (*photos, broken), 7)]
    path = tmp_path / "explore.html"
    path.write_text(render_exploration(facts_of(), [], galleries), encoding="utf-8")
    with started() as browser, read_page(browser, path, width, dark=width == WIDTHS[0]) as seen:
        small = seen.page.locator(".photo img").nth(1).bounding_box()
        assert not seen.page.get_by_text(f"{EVIL}1").is_visible()
        seen.page.locator(".photo .open").nth(1).focus()
        seen.page.keyboard.press("Enter")
        large = seen.page.locator(".photo img").nth(1).bounding_box()
        assert large["width"] > 1.5 * small["width"]
        assert seen.page.get_by_text(f"{EVIL}1").is_visible()
        assert violations(seen) == []
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        assert not seen.page.get_by_text(f"{EVIL}1").is_visible()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(seen) == []


def test_pairs_need_several_images(page: Reader) -> None:
    said = " ".join(" ".join(page.text).split())
    assert "No pair of these classes is in 5 images or more" in said


def test_images_with_one_label_have_a_sentence_instead_of_pairs() -> None:
    facts = facts_of()
    facts["labels"]["per_image"]["positive"] = spread_of({1: 5})
    assert "one positive label each" in render_exploration(facts, [])


def test_labels_alone_have_no_sections_on_photos_and_chosen_classes() -> None:
    found = Reader(render_exploration(facts_of(), []))
    said = " ".join(found.text)
    assert "Photos" not in said.replace("Labels and photos", "")
    assert "The chosen classes" not in said
    assert found.of("img") == []
