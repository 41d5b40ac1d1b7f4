"""The two sides of a comparison: what was read of each, and what nodes would have by it.

In: parsed manifests with the settings of a cluster, or files as nodes have them. Out: for every pool the files that a
change is about, and the registries model that pulls go by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from compiler.diff.disruption import NodeFiles
from compiler.diff.signatures import Policies
from compiler.findings.diagnostics import Diagnostic
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.manifests.parsing import Parsed
from compiler.node.admission import Admission
from compiler.node.configuration import overlay
from compiler.node.files import POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF
from compiler.node.model import BASE, RegistriesConf
from compiler.node.registries_conf import ConfFileError
from compiler.policy.analysis import Analysis
from compiler.policy.flavours import flavour_of
from compiler.policy.requirements import admission_of, signature_policy
from compiler.policy.settings import Settings
from compiler.repository.paths import Problem
from compiler.text.span import Span

ANY_POOL = ""
"""Means the pool of files that say of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """What the nodes of a pool have: `files`, what their policy.json accepts, and what all of them make pulls do.

    `signatures` are those that pulls need, by the policy.json of the node and of namespaces.
    `confs` are those of the files that say so, by path in the order in which a node reads them, where they were read
    and not compiled. `flaw` says why CRI-O would not load them, if it would not.
    """

    files: NodeFiles
    admission: Admission = field(default_factory=lambda: Admission({}, {}), compare=False)  # made of the files
    signatures: Policies = field(default_factory=lambda: MappingProxyType({}), compare=False)  # made of the files
    pulls: RegistriesConf = BASE
    confs: Mapping[str, RegistriesConf] = field(default_factory=lambda: MappingProxyType({}))
    flaw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """A side that has to be compiled: a revision, a working tree, a folder, a file of objects.

    `label` is what reports call it. `absent` are paths asked for that it does not have, `skipped` links that were
    left alone. `misconfigured` says that it has its own configuration which cannot be read, so that today's counts.
    `texts` are what ConfigMaps of NodePools contain, word by word. `searched` are files that no cluster reads as
    manifests, that contain policy, and that the other side does not have with the same content. `built_from` are
    the files that the cluster's kustomization includes.
    """

    label: str
    parsed: tuple[Parsed, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    absent: tuple[str, ...] = ()
    skipped: tuple[Problem, ...] = ()
    misconfigured: bool = False
    searched: tuple[Parsed, ...] = ()
    texts: tuple[str, ...] = ()
    built_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """A side that is made already: a registries.conf, MachineConfigs, what a build wrote.

    `pools` has what nodes have by pool, or under `ANY_POOL` where the files do not say for which pool they are. `paths`
    are the files it can speak of, None for all that say where images come from. `drop_in` is the one that contains its
    mirrors, where that is how they are brought to nodes; else empty. `nodes` has, where the side is MachineConfigs, all
    that they make of nodes by pool, files of every kind; `rendered` says that these are whole nodes. A problem is in
    for what cannot be read of the one or the other. `beside` are the objects beside the MachineConfigs that may say how
    a change reaches the nodes.
    """

    label: str
    pools: Mapping[str, NodeState] = field(default_factory=lambda: MappingProxyType({}))
    paths: frozenset[str] | None = None
    drop_in: str = ""
    nodes: Mapping[str, NodeState] = field(default_factory=lambda: MappingProxyType({}))
    rendered: bool = False
    problem: ConfFileError | None = None
    node_problem: ConfFileError | None = None
    beside: tuple[Parsed, ...] = ()


Side = Manifests | Artifacts


def together(confs: Mapping[str, RegistriesConf]) -> RegistriesConf:
    """What a node pulls by, given its registries.conf and drop-ins by path, in the order in which it reads them."""
    conf = overlay(confs.values())
    # Without one of its own a node has the operating system's.
    return conf if conf.search or REGISTRIES_CONF in confs else replace(conf, search=BASE.search)


def state_of(analysis: Analysis, settings: Settings, *, with_bytes: bool, memo: Forgetful = FORGETFUL) -> NodeState:
    """What nodes have by an analysis that the controller does not refuse.

    Args:
        analysis: What the cluster makes of its manifests.
        settings: Of the cluster.
        with_bytes: Render registries.conf too. Between two analyses under one release its model is sufficient.
        memo: Spares what sides and clusters share from being rendered again.
    """
    user = next(iter(analysis.user_files), None)
    if user is not None:
        analysis = replace(analysis, conf=user.main)
    flavour = flavour_of(settings)
    if not flavour.replaces_files:
        files = NodeFiles(files=flavour.carried(analysis, settings, memo))
        search, admission, signatures = BASE.search, Admission({}, {}), {}  # a drop-in carries none of it
    else:
        rendered = flavour.carried(analysis if with_bytes else replace(analysis, conf=None), settings, memo)
        files = NodeFiles(registries=analysis.conf, files=rendered, origins=_origins(analysis))
        search = analysis.search or BASE.search
        signatures = {
            namespace: signature_policy(analysis, namespace).requirements
            for namespace in ("", *analysis.signatures.namespaces)
        }
        admission = admission_of(analysis)
    entries = analysis.conf.entries if analysis.conf is not None else ()
    if user is not None:
        # With a registries.conf of users, that is compared by what it says, as the controller's own is.
        brought = {path: text.text.encode() for path, text in user.texts.items() if path != REGISTRIES_CONF}
        origins = files.origins if flavour.replaces_files else {}
        origins = {**origins, **{path: (text.span,) for path, text in user.texts.items() if path != REGISTRIES_CONF}}
        files = replace(files, registries=user.main, files={**files.files, **brought}, origins=origins)
        entries = user.conf.entries if user.conf is not None else ()
        search = user.search or BASE.search
    return NodeState(
        files=files,
        admission=admission,
        signatures=signatures,
        pulls=RegistriesConf(search=search, entries=entries),
    )


def states_of(
    analysis: Analysis, settings: Settings, *, with_bytes: bool, memo: Forgetful = FORGETFUL
) -> dict[str, NodeState]:
    """What nodes have by pool, where users bring files to some; else under `ANY_POOL`. Arguments are `state_of`'s."""
    if not analysis.user_files:
        return {ANY_POOL: state_of(analysis, settings, with_bytes=with_bytes, memo=memo)}
    made = {}
    for each in analysis.user_files:
        own = replace(analysis, user_files=(each,))
        made[each.pool] = state_of(own, settings, with_bytes=with_bytes, memo=memo)
    return made


def _origins(analysis: Analysis) -> dict[str, tuple[Span, ...]]:
    image = analysis.policy.image
    if image is None:
        return {}
    return {
        POLICY_JSON: tuple(scope.span for scope in (*(image.blocked or ()), *(image.allowed or ()))),
        SEARCH_CONF: tuple(scope.span for scope in image.search or ()),
    }
