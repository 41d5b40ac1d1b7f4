"""Which images a file-based catalog of operators names, and where.

In: the text of a file of a catalog: YAML documents, or JSON objects one after the other. Out: its bundles and what
these relate to, each once for a bundle, with the images of CSVs that are embedded as base64.

Follows operator-framework/operator-registry `alpha/declcfg` (4f9d6f2): the first character decides about the form, not
the file's name; documents have a `schema`, and what `.indexignore` names is not part of the catalog. Nodes pull a
bundle to unpack it, and its related images to run the operator.

A catalog may have a hundred megabytes, which no YAML parser reads in seconds. Documents in the style that `opm` writes
are read by their lines; all others are parsed.
"""

import base64
import json
import posixpath
import re
from binascii import Error as Base64Error
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from compiler.findings import allowances
from compiler.images.references import (
    ImageReference,
    Images,
    UnresolvedImage,
    allowances_about_images,
    field_below,
    owner_shown,
    unresolvable,
)
from compiler.images.workloads import in_object, in_text
from compiler.machine.limits import most
from compiler.repository.paths import Problem
from compiler.text.span import File, Span
from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Node, Plain, Scalar, Sequence, plain, read
from compiler.text.wording import counted, shown

IGNORE_FILE = ".indexignore"
"""What a catalog leaves out, as in a `.gitignore`: one may be in each folder."""

_BUNDLE = "olm.bundle"
_WITHOUT_IMAGES = frozenset(("olm.package", "olm.channel", "olm.deprecations"))
_TEMPLATES = frozenset(("olm.semver", "olm.composite", "olm.template.basic", "olm.template.substitutes"))
"""What `opm alpha render-template` makes catalogs of: every `image` in them is a bundle."""
_CSV = b"ClusterServiceVersion"
_RELATED = "RELATED_IMAGE_"

Path = tuple[str | int, ...]
"""The way to a value from the root of a document."""


def find(file: File) -> Images:
    """Every image that a file of a catalog names."""
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    begin = _blank_end(file.text, 0)
    for found in _json(file, begin) if file.text.startswith("{", begin) else _yaml(file):
        if isinstance(found, ImageReference):
            references.append(found)
        else:
            unresolved.append(found)
    noted = allowances_about_images(file) if references or unresolved else allowances.FoundAllowances()
    return Images(
        file=file,
        references=tuple(references),
        unresolved=tuple(unresolved),
        allowances=noted.allowances,
        diagnostics=noted.diagnostics,
        is_catalog=True,
    )


# --- What a document names ------------------------------------------------------------

Found = ImageReference | UnresolvedImage


def _named(data: dict[str, Plain]) -> Iterator[tuple[Path, str]]:
    """The images that a document names by its schema, each with the way to it; `olm.bundle.object`s aside."""
    schema = data.get("schema")
    if schema == _BUNDLE:
        if isinstance(image := data.get("image"), str) and image:
            yield ("image",), image
        related = data.get("relatedImages")
        for index, each in enumerate(related if isinstance(related, list) else ()):
            if isinstance(each, dict) and isinstance(image := each.get("image"), str) and image:
                yield ("relatedImages", index, "image"), image
    elif schema not in _WITHOUT_IMAGES:
        yield from _everywhere(data)


def _everywhere(data: Plain) -> Iterator[tuple[Path, str]]:
    """Every text under the key `image`."""
    pending: list[tuple[Path, Plain]] = [((), data)]
    seen: set[int] = set()
    while pending:
        path, value = pending.pop()
        if not isinstance(value, dict | list) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict) and isinstance(image := value.get("image"), str) and image:
            yield (*path, "image"), image
        items = enumerate(value) if isinstance(value, list) else value.items()
        inner: list[tuple[Path, Plain]] = [((*path, key), item) for key, item in items]
        pending += reversed(inner)


def _embedded(data: dict[str, Plain]) -> Iterator[tuple[Path, str]]:
    """The objects that a bundle carries as base64, with the way to each."""
    properties = data.get("properties")
    for index, each in enumerate(properties if isinstance(properties, list) else ()):
        if isinstance(each, dict) and each.get("type") == "olm.bundle.object":
            value = each.get("value")
            encoded = value.get("data") if isinstance(value, dict) else None
            if isinstance(encoded, str):
                yield ("properties", index, "value", "data"), encoded


