"""One step of a migration from ImageContentSourcePolicies to ImageDigestMirrorSets, planned and proven.

In: the clusters with their parsed files, which files may be edited, and the step. Out: the new texts, what was done and
what is left with its reason. There are new texts only where every cluster makes the same node files of them, byte for
byte, as of those before. Nothing is read or written here.

What the API drops and refuses follows the CRDs of openshift/api (2a3d73913); `oc adm migrate icsp` (openshift/oc
6b8e30c5, pkg/cli/admin/migrate/icsp) checks neither and rewrites the file.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.clusters.cluster import Cluster
from compiler.clusters.workspace import Workspace
from compiler.diff.disruption import Disruption, NodeFiles, UpdateFailsError
from compiler.diff.node_changes import judge
from compiler.edits import patching
from compiler.edits.legacy import NEW, OLD, Legacy, NotEditableError, Orders, addition, conversion, find, removal
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Edit, Severity
from compiler.findings.edits import add_field
from compiler.findings.fixes import MovedPlaces, splice
from compiler.findings.proof import Prover
from compiler.manifests.kinds import NEVER, ImageDigestMirrorSet, MirrorRule, MirrorSet
from compiler.manifests.marks import template_mark
from compiler.manifests.parsing import Parsed, parse
from compiler.names.releases import Release
from compiler.node.disruption_policy import in_force
from compiler.policy.analysis import Analysis
from compiler.policy.node_files import node_files
from compiler.text.span import File, Span
from compiler.text.tree import read

_MOST_TRIED = 1 << 20
"""Characters that are read to try what is converted one by one, each time with all of its file."""


class Step(StrEnum):
    """What is committed and synced by itself."""

    ADD = "add"
    FINISH = "finish"
    AT_ONCE = "at-once"
    NEVER = "never-contact-source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was not done, where, and why; `help` says what to do about it."""

    span: Span
    reason: str
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A node file that a cluster would make otherwise; None where there is no such file."""

    cluster: str
    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What a step comes to.

    Attributes:
        before: The texts of the files that change, by shown path.
        after: Their new texts; empty where something is not proven.
        done: Where something was changed, and what, in order of place.
        left: What was not done, in order of place.
        pending: Old objects whose ImageDigestMirrorSet exists: the next step removes them.
        unproven: Why nothing is written although there is something to do.
        differences: What would differ on nodes.
        costs: What nodes of each cluster go through, of the step that changes them.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    done: tuple[tuple[Span, str], ...] = ()
    left: tuple[Left, ...] = ()
    pending: tuple[Span, ...] = ()
    unproven: tuple[Left, ...] = ()
    differences: tuple[Difference, ...] = ()
    costs: tuple[tuple[str, Disruption], ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether the step did everything that it is for."""
        return not self.left and not self.unproven and not self.differences


def migrate(
    workspace: Workspace,
    step: Step,
    *,
    chosen: Callable[[str], bool] = lambda path: True,
    kustomizations: Sequence[File] = (),
    get: patching.Read = lambda path: None,
) -> Migration:
    """Plan a step and prove it.

    Args:
        workspace: Every cluster that may read one of the files.
        step: What to do.
        chosen: Whether the file with this shown path may be edited.
        kustomizations: Those whose patches may be for what is migrated.
        get: The files that these name.
    """
    return _Planner(workspace, step, chosen, kustomizations, get).plan()


