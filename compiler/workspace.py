"""What a run has before it: clusters with the files that were read of them, as they are or with other texts in some.

In: clusters and what was loaded of each. Out: everything there is to say about them, and what the safe fixes make of
their files. Nothing is read or written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from compiler.cluster import STANDARD_INPUT, Cluster
from compiler.fixes import Mended, mend
from compiler.inspection import Inspection, inspect
from compiler.load import Loaded
from compiler.memo import FORGETFUL, Memo
from compiler.parsing import Parsed, parse
from compiler.pipeline import analyse
from compiler.span import File

_AS_READ: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Clusters, and what was loaded of each in the same order."""

    clusters: Sequence[Cluster]
    loaded: Sequence[Loaded]

    @property
    def paths(self) -> tuple[str, ...]:
        """What leads to the files on disk, each once."""
        paths = dict.fromkeys(path for cluster in self.clusters for path in cluster.paths)
        return tuple(path for path in paths if path != STANDARD_INPUT)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that hold manifests or what looks like one, each once."""
        parsed = (each for loaded in self.loaded for each in loaded.parsed)
        return tuple(sorted({each.file.path for each in parsed if each.manifests or each.diagnostics}))

    def inspect(self, texts: Mapping[str, str] = _AS_READ) -> Inspection:
        """Everything there is to say if the files at these paths hold these texts."""
        memo = Memo() if len(self.clusters) > 1 else FORGETFUL
        again: dict[tuple[str, str], Parsed] = {}
        analyses = {}
        for cluster, loaded in zip(self.clusters, self.loaded, strict=True):
            settings = cluster.settings
            parsed = list(loaded.parsed)
            for index, each in enumerate(parsed):
                path = each.file.path
                if path in texts:
                    key = (path, settings.release.name)
                    if key not in again:
                        again[key] = parse(File(path, texts[path]), settings.release)
                    parsed[index] = again[key]
            analyses[cluster.name] = (analyse(parsed, settings, loaded.problems, memo=memo), settings)
        return inspect(analyses)

    def mend(self, inspection: Inspection) -> Mended:
        """What the safe fixes make of the files."""
        return mend(inspection.diagnostics, lambda texts: self.inspect(texts).diagnostics)