def _of_csv(encoded: str) -> list[str]:
    """The images that an embedded CSV makes nodes pull; none of any other object."""
    try:
        manifest = base64.b64decode(encoded, validate=False)
        csv = json.loads(manifest) if _CSV in manifest else None
    except (Base64Error, ValueError):
        return []
    if not isinstance(csv, dict) or csv.get("kind") != _CSV.decode():
        return []
    related = _at(csv, "spec", "relatedImages")
    images = [each.get("image") for each in _objects(related)]
    for deployment in _objects(_at(csv, "spec", "install", "spec", "deployments")):
        pod = _at(deployment, "spec", "template", "spec")
        for key in ("initContainers", "containers"):
            for container in _objects(_at(pod, key)):
                images.append(container.get("image"))
                images += (
                    variable.get("value")
                    for variable in _objects(container.get("env"))
                    if str(variable.get("name")).startswith(_RELATED)
                )
    return [image for image in images if isinstance(image, str) and image]


def _at(data: Plain, *keys: str) -> Plain:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _objects(data: Plain) -> Iterator[dict[str, Plain]]:
    return (each for each in (data if isinstance(data, list) else ()) if isinstance(each, dict))


class _Document:
    """One document: what it names is given once, and under its name."""

    def __init__(self, file: File, schema: object, name: object) -> None:
        self._file = file
        self._unread = (
            ""
            if not isinstance(schema, str) or schema == _BUNDLE or schema in _TEMPLATES
            else f"the schema `{shown(schema)}` is unknown: nodes may or may not pull its images"
        )
        self.owner = owner_shown(f"{schema}", name if isinstance(name, str) else "")
        self._seen: set[str] = set()

    def image(self, text: str, start: int, end: int, field: str) -> Iterator[Found]:
        """An image at its place, unless the document named it before."""
        if text in self._seen:
            return
        self._seen.add(text)
        span = Span(self._file, start, end)
        if reason := self._unread or unresolvable(text):
            yield UnresolvedImage(text=text, reason=reason, span=span, owner=self.owner, field=field)
        else:
            yield ImageReference(text=text, span=span, owner=self.owner, field=field)

    def embedded(self, encoded: str, start: int, end: int, field: str) -> Iterator[Found]:
        """The images of an embedded CSV, at the place of its base64."""
        for image in _of_csv(encoded):
            yield from self.image(image, start, end, field)


def _field(path: Path) -> str:
    field = ""
    for key in path:
        field = f"{field}[{key}]" if isinstance(key, int) else field_below(field, key)
    return field


# --- JSON -----------------------------------------------------------------------------

_BLANK = re.compile(r"[\ufeff \t\r\n]*")
_JSON_IMAGE, _JSON_DATA = (
    re.compile(rf'"{key}"\s*+:\s*+"((?:[^"\\]++|\\.)*+)"', re.DOTALL) for key in ("image", "data")
)


def _blank_end(text: str, start: int) -> int:
    match = _BLANK.match(text, start)
    return match.end() if match else start


