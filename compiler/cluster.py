"""One cluster: which manifests are its, what was chosen for it, and where its artifacts go."""

from dataclasses import dataclass, field

from compiler.load import Loaded, Progress, load, load_bytes
from compiler.pipeline import Settings

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster's inputs and settings; the only one of a repo without configuration has no name."""

    name: str = ""
    paths: tuple[str, ...] = (".",)
    output: str = "rendered"
    tracked_only: bool = False
    settings: Settings = field(default_factory=Settings)


def load_cluster(cluster: Cluster, *, standard_input: bytes = b"", progress: Progress | None = None) -> Loaded:
    """Read and parse a cluster's manifests, from standard input too where a path is `-`."""
    release = cluster.settings.release
    paths = [path for path in cluster.paths if path != STANDARD_INPUT]
    loaded = load(paths, release, tracked_only=cluster.tracked_only, progress=progress) if paths else Loaded()
    if STANDARD_INPUT not in cluster.paths:
        return loaded
    piped = load_bytes("<stdin>", standard_input, release)
    return Loaded(parsed=(*loaded.parsed, *piped.parsed), problems=(*loaded.problems, *piped.problems))
