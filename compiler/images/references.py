"""The images that a text names: references with their places, and what cannot be known from the text alone."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from compiler.explain.consumers import Consumer
from compiler.findings import allowances
from compiler.findings.allowances import Allowance
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.rules import ABOUT_IMAGES
from compiler.images.image_sets import ToMirror
from compiler.repository.paths import printable
from compiler.text.comments import comments
from compiler.text.span import File, Span


class ImageReference(NamedTuple):
    """A pull spec in a manifest or a list. `owner` is the object as people name it, `field` the path inside it.

    A tuple, since a list may have a hundred thousand.

    Attributes:
        consumer: Who pulls it.
        destination: The repository that a mapping copies it to; empty where none does.
        pipeline: Where a Konflux pipeline looks for it if it cannot read the source; empty where it looks nowhere else.
    """

    text: str
    span: Span
    owner: str = ""
    field: str = ""
    consumer: Consumer = Consumer.NODE
    destination: str = ""
    pipeline: tuple[str, ...] = ()


class UnresolvedImage(NamedTuple):
    """A place that names an image which cannot be known from here, and why."""

    text: str
    reason: str
    span: Span
    owner: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What one file names, in the order of the file; what its comments allow, and what is wrong with those.

    `to_mirror` is what oc-mirror is to copy. `is_catalog` says that it is part of a file-based catalog, which
    `.indexignore` files are about.
    """

    file: File
    references: tuple[ImageReference, ...] = ()
    unresolved: tuple[UnresolvedImage, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    is_catalog: bool = False
    to_mirror: tuple[ToMirror, ...] = ()


def allowances_about_images(file: File) -> allowances.FoundAllowances:
    """What the comments of a file allow of its images, and what is wrong with any of them."""
    if allowances.MARK not in file.text:
        return allowances.FoundAllowances()
    noted = allowances.find(file, comments(file))
    ours = tuple(each for each in noted.allowances if each.rule in ABOUT_IMAGES)
    return allowances.FoundAllowances(allowances=ours, diagnostics=noted.diagnostics)


_LONGEST_OWNER = 400
"""Characters: kinds have 63 at most, namespaces too, and names 253."""
_LONGEST_FIELD = 400


def owner_shown(kind: str, name: str = "") -> str:
    """An object as people name it: safe to show, and not so long that its many images become more than the file."""
    told = printable(f"{kind[:_LONGEST_OWNER]} {name[:_LONGEST_OWNER]}".rstrip())
    return told if len(told) <= _LONGEST_OWNER else f"{told[: _LONGEST_OWNER - 1]}…"


def field_below(field: str, key: str) -> str:
    """The path of a field inside another; of a very long one the end, which decides what the field is."""
    joined = f"{field}.{key}" if field else key
    return joined if len(joined) <= _LONGEST_FIELD else f"…{joined[-_LONGEST_FIELD + 1 :]}"


IN_TEMPLATE = "it is a template: render it first"
_TEMPLATED = re.compile(r"\{\{|\{%|<%")
_VARIABLE = re.compile(r"\$\{|\$\(|\$[A-Za-z_]|<[^<>]*>|%[A-Z_]+%|__\w+?__|@@\w+@@|\{[^{}]*\}")
_PLACEHOLDER = re.compile(
    r"""
    [A-Z][A-Z0-9]*(?:[_-][A-Z0-9_-]+)?(?=[/@]|:[^0-9]|:?\Z) | [A-Z][A-Z0-9]*_[A-Z0-9_]*(?=[/:@]|\Z)
    | .*?(?:\A|[/:@_-])(?:REPLACE|PLACEHOLDER|CHANGE_?ME|CHANGEDOMAIN)(?=[/:@_-]|\Z)
    """,
    re.VERBOSE,
)
"""Capitals in place of a host or of the whole, or words that ask to be replaced; a real host has a dot or a port."""
_KO = "ko://"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]*+(?:[:/@][a-z0-9._-]++)*+")
"""Nearly every name has nothing else."""


def unresolvable(text: str) -> str:
    """Why a text names no image yet, empty if it does."""
    if _PLAIN.fullmatch(text) is not None:
        return ""
    if is_templated(text):
        return IN_TEMPLATE
    if text.startswith(_KO):
        return "`ko` builds it and replaces the name"
    if _VARIABLE.search(text):
        return "it contains a variable"
    has_capitals = text != text.lower()
    return "it is a placeholder" if has_capitals and _PLACEHOLDER.match(text) else ""


def is_templated(text: str) -> bool:
    """Whether a text has marks of a template language."""
    return _TEMPLATED.search(text) is not None
