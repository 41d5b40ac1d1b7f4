"""Files that users bring to nodes themselves, beside those that the controller makes of mirror objects.

In: the analysis of mirror objects, and the texts of files with the MachineConfigs that carry them. Out: what the nodes
of each pool really have, and which of the two wins. Follows openshift/machine-config-operator `ctrlcommon.
MergeMachineConfigs` (7ff337a4f): MachineConfigs are merged by name, and a later one replaces a file of the same path;
from 4.15 on those of a custom pool come after all of `worker`. Drop-ins are read as containers/image reads them.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fold, Label
from compiler.manifests.embedded import NodeText
from compiler.names.releases import BUILT_IN_POOLS, Release
from compiler.node.conf_notes import lost, replacing
from compiler.node.configuration import overlay, reading_order
from compiler.node.files import POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, Reads, namespace_policy, read_from
from compiler.node.model import BASE, RegistriesConf, RegistryEntry
from compiler.node.placed import read_placed
from compiler.text.wording import joined, some_of, ticked

WORKER = "worker"
_MOST_POOLS = 200
"""Pools that are distinguished; what MachineConfigs say of others is not followed."""
_MOST_LABELS = 130
"""Labels of a host name: DNS knows no more."""
_GENERATED_NAME = re.compile(r"99-.+-generated-registries")
_RENDERED_NAME = re.compile(r"rendered-.+-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUserFiles:
    """What the nodes of a pool have where users bring files to them.

    Attributes:
        pool: Its name; empty for nodes that have these files and no others.
        conf: What its registries.conf and drop-ins say together, None where the controller makes none.
        search: The search list.
        main: What registries.conf alone says.
        texts: The files of users that win, by path.
    """

    pool: str
    conf: RegistriesConf | None
    search: tuple[str, ...]
    main: RegistriesConf | None = None
    texts: Mapping[str, NodeText] = field(default_factory=dict)

    @property
    def replaces(self) -> bool:
        """Whether the registries.conf is one of a user."""
        return REGISTRIES_CONF in self.texts

    def policy(self, namespace: str = "") -> NodeText | None:
        """The policy.json that users bring for pods of a namespace, empty for any; None if they bring none."""
        own = self.texts.get(namespace_policy(namespace)) if namespace else None
        return own or self.texts.get(POLICY_JSON)

    @property
    def lookups(self) -> tuple[NodeText, ...]:
        """The files of registries.d that users bring, by their paths."""
        return tuple(self.texts[path] for path in sorted(self.texts) if read_from(path) is Reads.SIGNATURES)


def is_controllers(text: NodeText) -> bool:
    """Whether a file comes from a MachineConfig that the cluster makes itself."""
    return bool(_GENERATED_NAME.fullmatch(text.config) or _RENDERED_NAME.fullmatch(text.config))


def _in_force(texts: Sequence[NodeText], made: Collection[str]) -> list[NodeText]:
    """The files that nodes have beside those that the controller makes of the mirror objects that are known.

    Of a list that has the MachineConfigs of a cluster, the generated ones count where no object makes these files, and
    the rendered ones for pools of which it has no other. One MachineConfig that is there twice counts once: a Butane
    config and what Butane made of it are the same.
    """
    own = [
        text
        for text in texts
        if not _RENDERED_NAME.fullmatch(text.config)
        and not (_GENERATED_NAME.fullmatch(text.config) and (text.path in made or REGISTRIES_CONF in made))
    ]
    there = {text.pool for text in own}
    own += [
        text
        for text in texts
        if _RENDERED_NAME.fullmatch(text.config) and text.pool not in there and text.path not in made
    ]
    once: dict[object, NodeText] = {}
    for number, text in enumerate(own):
        key = (text.pool, text.config, text.path) if text.config else number
        if key not in once or text.inner is None:
            once[key] = text
    return list(once.values())


def by_pool(
    texts: Sequence[NodeText],
    pools: Iterable[str],
    conf: RegistriesConf | None,
    search: tuple[str, ...],
    release: Release,
    made: Collection[str] = (),
) -> tuple[PoolUserFiles, ...]:
    """What the nodes of each pool have; nothing where users bring no files.

    Args:
        texts: Files of users.
        pools: The pools that the cluster is known to have.
        conf: What the controller makes of mirror objects, None where it makes no file.
        search: The search list that it makes.
        release: Of the cluster.
        made: The paths of the files that the controller makes beside registries.conf.
    """
    made = {*made, *([REGISTRIES_CONF] if conf is not None else ()), *([SEARCH_CONF] if search else ())}
    ours = _in_force(texts, made)
    if not ours:
        return ()
    if not any(text.pool for text in ours):
        return (_merged("", ours, conf, search),)
    names = list(dict.fromkeys((*pools, *sorted({text.pool for text in ours}))))[:_MOST_POOLS]
    return tuple(_merged(pool, _winning(pool, ours, release, made), conf, search) for pool in names)


def _winning(pool: str, texts: Sequence[NodeText], release: Release, made: Collection[str]) -> list[NodeText]:
    """The files of users that nodes of a pool have, of one path the one that wins."""
    found: dict[str, NodeText] = {}
    for text in _ordered(pool, texts, release):
        found[text.path] = text
    generated = _generated_name(pool)
    return [text for text in found.values() if text.path not in made or _beats(text, generated, pool, release)]


def _ordered(pool: str, texts: Iterable[NodeText], release: Release) -> list[NodeText]:
    """The files for a pool in the order in which they are merged."""
    mine = [text for text in texts if text.pool == pool or (text.pool == WORKER and pool not in BUILT_IN_POOLS)]
    late = release.since("4.15")
    return sorted(mine, key=lambda text: (late and text.pool != WORKER, text.config.encode()))


def _generated_name(pool: str) -> str:
    return f"99-{pool if pool in BUILT_IN_POOLS else WORKER}-generated-registries"


def _beats(text: NodeText, generated: str, pool: str, release: Release) -> bool:
    """Whether a file comes after the generated one of its pool."""
    if release.since("4.15") and pool not in BUILT_IN_POOLS and text.pool != WORKER:
        return True
    return text.config.encode() > generated.encode()


def _merged(
    pool: str, texts: Sequence[NodeText], conf: RegistriesConf | None, search: tuple[str, ...]
) -> PoolUserFiles:
    by_path = {text.path: text for text in texts}
    registries = [path for path in reading_order(by_path) if read_from(path) is Reads.REGISTRIES]
    confs = [read_placed(by_path[path]) for path in registries]
    has_main = REGISTRIES_CONF in by_path
    base = [conf] if conf is not None and not has_main else []
    if search and SEARCH_CONF not in by_path:
        base.append(RegistriesConf(search=search))
    made = overlay([*base, *confs]) if base or confs else None
    if made is not None and not has_main and not made.search:
        made = RegistriesConf(search=BASE.search, entries=made.entries)
    return PoolUserFiles(
        pool=pool,
        conf=made,
        search=made.search if made is not None else search,
        main=confs[0] if has_main else conf,
        texts=by_path,
    )


# --- What there is to say -----------------------------------------------------------


def findings(
    texts: Sequence[NodeText],
    pools: Iterable[str],
    conf: RegistriesConf | None,
    made: Mapping[str, Sequence[str]],
    release: Release,
) -> Iterator[Diagnostic]:
    """Who wins on which pool, what has no effect there, and which entries are replaced.

    Args:
        texts: Files of users and of the cluster itself.
        pools: The pools that the cluster is known to have.
        conf: What the controller makes of mirror objects, None where it makes no file.
        made: The paths of all files that it makes, each with the objects that it makes it of, in words.
        release: Of the cluster.
    """
    for text in texts:
        if _GENERATED_NAME.fullmatch(text.config) and text.path == REGISTRIES_CONF:
            yield rules.GENERATED_CONFIG_KEPT.at(
                text.span,
                f"`{text.config}` is the controller's own MachineConfig: it overwrites every change",
                help="Remove it from the repo, and change the mirror objects instead.",
            )
    yield from _competing(texts)
    yield from _replaced_by_users(texts, pools, conf, release)
    ours = [text for text in _in_force(texts, made.keys()) if text.pool and not is_controllers(text)]
    names = list(dict.fromkeys((*pools, *sorted({text.pool for text in ours}))))[:_MOST_POOLS]
    last = {
        pool: {text.path: text for text in _ordered(pool, ours, release)} for pool in names
    }  # of each path the one that comes last
    for text in ours:
        if text.compressed and text.path == REGISTRIES_CONF:
            yield rules.COMPRESSED_NODE_FILE.at(
                text.span,
                f"{REGISTRIES_CONF} is compressed with gzip: nodes cannot compare it with the file before, so updates "
                "fail and the pool degrades",
                help="Write it without `compression`; Butane compresses every file that becomes shorter.",
            )
        if text.path in made:
            yield from _against_generated(text, names, last, made[text.path], release)
        elif read_from(text.path) is Reads.REGISTRIES and text.path != REGISTRIES_CONF and conf is not None:
            yield from _replaced(text, conf)


def _competing(texts: Iterable[NodeText]) -> Iterator[Diagnostic]:
    """MachineConfigs of one name that bring different files: in one file, or in files of one folder."""
    known: dict[tuple[str, str], dict[str, dict[str, NodeText]]] = {}
    for text in texts:
        path = text.span.path
        if not text.config or is_controllers(text) or path.endswith(_BUTANE):
            continue
        files = known.setdefault((posixpath.dirname(path), text.config), {}).setdefault(path, {})
        earlier = files.setdefault(text.path, text)
        if earlier.text != text.text:
            yield _two_of_one_name(earlier, text)
    for places in known.values():
        first, *others = places.values()
        for files in others:
            if {path: text.text for path, text in files.items()} != {path: text.text for path, text in first.items()}:
                yield _two_of_one_name(next(iter(first.values())), next(iter(files.values())))


_BUTANE = (".bu", ".butane", ".fcc")
"""Endings of files of which MachineConfigs are made, which may be there too."""


def _two_of_one_name(earlier: NodeText, later: NodeText) -> Diagnostic:
    return rules.DUPLICATE_OBJECT.at(
        later.span,
        f"there are two MachineConfig objects named `{later.config}`, which bring different files",
        help="Merge them, or say in .mirrorc.yaml which cluster each is for, or rename one: a cluster keeps only the "
        "object that is applied last.",
        labels=[Label(span=earlier.span, text="the other is here")],
        field="metadata.name",
    )


def _concerned(text: NodeText, names: Sequence[str]) -> list[str]:
    return [pool for pool in names if text.pool == pool or (text.pool == WORKER and pool not in BUILT_IN_POOLS)]


def _against_generated(
    text: NodeText,
    names: Sequence[str],
    last: Mapping[str, Mapping[str, NodeText]],
    objects: Sequence[str],
    release: Release,
) -> Iterator[Diagnostic]:
    winning, losing = [], []
    for pool in _concerned(text, names):
        if _beats(text, _generated_name(pool), pool, release) and last[pool].get(text.path) is text:
            winning.append(pool)
        else:
            losing.append(pool)
    if winning:
        which = joined(ticked([_generated_name(pool) for pool in dict.fromkeys(winning)][:1]))
        lost = f": {some_of(list(objects), 3)} {'has' if len(objects) == 1 else 'have'} no effect there"
        yield rules.OBJECTS_OVERRIDDEN.at(
            text.span,
            f"`{text.config}` replaces {text.path} of {which} on {_pools(winning)}{lost if objects else ''}",
            help=f"Move these settings to mirror objects, or rename the MachineConfig so that it sorts before {which}.",
        )
    if losing:
        by_payload = "" if objects or text.path != POLICY_JSON else _BY_PAYLOAD
        yield rules.MACHINE_CONFIG_UNUSED.at(
            text.span,
            f"{text.path} of `{text.config}` has no effect on {_pools(losing)}: "
            f"`{_generated_name(losing[0])}` or a later MachineConfig replaces it",
            help=f"Remove the file, and write mirror objects instead.{by_payload}",
            fold=Fold(
                key=text.path,
                everywhere=True,
                message=f"{text.path} of {{count}} MachineConfigs{{files}} has no effect, since "
                "`99-POOL-generated-registries` or a later MachineConfig replaces it: {names}",
                name=text.config,
                help=f"Remove the files, and write mirror objects instead.{by_payload}",
            ),
        )


_BY_PAYLOAD = " Clusters before 4.21 keep it if they have no such objects: set `release` if yours is older."


def _pools(names: Sequence[str]) -> str:
    return f"the pool{'s' if len(names) > 1 else ''} {joined(names)}"


def _replaced(text: NodeText, conf: RegistriesConf) -> Iterator[Diagnostic]:
    """The entries of registries.conf that those of a drop-in replace, or take images from."""
    main = {entry.scope.rstrip("/"): entry for entry in conf.entries}
    name = posixpath.basename(text.path)
    for entry in read_placed(text).entries:
        at = entry.origins[0] if entry.origins else text.span
        scope = entry.scope.rstrip("/")
        if scope in main:
            yield rules.DROP_IN_REPLACES.at(
                at,
                f"the drop-in {name} replaces the entry of `{scope}` on {_pools([text.pool])}{lost(main[scope])}",
                help="Move its mirrors to the mirror objects, or add all mirrors of the entry to the drop-in.",
                labels=[Label(span=span, text="the entry is made here") for span in main[scope].origins[:1]],
            )
            continue
        outer = next((each for each in _around(scope) if each in main), "")
        if outer and main[outer].mirrors:
            yield rules.DROP_IN_REPLACES.at(
                at,
                f"the drop-in {name} takes the images of `{scope}` from the entry of `{outer}` on "
                f"{_pools([text.pool])}{lost(main[outer])}",
                help="Repeat the mirrors of the wider entry, or remove this one.",
                labels=[Label(span=span, text="the wider entry is made here") for span in main[outer].origins[:1]],
            )


def _replaced_by_users(
    texts: Sequence[NodeText], pools: Iterable[str], conf: RegistriesConf | None, release: Release
) -> Iterator[Diagnostic]:
    """The entries of one file of users that a later one of the same nodes replaces."""
    told = set()
    for each in by_pool(texts, pools, conf, (), release):
        made: dict[str, RegistryEntry] = {}
        for path in reading_order(each.texts):
            own = {entry.scope.rstrip("/"): entry for entry in read_placed(each.texts[path]).entries if entry.origins}
            for scope, entry in own.items():
                earlier = made.get(scope)
                if earlier is None:
                    continue
                both = (entry.origins[0].sort_key, earlier.origins[0].sort_key, scope)
                if both not in told:
                    told.add(both)
                    yield replacing(entry, earlier, f"the entry of the drop-in {posixpath.basename(path)}")
            made.update(own)


def _around(scope: str) -> Iterator[str]:
    """The scopes that contain one, the longest first."""
    while "/" in scope:
        scope = scope.rpartition("/")[0]
        yield scope
    labels = scope.removeprefix("*.").split(".")[:_MOST_LABELS]
    for number in range(1, len(labels)):
        yield "*." + ".".join(labels[number:])
