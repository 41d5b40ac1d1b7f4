"""Kustomizations: what they are made of, which files are not manifests, and what cannot be had offline.

In: the text of a `kustomization.yaml`, and a way to read more. Out: everything it names, with its place; over a whole
kustomization, what keeps it from being built without network and plugins.

Follows kustomize 5 (kubernetes-sigs/kustomize, api/types `Kustomization`, api/internal/git `NewRepoSpecFromURL`):
fields are found in whatever case they are written, what looks like a URL is fetched even where a file has its name.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fold
from compiler.repository.paths import KUSTOMIZATIONS, Problem
from compiler.text.span import File, Located, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, YamlError, each_document, read
from compiler.text.wording import shown


class ResourceReference(NamedTuple):
    """A file or folder that a kustomization names, and under which field.

    `at` is the path of the value itself (`patches[0].path`), `target` the kind that a patch says it is for, empty where
    it says none. With `inline` the text is not a path, but what would be in the file.
    """

    field: str
    at: str
    path: Located[str]
    target: str = ""
    inline: bool = False

    @property
    def is_patch(self) -> bool:
        """Whether what it names changes manifests."""
        return self.field in {"patches", "patchesStrategicMerge"}

    @property
    def is_manifest(self) -> bool:
        """Whether what it names is applied, rather than used to make or change what is."""
        return self.field in _APPLIED


class Kustomization(NamedTuple):
    """What a kustomization names, and the fields that need a plugin.

    `inline` are patches and configurations that are written into the kustomization itself. A `plain` one changes
    nothing of the manifests it names: they can as well be read where they are. `namespace` is what it puts into every
    namespaced object. A `component` is only ever part of others.
    """

    references: tuple[ResourceReference, ...] = ()
    inline: tuple[ResourceReference, ...] = ()
    plugins: tuple[Located[str], ...] = ()
    plain: bool = True
    component: bool = False
    namespace: Located[str] | None = None


_APPLIED = frozenset(("resources", "bases", "components"))
_CONFIGURED = frozenset(("generators", "transformers", "validators"))
_FOLDERS = _APPLIED | _CONFIGURED
_LISTS = ("resources", "bases", "components", "generators", "transformers", "validators", "crds", "configurations")
_PATCHES = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_PLUGINS = ("helmcharts", "helmchartinflationgenerator")
_PLUGIN_KINDS = frozenset(("helmchartinflationgenerator",))
_PLAIN = _APPLIED.union(
    ("apiversion", "kind", "metadata", "configmapgenerator", "secretgenerator", "generatoroptions"),
    ("commonlabels", "commonannotations", "labels", "buildmetadata", "sortoptions", "crds", "openapi"),
)
_PATH_FIELDS = frozenset(("path", "paths", "files", "env", "envs"))
# A scheme, a user before the host (`git@`), git's own prefix, or the one host that needs neither.
_REMOTE = re.compile(r"[^/@]+@[^/]|\s*+(?:[a-z][a-z0-9+.-]*:/|[a-z]+::|(?:www\.)?github\.com[:/]|gh:)", re.IGNORECASE)


def is_remote(path: str) -> bool:
    """Whether kustomize takes a path for something on the network, be there a file of this name or not."""
    return _REMOTE.match(path) is not None


def decode(file: File) -> Kustomization:
    """Take from a kustomization what it names; what is not well-formed names nothing and is for kustomize to report."""
    fields = fields_in(file)
    references = list(_references(fields))
    return Kustomization(
        references=tuple(each for each in references if not each.inline),
        inline=tuple(each for each in references if each.inline),
        plugins=tuple(_located(key) for key, _ in (fields[name] for name in _PLUGINS if name in fields)),
        plain=_PLAIN.issuperset(fields),
        component=any(text.value == "Component" for text in texts_of(fields, "kind")),
        namespace=next(texts_of(fields, "namespace"), None),
    )


def altering(kustomizations: Iterable[File]) -> list[File]:
    """Those that change the manifests they name, by themselves or through another of them; no components."""
    by_folder = {posixpath.dirname(file.path): (file, decode(file)) for file in kustomizations}
    named_by: dict[str, list[str]] = {}
    for folder, (_, each) in by_folder.items():
        for reference in each.references:
            named = posixpath.normpath(posixpath.join(folder, reference.path.value))
            named_by.setdefault(named, []).append(folder)
    pending = [folder for folder, (_, each) in by_folder.items() if not each.plain]
    found = set(pending)
    while pending:
        for folder in named_by.get(pending.pop(), ()):
            if folder not in found:
                found.add(folder)
                pending.append(folder)
    return [file for folder, (file, each) in by_folder.items() if folder in found and not each.component]


def namespaces(kustomizations: Table[str, Kustomization]) -> dict[str, Located[str]]:
    """The namespaces that kustomizations, by their path, put into the files and folders that they apply.

    Of two kustomizations one of which includes the other, the including one counts. What others put into different
    namespaces is left out: which one is applied is not known.
    """
    by_folder = {posixpath.dirname(path): each for path, each in kustomizations.items()}
    applied = {folder: _applied(folder, each) for folder, each in by_folder.items()}
    choosing = {folder: each.namespace for folder, each in by_folder.items() if each.namespace is not None}
    included: dict[str, dict[str, str]] = {}
    for folder in choosing:
        _spread(folder, folder, folder, applied, included)
    found: dict[str, dict[str, Located[str]]] = {}
    for folder, namespace in reversed(choosing.items()):
        if included.get(folder, {}).keys() <= {folder}:
            _spread(folder, namespace.value, namespace, applied, found)
    return {path: next(iter(each.values())) for path, each in found.items() if len(each) == 1}


_T = TypeVar("_T")
_TOLD_APART = 2
"""It only matters whether there are several."""


def _spread(
    folder: str, name: str, value: _T, applied: Table[str, Collection[str]], reached: dict[str, dict[str, _T]]
) -> None:
    """Note a value under a name at all that a folder applies, at any depth; no place has more than two names."""
    waiting = [folder]
    while waiting:
        for inner in applied.get(waiting.pop(), ()):
            names = reached.setdefault(inner, {})
            if name not in names and len(names) < _TOLD_APART:
                names[name] = value
                waiting.append(inner)


def _applied(folder: str, kustomization: Kustomization) -> list[str]:
    """The files and folders that a kustomization applies by itself."""
    named = (each.path.value for each in kustomization.references if each.is_manifest)
    places = (posixpath.normpath(posixpath.join(folder, path)) for path in named if not is_remote(path))
    return ["" if place == "." else place for place in dict.fromkeys(places)]


Fields = Table[str, tuple[Scalar, Node]]
"""Keys and values by the key in lower case."""


def fields_in(file: File) -> Fields:
    """The fields of a kustomization."""
    documents = read(file).documents
    return fields_of(documents[0].root if documents else None)


def fields_of(node: Node | None) -> Fields:
    """Keys and values by the key in lower case, which is how Go finds them.

    The readers of `fields` are for objects of the cluster: exact names, and a finding for each wrong type. Here
    kustomize itself reports what is wrong.
    """
    if not isinstance(node, Mapping):
        return {}
    return {key.text.lower(): (key, node.fields[key.text]) for key in node.keys}


def _references(fields: Fields) -> Iterator[ResourceReference]:
    for name in (*_LISTS, "patchesStrategicMerge"):
        for index, text in enumerate(texts_of(fields, name.lower())):
            yield ResourceReference(field=name, at=f"{name}[{index}]", path=text, inline=_holds_object(text.value))
    for name in _PATCHES:
        for index, item in enumerate(items_of(fields, name)):
            inner = fields_of(item)
            target = "".join(text.value for text in texts_of(fields_of(value_of(inner, "target")), "kind"))
            for where in ("path", "patch"):
                for text in texts_of(inner, where):
                    at = f"{name}[{index}].{where}"
                    yield ResourceReference(field="patches", at=at, path=text, target=target, inline=where == "patch")
    for name in _GENERATORS:
        for index, item in enumerate(items_of(fields, name)):
            inner = fields_of(item)
            for where in ("files", "envs", "env"):
                for number, text in enumerate(texts_of(inner, where)):
                    path = _after_key(text) if where == "files" else text
                    yield ResourceReference(field=name, at=f"{name}[{index}].{where}[{number}]", path=path)
    for text in texts_of(fields_of(value_of(fields, "openapi")), "path"):
        yield ResourceReference(field="openapi", at="openapi.path", path=text)


def _holds_object(text: str) -> bool:
    """Whether a text that may be a path or an object is an object: kustomize tries whether there is such a file."""
    return "\n" in text or text.lstrip().startswith("{")


def value_of(fields: Fields, name: str) -> Node | None:
    """The value of a field, by its name in lower case."""
    return fields[name][1] if name in fields else None


def items_of(fields: Fields, name: str) -> list[Node]:
    """The items of a field that is a list."""
    node = value_of(fields, name.lower())
    return node.items if isinstance(node, Sequence) else []


def texts_of(fields: Fields, name: str) -> Iterator[Located[str]]:
    """The texts of a list of strings, or of the one string in its place."""
    node = value_of(fields, name)
    for item in node.items if isinstance(node, Sequence) else [node]:
        if isinstance(item, Scalar) and item.text:
            yield _located(item)


def _located(scalar: Scalar) -> Located[str]:
    return Located(scalar.text, scalar.span)


def _after_key(text: Located[str]) -> Located[str]:
    """A generator's file, without the key it may be kept under."""
    _, equals, path = text.value.partition("=")
    return Located(path, text.span) if equals else text


