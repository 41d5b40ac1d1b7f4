"""References as people read them."""

from compiler.names.reference import ANY_DIGEST

_SHOWN_DIGEST = 12


def shortened(reference: str) -> str:
    """A reference with no more of its digest than distinguishes it from others."""
    if "@" not in reference:
        return reference
    named, _, digest = reference.partition("@")
    return f"{named}@{shortened_digest(digest)}"


def shortened_digest(digest: str) -> str:
    """No more of a digest than distinguishes it from others."""
    algorithm, colon, encoded = digest.partition(":")
    if len(encoded) <= _SHOWN_DIGEST:
        return digest
    return algorithm + colon + ("…" if digest == ANY_DIGEST else f"{encoded[:_SHOWN_DIGEST]}…")
