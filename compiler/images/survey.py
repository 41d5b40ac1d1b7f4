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

from compiler.explain.cluster_judge import ClusterJudge
from compiler.explain.consumers import Consumer, Pullers
from compiler.explain.explanation import Explainer
from compiler.explain.judge import Judge, Standing, Status
from compiler.images.references import ImageReference
from compiler.machine.limits import TooMuchError, most
from compiler.machine.processes import spread

Clusters = tuple[str, ...]


Judges = Sequence[tuple[Clusters, Judge]]


Standings = tuple[tuple[Clusters, Standing], ...]
"""The status of an image by clusters, the worst first.

Clusters that agree come together, by their names; the only one of a repo without configuration has none.
"""


_FEWEST_FOR_HELP = 10_000
"""Pull specs worth their own process."""
_MOST_KNOWN = 4096
"""Combinations of statuses that are kept."""
_MOST_PULLS = 300_000
"""Images in clusters that differ, whatever there is of both: seconds of work."""
_OTHER_SOURCES = 4
"""A cluster with sources that no other has costs as much more as so many clusters."""
_PER_IMAGE = 2
"""How many more for each image."""


class SurveyedImage(NamedTuple):
    """One pull spec, every place that names it for the same consumer, and its status.

    A tuple, since there may be a hundred thousand.
    """

    text: str
    uses: tuple[ImageReference, ...]
    standings: Standings
    consumer: Consumer = Consumer.NODE

    @property
    def status(self) -> Status:
        """Its worst status."""
        return self.standings[0][1].status


def count(images: Iterable[SurveyedImage]) -> Counter[Status]:
    """How many of the images have which status."""
    return Counter([image.standings[0][1].status for image in images])


def survey(references: Iterable[ImageReference], judges: Judges) -> tuple[SurveyedImage, ...]:
    """Every image once, in order of trouble, then of name.

    Args:
        references: The places that name images, in order.
        judges: For clusters that have the same files on their nodes, by their names, one judge.

    Raises:
        TooMuchError: There are too many of both.
    """
    uses: dict[_Pull, list[ImageReference]] = {}
    for reference in references:
        uses.setdefault((reference.text, reference.consumer, reference.destination), []).append(reference)
    others = len({judge.sources for _, judge in judges}) if len(judges) > 1 else 0
    counted = len(judges) + _OTHER_SOURCES * others
    limit = most(_MOST_PULLS, _PER_IMAGE, len(uses))
    if len(uses) * counted > limit:
        raise TooMuchError(
            f"{len(uses)} images in {len(judges)} clusters that differ are {len(uses) * len(judges)} pulls, more than "
            f"{limit * len(judges) // counted}: nothing is worked out",
            "Choose some clusters with --cluster",
        )
    pulls = sorted(uses)  # names that one entry applies to stand together: no two processes look at many entries
    by_status: dict[Status, list[SurveyedImage]] = {status: [] for status in Status}
    for pull, standings in zip(pulls, spread(partial(_judge, judges), pulls, least=_FEWEST_FOR_HELP), strict=True):
        by_status[standings[0][1].status].append(SurveyedImage(pull[0], tuple(uses[pull]), standings, pull[1]))
    return tuple(chain.from_iterable(by_status.values()))


_Pull = tuple[str, Consumer, str]
"""A pull spec, who pulls it, and where it is copied to."""


def judges_of(pullers: Iterable[tuple[str, Explainer | Pullers]]) -> Judges:
    """One judge for all clusters in which all pulls are the same."""
    alike: dict[object, tuple[list[str], Pullers]] = {}
    known: dict[int, tuple[list[str], object]] = {}  # to hash what pullers are made of costs more than to make it
    for name, given in pullers:
        if id(given) not in known:
            each = given if isinstance(given, Pullers) else Pullers.of_node(given)
            known[id(given)] = (alike.setdefault(each.made_of, ([], each))[0], given)
        known[id(given)][0].append(name)
    return [(tuple(names), ClusterJudge(each)) for names, each in alike.values()]


def _standing(judge: Judge, pull: _Pull) -> Standing:
    text, consumer, destination = pull
    if consumer is not Consumer.NODE and isinstance(judge, ClusterJudge):
        return judge.judge_for(text, consumer)
    return judge.judge_copy(text, destination) if destination else judge.judge(text)


def _judge(judges: Judges, pulls: Sequence[_Pull]) -> list[Standings]:
    if len(judges) != 1:
        return _judge_everywhere(judges, pulls)
    # Nearly always; then there is nothing to compare, and what all images below an entry share is one object.
    clusters, judge = judges[0]
    shared: dict[int, Standings] = {}
    judged = []
    for pull in pulls:
        standing = _standing(judge, pull)
        judged.append(shared.get(id(standing)) or shared.setdefault(id(standing), ((clusters, standing),)))
    return judged


def _judge_everywhere(judges: Judges, pulls: Sequence[_Pull]) -> list[Standings]:
    """The same in many clusters: images with the very same statuses in each share what is compared of them."""
    known: dict[tuple[int, ...], tuple[list[Standing], Standings]] = {}  # the statuses are kept alive
    judged = []
    for pull in pulls:
        each = [_standing(judge, pull) for _, judge in judges]
        key = tuple(map(id, each))
        if key not in known:
            if len(known) == _MOST_KNOWN:
                known.clear()
            known[key] = (each, _by_trouble([clusters for clusters, _ in judges], each))
        judged.append(known[key][1])
    return judged


def _by_trouble(named: Sequence[Clusters], each: Sequence[Standing]) -> Standings:
    clusters_of: dict[Standing, list[str]] = {}
    served: dict[Standing, list[tuple[str, Clusters]]] = {}
    for clusters, standing in zip(named, each, strict=True):
        clusters_of.setdefault(standing, []).extend(clusters)
        served.setdefault(standing, []).extend((mirror, clusters) for mirror, _ in standing.served)
    standings = ((tuple(clusters), _served(standing, served[standing])) for standing, clusters in clusters_of.items())
    return tuple(sorted(standings, key=lambda item: item[1].status.rank))


def _served(standing: Standing, served: Iterable[tuple[str, Clusters]]) -> Standing:
    """The same with the clusters of each mirror."""
    clusters_of: dict[str, list[str]] = {}
    for mirror, clusters in served:
        clusters_of.setdefault(mirror, []).extend(clusters)
    if len(clusters_of) <= 1:
        return standing
    return replace(standing, served=tuple((mirror, tuple(clusters)) for mirror, clusters in clusters_of.items()))
