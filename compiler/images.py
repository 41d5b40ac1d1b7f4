"""Which images the workloads of a repo name, and where.

In: the texts of manifests of any kind. Out: image references with their places, and the values that cannot be known
before something else is done: templates, variables, what an image trigger fills in. Nothing is guessed.

Containers are found wherever they stand (pod templates of any kind, also of kinds nobody knows here); other fields
only in the kinds that are known to have them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compiler import allowances
from compiler.allowances import Allowance
from compiler.diagnostics import Diagnostic
from compiler.parsing import documents, template_mark
from compiler.rules import ABOUT_IMAGES
from compiler.span import File, Span
from compiler.yamltree import Mapping as YamlMapping
from compiler.yamltree import Node, Scalar, Sequence, comments, read


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """A pull spec in a manifest or a list. `owner` is the object as people name it, `field` the path inside it."""

    text: str
    span: Span
    owner: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedImage:
    """A place that names an image which cannot be known from here, and why."""

    text: str
    reason: str
    span: Span
    owner: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What one file names, in the order of the file; what its comments allow, and what is wrong with those."""

    file: File
    references: tuple[ImageReference, ...] = ()
    unresolved: tuple[UnresolvedImage, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


_MENTION = re.compile(rb"""[iI]mage["']?[ \t]*:|DockerImage|relatedImages|["']?(?:ref|reference)["']?[ \t]*:""")
_KIND = re.compile(r"""^[ \t]*["']?kind["']?[ \t]*:""", re.MULTILINE)
_IMAGE_LINE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?["']?image["']?[ \t]*:[ \t]*(?P<value>[^\s#].*?)[ \t]*(?:[ \t]#.*)?$""",
    re.MULTILINE,
)
_TEMPLATED = re.compile(r"\{\{|\{%|<%")
_VARIABLE = re.compile(r"\$\{|\$\(|\$[A-Za-z_]|<[^>]*>|%[A-Z_]+%")

_CONTAINERS = frozenset(("containers", "initContainers", "ephemeralContainers"))
_STEPS = frozenset(("steps", "sidecars"))

_IN_TEMPLATE = "a template: render it first"
_IN_VARIABLE = "it holds a variable"
_EMPTY = "it is empty: an image trigger or a patch fills it in"
_NO_STRING = "it is no string"

_FIELDS: Mapping[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    ("operators.coreos.com", "CatalogSource"): (("spec", "image"),),
    ("operators.coreos.com", "ClusterServiceVersion"): (("spec", "relatedImages", "*", "image"),),
    ("olm.operatorframework.io", "ClusterCatalog"): (("spec", "source", "image", "ref"),),
    ("config.openshift.io", "ClusterVersion"): (("spec", "desiredUpdate", "image"),),
    ("hive.openshift.io", "ClusterImageSet"): (("spec", "releaseImage"),),
    ("hypershift.openshift.io", "HostedCluster"): (("spec", "release", "image"),),
    ("hypershift.openshift.io", "NodePool"): (("spec", "release", "image"),),
}
"""Fields that hold an image in objects without containers of their own; `*` is any item of a list."""


def mentions_images(data: bytes) -> bool:
    """Tell by a search alone whether a file can name an image; a text in UTF-16 always may."""
    return data[:2] in {b"\xff\xfe", b"\xfe\xff"} or _MENTION.search(data) is not None


def find(file: File) -> Images:
    """Every image that the objects of a file name."""
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    parts = list(documents(file.text)) if template_mark(file, 0, len(file.text)) else [(0, len(file.text))]
    for start, end in parts:
        tree = read(file, start=start, end=end)
        for document in tree.documents:
            for found in _in_object(document.root):
                (references if isinstance(found, ImageReference) else unresolved).append(found)  # type: ignore[arg-type]  # the list is chosen by the type
        if tree.error is not None and _KIND.search(file.text, start, end):
            broken = next((each for each, to in documents(file.text) if each <= tree.error.span.start <= to), start)
            template = template_mark(file, start, end) is not None
            unresolved += _in_text(file, max(broken, start), end, template=template)
    noted = allowances_about_images(file) if references or unresolved else allowances.Found()
    return Images(
        file=file,
        references=tuple(references),
        unresolved=tuple(unresolved),
        allowances=noted.allowances,
        diagnostics=noted.diagnostics,
    )


def allowances_about_images(file: File) -> allowances.Found:
    """What the comments of a file allow of its images, and what is wrong with any of them."""
    if allowances.MARK not in file.text:
        return allowances.Found()
    noted = allowances.find(file, comments(file))
    ours = tuple(each for each in noted.allowances if each.rule in ABOUT_IMAGES)
    return allowances.Found(allowances=ours, diagnostics=noted.diagnostics)


def _in_text(file: File, start: int, end: int, *, template: bool) -> Iterator[UnresolvedImage]:
    """The images of a text that is no YAML, by their lines."""
    reason = _IN_TEMPLATE if template else "the file is not readable YAML"
    for match in _IMAGE_LINE.finditer(file.text, start, end):
        span = Span(file, match.start("value"), match.end("value"))
        yield UnresolvedImage(text=match["value"], reason=reason, span=span)


def _in_object(root: Node | None) -> Iterator[ImageReference | UnresolvedImage]:
    """The images of an object; of the objects of a list or a template each."""
    if not isinstance(root, YamlMapping) or "kind" not in root.fields:
        return
    kind = _text(root.fields["kind"])
    for inside in ("items", "objects"):
        items = root.fields.get(inside)
        if isinstance(items, Sequence) and (kind.endswith("List") or kind == "Template"):
            for item in items.items:
                yield from _in_object(item)
            return
    yield from _Object(root, kind).images()


class _Object:
    """One object on the search for its images."""

    def __init__(self, root: YamlMapping, kind: str) -> None:
        self._root = root
        self._kind = kind
        self._group = _text(root.fields.get("apiVersion")).partition("/")[0]
        metadata = root.fields.get("metadata")
        names = metadata.fields if isinstance(metadata, YamlMapping) else {}
        name, namespace = _text(names.get("name")) or _text(names.get("generateName")), _text(names.get("namespace"))
        self._owner = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}".rstrip()

    def images(self) -> Iterator[ImageReference | UnresolvedImage]:
        for path in _FIELDS.get((self._group, self._kind), ()):
            yield from self._follow(self._root, path, "")
        yield from self._below(self._root, "")

    def _follow(
        self, node: Node | None, path: tuple[str, ...], field: str
    ) -> Iterator[ImageReference | UnresolvedImage]:
        if not path:
            if node is not None:
                yield self._image(node, field)
        elif path[0] == "*":
            if isinstance(node, Sequence):
                for index, item in enumerate(node.items):
                    yield from self._follow(item, path[1:], f"{field}[{index}]")
        elif isinstance(node, YamlMapping):
            yield from self._follow(node.fields.get(path[0]), path[1:], _joined(field, path[0]))

    def _below(self, node: Node, field: str) -> Iterator[ImageReference | UnresolvedImage]:
        """Everything that has the shape of a container, and whatever else of the kind's own."""
        if isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                yield from self._below(item, f"{field}[{index}]")
        elif isinstance(node, YamlMapping):
            yield from self._in_mapping(node, field)

    def _in_mapping(self, node: YamlMapping, field: str) -> Iterator[ImageReference | UnresolvedImage]:
        for key, value in node.fields.items():
            if isinstance(value, Scalar):
                continue
            path = _joined(field, key)
            if isinstance(value, Sequence) and (key in _CONTAINERS or (key in _STEPS and self._group == "tekton.dev")):
                yield from self._follow(value, ("*", "image"), path)
            elif isinstance(value, Sequence) and key == "volumes":
                yield from self._follow(value, ("*", "image", "reference"), path)
            elif key in _SINGLE.get(self._group, ()):
                yield from self._follow(value, ("image",), path)
            elif key == "from" and isinstance(value, YamlMapping) and _text(value.fields.get("kind")) == "DockerImage":
                yield from self._follow(value, ("name",), path)
            yield from self._below(value, path)

    def _image(self, node: Node, field: str) -> ImageReference | UnresolvedImage:
        text = node.string if isinstance(node, Scalar) else None
        written = node.span.text
        if _TEMPLATED.search(written):
            reason = _IN_TEMPLATE
        elif text is None:
            reason = _NO_STRING
        elif not text.strip():
            reason = _EMPTY
        elif _VARIABLE.search(text):
            reason = _IN_VARIABLE
        else:
            return ImageReference(text=text, span=node.span, owner=self._owner, field=field)
        shown = " ".join(written.split())
        return UnresolvedImage(text=shown, reason=reason, span=node.span, owner=self._owner, field=field)


