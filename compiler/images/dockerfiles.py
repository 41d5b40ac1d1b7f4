"""Which images a Dockerfile is built from.

In: the text of a Dockerfile, in a file or in a BuildConfig. Out: the images of its `FROM` lines and of `COPY --from`,
with their places. What depends on a build argument is not known from here.

Follows moby/buildkit `frontend/dockerfile/parser`: instructions in any case, lines that go on after the escape
character, comments between them, here-documents, and names of earlier stages in place of images.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from compiler.explain.consumers import Consumer
from compiler.findings import allowances
from compiler.images.references import ImageReference, Images, UnresolvedImage, is_templated, unresolvable
from compiler.repository.paths import SUFFIXES
from compiler.text.opaque import revealed, revealed_where
from compiler.text.span import File, Span

_NAMES = ("dockerfile", "containerfile")
_ESCAPE = re.compile(r"[ \t]*#[ \t]*escape[ \t]*=[ \t]*([`\\])[ \t\r]*(?=\n|\Z)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*[A-Za-z]+[ \t]*=[^\n]*(?:\n|\Z)")
_WORD = re.compile(r"[^ \t\r\n]+")
_HEREDOC = re.compile(r"""[0-9]*<<-?(["']?)([A-Za-z_]\w*)\1""")
_ONE_NAME = re.compile(r"^\t*+(?P<name>[A-Za-z_]\w*+)\r?$\n?", re.MULTILINE)
_ARGUMENT = re.compile(r"\$\{?(\w+)?")
_MAY_NAME_IMAGE = frozenset(("from", "copy", "add"))
_MAY_HAVE_TEXT = frozenset(("copy", "add", "run"))
_SCRATCH = "scratch"


def is_dockerfile(path: str) -> bool:
    """Whether a file is a Dockerfile by its name."""
    name = path.rpartition("/")[2].lower()
    if name.endswith((*SUFFIXES, ".dockerignore", ".md")):
        return False
    return name.startswith(tuple(f"{each}." for each in _NAMES)) or name.rpartition(".")[2] in _NAMES


class _Line(NamedTuple):
    """An instruction that may go over some lines: its words with their offsets, at least one."""

    words: tuple[tuple[str, int], ...]


def find(file: File) -> Images:
    """Every image that a Dockerfile is built from."""
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    for found in images_in(file):
        if isinstance(found, ImageReference):
            references.append(found)
        else:
            unresolved.append(found)
    noted = allowances.FoundAllowances()
    if allowances.MARK in file.text and (references or unresolved):
        noted = allowances.find(file, allowances.whole_line_comments(file, 0, len(file.text)))
    return Images(
        file=file,
        references=tuple(references),
        unresolved=tuple(unresolved),
        allowances=noted.allowances,
        diagnostics=noted.diagnostics,
    )


def images_in(file: File) -> Iterator[ImageReference | UnresolvedImage]:
    """The images of a Dockerfile's text, in order."""
    stages: set[str] = set()
    text = file.text
    if "{{" in text or "{%" in text:
        from compiler.manifests.tokens import masked

        # Names of build arguments stay: only what a template engine replaces is one word.
        text = revealed_where(masked(text).text, lambda token: token.startswith("$"))
    for line in _instructions(text):
        (written, _), *words = line.words
        name = written.lower()
        if name == "from":
            _, rest = _options(words)
            if not rest:
                continue
            yield from _image(file, *rest[0], stages, field="FROM")
            if len(rest) > 2 and rest[1][0].lower() == "as":
                stages.add(rest[2][0].lower())
        elif words:
            options, _ = _options(words)
            for option, at in options:
                key, _, value = option.partition("=")
                if key == "--from" and value and not value.isdigit():
                    yield from _image(file, value, at + len(key) + 1, stages, field=f"{name.upper()} --from")


def _options(words: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    count = next((index for index, (word, _) in enumerate(words) if not word.startswith("--")), len(words))
    return words[:count], words[count:]


def _image(
    file: File, text: str, at: int, stages: set[str], *, field: str
) -> Iterator[ImageReference | UnresolvedImage]:
    if text.lower() in stages or text == _SCRATCH:
        return
    span = Span(file, at, at + len(text))
    text = revealed(text)
    if "$" in text and not is_templated(text):
        name = next((match[1] for match in _ARGUMENT.finditer(text) if match[1]), "")
        reason = f"it depends on the build argument `{name}`" if name else "it depends on a build argument"
    else:
        reason = unresolvable(text)
    if reason:
        yield UnresolvedImage(text=text, reason=reason, span=span, owner="Dockerfile", field=field)
    else:
        yield ImageReference(text=text, span=span, owner="Dockerfile", field=field, consumer=Consumer.BUILD)


def _instructions(text: str) -> Iterator[_Line]:
    """The instructions that may name an image, without comments and here-documents."""
    escape = "\\"
    at = 0
    while match := _DIRECTIVE.match(text, at):
        if escaping := _ESCAPE.match(text, at):
            escape = escaping[1]
        at = match.end()
    while at < len(text):
        line, at = _instruction(text, at, escape)
        if line is None:
            continue
        name = line.words[0][0].lower()
        for word, _ in line.words[1:] if name in _MAY_HAVE_TEXT else ():
            if (heredoc := _HEREDOC.fullmatch(word)) is not None:
                at = _after_heredoc(text, at, heredoc[2])
        if name in _MAY_NAME_IMAGE:
            yield line


def _instruction(text: str, at: int, escape: str) -> tuple[_Line | None, int]:
    """The instruction that begins at a line, and where the next one does."""
    words: list[tuple[str, int]] = []
    goes_on = True
    while goes_on and at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].rstrip()
        stripped = line.lstrip()
        if stripped.startswith("#") or (not stripped and words):
            at = end + 1
            continue  # comments and empty lines do not end an instruction that goes on
        goes_on = line.endswith(escape)
        stop = at + len(line) - (1 if goes_on else 0)
        words += ((match[0], match.start()) for match in _WORD.finditer(text, at, stop))
        at = end + 1
        if not words and not goes_on:
            break
    return (_Line(tuple(words)) if words else None), at


def _after_heredoc(text: str, at: int, name: str) -> int:
    """Where the line after the end of a here-document begins; the end of the text if it has no end."""
    return next((match.end() for match in _ONE_NAME.finditer(text, at) if match["name"] == name), len(text))
