"""The grammar that scopes and image references share: hosts, and the components of a repository's name.

In: texts. Out: whether they are hosts, paths or both, and parts of regular expressions. The patterns are those of
openshift/api (2a3d73913) and of containers/image `docker/reference` (df7e80d2), which agree here, written with
possessive quantifiers: a match takes linear time, where the originals lean on an engine that never backtracks.
"""

import re
from functools import lru_cache

from compiler.text.opaque import filled

# Only single characters are repeated possessively: Python before 3.11.4 gets possessive groups wrong. A group needs no
# such help here, since no text can be matched by it in two ways.
LABEL = r"[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*"
"""What is between the dots of a host's name."""

HOST = rf"{LABEL}(?:\.{LABEL})*(?::[0-9]++)?"
"""A host's name with or without a port."""

COMPONENT = r"[a-z0-9]++(?:(?:\.|__?+|-++)[a-z0-9]++)*"
"""What is between the slashes of a repository's name."""

_HOST = re.compile(HOST)
_PATH = re.compile(rf"{COMPONENT}(?:/{COMPONENT})*")
_LONGEST_KNOWN = 256
"""A repo has few hosts, and a source's mirrors mostly have its path: what was found is kept, of texts up to here."""


def is_host(text: str) -> bool:
    """Whether `text` is a host's name with or without a port."""
    if not text.isascii():
        text = filled(text)
    return _is_known_host(text) if len(text) <= _LONGEST_KNOWN else _HOST.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Whether `text` is components with slashes between them."""
    if not text.isascii():
        text = filled(text)
    return _is_known_path(text) if len(text) <= _LONGEST_KNOWN else _PATH.fullmatch(text) is not None


def is_location(text: str) -> bool:
    """Whether `text` is a host or a path on one, with no tag and no digest.

    A text with opaque tokens is one if it can be one for some texts in their place.
    """
    if not text.isascii():
        text = filled(text)
    host, slash, path = text.partition("/")
    return is_host(host) and (not slash or is_path(path))


@lru_cache(maxsize=4096)
def _is_known_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _is_known_path(text: str) -> bool:
    return _PATH.fullmatch(text) is not None
