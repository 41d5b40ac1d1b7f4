"""The stages in order, pure: what files hold, what the cluster makes of it, and the artifacts.

In: parsed files and settings. Out: an `Analysis` (the models and every finding), and from it a `Compilation` (the
bytes). Nothing here reads, prints or exits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from compiler.findings import rules
from compiler.findings.allowances import Allowance, Allowed, sift
from compiler.findings.diagnostics import Diagnostic, Label, Severity, settle
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.manifests.parsing import Parsed
from compiler.names.releases import DEFAULT_RELEASE, RELEASES, Release
from compiler.node import model
from compiler.node.files import BASE_SEARCH, CONTAINERS, DROP_INS, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF
from compiler.node.model import RegistriesConf
from compiler.policy.assembly import Policy, assemble, refusals
from compiler.policy.guard import DEFAULT_RELEASE_IMAGE, Guarded, guard
from compiler.policy.precedence import Conflict, ListedOrder, Precedence, merge
from compiler.text.wording import joined, ticked

CONTROLLER = "controller"
DROP_IN = "drop-in"
DEFAULT_POOLS = ("master", "worker")
_PREDICTION: tuple[str, ...] = (
    "A prediction of what the cluster's own controller generates, made by mirrorc.",
    "Not to be applied: the controller owns this object.",
)
_APPLICABLE: tuple[str, ...] = ("Made by mirrorc, to be applied where no mirror object is.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user chooses for one cluster.

    `name` is what the MachineConfigs of the `drop-in` flavour are called, with `{pool}` where the pool's name goes.
    """

    release: Release = RELEASES[DEFAULT_RELEASE]
    pools: tuple[str, ...] = DEFAULT_POOLS
    release_image: str = DEFAULT_RELEASE_IMAGE
    severities: Mapping[str, Severity] = field(default_factory=dict)
    machine_config: str = CONTROLLER
    name: str = "99-{pool}-mirrors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What the cluster makes of the manifests, as far as it makes anything.

    `conf` is the registries model, None where the cluster writes no model.conf. `refusals` are why the
    controller would refuse the whole: then nodes keep the files they have, and the models here are of no cluster.
    """

    policy: Policy
    digest: tuple[Precedence, ...] = ()
    tag: tuple[Precedence, ...] = ()
    guarded: Guarded
    conf: RegistriesConf | None = None
    search: tuple[str, ...] = ()
    refusals: tuple[Diagnostic, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    allowed: tuple[Allowed, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the controller would refuse the whole."""
        return bool(self.refusals)

    @property
    def ok(self) -> bool:
        """Whether no error stands."""
        return not any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every order conflict, by source."""
        return tuple(
            conflict for merged in (self.digest, self.tag) for precedence in merged for conflict in precedence.conflicts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """The artifacts by their relative names, and every finding. There are artifacts only where no error stands."""

    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]
    analysis: Analysis = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether no error stands."""
        return self.analysis.ok


def analyse(
    parsed: Sequence[Parsed], settings: Settings, problems: Iterable[Diagnostic] = (), *, memo: Forgetful = FORGETFUL
) -> Analysis:
    """Go from manifests to the registries model.

    `problems` are findings of the reading, to be told with the rest. One `memo` for several clusters spares what they
    share from being merged again.
    """
    findings = [*problems, *(diagnostic for each in parsed for diagnostic in each.diagnostics)]
    policy, together = assemble(manifest for each in parsed for manifest in each.manifests)
    findings += together
    refusing = list(refusals(policy, settings.release))
    digest = merge(policy.digest_rules, memo)
    tag = merge(policy.tag_rules, memo)
    findings += (
        _order_conflict(precedence, conflict)
        for merged in (digest, tag)
        for precedence in merged
        for conflict in precedence.conflicts
    )
    guarded, guarding = guard(policy.image, digest, release_image=settings.release_image, release=settings.release)
    findings += (finding for finding in guarding if rules.RULES[finding.rule].adjustable)
    refusing += (finding for finding in guarding if not rules.RULES[finding.rule].adjustable)
    insecure = policy.image.insecure if policy.image else None
    conf = None
    if policy.mirror_sets or insecure is not None or guarded.blocked:
        entries, internal = model.build(digest, tag, blocked=guarded.blocked, insecure=insecure or (), memo=memo)
        refusing += internal
        conf = RegistriesConf(search=BASE_SEARCH, entries=entries)
    allowances = tuple(allowance for each in parsed for allowance in each.allowances)
    sifted = sift([*findings, *refusing], allowances)
    return Analysis(
        policy=policy,
        digest=digest,
        tag=tag,
        guarded=guarded,
        conf=conf,
        search=tuple(scope.value for scope in (policy.image.search if policy.image else None) or ()),
        refusals=tuple(refusing),
        diagnostics=settle(sifted.standing, settings.severities),
        allowances=allowances,
        allowed=sifted.allowed,
    )


