"""The generators of ApplicationSets, as far as what they generate from is in the repo.

In: the spec of an ApplicationSet, and the files and known clusters of the repo. Out: sets of parameters, and what is
not in the repo. Follows argoproj/argo-cd 2.14 (applicationset/generators).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

from compiler.clusters.objects import Object, Plain, Table, at, list_at, plain, table_at, text_at, texts_at
from compiler.clusters.templates import UnclearError, Work, flattened, normalized, render
from compiler.repository.patterns import expression
from compiler.text.span import File
from compiler.text.tree import YamlError, each_document

IN_CLUSTER = "in-cluster"
"""What Argo CD calls the cluster on which it runs."""

_MOST = 10_000
"""Sets of parameters of one ApplicationSet."""
_MOST_FILES = 5_000
"""Files that the generators of one repo read."""
_LONGEST_PATTERN = 1_000
_MOST_ALTERNATIVES = 100


class Selector:
    """A label selector, read once for all that it is asked about."""

    def __init__(self, selector: Table) -> None:
        self._labels = tuple(table_at(selector, "matchLabels").items())
        self._expressions = tuple(
            (text_at(each, "key"), text_at(each, "operator"), frozenset(texts_at(each, "values")))
            for each in list_at(selector, "matchExpressions")
        )
        self.size = len(self._labels) + len(self._expressions)

    def selects(self, labels: dict[str, str]) -> bool:
        """Whether it selects what has these labels."""
        return all(labels.get(key) == value for key, value in self._labels) and all(
            _is_met(labels.get(key), operator, values) for key, operator, values in self._expressions
        )


def _is_met(label: str | None, operator: str, values: AbstractSet[str]) -> bool:
    if operator == "In":
        return label in values
    if operator == "NotIn":
        return label not in values
    return (label is not None) == (operator != "DoesNotExist")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCluster:
    """A cluster that a Secret of Argo CD or a ManagedCluster registers."""

    name: str
    server: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """One set of parameters; `origin` is the file that they are read from, None for the ApplicationSet itself."""

    values: Table
    origin: File | None = None


@dataclass(frozen=True, kw_only=True)
class RepoTree:
    """The files of a repo, by path from the top; `read` gives one that is YAML or JSON, None where it cannot.

    `placements` are the names of the clusters that a Placement selects, by its name, None where that is not known.
    """

    files: frozenset[str]
    read: Callable[[str], File | None] = lambda _: None
    clusters: Sequence[KnownCluster] = ()
    placements: Mapping[str, Sequence[str] | None] = field(default_factory=dict)

    @cached_property
    def folders(self) -> AbstractSet[str]:
        """All folders with files in them, the top as an empty text."""
        found = {""}
        for path in self.files:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return found


class Generation:
    """What the generators of one ApplicationSet make."""

    def __init__(self, tree: RepoTree, *, go: bool, paths: Sequence[str] = (), work: Work | None = None) -> None:
        """Prepare to generate; `paths` are those of the template's sources, `work` is what all of a repo share."""
        self._tree = tree
        self._work = work or Work()
        self._go = go
        self._paths = paths
        self._read = 0
        self.unclear: list[str] = []

    def of(self, generators: list[Plain]) -> Iterator[tuple[Parameters, Table]]:
        """Each set of parameters with the template that its generator lays over that of the ApplicationSet."""
        count = 0
        for generator in generators:
            if not isinstance(generator, dict):
                continue
            try:
                for made in self._one(generator, {}):
                    count += 1
                    if count > _MOST:
                        self.unclear.append(f"it generates more than {_MOST} Applications")
                        return
                    yield made, self._template(generator)
            except UnclearError as error:
                self.unclear.append(str(error))

    @staticmethod
    def _template(generator: Table) -> Table:
        for value in generator.values():
            if found := table_at(value, "template"):
                return found
        return {}

    def _one(self, generator: Table, outer: Table) -> Iterator[Parameters]:
        known = {
            "list": self._list,
            "git": self._git,
            "clusters": self._clusters,
            "clusterDecisionResource": self._decisions,
            "matrix": self._matrix,
            "merge": self._merge,
        }
        kinds = [kind for kind in generator if kind != "selector"]
        if len(kinds) != 1 or kinds[0] not in known:
            kind = kinds[0] if kinds else "none"
            raise UnclearError(f"what the generator `{kind}` makes is not in the repo")
        selector = Selector(table_at(generator, "selector"))
        for made in known[kinds[0]](table_at(generator, kinds[0]), outer):
            self._work.add(1 + len(made.values))
            if not selector.size or self._is_selected(selector, flattened(made.values)):
                yield made

    def _is_selected(self, selector: Selector, labels: dict[str, str]) -> bool:
        self._work.add(len(labels) + selector.size)
        return selector.selects(labels)

    def render(self, text: str, parameters: Table) -> str:
        """A text with parameters.

        Raises:
            UnclearError: A parameter is not known, or the text costs too much.
        """
        return render(text, parameters, go=self._go, work=self._work)

    def _list(self, spec: Table, outer: Table) -> Iterator[Parameters]:
        if "elementsYaml" in spec:
            raise UnclearError("`elementsYaml` is generated")
        for element in list_at(spec, "elements"):
            if isinstance(element, dict):
                yield Parameters(values=self._filled(element, outer))

    def _git(self, spec: Table, outer: Table) -> Iterator[Parameters]:
        values = table_at(spec, "values")
        folders, files = list_at(spec, "directories"), list_at(spec, "files")
        prefix = text_at(spec, "pathParamPrefix")
        if folders:
            for path in self._matching(folders, outer, self._tree.folders - {""}, glob):
                if not any(part.startswith(".") for part in path.split("/")):
                    yield self._with_values(Parameters(values=self._path(path, "", prefix)), values)
        if files:
            for path in self._matching(files, outer, self._tree.files, doublestar):
                yield from self._of_file(path, prefix, values)

    def _matching(
        self,
        items: list[Plain],
        outer: Table,
        paths: AbstractSet[str],
        pattern_of: "Callable[[str], re.Pattern[str]]",
    ) -> list[str]:
        wanted: list[re.Pattern[str]] = []
        unwanted: list[re.Pattern[str]] = []
        for item in items:
            pattern = pattern_of(self.render(text_at(item, "path"), outer).strip("/"))
            (unwanted if text_at(item, "exclude") == "true" else wanted).append(pattern)
            self._work.add(len(paths))
        return [
            path
            for path in sorted(paths)
            if any(each.fullmatch(path) for each in wanted) and not any(each.fullmatch(path) for each in unwanted)
        ]

    def _of_file(self, path: str, prefix: str, values: Table) -> Iterator[Parameters]:
        self._read += 1
        if self._read > _MOST_FILES:
            raise UnclearError(f"its generators read more than {_MOST_FILES} files")
        file = self._tree.read(path)
        if file is None:
            raise UnclearError(f"`{path}` cannot be read")
        self._work.add(len(file.text) // 10)
        for data in _tables(path, file):
            folder, _, name = path.rpartition("/")
            made = {**data, **self._path(folder, name, prefix)}
            yield self._with_values(Parameters(values=made, origin=file), values)

    def _path(self, folder: str, filename: str, prefix: str) -> Table:
        """What a template is given of a path; without Go templates a text and its parts have flat names."""
        base = folder.rpartition("/")[2]
        parts: list[Plain] = list(folder.split("/"))
        found: Table = {"basename": base, "basenameNormalized": normalized(base), "segments": parts}
        if filename:
            found |= {"filename": filename, "filenameNormalized": normalized(filename)}
        if self._go:
            found["path"] = folder
            return {prefix: {"path": found}} if prefix else {"path": found}
        name = f"{prefix}.path" if prefix else "path"
        flat: Table = {f"{name}.{key}": value for key, value in found.items() if isinstance(value, str)}
        flat |= {f"{name}[{index}]": part for index, part in enumerate(parts)}
        return {name: folder, **flat}

    def _with_values(self, made: Parameters, values: Table) -> Parameters:
        return replace(made, values={**made.values, "values": self._filled(values, made.values)}) if values else made

    def _filled(self, data: Table, parameters: Table) -> Table:
        """The same with parameters in its texts."""

        def filled(value: Plain, depth: int = 0) -> Plain:
            self._work.add(1)
            if isinstance(value, str):
                return self.render(value, parameters)
            if depth > 20:
                return value
            if isinstance(value, dict):
                return {key: filled(each, depth + 1) for key, each in value.items()}
            if isinstance(value, list):
                return [filled(each, depth + 1) for each in value]
            return value

        return {key: filled(value) for key, value in data.items()}

    def _clusters(self, spec: Table, outer: Table) -> Iterator[Parameters]:
        selector = self._filled(table_at(spec, "selector"), outer)
        wanted = Selector(selector)
        known = [each for each in self._tree.clusters if not selector or self._is_selected(wanted, each.labels)]
        if not self._tree.clusters:
            known = self._off_folders()
            selector = selector or {"": ""}  # the cluster of Argo CD itself is not known to have a folder
        if not known:
            raise UnclearError("which clusters Argo CD knows is not in the repo")
        if not selector:
            known.append(KnownCluster(name=IN_CLUSTER, server="https://kubernetes.default.svc"))
        for each in known:
            yield self._with_values(Parameters(values=self._of_cluster(each)), table_at(spec, "values"))

    def _off_folders(self) -> list[KnownCluster]:
        """The clusters that have a folder, where the template's path is one for each."""
        for path in self._paths:
            before, found, after = _split_at_name(path)
            if found:
                folder = re.compile(f"{re.escape(before)}([^/]+){re.escape(after)}")
                matches = [match for each in sorted(self._tree.folders) if (match := folder.fullmatch(each))]
                return [KnownCluster(name=match[1]) for match in matches if not match[1].startswith(".")]
        return []

    def _of_cluster(self, cluster: KnownCluster) -> Table:
        return {
            "name": cluster.name,
            "nameNormalized": normalized(cluster.name),
            # A server that is not in the repo has to lead back to the cluster, and to no other.
            "server": cluster.server or f"https://api.{cluster.name}.invalid",
            "metadata": {"labels": dict(cluster.labels), "annotations": dict(cluster.annotations)},
        }

    def _decisions(self, spec: Table, outer: Table) -> Iterator[Parameters]:
        del outer
        name = text_at(spec, "name") or text_at(
            spec, "labelSelector", "matchLabels", "cluster.open-cluster-management.io/placement"
        )
        chosen = self._tree.placements.get(name)
        if chosen is None:
            raise UnclearError(f"which clusters the Placement `{name}` selects is not in the repo")
        known = {each.name: each for each in self._tree.clusters}
        for cluster in chosen:
            values = self._of_cluster(known.get(cluster, KnownCluster(name=cluster)))
            yield self._with_values(Parameters(values={**values, "clusterName": cluster}), table_at(spec, "values"))

    def _matrix(self, spec: Table, outer: Table) -> Iterator[Parameters]:
        first, second = self._two(spec)
        for one in self._one(first, outer):
            self._work.add(len(outer))
            for other in self._one(second, {**outer, **one.values}):
                yield Parameters(values=merged(one.values, other.values, self._work), origin=other.origin or one.origin)

    def _two(self, spec: Table) -> tuple[Table, Table]:
        inner = [each for each in list_at(spec, "generators") if isinstance(each, dict)]
        if len(inner) != 2:
            raise UnclearError("a matrix has two generators")
        return inner[0], inner[1]

    def _merge(self, spec: Table, outer: Table) -> Iterator[Parameters]:
        keys = texts_at(spec, "mergeKeys")
        inner = [each for each in list_at(spec, "generators") if isinstance(each, dict)]
        if not inner or not keys:
            raise UnclearError("the merge has no keys")

        def key_of(made: Parameters) -> tuple[str | None, ...]:
            flat = flattened(made.values)
            self._work.add(len(flat) + len(keys))
            return tuple(flat.get(key) for key in keys)

        base, *others = [list(self._one(each, outer)) for each in inner]
        over = [{key_of(made): made for made in each} for each in others]
        for made in base:
            values, origin = made.values, made.origin
            for each in over:
                if (other := each.get(key_of(made))) is not None:
                    values, origin = merged(values, other.values, self._work), other.origin or origin
            yield Parameters(values=values, origin=origin)


_NAME = re.compile(r"\{\{-?\s*\.?name(?:Normalized)?\s*-?\}\}")


def _split_at_name(path: str) -> tuple[str, str, str]:
    """What is before and after the name of the cluster in a path; nothing is found where there are other parameters."""
    match = _NAME.search(path)
    if match is None or "{{" in path[: match.start()] or "{{" in path[match.end() :]:
        return path, "", ""
    return path[: match.start()].removeprefix("./").lstrip("/"), match[0], path[match.end() :].rstrip("/")


def _tables(path: str, file: File) -> Iterator[Table]:
    """The mappings of a file that a generator reads: its only one, or those of its list."""
    for document in each_document(file):
        if isinstance(document, YamlError):
            raise UnclearError(f"`{path}` is not valid YAML")
        data = plain(document.root)
        for each in data if isinstance(data, list) else [data]:
            if isinstance(each, dict):
                yield each


def merged(under: Table, over: Table, work: Work) -> Table:
    """Two mappings in one, the second over the first at any depth.

    Raises:
        UnclearError: They are too large.
    """
    work.add(len(under) + len(over))
    made = dict(under)
    for key, value in over.items():
        before = made.get(key)
        made[key] = merged(before, value, work) if isinstance(before, dict) and isinstance(value, dict) else value
    return made


def registered(found: Sequence[Object]) -> list[KnownCluster]:
    """The clusters that objects of the repo register."""
    known: dict[str, KnownCluster] = {}
    for each in found:
        labels = {key: value or "" for key, value in flat_texts(at(each.data, "metadata", "labels")).items()}
        notes = flat_texts(at(each.data, "metadata", "annotations"))
        if each.kind == "ManagedCluster":
            known.setdefault(each.name, KnownCluster(name=each.name, labels={**labels, "name": each.name}))
        elif labels.get("argocd.argoproj.io/secret-type") == "cluster":
            name, server = _secret(each.data, "name") or each.name, _secret(each.data, "server")
            known[name] = KnownCluster(name=name, server=server, labels=labels, annotations=notes)
    return [known[name] for name in sorted(known)]


def flat_texts(data: Plain) -> dict[str, str]:
    """The texts of a mapping."""
    return {key: value for key, value in data.items() if isinstance(value, str)} if isinstance(data, dict) else {}


def _secret(data: Table, key: str) -> str:
    """A value of a Secret, in whichever way it is written."""
    if text := text_at(data, "stringData", key):
        return text
    import base64
    import binascii

    try:
        return base64.b64decode(text_at(data, "data", key), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


# --- Patterns ------------------------------------------------------------------------


def glob(pattern: str) -> "re.Pattern[str]":
    """A pattern of Go's `path.Match`: no wildcard matches `/`."""
    return _any_of(pattern, lambda each: expression(re.sub(r"\*+", "*", each)))


def doublestar(pattern: str) -> "re.Pattern[str]":
    """A pattern in which `**` between slashes matches any number of folders."""
    return _any_of(pattern, expression)


def everywhere(pattern: str) -> "re.Pattern[str]":
    """A pattern of the `directory` of an Application (gobwas/glob without separators): `*` matches `/` too."""
    return _any_of(pattern, _across)


def _any_of(pattern: str, made: Callable[[str], str]) -> "re.Pattern[str]":
    if "[" in pattern or "\\" in pattern or len(pattern) > _LONGEST_PATTERN:
        raise UnclearError(f"the pattern `{pattern[:80]}` is not known here")
    return re.compile("|".join(f"(?:{made(each)})" for each in _alternatives(pattern)), re.DOTALL)


def _across(pattern: str) -> str:
    """An expression that looks at no character twice: between two stars the first place that fits is enough."""
    first, *others = [re.escape(piece).replace(r"\?", ".") for piece in re.split(r"\*+", pattern)]
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{piece})" for piece in middle if piece) + f".*{last}"


def _alternatives(pattern: str) -> list[str]:
    """The patterns that one with `{a,b}` means; braces in braces are not taken apart."""
    made = [""]
    place = 0
    for match in re.finditer(r"\{([^{}]*)\}", pattern):
        between = pattern[place : match.start()]
        made = [f"{each}{between}{choice}" for each in made for choice in match[1].split(",")]
        if len(made) > _MOST_ALTERNATIVES:
            raise UnclearError(f"the pattern `{pattern[:80]}` has more than {_MOST_ALTERNATIVES} alternatives")
        place = match.end()
    return [f"{each}{pattern[place:]}" for each in made]
