"""From an analysis to bytes: the files on a node, and every artifact of a build.

In: an `Analysis` and the settings. Out: a `Compilation`: artifacts by their names below the output folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.findings.diagnostics import Diagnostic
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.node.files import short_path
from compiler.policy.analysis import Analysis
from compiler.policy.artifact_names import can_make
from compiler.policy.flavours import flavour_of
from compiler.policy.node_files import node_files
from compiler.policy.settings import Settings
from compiler.repository.pieces import Content, Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """The artifacts by their relative names, and every finding. There are artifacts only without errors."""

    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]
    analysis: Analysis = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return self.analysis.ok


def compile_analysis(analysis: Analysis, settings: Settings, *, memo: Forgetful = FORGETFUL) -> Compilation:
    """Render the artifacts of an analysis without errors."""
    files = artifacts(analysis, settings, memo=memo) if analysis.ok else {}
    return Compilation(files=files, diagnostics=analysis.diagnostics, analysis=analysis)


def artifacts(analysis: Analysis, settings: Settings, *, memo: Forgetful = FORGETFUL) -> Pieces:
    """Every artifact by its name below the output folder.

    The MachineConfigs of all pools share the piece with their files: a hundred take as much memory as one.
    """
    from compiler.policy import ignition, render

    flavour = flavour_of(settings)
    on_nodes = node_files(analysis, settings.release, memo=memo)
    beside = flavour.beside(analysis, settings, on_nodes, memo)
    files: dict[str, Content] = {short_path(path): (content,) for path, content in beside.items()}
    brought = on_nodes if flavour.replaces_files else flavour.carried(analysis, settings, memo)
    carried = render.machine_config_files(ignition.node_file(path, content) for path, content in brought.items())
    for pool in settings.pools:
        config = ignition.MachineConfig(
            name=flavour.object_name(settings).replace("{pool}", pool),
            pool=pool,
            ignition=settings.release.ignition,
        )
        files[f"machine-configs/{config.name}.yaml"] = (render.machine_config(config, flavour.comments, memo), carried)
    if not all(map(can_make, files)):
        raise AssertionError("a name that `can_make` does not know is never removed from an output folder")
    return Pieces(files)
