"""What a run has before it: clusters with the files that were read of them, unchanged or with other texts in some.

In: clusters and what was loaded of each. Out: everything there is to say about them, and what the safe fixes make of
their files. Nothing is read or written here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from compiler.checks.inspection import ClusterView, Inspection, each_view, inspect, joined, repaired, view
from compiler.clusters.account import Account
from compiler.clusters.alike import alike
from compiler.clusters.cluster import Cluster
from compiler.clusters.homes import HomeRecord
from compiler.clusters.multiplied import check_compiled
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Label
from compiler.machine.memo import FORGETFUL, Memo, distinct
from compiler.machine.processes import spread
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed, parse, readings
from compiler.policy.analysis import Analysis, analyse
from compiler.repository.files import is_stream
from compiler.repository.paths import printable
from compiler.text.span import File
from compiler.text.tree import Tree
from compiler.text.wording import some_of, ticked

if TYPE_CHECKING:
    from compiler.findings.fixes import Mended
    from compiler.policy.repairs import Search

Trees = Callable[[str, str], tuple[File, Tree] | None]
"""The file with a path and a text and its tree, where they are known."""

_AS_READ: Mapping[str, str] = MappingProxyType({})
_FEWEST_FOR_HELP = 25
"""Clusters worth their own process: below, starting it costs more than it saves."""


_MOST_READERS = 3
_OF_PIPELINES = ".tekton/images-mirror-set.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Clusters, what was loaded of each in the same order, and the account of policy that was not read.

    `homes` are the places of policy that were read inside other documents. `survey` says that a folder was named and no
    cluster: what is in it may be for several; `is_found` also where folders made several of it. `pipelines` are
    mirror sets of Konflux pipelines, which no cluster gets. `strays` are files that a killed run left where no cluster
    reads. `is_archived` says of a file that it is a backup or in an
    archive, where no configuration says what is in use.
    """

    clusters: Sequence[Cluster]
    loaded: Sequence[Loaded]
    account: Account = field(default_factory=Account)
    homes: Sequence[HomeRecord] = ()
    survey: bool = False
    is_found: bool = False
    pipelines: Sequence[str] = ()
    strays: Sequence[str] = ()
    is_archived: Callable[[str], bool] = lambda _: False
    _searches: "list[Search]" = field(default_factory=list, repr=False, compare=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """What leads to the files on disk, each once."""
        paths = dict.fromkeys(path for cluster in self.clusters for path in cluster.paths)
        return tuple(path for path in paths if not is_stream(path))

    @property
    def built_from(self) -> tuple[str, ...]:
        """The files that kustomizations and charts are built from, each once."""
        return tuple(dict.fromkeys(path for loaded in self.loaded for path in loaded.built_from))

    @property
    def temporary(self) -> tuple[str, ...]:
        """The files that a killed run left, each once."""
        return tuple(sorted({*self.strays, *(path for loaded in self.loaded for path in loaded.temporary)}))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that contain manifests or what looks like one, each once."""
        parsed = (each for files in distinct(loaded.parsed for loaded in self.loaded) for each in files)
        return tuple(
            sorted({each.file.path for each in parsed if each.manifests or each.diagnostics or each.node_texts})
        )

    def inspect(self, texts: Mapping[str, str] = _AS_READ, trees: Trees | None = None) -> Inspection:
        """All findings if the files at these paths contain these texts; `trees` gives those that are read already."""
        again = list(self._again(texts, trees))
        loaded = {id(each): _without_pipelines(each) for each in again}
        work = [(cluster, loaded[id(each)]) for cluster, each in zip(self.clusters, again, strict=True)]
        check_compiled(work)
        views = spread(partial(_views, survey=self.survey, is_found=self.is_found), work, least=_FEWEST_FOR_HELP)
        found = {cluster.name: view for cluster, view in zip(self.clusters, views, strict=True)}
        if any(each.rule == rules.NO_INTERNAL_REGISTRY.name for view in views for each in view.diagnostics):
            found = _where_it_is_used(found, self.clusters)
        if any(view.contradictions for view in views):
            found = repaired(found, self._search())
        if len(found) > 1:
            found = _with_readers(found, work)
        return inspect(found, beside=beside(self.account, self.clusters), is_archived=self.is_archived)

    def _search(self) -> "Search":
        """The search for the smallest reorderings: the same each time, since its steps are for the whole run."""
        from compiler.policy.repairs import Search

        if not self._searches:
            self._searches.append(Search())
        return self._searches[0]

    def following(self, before: "Workspace") -> "Workspace":
        """The same as another look of a run, whose searches for fixes are gone on with: they have limits for a run."""
        return replace(self, _searches=before._searches)

    def _with(
        self,
        texts: Mapping[str, str],
        known: Mapping[tuple[str, str], Parsed] = MappingProxyType({}),
        trees: Trees | None = None,
    ) -> Iterator[Loaded]:
        """What was loaded of each cluster, with the files at these paths parsed again, once for each release."""
        if not texts:
            yield from self.loaded
            return
        again = {key: each for key, each in known.items() if each.file.text == texts.get(key[0])}
        for cluster, loaded in zip(self.clusters, self.loaded, strict=True):
            release = cluster.settings.release
            parsed = list(loaded.parsed)
            for index, each in enumerate(parsed):
                path = each.file.path
                if path in texts and each.file.editable:
                    key = (path, release.name)
                    if key not in again:
                        file, tree = (trees and trees(path, texts[path])) or (File(path, texts[path]), None)
                        again[key] = parse(file, release, tree=tree)
                    parsed[index] = again[key]
            yield replace(loaded, parsed=tuple(parsed))

    def _again(self, texts: Mapping[str, str], trees: Trees | None) -> Iterator[Loaded]:
        """What was loaded of each cluster with other texts; what is built from such a file is built again."""
        for cluster, loaded in zip(self.clusters, self._with(texts, trees=trees), strict=True):
            concerned = texts and cluster.is_built and not texts.keys().isdisjoint(map(printable, loaded.built_from))
            yield _built_again(cluster, loaded, texts) if concerned else loaded

    def analyses(
        self, texts: Mapping[str, str] = _AS_READ, known: Mapping[tuple[str, str], Parsed] = MappingProxyType({})
    ) -> list[Analysis]:
        """What each cluster makes of its manifests if the files at these paths contain these texts.

        Kustomizations are built again. Of files whose text is that of a `known` one, by path and name of the release,
        that is taken.
        """
        memo = Memo() if len(self.clusters) > 1 else FORGETFUL
        made = []
        for cluster, loaded in zip(self.clusters, self._with(texts, known), strict=True):
            again = _built_again(cluster, loaded, texts) if texts and cluster.is_built else loaded
            made.append(analyse(again.parsed, cluster.settings, again.problems, memo=memo))
        return made

    def mend(self, inspection: Inspection, *, suggested: bool = False) -> "tuple[Mended, Inspection]":
        """What the safe fixes make of the files, with the suggested ones if asked, and all findings after that."""
        from compiler.findings.fixes import mend
        from compiler.findings.proof import Prover

        prover = Prover()
        last: tuple[Mapping[str, str], Inspection] = (_AS_READ, inspection)

        def look(texts: Mapping[str, str]) -> Sequence[Diagnostic]:
            nonlocal last
            last = (texts, self.inspect(texts, prover.tree))
            return last[1].diagnostics

        mended = mend(inspection.diagnostics, look, suggested=suggested, prover=prover)
        return mended, last[1] if last[0] == mended.after else self.inspect(mended.after, prover.tree)


def beside(account: Account, clusters: Sequence[Cluster]) -> ClusterView:
    """What there is to say of files that are part of no cluster."""
    return ClusterView(
        diagnostics=account.findings,
        allowances=account.allowances,
        allowed=account.allowed,
        severities=clusters[0].settings.severities if clusters else {},
    )


def _built_again(cluster: Cluster, loaded: Loaded, texts: Mapping[str, str]) -> Loaded:
    """What was loaded of a cluster, with its kustomizations and charts built of the new texts."""
    from compiler.clusters.building import build
    from compiler.manifests.kustomize import EditedDisk

    built = build(cluster, EditedDisk(cluster.root, texts), tracked_only=cluster.tracked_only)
    kept = tuple([each for each in loaded.parsed if each.file.editable])
    return replace(loaded, parsed=kept + built.parsed, problems=(*loaded.problems, *built.problems))


def _without_pipelines(loaded: Loaded) -> Loaded:
    """What was loaded without the mirror set of a Konflux pipeline, which is applied to no cluster."""
    if not any(each.file.path.endswith(_OF_PIPELINES) for each in loaded.parsed):
        return loaded
    return replace(loaded, parsed=tuple(each for each in loaded.parsed if not each.file.path.endswith(_OF_PIPELINES)))


def _views(work: Sequence[tuple[Cluster, Loaded]], *, survey: bool, is_found: bool) -> list[ClusterView]:
    """Look at clusters, of those that are alike at one; what others share is merged for the first of them only."""
    several = len(work) > 1 or any(parsed.variants for _, loaded in work for parsed in loaded.parsed)
    memo = Memo() if several else FORGETFUL
    views: dict[int, ClusterView] = {}
    for numbers in alike(work):
        cluster, loaded = work[numbers[0]]
        seen = joined(
            [
                view(
                    analyse(parsed, cluster.settings, loaded.problems, memo=memo),
                    cluster.settings,
                    survey=survey,
                    is_found=is_found,
                    uses_internal=True,
                )
                for parsed in readings(loaded.parsed)
            ]
        )
        views |= dict.fromkeys(numbers, seen)
    return [views[number] for number in range(len(work))]


def _with_readers(views: Mapping[str, ClusterView], work: Sequence[tuple[Cluster, Loaded]]) -> dict[str, ClusterView]:
    """The findings, where each fix of contradicting lists names the other clusters that read a file it changes."""
    name = rules.ORDER_CONFLICT.name
    if not any(each.fix and each.rule == name for view in views.values() for each in view.diagnostics):
        return dict(views)
    seen = {id(view): view for view in views.values()}.values()
    fixes = (fix for view in seen for each in view.diagnostics if each.rule == name for fix in _fixes(each))
    edited = {edit.span.path for fix in fixes for edit in fix.edits}
    readers: dict[str, dict[str, None]] = {}
    for cluster, loaded in work:
        for path in (*(each.file.path for each in loaded.parsed), *map(printable, loaded.built_from)):
            if path in edited:
                readers.setdefault(path, {})[cluster.name] = None

    def told(fix: Fix, own: str) -> Fix:
        others = list(
            dict.fromkeys(each for edit in fix.edits for each in readers.get(edit.span.path, ()) if each != own)
        )
        if not others:
            return fix
        verb = "reads" if len(others) == 1 else "read"
        named = some_of(ticked(others), _MOST_READERS)
        return fix._replace(title=f"{fix.title} in `{own}`, but {named} {verb} the file too")

    def with_readers(each: Diagnostic, own: str) -> Diagnostic:
        if each.fix is None or each.rule != name:
            return each
        alternatives = tuple(told(fix, own) for fix in each.alternatives)
        return replace(each, fix=told(each.fix, own), alternatives=alternatives)

    return each_view(
        views,
        lambda own, view: view._replace(diagnostics=tuple(with_readers(each, own) for each in view.diagnostics)),
    )


def _fixes(finding: Diagnostic) -> tuple[Fix, ...]:
    return (*((finding.fix,) if finding.fix is not None else ()), *finding.alternatives)


def _where_it_is_used(views: Mapping[str, ClusterView], clusters: Sequence[Cluster]) -> dict[str, ClusterView]:
    """The findings about the internal registry with the place that uses it, or none where nothing does."""
    from compiler.clusters.internal_registry import first_use

    use = first_use(clusters)
    labels = (Label(span=use, text="used here"),) if use is not None else ()
    name = rules.NO_INTERNAL_REGISTRY.name
    return each_view(
        views,
        lambda _, view: view._replace(
            diagnostics=tuple(
                replace(each, labels=labels) if each.rule == name else each
                for each in view.diagnostics
                if use is not None or each.rule != name
            ),
        ),
    )
