"""Which images the workloads of a repo name, and where.

In: the texts of manifests of any kind. Out: image references with their places, and the values that cannot be known
before something else is done: templates, variables, what an image trigger fills in. Nothing is guessed.

Containers are found wherever they are (pod templates of any kind, also of unknown kinds, and patches);
other fields only in the kinds that are known to have them. Variables called `RELATED_IMAGE_…` name what an operator
will run: operator-framework/operator-sdk `bundle` makes `relatedImages` of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from compiler.explain.consumers import Consumer
from compiler.findings import allowances
from compiler.images import dockerfiles
from compiler.images.image_sets import ToMirror, to_mirror
from compiler.images.references import (
    IN_TEMPLATE,
    ImageReference,
    Images,
    UnresolvedImage,
    allowances_about_images,
    field_below,
    is_templated,
    owner_shown,
    unresolvable,
)
from compiler.images.triggers import filled_in
from compiler.manifests.lists import Listed, objects
from compiler.manifests.marks import may_have_tokens, template_mark
from compiler.manifests.parsing import documents
from compiler.text.heredocs import heredocs, without_tabs
from compiler.text.inner import Inner
from compiler.text.opaque import harmless, has_lookalikes, revealed
from compiler.text.span import File, Located, Span
from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Node, Scalar, Sequence, YamlError, read
from compiler.text.wording import shown

_MENTION = re.compile(
    rb"""[iI]mage["']?[ \t]*:|DockerImage|ImageSetConfiguration|dockerfile["']?[ \t]*:|relatedImages"""
    rb"""|RELATED_IMAGE_|osImageURL|["']?(?:ref|reference)["']?[ \t]*:"""
    rb"""|/(?:image|[a-z]*[cC]ontainers(?:/[0-9-]+)?)["'\s]"""
)
_KIND = re.compile(r"""^[ \t]*["']?kind["']?[ \t]*:""", re.MULTILINE)
_IMAGE_LINE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?["']?image["']?[ \t]*:[ \t]*(?P<value>[^\s#](?:[^ \t\n]++|[ \t]++(?=[^#\n]))*+)""",
    re.MULTILINE,
)
# In a patch of a few lines, whatever is around it.
_IMAGE_VALUE = re.compile(
    r"""\bimage["']?[ \t]*:[ \t]*["']?(?P<value>[^\s#"',}\]](?:[^ \t\n"',}\]]++|[ \t]++(?=[^ \t\n"',}\]#]))*+)"""
)

_CONTAINERS = frozenset(("containers", "initContainers", "ephemeralContainers"))
_STEPS = frozenset(("steps", "sidecars"))
_STEPPED = frozenset(("tekton.dev", "argoproj.io"))
_RELATED = "RELATED_IMAGE_"
_POINTER = re.compile(rf".*/(?:{'|'.join(sorted(_CONTAINERS))})(?:/(?:[0-9]+|-)(?P<image>/image)?)?")

_EMPTY = "it is empty, so an image trigger or a patch must set it"
_NO_STRING = "it is not a string"

_FIELDS: Mapping[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    ("operators.coreos.com", "CatalogSource"): (("spec", "image"),),
    ("operators.coreos.com", "ClusterServiceVersion"): (("spec", "relatedImages", "*", "image"),),
    ("olm.operatorframework.io", "ClusterCatalog"): (("spec", "source", "image", "ref"),),
    ("config.openshift.io", "ClusterVersion"): (("spec", "desiredUpdate", "image"),),
    ("machineconfiguration.openshift.io", "MachineConfig"): (("spec", "osImageURL"),),
    ("hive.openshift.io", "ClusterImageSet"): (("spec", "releaseImage"),),
    ("hypershift.openshift.io", "HostedCluster"): (("spec", "release", "image"),),
    ("hypershift.openshift.io", "NodePool"): (("spec", "release", "image"),),
}
"""Fields that may contain an image in objects without their own containers; `*` is any item of a list."""


def mentions_images(data: bytes) -> bool:
    """Decide by a search alone whether a file can name an image; a text in UTF-16 always may."""
    return data[:2] in {b"\xff\xfe", b"\xfe\xff"} or _MENTION.search(data) is not None


def find(file: File) -> Images:
    """Every image that the objects of a file name."""
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    copied: list[ToMirror] = []
    for text in _texts(file):
        _find_in(file, text, references, unresolved, copied)
    noted = allowances_about_images(file) if references or unresolved else allowances.FoundAllowances()
    return Images(
        file=file,
        references=tuple(references),
        unresolved=tuple(unresolved),
        allowances=noted.allowances,
        diagnostics=noted.diagnostics,
        to_mirror=tuple(copied),
    )


