"""The picture in a real browser, with the fonts of this machine: no complaint, and no word upon another."""

from __future__ import annotations

from itertools import combinations

import pytest
from playwright.sync_api import sync_playwright

from commands.picture.drawing import draw
from tests.browser import find_chromium
from tests.commands.picture.scenes import SCENES

BOXES = """() => [...document.querySelectorAll('text')].map(element => {
    const box = element.getBoundingClientRect();
    return [element.textContent, box.left, box.top + 2, box.right, box.bottom - 2];
})"""  # a line's box has two empty pixels above and below its letters


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(find_chromium()))
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scene", SCENES)
def test_every_word_of_the_picture_can_be_read(scene, browser, tmp_path):
    file = tmp_path / "picture.svg"
    file.write_text(draw(SCENES[scene]()), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    boxes = page.evaluate(BOXES)
    page.close()
    assert complaints == []
    assert len(boxes) > 10
    for words, left, top, right, _ in boxes:
        assert left >= 0, words
        assert right <= 1000, words
        assert top >= 0, words
    for (one, *a), (other, *b) in combinations(boxes, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one!r} covers {other!r}"
