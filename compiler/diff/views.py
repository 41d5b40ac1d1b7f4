"""A side as the cluster would treat it: what nodes really have, whatever the side asks for.

In: a side of a comparison and the settings of a cluster. Out: what nodes have by pool, and what a reader has to know
about it. An object that the API server refuses stays unchanged; where the controller refuses the whole, nodes keep
the files they have.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.diff.sides import ANY_POOL, Artifacts, Manifests, NodeState, Side, states_of, together
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.manifests.kinds import Manifest
from compiler.manifests.parsing import Parsed
from compiler.node.files import (
    POLICY_JSON,
    REGISTRIES_CONF,
    SEARCH_CONF,
    namespace_policy,
)
from compiler.node.model import BASE
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.flavours import flavour_of
from compiler.policy.settings import CONTROLLER, DROP_IN, Settings
from compiler.text.wording import some_of


class IncomparableError(ValueError):
    """The two sides have nothing to compare; `help` says what to do."""

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a reader has to know to read the rest right, and what to do about it."""

    text: str
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A side as compared.

    `states` has what nodes have by pool, or under `ANY_POOL` for whichever. Where a side is compiled, `analysis` is
    what it asks for and `standing` the analysis of what nodes have. `kept` are kind and name of the objects that cannot
    be applied.
    """

    label: str
    states: Mapping[str, NodeState]
    analysis: Analysis | None = None
    standing: Analysis | None = None
    kept: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def refusals(self) -> tuple[Diagnostic, ...]:
        """Why the controller refuses the whole, if it does."""
        return self.analysis.refusals if self.analysis is not None else ()

    def state(self, pool: str) -> NodeState:
        """What the nodes of a pool have."""
        return self.states[pool] if pool in self.states else self.states[ANY_POOL]


def old_view(
    side: Side,
    settings: Settings,
    earlier: Iterable[Manifests],
    *,
    with_bytes: bool,
    whole: bool = False,
    memo: Forgetful = FORGETFUL,
) -> View:
    """What nodes have before the change.

    Args:
        side: The old side.
        settings: Of the cluster.
        earlier: States before it, newest first; the first that the controller takes counts if it refuses `side`.
        with_bytes: Whether the bytes of registries.conf are compared.
        whole: Whether both sides are MachineConfigs, and all that they make of nodes is compared.
        memo: Spares what sides and clusters share from being made again.

    Raises:
        ConfFileError: What is compared cannot be read.
    """
    if isinstance(side, Artifacts):
        return _made(side, whole=whole)
    analysis = standing = analyse(side.parsed, settings, side.problems, memo=memo)
    notes: tuple[Note, ...] = ()
    if analysis.refused:
        standing, note = _standing_before(side, analysis, settings, earlier, memo)
        notes = (note,)
    return View(
        label=side.label,
        states=states_of(standing, settings, with_bytes=with_bytes, memo=memo),
        analysis=analysis,
        standing=standing,
        notes=notes,
    )


def _standing_before(
    side: Manifests, analysis: Analysis, settings: Settings, earlier: Iterable[Manifests], memo: Forgetful
) -> tuple[Analysis, Note]:
    """What nodes still have under a side that the controller refuses; what it asks for where that is not known."""
    refused = f"The controller refuses {side.label} as a whole: "
    for former in earlier:
        standing = analyse(former.parsed, settings, former.problems, memo=memo)
        if not standing.refused:
            return standing, Note(
                text=f"{refused}nodes still have the files of {former.label}, so the comparison uses these."
            )
    return analysis, Note(
        text=f"{refused}nodes have the files of an earlier state, which is unknown. The comparison uses the files "
        f"that {side.label} would have produced.",
        help="Give the files of the nodes as OLD: `oc get machineconfig 99-worker-generated-registries -o yaml`.",
    )


def new_view(
    side: Side,
    old_side: Side,
    old: View,
    settings: Settings,
    *,
    with_bytes: bool,
    whole: bool = False,
    prune: bool = True,
    memo: Forgetful = FORGETFUL,
) -> View:
    """What nodes have after the change, which may be what they had before.

    Args:
        side: The new side.
        old_side: The old side.
        old: What nodes have before the change.
        settings: Of the cluster.
        with_bytes: Whether the bytes of registries.conf are compared.
        whole: Whether both sides are MachineConfigs, and all that they make of nodes is compared.
        prune: Whether objects that the new side lacks are deleted.
        memo: Spares what sides and clusters share from being made again.

    Raises:
        ConfFileError: What is compared cannot be read.
    """
    if isinstance(side, Artifacts):
        return _made(side, whole=whole)
    parsed = side.parsed
    kept: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    if isinstance(old_side, Manifests):
        kept, staying = _kept(old_side.parsed, parsed)
        if staying:
            parsed = (*parsed, *staying)
            notes = (_kept_note(staying),)
        if not prune:
            parsed = (*parsed, *_left_alone(old_side.parsed, parsed))
    analysis = analyse(parsed, settings, side.problems, memo=memo)
    standing: Analysis | None = analysis
    if not analysis.refused:
        states: Mapping[str, NodeState] = states_of(analysis, settings, with_bytes=with_bytes, memo=memo)
    else:
        states, standing = old.states, old.standing
        note = Note(
            text=f"The controller refuses {side.label} as a whole: nodes keep the files they have, so nothing changes "
            "for them now, and the machine-config operator degrades.",
            help="Fix the refused manifests before you merge: until then no later change reaches the nodes either.",
        )
        notes = (*notes, note)
    return View(label=side.label, states=states, analysis=analysis, standing=standing, kept=kept, notes=notes)


def _made(side: Artifacts, *, whole: bool) -> View:
    problem = side.node_problem if whole else side.problem
    if problem is not None:
        raise problem
    pools = side.nodes if whole else side.pools
    notes = dict.fromkeys(
        Note(
            text=f"CRI-O does not load the configuration of {side.label}: {state.flaw}.",
            help="Nodes with this file cannot pull. Fix it before it reaches them.",
        )
        for state in pools.values()
        if state.flaw
    )
    return View(label=side.label, states=pools, notes=tuple(notes))


def _kept(old: Sequence[Parsed], new: Sequence[Parsed]) -> tuple[tuple[tuple[str, str], ...], list[Parsed]]:
    """What stays in the cluster since the new side cannot be applied in its place.

    Returns:
        Kind and name of the objects that the API server refuses, and the old manifests that stay, by file.
    """
    refused = {identity: None for parsed in new for identity in parsed.refused if identity[1]}
    broken = {
        parsed.file.path
        for parsed in new
        if any(finding.rule == rules.INVALID_YAML.name for finding in parsed.diagnostics)
    }
    if not refused and not broken:
        return (), []
    applied = {_identity(manifest) for parsed in new for manifest in parsed.manifests}
    staying = []
    for parsed in old:
        stays = tuple(
            manifest
            for manifest in parsed.manifests
            if _identity(manifest) not in applied and (parsed.file.path in broken or _identity(manifest) in refused)
        )
        if stays:
            staying.append(Parsed(file=parsed.file, manifests=stays))
    kept = [_identity(manifest) for parsed in staying for manifest in parsed.manifests]
    before = {identity for parsed in old for identity in parsed.refused}  # what was refused already is not a news
    names = dict.fromkeys((*(identity for identity in refused if identity not in before), *kept))
    return tuple(name for name in names if name not in applied), staying


def _left_alone(old: Iterable[Parsed], new: Iterable[Parsed]) -> Iterator[Parsed]:
    """The old manifests of objects that the new side says nothing of, by file."""
    applied = {_identity(manifest) for parsed in new for manifest in parsed.manifests}
    for parsed in old:
        stays = tuple(manifest for manifest in parsed.manifests if _identity(manifest) not in applied)
        if stays:
            yield Parsed(file=parsed.file, manifests=stays)


def _identity(manifest: Manifest) -> tuple[str, str]:
    return (manifest.kind, manifest.name.value)


def _kept_note(staying: Iterable[Parsed]) -> Note:
    names = [f"{manifest.kind} `{manifest.name.value}`" for parsed in staying for manifest in parsed.manifests]
    shown = some_of(names, 3)
    return Note(
        text=f"Some objects of the new side cannot be applied: the cluster keeps the old {shown}.",
        help="Fix the findings: until then the apply fails, and this report does not describe the cluster.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the nodes of a pool have before and after."""

    old: NodeState
    new: NodeState


