"""The configuration `.mirrorc.yaml`: which clusters a repo contains, and what was chosen for each.

In: the decoded text of the file. Out: the defaults and the clusters, each value with its place, and the findings,
reported like those about manifests. Paths stay relative to the folder of the file; `compiler/schema.json` describes the
same form to editors.
"""

import posixpath
import re
from collections import ChainMap
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar, cast

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Label, Severity
from compiler.manifests.fields import Getter, Takes, first_line, renaming, replacement
from compiler.manifests.given_values import Values, layered
from compiler.names.releases import RELEASES
from compiler.policy.settings import (
    SettingError,
    Settings,
    check_name,
    machine_config_of,
    namespace_of,
    payload_policy_of,
    pool_of,
    release_of,
    severity_of,
    version_of,
)
from compiler.repository.patterns import is_pattern
from compiler.text.span import File, Located, Span
from compiler.text.tree import Document, Mapping, Node, Scalar, Sequence, plain, read
from compiler.text.wording import natural, nearest, shown, some_of

NAME = ".mirrorc.yaml"
CLUSTER = "{cluster}"
"""The placeholder of the cluster's name in every path."""

DEFAULT_OUTPUT = f"rendered/{CLUSTER}"
_ONLY_OUTPUT = "rendered"
"""Where a cluster without a name goes."""

_VERSION = "1"
_TOP_FIELDS = ("version", "allowEmpty", "baseline", "defaults", "clusters", "homes")
_HOME_FIELDS = ("path", "cluster")
FIELDS = (
    "paths",
    "exclude",
    "kustomization",
    "helm",
    "output",
    "release",
    "pools",
    "releaseImage",
    "payloadPolicy",
    "namespace",
    "machineConfig",
    "machineConfigName",
    "severities",
    "allowEmpty",
    "values",
)
"""What may be chosen under `defaults` and for a cluster."""

_TRUE = frozenset(("true", "yes", "on", "y"))
_CLUSTER_FIELDS = ("name", *FIELDS)
_CHART_FIELDS = ("chart", "values", "valuesObject")
_MOST_CLUSTERS = 10_000
MOST_POOLS = 100
"""Of a cluster: each has a MachineConfig with all that nodes get."""
_LONGEST_PATH = 4_096
"""Characters; no file system takes more."""
_MOST_CHOSEN = 200_000
"""Paths, pools and severities of all clusters together, those of the defaults counted for each cluster; a path counts
once more for every `_LONG` characters."""
_LONG = 64
_MOST_PATTERNS = 20_000
"""Path patterns of all clusters together, counted likewise."""
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9._]{0,251}[A-Za-z0-9])?")
_ARTICLES = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "a number",
    "number": "a number",
    "null": "nothing",
    "object": "a mapping",
    "array": "a list",
}

_Checked = TypeVar("_Checked")
Written = MutableMapping[str, Span]
"""Where fields are written, by their name."""