def _json(file: File, start: int) -> Iterator[Found]:
    """The images of objects one after the other."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    text = file.text
    while start < len(text):
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            yield from in_text(file, start, len(text), reason="the file is not valid JSON from here on")
            return
        if isinstance(value, dict):
            yield from _of_json(file, value, start, end)
        start = _blank_end(text, end)


def _of_json(file: File, value: dict[str, Plain], start: int, end: int) -> Iterator[Found]:
    if "schema" not in value:
        for each in read(file, start=start, end=end).documents:
            yield from in_object(each.root)
        return
    document = _Document(file, value["schema"], value.get("name"))
    named = list(_named(value))
    places = _places(_JSON_IMAGE, file.text, start, end) if named else {}
    for path, image in named:
        yield from document.image(image, *places.get(image, (start, start + 1)), _field(path))
    embedded = list(_embedded(value))
    places = _places(_JSON_DATA, file.text, start, end) if embedded else {}
    for path, encoded in embedded:
        yield from document.embedded(encoded, *places.get(encoded, (start, start + 1)), _field(path))


def _places(pattern: re.Pattern[str], text: str, start: int, end: int) -> dict[str, tuple[int, int]]:
    """Where each value of a key is first written in an object."""
    places: dict[str, tuple[int, int]] = {}
    for match in pattern.finditer(text, start, end):
        if text[match.start() - 1] == "\\":
            continue
        value = match[1]
        if "\\" in value:
            try:
                value = str(json.loads(f'"{value}"', strict=False))
            except ValueError:
                continue
        places.setdefault(value, match.span(1))
    return places


# --- YAML -----------------------------------------------------------------------------

_SEPARATOR = re.compile(r"\n---(?=[ \t\r\n]|\Z)")
_BARE_SEPARATOR = re.compile(r"---[ \t\r]*(?:[ \t]\#[^\n]*)?(?=\n|\Z)")
_TOP_LINE = re.compile(r"\n(?=[^ \t\r\n#-])(?P<key>[A-Za-z][\w.]*)?(?P<rest>[^\n]*)")
_VALUE = re.compile(
    r"""[ \t]*(?:
        (?P<quote>["'])(?P<quoted>[^"'\\\n]*)(?P=quote)
        |(?P<plain>[A-Za-z0-9._/](?:[^\s#:"'\\]++|[:#]\S|[ \t\r]++(?=[^\s#:"'\\]))*+)
    )
    [ \t\r]*+(?:(?<=[ \t])\#[^\n]*)?\Z""",
    re.VERBOSE,
)
_IMAGE_KEY = re.compile(r"\n(?P<indent> *)(?P<dash>- +)?image:(?P<value>[^\n]*)")
_ITEM = re.compile(r"\n(?P<indent> *)(?P<dash>- +)(?=\S)")
_DATA_KEY = re.compile(r"\n +data:[ \t]+(?P<value>[A-Za-z0-9+/=]+)[ \t\r]*(?=\n|\Z)")
_HARD = re.compile(r"""[:-][ ]+[&*!|>{\[%@`]""")
"""What a block may contain that its lines do not show: anchors, aliases, tags, blocks of text, flow style."""


class _OddStyleError(Exception):
    """A document that has to be parsed."""


def _yaml(file: File) -> Iterator[Found]:
    text = file.text
    starts = [0, *(match.start() + 1 for match in _SEPARATOR.finditer(text))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        try:
            found = _by_lines(file, start, end)
        except _OddStyleError:
            found = list(_parsed(file, start, end))
        yield from found


def _by_lines(file: File, start: int, end: int) -> list[Found]:
    """The images of a document as `opm` writes it: keys at the start of a line, lists of one image on a line.

    Raises:
        _OddStyleError: It is written in another way.
    """
    text = file.text
    # Every line is found by the line break before it; the first one of a file has none.
    first = start - 1 if start else _no_break(text, end)
    if text.startswith("---", start) and _BARE_SEPARATOR.match(text, start, end) is None:
        raise _OddStyleError
    blocks: dict[str, tuple[int, int, int]] = {}
    last = ""
    for match in _TOP_LINE.finditer(text, max(first, 0), end):
        key, rest = match["key"], match["rest"]
        if key is None or not rest.startswith(":") or rest[1:2] not in {"", " ", "\t", "\r"} or key in blocks:
            raise _OddStyleError
        if last:
            blocks[last] = (*blocks[last][:2], match.start())
        blocks[key] = (match.end("key") + 1, match.end(), end)
        last = key
    if not blocks:
        if text[start:end].strip("-. \t\r\n") and not _only_comments(text, start, end):
            raise _OddStyleError
        return []
    schema = _value(text, blocks.get("schema"))
    if schema in _WITHOUT_IMAGES:
        return []
    if schema != _BUNDLE:
        raise _OddStyleError
    document = _Document(file, schema, _value(text, blocks.get("name")) if "name" in blocks else "")
    found: list[Found] = []
    if "image" in blocks:
        found += document.image(*_single(text, blocks["image"]), "image")
    found += _related(text, document, blocks.get("relatedImages"))
    found += _objects_by_lines(text, document, blocks.get("properties"))
    return found


def _no_break(text: str, end: int) -> int:
    """Where the first lines of a file begin that are found by the break before them: a separator may be above."""
    if text[:1] in {"-", "#", "\n", "\r"} and "\n" in text[:end]:
        return 0
    raise _OddStyleError


def _only_comments(text: str, start: int, end: int) -> bool:
    return all(not line or line.startswith(("#", "---", "...")) for line in map(str.strip, text[start:end].split("\n")))


def _value(text: str, block: tuple[int, int, int] | None) -> str:
    if block is None:
        raise _OddStyleError
    return _single(text, block)[0]


def _single(text: str, block: tuple[int, int, int]) -> tuple[str, int, int]:
    """The value of a key that has nothing on further lines."""
    at, line_end, end = block
    if (more := text[line_end:end].strip()) and not _only_comments(more, 0, len(more)):
        raise _OddStyleError
    return _scalar(text, at, line_end)


def _scalar(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The text of a value on one line, and where it is."""
    match = _VALUE.match(text[start:end])
    if match is None:
        raise _OddStyleError
    group = "quoted" if match["quote"] else "plain"
    value = match[group]
    at = start + match.start(group)
    return value, at, at + len(value)


def _related(text: str, document: _Document, block: tuple[int, int, int] | None) -> Iterator[Found]:
    if block is None:
        return
    at, line_end, end = block
    if (rest := text[at:line_end].strip()) or _HARD.search(text, line_end, end):
        if rest == "[]":
            return
        raise _OddStyleError
    first = _ITEM.search(text, line_end, end)
    if first is None:
        return
    outer = len(first["indent"])
    items = [
        (match.start(), outer + len(match["dash"]))
        for match in _ITEM.finditer(text, line_end, end)
        if len(match["indent"]) == outer
    ]
    number = 0
    for match in _IMAGE_KEY.finditer(text, line_end, end):
        while number + 1 < len(items) and items[number + 1][0] <= match.start():
            number += 1
        if len(match["indent"]) + len(match["dash"] or "") != items[number][1]:
            continue  # a key of something inside the item
        value, start, stop = _scalar(text, match.start("value"), match.end("value"))
        yield from document.image(value, start, stop, f"relatedImages[{number}].image")


def _objects_by_lines(text: str, document: _Document, block: tuple[int, int, int] | None) -> Iterator[Found]:
    if block is None or text.find("olm.bundle.object", block[1], block[2]) < 0:
        return
    for match in _DATA_KEY.finditer(text, block[1], block[2]):
        yield from document.embedded(match["value"], *match.span("value"), "properties")


def _parsed(file: File, start: int, end: int) -> Iterator[Found]:
    """The images of a document in any style."""
    tree = read(file, start=start, end=end)
    for each in tree.documents:
        root = each.root
        if not isinstance(root, YamlMapping) or "schema" not in root.fields:
            yield from in_object(root)
            continue
        data = plain(root)
        if not isinstance(data, dict):
            continue
        document = _Document(file, data.get("schema"), data.get("name"))
        for path, image in _named(data):
            yield from document.image(image, *_place(_node(root, path)), _field(path))
        for path, encoded in _embedded(data):
            yield from document.embedded(encoded, *_place(_node(root, path)), _field(path))
    if tree.error is not None:
        yield from in_text(file, max(start, tree.error.span.start), end, reason="the file is not valid YAML")


def _node(root: Node, path: Path) -> Node:
    node = root
    for key in path:
        if isinstance(node, YamlMapping) and isinstance(key, str):
            node = node.fields[key]
        elif isinstance(node, Sequence) and isinstance(key, int):
            node = node.items[key]
    return node


def _place(node: Node) -> tuple[int, int]:
    """The text of a value without its quotes."""
    quoted = isinstance(node, Scalar) and not node.plain and node.file.text[node.start : node.start + 1] in {'"', "'"}
    return (node.start + 1, node.end - 1) if quoted and node.end - node.start > 1 else (node.start, node.end)


# --- .indexignore ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ignored:
    """What one `.indexignore` leaves out: its folder as shown, and its patterns in order."""

    folder: str
    patterns: tuple[str, ...]

    def says(self, path: str) -> bool | None:
        """Whether it leaves a file out: the last pattern that matches decides, None where none does."""
        below = self.folder + "/" if self.folder else ""
        if not path.startswith(below):
            return None
        verdict = None
        for pattern in self.patterns:
            wanted = pattern.startswith("!")
            if _expression(pattern.removeprefix("!")).match(path, len(below)) is not None:
                verdict = not wanted
        return verdict


MOST_PATTERNS = 1_000
"""Of all `.indexignore` files together: each is compared with the path of each file of a catalog."""
_LONGEST_IGNORE_FILE = 64 * 1024


def read_ignore_file(file: File) -> Ignored | Problem:
    """The patterns of a `.indexignore`; a problem where they are too many."""
    if len(file.text) > _LONGEST_IGNORE_FILE:
        return Problem.of(file.path, f"is longer than {_LONGEST_IGNORE_FILE} characters", "Use fewer patterns.")
    lines = [line.strip() for line in file.text.splitlines()]
    patterns = tuple(line for line in lines if line and not line.startswith("#"))
    if len(patterns) > MOST_PATTERNS:
        return Problem.of(file.path, f"has more than {MOST_PATTERNS} patterns", "Use fewer patterns.")
    return Ignored(posixpath.dirname(file.path), patterns)


def in_order(ignored: Iterable[Ignored]) -> list[Ignored]:
    """The files as `left_out` wants them, without those that go beyond `MOST_PATTERNS`."""
    kept, count = [], 0
    for each in sorted(ignored, key=lambda each: (len(each.folder), each.folder)):
        count += len(each.patterns)
        if count <= MOST_PATTERNS:
            kept.append(each)
    return kept


_MOST_COMPARED = 100_000_000
_OF_EACH_PATTERN = 20
"""What a comparison costs beside those of its characters."""


def too_many(paths: Collection[str], ignored: Collection[Ignored]) -> Problem | None:
    """The problem with patterns that cannot be compared with so many files: a path counts by its parts."""
    parts = sum(path.count("/") + 1 for path in paths)
    characters = sum(len(pattern) + _OF_EACH_PATTERN for each in ignored for pattern in each.patterns)
    if parts * characters <= most(_MOST_COMPARED):
        return None
    files, patterns = len(paths), sum(len(each.patterns) for each in ignored)
    return Problem.of(
        posixpath.join(next(each.folder for each in ignored if each.patterns), IGNORE_FILE),
        f"has too much to compare: {counted(files, 'file')} with {counted(patterns, 'pattern')} of all such files",
        "Use fewer patterns, or `--no-limits` if you trust the repo.",
    )


def left_out(path: str, ignored: Iterable[Ignored]) -> bool:
    """Whether a file leaves a file of a catalog out; of several, the outermost first, the last one decides."""
    verdict = False
    for each in ignored:
        said = each.says(path)
        if said is not None:
            verdict = said
    return verdict


_FOLDERS = "(?:[^/]++/)*?"


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern of a `.gitignore` as an expression over the path below its folder.

    Between two stars, and between two `**`, the first place that fits is enough: no other one is tried.
    """
    *parts, last = pattern.strip("/").split("/")
    runs = [""] if "/" in pattern.rstrip("/") else ["", ""]
    for part in parts:
        if part == "**":
            runs.append("")
        else:
            runs[-1] += f"{_name(part)}/"
    runs[-1] += ".*" if last == "**" else _name(last)
    made = runs[0] + "".join(f"(?>{_FOLDERS}{run})" for run in runs[1:-1] if run)
    made += f"{_FOLDERS}{runs[-1]}" if len(runs) > 1 else ""
    folder_only = pattern.endswith("/")
    return re.compile(made + ("/.*" if folder_only else "(?:/.*)?") + r"\Z", re.DOTALL)


def _name(part: str) -> str:
    first, *others = [
        "".join("[^/]" if each == "?" else re.escape(each) for each in piece) for piece in re.split(r"\*+", part)
    ]
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + f"[^/]*{last}(?=/|\\Z)"
