"""Texts in lines: what `textwrap` makes of them."""

import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.text.wrapping import wrap

words = st.lists(st.text("ab-", min_size=1, max_size=9), max_size=12).map(" ".join)
texts = words | st.text("ab-  \t\n\r\v\u00a0\u2003", max_size=40)


indents = st.sampled_from(["", " ", "   ", "- "])


@given(text=texts, width=st.integers(1, 12), first=indents, rest=indents)
@example(text="aaaa b", width=4, first="", rest="")
@example(text="b aaaaa", width=4, first="- ", rest="  ")
def test_lines_are_those_of_the_standard_library(text: str, width: int, first: str, rest: str) -> None:
    assert wrap(text, width, first, rest) == textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


@pytest.mark.parametrize("text", ["", " "])
def test_a_text_without_words_has_no_line(text: str) -> None:
    assert wrap(text, 10) == []
