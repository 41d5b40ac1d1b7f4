"""The two sides of a comparison: what was read of each, and what nodes would hold by it.

In: parsed manifests with the settings of a cluster, or files as nodes have them. Out: for every pool the files that a
change is about, and the registries model that pulls go by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from compiler.diagnostics import Diagnostic
from compiler.disruption import NodeFiles
from compiler.memo import FORGETFUL, Forgetful
from compiler.nodefiles import DROP_INS, POLICY_JSON, SEARCH_CONF
from compiler.parsing import Parsed
from compiler.pipeline import DROP_IN, Analysis, Settings, drop_in, node_files
from compiler.registries import BASE, RegistriesConf
from compiler.span import Span

ANY_POOL = ""
"""Stands for the pool of files that say of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """What the nodes of a pool hold: `files`, and what all of them together make pulls do.

    `flaw` says why CRI-O would not load them, if it would not.
    """

    files: NodeFiles
    pulls: RegistriesConf = BASE
    flaw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """A side that has to be compiled: a revision, a work tree, a folder, a file of objects.

    `label` is what reports call it. `absent` are paths asked for that it does not have.
    """

    label: str
    parsed: tuple[Parsed, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """A side that is made already: a registries.conf, MachineConfigs, what a build wrote.

    `pools` has what nodes hold by pool, or under `ANY_POOL` where the files do not say for which pool they are.
    `paths` are the files it can speak of, None for every file that mirror policy makes; `left_out` those of a
    MachineConfig that mirror policy never makes.
    """

    label: str
    pools: Mapping[str, NodeState] = field(default_factory=lambda: MappingProxyType({}))
    paths: frozenset[str] | None = None
    left_out: tuple[str, ...] = ()

    @property
    def drop_in(self) -> str:
        """The drop-in that holds its mirrors, where they are in one; else empty."""
        for state in self.pools.values():
            if state.files.registries is None:
                for path in sorted(state.files.files):
                    if path.startswith(f"{DROP_INS}/") and path != SEARCH_CONF:
                        return path
        return ""


Side = Manifests | Artifacts


def state_of(analysis: Analysis, settings: Settings, *, with_bytes: bool, memo: Forgetful = FORGETFUL) -> NodeState:
    """What nodes hold by an analysis that the controller does not refuse.

    Args:
        analysis: What the cluster makes of its manifests.
        settings: Of the cluster.
        with_bytes: Render registries.conf too. Between two analyses under one release its model tells as much.
        memo: Spares what sides and clusters share from being rendered again.
    """
    if settings.machine_config == DROP_IN:
        path, content = drop_in(analysis, settings, memo)
        files = NodeFiles(files={path: content})
    else:
        rendered = node_files(analysis if with_bytes else replace(analysis, conf=None), settings.release, memo=memo)
        files = NodeFiles(registries=analysis.conf, files=rendered, origins=_origins(analysis))
    entries = analysis.conf.entries if analysis.conf is not None else ()
    return NodeState(files=files, pulls=RegistriesConf(search=analysis.search or BASE.search, entries=entries))


def _origins(analysis: Analysis) -> dict[str, tuple[Span, ...]]:
    image = analysis.policy.image
    if image is None:
        return {}
    return {
        POLICY_JSON: tuple(scope.span for scope in (*(image.blocked or ()), *(image.allowed or ()))),
        SEARCH_CONF: tuple(scope.span for scope in image.search or ()),
    }
