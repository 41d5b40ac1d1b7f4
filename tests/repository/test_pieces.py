"""Contents in pieces."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from compiler.repository.pieces import Pieces, digest, pieces_of


@given(st.lists(st.binary(max_size=5), max_size=4), st.binary(max_size=8))
def test_pieces_are_the_content_that_they_make_together(pieces: list[bytes], other: bytes) -> None:
    contents = Pieces({"a": tuple(pieces)})
    whole = b"".join(pieces)
    assert contents == {"a": whole}
    assert contents.digest("a") == digest(whole) == sha256(whole).hexdigest()
    assert contents.is_content("a", whole)
    assert contents.is_content("a", other) is (other == whole)


def test_contents_can_be_taken_for_pieces() -> None:
    made = pieces_of({"a": b"x"})
    assert made.of("a") == (b"x",)
    assert pieces_of(made) is made
    assert "a" in made
    assert len(made) == 1