def compares_nodes(old: Side, new: Side) -> bool:
    """Whether both sides are MachineConfigs, both of whole nodes or both not, so that all they make can be compared."""
    return (
        isinstance(old, Artifacts)
        and isinstance(new, Artifacts)
        and all(side.nodes or side.node_problem is not None for side in (old, new))
        and old.rendered is new.rendered
    )


def pairs(old_side: Side, new_side: Side, old: View, new: View, settings: Settings) -> dict[str, Pair]:
    """What is compared, by pool: of each only the files that both sides can speak of.

    Pools whose nodes have the same share one pair.

    Raises:
        IncomparableError: The sides are of different pools.
    """
    paths = None if compares_nodes(old_side, new_side) else comparable_paths(old_side, new_side, settings)
    known: dict[tuple[int, int], Pair] = {}
    found = {}
    for pool in _pools(old, new, settings):
        before, after = old.state(pool), new.state(pool)
        key = (id(before), id(after))
        if key not in known:
            narrowed = _narrowed(before, paths)
            known[key] = Pair(old=narrowed, new=narrowed if after is before else _narrowed(after, paths))
        found[pool] = known[key]
    return found


def flavoured(settings: Settings, old: Side, new: Side) -> Settings:
    """The settings with the flavour of MachineConfig, and its number, that a side was made with."""
    made = [side for side in (old, new) if isinstance(side, Artifacts)]
    if any(side.paths is not None and REGISTRIES_CONF in side.paths for side in made):
        return replace(settings, machine_config=CONTROLLER)
    drop_in = next((side.drop_in for side in made if side.drop_in), "")
    if not drop_in:
        return settings
    number = posixpath.basename(drop_in).partition("-")[0]
    return replace(settings, machine_config=DROP_IN, name=f"{number}-{{pool}}-mirrors")


