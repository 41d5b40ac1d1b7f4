"""Opaque tokens: they keep lengths, equal themselves alone, and show what was written wherever a text goes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.text.escaping import Place, safe, to_json
from compiler.text.opaque import filled, harmless, has_lookalikes, is_open, is_unknown, opaque, revealed, tokens

ASCII = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
WRITTEN = st.builds(
    lambda first, rest: first + rest,
    ASCII,
    st.text(st.characters(max_codepoint=0xFFFD, exclude_categories=["Cs"]), min_size=1),
)


@given(WRITTEN)
def test_a_token_has_the_length_of_what_was_written_and_shows_it(written: str) -> None:
    token = opaque(written)
    assert len(token) == len(written)
    assert revealed(token) == written
    assert tokens(f"a/{token}/b") == [written]
    assert is_open(f"a{token}")
    assert is_unknown(token)
    assert not is_unknown(f"a{token}")


@given(WRITTEN, WRITTEN)
def test_a_token_equals_itself_alone(first: str, second: str) -> None:
    assert (opaque(first) == opaque(second)) == (first == second)
    assert tokens(opaque(first) + opaque(second)) == [first, second]


@given(st.text())
def test_a_text_without_tokens_stays(text: str) -> None:
    assert revealed(harmless(text)) == harmless(text)
    if text.isascii():
        assert filled(text) == revealed(text) == text
        assert not is_open(text)


def test_a_token_is_filled_with_digits_where_a_port_belongs() -> None:
    host, port = opaque("$HOST"), opaque("$PORT")
    assert filled(f"{host}:{port}/a") == "aaaaa:11111/a"
    assert filled(f"h:{port}{port}") == "h:1111111111"
    assert filled(f"h/{host}") == "h/aaaaa"


def test_every_place_shows_what_was_written_and_obeys_nothing_of_it() -> None:
    token = opaque('{{ "<b>\x1b" }}')
    assert safe(token, Place.TERMINAL) == '{{ "<b>\\x1b" }}'
    assert safe(token, Place.HTML) == "{{ &quot;&lt;b&gt;\\x1b&quot; }}"
    assert safe(token, Place.XML).startswith('{{ "&lt;b&gt;')
    assert json.loads(f'"{safe(token, Place.JSON)}"') == '{{ "<b>\x1b" }}'
    assert json.loads(to_json({"a": token})) == {"a": '{{ "<b>\x1b" }}'}


@pytest.mark.parametrize("text", ["\U00100061\U000f0062", r"\U00100061", r"\uDBC0\uDC61"])
def test_what_only_looks_like_a_token_is_made_harmless(text: str) -> None:
    assert has_lookalikes(text)
    assert len(harmless(text)) == len(text)
    assert not has_lookalikes(harmless(text))
    assert not has_lookalikes("a: \\n $x \u00e9")