class _Planner:
    def __init__(
        self,
        workspace: Workspace,
        step: Step,
        chosen: Callable[[str], bool],
        kustomizations: Sequence[File],
        get: patching.Read,
    ) -> None:
        self._kustomizations = kustomizations
        self._get = get
        self._beside: dict[str, File] = {}
        self._unpatched: list[tuple[str, Left]] = []
        self._workspace = workspace
        self._step = step
        self._before = workspace.analyses()
        self._left: list[Left] = []
        self._pending: list[Span] = []
        self._done: list[tuple[Span, str]] = []
        self._files: dict[str, File] = {}
        self._accepted: dict[str, set[tuple[int, int]]] = {}
        self._releases: dict[str, dict[str, Release]] = {}
        self._clusters: dict[str, list[int]] = {}
        self._old: dict[tuple[int, str, int], MirrorSet] = {}
        self._starts: dict[str, dict[int, None]] = {}
        self._read: dict[tuple[str, str], Parsed] = {}
        self._parsed: dict[tuple[str, str], Parsed] = {}
        self._prover = Prover()
        self._new = [
            {each.name.value: each for each in analysis.policy.mirror_sets if isinstance(each, NEW)}
            for analysis in self._before
        ]
        for number, (cluster, loaded) in enumerate(zip(workspace.clusters, workspace.loaded, strict=True)):
            for parsed in loaded.parsed:
                path = parsed.file.path
                if not parsed.file.editable or not chosen(path):
                    continue
                self._files.setdefault(path, parsed.file)
                release = cluster.settings.release
                self._releases.setdefault(path, {})[release.name] = release
                known = self._read.get((path, release.name))
                if known is None or len(known.manifests) < len(parsed.manifests):  # a cluster may not get all of a file
                    self._read[path, release.name] = parsed
                self._clusters.setdefault(path, []).append(number)
                accepted = self._accepted.setdefault(path, set())
                for each in parsed.manifests:
                    if isinstance(each, OLD):
                        accepted.add((each.span.start, each.span.end))
                        self._old[number, path, each.span.start] = each
                        self._starts.setdefault(path, {})[each.span.start] = None
        self._chosen = chosen

    def plan(self) -> Migration:
        self._find_unconverted()
        if self._step is Step.NEVER:
            target = self._never()
            between: dict[str, str] = {}
            states = [target]
        else:
            target, between = self._texts()
            if target:
                self._patch(target, between)
            states = [between, target] if self._step is Step.ADD else [target]
        written = states[0]
        handled = {file.path for file in self._kustomizations} if written else set()
        self._left += (left for path, left in self._unpatched if path not in handled)
        before = {path: (self._files.get(path) or self._beside[path]).text for path in written}
        left = tuple(sorted(self._left, key=lambda each: each.span.sort_key))
        if not written:
            return Migration(left=left, pending=tuple(self._pending))
        unproven = list(self._unprovable())
        differences: list[Difference] = []
        costs: list[tuple[str, Disruption]] = []
        for texts in states if not unproven else ():
            after = self._workspace.analyses(texts, self._parsed)
            unproven += self._refusals(after)
            if self._step is Step.ADD and texts is between:
                unproven += self._changed(after)
            if self._step is Step.NEVER:
                costs += self._costs(after) if not unproven else ()
            else:
                differences += self._differences(after)
        proven = not unproven and not differences
        return Migration(
            before=before,
            after=written if proven else {},
            done=tuple(sorted(self._done, key=lambda each: each[0].sort_key)) if proven else (),
            left=left,
            pending=tuple(self._pending),
            unproven=tuple(unproven),
            differences=tuple(dict.fromkeys(differences)),
            costs=tuple(costs),
        )

    # --- What is there ---------------------------------------------------------------

    def _find_unconverted(self) -> None:
        """Old objects that no edit is made of: refused ones, templates, and what kustomize has built."""
        found: dict[tuple[str, int, str], Left] = {}
        for cluster, loaded in zip(self._workspace.clusters, self._workspace.loaded, strict=True):
            release = cluster.settings.release
            for each in loaded.problems:
                if each.rule == rules.UNAPPLIED_PATCH.name and OLD.kind in each.message:
                    reason = f"this patch names the kind {OLD.kind}"
                    key, left = _keyed(each.span, reason, "Change it by hand together with what it patches.")
                    if key not in found:
                        found[key] = left
                        self._unpatched.append((each.path, left))
            for parsed in loaded.parsed:
                if not parsed.file.editable:
                    for old in parsed.manifests:
                        if isinstance(old, OLD) and old.span.path not in self._files:
                            found.setdefault(
                                *_keyed(old.name.span, f"the {OLD.kind} `{old.name}` is built by kustomize", _BY_NAME)
                            )
                elif self._chosen(parsed.file.path):
                    stopping = [each for each in parsed.diagnostics if _stops(each)]
                    if any(kind == OLD.kind for kind, _ in parsed.refused):
                        for each in stopping:
                            reason = f"the API server refuses this {OLD.kind}: {each.message}"
                            found.setdefault(*_keyed(each.span, reason, each.help))
                    for each in parsed.diagnostics:
                        if each.rule == rules.TEMPLATE_MANIFEST.name and OLD.kind in each.message:
                            found.setdefault(*_keyed(each.span, each.message, _BY_HAND))
                    if OLD.kind in parsed.file.text:
                        for span, reason in _in_homes(parsed, release):
                            found.setdefault(*_keyed(span, reason, _BY_HAND))
        unpatched = {id(left) for _, left in self._unpatched}
        self._left += (left for left in found.values() if id(left) not in unpatched)

    def _legacy(self) -> Iterator[tuple[File, list[Legacy]]]:
        for path in sorted(self._files):
            if accepted := self._accepted[path]:
                file = self._files[path]
                tree = read(file)
                self._prover.knows(file, tree)
                yield file, find(file, frozenset(accepted), tree)

    def _unfound(self, file: File, found: Sequence[Legacy]) -> Iterator[Left]:
        """Old objects that are written in no form that is converted: an item of a list of other kinds, for example."""
        taken = {root.start for legacy in found for root in legacy.objects}
        for start in self._starts.get(file.path, ()):
            if start not in taken:
                reason = f"this {OLD.kind} is in a list of another kind"
                yield Left(span=Span(file, start, start), reason=reason, help=_BY_HAND)

    def _is_ready(self, legacy: Legacy) -> bool | Left:
        """Whether every cluster that reads it has its ImageDigestMirrorSet; why not, where it has another one."""
        path = legacy.root.file.path
        ready = []
        for number in self._clusters[path]:
            for root in legacy.objects:
                old = self._old[number, path, root.start]
                twin = self._new[number].get(old.name.value) if old.name.value else None
                if twin is not None and not _mean_the_same(old, twin):
                    reason = f"an {NEW.kind} `{old.name}` with other content exists at {twin.name.span}"
                    return Left(span=legacy.place, reason=reason, help="Rename one of the two.")
                ready.append(twin is not None)
        if any(ready) and not all(ready):
            reason = f"its {NEW.kind} exists in some of the clusters only"
            return Left(span=legacy.place, reason=reason, help="Add it to the others, or remove it there.")
        return bool(ready) and all(ready)

    # --- What becomes of it ----------------------------------------------------------

    def _texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """The texts with the new objects alone, and those with both where that is a step in between."""
        orders: dict[str, dict[str, int]] = {}
        for analysis in self._before:
            for merged in analysis.digest:
                if merged.source not in orders:
                    orders[merged.source] = {mirror: at for at, mirror in enumerate(merged.order)}
        target: dict[str, str] = {}
        between: dict[str, str] = {}
        for file, found in self._legacy():
            self._left += self._unfound(file, found)
            marks = {chunk: template_mark(file, *chunk) for chunk in {legacy.chunk for legacy in found}}
            ready: list[Legacy] = []
            converted: list[tuple[Legacy, list[Edit]]] = []
            for legacy in found:
                if marks[legacy.chunk] is not None:  # nothing is proven for whatever it may become
                    reason = f"this {OLD.kind} is a template and is skipped"
                    self._left.append(Left(span=legacy.place, reason=reason, help=_BY_HAND))
                    continue
                state = self._is_ready(legacy)
                if isinstance(state, Left):
                    self._left.append(state)
                elif state:
                    ready.append(legacy)
                elif self._step is Step.FINISH:
                    reason = f"there is no {NEW.kind} of this name yet"
                    self._left.append(Left(span=legacy.place, reason=reason, help="Run `mirrorc migrate` first."))
                elif (edits := self._conversion(legacy, orders)) is not None:
                    converted.append((legacy, edits))
            converted = self._accepted_ones(file, converted)
            replaced = [edit for _, edits in converted for edit in edits]
            if self._step is Step.ADD:
                self._pending += (legacy.place for legacy in ready)
                added = self._additions(converted)
                if added:
                    between[file.path] = splice(file.text, added)
                    target[file.path] = splice(file.text, replaced)
                continue
            edits = [*replaced, *self._removals(file, ready)]
            if edits:
                target[file.path] = splice(file.text, sorted(edits, key=_place))
            if self._step is Step.AT_ONCE:
                self._done += ((legacy.place, f"replaced with an {NEW.kind}") for legacy, _ in converted)
        return target, between

    def _patch(self, target: dict[str, str], between: dict[str, str]) -> None:
        """Change the patches of kustomizations together with what they patch."""
        changed: dict[str, dict[tuple[int, int], Edit]] = {}
        added: dict[str, dict[tuple[int, int], Edit]] = {}

        def keep(edits: Iterable[Edit], texts: dict[str, dict[tuple[int, int], Edit]]) -> None:
            for edit in edits:
                if edit.span.path not in self._files:
                    self._beside[edit.span.path] = edit.span.file
                    texts.setdefault(edit.span.path, {})[_place(edit)] = edit

        renamed, copied = patching.KnownPatches(), patching.KnownPatches()
        for file in self._kustomizations:
            if self._step is Step.FINISH:
                found = patching.finished(file, self._get, renamed)
                if found is None:
                    reason = f"a patch here is for the {OLD.kind} alone"
                    help_ = f"Add one for the {NEW.kind}, or remove it by hand."
                    self._left.append(Left(span=Span(file, 0, 0), reason=reason, help=help_))
                keep(found or (), changed)
                continue
            keep(patching.replaced(file, self._get, renamed), changed)
            if self._step is Step.ADD:
                copies = patching.copied(file, self._get, copied)
                reason = f"this patch of the {OLD.kind} cannot be copied for the {NEW.kind}"
                self._left += (Left(span=span, reason=reason, help="Use `--at-once`.") for span in copies.left)
                reason = (
                    f"not copied: more than {patching.MOST_INLINED:,} characters of files would be in kustomizations"
                )
                help_ = "Use `--at-once`, or `--no-limits` if you trust the repo."
                self._left += (Left(span=span, reason=reason, help=help_) for span in copies.too_much)
                keep(copies.edits, added)
        for edits, texts in ((changed, target), (added, between)):
            for path, own in edits.items():
                texts[path] = splice(self._beside[path].text, sorted(own.values(), key=_place))
        what = {Step.ADD: "added patches for the new kind", Step.FINISH: "removed patches of the old kind"}
        done = what.get(self._step, "changed patches to the new kind")
        written = added if self._step is Step.ADD else changed
        self._done += ((Span(self._beside[path], 0, 0), done) for path in written)

    def _conversion(self, legacy: Legacy, orders: Orders) -> list[Edit] | None:
        try:
            return conversion(legacy, orders)
        except NotEditableError as error:
            self._left.append(Left(span=legacy.place, reason=str(error), help=_BY_HAND))
            return None

    def _accepted_ones(self, file: File, converted: list[tuple[Legacy, list[Edit]]]) -> list[tuple[Legacy, list[Edit]]]:
        """Those that the API accepts as the new kind; the others are left."""
        if not converted or not self._flaw(file, [edit for _, edits in converted for edit in edits]):
            return converted
        if len(converted) * len(file.text) <= _MOST_TRIED:
            flaws = [self._flaw(file, edits) for _, edits in converted]
        else:
            flaws = self._flaws(file, converted)
            edits = [edit for (_, some), flaw in zip(converted, flaws, strict=True) if not flaw for edit in some]
            rest = self._flaw(file, edits)
            flaws = [each or rest for each in flaws]
        for (legacy, _), flaw in zip(converted, flaws, strict=True):
            if flaw:
                help_ = "Fix it in the old object first, or exclude the file."
                self._left.append(Left(span=legacy.place, reason=f"not migrated: {flaw}", help=help_))
        return [each for each, flaw in zip(converted, flaws, strict=True) if not flaw]

    def _flaws(self, file: File, converted: Sequence[tuple[Legacy, list[Edit]]]) -> list[str]:
        """Why each must not be made, as far as a look at all together shows it; empty where nothing is known."""
        ordered = sorted((edit for _, edits in converted for edit in edits), key=_place)
        shift = MovedPlaces(ordered)
        flaws = [""] * len(converted)
        for release in self._releases[file.path].values():
            new = parse(File(file.path, splice(file.text, ordered)), release)
            made = {each.span.start for each in new.manifests}
            stopping = sorted((each for each in new.diagnostics if _stops(each)), key=_start)
            for number, (legacy, _) in enumerate(converted):
                if flaws[number] or all(shift.place(root.start) in made for root in legacy.objects):
                    continue
                at = bisect_left(stopping, shift.place(legacy.root.start), key=_start)
                is_inside = at < len(stopping) and _start(stopping[at]) < shift.place(legacy.root.end)
                flaws[number] = _refused(stopping[at] if is_inside else None)
        return flaws

    def _flaw(self, file: File, edits: Sequence[Edit]) -> str:
        """Why edits must not be made, whatever else is in the file; empty where they may."""
        ordered = sorted(edits, key=_place)
        text = splice(file.text, ordered)
        if reason := self._prover.objection(file, text, ordered):
            return reason
        made, tree = self._prover.tree(file.path, text) or (File(file.path, text), None)
        for release in self._releases[file.path].values():
            new = parse(made, release, tree=tree)
            self._parsed[file.path, release.name] = new
            if _is_accepted(self._read[file.path, release.name], new):
                continue
            old = parse(file, release)
            if _is_accepted(old, new):
                continue
            known = Counter((each.rule, each.field, each.message) for each in old.diagnostics)
            for each in new.diagnostics:
                key = (each.rule, each.field, each.message)
                known[key] -= 1
                if known[key] < 0 and _stops(each):
                    return _refused(each)
            return _refused(None)
        return ""

    def _additions(self, converted: list[tuple[Legacy, list[Edit]]]) -> list[Edit]:
        added = []
        for legacy, edits in list(converted):
            try:
                added += addition(legacy, edits)
            except NotEditableError as error:
                self._left.append(Left(span=legacy.place, reason=str(error), help="Use `--at-once` for this file."))
                converted.remove((legacy, edits))
            else:
                self._done.append((legacy.place, f"added an {NEW.kind} after it"))
        return sorted(added, key=_place)

    def _removals(self, file: File, ready: list[Legacy]) -> list[Edit]:
        try:
            edits = removal(file, ready)
        except NotEditableError as error:
            self._left += (Left(span=legacy.place, reason=str(error)) for legacy in ready)
            return []
        self._done += ((legacy.place, "removed: its ImageDigestMirrorSet exists") for legacy in ready)
        return edits

    def _never(self) -> dict[str, str]:
        """The texts in which no rule of an ImageDigestMirrorSet leaves it open whether its source is contacted."""
        edits: dict[str, dict[int, Edit]] = {}
        kept: dict[tuple[str, int], Left] = {}
        for analysis in self._before:
            for each in analysis.policy.mirror_sets:
                if isinstance(each, OLD):
                    reason = f"this {OLD.kind} still exists, and has no mirrorSourcePolicy"
                    span, help_ = each.name.span, "Run `mirrorc migrate --finish` first."
                    kept.setdefault((span.path, span.start), Left(span=span, reason=reason, help=help_))
                if not isinstance(each, ImageDigestMirrorSet) or each.span.path not in self._files:
                    continue
                for rule in each.rules:
                    if rule.mirror_source_policy is None and rule.span.file.editable:
                        edit = add_field(rule.span, "mirrorSourcePolicy", NEVER, after=rule.source.span)
                        if edit is None:
                            reason = "this rule is written in a way that no edit keeps intact"
                            self._left.append(Left(span=rule.source.span, reason=reason, help=_SET_BY_HAND))
                            continue
                        edits.setdefault(each.span.path, {})[edit.span.start] = edit
                        self._done.append((rule.source.span, f"`{rule.source}` is no longer contacted"))
        self._done = list(dict.fromkeys(self._done))
        self._left += kept.values()
        if self._left:
            self._done = []
            return {}
        return {path: splice(self._files[path].text, sorted(some.values(), key=_place)) for path, some in edits.items()}

    # --- Proof -----------------------------------------------------------------------

    def _named(self) -> Iterator[tuple[Cluster, Analysis]]:
        return zip(self._workspace.clusters, self._before, strict=True)

    def _unprovable(self) -> Iterator[Left]:
        """Clusters of which it is not known what they make of the manifests without edits."""
        for loaded in self._workspace.loaded:
            for problem in loaded.problems:
                if problem.severity is Severity.ERROR:
                    yield Left(span=problem.span, reason=problem.message, help=problem.help)
        for _, analysis in self._named():
            for refusal in analysis.refusals:
                yield Left(span=refusal.span, reason=f"refused before any change: {refusal.message}", help=refusal.help)

    def _refusals(self, after: Iterable[Analysis]) -> Iterator[Left]:
        for analysis in after:
            failed = (each for each in analysis.diagnostics if each.rule == rules.KUSTOMIZE_FAILED.name)
            for refusal in (*analysis.refusals, *failed):
                yield Left(span=refusal.span, reason=f"would be refused: {refusal.message}", help=refusal.help)

    def _changed(self, after: Iterable[Analysis]) -> Iterator[Left]:
        """Old objects that are not what they were, although only new ones are added."""
        for (_, before), new in zip(self._named(), after, strict=True):
            kept = Counter(_content(each) for each in new.policy.mirror_sets if isinstance(each, OLD))
            for each in before.policy.mirror_sets:
                if isinstance(each, OLD):
                    kept[_content(each)] -= 1
                    if kept[_content(each)] < 0:
                        reason = f"this {OLD.kind} would change"
                        yield Left(span=each.name.span, reason=reason, help="Use `--at-once` for this file.")

    def _differences(self, after: Iterable[Analysis]) -> Iterator[Difference]:
        for (cluster, old), new in zip(self._named(), after, strict=True):
            release = cluster.settings.release
            before, made = node_files(old, release), node_files(new, release)
            for path in sorted({*before, *made}):
                if before.get(path) != made.get(path):
                    yield Difference(cluster=cluster.name, path=path, before=before.get(path), after=made.get(path))

    def _costs(self, after: Iterable[Analysis]) -> Iterator[tuple[str, Disruption]]:
        for (cluster, old), new in zip(self._named(), after, strict=True):
            release = cluster.settings.release
            before, made = (NodeFiles(registries=each.conf, files=node_files(each, release)) for each in (old, new))
            try:
                verdict = judge(before, made, in_force(release))
            except UpdateFailsError:
                yield cluster.name, Disruption.UNKNOWN
            else:
                yield cluster.name, verdict.disruption


