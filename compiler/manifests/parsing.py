"""One file to its manifests: reading, distinguishing templates from manifests, decoding.

In: a decoded file and the release. Out: the manifests in it and the findings. What this gives depends on nothing but
the file and the release, so that it can be kept for as long as both stay the same.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from compiler.findings import allowances, rules
from compiler.findings.allowances import Allowance
from compiler.findings.diagnostics import Diagnostic, Gathered, Label
from compiler.manifests.decoding import decode
from compiler.manifests.embedded import Home, NodeText, Pointer
from compiler.manifests.kinds import ImageConfig, Manifest, MirrorSet
from compiler.manifests.policy_places import PolicyPlace, policy_places, without
from compiler.names.releases import Release
from compiler.text.comments import comments
from compiler.text.span import File, Span
from compiler.text.tree import YamlError, each_document, read


class Parsed(NamedTuple):
    """What one file contains; `refused` are kind and name of the objects that the API server would not take.

    `places` are those of mirror policy in the text that none of the spans `read` covers. A reader of another form adds
    the spans of what it read with `with_read`. `homes` are the documents with policy inside them, `pointers` those that
    name others, and `home_allowances` the comments that speak for what is said of them.
    `node_texts` are files of a node.
    """

    file: File
    manifests: tuple[Manifest, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    places: tuple[PolicyPlace, ...] = ()
    read: tuple[Span, ...] = ()
    homes: tuple[Home, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    home_allowances: tuple[Allowance, ...] = ()
    node_texts: tuple[NodeText, ...] = ()

    def with_read(self, spans: Iterable[Span]) -> "Parsed":
        """The same with more spans that were read."""
        read = (*self.read, *spans)
        return self._replace(read=read, places=without(self.places, read))


_OUR_KIND = re.compile(
    r"""\bkind["']?[ \t]*:[ \t]*["']?"""
    r"((?:Image(?:DigestMirrorSet|TagMirrorSet|ContentSourcePolicy|Policy|)|ClusterImagePolicy|MachineConfiguration)(?:List)?)\b"
)
_ROOT = "rootOfTrust"
"""A field that only OpenShift's policies have."""

_MARKERS = ("{{", "{%", "<%", "${")
_MARKER = re.compile("|".join(map(re.escape, _MARKERS)))
_EACH_MARKER = re.compile(rf"(?={_MARKER.pattern})")
"""Marks that overlap too."""
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_COMMENT = re.compile(r"""(?:[^\n#"']++|(?<=\S)\#|"[^"\n]*"|'[^'\n]*')*(\#[^\n]*)""")
"""A line up to its end if that is a comment: a `#` in quotes, or right after another character, begins none."""


def parse(file: File, release: Release) -> Parsed:
    """Decode every manifest of a file; a template is named and left out, the rest goes on."""
    parsed = _parse(file, release)
    return parsed._replace(places=policy_places(file, parsed.read))


def _parse(file: File, release: Release) -> Parsed:
    text = file.text
    if any(marker in text for marker in _MARKERS):
        return _parse_by_document(file, release)
    manifests: list[Manifest] = []
    refused: list[tuple[str, str]] = []
    found = Gathered()
    spans: list[Span] = []
    error: YamlError | None = None
    for document in each_document(file):
        if isinstance(document, YamlError):
            error = document
            break
        decoded = decode(document, release)
        manifests += decoded.manifests
        refused += decoded.refused
        found.extend(decoded.diagnostics)
        spans += decoded.read
    if error is not None and _names_our_kind(text):
        found.add(_invalid_yaml(error))
        spans.append(Span(file, 0, len(text)))  # the error says that the rest was not read
    noted = allowances.Found()
    if allowances.MARK in text:
        noted = allowances.find(file, comments(file, end=error.span.start if error else None))
        found.extend(noted.diagnostics)
    return Parsed(
        file=file,
        manifests=tuple(manifests),
        refused=tuple(refused),
        diagnostics=tuple(found.kept),
        allowances=noted.allowances,
        read=tuple(spans),
    )


