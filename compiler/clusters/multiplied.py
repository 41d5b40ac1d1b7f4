"""What clusters, pools and namespaces multiply the policy of a repo to, before any of it is made.

In: clusters with what was loaded of each. Out: a `TooMuchError` where that is more than a run makes of such an input.
All is counted from the manifests, so that a run that is refused has written nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from compiler.clusters.alike import ReadFiles, alike, grouped, kind_of
from compiler.clusters.cluster import Cluster
from compiler.machine.limits import TooMuchError, most
from compiler.manifests.kinds import ImageConfig, ImagePolicy, MirrorSet, SignaturePolicyObject
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed
from compiler.policy.entries import MOST_INHERITED
from compiler.policy.settings import Settings

_MOST_COMPILED = 150_000
_OF_A_CLUSTER = 25
"""Rules, mirrors and scopes of each cluster with another policy, to compile and check it: some 30 microseconds each.
Without any of them a cluster costs as much as so many."""

_MOST_WORKED_OUT = 80_000
_OF_A_CLUSTER_WORKED_OUT = 15
"""The same for what says more about each cluster, where one takes twice the time."""

_REPEATED = 8
"""So many that were counted for another cluster cost what one costs: most is merged for the first of them."""

_AGAIN = 4
"""How many times that it is if the lists of scopes are of one cluster alone."""

_CHARACTERS = 28
"""Of files that allow one row more."""

_MOST_WRITTEN = 290_000_000
"""Characters: 3,000 clusters with the same small policy. It takes longer to open a file than to write a small one."""

_OF_A_FILE = 10_000
_FILES_BESIDE = 4
"""The listing, registries.conf, policy.json and the places of signatures."""

_MOST_ON_A_NODE = 30_000_000
"""Characters of the files on the nodes of one cluster, which are in memory at once."""

_SMALLEST = 9_000
"""Characters of a node's files without any manifest: the keys of the release are in its policy.json."""

_OF_A_RULE = 50
_OF_A_MIRROR = 90
_OF_A_SCOPE = 400
"""Characters around a name: a scope has its part in registries.conf and twice in policy.json."""


class _Amount(NamedTuple):
    """What one file, or all files of a cluster, contain.

    `rows` are rules, mirrors and scopes. `conf` and `policy` are characters of the files on nodes that they make: what
    is there once, and what is in the policy.json of each namespace too. `inner` are the scopes that may get the mirrors
    of a source around them, `mirrors` the most that a source has. `has_lists` is true of an Image config.
    """

    rows: int = 0
    conf: int = 0
    policy: int = 0
    inner: int = 0
    mirrors: int = 0
    namespaces: frozenset[str] = frozenset()
    size: int = 0
    has_lists: bool = False

    @property
    def inherited(self) -> int:
        """No more mirrors than this get to scopes without mirrors."""
        return min(self.inner * self.mirrors, MOST_INHERITED)

    @property
    def on_a_node(self) -> int:
        """Characters of all files on a node; the policy of a namespace repeats that of the cluster."""
        return _SMALLEST + self.conf + self.inherited * _OF_A_MIRROR + self.policy * (1 + len(self.namespaces))


def check_compiled(work: Sequence[tuple[Cluster, Loaded]]) -> None:
    """See that the policy of all clusters together is not too much to be compiled; clusters that are alike count once.

    Raises:
        TooMuchError: It is.
    """
    _check_rows(work, *_amounts(work))


def check_worked_out(clusters: Iterable[tuple[Settings, *tuple[ReadFiles, ...]]]) -> None:
    """See that clusters are not too much for what says more about each than a build: reports, images, comparisons.

    Args:
        clusters: The settings of each with what was read of it, or of both sides of its comparison.

    Raises:
        TooMuchError: They are.
    """
    kinds = grouped((kind_of(settings, *read), read) for settings, *read in clusters)
    groups = [[parsed for each in read for parsed in each.parsed] for read, *_ in kinds]
    distinct = {id(parsed): parsed for files in groups for parsed in files}
    known = {number: _amount(parsed) for number, parsed in distinct.items()}
    rows, share = _counted(groups, known, _OF_A_CLUSTER_WORKED_OUT)
    limit = most(_MOST_WORKED_OUT + share)
    if rows > limit:
        raise TooMuchError(
            f"{len(groups)} clusters that differ have about {rows} rules, mirrors and scopes to look at, more than the "
            f"{limit} that are looked at for manifests of this size",
            "Choose some clusters with --cluster",
        )