def find_in_script(file: File) -> Images:
    """Every image that the objects in the heredocs of a script name."""
    from compiler.manifests.tokens import masked

    found: list[Found] = []
    text = masked(file.text).text
    for heredoc in heredocs(file.text):
        body = without_tabs(text[heredoc.start : heredoc.end])
        tree = read(file, start=heredoc.start, end=heredoc.end, text=body)
        found += (each for document in tree.documents for each in in_object(document.root))
        if tree.error is not None and _KIND.search(file.text, heredoc.start, heredoc.end):
            found += _literals(file, tree.error.span.start, heredoc.end)
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    _sort_out(found, references, unresolved)
    return Images(file=file, references=tuple(references), unresolved=tuple(unresolved))


def _texts(file: File) -> list[str]:
    """The texts to parse; of a template with tokens for placeholders, one for each reading of its branches."""
    if not may_have_tokens(file.text):
        return [file.text]
    from compiler.manifests.tokens import masked

    text = harmless(file.text) if has_lookalikes(file.text) else file.text
    template = masked(text)
    return [template.text, *(other.text for other in template.others)]


def _find_in(
    file: File,
    text: str,
    references: list[ImageReference],
    unresolved: list[UnresolvedImage],
    copied: list[ToMirror],
) -> None:
    """What the objects of a text name in the place of that of a file, but for places that are known already."""
    parts = list(documents(text)) if template_mark(file, 0, len(file.text)) else [(0, len(text))]
    known = {each.span.start for each in references} | {each.span.start for each in unresolved}
    listed = {each.span.start for each in copied}

    def sort_out(found: Iterable[Found]) -> None:
        _sort_out((each for each in found if each.span.start not in known), references, unresolved)

    for start, end in parts:
        tree = read(file, start=start, end=end, text=text[start:end])
        for document in tree.documents:
            sort_out(in_object(document.root))
            copied += (each for each in to_mirror(document.root) if each.span.start not in listed)
        if tree.error is not None and _KIND.search(file.text, start, end):
            at = tree.error.span.start
            broken = next((each for each, to in documents(file.text, start, end) if each <= at <= to), start)
            if template_mark(file, start, end) is not None:
                sort_out(_literals(file, broken, end))
            else:
                sort_out(in_text(file, broken, end, reason="the file is not valid YAML"))


Found = ImageReference | UnresolvedImage

_LITERAL = re.compile(r"""(["']?)(?P<text>[A-Za-z0-9][\w./:@-]*)\1""", re.ASCII)
_BLOCK = re.compile(r"[|>][-+0-9]*")


def _literals(file: File, start: int, end: int) -> Iterator[ImageReference | UnresolvedImage]:
    """The images of a template that is not YAML before it is rendered: what is written out is known."""
    for found in in_text(file, start, end, reason=IN_TEMPLATE):
        literal = _LITERAL.fullmatch(found.text)
        if literal is None or unresolvable(literal["text"]):
            yield found
        else:
            at = found.span.start + literal.start("text")
            yield ImageReference(literal["text"], Span(file, at, at + len(literal["text"])))


def in_text(file: File, start: int, end: int, *, reason: str) -> Iterator[UnresolvedImage]:
    """The images of a text that is not YAML, by their lines."""
    for match in _IMAGE_LINE.finditer(file.text, start, end):
        span = Span(file, match.start("value"), match.end("value"))
        text = match["value"]
        if _BLOCK.fullmatch(text.rstrip()):
            after = file.text.find("\n", match.end()) + 1
            line = file.text[after : file.text.find("\n", after) if file.text.find("\n", after) >= 0 else end]
            text = line.strip() if after else text
        yield UnresolvedImage(text=text, reason=reason, span=span)


def _sort_out(
    found: Iterable[ImageReference | UnresolvedImage],
    references: list[ImageReference],
    unresolved: list[UnresolvedImage],
) -> None:
    for each in found:
        if isinstance(each, ImageReference):
            references.append(each)
        else:
            unresolved.append(each)


def find_in_patch(patch: Located[str]) -> tuple[list[ImageReference], list[UnresolvedImage]]:
    """The images that a patch sets which is written into a kustomization, each at its place there."""
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    file = File(patch.span.path, patch.value)
    tree = read(file)
    for document in tree.documents:
        placed = (found._replace(span=_at_home(found.span, patch.span)) for found in in_object(document.root))
        _sort_out(placed, references, unresolved)
    if tree.error is not None:
        error = tree.error.span.start
        start = next((each for each, to in documents(file.text) if each <= error <= to), 0)
        reason = IN_TEMPLATE if template_mark(file, start, len(file.text)) else "the patch is not valid YAML"
        for match in _IMAGE_VALUE.finditer(file.text, start):
            span = _at_home(Span(file, match.start("value"), match.end("value")), patch.span)
            unresolved.append(UnresolvedImage(text=match["value"], reason=reason, span=span))
    return references, unresolved