def _parse_by_document(file: File, release: Release) -> Parsed:
    """Read document by document, so that one template does not hide what is beside it.

    What compiles unchanged is a manifest, whatever its annotations and comments contain. What does not is a template
    if a marker of a template language is where it fails.
    """
    manifests: list[Manifest] = []
    refused: list[tuple[str, str]] = []
    gathered = Gathered()
    allowed: list[Allowance] = []
    spans: list[Span] = []
    has_allowances = allowances.MARK in file.text
    for start, end in documents(file.text):
        if not _names_our_kind(file.text[start:end]):
            continue
        tree = read(file, start=start, end=end)
        decoded = [decode(document, release) for document in tree.documents]
        found = [manifest for each in decoded for manifest in each.manifests]
        findings = [finding for each in decoded for finding in each.diagnostics]
        read_here = [span for each in decoded for span in each.read]
        if tree.error is not None:
            findings.append(_invalid_yaml(tree.error))
            read_here.append(Span(file, start, end))
        marker = template_mark(file, start, end)
        if marker is not None and (_fails_at_mark(findings, file, start, end) or _holds_marker(found)):
            kind = _OUR_KIND.search(file.text, start, end)
            gathered.add(
                rules.TEMPLATE_MANIFEST.at(
                    marker,
                    f"this {kind[1] if kind else 'manifest'} is a template and is skipped",
                    help="Render it first, and pass the result to mirrorc: `helm template … | mirrorc build -`.",
                )
            )
            if has_allowances:
                noted = allowances.find(file, allowances.whole_line_comments(file, start, end))
                allowed += (each for each in noted.allowances if each.rule == rules.TEMPLATE_MANIFEST.name)
            continue
        manifests += found
        spans += read_here
        refused += (identity for each in decoded for identity in each.refused)
        gathered.extend(findings)
        if has_allowances and tree.error is None:
            noted = allowances.find(file, comments(file, start=start, end=end))
            allowed += noted.allowances
            gathered.extend(noted.diagnostics)
    return Parsed(
        file=file,
        manifests=tuple(manifests),
        refused=tuple(refused),
        diagnostics=tuple(gathered.kept),
        allowances=tuple(allowed),
        read=tuple(spans),
    )


def documents(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Where each document of a text (or of the part between two offsets) begins and ends, without reading it."""
    end = len(text) if end is None else end
    for match in _SEPARATOR.finditer(text, start, end):
        if match.start() > start:
            yield start, match.start()
        start = match.start()
    yield start, end


def our_kind(text: str) -> str:
    """The first kind of ours that the text of a manifest names, an empty string if it names none."""
    match = _OUR_KIND.search(text)
    return match[1] if match and _names_our_kind(text) else ""


def _names_our_kind(text: str) -> bool:
    kinds = {match[1] for match in _OUR_KIND.finditer(text)}
    return any(_is_ours(kind, text) for kind in sorted(kinds))


def _is_ours(kind: str, text: str) -> bool:
    """Whether a kind that a text names is OpenShift's: other projects have an Image or an ImagePolicy too."""
    if kind == ImageConfig.kind:
        return ImageConfig.api_version in text
    return not kind.removesuffix("List").endswith("ImagePolicy") or "config.openshift.io/" in text or _ROOT in text


def template_mark(file: File, start: int, end: int) -> Span | None:
    """The first mark of a template language that no comment contains."""
    while match := _MARKER.search(file.text, start, end):
        line = file.text.rfind("\n", 0, match.start()) + 1
        comment = _COMMENT.match(file.text, line)
        if comment is None or comment.start(1) > match.start():
            return Span(file, match.start(), match.end())
        start = comment.end()
    return None


def _fails_at_mark(findings: list[Diagnostic], file: File, start: int, end: int) -> bool:
    """Whether a template language explains a finding: any of its marks may be why the text is not YAML.

    Of an unquoted `{{ name }}`, read as a mapping in a mapping, only the inner brace is the key's.
    """
    marks = [match.start() for match in _EACH_MARKER.finditer(file.text, start, end)]

    def fails(finding: Diagnostic) -> bool:
        if finding.rule == rules.INVALID_YAML.name:
            return True
        stops = not rules.RULES[finding.rule].adjustable or finding.rule == rules.UNKNOWN_FIELD.name
        first = bisect_left(marks, finding.span.start - 1)
        return stops and first < len(marks) and marks[first] < finding.span.end

    return any(map(fails, findings))


def _holds_marker(manifests: list[Manifest]) -> bool:
    """Whether a legacy object, whose texts the API does not check, was a template all the same."""
    return any(
        _MARKER.search(location.value)
        for manifest in manifests
        if isinstance(manifest, MirrorSet)
        for rule in manifest.rules
        for location in (rule.source, *rule.mirrors)
    )


_ADVICE = {
    "scanning an alias": 'Put a value that starts with `*` in quotes: "*.example.com".',
    "tab character": "Indent with spaces, not tabs.",
    "cannot start any token": "Indent with spaces, not tabs, and put values that start with a special character in "
    "quotes.",
    "mapping values are not allowed": "Check the indentation, and put values that contain `: ` in quotes.",
    "did not find expected key": "Check the indentation here and above, and look for a missing closing quote.",
    "did not find expected '-'": "Check the indentation here and above.",
    "could not find expected ':'": "Write `key: value`, with a space after the colon.",
    "did not find expected ','": "Close the bracket, or put a comma between two items.",
    "found unexpected end of stream": "Close the quotes.",
    "unknown escape character": "Write `\\\\` for a backslash in double quotes, or use single quotes.",
}
"""What mostly helps, by the parser's words."""


def _invalid_yaml(error: YamlError) -> Diagnostic:
    advice = next((advice for words, advice in _ADVICE.items() if words in error.message), "Fix the syntax here.")
    return rules.INVALID_YAML.at(
        error.span,
        error.message,
        help=f"{advice} The rest of this file is not read.",
        labels=[Label(span=error.opened, text="starts here")] if error.opened else (),
    )