def check_built(work: Sequence[tuple[Cluster, Loaded]]) -> None:
    """See that a build of these clusters is not too much to be compiled or written.

    Raises:
        TooMuchError: It is.
    """
    groups, known = _amounts(work)
    _check_rows(work, groups, known)
    size = sum(_once((parsed, known[id(parsed)].size) for _, loaded in work for parsed in loaded.parsed))
    files = written = 0
    for numbers, amount in groups:
        cluster = work[numbers[0]][0]
        limit = most(_MOST_ON_A_NODE, 20, size)
        if amount.on_a_node > limit:
            raise TooMuchError(
                f"the files on the nodes of {_words(cluster, 'one cluster')} would have more than {limit >> 20} MB: "
                f"the policy of {len(amount.namespaces)} namespaces repeats that of the cluster; nothing was written",
                "Write fewer ImagePolicies or shorter lists",
            )
        pools = len(cluster.settings.pools)
        count = pools + _FILES_BESIDE + len(amount.namespaces)
        files += len(numbers) * count
        written += len(numbers) * (count * _OF_A_FILE + amount.on_a_node * (3 + 4 * pools) // 3)
    if written > most(_MOST_WRITTEN, 100, size):
        raise TooMuchError(
            f"{len(work)} clusters would get about {files} files, more than are written at once for manifests of this "
            "size; nothing was written",
            "Build some of the clusters with --cluster, or give them fewer pools",
        )


def _check_rows(
    work: Sequence[tuple[Cluster, Loaded]],
    groups: Sequence[tuple[Sequence[int], _Amount]],
    known: Mapping[int, _Amount],
) -> None:
    rows, share = _counted([work[numbers[0]][1].parsed for numbers, _ in groups], known, _OF_A_CLUSTER)
    rows += sum(amount.inherited for _, amount in groups)
    limit = most(_MOST_COMPILED + share)
    if rows > limit + sum(each.inherited for each in known.values()):
        raise TooMuchError(
            f"{len(groups)} clusters that differ have about {rows} rules, mirrors and scopes to compile, more than the "
            f"{limit} that are compiled at once for manifests of this size; nothing was compiled",
            "Work on some of the clusters with --cluster",
        )


def _counted(groups: Sequence[Sequence[Parsed]], known: Mapping[int, _Amount], of_each: int) -> tuple[int, int]:
    """The rows to work on for all groups, and how many more there may be than of files without any."""
    seen: set[int] = set()
    parts = 0
    for files in groups:
        parts += of_each * _REPEATED
        # Lists of scopes that no other cluster has concern every source: less is the same as in the others then.
        again = _AGAIN if any(known[id(parsed)].has_lists and id(parsed) not in seen for parsed in files) else 1
        for parsed in files:
            parts += known[id(parsed)].rows * (again if id(parsed) in seen else _REPEATED)
            seen.add(id(parsed))
    files_of_all = [parsed for files in groups for parsed in files]
    own = sum(_once((parsed, known[id(parsed)].rows) for parsed in files_of_all))
    size = sum(_once((parsed, known[id(parsed)].size) for parsed in files_of_all))
    return parts // _REPEATED, 2 * own + size // _CHARACTERS


def _once(amounts: Iterable[tuple[Parsed, int]]) -> Iterable[int]:
    """One amount of each file: what a template becomes for many clusters is one."""
    largest: dict[str, int] = {}
    for parsed, amount in amounts:
        largest[parsed.file.path] = max(amount, largest.get(parsed.file.path, 0))
    return largest.values()


def _words(cluster: Cluster, nameless: str) -> str:
    return f"the cluster `{cluster.name}`" if cluster.name else nameless


def _amounts(work: Sequence[tuple[Cluster, Loaded]]) -> tuple[list[tuple[list[int], _Amount]], dict[int, _Amount]]:
    """The amounts of each group of clusters that are alike, and of each file by its identity."""
    known: dict[int, _Amount] = {}
    groups = []
    for numbers in alike(work):
        parsed = work[numbers[0]][1].parsed
        for each in parsed:
            if id(each) not in known:
                known[id(each)] = _amount(each)
        groups.append((numbers, _together([known[id(each)] for each in parsed])))
    return groups, known


def _together(amounts: Sequence[_Amount]) -> _Amount:
    if len(amounts) == 1:
        return amounts[0]
    return _Amount(
        rows=sum(each.rows for each in amounts),
        conf=sum(each.conf for each in amounts),
        policy=sum(each.policy for each in amounts),
        inner=sum(each.inner for each in amounts),
        mirrors=sum(each.mirrors for each in amounts),
        namespaces=frozenset(chain.from_iterable(each.namespaces for each in amounts)),
    )


def _amount(parsed: Parsed) -> _Amount:
    rows = conf = policy = inner = 0
    mirrors: dict[str, int] = {}
    namespaces = set()
    for each in parsed.manifests:
        if isinstance(each, MirrorSet):
            for rule in each.rules:
                count = len(rule.mirrors)
                rows += 1 + count
                source = rule.source.value
                conf += _OF_A_RULE + len(source) + count * _OF_A_MIRROR
                for mirror in rule.mirrors:
                    conf += len(mirror.value)
                mirrors[source] = mirrors.get(source, 0) + count
        elif isinstance(each, ImageConfig):
            for scope in chain(each.insecure or (), each.blocked or (), each.allowed or (), each.search or ()):
                rows += 1
                conf += _OF_A_RULE + len(scope.value)
                policy += _OF_A_SCOPE + 2 * len(scope.value)
            inner += sum("/" in scope.value for scope in chain(each.insecure or (), each.blocked or ()))
        elif isinstance(each, SignaturePolicyObject):
            trust = sum(len(value.value) for value in (*each.root, *(each.identity or ())) if value is not None)
            rows += len(each.scopes)
            signed = sum(2 * (_OF_A_SCOPE + trust + len(scope.value)) for scope in each.scopes)
            if isinstance(each, ImagePolicy):
                conf += signed
                namespaces.add(each.namespace.value if each.namespace is not None else "")
            else:
                policy += signed
    return _Amount(
        rows=rows,
        conf=conf,
        policy=policy,
        inner=inner,
        mirrors=max(mirrors.values(), default=0),
        namespaces=frozenset(namespaces),
        size=len(parsed.file.text),
        has_lists=any(isinstance(each, ImageConfig) for each in parsed.manifests),
    )