_BY_NAME = "Name the file that it is built of: `mirrorc migrate FILE`. The proof builds the kustomization again."
_BY_HAND = "Migrate it by hand."
_SET_BY_HAND = f"Set `mirrorSourcePolicy: {NEVER}` there by hand."


def _in_homes(parsed: Parsed, release: Release) -> Iterator[tuple[Span, str]]:
    """Old objects inside other documents of a file, and what they are in."""
    from compiler.homes import with_homes

    for home in with_homes(parsed, release).homes:
        for each in home.manifests:
            if isinstance(each, OLD):
                yield each.name.span, f"the {OLD.kind} `{each.name}` is inside {home.holder}"


def _keyed(span: Span, reason: str, help_: str) -> tuple[tuple[str, int, str], Left]:
    return (span.path, span.start, reason), Left(span=span, reason=reason, help=help_)


def _place(edit: Edit) -> tuple[int, int]:
    return (edit.span.start, edit.span.end)


def _stops(diagnostic: Diagnostic) -> bool:
    """Whether the API server refuses an object for it."""
    return not rules.RULES[diagnostic.rule].adjustable and diagnostic.severity is Severity.ERROR


def _refused(diagnostic: Diagnostic | None) -> str:
    why = f": {diagnostic.message} ({diagnostic.field})" if diagnostic else ""
    return f"the API server refuses it as {NEW.kind}{why}"


def _start(diagnostic: Diagnostic) -> int:
    return diagnostic.span.start


def _is_accepted(old: Parsed, new: Parsed) -> bool:
    """Whether no object is refused of a new text that is accepted of the old one."""
    return len(new.refused) <= len(old.refused) and len(new.manifests) >= len(old.manifests)


def _content(each: MirrorSet) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    return each.name.value, tuple((rule.source.value, tuple(map(str, rule.mirrors))) for rule in each.rules)


def _mean_the_same(old: MirrorSet, new: MirrorSet) -> bool:
    """Whether two objects list the same, but for the place of a mirror that the old one lists twice."""
    return len(old.rules) == len(new.rules) and all(map(_is_twin, old.rules, new.rules))


def _is_twin(old: MirrorRule, new: MirrorRule) -> bool:
    source = old.source.value
    mirrors, others = ([mirror.value for mirror in rule.mirrors] for rule in (old, new))
    if len(set(mirrors)) < len(mirrors):
        return source == new.source.value and {*mirrors, source} == {*others, source}
    return source == new.source.value and mirrors == others