_SINGLE: Mapping[str, frozenset[str]] = {
    "tekton.dev": frozenset(("stepTemplate",)),
    "argoproj.io": frozenset(("container", "script")),
}
"""Mappings with an `image` of their own, by the API group whose objects have them."""


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _joined(field: str, key: str) -> str:
    return f"{field}.{key}" if field else key


# --- Plain lists -----------------------------------------------------------------

_LINE = re.compile(
    r"^[ \t]*(?:(?P<spec>[A-Za-z0-9._-]+(?::[0-9]+)?/[A-Za-z0-9][A-Za-z0-9._/:@-]*)|(?P<other>\S[^\n]*?))[ \t\r]*$",
    re.MULTILINE,
)
"""Nearly every line is a plain pull spec; what else one may be is found out with more care."""
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_REGISTRY_TRANSPORT = "docker://"
_QUOTES = "\"',"
_TRANSPORT = re.compile(
    r"(docker-archive|docker-daemon|oci|oci-archive|dir|containers-storage|atomic|ostree|sif):(?![A-Za-z0-9_][\w.-]*$)"
)
_DIGEST = re.compile(r"sha(?:256|384|512):[0-9a-fA-F]+")
_HOST = re.compile(r"(?:[^/\s]*[.:][^/\s]*|localhost)/\S+")