class ChartConfig(NamedTuple):
    """A Helm chart: its folder, its values files in the order that Helm reads them, and JSON with values over them."""

    chart: Located[str]
    values: tuple[Located[str], ...] = ()
    inline: Located[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """What is chosen for one cluster, the defaults included.

    `paths` and `exclude` are path patterns (see `compiler.repository.patterns`), `kustomizations` and `output` folders.
    `homes` are patterns of documents with policy inside them that count for it. `written` has the place of each field
    that is chosen and is not a path; of a mapping the entries, after a dot.
    The defaults themselves are one without a name.
    """

    name: Located[str]
    paths: tuple[Located[str], ...] = ()
    exclude: tuple[Located[str], ...] = ()
    kustomizations: tuple[Located[str], ...] = ()
    charts: tuple[ChartConfig, ...] = ()
    output: Located[str]
    settings: Settings = field(default_factory=Settings)
    homes: tuple[Located[str], ...] = ()
    written: Written = field(default_factory=dict)


class Config(NamedTuple):
    """A configuration without a mistake; clusters are in the natural order of their names (`c2` before `c10`).

    `baseline` is the file of the findings that are accepted, relative to the folder of the configuration.
    """

    file: File
    defaults: ClusterConfig
    clusters: tuple[ClusterConfig, ...] = ()
    baseline: Located[str] | None = None


def is_cluster_name(text: str) -> bool:
    """Whether a cluster can be called so; no such name leads out of a folder."""
    return _CLUSTER_NAME.fullmatch(text) is not None


def decode(file: File) -> tuple[Config | None, tuple[Diagnostic, ...]]:
    """Decode a configuration; there is none where anything in it is wrong."""
    tree = read(file)
    decoder = _Decoder(file)
    config = None
    if tree.error is not None:
        decoder.tell(tree.error.span, tree.error.message, help="Fix the syntax here.")
    elif len(tree.documents) > 1:
        second = tree.documents[1].root
        start = second.start if second is not None else len(file.text)
        decoder.tell(
            Span(file, start, start), "a second document starts here", help="Move everything into the first document."
        )
    else:
        document = tree.documents[0] if tree.documents else Document(root=None)
        config = decoder.config(document)
    # A default is contained against the choices of every cluster: what is wrong with it is reported once.
    findings = tuple(sorted(dict.fromkeys(decoder.found.kept), key=lambda finding: finding.sort_key))
    return (None if findings else config), findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choices:
    """What one mapping chooses; None and empty are what it leaves open."""

    paths: tuple[Located[str], ...] = ()
    exclude: tuple[Located[str], ...] = ()
    kustomizations: tuple[Located[str], ...] = ()
    charts: tuple[ChartConfig, ...] = ()
    output: Located[str] | None = None
    release: Located[str] | None = None
    pools: tuple[Located[str], ...] = ()
    release_image: Located[str] | None = None
    payload_policy: Located[str] | None = None
    namespace: Located[str] | None = None
    machine_config: Located[str] | None = None
    machine_config_name: Located[str] | None = None
    severities: tuple[tuple[str, Severity], ...] = ()
    names_manifests: bool = False
    allow_empty: bool | None = None
    values: Values = field(default_factory=dict)
    written: Written = field(default_factory=dict)


class _Decoder(Getter):
    """Decodes one file and gathers the findings; what is wrong is left out, so that all of it is reported."""

    def __init__(self, file: File) -> None:
        super().__init__()
        self.file = file
        self.chosen = 0
        self.patterns = 0

    def tell(
        self,
        span: Span,
        message: str,
        *,
        help: str,  # noqa: A002 - as in `Rule.at`
        labels: tuple[Label, ...] = (),
        fix: Fix | None = None,
        field: str = "",
    ) -> None:
        self.found.add(rules.INVALID_CONFIG.at(span, message, help=help, labels=labels, fix=fix, field=field))

    # The whole

    def config(self, document: Document) -> Config:
        for duplicate in document.duplicates:
            self.tell(
                duplicate.second.span,
                f"the key `{shown(duplicate.second.text)}` appears twice in one mapping",
                help="Keep one of the two.",
                labels=(Label(span=duplicate.first.span, text="first written here"),),
            )
        start = Span(self.file, 0, 0)
        nobody = ClusterConfig(name=Located("", start), output=Located(DEFAULT_OUTPUT, start))
        root = document.root
        if not isinstance(root, Mapping):
            if root is None or root.kind == "null":
                self.tell(start, "the configuration is empty", help="Write `version: 1`, or run `mirrorc init`.")
            else:
                self.wrong_type(root, "", "object")
            return Config(file=self.file, defaults=nobody)
        self.unknown_fields(root, _TOP_FIELDS, "")
        self.version(root)
        defaults = _Choices()
        if (node := self.optional(root, "defaults", "defaults", Mapping)) is not None:
            self.unknown_fields(node, FIELDS, "defaults")
            defaults = self.choices(node, "defaults")
        if defaults.allow_empty is None:
            top = self.written(root, ("allowEmpty",))
            allowed = self.boolean(root, "allowEmpty", "allowEmpty")
            defaults = replace(defaults, allow_empty=allowed, written={**defaults.written, **top})
        clusters: list[ClusterConfig] = []
        listed = self.optional(root, "clusters", "clusters", Sequence)
        for index, item in enumerate(listed.items if listed is not None else ()):
            if isinstance(item, Mapping):
                clusters += self.cluster(item, f"clusters[{index}]", defaults)
                if len(clusters) > _MOST_CLUSTERS or self.chosen > _MOST_CHOSEN or self.patterns > _MOST_PATTERNS:
                    self.too_much(item)
                    break
            else:
                self.wrong_type(item, f"clusters[{index}]", "object")
        self.distinct_names(clusters)
        self.distinct_outputs(clusters)
        alone = self.settled(nobody.name, _Choices(), defaults)
        homes = self.homes(root, [cluster.name.value for cluster in clusters])
        return Config(
            file=self.file,
            defaults=replace(alone, homes=homes.get("", ())),
            clusters=tuple(
                replace(each, homes=homes.get(each.name.value, ()))
                for each in sorted(clusters, key=lambda cluster: natural(cluster.name.value))
            ),
            baseline=self.path(self.optional_string(root, "baseline", "baseline"), "baseline"),
        )

    def homes(self, root: Mapping, names: list[str]) -> dict[str, tuple[Located[str], ...]]:
        """Which documents count for which cluster, by its name; an empty name is the only cluster."""
        found: dict[str, tuple[Located[str], ...]] = {}
        listed = self.optional(root, "homes", "homes", Sequence)
        for index, item in enumerate(listed.items if listed is not None else ()):
            path = f"homes[{index}]"
            if not isinstance(item, Mapping):
                self.wrong_type(item, path, "object")
                continue
            self.unknown_fields(item, _HOME_FIELDS, path)
            pattern = self.path(self.optional_string(item, "path", f"{path}.path"), f"{path}.path")
            cluster = self.optional_string(item, "cluster", f"{path}.cluster")
            if self.present(item, "path") is None:
                self.tell(first_line(item), "the home has no `path`", help="Write `path: ...`.", field=f"{path}.path")
            if cluster is None and names:
                at = item.key("cluster") or item.key("path") or item
                advice = f"Write `cluster: ...`, one of {some_of(names, 8)}."
                self.tell(first_line(at), "the home has no `cluster`", help=advice, field=f"{path}.cluster")
            elif cluster is not None and cluster.value not in names:
                near = nearest(cluster.value, names)
                known = f"It has {some_of(names, 8)}." if names else "Remove `cluster`: the repo is one cluster."
                self.tell(
                    cluster.span,
                    f"there is no cluster `{shown(cluster.value)}`",
                    help=f"Did you mean `{near}`?" if near else known,
                    field=f"{path}.cluster",
                )
            elif pattern is not None:
                self.patterns += is_pattern(pattern.value)
                name = cluster.value if cluster is not None else ""
                found[name] = (*found.get(name, ()), pattern)
            if self.patterns > _MOST_PATTERNS:
                self.too_much(item)
                break
        return found

    def too_much(self, node: Mapping) -> None:
        what = f"are more than {_MOST_CLUSTERS}"
        if self.chosen > _MOST_CHOSEN:
            what = f"have more than {_MOST_CHOSEN} paths, pools and severities"
        elif self.patterns > _MOST_PATTERNS:
            what = f"have more than {_MOST_PATTERNS} path patterns"
        self.tell(
            Span(self.file, node.start, node.start),
            f"with this one, the clusters {what}",
            help="Name folders instead of files, or write several configurations.",
            field="clusters",
        )

    def version(self, root: Mapping) -> None:
        node = root.fields.get("version")
        if node is None:
            self.tell(
                Span(self.file, root.start, root.start),
                "the configuration has no `version`",
                help="Add `version: 1` at the top.",
                field="version",
            )
        elif not isinstance(node, Scalar) or node.text != _VERSION or node.kind != "integer":
            self.tell(
                first_line(node),
                f"`{shown(first_line(node).text)}` is not a known version of this file",
                help="Write `version: 1`.",
                field="version",
            )

    def cluster(self, node: Mapping, path: str, defaults: _Choices) -> Iterator[ClusterConfig]:
        self.unknown_fields(node, _CLUSTER_FIELDS, path)
        own = self.choices(node, path)
        name = self.optional_string(node, "name", f"{path}.name")
        if name is None:
            if self.present(node, "name") is None:
                at = node.key("name") or (node.keys[0] if node.keys else node)
                self.tell(at.span, "the cluster has no `name`", help="Write `name: ...`.", field=f"{path}.name")
            return
        if not is_cluster_name(name.value):
            self.tell(
                name.span,
                f"`{shown(name.value)}` is not a valid cluster name",
                help="Use letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.",
                field=f"{path}.name",
            )
            return
        settled = self.settled(name, own, defaults)
        values = [value for each in settled.charts for value in (each.chart, *each.values)]
        paths = (*settled.paths, *settled.exclude, *settled.kustomizations, *values)
        self.chosen += sum(1 + len(text.value) // _LONG for text in paths)
        self.chosen += len(settled.settings.pools) + len(settled.settings.severities)
        self.patterns += sum(is_pattern(text.value) for text in (*settled.paths, *settled.exclude))
        if not own.names_manifests and not defaults.names_manifests:
            self.tell(
                name.span,
                f"the cluster `{name.value}` has no manifests",
                help="Add files, folders or patterns under `paths`, a folder as `kustomization`, or a chart as `helm`.",
                field=f"{path}.paths",
            )
        yield settled

    def settled(self, name: Located[str], own: _Choices, defaults: _Choices) -> ClusterConfig:
        """A cluster's own choices over the defaults: lists of paths and severities add up, the rest replaces."""
        release = own.release or defaults.release
        pools = own.pools or defaults.pools
        image = own.release_image or defaults.release_image
        namespace = own.namespace or defaults.namespace
        payload_policy = own.payload_policy or defaults.payload_policy
        flavour = own.machine_config or defaults.machine_config
        config_name = own.machine_config_name or defaults.machine_config_name
        output = own.output or defaults.output or Located(DEFAULT_OUTPUT, name.span)
        standard = Settings()
        settings = Settings(
            release=release_of(release.value) if release else standard.release,
            version=version_of(release.value) if release else standard.version,
            release_chosen=release is not None,
            pools=tuple(dict.fromkeys(pool.value for pool in pools)) or standard.pools,
            release_image=image.value if image else standard.release_image,
            severities=dict((*defaults.severities, *own.severities)),
            machine_config=flavour.value if flavour else standard.machine_config,
            name=config_name.value if config_name else standard.name,
            payload_policy=payload_policy.value if payload_policy else None,
            namespace=namespace.value if namespace else "",
            allow_empty=bool(defaults.allow_empty if own.allow_empty is None else own.allow_empty),
            values=layered(defaults.values, own.values),
        )
        if config_name is not None:
            self.checked(config_name, lambda text: check_name(text, settings.pools), "machineConfigName")

        def named(text: Located[str]) -> Located[str]:
            made = text.value.replace(CLUSTER, name.value) if name.value else text.value
            if len(made) > _LONGEST_PATH:
                message = f"for `{name.value}` the path has more than {_LONGEST_PATH} characters"
                self.tell(text.span, message, help="Write a shorter one.")
                return text
            return Located(made, text.span)

        kustomizations = own.kustomizations or defaults.kustomizations
        return ClusterConfig(
            name=name,
            paths=tuple(named(text) for text in (*defaults.paths, *own.paths)),
            exclude=tuple(named(text) for text in (*defaults.exclude, *own.exclude)),
            kustomizations=tuple(dict.fromkeys(map(named, kustomizations))),
            charts=tuple(
                each._replace(chart=named(each.chart), values=tuple(map(named, each.values)))
                for each in own.charts or defaults.charts
            ),
            output=named(output) if name.value or CLUSTER not in output.value else Located(_ONLY_OUTPUT, output.span),
            settings=settings,
            written=ChainMap(own.written, defaults.written),  # not copied for each of thousands
        )

    def distinct_names(self, clusters: list[ClusterConfig]) -> None:
        first: dict[str, Located[str]] = {}
        for cluster in clusters:
            earlier = first.setdefault(cluster.name.value, cluster.name)
            if earlier is not cluster.name:
                self.tell(
                    cluster.name.span,
                    f"there are two clusters named `{cluster.name.value}`",
                    help="Rename one of them.",
                    labels=(Label(span=earlier.span, text="the other is here"),),
                    field="clusters",
                )

    def distinct_outputs(self, clusters: list[ClusterConfig]) -> None:
        """A build removes what it no longer makes: no two clusters may share a folder."""
        outputs = {cluster.output.value: cluster for cluster in reversed(clusters)}
        for cluster in clusters:
            folder = cluster.output.value
            around = next((each for each in _folders(folder) if each in outputs and outputs[each] is not cluster), None)
            if around is None or outputs[around].name.value == cluster.name.value:
                continue
            other = outputs[around]
            where = f"the output folder of `{other.name.value}`"
            self.tell(
                cluster.output.span,
                f"`{cluster.name.value}` is written to {where}"
                if around == folder
                else f"`{cluster.name.value}` is written into {where}",
                help=f"Give each cluster its own folder, for example `{DEFAULT_OUTPUT}`.",
                labels=(Label(span=other.output.span, text=f"`{other.name.value}` is written to `{around}`"),),
                field="output",
            )

    # The choices

    def pools(self, node: Mapping, path: str) -> tuple[Located[str], ...]:
        pools = self.string_list(node, "pools", path) or ()
        if len(pools) > MOST_POOLS:
            self.tell(
                pools[MOST_POOLS].span,
                f"there are more than {MOST_POOLS} pools",
                help="Give the pools whose MachineConfigs are needed: those of other pools have the same files.",
                field=path,
            )
            return ()
        return tuple(pool for pool in pools if self.checked(pool, pool_of, path) is not None)

    def choices(self, node: Mapping, path: str) -> _Choices:
        return _Choices(
            paths=self.paths(node, "paths", path),
            exclude=self.paths(node, "exclude", path),
            kustomizations=self.one_or_more(node, "kustomization", path),
            charts=tuple(self.charts(node, path)),
            output=self.path(self.optional_string(node, "output", f"{path}.output"), path),
            release=self.release(node, f"{path}.release"),
            pools=self.pools(node, f"{path}.pools"),
            release_image=self.optional_string(node, "releaseImage", f"{path}.releaseImage"),
            namespace=self.choice(node, "namespace", path, namespace_of),
            payload_policy=self.choice(node, "payloadPolicy", path, payload_policy_of),
            machine_config=self.choice(node, "machineConfig", path, machine_config_of),
            machine_config_name=self.optional_string(node, "machineConfigName", f"{path}.machineConfigName"),
            severities=tuple(self.severities(node, f"{path}.severities")),
            names_manifests=self.names_manifests(node),
            allow_empty=self.boolean(node, "allowEmpty", f"{path}.allowEmpty"),
            values=self.values(node, f"{path}.values"),
            written=self.written(node, FIELDS),
        )

    def written(self, node: Mapping, fields: tuple[str, ...]) -> Written:
        """Where the fields of a mapping are written."""
        found: dict[str, Span] = {}
        for field_ in fields:
            value, key = self.present(node, field_), node.key(field_)
            if value is None or key is None:
                continue
            found[field_] = key.span
            if isinstance(value, Mapping):
                found |= {f"{field_}.{each.text}": each.span for each in value.keys}
        return found

    def values(self, node: Mapping, path: str) -> Values:
        """Values of placeholders by name."""
        given = self.optional(node, "values", path, Mapping)
        return cast("Values", plain(given)) if given is not None else {}

    def boolean(self, node: Mapping, field: str, path: str) -> bool | None:
        """`true` or `false`, None where it is left open."""
        value = self.present(node, field)
        if value is None:
            return None
        if not isinstance(value, Scalar) or value.kind != "boolean":
            self.wrong_type(value, path, "boolean")
            return None
        return value.text.lower() in _TRUE

    def names_manifests(self, node: Mapping) -> bool:
        """Whether there is anything where manifests are listed, right or wrong."""
        paths = self.present(node, "paths")
        some = paths is not None and not (isinstance(paths, Sequence) and not paths.items)
        return some or any(self.present(node, field) is not None for field in ("kustomization", "helm"))

    def one_or_more(self, node: Mapping, field: str, path: str) -> tuple[Located[str], ...]:
        """A path, or a list of some."""
        if isinstance(self.present(node, field), Sequence):
            return self.paths(node, field, path)
        made = self.path(self.optional_string(node, field, f"{path}.{field}"), path)
        return () if made is None else (made,)

    def charts(self, node: Mapping, path: str) -> Iterator[ChartConfig]:
        """A chart with its values files, or a list of some."""
        value = self.present(node, "helm")
        if value is None:
            return
        listed = isinstance(value, Sequence)
        for index, item in enumerate(value.items if isinstance(value, Sequence) else [value]):
            where = f"{path}.helm[{index}]" if listed else f"{path}.helm"
            if not isinstance(item, Mapping):
                self.wrong_type(item, where, "object")
                continue
            self.unknown_fields(item, _CHART_FIELDS, where)
            chart = self.path(self.optional_string(item, "chart", f"{where}.chart"), where)
            values = self.one_or_more(item, "values", where)
            given = self.optional(item, "valuesObject", f"{where}.valuesObject", Mapping)
            inline = None
            if given is not None:
                import json

                inline = Located(json.dumps(plain(given), sort_keys=True, ensure_ascii=False), given.span)
            if chart is not None:
                yield ChartConfig(chart=chart, values=values, inline=inline)
            elif self.present(item, "chart") is None:
                self.tell(item.span, "`helm` has no `chart`", help="Write `chart: ...`, a folder.", field=where)

    def paths(self, node: Mapping, field: str, path: str) -> tuple[Located[str], ...]:
        texts = self.string_list(node, field, f"{path}.{field}") or ()
        return tuple(made for text in texts if (made := self.path(text, f"{path}.{field}")) is not None)

    def path(self, text: Located[str] | None, path: str) -> Located[str] | None:
        """A path in its shortest form; it has to stay below the folder of the configuration."""
        if text is None:
            return None
        normal = posixpath.normpath(text.value) if text.value else ""
        if not normal:
            message, advice = "the path is empty", "Write `.` for the folder of this file."
        elif "\\" in normal or "\0" in normal:
            message, advice = f"`{shown(text.value)}` is not a valid path", "Use `/` between folders."
        elif normal.startswith("/") or re.match("[A-Za-z]:", normal):
            message, advice = f"`{shown(text.value)}` is an absolute path", "Write it relative to this file."
        elif len(normal) > _LONGEST_PATH:
            message, advice = f"the path has more than {_LONGEST_PATH} characters", "Write a shorter one."
        elif normal == ".." or normal.startswith("../"):
            message = f"`{shown(text.value)}` is outside the folder of this file"
            advice = f"Move `{NAME}` up to a folder that contains it."
        else:
            return Located(normal, text.span)
        self.tell(text.span, message, help=advice, field=path)
        return None

    def release(self, node: Mapping, path: str) -> Located[str] | None:
        """A release; unquoted, `4.20` would be the number 4.2 to every other reader of this file."""
        value = self.present(node, "release")
        if isinstance(value, Scalar) and value.kind in {"integer", "number"}:
            self.tell(
                value.span,
                f"YAML reads `{shown(value.text)}` as a number, but a release must be a string",
                help=f'Write "{shown(value.text)}", in quotes.',
                fix=replacement(value, f'"{value.text}"', "put it in quotes") if value.text in RELEASES else None,
                field=path,
            )
            return None
        return self.choice(node, "release", path.rpartition(".")[0], release_of)

    def choice(self, node: Mapping, field: str, path: str, check: Callable[[str], object]) -> Located[str] | None:
        text = self.optional_string(node, field, f"{path}.{field}")
        return None if text is None or self.checked(text, check, f"{path}.{field}") is None else text

    def severities(self, node: Mapping, path: str) -> Iterator[tuple[str, Severity]]:
        listed = self.optional(node, "severities", path, Mapping)
        if listed is None:
            return
        for key in listed.keys:
            if self.found.is_full(rules.INVALID_CONFIG, self.file.path):
                return
            value = listed.fields[key.text]
            level = (
                # To readers of YAML 1.1 the plain word is a boolean; here it can mean but one thing.
                Located(value.text, value.span)
                if isinstance(value, Scalar) and value.text == Severity.OFF
                else self.optional_string(listed, key.text, f"{path}.{key.text}")
            )
            if level is None:
                continue
            try:
                yield key.text, severity_of(key.text, level.value)
            except SettingError as error:
                span = level.span if key.text in rules.RULES else key.span
                self.tell(span, str(error), help=error.help, field=f"{path}.{key.text}")

    def checked(self, text: Located[str], check: Callable[[str], _Checked], path: str) -> _Checked | None:
        try:
            return check(text.value)
        except SettingError as error:
            self.tell(text.span, str(error), help=error.help, field=path)
            return None

    # What everything is made of

    def wrong_type(self, node: Node, path: str, expected: str, *, takes: Takes | None = None) -> None:
        found, wanted = _ARTICLES[node.kind], _ARTICLES[expected]
        message, advice = f"expected {wanted}, found {found}", f"Write {wanted}."
        if isinstance(node, Scalar) and node.text:
            message = f"expected {wanted}, found {found} `{shown(node.text)}`"
            if expected == "array" and node.string is not None:
                advice = f"Write `[{shown(node.text)}]`."
            elif expected == "string":
                advice = f'Write "{shown(node.text)}", in quotes, if you mean the string.'
        self.tell(first_line(node), message, help=advice, field=path)

    def unknown_fields(self, mapping: Mapping, known: tuple[str, ...], path: str) -> None:
        for key, near, _ in self.misnamed(mapping, known, rules.INVALID_CONFIG):
            self.tell(
                key.span,
                f"there is no field `{shown(key.text)}` here",
                help=f"Did you mean `{near}`?" if near else f"Known fields: {', '.join(known)}.",
                fix=renaming(mapping, key, near),
                field=f"{path}.{key.text}" if path else key.text,
            )


def _folders(folder: str) -> Iterator[str]:
    """The folder and those around it, up to `.`."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield "."
