"""One file to its manifests: reading, distinguishing templates from manifests, decoding.

In: a decoded file and the release. Out: the manifests in it and the findings. What this gives depends on nothing but
the file and the release, so that it can be kept for as long as both stay the same.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from compiler.findings import allowances, rules
from compiler.findings.allowances import Allowance
from compiler.findings.diagnostics import Diagnostic, Fold, Gathered, Label
from compiler.manifests.branches import Branch, Masked, conditional_at
from compiler.manifests.decoding import decode
from compiler.manifests.embedded import Home, NodeText, Pointer
from compiler.manifests.kinds import ImageConfig, Manifest, MirrorSet, SignaturePolicyObject
from compiler.manifests.marks import may_have_tokens, template_mark
from compiler.manifests.policy_places import PolicyPlace, policy_places, without
from compiler.names.releases import Release
from compiler.text.comments import comments
from compiler.text.opaque import harmless, has_lookalikes, tokens
from compiler.text.span import File, Span
from compiler.text.tree import Node, Tree, YamlError, each_document, each_of, read
from compiler.text.wording import joined, shown, some_of


class Parsed(NamedTuple):
    """What one file contains; `refused` are kind and name of the objects that the API server would not take.

    `places` are those of mirror policy in the text that none of the spans `read` covers. A reader of another form adds
    the spans of what it read with `with_read`. `homes` are the documents with policy inside them, `pointers` those that
    name others, and `home_allowances` the comments that speak for what is said of them.
    `node_texts` are files of a node. `branches` are the parts that a template's statements make conditional.
    `variants` are the same file with other branches of it, of which no two are taken together, nor with this one.
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
    branches: tuple[Branch, ...] = ()
    variants: tuple["Parsed", ...] = ()

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

_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)


def parse(file: File, release: Release, unread: list[Node] | None = None, tree: Tree | None = None) -> Parsed:
    """Decode every manifest of a file; a template is named and left out, the rest goes on.

    Where nothing of a file of one document was decoded, its tree goes into `unread`, for those who find more in it.
    `tree` is that of the file, where it is read already.
    """
    parsed = _parse(file, release, unread, tree)
    return parsed._replace(places=policy_places(file, parsed.read))


def _parse(file: File, release: Release, unread: list[Node] | None, tree: Tree | None) -> Parsed:
    text = file.text
    if has_lookalikes(text):
        text = harmless(text)
    if may_have_tokens(text):
        from compiler.manifests.tokens import masked

        if (template := masked(text)).is_changed:
            first = _parse_template(file, template, release)
            return with_variants(first, [_parse_template(file, other, release) for other in template.others])
    manifests: list[Manifest] = []
    refused: list[tuple[str, str]] = []
    found = Gathered()
    spans: list[Span] = []
    roots: list[Node] = []
    error: YamlError | None = None
    for document in each_document(file, text=text) if tree is None or text is not file.text else each_of(tree):
        if isinstance(document, YamlError):
            error = document
            break
        decoded = decode(document, release)
        if document.root is not None and not any(decoded):
            roots.append(document.root)
        manifests += decoded.manifests
        refused += decoded.refused
        found.extend(decoded.diagnostics)
        if decoded.has_placeholders:
            found.extend(unknown_values(decoded.manifests, ()))
        spans += decoded.read
    if error is not None and _names_our_kind(text):
        found.add(_invalid_yaml(error))
        spans.append(Span(file, 0, len(text)))  # the error says that the rest was not read
    noted = allowances.FoundAllowances()
    if allowances.MARK in text:
        noted = allowances.find(file, comments(file, end=error.span.start if error else None))
        found.extend(noted.diagnostics)
    if unread is not None and error is None and not (manifests or refused or spans) and len(list(documents(text))) == 1:
        unread += roots
    return Parsed(
        file=file,
        manifests=tuple(manifests),
        refused=tuple(refused),
        diagnostics=tuple(found.kept),
        allowances=noted.allowances,
        read=tuple(spans),
    )


def with_variants(first: Parsed, others: Sequence[Parsed]) -> Parsed:
    """A file with what it contains with other branches.

    What is not known of an object before it is rendered is said once, in the reading that knows most of it.
    """
    if not others:
        return first
    every = (first, *others)
    said: dict[tuple[str, int], Diagnostic] = {}
    for finding in (each for parsed in every for findings in _findings(parsed) for each in findings):
        if finding.rule == rules.TEMPLATE_VALUES.name:
            key = (finding.path, finding.span.start)
            if key not in said or len(finding.message) > len(said[key].message):
                said[key] = finding
    wanted = {id(finding) for finding in said.values()}
    first, *others = [_without(parsed, wanted) for parsed in every]
    found = first.with_read(span for other in others for span in other.read)
    numbered = (
        other._replace(homes=tuple(home._replace(reading=number) for home in other.homes))
        for number, other in enumerate(others, 1)
    )
    return found._replace(variants=tuple(numbered))


