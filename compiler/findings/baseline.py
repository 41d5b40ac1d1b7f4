"""Baselines: the findings that a repo had when somebody began to check it, so that only new ones are reported.

In: findings, and the text of a baseline file. Out: the text of a new file, or the findings without those of the file
and the entries that match none. A finding in many places is compared place by place, so that a further place is new.

An entry is found again by its fingerprint: rule, file and the text of the line, but not the number of the line.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from compiler.findings.diagnostics import Diagnostic, folded
from compiler.findings.rules import UNREADABLE_FILE
from compiler.text.escaping import to_json
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence
from compiler.text.wording import shown

if TYPE_CHECKING:
    from hashlib import _Hash

VERSION = 1
"""Of the file format."""

SIZE_LIMIT = 16 * 1024 * 1024
"""Bytes of a baseline file: about 50,000 entries."""

_NEW = "Write the file again with `mirrorc check --write-baseline FILE`."

_Key = tuple[tuple[str, int, int], str, str]


def fingerprints(
    diagnostics: Iterable[Diagnostic], locate: Callable[[str], str], before: AbstractMapping[str, int] | None = None
) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding, in order, with what identifies it from run to run: unique, and the same after lines move.

    It is made of the rule, the file and the text of the finding's line. Findings that have all of these in common are
    numbered from the top.

    Args:
        diagnostics: Findings by file and position.
        locate: Gives for a shown path the one in the fingerprint.
        before: How many findings of each digest are numbered already.
    """
    from hashlib import sha256

    seen = dict(before or {})
    place: tuple[str, int] | None = None
    begun: dict[str, _Hash] = {}  # all findings of a line have it in common, and it may be the whole of a large file
    for diagnostic in diagnostics:
        file, line = diagnostic.span.file, diagnostic.line
        if place != (file.path, line):
            place = (file.path, line)
            begun = {}
        if diagnostic.rule not in begun:
            text = " ".join(file.line(line).split())
            start = "\0".join((diagnostic.rule, locate(file.path), text, ""))
            begun[diagnostic.rule] = sha256(start.encode("utf-8", "surrogatepass"))
        identity = begun[diagnostic.rule].copy()
        identity.update(diagnostic.span.text.encode("utf-8", "surrogatepass"))
        digest = identity.hexdigest()[:16]
        seen[digest] = seen.get(digest, 0) + 1
        yield diagnostic, f"{digest}:{seen[digest]}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AcceptedFinding:
    """A finding at one place that a baseline accepts.

    Attributes:
        path: Its file, relative to the top of the repo.
        rule: Its rule.
        message: What it said, for readers of the file; it is not compared.
        fingerprint: What it is found again by.
        count: How many places it is for: more than one where not all places of a finding are listed.
    """

    path: str
    rule: str
    message: str
    fingerprint: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The entries of a file, and what people call it."""

    name: str
    entries: tuple[AcceptedFinding, ...]


class BaselineError(ValueError):
    """A text that is not a baseline. `str()` says why; `span` is the place, `help` says what to do."""

    def __init__(self, message: str, span: Span, help_: str = _NEW) -> None:
        super().__init__(message)
        self.span = span
        self.help = help_


# --- Writing -------------------------------------------------------------------------


def entries_of(diagnostics: Iterable[Diagnostic], locate: Callable[[str], str]) -> tuple[AcceptedFinding, ...]:
    """The entries that accept findings, each place by itself, in order.

    Files that cannot be read have none: what is in them is not known.
    """
    found = [
        AcceptedFinding(
            path=locate(part.path),
            rule=part.rule,
            message=part.message,
            fingerprint=fingerprint,
            count=count,
        )
        for part, fingerprint, count in _places(diagnostics, locate)
        if not _is_unread(part)
    ]
    return tuple(sorted(found))


def text_of(entries: Iterable[AcceptedFinding]) -> str:
    """The file of some entries: the same bytes for the same findings."""
    listed = [
        {
            "rule": each.rule,
            "path": each.path,
            "message": each.message,
            "fingerprint": each.fingerprint,
            **({"count": each.count} if each.count > 1 else {}),
        }
        for each in entries
    ]
    return to_json({"version": VERSION, "findings": listed})


def _places(diagnostics: Iterable[Diagnostic], locate: Callable[[str], str]) -> Iterator[tuple[Diagnostic, str, int]]:
    """Each place of each finding with its fingerprint and, at the first of a finding, how many it has to speak for."""
    counts: dict[_Key, int] = {}
    parts: dict[_Key, Diagnostic] = {}  # findings of two clusters may have some places in common
    for diagnostic in diagnostics:
        for number, part in enumerate(diagnostic.each):
            parts.setdefault(part.sort_key, part)
            count = 1 if number else 1 + diagnostic.count - len(diagnostic.each)
            counts[part.sort_key] = max(count, counts.get(part.sort_key, 0))
    for part, fingerprint in fingerprints((parts[key] for key in sorted(parts)), locate):
        yield part, fingerprint, counts[part.sort_key]


def _is_unread(diagnostic: Diagnostic) -> bool:
    return diagnostic.rule == UNREADABLE_FILE.name


# --- Reading -------------------------------------------------------------------------


def decode(file: File) -> Baseline:
    """Decode a baseline file; unknown keys are left alone, so that a later version can add some.

    Raises:
        BaselineError: It is not one, or of another version.
    """
    from compiler.text.json_tree import JsonError, read_json

    try:
        root = read_json(file)
    except JsonError as error:
        raise BaselineError(str(error), error.span) from error
    if not isinstance(root, Mapping):
        raise BaselineError(f"expected an object, found {_kind(root)}", _begin(root))
    version = root.fields.get("version")
    if version is None:
        raise BaselineError("the baseline has no `version`", _begin(root))
    if not (isinstance(version, Scalar) and version.kind == "integer" and version.text == str(VERSION)):
        raise BaselineError(f"this version of the baseline is unknown: mirrorc reads {VERSION}", _begin(version))
    findings = root.fields.get("findings")
    if not isinstance(findings, Sequence):
        raise BaselineError("`findings` is not a list" if findings else "the baseline has no `findings`", _begin(root))
    known: dict[str, Node] = {}
    entries = []
    for item in findings.items:
        entry = _entry(item)
        if entry.fingerprint in known:
            raise BaselineError(f"the fingerprint `{shown(entry.fingerprint)}` appears twice", _begin(item))
        known[entry.fingerprint] = item
        entries.append(entry)
    return Baseline(name=file.path, entries=tuple(entries))


def _entry(item: Node) -> AcceptedFinding:
    if not isinstance(item, Mapping):
        raise BaselineError(f"expected an object, found {_kind(item)}", _begin(item))
    entry = AcceptedFinding(
        path=_text(item, "path"),
        rule=_text(item, "rule"),
        message=_text(item, "message"),
        fingerprint=_text(item, "fingerprint"),
    )
    count = item.fields.get("count")
    if count is None:
        return entry
    if not isinstance(count, Scalar) or not count.plain or not _COUNT.fullmatch(count.text):
        raise BaselineError("`count` is not a number of places", _begin(count))
    return replace(entry, count=int(count.text))


_COUNT = re.compile("[1-9][0-9]{0,8}")


def _text(item: Mapping, name: str) -> str:
    value = item.fields.get(name)
    if value is None:
        raise BaselineError(f"the entry has no `{name}`", _begin(item))
    if not isinstance(value, Scalar) or value.kind != "string":
        raise BaselineError(f"`{name}` is not a string", _begin(value))
    return value.text


def _kind(node: Node) -> str:
    return {"array": "a list", "object": "an object", "string": "a string"}.get(node.kind, "another value")


def _begin(node: Node) -> Span:
    return Span(node.file, node.start, min(node.start + 1, len(node.file.text)))


# --- Comparing -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Findings parted by a baseline.

    Attributes:
        name: What people call the file.
        hidden: The places that the baseline accepts; a finding in many places has several.
        places: How many these are, those that are not listed included.
        stale: The entries that match no finding and whose files were looked at, in order.
        digests: How many hidden places each digest of fingerprints has.
    """

    name: str
    hidden: tuple[Diagnostic, ...]
    places: int
    stale: tuple[AcceptedFinding, ...]
    digests: AbstractMapping[str, int]
    _new: AbstractMapping[_Key, Diagnostic | None]

    def new(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Of the findings that were compared, some or all: what of them is new, by file and position."""
        left = (self._new[diagnostic.sort_key] for diagnostic in diagnostics)
        return tuple(sorted((each for each in left if each is not None), key=lambda each: each.sort_key))


def compare(
    baseline: Baseline,
    diagnostics: Iterable[Diagnostic],
    locate: Callable[[str], str],
    looked_at: Callable[[str], bool],
    *,
    adjustable: Callable[[str], bool],
    kept: Collection[_Key] = (),
) -> Compared:
    """Compare findings with a baseline.

    What an entry says of a finding that is not there is known only where its file was looked at as a whole.

    Args:
        baseline: What is accepted.
        diagnostics: The findings of the run, each with a `sort_key` that no other has.
        locate: Gives for a shown path the one in the baseline.
        looked_at: Whether the run looked at a path of the baseline.
        kept: The sort keys of places that are reported even if they are accepted.
        adjustable: Whether other findings can still be found in a file where a rule is broken.
    """
    diagnostics = tuple(diagnostics)
    accepted = {each.fingerprint: each for each in baseline.entries}
    met: set[str] = set()
    is_hidden: dict[_Key, Diagnostic] = {}
    places = 0
    digests: dict[str, int] = {}
    for part, fingerprint, count in _places(diagnostics, locate):
        entry = accepted.get(fingerprint)
        if entry is None or _is_unread(part):
            continue
        met.add(fingerprint)
        if entry.count >= count and part.sort_key not in kept:
            is_hidden[part.sort_key] = part
            places += count
            digest = fingerprint.partition(":")[0]
            digests[digest] = digests.get(digest, 0) + 1
    left = {diagnostic.sort_key: _left(diagnostic, is_hidden) for diagnostic in diagnostics}
    broken = {locate(each.path) for each in left.values() if each is not None and not adjustable(each.rule)}
    return Compared(
        name=baseline.name,
        hidden=tuple(is_hidden.values()),
        places=places,
        stale=tuple(
            entry
            for entry in sorted(baseline.entries)
            if entry.fingerprint not in met and entry.path not in broken and looked_at(entry.path)
        ),
        digests=digests,
        _new=left,
    )


def _left(diagnostic: Diagnostic, is_hidden: Collection[_Key]) -> Diagnostic | None:
    """What of a finding is new: itself, its new places as one finding, or nothing."""
    parts = [part for part in diagnostic.each if part.sort_key not in is_hidden]
    if len(parts) == len(diagnostic.each):
        return diagnostic
    if not parts:
        return None
    if diagnostic.count > len(diagnostic.each) and diagnostic.each[0].sort_key not in is_hidden:
        return diagnostic  # which of the places that are not listed are new is not known
    (one,) = folded(parts)
    return replace(one, severity=diagnostic.severity)
