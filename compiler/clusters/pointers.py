"""Objects that decide which folders make which cluster: those of Argo CD, Flux and Open Cluster Management.

In: the objects of a repo. Out: pointers, each from a cluster to a source in the repo, and what cannot be known from the
repo. Follows argoproj/argo-cd 2.14 (Application, ApplicationSet), fluxcd/kustomize-controller 1.5 (Kustomization) and
open-cluster-management-io/policy-generator-plugin 1.16 (PolicyGenerator, Placement).
"""

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Readable
from dataclasses import dataclass, field, replace

from compiler.clusters.application_sets import (
    IN_CLUSTER,
    Generation,
    KnownCluster,
    Parameters,
    RepoTree,
    Selector,
    merged,
    registered,
)
from compiler.clusters.config import is_cluster_name
from compiler.clusters.objects import (
    Bare,
    Object,
    Plain,
    Table,
    at,
    list_at,
    plain,
    table_at,
    text_at,
    texts_at,
    typed,
)
from compiler.clusters.releases import of_parameter, release_of
from compiler.clusters.templates import UnclearError, Work, flattened, render
from compiler.text.span import File, Span
from compiler.text.tree import Document, each_document

ARGO, FLUX, POLICY = "Argo CD", "Flux", "PolicyGenerator"
AUTO, DIRECTORY = "auto", "directory"