def every_home(parsed: Parsed) -> Iterator[Home]:
    """The homes of a file in all readings of it."""
    yield from parsed.homes
    for variant in parsed.variants:
        yield from variant.homes


def _findings(parsed: Parsed) -> Iterator[Sequence[Diagnostic]]:
    yield parsed.diagnostics
    yield from (home.diagnostics for home in parsed.homes)


def _without(parsed: Parsed, wanted: Collection[int]) -> Parsed:
    """A file without what is not known of objects, but for some findings."""

    def left(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        return tuple(each for each in findings if each.rule != rules.TEMPLATE_VALUES.name or id(each) in wanted)

    homes = tuple(home._replace(diagnostics=left(home.diagnostics)) for home in parsed.homes)
    return parsed._replace(diagnostics=left(parsed.diagnostics), homes=homes)


def may_have_placeholders(parsed: Parsed) -> bool:
    """Whether values of a file may contain opaque tokens."""
    name = rules.TEMPLATE_VALUES.name
    return bool(parsed.branches) or any(finding.rule == name for finding in parsed.diagnostics)


def readings(parsed: Sequence[Parsed]) -> list[tuple[Parsed, ...]]:
    """Files as one reading of their templates after the other has them; as many as the one with most branches has."""
    most = max((len(each.variants) for each in parsed), default=0)
    return [
        tuple(parsed),
        *(
            tuple(each.variants[min(number, len(each.variants) - 1)] if each.variants else each for each in parsed)
            for number in range(most)
        ),
    ]


def _parse_template(file: File, template: Masked, release: Release) -> Parsed:
    """Read document by document, so that one that is not YAML before it is rendered does not hide what is beside it."""
    manifests: list[Manifest] = []
    refused: list[tuple[str, str]] = []
    gathered = Gathered()
    allowed: list[Allowance] = []
    spans: list[Span] = []
    has_allowances = allowances.MARK in file.text
    for start, end in documents(template.text):
        if not _names_our_kind(template.text[start:end]):
            continue
        tree = read(file, start=start, end=end, text=template.text[start:end])
        blanks = template.blanks[bisect_left(template.blanks, start) : bisect_left(template.blanks, end)]
        decoded = [decode(document, release, blanks=blanks) for document in tree.documents]
        is_template = not template.is_plain(start, end)
        if tree.error is not None and template_mark(file, start, end) is not None:
            gathered.add(_unreadable_template(file, start, end))
            if has_allowances:
                noted = allowances.find(file, allowances.whole_line_comments(file, start, end))
                allowed += (each for each in noted.allowances if each.rule == rules.TEMPLATE_MANIFEST.name)
            continue
        if tree.error is not None:
            gathered.add(_invalid_yaml(tree.error))
            spans.append(Span(file, start, end))
        for each in decoded:
            manifests += each.manifests
            spans += each.read
            refused += each.refused
            gathered.extend(each.diagnostics)
            gathered.extend(unknown_values(each.manifests, template.branches))
        if has_allowances and tree.error is None:
            noted = allowances.find(file, _comments(file, start, end, is_template=is_template))
            allowed += noted.allowances
            gathered.extend(noted.diagnostics)
    return Parsed(
        file=file,
        manifests=tuple(manifests),
        refused=tuple(refused),
        diagnostics=tuple(gathered.kept),
        allowances=tuple(allowed),
        read=tuple(spans),
        branches=template.branches,
    )


def _comments(file: File, start: int, end: int, *, is_template: bool) -> Iterator[Span]:
    """The comments of a part of a text; of a template those that are addressed to mirrorc, in any language."""
    if not is_template:
        return iter(comments(file, start=start, end=end))
    return allowances.policy_comments(file, start, end)


def unknown_values(
    manifests: Iterable[Manifest],
    branches: Sequence[Branch],
    *,
    changed: Sequence[Span] = (),
    is_script: bool = False,
) -> Iterator[Diagnostic]:
    """What is not known of objects before their template is rendered, one finding for each.

    Args:
        manifests: The objects.
        branches: The conditional parts of their file.
        changed: Commands of their script that change them after they are written.
        is_script: Whether they are in a script: no value decides which branches that takes.
    """
    for manifest in manifests:
        values = _values(manifest)
        unknown = list(dict.fromkeys(token for value in values for token in tokens(value)))
        inside = conditional_at(branches, manifest.span.start, manifest.span.end)
        is_short = isinstance(manifest, MirrorSet | ImageConfig) and manifest.is_open
        if not unknown and not inside and not is_short and not changed:
            continue
        told = []
        if unknown:
            names = some_of([f"`{shown(token)}`" for token in unknown], 3)
            told.append(f"{names} {'is' if len(unknown) == 1 else 'are'} unknown")
        if is_short and not changed:
            told.append(f"more {'registries' if isinstance(manifest, ImageConfig) else 'rules'} may be added")
        if inside:
            told.append(f"{_lines(manifest.span.file, inside)} conditional")
        if changed:
            told.append(f"{_places(changed)} may change it")
        needs_run = is_script and bool(inside or is_short or changed)
        until = f"the script with this {manifest.kind} runs" if needs_run else f"this {manifest.kind} is rendered"
        yield rules.TEMPLATE_VALUES.at(
            manifest.name.span,
            f"until {until}, {', and '.join(part for part in (', '.join(told[:-1]), told[-1]) if part)}",
            help=_RUN if needs_run else _GIVE,
            labels=[Label(span=span, text="changes what is written") for span in changed[:_MOST_NAMED]],
            fold=Fold(
                key=(bool(unknown), needs_run),
                everywhere=True,
                message=_FOLDED[needs_run, bool(unknown)],
                name=shown(unknown[0]) if unknown else manifest.name.value,
                help=_RUN_THEM if needs_run else _GIVE_THEM,
            ),
        )


_GIVE = "Give the values with `mirrorc build --set NAME=VALUE` or `--values FILE` to compile it."
_GIVE_THEM = "Give the values with `mirrorc build --set NAME=VALUE` or `--values FILE` to compile them."
_RUN = "Run the script without applying the object, and pass what it writes to mirrorc: as a file, or through a pipe."
_RUN_THEM = (
    "Run the scripts without applying the objects, and pass what they write to mirrorc: as files, or through pipes."
)
_FOLDED = {
    (False, True): "until {count} objects{files} are rendered, values such as {names} are unknown",
    (False, False): "parts of {count} objects{files} are unknown until they are rendered: {names}",
    (True, True): "until the scripts with {count} objects{files} run, values such as {names} are unknown",
    (True, False): "parts of {count} objects{files} are unknown until their scripts run: {names}",
}
"""What is said of several objects, by whether their scripts have to run and whether values are unknown."""


def _places(spans: Sequence[Span]) -> str:
    """`the command in line 7`, `the commands in lines 7 and 9`."""
    numbers = list(dict.fromkeys(str(span.file.position(span.start).line) for span in spans))
    if len(numbers) == 1:
        return f"the command in line {numbers[0]}"
    return f"the commands in lines {joined(numbers[:_MOST_NAMED])}{' and others' if len(numbers) > _MOST_NAMED else ''}"


def _values(manifest: Manifest) -> Iterator[str]:
    if isinstance(manifest, MirrorSet):
        for rule in manifest.rules:
            yield rule.source.value
            yield from (mirror.value for mirror in rule.mirrors)
            if rule.mirror_source_policy is not None:
                yield rule.mirror_source_policy.value
    elif isinstance(manifest, ImageConfig):
        yield from (scope.value for scopes in (*manifest.lists.values(), manifest.search or ()) for scope in scopes)
    elif isinstance(manifest, SignaturePolicyObject):
        yield from (each.value for each in manifest.values)


def _lines(file: File, branches: Iterable[Branch]) -> str:
    """`lines 7 to 11 and 14 to 15 are`, of the outermost branches."""
    found: list[tuple[int, int]] = []
    for branch in sorted(branches):
        first = file.position(branch.start).line + 1
        last = max(file.position(branch.end).line - 1, first)
        if not found or first > found[-1][1]:
            found.append((first, last))
    told = [str(first) if first == last else f"{first} to {last}" for first, last in found]
    is_one = told == [str(found[0][0])]
    return f"{'line' if is_one else 'lines'} {joined(told[:_MOST_NAMED])} {'is' if is_one else 'are'}"


_MOST_NAMED = 5


def _unreadable_template(file: File, start: int, end: int) -> Diagnostic:
    kind = _OUR_KIND.search(file.text, start, end)
    return rules.TEMPLATE_MANIFEST.at(
        template_mark(file, start, end) or Span(file, start, min(start + 1, end)),
        f"this {kind[1] if kind else 'manifest'} is a template that is not YAML before it is rendered, and is skipped",
        help="Render it first, and pass the result to mirrorc: `helm template … | mirrorc build -`.",
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