def _at_home(inner: Span, block: Span) -> Span:
    """Where a part of a literal block is in the file: its lines are the block's own, further to the right.

    In a text that is written in another way it is the whole.
    """
    file, (line, column) = block.file, inner.begin
    number = block.begin.line + line
    if number <= len(file.line_starts):
        indent = file.line_length(number) - inner.file.line_length(line)
        start = file.line_starts[number - 1] + indent + column - 1
        placed = Span(file, start, start + inner.end - inner.start)
        if placed.text == inner.text and placed.end <= block.end:
            return placed
    return block


def in_object(root: Node | None) -> Iterator[ImageReference | UnresolvedImage]:
    """The images of an object; of the objects of a list or a template each; those that a JSON patch sets."""
    if isinstance(root, Sequence):
        for operation in root.items:
            if isinstance(operation, YamlMapping) and _text(operation.fields.get("op")) in {"add", "replace"}:
                yield from _Object(operation, "JSON patch").set_by_patch()
            else:
                yield from _nested(operation)
        return
    if isinstance(root, YamlMapping) and "kind" not in root.fields:
        yield from _nested(root)
        return
    for each in objects(root, inside=_inside):
        if isinstance(each.root, YamlMapping) and "kind" in each.root.fields:
            yield from _Object(each.root, _text(each.root.fields["kind"])).images()


