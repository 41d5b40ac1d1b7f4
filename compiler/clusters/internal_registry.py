"""What in a repo uses the cluster's internal registry: builds, image streams, and images that name it.

In: clusters. Out: the first such place. The files are searched, not parsed; this is asked only where an allowed list
does not include that registry.
"""

import re
from collections.abc import Sequence

from compiler.checks.payload import INTERNAL_REGISTRY
from compiler.clusters.cluster import Cluster
from compiler.clusters.loading import searched_folder
from compiler.repository import files
from compiler.repository.discovery import discover_each
from compiler.repository.paths import STANDARD_INPUT
from compiler.text.span import File, Span

_USE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)*["']?kind["']?[ \t]*:[ \t]*["']?(BuildConfig|ImageStream|ImageStreamTag)["']?[ \t,]*\r?$"""
    rf"|({re.escape(INTERNAL_REGISTRY)})/",
    re.MULTILINE,
)
_SIGNS = (b"BuildConfig", b"ImageStream", INTERNAL_REGISTRY.encode())


def first_use(clusters: Sequence[Cluster]) -> Span | None:
    """Where the repo of some clusters uses the registry, in the first file by path that does."""
    paths = [path for cluster in clusters for path in cluster.paths if path != STANDARD_INPUT]
    roots = {place.value: cluster.root for cluster in clusters for place in cluster.places}
    if top := searched_folder(clusters):
        paths.append(top)
        roots.setdefault(top, clusters[0].root)
    tracked_only = any(cluster.tracked_only for cluster in clusters)
    (found,) = discover_each([list(dict.fromkeys(paths))], tracked_only=tracked_only, roots=roots)
    for candidate in sorted(found.candidates, key=lambda candidate: candidate.path):
        data = files.read(candidate)
        if isinstance(data, bytes) and any(sign in data for sign in _SIGNS):
            file = files.decode(candidate.path, data)
            if isinstance(file, File) and (match := _USE.search(file.text)):
                return Span(file, *match.span(match.lastindex or 0))
    return None