def compile_analysis(analysis: Analysis, settings: Settings, *, memo: Forgetful = FORGETFUL) -> Compilation:
    """Render the artifacts of an analysis in which no error stands."""
    files = artifacts(analysis, settings, memo=memo) if analysis.ok else {}
    return Compilation(files=files, diagnostics=analysis.diagnostics, analysis=analysis)


def node_files(analysis: Analysis, release: Release, *, memo: Forgetful = FORGETFUL) -> dict[str, bytes]:
    """The files the controller puts on every node, by absolute path, in its order."""
    from compiler.policy import ignition, render

    files = {}
    if analysis.conf is not None:
        files[REGISTRIES_CONF] = render.registries_conf(analysis.conf, release, memo)
    policy = ignition.signature_policy(
        analysis.guarded.policy_blocked, analysis.guarded.allowed, atomic_filtered=release.policy_atomic_filtered
    )
    if policy is not None:
        files[POLICY_JSON] = render.policy_json(policy, indented=release.policy_indented)
    if analysis.search:
        files[SEARCH_CONF] = render.registries_conf(RegistriesConf(search=analysis.search), release)
    return files


def artifacts(analysis: Analysis, settings: Settings, *, memo: Forgetful = FORGETFUL) -> dict[str, bytes]:
    """Every artifact by its name below the output folder."""
    from compiler.policy import ignition, render

    on_nodes = node_files(analysis, settings.release, memo=memo)
    files = {path.removeprefix(CONTAINERS): content for path, content in on_nodes.items()}
    if settings.machine_config == DROP_IN:
        files.pop("registries.conf", None)
        path, content = drop_in(analysis, settings, memo)
        files[path.removeprefix(CONTAINERS)] = content
        carried: tuple[ignition.NodeFile, ...] = (ignition.node_file(path, content),)
        name, comments = settings.name, _APPLICABLE
    else:
        carried = tuple(ignition.node_file(path, content) for path, content in on_nodes.items())
        name, comments = "99-{pool}-generated-registries", _PREDICTION
    for pool in settings.pools:
        config = ignition.MachineConfig(
            name=name.replace("{pool}", pool), pool=pool, ignition=settings.release.ignition, files=carried
        )
        files[f"machine-configs/{config.name}.yaml"] = render.machine_config(config, comments)
    return files


def not_carried(files: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """Those of the artifacts that a node needs and MachineConfigs of the drop-in flavour do not bring to it.

    A policy.json of theirs would take the place of one that is there, and so would a search list: there is one of each
    on a node, while mirrors of several drop-ins add up.
    """
    if settings.machine_config != DROP_IN:
        return ()
    needed = (path.removeprefix(CONTAINERS) for path in (POLICY_JSON, SEARCH_CONF))
    return tuple(name for name in needed if name in files)


def drop_in(analysis: Analysis, settings: Settings, memo: Forgetful = FORGETFUL) -> tuple[str, bytes]:
    """The drop-in that a MachineConfig of that flavour carries: its absolute path and its content."""
    from compiler.policy import render

    return drop_in_path(settings), render.registries_drop_in(analysis.conf or RegistriesConf(), memo)


def drop_in_path(settings: Settings) -> str:
    """Where a MachineConfig of that flavour puts the drop-in."""
    return f"{DROP_INS}/{_number(settings.name)}-mirrors.conf"


def _number(name: str) -> str:
    """The drop-in sorts among its neighbours as the MachineConfig does among its own."""
    number = name.partition("-")[0]
    return number if number.isascii() and number.isdigit() else "99"


def _order_conflict(precedence: Precedence, conflict: Conflict) -> Diagnostic:
    first, *_ = conflict.steps
    return rules.ORDER_CONFLICT.at(
        first.first_span,
        f"the lists of `{conflict.source}` contradict each other about the order of {joined(ticked(conflict.mirrors))}",
        help="Give these mirrors one order in every list of this source. As it stands, the cluster would try "
        + ", then ".join(f"`{mirror}`" for mirror in precedence.order)
        + ".",
        labels=[Label(span=step.first_span, text=_before(step, conflict)) for step in conflict.steps],
    )


def _before(step: ListedOrder, conflict: Conflict) -> str:
    second = "the source itself" if step.second == conflict.source else f"`{step.second}`"
    return f"`{step.first}` before {second} here"
