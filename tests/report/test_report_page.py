"""The report as a browser shows it, at three widths, in light and dark mode."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sparkles.report.gallery import Card, Gallery, bound_galleries
from sparkles.report.report_page import render_report_page

from ..browser import WIDTHS, read_page, started, violations
from .made_facts import EVIL, facts_of


def jpeg(width: int, height: int, colour: str = "green") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "JPEG")
    return file.getvalue()


def galleries() -> list[Gallery]:
    sure = ((EVIL, 0.91), ("Car", 0.09))
    wrong = Card("0a1", f"file:/{'long' * 30}/{EVIL}.jpg", "Car", EVIL, sure, jpeg(224, 150),
                 jpeg(224, 150, "red"))  # fmt: skip
    upright = Card("0b2", "s3://bucket/0b2.jpg", EVIL, EVIL, sure, jpeg(100, 224))
    broken = Card(EVIL, None, "Car", error=f"truncated: {EVIL}")
    return [
        Gallery(
            "mistakes", "Most confident mistakes", "Wrong.", (wrong, upright), total=9, left_out=3
        ),
        Gallery("typical", "Most typical photos", "Right.", (), total=0),
        Gallery("rejected", "Rejected", "Without features.", (broken,), total=68),
    ]


@pytest.fixture(scope="module", params=[2, 5])
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = [EVIL, "Car", "Tree", "Boat", "Hat"][: request.param]
    page = render_report_page(
        facts_of(request.param, names=names), galleries(), "sparkles train <now>", maps="exact"
    )
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_report_works_in_a_browser(
    browser: Any, page_file: Path, width: int, dark: bool, tmp_path: Path
) -> None:
    with read_page(browser, page_file, width, dark=dark) as seen:
        assert [url for url in seen.requests if not url.startswith("data:")] == [page_file.as_uri()]
        assert seen.complaints == []
        # Only elements that scroll by themselves are wider than the screen.
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        images = seen.page.evaluate(
            "[...document.images].map(i => [i.naturalWidth > 0, i.alt.length > 5])"
        )
        assert len(images) > 8
        assert all(loaded and described for loaded, described in images)
        assert violations(seen) == []
        shot = tmp_path / "page.png"
        seen.screenshot(shot)
        with Image.open(shot) as picture:
            corner = picture.convert("L").getpixel((2, 2))
        assert corner < 40 if dark else corner > 240


@pytest.mark.slow
def test_links_have_targets(browser: Any, page_file: Path) -> None:
    with read_page(browser, page_file, WIDTHS[0]) as seen:
        broken = seen.page.evaluate(
            "[...document.querySelectorAll('a')].filter("
            "a => !document.getElementById(a.hash.slice(1))).length"
        )
        assert broken == 0
        assert seen.page.evaluate("document.querySelectorAll('a').length") >= 6


@pytest.mark.slow
def test_names_stay_text_in_a_browser(browser: Any, page_file: Path) -> None:
    with read_page(browser, page_file, WIDTHS[2]) as seen:
        assert seen.page.evaluate("document.scripts.length") == 1  # the filter, and no name
        assert EVIL in seen.page.inner_text("body")


@pytest.mark.slow
def test_galleries_are_filtered_by_class_error_and_probability(
    browser: Any, page_file: Path
) -> None:
    with read_page(browser, page_file, WIDTHS[2]) as seen:

        def shown() -> list[str]:
            found = "[...document.querySelectorAll('.card:not([hidden])')].map(c => "
            ids: list[str] = seen.page.evaluate(f"{found}c.querySelector('.id').firstChild.data)")
            return ids

        assert shown() == ["0a1", "0b2", EVIL]
        seen.page.select_option("[name=kind]", "wrong")
        assert shown() == ["0a1"]
        seen.page.select_option("[name=kind]", "rejected")
        assert shown() == [EVIL]
        seen.page.select_option("[name=kind]", "")
        seen.page.select_option("[name=class]", "Car")
        assert shown() == ["0a1", EVIL]
        seen.page.fill("[name=least]", "0.9")
        assert shown() == ["0a1"]
        seen.page.fill("[name=least]", "0.95")
        assert shown() == []
        assert seen.page.input_value("[name=least]") == "0.95"


@pytest.mark.slow
def test_the_report_is_printed_on_white(browser: Any, page_file: Path, tmp_path: Path) -> None:
    with read_page(browser, page_file, WIDTHS[2], dark=True) as seen:
        seen.page.emulate_media(media="print")
        paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)"  # even if the screen is dark
        file = seen.page.pdf(path=str(tmp_path / "report.pdf"), format="A4")
        assert file.startswith(b"%PDF")


def test_the_report_contains_every_section(page_file: Path) -> None:
    text = re.sub(r"<style>.*?</style>|data:[^\"]*", "", page_file.read_text(), flags=re.DOTALL)
    content = " ".join(text.split())
    for part in (
        "256,707", "8,755", "s3://bucket/photos", "sparkles train &lt;now&gt;",
        "8,000 photos in bf16", "a median of 0.9993", "Showing 2 of 9", "3 more did not fit",
        "Calibration", "ROC curve",
        "Precision-recall", "Confusion matrix", "Definitions", "The maps are exact",
        "0123456789abcdef", "truncated:",
    ):  # fmt: skip
        assert part in content, part
    assert text.count("<script") == 1  # the filter of the galleries
    assert not re.search(r"url\(|@import|(?:src|href)=\"https?:", text)


def test_the_report_counts_ids_that_are_unusual() -> None:
    facts = facts_of(2, names=["Car", "Tree"])
    photos = facts["ledger"]["photos"]
    assert photos is not None
    assert "with their path as id" not in render_report_page(facts, [], "", maps="exact")
    photos |= {"duplicate_ids": 0, "without_id": 3, "ids_from_paths": 1_234}
    page = " ".join(render_report_page(facts, [], "", maps="exact").split())
    assert "<td>with their path as id</td><td>1,234</td>" in page.replace("> <", "><")
    assert "<td>without an id</td><td>3</td>" in page.replace("> <", "><")
    assert "under the same id" not in page


def test_the_report_explains_its_heat_maps() -> None:
    facts = facts_of()
    assert "heat maps" not in render_report_page(facts, galleries(), "")
    assert "an approximation" in render_report_page(facts, galleries(), "", maps="approximate")


def test_a_run_without_baseline_photos_or_intervals() -> None:
    facts = facts_of()
    facts["metrics"]["baseline"] = None
    facts["ledger"] |= {"photos": None, "rejected": {}, "stratification_error": None}
    facts["run"]["network"] |= {"int8": None, "output_layer": None, "pooling": None}
    page = render_report_page(facts, [], "")
    assert "accuracy of always predicting" not in page
    assert "Confusion matrix" in page


def test_galleries_are_bounded_by_the_size_of_their_photos() -> None:
    cards = tuple(Card(str(k), None, "Car", photo=b"x" * 100, overlay=b"y") for k in range(50))
    kept = bound_galleries([Gallery("a", "A", "", cards), Gallery("b", "B", "", cards[:3])], 1_000)
    assert sum(card.bytes for gallery in kept for card in gallery.cards) <= 1_000
    assert [gallery.left_out + len(gallery.cards) for gallery in kept] == [50, 3]
    assert len(kept[1].cards) == 3
