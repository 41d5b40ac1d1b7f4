"""Policy in templates, scripts and playbooks: documents in places where no document is expected.

In: a file, and the places of policy in it that no other reader has read. Out: `Home`s. Such a place is in a text that
is YAML once its template parts are taken out, in a text inside a value (`content: |`), in a mapping inside another
(`definition:`), or in the body of a heredoc. Whatever document is found there is given to all readers.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from posixpath import basename

from compiler.homes import install_config
from compiler.homes.hypershift import POOL
from compiler.homes.making import mirror_set_of
from compiler.homes.patches import PatchCommand, commands, is_patch_of_image, joined_images, of_image
from compiler.homes.source import Content, Source, text_of
from compiler.manifests.decoding import decode
from compiler.manifests.embedded import Home, NodeText, Target, target
from compiler.manifests.forms import MANIFEST, SCRIPTS, is_script_file, is_template
from compiler.manifests.kinds import ImageDigestMirrorSet
from compiler.manifests.policy_places import SOURCE_LIST, PolicyPlace, without
from compiler.node.files import CONTAINERS, REGISTRIES_CONF
from compiler.node.placed import read_placed
from compiler.node.registries_conf import ConfFileError
from compiler.repository.kinds_of_file import of_name
from compiler.repository.paths import SUFFIXES
from compiler.text.here_strings import SUFFIXES as POWERSHELL
from compiler.text.here_strings import here_strings
from compiler.text.heredocs import MOST_HEREDOCS, Heredoc, heredocs, without_tabs
from compiler.text.inner import Inner
from compiler.text.later_changes import LaterChanges
from compiler.text.opaque import revealed_where
from compiler.text.pasted import pasted
from compiler.text.printed import closing, printed, unescaped, written_to
from compiler.text.span import Span
from compiler.text.tree import Document, Mapping, Node, Scalar, YamlError, read
from compiler.text.tree import Sequence as Items

ReadDocument = Callable[[Source], Iterable[Home]]
"""What all other readers find in a source."""

_SCRIPTS = SCRIPTS | {"pipeline"}
_PLAIN = frozenset((MANIFEST, "text"))
_OF_OBJECTS = frozenset(("apiVersion", "kind", "metadata", "spec", "status", "items"))
_TEMPLATES = frozenset(
    ("jinja-template", "go-template", "helm-template", "template", "terraform", "install-config-template")
)
_HOLDERS = _TEMPLATES | {"ansible", "pipeline", "values"}
"""Forms of files in which values may be documents."""
_OTHERS = frozenset(("ignition", "butane", "machine-config", "manifest"))
"""Forms that have readers elsewhere."""
_CONF = "registries-conf"
_CONF_NAMES = (".conf", ".toml")
"""How names of files of nodes end that have a reader elsewhere."""
_NODE_FILE = re.compile(rf"{CONTAINERS}[\w./-]+")
_QUOTED = re.compile(
    r"""(?P<quote>["'])(?:(?<==.)\r?\n)?(?:---[ \t]*\n)?
    (?=(?:apiVersion|kind):[ \t]|image(?:Digest|Content)Sources:\s
        |"?\{\s*\\?"(?:apiVersion|kind|image(?:Digest|Content)Sources)\\?"[ \t]*:)""",
    re.VERBOSE,
)
"""Where a text in quotes begins that is an object, or has lists of sources."""
_OF_SOURCE = frozenset(("source", "mirrors"))
_IS_MODULE_CALL = frozenset(("api_version", "kind"))
_DEFINITIONS = frozenset(("definition", "resource_definition", "src", "template", "patch"))
"""What a task of Ansible's Kubernetes modules has, and where it has an object."""
_MOST_CHANGES = 20
"""Commands that change one text and are listed."""
_KEY = "registries.conf"
_PATHS = ("dest", "path", "destination", "filename")
_TEXTS = ("content", "block", "inline", "contents")


def read_rest(source: Source, places: Sequence[PolicyPlace], others: ReadDocument) -> list[Home]:
    """What is found at places that no reader of documents has read."""
    homes: list[Home] = []
    path = source.file.path
    is_text = _is_text(path)
    left = tuple(
        place
        for place in places
        if not (place.form == _CONF and path.endswith(_CONF_NAMES))
        and (
            place.form not in _OTHERS
            or (place.form == MANIFEST and (is_text or not source.is_object_around(place.start)))
        )
    )
    if any(place.form == MANIFEST for place in left) and not is_text:
        nodes = _Nodes(source.roots)
        left = tuple(place for place in left if place.form != MANIFEST or _is_in_values(nodes, place))
    if not left:
        return homes
    reading = _Reading(source, others)
    for find in (
        reading.source_list,
        reading.whole,
        reading.nested,
        reading.printed,
        reading.heredocs,
        reading.quoted,
        reading.patches,
        reading.node_file,
        reading.pasted,
    ):
        if not left:
            break
        found = list(find(left))
        homes += found
        left = without(left, [span for home in found for span in home.read])
    return homes


class _Reading:
    """Looks for documents in one file."""

    def __init__(self, source: Source, others: ReadDocument) -> None:
        self.source = source
        self.others = others
        self.path = source.file.path
        self._nodes = _Nodes(source.roots)

    def whole(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """Documents of a file that is a template or a text, and not called a manifest."""
        form = places[0].form
        if self.path.endswith(SUFFIXES) or not (form in _TEMPLATES or form in _PLAIN or _is_copy(self.path)):
            return
        joins = form in _TEMPLATES and self.source.file.text != self.source.written
        what = "text" if form in _PLAIN and not _is_copy(self.path) else "template"
        starts = sorted(place.start for place in places)
        for root in self.source.roots:
            if self._is_in_heredoc(root):
                continue  # the rest of a document that a heredoc has
            if not self._is_chance(root, form) and bisect_left(starts, root.start) < bisect_left(starts, root.end):
                yield from self.document(root, form, what, joins=joins)

    def source_list(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """A file that is a list of sources with their mirrors and nothing else, for a program that is given it.

        Follows openshift/hypershift (3ee9615) `cmd/cluster/core`, where `--image-content-sources` is read as a list
        for the HostedCluster's `imageContentSources`.
        """
        if places[0].form != SOURCE_LIST:
            return
        for root in self.source.roots:
            if not isinstance(root, Items) or not all(
                isinstance(item, Mapping) and item.fields.keys() == _OF_SOURCE for item in root.items
            ):
                continue
            made = mirror_set_of(ImageDigestMirrorSet, "cluster", root, self.source.release, path="")
            yield Home(
                form=SOURCE_LIST,
                holder=f"list of `{basename(self.path)}`",
                span=root.span,
                target=self._given_list,
                manifests=tuple(made.manifests),
                refused=tuple(made.refused),
                diagnostics=tuple(made.diagnostics),
                said=()
                if is_template(self.path)
                else ("becomes the IDMS `cluster` of a hosted cluster that is created with it",),
                read=(*made.read, root.span),
            )

    @property
    def _given_list(self) -> Target:
        """Whose a list of sources is: that of a template may be put into any document."""
        words = f"the clusters that are created with {self.path}"
        made = target(SOURCE_LIST, basename(self.path).partition(".")[0], words)
        return made if is_template(self.path) else made._replace(pools=(POOL,), has_payload_policy=False)

    def _is_in_heredoc(self, node: Node) -> bool:
        """Whether a node is part of the body of a heredoc: what of that is a document is read as a whole."""
        at = bisect_right(self._bodies, node.start, key=lambda body: body[0]) - 1
        return at >= 0 and node.start < self._bodies[at][1]

    @cached_property
    def _bodies(self) -> list[tuple[int, int]]:
        """The start and the end of the body of each heredoc."""
        written = self.source.written
        return [(each.start, each.end) for each in heredocs(written)] if "<<" in written else []

    def _is_chance(self, root: Node, form: str) -> bool:
        """Whether notes are YAML only by chance: what is in a text has to have the keys of an object alone."""
        if form not in _PLAIN or self.path.endswith(SUFFIXES) or _is_copy(self.path):
            return False
        return not (isinstance(root, Mapping) and _OF_OBJECTS.issuperset(root.fields))

    def nested(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """Mappings inside others, and texts in values."""
        done = -1
        for place in places:
            if place.start < done or not (place.form in _HOLDERS or place.form in {MANIFEST, "text", "install-config"}):
                continue
            for node in reversed(self._nodes.around(place.start)):
                if isinstance(node, Mapping) and self._is_in_heredoc(node):
                    continue
                homes = list(self._in(node, place))
                if homes:
                    yield from homes
                    done = node.end
                    break

    def _in(self, node: Node, place: PolicyPlace) -> Iterator[Home]:
        if isinstance(node, Mapping) and _IS_MODULE_CALL.issubset(node.fields):
            if _DEFINITIONS.isdisjoint(node.fields):  # it looks at an object, or removes one
                holder = f"task of `{basename(self.path)}`"
                yield Home(form=place.form, holder=holder, span=node.span, compiled=False, read=(node.span,))
        elif isinstance(node, Mapping):
            if ("apiVersion" in node.fields or "kind" not in node.fields) and not self._is_chance(node, place.form):
                yield from self.document(node, place.form, "value", joins=False)
            yield from self._written_file(node, place.form)
            yield from self._parameter(node, place.form)
            value, key = node.fields.get(_KEY), node.key(_KEY)
            if isinstance(value, Scalar) and key is not None:  # what becomes the data of a ConfigMap
                whole = Span(key.file, key.start, value.end)
                yield from self._registries(
                    NodeText(REGISTRIES_CONF, value.text, value.span, Inner(value)), place.form, whole
                )
        elif isinstance(node, Scalar) and ("\n" in node.text or _is_json_of_lists(node.text)):
            inner = Inner(node)
            found = False
            for home in self._documents(inner.documents(), place.form):
                found = True
                yield home
            bodies = list(heredocs(node.text)) if not found else []
            changes = LaterChanges(node.text if bodies else "", [(each.start, each.end) for each in bodies])
            for each in bodies:
                for home in self._documents(inner.documents(each.start, each.end), place.form):
                    found = True
                    written = written_to(node.text[each.line : each.start])[0]
                    places = changes.of(written, each.end)[:_MOST_CHANGES] if written else []
                    yield home._replace(changed=tuple(inner.span(*at) for at in places))
            if not found:
                yield from self._registries(NodeText(REGISTRIES_CONF, node.text, node.span, inner), place.form)

    def _parameter(self, node: Mapping, form: str) -> Iterator[Home]:
        """A list of sources that a pipeline is given as a text, for a cluster that it installs."""
        value = node.fields.get("value")
        if text_of(node, "name") not in {install_config.DIGEST, install_config.CONTENT} or not isinstance(
            value, Scalar
        ):
            return
        for document in Inner(value).documents():
            if isinstance(document, YamlError) or not isinstance(document.root, Items):
                continue
            listed = document.root
            root = Mapping(listed.file, listed.start, listed.end)
            root.keys = [Scalar(listed.file, listed.start, listed.start, install_config.DIGEST)]
            root.fields = {install_config.DIGEST: listed}
            # What the installer refuses, a pipeline for hosted clusters may take.
            for home in install_config.of_install_config(self.source, root):
                if home.refused:
                    continue
                yield home._replace(
                    form=form,
                    holder=f"parameter of `{basename(self.path)}`",
                    target=self.target(form),
                    diagnostics=(),
                    said=("a pipeline gives it to the cluster that it installs",),
                    read=(*home.read, node.span),
                )

    def _written_file(self, node: Mapping, form: str) -> Iterator[Home]:
        """A file of a node that a task writes: its text beside its path."""
        path = next((_path_of(value.text) for key in _PATHS if isinstance(value := node.fields.get(key), Scalar)), "")
        for key in _TEXTS if path else ():
            if isinstance(value := node.fields.get(key), Scalar):
                yield from self._registries(NodeText(path, value.text, value.span, Inner(value)), form, node.span)

    def printed(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """What a script prints in pieces."""
        file = self.source.file
        if places[0].form not in _SCRIPTS:
            return
        starts = [place.start for place in places]
        for each in printed(file.text, self.source.written):
            spans = [Span(file, start, end) for start, end in each.spans]
            if not any(bisect_left(starts, start) < bisect_left(starts, end) for start, end in each.spans):
                continue
            inner = Inner.of_parts(file, each.parts)
            homes = []
            for home in self._documents(inner.documents(), places[0].form):
                first = min((span.start for span in home.read), default=0)
                last = max((span.end for span in home.read), default=0)
                homes.append(
                    home._replace(read=tuple(span for span in spans if span.start < last and first < span.end))
                )
            if not homes and each.target:
                text = NodeText(_path_of(each.target), inner.file.text, inner.scalar.span, inner)
                homes = [home._replace(read=tuple(spans)) for home in self._registries(text, places[0].form)]
            yield from self._with_changes(homes, each.target, each.spans[-1][1])

    def patches(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """Commands that patch objects, in scripts and in the values of playbooks, and files that are patches."""
        file, form = self.source.file, places[0].form
        if form in _SCRIPTS:
            yield from self._patched(list(commands(file)), form)
            return
        found: list[PatchCommand] = []
        for root in self.source.roots:
            if isinstance(root, Mapping) and is_patch_of_image(root):
                yield from self.document(root, form, "patch", joins=False)
        for node in {id(node): node for place in places for node in self._nodes.around(place.start)[-1:]}.values():
            if isinstance(node, Scalar):
                inner = Inner(node)
                found += commands(inner.file, inner)
        yield from self._patched(found, form)

    def _patched(self, found: list[PatchCommand], form: str) -> Iterator[Home]:
        whole = tuple(Span(self.source.file, each.start, each.end) for each in found)
        for each in joined_images(found):
            for home in self.document(each.made, form, "patch", joins=False):
                yield home._replace(read=whole)

    def heredocs(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """The bodies of heredocs, and in PowerShell of here-strings."""
        file = self.source.file
        starts = [place.start for place in places]
        for heredoc, target_ in self._written_texts:
            line, start, end = heredoc.line, heredoc.start, heredoc.end
            inside = places[bisect_left(starts, line) : bisect_left(starts, end)]
            if not inside:
                continue
            body = file.text[start:end] if self._is_powershell else without_tabs(file.text[start:end])
            if not body.strip():  # it is in a branch that is not taken
                continue
            if heredoc.is_final:  # the shell replaces nothing: `$X` is what the cluster gets
                body = revealed_where(body, _is_of_shell)
            tree = read(file, start=start, end=end, text=body)
            documents: list[Document | YamlError] = [*tree.documents]
            homes = list(self._documents(documents, inside[0].form))
            if not homes:
                path = _path_of(self.source.written[line:start])
                text_ = NodeText(path, file.text[start:end], Span(file, start, end))
                homes = list(self._registries(text_, inside[0].form, Span(file, line, end)))
            yield from self._with_changes(homes, target_, end)

    @property
    def _is_powershell(self) -> bool:
        return self.path.endswith(POWERSHELL)

    @cached_property
    def _written_texts(self) -> list[tuple[Heredoc, str]]:
        """The heredocs and here-strings of the file, each with the name of the file or variable that it is given to."""
        written = self.source.written
        if self._is_powershell:
            return [(each.place, each.variable or _first_file(each.around)) for each in here_strings(written)]
        return [(each, written_to(written[each.line : each.start])[0]) for each in heredocs(written)]

    @cached_property
    def _changes(self) -> LaterChanges:
        bodies = [(each.start, each.end) for each, _ in self._written_texts]
        return LaterChanges(self.source.written, bodies, is_powershell=self._is_powershell)

    def _with_changes(self, homes: list[Home], target_: str, end: int) -> Iterator[Home]:
        """Homes with the commands that change the file in which they are written, after it is."""
        places = self._changes.of(target_, end) if target_ and homes and self._is_program else []
        changed = tuple(Span(self.source.file, start, stop) for start, stop in places[:_MOST_CHANGES])
        for home in homes:
            yield home._replace(changed=changed) if changed else home

    @cached_property
    def _is_program(self) -> bool:
        return is_script_file(self.path, self.source.written[:2].encode())

    def quoted(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """Documents in quotes, which a script keeps in a variable or gives to a function."""
        file, form = self.source.file, places[0].form
        if form not in _SCRIPTS:
            return
        starts = [place.start for place in places]
        at = 0
        for _ in range(MOST_HEREDOCS):
            opening = _QUOTED.search(file.text, at)
            at = closing(file.text, opening.end(), opening["quote"]) if opening else -1
            if opening is None or at < 0:
                return
            start = opening.start() + 1
            has_escapes = self._is_powershell and (
                "`" in file.text[start:at] or file.text[at + 1 : at + 2] == opening["quote"]
            )
            if not has_escapes and bisect_left(starts, start) < bisect_left(starts, at):
                yield from self._in_quotes(start, at, opening["quote"], form)
            at += 1

    def _in_quotes(self, start: int, end: int, quote: str, form: str) -> Iterator[Home]:
        file = self.source.file
        if quote == "'" or "\\" not in file.text[start:end]:
            documents: list[Document | YamlError] = [*read(file, start=start, end=end).documents]
            for document in documents[:1]:
                if isinstance(document, Document) and isinstance(document.root, Scalar):  # JSON as a text of JSON
                    documents = [*Inner(document.root).documents()]
        else:
            parts = [*unescaped(file.text, start, end, is_double=True, escapes=False)]
            documents = [*Inner.of_parts(file, parts).documents()]
        yield from (home._replace(read=(Span(file, start, end),)) for home in self._documents(documents, form))

    def node_file(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """A file of a node that is a template."""
        file = self.source.file
        if places[0].form not in _SCRIPTS:
            whole = Span(file, 0, len(file.text))
            yield from self._registries(NodeText(REGISTRIES_CONF, file.text, whole), places[0].form)

    def pasted(self, places: Sequence[PolicyPlace]) -> Iterator[Home]:
        """What a tool printed, between other lines of a script or a text."""
        file, form = self.source.file, places[0].form
        if form not in _SCRIPTS | _PLAIN or self.path.endswith(SUFFIXES):
            return
        starts = [place.start for place in places]
        for start, end in pasted(file.text):
            if bisect_left(starts, start) < bisect_left(starts, end):
                yield from self._documents(read(file, start=start, end=end).documents, form)

    def _documents(self, documents: Iterable[Document | YamlError], form: str) -> Iterator[Home]:
        for document in documents:
            if not isinstance(document, YamlError) and isinstance(document.root, Mapping):
                yield from self.document(document.root, form, "text", joins=False)

    def _registries(self, text: NodeText, form: str, whole: Span | None = None) -> Iterator[Home]:
        """A registries.conf, if a text is one that nodes load."""
        if "[[registry" not in text.text.replace(" ", ""):
            return
        try:
            conf = read_placed(text)
        except ConfFileError:
            return
        if conf.entries:
            yield Home(
                form=form,
                holder=f"`{basename(self.path)}`",
                span=text.span,
                target=self.target(form),
                node_texts=(text,),
                said=(f"writes {text.path}",),
                read=(whole or text.span,),
            )

    def document(self, root: Node, form: str, what: str, *, joins: bool) -> Iterator[Home]:
        """What the API server and the other readers make of a document."""
        if not isinstance(root, Mapping):
            return
        made = of_image(root) if is_patch_of_image(root) else root
        content = Content()
        content.add(decode(Document(root=made), self.source.release, blanks=self.source.blanks_of(root)))
        if content:
            yield Home(
                form=form,
                holder=f"{what} of `{basename(self.path)}`",
                span=Span(root.file, root.start, root.end),
                target=self.target(form),
                manifests=tuple(content.manifests),
                refused=tuple(content.refused),
                diagnostics=tuple(content.diagnostics),
                joins=joins,
                read=(*content.read, root.span),
            )
            return
        for home in self.others(self.source.of_root(root)):
            if home.target is None and home.awaits is None:
                yield home._replace(joins=joins, target=self.target(form))
            else:
                yield home

    def target(self, form: str) -> Target:
        """The clusters that the file is for."""
        stem = basename(self.path).partition(".")[0]
        if form == _CONF:
            return target(form, stem, f"nodes with the files of {self.path}")
        if not self.path.endswith(SUFFIXES) and form in _PLAIN:
            return target("text", stem, f"the clusters that {self.path} is for")
        form = "values" if form == MANIFEST else form
        words = "sets up" if form in _SCRIPTS or form == "ansible" else "is rendered for"
        return target(form, stem, f"the clusters that {self.path} {words}")


def _is_json_of_lists(text: str) -> bool:
    """Whether a text is JSON with lists for the installer, such as the body of a request to the assisted service."""
    return text.startswith("{") and (install_config.CONTENT in text or install_config.DIGEST in text)


def _is_text(path: str) -> bool:
    """Whether a file is a text that is not called a manifest, and neither documentation nor program source."""
    return not path.endswith(SUFFIXES) and not of_name(basename(path))


def _is_copy(path: str) -> bool:
    """Whether a file is called after a manifest, such as `idms.yaml.sample`."""
    return not path.endswith(SUFFIXES) and any(f"{suffix}." in basename(path) for suffix in SUFFIXES)


def _is_in_values(nodes: "_Nodes", place: PolicyPlace) -> bool:
    """Whether a place is in a document without a kind, such as the values of a playbook."""
    root = nodes.root_around(place.start)
    return isinstance(root, Items) or (isinstance(root, Mapping) and "kind" not in root.fields)


class _Nodes:
    """The nodes of a text by their places; those inside of one are put in order when they are first asked for."""

    def __init__(self, roots: Iterable[Node]) -> None:
        self._roots = sorted(roots, key=_start)
        self._inside: dict[int, list[Node]] = {}

    def root_around(self, offset: int) -> Node | None:
        """The root of the document that contains an offset."""
        return _containing(self._roots, offset)

    def around(self, offset: int) -> list[Node]:
        """The nodes that contain an offset, the outermost first."""
        found: list[Node] = []
        node = self.root_around(offset)
        while node is not None:
            found.append(node)
            node = _containing(self._in(node), offset)
        return found

    def _in(self, node: Node) -> list[Node]:
        if id(node) not in self._inside:
            inside = (
                node.items if isinstance(node, Items) else node.fields.values() if isinstance(node, Mapping) else ()
            )
            # What an alias repeats is written elsewhere.
            own = (each for each in inside if node.start <= each.start < node.end)
            self._inside[id(node)] = sorted(own, key=_start)
        return self._inside[id(node)]


def _start(node: Node) -> int:
    return node.start


def _containing(nodes: Sequence[Node], offset: int) -> Node | None:
    index = bisect_right(nodes, offset, key=_start) - 1
    return nodes[index] if index >= 0 and offset < nodes[index].end else None


def _is_of_shell(token: str) -> bool:
    return token.startswith("$") and not token.startswith("${{")


def _first_file(around: str) -> str:
    match = _FILE.search(around)
    return match[0] if match else ""


_FILE = re.compile(r"[\w.-]+\.(?:ya?ml|json|conf)\b")


def _path_of(line: str) -> str:
    match = _NODE_FILE.search(line)
    return match[0] if match else REGISTRIES_CONF
