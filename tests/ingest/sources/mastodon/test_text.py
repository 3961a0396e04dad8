"""HTML as the text that a person reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.mastodon.text import LONGEST_HTML, text_of

MENTION = (
    '<span class="h-card" translate="no"><a href="https://social.example/@spotify" class="u-url mention">'
    "@<span>spotify</span></a></span>"
)
HASHTAG = (
    '<a href="https://social.example/tags/outage" class="mention hashtag" rel="tag">#<span>outage</span></a>'
)
LINK = (
    '<a href="https://status.example/a-long/path" rel="nofollow noopener" target="_blank">'
    '<span class="invisible">https://</span><span class="ellipsis">status.example/a-lo</span>'
    '<span class="invisible">ng/path</span></a>'
)

CASES = [
    ("", ""),
    ("<p>down again</p>", "down again"),
    ("<p>one</p><p>two</p>", "one\ntwo"),
    ("<p>one<br>two<br/>three<BR />four</p>", "one\ntwo\nthree\nfour"),
    ("<p>one</p>\n\n<p></p><p><br></p><p>two</p>", "one\ntwo"),
    ("<ul><li>login</li><li>payment</li></ul>", "login\npayment"),
    ("<p>it&#39;s &lt;down&gt; &amp; out&nbsp;again &#x1f525;</p>", "it's <down> & out again \U0001f525"),
    (f"<p>{MENTION} is down {HASHTAG}</p>", "@spotify is down #outage"),
    (f"<p>see {LINK}</p>", "see https://status.example/a-long/path"),
    ("<p>a <strong>very</strong> <em>slow</em> d<b>ow</b>n</p>", "a very slow down"),
    ("<script>alert('down')</script>up<style>p { color: red }</style>", "up"),
    ("<SCRIPT type=x><p>no</p></ScRiPt >yes<script>never closed", "yes"),
    ("a < b and b > c, <3 and 1<2", "a < b and b > c, <3 and 1<2"),
    ("<![x]><!doctype html><!-- note --><?php ?>text", "text"),
    ("<p>broken <a href='x", "broken <a href='x"),
    ("nul\0 and bell\a and &#0; and &#xd800;", "nul and bell and \ufffd and \ufffd"),
    (f"&#{'9' * 5000};", "\ufffd;"),
    ("half \ud800 of a pair", "half of a pair"),
]


@pytest.mark.parametrize(("content", "text"), CASES)
def test_the_text_is_what_a_person_reads(content: str, text: str) -> None:
    assert text_of(content) == text


@given(
    st.lists(st.sampled_from(["<", ">", "</", "<p>", "<!--", "&#", "&", "script", " ", "\n", "x", '"', "\0"]))
)
def test_no_content_does_more_than_become_a_text(pieces: list[str]) -> None:
    text = text_of("".join(pieces))
    assert "\0" not in text
    assert text == text.strip()


@given(st.text())
def test_any_text_can_be_stored_afterwards(content: str) -> None:
    text_of(content).encode()


@pytest.mark.parametrize("piece", ["<a ", "<!--", "&#", "</", "<p", "&", "<script>", "\n ", "<"])
def test_hostile_content_takes_no_longer_than_any_other(piece: str) -> None:
    # The parser of the standard library takes minutes for some of these.
    assert len(text_of(piece * 1_000_000)) <= LONGEST_HTML
