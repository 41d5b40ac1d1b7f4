"""Every image that a repo names, once, with its status in each cluster.

In: the places that name images, and a judge for each set of clusters that have the same files on their nodes. Out:
surveyed images, those in trouble first.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import NamedTuple

from compiler.explain.explanation import Explainer
from compiler.explain.judge import Judge, Standing, Status
from compiler.images.references import ImageReference
from compiler.machine.processes import spread

Clusters = tuple[str, ...]


Judges = Sequence[tuple[Clusters, Judge]]


Standings = tuple[tuple[Clusters, Standing], ...]
"""The status of an image by clusters, the worst first.

Clusters that agree come together, by their names; the only one of a repo without configuration has none.
"""


_FEWEST_FOR_HELP = 10_000
"""Pull specs worth their own process."""


class SurveyedImage(NamedTuple):
    """One pull spec, every place that names it, and its status.

    A tuple, since there may be a hundred thousand.
    """

    text: str
    uses: tuple[ImageReference, ...]
    standings: Standings

    @property
    def status(self) -> Status:
        """Its worst status."""
        return self.standings[0][1].status


def count(images: Iterable[SurveyedImage]) -> Counter[Status]:
    """How many of the images have which status."""
    return Counter([standings[0][1].status for _, _, standings in images])


def survey(references: Iterable[ImageReference], judges: Judges) -> tuple[SurveyedImage, ...]:
    """Every image once, in order of trouble, then of name.

    Args:
        references: The places that name images, in order.
        judges: For clusters that have the same files on their nodes, by their names, one judge.
    """
    uses: dict[str, list[ImageReference]] = {}
    for reference in references:
        uses.setdefault(reference.text, []).append(reference)
    texts = sorted(uses)  # names that one entry applies to stand together: no two processes look at many entries
    by_status: dict[Status, list[SurveyedImage]] = {status: [] for status in Status}
    for text, standings in zip(texts, spread(partial(_judge, judges), texts, least=_FEWEST_FOR_HELP), strict=True):
        by_status[standings[0][1].status].append(SurveyedImage(text, tuple(uses[text]), standings))
    return tuple(chain.from_iterable(by_status.values()))


def judges_of(explainers: Iterable[tuple[str, Explainer]]) -> Judges:
    """One judge for all clusters whose nodes have the same files."""
    alike: dict[object, tuple[list[str], Explainer]] = {}
    for name, explainer in explainers:
        made_of = (explainer.conf, explainer.admission.scopes, explainer.signatures.settings)
        alike.setdefault(made_of, ([], explainer))[0].append(name)
    return [(tuple(names), Judge(explainer)) for names, explainer in alike.values()]


def _judge(judges: Judges, texts: Sequence[str]) -> list[Standings]:
    if len(judges) != 1:
        return [_by_trouble(text, judges) for text in texts]
    # Nearly always; then there is nothing to compare, and what all images below an entry share is one object.
    clusters, judge = judges[0]
    shared: dict[int, Standings] = {}
    judged = []
    for text in texts:
        standing = judge.judge(text)
        judged.append(shared.get(id(standing)) or shared.setdefault(id(standing), ((clusters, standing),)))
    return judged


def _by_trouble(text: str, judges: Judges) -> Standings:
    clusters_of: dict[Standing, Clusters] = {}
    served: dict[Standing, list[tuple[str, Clusters]]] = {}
    for clusters, judge in judges:
        standing = judge.judge(text)
        clusters_of[standing] = (*clusters_of.get(standing, ()), *clusters)
        served.setdefault(standing, []).extend((mirror, clusters) for mirror, _ in standing.served)
    standings = ((clusters, _served(standing, served[standing])) for standing, clusters in clusters_of.items())
    return tuple(sorted(standings, key=lambda item: item[1].status.rank))


def _served(standing: Standing, served: Iterable[tuple[str, Clusters]]) -> Standing:
    """The same with the clusters of each mirror."""
    clusters_of: dict[str, Clusters] = {}
    for mirror, clusters in served:
        clusters_of[mirror] = (*clusters_of.get(mirror, ()), *clusters)
    if len(clusters_of) <= 1:
        return standing
    return replace(standing, served=tuple(clusters_of.items()))