def find_in_list(file: File) -> Images:
    """The images of a list: a pull spec on each line.

    Comments and empty lines are passed over, `docker://` in front is taken off, and of `SOURCE=DESTINATION` (an
    oc-mirror mapping) it is the source that counts. In a table, such as `oc adm release info --pullspecs` prints,
    the last column counts where it is a pull spec; other lines of several words are its decoration.
    """
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    for line in _LINE.finditer(file.text):
        if line.lastgroup == "spec":
            references.append(ImageReference(text=line["spec"], span=Span(file, *line.span("spec"))))
            continue
        found = _in_line(file, line.start("other"), line["other"])
        if isinstance(found, ImageReference):
            references.append(found)
        elif found is not None:
            unresolved.append(found)
    return Images(file=file, references=tuple(references), unresolved=tuple(unresolved))


def _in_line(file: File, start: int, line: str) -> ImageReference | UnresolvedImage | None:
    line = _COMMENT.sub("", line)
    words = line.split()
    if not words:
        return None
    label, word = words[0] if len(words) > 1 else "", words[-1]
    if label and not word.startswith(_REGISTRY_TRANSPORT) and not _is_column(word, label):
        return None
    spec = word.lstrip(_QUOTES).removeprefix(_REGISTRY_TRANSPORT)
    at = start + line.rindex(word) + len(word) - len(spec)
    spec = spec.partition("=")[0].rstrip(_QUOTES)
    span = Span(file, at, at + len(spec))
    reason = _unresolvable(spec)
    if reason:
        return UnresolvedImage(text=spec, reason=reason, span=span, owner=label)
    return ImageReference(text=spec, span=span, owner=label.rstrip(":")) if spec else None


def _is_column(word: str, label: str) -> bool:
    """Whether the last word of a line of several is what the line is about."""
    if _DIGEST.fullmatch(word):
        return not label.endswith(":")
    return "://" not in word and _HOST.fullmatch(word) is not None


def _unresolvable(word: str) -> str:
    if _DIGEST.fullmatch(word):
        return "a digest without a repository (`oc adm release info --pullspecs` names both)"
    if _TEMPLATED.search(word):
        return _IN_TEMPLATE
    if _VARIABLE.search(word):
        return _IN_VARIABLE
    match = _TRANSPORT.match(word)
    return f"`{match[0]}` is no registry" if match else ""