def comparable_paths(old: Side, new: Side, settings: Settings) -> frozenset[str] | None:
    """The files on nodes that both sides can speak of; None for all there are.

    Manifests make none but those of their flavour: on others that a made side has they have no say.
    """
    paths: frozenset[str] | None = None
    for side, other in ((old, new), (new, old)):
        if isinstance(side, Artifacts):
            known = side.paths
        elif isinstance(other, Artifacts):
            known = flavour_of(settings).paths(settings)
        else:
            known = None
        if known is not None:
            paths = known if paths is None else paths & known
    return paths


def left_out(side: Artifacts, other: Side, settings: Settings) -> list[str]:
    """The files of a made side that are not compared, since the other cannot speak of them."""
    paths = comparable_paths(side, other, settings)
    held = {path for state in side.pools.values() for path in state.files.files}
    return [] if paths is None else sorted(path for path in held if not _is_among(path, paths))


def _is_among(path: str, paths: frozenset[str]) -> bool:
    return path in paths or posixpath.dirname(path) in paths


def _pools(old: View, new: View, settings: Settings) -> list[str]:
    told = [set(view.states) for view in (old, new) if ANY_POOL not in view.states]
    if not told:
        return list(settings.pools)
    common = set.intersection(*told)
    if not common:
        first, second = (", ".join(sorted(pools)) for pools in told)
        message = f"{old.label} is for the pool {first}, {new.label} for {second}"
        raise IncomparableError(message, "Give the MachineConfigs of one pool.")
    # The user's order first, then the rest by name.
    return [*(pool for pool in settings.pools if pool in common), *sorted(common.difference(settings.pools))]


def _narrowed(state: NodeState, paths: frozenset[str] | None) -> NodeState:
    """The state with only those of its files that are compared."""
    if paths is None:
        return state
    files = replace(
        state.files,
        registries=state.files.registries if REGISTRIES_CONF in paths else None,
        files={path: content for path, content in state.files.files.items() if _is_among(path, paths)},
    )
    signatures = {
        namespace: policy
        for namespace, policy in state.signatures.items()
        if _is_among(namespace_policy(namespace) if namespace else POLICY_JSON, paths)
    }
    if state.confs:
        confs = {path: conf for path, conf in state.confs.items() if path in paths}
        return replace(state, files=files, signatures=signatures, pulls=together(confs), confs=confs)
    pulls = state.pulls
    if SEARCH_CONF not in paths:
        own = files.registries
        pulls = replace(pulls, search=own.search if own is not None else BASE.search)
    return replace(state, files=files, signatures=signatures, pulls=pulls)