def _nested(root: Node) -> Iterator[Found]:
    """The images of objects inside what is none, such as the tasks of a playbook: `definition:`, or a text."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += reversed(node.items)
        elif isinstance(node, YamlMapping):
            if "kind" in node.fields and "apiVersion" in node.fields:
                yield from in_object(node)
            else:
                pending += reversed(list(node.fields.values()))
        elif isinstance(node, Scalar) and "\n" in node.text and "kind:" in node.text and "apiVersion:" in node.text:
            inner = Inner(node)
            bodies = [(each.start, each.end) for each in heredocs(node.text)] or [(0, len(node.text))]
            for start, end in bodies:
                for document in inner.documents(start, end):
                    if not isinstance(document, YamlError) and isinstance(document.root, YamlMapping):
                        yield from in_object(document.root)


def _inside(each: Listed) -> Node | None:
    """What contains the objects of a list or a template."""
    if not isinstance(each.root, YamlMapping) or not (each.kind.endswith("List") or each.kind == "Template"):
        return None
    fields = each.root.fields
    return next((fields[name] for name in ("items", "objects") if isinstance(fields.get(name), Sequence)), None)


class _Object:
    """One object on the search for its images."""

    def __init__(self, root: YamlMapping, kind: str) -> None:
        self._root = root
        self._kind = kind
        self._group = _text(root.fields.get("apiVersion")).partition("/")[0]
        metadata = root.fields.get("metadata")
        names = metadata.fields if isinstance(metadata, YamlMapping) else {}
        name, namespace = _text(names.get("name")) or _text(names.get("generateName")), _text(names.get("namespace"))
        self._owner = owner_shown(kind, f"{namespace}/{name}" if namespace else name)
        self._filled_in: Mapping[str, str] = {}

    def images(self) -> Iterator[ImageReference | UnresolvedImage]:
        if self._group in _PATTERNS:
            return  # what it has under `image` is compared with images
        self._filled_in = filled_in(self._root)
        for path in _FIELDS.get((self._group, self._kind), ()):
            yield from self._follow(self._root, path, "")
        if self._group == "operators.coreos.com" and self._kind == "Subscription":
            # OLM gives these variables to every container of the operator.
            config = _child(_child(self._root, "spec"), "config")
            yield from self._related(_child(config, "env"), "spec.config.env")
        if self._consumer is Consumer.BUILD:
            yield from self._inline_dockerfile()
        yield from self._below(self._root, "")

    def set_by_patch(self) -> Iterator[ImageReference | UnresolvedImage]:
        """The images of the operation of a JSON patch that this is."""
        pointer, value = _text(self._root.fields.get("path")), self._root.fields.get("value")
        at = _POINTER.fullmatch(pointer)
        pointer = field_below("", pointer)
        if value is None:
            return
        if at is not None:
            if at["image"]:
                yield self._image(value, pointer)
            elif isinstance(value, Sequence):
                yield from self._containers(value, pointer)
            else:
                yield from self._container(value, pointer)
        yield from self._below(value, pointer)

    def _follow(
        self, node: Node | None, path: tuple[str, ...], field: str
    ) -> Iterator[ImageReference | UnresolvedImage]:
        if not path:
            if node is not None and not (isinstance(node, Scalar) and not node.text):  # as good as absent
                yield self._image(node, field)
        elif path[0] == "*":
            if isinstance(node, Sequence):
                for index, item in enumerate(node.items):
                    yield from self._follow(item, path[1:], f"{field}[{index}]")
        elif isinstance(node, YamlMapping):
            yield from self._follow(node.fields.get(path[0]), path[1:], field_below(field, path[0]))

    @property
    def _consumer(self) -> Consumer:
        return _CONSUMERS.get(self._kind, Consumer.NODE)

    def _inline_dockerfile(self) -> Iterator[ImageReference | UnresolvedImage]:
        """The images of the Dockerfile that is written into a BuildConfig."""
        source = _child(_child(self._root, "spec"), "source")
        written = _child(source, "dockerfile")
        if not isinstance(written, Scalar) or written.string is None:
            return
        for found in dockerfiles.images_in(File(written.file.path, revealed(written.text))):
            span = _at_home(found.span, written.span)
            yield found._replace(span=span, owner=self._owner, field="spec.source.dockerfile")

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
            path = field_below(field, key)
            if isinstance(value, Sequence) and (key in _CONTAINERS or (key in _STEPS and self._group in _STEPPED)):
                yield from self._containers(value, path)
            elif isinstance(value, Sequence) and key == "volumes":
                yield from self._follow(value, ("*", "image", "reference"), path)
            elif key in _SINGLE.get(self._group, ()):
                yield from self._follow(value, ("image",), path)
            elif key == "from" and isinstance(value, YamlMapping) and _text(value.fields.get("kind")) == "DockerImage":
                consumer = Consumer.NODE if _is_mere_reference(node) else self._consumer
                for found in self._follow(value, ("name",), path):
                    yield found._replace(consumer=consumer) if isinstance(found, ImageReference) else found
            yield from self._below(value, path)

    def _containers(self, containers: Sequence, field: str) -> Iterator[ImageReference | UnresolvedImage]:
        for index, container in enumerate(containers.items):
            yield from self._container(container, f"{field}[{index}]")

    def _container(self, container: Node, field: str) -> Iterator[ImageReference | UnresolvedImage]:
        """The image of a container, and those that its variables name for an operator to run."""
        if not isinstance(container, YamlMapping):
            return
        path = f"{field}.image"
        trigger = self._filled_in.get(path) or self._filled_in.get(_text(container.fields.get("name")))
        if "image" in container.fields:
            yield self._image(container.fields["image"], path, trigger=trigger or "")
        yield from self._related(container.fields.get("env"), f"{field}.env")

    def _related(self, variables: Node | None, field: str) -> Iterator[ImageReference | UnresolvedImage]:
        for index, variable in enumerate(variables.items if isinstance(variables, Sequence) else ()):
            if isinstance(variable, YamlMapping) and _text(variable.fields.get("name")).startswith(_RELATED):
                yield from self._follow(variable, ("value",), f"{field}[{index}]")

    def _image(self, node: Node, field: str, *, trigger: str = "") -> ImageReference | UnresolvedImage:
        text = revealed(node.string) if isinstance(node, Scalar) and node.string is not None else None
        written = node.span.text
        if is_templated(written):
            reason = IN_TEMPLATE
        elif trigger:
            reason = f"an image trigger sets the image of `{shown(trigger)}` here"
        elif text is None:
            reason = _NO_STRING
        elif not text.strip():
            reason = _EMPTY
        elif not (reason := unresolvable(text)):
            return ImageReference(text=text, span=node.span, owner=self._owner, field=field)
        if isinstance(node, Scalar) and written[:1] in {"|", ">"}:
            written = written.partition("\n")[2]  # the text of a block says more than the line it begins on
        told = " ".join(written.split())
        return UnresolvedImage(text=told, reason=reason, span=node.span, owner=self._owner, field=field)


def _is_mere_reference(tag: YamlMapping) -> bool:
    """Whether a tag of an ImageStream only names its image: it is not imported, and pods pull it from where it is."""
    return isinstance(reference := tag.fields.get("reference"), Scalar) and reference.value is True


_CONSUMERS: Mapping[str, Consumer] = {
    "BuildConfig": Consumer.BUILD,
    "Build": Consumer.BUILD,
    "ImageStream": Consumer.IMPORT,
    "ImageStreamImport": Consumer.IMPORT,
}
"""Who pulls the images that an object of a kind names with `kind: DockerImage`, where that is not a node."""

_PATTERNS = frozenset(("kyverno.io", "policies.kyverno.io"))
"""API groups whose objects describe images and name none."""

_SINGLE: Mapping[str, frozenset[str]] = {
    "tekton.dev": frozenset(("stepTemplate",)),
    "argoproj.io": frozenset(("container", "script")),
    "kubevirt.io": frozenset(("containerDisk",)),
}
"""Mappings with their own `image`, by the API group whose objects have them."""


def _child(node: Node | None, name: str) -> Node | None:
    return node.fields.get(name) if isinstance(node, YamlMapping) else None


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