_MOST_POINTERS = 20_000
_LOCAL_SERVERS = frozenset(("https://kubernetes.default.svc", "https://kubernetes.default"))
_BRANCHES = frozenset(("", "HEAD", "main", "master"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedSource:
    """A folder as a pointer applies it; `folder` is from the top of the repo, empty for the top itself.

    Attributes:
        folder: Where it is.
        form: `AUTO` for what the folder contains, `DIRECTORY` for its files, of any form, `FLUX` for the way of
            Flux with a folder that has no kustomization.
        recurse: Folders in a plain folder are applied too.
        include: A pattern that files of a plain folder must match, empty for all.
        exclude: One that they must not match.
        files: The files or folders that are applied, where the pointer lists them.
        values: Values files of a chart, from the top of the repo.
        inline: Values of a chart that the object itself contains, over those of the files, as JSON; empty if none.
    """

    folder: str
    form: str = AUTO
    recurse: bool = False
    include: str = ""
    exclude: str = ""
    files: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    inline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPointer:
    """That a cluster gets a source.

    Attributes:
        kind: `ARGO`, `FLUX` or `POLICY`.
        path: The file of the object.
        span: Where it is said: in the object, or in the file that a generator reads.
        source: What the cluster gets.
        cluster: The cluster, None for the one to which the object itself is applied.
        namespace: The namespace of objects that name none.
        release: The release or version that its parameters name, empty if none.
    """

    kind: str
    path: str
    span: Span
    source: AppliedSource
    cluster: str | None = None
    namespace: str = ""
    release: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """An object that may bring mirror manifests to a cluster, and why it is not known which."""

    span: Span
    kind: str
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Pointers:
    """All pointers of a repo, by the file of their object, what cannot be known, and the URLs taken for the repo's."""

    each: dict[str, list[ClusterPointer]] = field(default_factory=dict)
    unresolved: list[Unresolved] = field(default_factory=list)
    own: set[str] = field(default_factory=set)


def read(found: Sequence[Object], tree: RepoTree, *, own: Iterable[str] = (), branch: str = "") -> Pointers:
    """The pointers that these objects are.

    Args:
        found: The objects of the repo for which `is_pointer` is true.
        tree: The files of the repo.
        own: The known URLs of the repo.
        branch: The branch that is checked out, empty if that is not known.
    """
    return _Reader(found, tree, own, branch).read()


class _Reader:
    def __init__(self, found: Sequence[Object], tree: RepoTree, own: Iterable[str], branch: str) -> None:
        self._found = found
        known = registered(found)
        self._placements = _Placements(found, known)
        self._tree = replace(tree, clusters=known, placements=self._placements)
        self._servers = {each.server.rstrip("/"): each.name for each in known if each.server}
        self._own = {_address(url) for url in own}
        self._branches = _BRANCHES | {branch}
        self._made = Pointers(own=self._own)
        self._charts: list[Unresolved] = []
        self._count = 0
        self._work = Work()
        self._placed_at: dict[tuple[int, str], Sequence[str] | None] = {}
        sources = [each for each in found if each.kind == "GitRepository"]
        self._urls = {each.name: _address(text_at(each.data, "spec", "url")) for each in sources}
        self._is_one_url = len(set(self._urls.values())) == 1

    def read(self) -> Pointers:
        drafts = [(each, *self._specs(each)) for each in self._found if each.group == "argoproj.io"]
        self._know_own([spec for _, specs in ((draft[0], draft[1]) for draft in drafts) for spec, _ in specs])
        for each, specs, unclear in drafts:
            for reason in unclear:
                self._unresolved(each, reason)
            for spec, parameters in specs:
                self._application(each, spec, parameters)
        for each in self._found:
            if each.group == "kustomize.toolkit.fluxcd.io":
                self._flux(each)
            elif each.kind == "HelmRelease":
                self._helm_release(each)
            elif each.kind == "PolicyGenerator":
                self._policies(each)
        self._made.unresolved.extend(self._charts)  # they are many, and seldom bring mirrors
        return self._made

    def _unresolved(self, found: Object, reason: str) -> None:
        self._made.unresolved.append(_unresolved(found, reason))

    def _add(self, pointer: ClusterPointer) -> None:
        self._count += 1
        if self._count <= _MOST_POINTERS:
            self._made.each.setdefault(pointer.path, []).append(pointer)

    # --- Argo CD ---------------------------------------------------------------------

    def _specs(self, found: Object) -> tuple[list[tuple[Table, Parameters]], list[str]]:
        """The specs of Applications that an object is or generates, and what cannot be known of them."""
        spec = table_at(found.data, "spec")
        if found.kind == "Application":
            return [(spec, Parameters(values={}))], []
        go = text_at(spec, "goTemplate") == "true"
        paths = [text_at(each, "path") for each in _sources(table_at(spec, "template", "spec"))]
        generation = Generation(self._tree, go=go, paths=paths, work=self._work)
        specs = []
        unclear: list[str] = []
        for parameters, over in generation.of(list_at(spec, "generators")):
            try:
                template = table_at(merged(table_at(spec, "template"), over, self._work), "spec")
                used = [key for key in _USED if key in template]
                made = {key: self._rendered(template[key], parameters.values, go=go) for key in used}
                if patch := text_at(spec, "templatePatch"):
                    text = render(patch, parameters.values, go=True, work=self._work)
                    self._work.add(len(text))
                    made = merged(made, self._patch(found, text), self._work)
                self._work.add(len(parameters.values))
            except UnclearError as error:
                unclear.append(str(error))
                continue
            specs.append((made, parameters))
        return specs, list(dict.fromkeys((*generation.unclear, *unclear)))

    def _rendered(self, value: Plain, parameters: Table, *, go: bool, depth: int = 0) -> Plain:
        self._work.add(1)
        if isinstance(value, str):
            return render(value, parameters, go=go, work=self._work)
        if depth > 50:
            return value
        if isinstance(value, dict):
            return {key: self._rendered(each, parameters, go=go, depth=depth + 1) for key, each in value.items()}
        if isinstance(value, list):
            return [self._rendered(each, parameters, go=go, depth=depth + 1) for each in value]
        return value

    @staticmethod
    def _patch(found: Object, text: str) -> Table:
        from compiler.text.tree import read

        documents = read(File(found.path, text)).documents
        data = plain(documents[0].root) if documents else None
        return table_at(data, "spec")

    def _know_own(self, specs: Sequence[Table]) -> None:
        """Without a known URL the repo is the one that most sources with an existing folder come from."""
        urls: Counter[str] = Counter()
        for spec in specs:
            for source in _sources(spec):
                address = _address(text_at(source, "repoURL"))
                if address in self._own:
                    return
                folder = _folder(text_at(source, "path"))
                if text_at(source, "path") and folder is not None and folder in self._tree.folders:
                    urls[address] += 1
        if urls:
            self._own.add(max(urls, key=lambda url: (urls[url], url)))

    def _application(self, found: Object, spec: Table, parameters: Parameters) -> None:
        sources = _sources(spec)
        refs = {text_at(each, "ref") for each in sources if text_at(each, "ref") and self._is_own(each)}
        cluster = self._destination(spec)
        for each in sources:
            if text_at(each, "chart"):
                self._remote_chart(found, text_at(each, "chart"), text_at(each, "repoURL"))
            if not text_at(each, "path"):
                continue  # a chart of a registry, or the source of values files
            folder = _folder(text_at(each, "path"))
            if not self._is_own(each):
                if text_at(each, "repoURL"):
                    self._unresolved(found, "it is about another repo")
                continue
            revision = text_at(each, "targetRevision")
            if revision not in self._branches:
                self._unresolved(found, f"it applies the revision `{revision}`")
                continue
            if folder is None or folder not in self._tree.folders:
                self._unresolved(found, f"there is no folder `{text_at(each, 'path')}`")
                continue
            if reason := _changes(each):
                self._unresolved(found, reason)
                continue
            try:
                inline = _inline(table_at(each, "helm"))
            except UnclearError as error:
                self._unresolved(found, str(error))
                continue
            directory = table_at(each, "directory")
            origin = parameters.origin
            self._add(
                ClusterPointer(
                    kind=ARGO,
                    path=found.path,
                    span=found.span if origin is None else Span(origin, 0, 0),
                    source=AppliedSource(
                        folder=folder,
                        form=DIRECTORY if directory else AUTO,
                        recurse=text_at(directory, "recurse") == "true",
                        include=text_at(directory, "include"),
                        exclude=text_at(directory, "exclude"),
                        values=tuple(self._values(folder, texts_at(each, "helm", "valueFiles"), refs)),
                        inline=inline,
                    ),
                    cluster=cluster,
                    namespace=text_at(spec, "destination", "namespace"),
                    release=_release(parameters.values),
                )
            )

    def _remote_chart(self, found: Object, chart: str, where: str) -> None:
        self._charts.append(_unresolved(found, f"its chart `{chart}` is in `{where}`"))

    def _is_own(self, source: Table) -> bool:
        return not self._own or _address(text_at(source, "repoURL")) in self._own

    def _values(self, folder: str, files: Sequence[str], refs: set[str]) -> Iterator[str]:
        for file in files:
            first, _, rest = file.partition("/")
            if first.startswith("$"):
                if first[1:] in refs:
                    yield posixpath.normpath(rest)
            elif file.startswith("/"):
                yield posixpath.normpath(file.lstrip("/"))
            else:
                yield posixpath.normpath(posixpath.join(folder, file))

    def _destination(self, spec: Table) -> str | None:
        """The cluster's name, None for the one on which Argo CD runs."""
        name, server = text_at(spec, "destination", "name"), text_at(spec, "destination", "server").rstrip("/")
        if name:
            return None if name == IN_CLUSTER else _called(name)
        if not server or server in _LOCAL_SERVERS:
            return None
        return _called(self._servers.get(server) or _host_name(server))

    # --- Flux ------------------------------------------------------------------------

    def _flux(self, found: Object) -> None:
        spec = table_at(found.data, "spec")
        kind, name = text_at(spec, "sourceRef", "kind"), text_at(spec, "sourceRef", "name")
        folder = _folder(text_at(spec, "path") or ".")
        if kind not in {"", "GitRepository"}:
            self._unresolved(found, f"its source is the {kind} `{name}`")
        elif not self._is_own_source(name):
            self._unresolved(found, f"its source `{name}` is another repo")
        elif folder is None or folder not in self._tree.folders:
            self._unresolved(found, f"there is no folder `{text_at(spec, 'path')}`")
        elif reason := _flux_changes(spec):
            self._unresolved(found, reason)
        else:
            secret = text_at(spec, "kubeConfig", "secretRef", "name")
            cluster = _of_kubeconfig(secret)
            self._add(
                ClusterPointer(
                    kind=FLUX,
                    path=found.path,
                    span=found.span,
                    source=AppliedSource(folder=folder, form=FLUX, recurse=True),
                    cluster=cluster,
                    namespace=text_at(spec, "targetNamespace"),
                )
            )

    def _helm_release(self, found: Object) -> None:
        """A chart in the repo with its values; those that are in other objects are not followed."""
        spec = table_at(found.data, "spec")
        chart = table_at(spec, "chart", "spec")
        path, folder = text_at(chart, "chart"), _folder(text_at(chart, "chart"))
        ref = table_at(chart, "sourceRef") or table_at(spec, "chartRef")
        kind, name = text_at(ref, "kind"), text_at(ref, "name")
        if kind != "GitRepository":
            self._charts.append(_unresolved(found, f"its chart `{path or name}` is in the {kind} `{name}`"))
        elif not self._is_own_source(name):
            self._charts.append(_unresolved(found, f"its source `{name}` is another repo"))
        elif folder is None or folder not in self._tree.folders:
            self._unresolved(found, f"there is no folder `{path}`")
        elif at(spec, "valuesFrom"):
            self._unresolved(found, "its chart has values from other objects")
        elif at(spec, "postRenderers"):
            self._unresolved(found, "it changes what its chart makes")
        else:
            values = table_at(spec, "values")
            self._add(
                ClusterPointer(
                    kind=FLUX,
                    path=found.path,
                    span=found.span,
                    source=AppliedSource(
                        folder=folder,
                        values=tuple(self._chart_values(chart, folder)),
                        inline=json.dumps(typed(values), sort_keys=True, ensure_ascii=False) if values else "",
                    ),
                    cluster=_of_kubeconfig(text_at(spec, "kubeConfig", "secretRef", "name")),
                    namespace=text_at(spec, "targetNamespace"),
                )
            )

    @staticmethod
    def _chart_values(chart: Table, folder: str) -> Iterator[str]:
        """The values files, which Flux finds from the top of the source."""
        for file in texts_at(chart, "valuesFiles"):
            path = _folder(file)
            if path is not None and path != posixpath.join(folder, "values.yaml"):
                yield path

    def _is_own_source(self, name: str) -> bool:
        """Whether a GitRepository is this repo: the one with which Flux was set up, or one with its URL."""
        if name not in self._urls or name == "flux-system":
            return True
        if self._own:
            return self._urls[name] in self._own
        return self._is_one_url or self._urls[name] == self._urls.get("flux-system")

    # --- Open Cluster Management -----------------------------------------------------

    def _policies(self, found: Object) -> None:
        defaults = table_at(found.data, "policyDefaults")
        around = posixpath.dirname(found.path)
        for policy in list_at(found.data, "policies"):
            action = (
                text_at(policy, "remediationAction") or text_at(defaults, "remediationAction") or "inform"
            ).lower()
            files: list[str] = []
            for each in list_at(policy, "manifests"):
                path = _folder(posixpath.join(around, text_at(each, "path")))
                if path is not None and text_at(each, "path"):
                    files.append(path)
                if at(each, "patches"):
                    self._unresolved(found, f"the policy `{text_at(policy, 'name')}` patches its manifests")
                    files = []
                    break
            if not files:
                continue
            if action.lower() != "enforce":
                self._unresolved(found, f"the policy `{text_at(policy, 'name')}` only reports: it is not enforced")
                continue
            if self._count >= _MOST_POINTERS:
                return
            clusters = self._placed(table_at(policy, "placement") or table_at(defaults, "placement"), around)
            if clusters is None:
                message = f"which clusters get the policy `{text_at(policy, 'name')}` is not in the repo"
                self._unresolved(found, message)
                continue
            for cluster in clusters:
                self._add(
                    ClusterPointer(
                        kind=POLICY,
                        path=found.path,
                        span=found.span,
                        source=AppliedSource(folder=around, files=tuple(files)),
                        cluster=_called(cluster),
                    )
                )

    def _placed(self, placement: Table, around: str) -> Sequence[str] | None:
        """The clusters that a placement of a PolicyGenerator selects, None where that is not known."""
        key = (id(placement), around)  # the placement is part of an object, which stays
        if key not in self._placed_at:
            self._placed_at[key] = self._selected(placement, around)
        return self._placed_at[key]

    def _selected(self, placement: Table, around: str) -> Sequence[str] | None:
        for key in ("placementPath", "placementRulePath"):
            if path := text_at(placement, key):
                return self._placements.in_file(posixpath.normpath(posixpath.join(around, path)))
        for key in ("placementName", "placementRuleName"):
            if name := text_at(placement, key):
                return self._placements.get(name)
        for key in ("labelSelector", "clusterSelector", "clusterSelectors"):
            if selector := table_at(placement, key):
                is_whole = not selector.keys().isdisjoint(("matchLabels", "matchExpressions"))
                return self._placements.chosen([selector if is_whole else {"matchLabels": selector}])
        return None


_USED = ("source", "sources", "destination")
"""The fields of an Application that matter here; others may have parameters of which the repo does not know."""


def _sources(spec: Table) -> list[Table]:
    found = list_at(spec, "sources") or [at(spec, "source")]
    return [each for each in found if isinstance(each, dict)]


def _changes(source: Table) -> str:
    """How an Application changes what is in its folder, empty where it changes nothing that matters here."""
    kustomize = table_at(source, "kustomize")
    for key in ("patches", "components"):
        if at(kustomize, key):
            return f"it adds {key}"
    if table_at(source, "plugin"):
        return "a plugin makes its manifests"
    return "it uses Jsonnet" if at(source, "directory", "jsonnet") else ""


_PARAMETER = re.compile(r"[\w-]+(?:\.[\w-]+)*")


def _inline(helm: Table) -> str:
    """The values that an Application has for its chart, as JSON, empty if it has none.

    Follows argoproj/argo-cd 2.14: `valuesObject` replaces `values`, and `parameters` come last.

    Raises:
        UnclearError: They cannot be known here.
    """
    values: dict[str, Plain] = {}
    if at(helm, "fileParameters"):
        raise UnclearError("its chart has values in files, under `fileParameters`")
    if table_at(helm, "valuesObject"):
        values = table_at(helm, "valuesObject")
    elif text := text_at(helm, "values"):
        documents = each_document(File("", text))
        document = next(documents, None)
        found = plain(document.root) if isinstance(document, Document) else None
        if not isinstance(found, dict):
            raise UnclearError("the `values` for its chart are not a YAML mapping")
        values = found
    work = Work()
    for parameter in list_at(helm, "parameters"):
        name, value = text_at(parameter, "name"), text_at(parameter, "value")
        if not _PARAMETER.fullmatch(name) or any(character in value for character in ",{}\\"):
            raise UnclearError(f"the parameter `{name}` of its chart is not a plain value")
        given: Plain = value if text_at(parameter, "forceString") == "true" else Bare(value)
        for key in reversed(name.split(".")):
            given = {key: given}
        values = merged(values, given, work) if isinstance(given, dict) else values
    return json.dumps(typed(values), sort_keys=True, ensure_ascii=False) if values else ""


def _flux_changes(spec: Table) -> str:
    for key in ("patches", "components"):
        if at(spec, key):
            return f"it adds {key}"
    return "it substitutes variables" if at(spec, "postBuild") else ""


def _folder(path: str) -> str | None:
    """A path from the top in its shortest form, empty for the top; None outside of the repo."""
    normal = posixpath.normpath(path.lstrip("/")) if path.lstrip("/") else "."
    if normal == ".." or normal.startswith("../"):
        return None
    return "" if normal == "." else normal


def _address(url: str) -> str:
    """A URL of a Git repo, however it is reached: host and path."""
    found = re.sub(r"^[a-z+]+://", "", url.strip().lower())
    found = re.sub(r"^[^/@]+@", "", found)
    found = re.sub(r"^([^/:]+):(?:\d+/)?", r"\1/", found)
    return found.rstrip("/").removesuffix(".git")


def _unresolved(found: Object, reason: str) -> Unresolved:
    return Unresolved(span=found.span, kind=found.kind, name=found.name, reason=reason)


def _of_kubeconfig(secret: str) -> str | None:
    """The cluster to which a Secret with its kubeconfig leads, None without one."""
    return _called(re.sub(r"^kubeconfig-|-kubeconfig$", "", secret)) if secret else None


def _called(name: str) -> str:
    """A name that a cluster of a configuration can have."""
    return name if is_cluster_name(name) else re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:253] or "cluster"


def _host_name(server: str) -> str:
    """The name of a cluster by the URL of its API server."""
    host = re.sub(r"^[a-z]+://", "", server).partition("/")[0].partition(":")[0]
    return host.split(".")[1] if host.startswith("api.") and host.count(".") > 1 else host


_MOST_COMPARED = 500_000
"""Clusters that all selectors of placements together are compared with."""


class _Placements(Readable[str, Sequence[str] | None]):
    """The clusters that the Placements and PlacementRules of a repo select by their names, None where not known."""

    def __init__(self, found: Sequence[Object], known: Sequence[KnownCluster]) -> None:
        placements = [each for each in found if each.kind.startswith("Placement")]
        self._by_name = {each.name: each for each in placements}
        self._by_file = {each.path: each for each in placements}
        self._clusters = known
        self._left = _MOST_COMPARED
        self._made: dict[int, Sequence[str] | None] = {}

    def __getitem__(self, name: str) -> Sequence[str] | None:
        return self._of(self._by_name[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def in_file(self, path: str) -> Sequence[str] | None:
        """Those of the placement in a file."""
        return self._of(self._by_file[path]) if path in self._by_file else None

    def _of(self, placement: Object) -> Sequence[str] | None:
        if id(placement) not in self._made:
            self._made[id(placement)] = self._selected(placement)
        return self._made[id(placement)]

    def _selected(self, placement: Object) -> Sequence[str] | None:
        spec = table_at(placement.data, "spec")
        if at(spec, "numberOfClusters") or at(spec, "clusterReplicas"):
            return None
        if placement.kind == "PlacementRule":
            selector = table_at(spec, "clusterSelector")
            return self.chosen([selector]) if selector else None
        found = [table_at(each, "requiredClusterSelector", "labelSelector") for each in list_at(spec, "predicates")]
        return self.chosen([each for each in found if each]) if any(found) else None

    def chosen(self, selectors: Sequence[Table]) -> Sequence[str] | None:
        """The clusters that any selector selects: registered ones, or those that a selector calls by their name."""
        names: dict[str, None] = {}
        for selector in selectors:
            called = _by_name(selector)
            if called is not None:
                names |= dict.fromkeys(called)
                continue
            wanted = Selector(selector)
            self._left -= len(self._clusters) * max(wanted.size, 1)
            if not self._clusters or self._left < 0:
                return None
            names |= dict.fromkeys(each.name for each in self._clusters if wanted.selects(each.labels))
        return list(names) or None


def _by_name(selector: Table) -> list[str] | None:
    """The names that a selector asks for, None where it asks for something else."""
    labels, expressions = table_at(selector, "matchLabels"), list_at(selector, "matchExpressions")
    if labels.keys() == {"name"} and not expressions:
        return [text_at(labels, "name")]
    if len(expressions) == 1 and not labels and text_at(expressions[0], "key") == "name":
        return texts_at(expressions[0], "values") if text_at(expressions[0], "operator") == "In" else None
    return None


_NAMES_VERSION = re.compile(r"version|release|channel|ocp|openshift", re.IGNORECASE)


def _release(parameters: Table) -> str:
    """The version that parameters name, the most exact one; empty where they name no release or several."""
    named = [
        version
        for key, value in flattened(parameters).items()
        if _NAMES_VERSION.search(key) and (version := of_parameter(value))
    ]
    return max(named, key=len) if len(set(map(release_of, named))) == 1 else ""