# --- A whole kustomization -------------------------------------------------------


class FileTree(Protocol):
    """Where files are read from; paths have `/` between their parts."""

    def leads_out(self, path: str) -> bool:
        """Whether a path leads out of the tree, by `..` or through a link."""

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder."""

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""

    def read(self, path: str) -> File | Problem:
        """Read and decode a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a kustomization takes in, over all the folders it names.

    `files` are all files by their path, with the place that names each; `changing` those that change what others
    contain, the nearest to the top first. `problems` are what keeps the whole from being built offline and without
    plugins.
    """

    files: dict[str, Span] = field(default_factory=dict)
    changing: list[str] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def survey(folder: str, at: Span, tree: FileTree) -> Survey:
    """Follow everything that the kustomization in `folder` names; `at` is where it is named itself."""
    made = Survey()
    waiting = [_Visit(folder, at, "kustomization")]
    passed: set[str] = set()
    while waiting:
        visit = waiting.pop()
        if visit.folder in passed:
            continue
        passed.add(visit.folder)
        names = [path for name in KUSTOMIZATIONS if tree.is_file(path := posixpath.join(visit.folder, name))]
        ways = (visit.folder, *(posixpath.join(visit.folder, name) for name in KUSTOMIZATIONS))
        if not names and (outside := next(filter(tree.leads_out, ways), None)):
            message = f"`{shown(outside)}` is outside the repo"
            made.problems.append(_failed(visit.at, visit.field, message, "Copy the folder into the repo."))
            continue
        if not names:
            made.problems.append(
                _failed(
                    visit.at,
                    visit.field,
                    f"`{shown(visit.folder)}` contains no kustomization.yaml",
                    "Give a folder that has one, or list the manifests under `paths`.",
                )
            )
            continue
        made.files[names[0]] = visit.at
        made.changing.append(names[0])
        file = tree.read(names[0])
        if isinstance(file, Problem):
            made.problems.append(rules.UNREADABLE_FILE.at(file.span, f"`{file.path}` {file.message}", help=file.help))
            continue
        if _is_affordable(file, made):
            waiting += _follow(decode(file), visit, tree, made)
    return made


def _is_affordable(file: File, made: Survey, *, written: ResourceReference | None = None) -> bool:
    """Whether kustomize can read a file without costing more than it may; if not, that is reported.

    `written` is where the text is written if it is part of a kustomization.
    """
    if "&" not in file.text or "*" not in file.text:  # only aliases multiply
        return True
    error = next((each for each in each_document(file) if isinstance(each, YamlError)), None)
    if error is None or not error.refused:
        return True
    span = written.path.span if written else error.span
    made.problems.append(_failed(span, written.at if written else "", error.message, "Write less with aliases."))
    return False


class _Visit(NamedTuple):
    """A kustomization that is still to be looked at.

    What generators and transformers name as resources is their configuration, and configures what is made in the folder
    `configures`; paths in it count from there.
    """

    folder: str
    at: Span
    field: str
    configures: str = ""


_VENDOR = "Copy it into the repo and use the copy: mirrorc builds offline and reproducibly."
_NO_PLUGINS = "Render it first and commit the result: mirrorc does not run plugins."


def _follow(kustomization: Kustomization, visit: _Visit, tree: FileTree, made: Survey) -> Iterator[_Visit]:
    """Look at everything a kustomization names, and yield the folders that contain others."""
    for plugin in kustomization.plugins:
        made.problems.append(_failed(plugin.span, plugin.value, f"`{plugin.value}` needs a plugin", _NO_PLUGINS))
    for reference in kustomization.inline:
        file = File(reference.path.span.path, reference.path.value)
        if _is_affordable(file, made, written=reference) and reference.field in _CONFIGURED:
            _look_into(file, visit.folder, tree, made, written=reference)
    for reference in kustomization.references:
        path = _local(reference, visit.folder, tree, made)
        if path is None:
            continue
        configures = visit.configures if reference.is_manifest else ""
        if reference.field in _CONFIGURED:
            configures = visit.configures or visit.folder
        if tree.is_folder(path):
            yield _Visit(path, reference.path.span, reference.at, configures)
            continue
        made.files[path] = reference.path.span
        if not reference.is_manifest:
            made.changing.append(path)
        found = tree.read(path)
        if isinstance(found, File) and _is_affordable(found, made) and configures:
            _look_into(found, configures, tree, made)


def _local(reference: ResourceReference, folder: str, tree: FileTree, made: Survey) -> str | None:
    """Where a path leads in the tree; None where it leads elsewhere or nowhere, which is reported."""
    path, span = reference.path.value, reference.path.span
    place = posixpath.normpath(posixpath.join(folder, path))
    is_there = tree.is_file(place) or (reference.field in _FOLDERS and tree.is_folder(place))
    if is_remote(path):
        made.problems.append(_remote(path, span, reference.at))
    elif path.startswith("/"):
        advice = "Write it relative to this file."
        made.problems.append(_failed(span, reference.at, f"`{shown(path)}` is an absolute path", advice))
    elif tree.leads_out(place):
        advice = "Copy it into the repo and name the copy."
        made.problems.append(_failed(span, reference.at, f"`{shown(path)}` is outside the repo", advice))
    elif not is_there:
        advice = "Check the spelling, or remove it."
        made.problems.append(_failed(span, reference.at, f"`{shown(path)}` does not exist", advice))
    else:
        return place
    return None


def _look_into(
    file: File, folder: str, tree: FileTree, made: Survey, *, written: ResourceReference | None = None
) -> None:
    """The configuration of a generator or transformer names files too, under a few well-known fields.

    `written` is the place of one that is written into the kustomization.
    """
    for document in read(file).documents:
        for key, value in _pairs(document.root):
            name = key.text.lower()
            at = written.at if written else key.text
            if name == "kind" and isinstance(value, Scalar) and value.text.lower() in _PLUGIN_KINDS:
                span = written.path.span if written else value.span
                made.problems.append(_failed(span, at, f"`{value.text}` needs a plugin", _NO_PLUGINS))
            for text in texts_of({name: (key, value)}, name) if name in _PATH_FIELDS else ():
                path = _after_key(text) if name == "files" else text
                span = written.path.span if written else path.span
                if is_remote(path.value):
                    made.problems.append(_remote(path.value, span, at))
                elif tree.is_file(place := posixpath.normpath(posixpath.join(folder, path.value))):
                    made.files.setdefault(place, span)


def _pairs(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    if isinstance(node, Mapping):
        for key in node.keys:
            yield key, node.fields[key.text]
            yield from _pairs(node.fields[key.text])
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _pairs(item)


def _failed(span: Span, at: str, message: str, help_: str) -> Diagnostic:
    return rules.KUSTOMIZE_FAILED.at(span, message, help=help_, field=at)


def _remote(path: str, span: Span, at: str) -> Diagnostic:
    return rules.REMOTE_RESOURCE.at(span, f"`{shown(path)}` is not in this repo", help=_VENDOR, field=at)


# --- A folder that is read as it is ------------------------------------------------


def left_out(kustomizations: dict[str, Kustomization]) -> dict[str, ResourceReference]:
    """The files that are not manifests, by path, given each kustomization of a tree by its path.

    A file that any of them applies is a manifest, whatever else it is used for.
    """
    applied: set[str] = set()
    used: dict[str, ResourceReference] = {}
    for path, kustomization in kustomizations.items():
        for reference in kustomization.references:
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference.path.value))
            if reference.is_manifest:
                applied.add(place)
            else:
                used.setdefault(place, reference)
    return {path: reference for path, reference in used.items() if path not in applied}


def unapplied(reference: ResourceReference, kind: str) -> Diagnostic:
    """Report a patch of one of our kinds in a folder that is read without being built."""
    return rules.UNAPPLIED_PATCH.at(
        _first_line(reference.path.span),
        f"this patch of an object of the kind {kind} is not applied: mirrorc reads the folder without building it",
        help="Set the folder of this kustomization as `kustomization` of the cluster in .mirrorc.yaml, so that "
        "mirrorc builds it. Or pipe it in: `kustomize build … | mirrorc check -`.",
        field=reference.at,
        fold=Fold(
            key=reference.path.span.path,
            message="{count} patches of mirror objects are not applied: mirrorc reads the folder without building it: "
            "{names}",
            name=kind,
        ),
    )


def _first_line(span: Span) -> Span:
    end = span.file.text.find("\n", span.start, span.end)
    return span if end < 0 else Span(span.file, span.start, end)
