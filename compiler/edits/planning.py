"""The least disruptive sequence of commits from one state of a repo to another.

In: what each cluster reads of both states, and the changes between them. Out: a `Plan`, the states to commit one after
the other. Each of them is compiled for each cluster, and none is one that a controller refuses.

Of two sequences the better one is, in this order, the one with fewer reboots, drains and restarts over all clusters;
with fewer lists that newly contradict each other; with fewer commits in which something is removed whose replacement
the same commit adds (a tool that prunes first would leave nodes without it in between); with more additions before the
first drain; and with fewer commits. Up to `MOST_EXACT` changes every order is tried. Beyond that the additions that are
safe come first and the rest follows, unless everything at once is better.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import pairwise, product

from compiler.diff.comparison import Comparison, compare
from compiler.diff.deciding import Objects
from compiler.diff.disruption import Disruption, NodeFiles, UpdateFailsError
from compiler.diff.node_changes import cost, judge
from compiler.diff.sides import Manifests, state_of
from compiler.diff.views import old_view
from compiler.edits.changes import KEPT, NEW, OLD, Changes, EditVerb, State
from compiler.edits.composing import composed
from compiler.edits.narrowing import Narrowing
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.machine.memo import Memo
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed, parse
from compiler.node.disruption_policy import DisruptionPolicy, in_force
from compiler.node.model import RegistryEntry
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.settings import Settings
from compiler.text.span import File

MOST_EXACT = 5
"""Changes up to which every order is tried."""

_ROUNDS = 12
"""How often the additions are narrowed down to those that are safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What a cluster reads of the two states, with paths that are the same for both.

    `shown` are the same with the paths that people are shown, where those differ. `earlier` gives states before the old
    one, newest first, for where the controller refuses that. `given` is the node disruption policy that the user gives.
    `rebuild` builds the cluster's kustomization with other texts in some files. `alike` are the names of all clusters
    of which the same is true, this one among them; none where it is true of this one alone.
    """

    name: str
    settings: Settings
    old: Manifests
    new: Manifests
    shown: tuple[Manifests, Manifests] | None = None
    earlier: Callable[[], Iterable[Manifests]] = tuple
    given: Objects | None = None
    rebuild: Callable[[Mapping[str, str | None]], Loaded] | None = None
    alike: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the clusters."""
        return self.alike or (self.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A change that a step takes further."""

    index: int
    origin: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One commit: the state it leads to, what it changes, and what nodes of each cluster go through, by name."""

    state: State
    moved: tuple[Moved, ...]
    costs: tuple[tuple[str, Disruption], ...]

    @property
    def disruption(self) -> Disruption:
        """The worst that any cluster goes through."""
        return max((each for _, each in self.costs), default=Disruption.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A sequence of commits, none where nothing changes.

    Attributes:
        steps: The commits in order.
        at_once: What one commit with everything means for each cluster by name.
        exact: Whether every order was tried, or one commit costs nothing anyway.
        waves: For Argo CD, the state after each sync wave of one commit.
        prune_last: Whether the last of these states is that after a pruning that follows all waves.
        wave_costs: What the worst cluster goes through on the way to each.
        refusals: Why the new state cannot be reached; then there are no steps.
    """

    steps: tuple[PlanStep, ...] = ()
    at_once: tuple[tuple[str, Comparison], ...] = ()
    exact: bool = True
    waves: tuple[State, ...] = ()
    prune_last: bool = False
    wave_costs: tuple[Disruption, ...] = ()
    refusals: tuple[tuple[str, Diagnostic], ...] = ()


_Cost = tuple[int, int, int, int, int]
"""Reboots, drains, restarts, new contradictions, and whether something is missing in between."""

_Total = tuple[int, ...]
_FREE: _Cost = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Node:
    """What the nodes of a cluster have in a state."""

    files: NodeFiles
    policy: DisruptionPolicy
    conflicts: frozenset[tuple[str, str]]
    delta: Mapping[str, RegistryEntry | None]
    """The entries by scope that are not those of the first state, None for one that is missing."""


class Planner:
    """Compiles states and judges the way from one to another.

    Args:
        clusters: What each reads.
        changes: What differs between the two states.
        weights: For how many clusters each counts, by default for itself.
        narrowing: What is left out of the files between the two states, like from what the clusters read.
        memo: What was made of the two states already.
    """

    def __init__(
        self,
        clusters: Sequence[Sides],
        changes: Changes,
        narrowing: Narrowing | None = None,
        weights: Sequence[int] = (),
        memo: Memo | None = None,
    ) -> None:
        self._weights = weights or [len(each.names) for each in clusters]
        self._clusters = clusters
        self.changes = changes
        self._narrowing = narrowing
        self._paths = frozenset(each.path for each in changes.files)
        self._memo = memo or Memo()
        self._parsed: dict[tuple[str, str, str], Parsed] = {}
        self._analyses: dict[tuple[int, State], Analysis] = {}
        self._nodes: dict[tuple[int, State], _Node | None] = {}
        self._judged: dict[tuple[int, int, int], Disruption | None] = {}
        self._known: dict[tuple[int, int], list[_Node]] = {}
        self._builds: dict[tuple[object, ...], Manifests] = {}
        self._base: dict[int, dict[str, RegistryEntry]] = {}

    # --- States ----------------------------------------------------------------------

    def side(self, number: int, state: State, label: str = "") -> Manifests:
        """What a cluster reads in a state."""
        cluster = self._clusters[number]
        if state == self.changes.first:
            return replace(cluster.old, label=label or cluster.old.label)
        if state == self.changes.last:
            return replace(cluster.new, label=label or cluster.new.label)
        texts = self.changes.texts(state)
        together = self.changes.together
        built = self._built(number, state, texts, is_new=together is not None and state[together] == NEW)
        own = {each.file.path: each for each in cluster.old.parsed if each.file.editable}
        mine = own.keys() | {each.file.path for each in cluster.new.parsed if each.file.editable}
        parsed = {path: each for path, each in own.items() if path not in self._paths}
        for path in mine & self._paths:
            text = texts[path]
            if text is not None:
                parsed[path] = self._read(path, text, cluster.settings)
        return Manifests(
            label=label,
            parsed=(
                *(parsed[path] for path in sorted(parsed)),
                *(self._narrowed_file(each) for each in built.parsed if not each.file.editable),
            ),
            problems=built.problems,
        )

    def _built(self, number: int, state: State, texts: Mapping[str, str | None], *, is_new: bool) -> Manifests:
        """What a cluster's kustomization is built to of the texts of a state, in a side."""
        cluster = self._clusters[number]
        used = {*cluster.old.built_from, *cluster.new.built_from}
        changed = [each for each in self.changes.files if each.path in used]
        if cluster.rebuild is None or all(texts[each.path] == each.old for each in changed):
            return cluster.new if is_new else cluster.old
        if all(texts[each.path] == each.new for each in changed):
            return cluster.new
        key = (cluster.name, *(texts[each.path] for each in changed))
        if key not in self._builds:
            composed = self._composed(number, state, used) if self._narrowing is not None else None
            if composed is not None:
                return composed
            loaded = cluster.rebuild({each.path: texts[each.path] for each in changed})
            self._builds[key] = replace(cluster.old, parsed=loaded.parsed, problems=loaded.problems)
        return self._builds[key]

    def _composed(self, number: int, state: State, used: Container[str]) -> Manifests | None:
        """What the kustomization is built to, put together of what it is built to with each change alone."""
        alone = []
        for index, (level, change) in enumerate(zip(state, self.changes.all, strict=True)):
            if level != OLD and any(path in used for path in change.paths):
                only = _with(self.changes.first, [index], level)
                if only == state:
                    return None
                built = self._built(number, only, self.changes.texts(only), is_new=False)
                alone.append(replace(built, parsed=tuple(map(self._narrowed_file, built.parsed))))
        return composed(self._clusters[number].old, alone)

    def _read(self, path: str, text: str, settings: Settings) -> Parsed:
        key = (path, text, settings.release.name)
        if key not in self._parsed:
            file, tree = self.changes.tree(path, text) or (File(path, text), None)
            self._parsed[key] = parse(file, settings.release, tree=tree)
        return self._narrowed_file(self._parsed[key])

    def _narrowed_file(self, parsed: Parsed) -> Parsed:
        return parsed if self._narrowing is None else self._narrowing.of_file(parsed)

    def analysis(self, number: int, state: State) -> Analysis:
        """What a cluster makes of a state."""
        key = (number, state)
        if key not in self._analyses:
            side, settings = self.side(number, state), self._clusters[number].settings
            self._analyses[key] = analyse(side.parsed, settings, side.problems, memo=self._memo)
        return self._analyses[key]

    def _node(self, number: int, state: State) -> _Node | None:
        """What nodes have in a state, None where the controller refuses it."""
        key = (number, state)
        if key not in self._nodes:
            cluster, analysis = self._clusters[number], self.analysis(number, state)
            settings = cluster.settings
            if state == self.changes.first:
                view = old_view(cluster.old, settings, cluster.earlier(), with_bytes=False, memo=self._memo)
                files = view.state("").files
            elif analysis.refused or (state != self.changes.last and self._is_unbuilt(number, state)):
                self._nodes[key] = None
                return None
            else:
                files = state_of(analysis, settings, with_bytes=False, memo=self._memo).files
            own = analysis.policy
            configuration, override = own.machine_configuration, own.drain_override
            if cluster.given is not None and cluster.given.configuration is not None:
                configuration, override = cluster.given.configuration, cluster.given.override or override
            conflicts = frozenset(
                (form, each.source)
                for form, merged in (("digest", analysis.digest), ("tag", analysis.tag))
                for each in merged
                if each.conflicts
            )
            delta = self._delta(number, files.registries.entries if files.registries else ())
            node = _Node(files, in_force(settings.release, configuration, override), conflicts, delta)
            # States that are equal on nodes share one object, so that a way between them is judged once.
            bucket = hash((node.files.registries, tuple(sorted(node.files.files.items())), conflicts))
            alike = self._known.setdefault((number, bucket), [])
            same = next((each for each in alike if each == node), None)
            if same is None:
                alike.append(node)
            self._nodes[key] = same or node
        return self._nodes[key]

    def _delta(self, number: int, entries: Iterable[RegistryEntry]) -> Mapping[str, RegistryEntry | None]:
        own = {entry.scope: entry for entry in entries}
        base = self._base.setdefault(number, own)
        delta: dict[str, RegistryEntry | None] = {
            scope: entry for scope, entry in own.items() if scope not in base or base[scope] != entry
        }
        return delta | dict.fromkeys(base.keys() - own.keys())

    def _is_unbuilt(self, number: int, state: State) -> bool:
        """Whether the cluster's kustomization cannot be built in a state."""
        return any(each.rule == rules.KUSTOMIZE_FAILED.name for each in self.side(number, state).problems)

    # --- Costs -----------------------------------------------------------------------

    def _disruption(self, number: int, old: _Node, new: _Node) -> Disruption | None:
        key = (number, id(old), id(new))
        if key not in self._judged:
            try:
                found: Disruption | None = cost(*self._narrowed(number, old, new), new.policy)
            except UpdateFailsError:
                found = None
            self._judged[key] = found
        return self._judged[key]

    def _narrowed(self, number: int, old: _Node, new: _Node) -> tuple[NodeFiles, NodeFiles]:
        """The files of two states with only those entries of registries.conf that are not the same in all states."""
        scopes = old.delta.keys() | new.delta.keys()
        narrowed = []
        for node in (old, new):
            conf = node.files.registries
            if conf is None or not scopes:
                return old.files, new.files
            entries = (node.delta.get(scope, self._base[number].get(scope)) for scope in sorted(scopes))
            kept = tuple(entry for entry in entries if entry is not None)
            narrowed.append(replace(node.files, registries=replace(conf, entries=kept)))
        return narrowed[0], narrowed[1]

    def cost(self, old: State, new: State) -> _Cost | None:
        """What it costs to go from one state to another in one commit, None where that cannot be done."""
        counts = dict.fromkeys(Disruption, 0)
        conflicts = 0
        gap = False
        between = self._removed_first(old, new)
        for number in range(len(self._clusters)):
            before, after = self._node(number, old), self._node(number, new)
            if before is None or after is None:
                return None
            disruption = self._disruption(number, before, after)
            if disruption is None:
                return None
            counts[disruption] += self._weights[number]
            if new != self.changes.last:
                known = [self._node(number, state) for state in (self.changes.first, self.changes.last)]
                new_ones = after.conflicts - frozenset().union(*(each.conflicts for each in known if each))
                conflicts += len(new_ones) * self._weights[number]
            if between is not None and not gap:
                middle = self._node(number, between)
                gap = middle is None or self._misses(number, before, middle, after)
        return (
            counts[Disruption.REBOOT],
            counts[Disruption.DRAIN],
            counts[Disruption.RESTART],
            conflicts,
            int(gap),
        )

    def _misses(self, number: int, before: _Node, middle: _Node, after: _Node) -> bool:
        """Whether something that nodes have before and after is missing in between."""
        base = self._base[number]

        def mirrors(node: _Node, scope: str) -> set[tuple[str, str]] | None:
            entry = node.delta.get(scope, base.get(scope))
            return None if entry is None else {(mirror.location, mirror.pull_from_mirror) for mirror in entry.mirrors}

        for scope in before.delta.keys() | middle.delta.keys() | after.delta.keys():
            had, has, between = mirrors(before, scope), mirrors(after, scope), mirrors(middle, scope)
            if had is not None and has is not None and (between is None or (had & has) - between):
                return True
        return False

    def _removed_first(self, old: State, new: State) -> State | None:
        """The state in which only what a commit removes is done, where it adds something too."""
        removing = [
            change.removes and before != after for before, after, change in zip(old, new, self.changes.all, strict=True)
        ]
        if not any(removing) or sum(removing) == sum(before != after for before, after in zip(old, new, strict=True)):
            return None
        return tuple(after if removes else before for before, after, removes in zip(old, new, removing, strict=True))

    def total(self, states: Sequence[State]) -> _Total | None:
        """What a sequence of states costs, the smaller the better; None where a step cannot be made."""
        total: _Total = (0,) * _WIDTH
        for old, new in pairwise(states):
            step = self._extended(old, new)
            if step is None:
                return None
            total = _sum(total, step)
        return total

    def _extended(self, old: State, new: State) -> _Total | None:
        cost = self.cost(old, new)
        if cost is None:
            return None
        drains = cost[0] + cost[1] > 0
        late = sum(
            change.adds and not change.removes and level == OLD
            for level, change in zip(old, self.changes.all, strict=True)
        )
        early = sum(change.removes and level == NEW for level, change in zip(new, self.changes.all, strict=True))
        left = sum(level == OLD for level in old)
        return (*cost, late if drains else 0, 1, early if new != self.changes.last else 0, left)

    # --- Searching -------------------------------------------------------------------

    def plan(self) -> Plan:
        """The best sequence."""
        first, last = self.changes.first, self.changes.last
        if not self.changes.files:
            return Plan()
        if refusals := tuple(self._refusals()):
            return Plan(refusals=refusals)
        exact = True
        states = [first, last]
        if first == last:  # nothing of it concerns a cluster
            once = tuple(self._at_once())
            cost = tuple((name, comparison.disruption) for name, comparison in once)
            return Plan(steps=(PlanStep(state=last, moved=(), costs=cost),), at_once=once)
        if self.cost(first, last) not in {_FREE, None}:
            exact = len(self.changes.all) <= MOST_EXACT
            states = self._exactly() if exact else self._greedily()
        steps = tuple(self._step(old, new) for old, new in pairwise(states))
        waves, costs, prune_last = self._waves(states)
        return Plan(
            steps=steps,
            at_once=tuple(self._at_once()),
            exact=exact,
            waves=waves,
            prune_last=prune_last,
            wave_costs=costs,
        )

    def _refusals(self) -> Iterator[tuple[str, Diagnostic]]:
        """Why the new state is refused by a controller or, in what the change brings, by the API server."""
        for number, cluster in enumerate(self._clusters):
            known = {(each.rule, each.message) for parsed in cluster.old.parsed for each in parsed.diagnostics}
            for parsed in (cluster.shown or (cluster.old, cluster.new))[1].parsed:
                for each in parsed.diagnostics:
                    is_error = each.severity is Severity.ERROR and not rules.RULES[each.rule].adjustable
                    if is_error and (each.rule, each.message) not in known:
                        yield cluster.name, each
            for refusal in self.analysis(number, self.changes.last).refusals:
                yield cluster.name, refusal

    def _exactly(self) -> list[State]:
        """Try every sequence, of what the changes can have an effect on; what comes of it is true of all of it."""
        sides = [side for cluster in self._clusters for side in (cluster.old, cluster.new)]
        repositories = [cluster.settings.release_repository for cluster in self._clusters]
        narrowing = Narrowing(sides, self.changes, repositories)
        is_built = any(cluster.rebuild is not None for cluster in self._clusters)
        if (narrowing.leaves_out or is_built or len(self._clusters) > 1) and not any(
            self.analysis(number, self.changes.first).refused for number in range(len(self._clusters))
        ):
            clusters = [
                replace(each, old=narrowing.of(each.old), new=narrowing.of(each.new)) for each in self._clusters
            ]
            groups = list(_alike(clusters))
            weights = [sum(self._weights[number] for number in each) for each in groups]
            small = Planner([clusters[each[0]] for each in groups], self.changes, narrowing, weights)
            small._builds = self._builds
            states = small._search()
            if self.total(states) == small.total(states):
                return states
        return self._search()

    def _search(self) -> list[State]:
        """Try every sequence, the cheapest ones first."""
        first, last = self.changes.first, self.changes.last
        levels = [change.levels for change in self.changes.all]
        best: dict[State, _Total] = {first: (0,) * _WIDTH}
        came: dict[State, State] = {}
        queue: list[tuple[_Total, State]] = [(best[first], first)]
        done: set[State] = set()
        while queue:
            total, state = heappop(queue)
            if state in done:
                continue
            done.add(state)
            if state == last:
                break
            choices = [[level for level in each if level >= at] for each, at in zip(levels, state, strict=True)]
            for following in product(*choices):
                if following == state or following in done:
                    continue
                step = self._extended(state, following)
                if step is None:
                    continue
                reached = _sum(total, step)
                if following not in best or reached < best[following]:
                    best[following] = reached
                    came[following] = state
                    heappush(queue, (reached, following))
        states = [last]
        while states[-1] != first:
            states.append(came[states[-1]])
        return states[::-1]

    def _greedily(self) -> list[State]:
        """Additions that are safe first, what decides about disruption before or after it all, then the rest."""
        first, last = self.changes.first, self.changes.last
        candidates = [[first, last]]
        deciding = [
            number
            for number, change in enumerate(self.changes.all)
            if change.kind in {"MachineConfiguration", "ConfigMap"}
        ]
        starts = [(first, last)]
        if deciding:
            starts.append((_with(first, deciding, NEW), last))
            starts.append((first, _with(last, deciding, OLD)))
        for begin, end in starts:
            for middle in self._middles(begin, end):
                states = [first, begin, *middle, end, last]
                candidates.append([state for at, state in enumerate(states) if at == 0 or state != states[at - 1]])
        found = [(total, states) for states in candidates if (total := self.total(states)) is not None]
        return min(found)[1] if found else [first, last]

    def _middles(self, begin: State, end: State) -> Iterator[list[State]]:
        """Sequences of states between two."""
        yield []
        adding = [
            number
            for number, change in enumerate(self.changes.all)
            if change.adds and not change.removes and begin[number] != end[number]
        ]
        for level in (KEPT, NEW):
            added = self._safe(begin, adding, level)
            kept = _with(end, [n for n, each in enumerate(self.changes.all) if each.removes and end[n] == NEW], OLD)
            kept = tuple(max(one, other) for one, other in zip(kept, added, strict=True))
            yield [added]
            yield [kept]
            yield [added, kept]

    def _safe(self, begin: State, adding: Sequence[int], level: int) -> State:
        """The state with those additions that disrupt nothing; they are narrowed down by what the verdicts name."""
        left = list(adding)
        for _ in range(_ROUNDS):
            state = self._at(begin, left, level)
            cost = self.cost(begin, state) if left else None
            if not left or (cost is not None and cost[:4] == (0, 0, 0, 0)):
                return state
            guilty = self._guilty(begin, state, left)
            left = [number for number in left if number not in guilty]
        return begin

    def _at(self, begin: State, chosen: Iterable[int], level: int) -> State:
        state = list(begin)
        for number in chosen:
            levels = self.changes.all[number].levels
            state[number] = level if level in levels else NEW
        return tuple(state)

    def _guilty(self, begin: State, state: State, left: Sequence[int]) -> set[int]:
        """The changes that a disruption, a refusal or a contradiction comes from, as far as that can be seen."""
        scopes: set[str] = set()
        for number in range(len(self._clusters)):
            before, after = self._node(number, begin), self._node(number, state)
            if before is None or after is None:
                refused = self.analysis(number, state).refusals
                scopes |= {part for each in refused for part in each.message.split("`")[1::2]}
                continue
            scopes |= {source for _, source in after.conflicts}
            try:
                verdict = judge(before.files, after.files, after.policy)
            except UpdateFailsError:
                continue
            scopes |= {each.scope for each in verdict.reasons if each.disruption > Disruption.RELOAD}
        found = {number for number in left if self._sources(number) & scopes}
        if found:
            return found
        coarse = {number for number in left if not self.changes.all[number].source}
        if coarse and len(coarse) < len(left):
            return coarse
        return set(left[len(left) // 2 :]) if len(left) > 1 else set(left)

    def _sources(self, number: int) -> set[str]:
        change = self.changes.all[number]
        return {change.source, *change.sources} - {""}

    # --- Telling ---------------------------------------------------------------------

    def _step(self, old: State, new: State) -> PlanStep:
        moved = tuple(
            Moved(index=index, origin=before, level=after)
            for index, (before, after) in enumerate(zip(old, new, strict=True))
            if before != after
        )
        return PlanStep(state=new, moved=moved, costs=tuple(self._costs(old, new)))

    def _costs(self, old: State, new: State) -> Iterator[tuple[str, Disruption]]:
        for number, cluster in enumerate(self._clusters):
            before, after = self._node(number, old), self._node(number, new)
            found = self._disruption(number, before, after) if before is not None and after is not None else None
            if found is None:
                raise AssertionError("a step can be made")
            yield from ((name, found) for name in cluster.names)

    def _at_once(self) -> Iterator[tuple[str, Comparison]]:
        for cluster in self._clusters:
            old, new = cluster.shown or (cluster.old, cluster.new)
            comparison = compare(
                old,
                new,
                cluster.settings,
                cluster.earlier(),
                given=cluster.given,
                memo=self._memo,
                nodes_only=True,
            )
            yield from ((name, comparison) for name in cluster.names)

    def _waves(self, states: Sequence[State]) -> tuple[tuple[State, ...], tuple[Disruption, ...], bool]:
        """The states after each sync wave, where each object is applied once and deleted objects are pruned last.

        Also what each costs, and whether the last one is the pruning. Where waves cost more than one wave with
        everything, there is that one.
        """
        changes, first, last = self.changes.all, self.changes.first, self.changes.last
        best = self.total([first, last])
        at_once = (last,), (self._step(first, last).disruption,) if best is not None else (), False
        if not all(change.places for change in changes):  # which objects a file changes is not known
            return at_once
        ends: dict[object, int] = {}  # by object, or by file where that changes as one: the last step that changes it
        for number, (old, new) in enumerate(pairwise(states)):
            for change, before, after in zip(changes, old, new, strict=True):
                if before != after:
                    ends.update(dict.fromkeys(change.places or change.paths, number))
        wave_of = [max(ends[place] for place in change.places or change.paths) for change in changes]
        pruned = [change.verb is EditVerb.DELETE for change in changes]
        sequence = [first]
        for wave in range(len(states) - 1):
            state = tuple(NEW if not gone and own <= wave else OLD for gone, own in zip(pruned, wave_of, strict=True))
            if state != sequence[-1]:
                sequence.append(state)
        prunes = sequence[-1] != last
        for waves in (sequence, [first, sequence[-1]]):
            whole = [*waves, last] if prunes else waves
            total = self.total(whole)
            if total is not None and len(whole) > 2 and (best is None or total[:3] <= best[:3]):
                costs = (self._step(old, new).disruption for old, new in pairwise(whole))
                return tuple(whole[1:]), tuple(costs), prunes
        return at_once


def _alike(clusters: Sequence[Sides]) -> Iterator[list[int]]:
    """The numbers of clusters that read the same and make the same of it, in groups; what is built is built by each."""
    groups: list[list[int]] = []
    for number, cluster in enumerate(clusters):
        for group in groups:
            if _are_alike(clusters[group[0]], cluster):
                group.append(number)
                break
        else:
            groups.append([number])
    yield from groups


def _are_alike(one: Sides, other: Sides) -> bool:
    if one.rebuild is not None or other.rebuild is not None or one.given != other.given:
        return False
    if one.settings != other.settings:
        return False
    pairs = ((one.old, other.old), (one.new, other.new))
    return all(list(map(id, a.parsed)) == list(map(id, b.parsed)) and a.problems == b.problems for a, b in pairs)


_WIDTH = len(_FREE) + 4


def _sum(one: _Total, other: _Total) -> _Total:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _with(state: State, numbers: Iterable[int], level: int) -> State:
    chosen = set(numbers)
    return tuple(level if number in chosen else at for number, at in enumerate(state))
