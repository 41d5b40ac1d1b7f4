"""`mirrorc diff`."""

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command, Option
from compiler.commands.common import fail, progress, tell, tell_alternatives, tell_skipped, terminal_width
from compiler.commands.completing import FILE
from compiler.commands.console import say
from compiler.commands.options import choose_clusters, cluster_options, sides_options, tracked_only, values_options
from compiler.commands.targets import ReportTarget, report_options, resolve

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.diff.comparison import Comparison
    from compiler.diff.names import Name
    from compiler.diff.revisions import SideReader
    from compiler.diff.sides import Manifests, Side
    from compiler.images.references import ImageReference
    from compiler.repository.git import Repository

_FORMATS = ("text", "json", "markdown", "github")
_DISRUPTIONS = ("none", "reload", "restart", "drain", "reboot", "unknown")


class _Diff(Command):
    """Takes the older spelling of `--images-from FILE` too, in which `--images` had an optional value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `--images=FILE`, and `--images FILE` where FILE is a file that is not a side of a comparison."""
        return super().parse_args(ctx, list(_spelled_anew(args)))


def _spelled_anew(args: list[str]) -> "Iterator[str]":
    for place, argument in enumerate(args):
        if argument == "--":
            yield from args[place:]
            return
        name, equals, value = argument.partition("=")
        following = args[place + 1 : place + 2]
        if name == "--images" and (
            equals or any(_is_list(each, args[:place], args[place + 2 :]) for each in following)
        ):
            file = value or "".join(following)
            say(f"--images is given a file by --images-from: read as `--images-from {file}`")
            yield "--images-from"
            if value:
                yield value
            continue
        yield argument


def _is_list(name: str, before: "Sequence[str]", after: "Sequence[str]") -> bool:
    """Whether what follows `--images` can only be meant as a list of images.

    That is a file that has no form of a side, and standard input at the end of a line on which the sides come first.
    """
    if name == "-":
        return not after and any(not argument.startswith("-") for argument in before)
    return os.path.isfile(name) and not name.endswith(_SIDES)  # noqa: PTH113 - the names are texts


_SIDES = (".yaml", ".yml", ".json", ".conf", ".toml", ".ign", ".bu")


@click.command(
    cls=_Diff,
    examples=(
        ("Compare the working tree with the last commit", "mirrorc diff"),
        (
            "Fail when a branch disrupts nodes more than a reload of CRI-O",
            "mirrorc diff --merge-base main --max-disruption reload",
        ),
        (
            "Compare a MachineConfig of the cluster with the repo",
            "oc get mc 99-worker-generated-registries -o yaml | mirrorc diff - .",
        ),
    ),
)
@sides_options(
    "Compare with the merge base of BRANCH and NEW; do not give OLD.",
    "Compare only this path (repeatable).  [default: .]",
)
@Option.of(
    "--images",
    "with_images",
    is_flag=True,
    help="Report which images of the repo's workloads are pulled from other locations.",
    group="Input",
)
@Option.of(
    "--images-from",
    "image_list",
    metavar="FILE",
    type=FILE,
    help="Report the same for the images listed in FILE, one per line.",
    group="Input",
)
@Option.of(
    "--node-disruption-policy",
    "policy_file",
    metavar="FILE",
    type=FILE,
    help="The cluster's MachineConfiguration, in place of the one in NEW.",
    group="Input",
)
@Option.of(
    "--no-prune", is_flag=True, help="Keep objects that are not in NEW, as a plain `oc apply` does.", group="Input"
)
@report_options(_FORMATS)
@Option.of(
    "--max-disruption",
    type=click.Choice(_DISRUPTIONS),
    help="Exit 1 only if the disruption is greater than this.  [default: none]",
    group="Rule",
)
@values_options
@cluster_options
def command(
    sides: tuple[str, ...],
    branch: str | None,
    paths: tuple[str, ...],
    with_images: bool,  # noqa: FBT001 - click passes it by name
    image_list: str | None,
    policy_file: str | None,
    no_prune: bool,  # noqa: FBT001 - click passes it by name
    formats: tuple[ReportTarget, ...],
    output: str | None,
    max_disruption: str | None,
) -> None:
    """Show how a change affects nodes and image pulls before you merge it.

    OLD and NEW are each a Git revision, a folder, a registries.conf, a
    MachineConfig, a file of objects, or a folder that `build` wrote; `-` is
    standard input. OLD is HEAD by default, NEW the working tree. Where a name is a
    revision and a path, write git:NAME or ./NAME.
    """
    most = 1 if branch is not None else 2
    if len(sides) > most:
        message = "--merge-base sets OLD: give only NEW, or neither." if branch is not None else "Give OLD and NEW."
        raise click.UsageError(message)
    from compiler.commands.answer import colours, give_each, give_flaws

    # Annotations can be of anything; the other formats are of comparisons, and there is none.
    targets = resolve(formats, output, _FORMATS)
    of_findings = [target for target in targets if target.format == "github"]
    flaws = partial(give_flaws, targets=of_findings) if of_findings else None
    clusters = choose_clusters(paths, flaws=flaws)
    if not clusters:
        say("no clusters")
        sys.exit(0)
    from compiler.diff.disruption import Disruption, UpdateFailsError
    from compiler.diff.names import SideError, open_repository
    from compiler.diff.revisions import SideReader
    from compiler.diff.views import IncomparableError
    from compiler.node.registries_conf import ConfFileError

    try:
        repository = open_repository()
        old, new = names_of(sides, branch, repository)
        with SideReader(repository, sys.stdin.buffer.read, progress()) as reader:
            image_list = "" if image_list is None and with_images else image_list
            images = _images(reader, image_list, (new, old), paths, tracked_only=tracked_only())
            found = compare_clusters(reader, old, new, clusters, images, policy_file, prune=not no_prune)
    except (SideError, IncomparableError, UpdateFailsError) as error:
        fail(str(error), error.help)
    except ConfFileError as error:
        fail(
            str(error),
            "Give a file that nodes load: a registries.conf (version 2), MachineConfigs, or the output of `mirrorc "
            "build`.",
        )
    give_each(targets, lambda target: _rendered(found, target.format, most=max_disruption, colour=colours(target)))
    if unread := [problem for _, comparison in found for problem in comparison.unreadable]:
        tell(dict.fromkeys(unread))
        fail("not all input could be read, so the result can be wrong", "Fix the findings above.")
    worst = max((comparison.disruption for _, comparison in found), default=Disruption.NONE)
    if worst > (max_disruption or Disruption.NONE):
        sys.exit(2 if worst is Disruption.UNKNOWN else 1)
    sys.exit(1 if any(comparison.unloadable for _, comparison in found) else 0)


def names_of(sides: tuple[str, ...], branch: str | None, repository: "Repository | None") -> "tuple[Name, Name]":
    """What OLD and NEW mean."""
    from compiler.diff import names

    if branch is not None:
        new = names.name_side(sides[0], repository) if sides else names.work_tree()
        tip = new.place if new.kind is names.Kind.REVISION else "HEAD"
        return names.name_fork_point(branch, tip, names.required(repository)), new
    new = names.name_side(sides[1], repository) if len(sides) > 1 else names.work_tree()
    old = names.name_side(sides[0], repository) if sides else names.name_revision("HEAD", names.required(repository))
    return old, new


def _images(
    reader: "SideReader",
    image_list: str | None,
    sides: "tuple[Name, Name]",
    paths: tuple[str, ...],
    *,
    tracked_only: bool,
) -> "tuple[ImageReference, ...]":
    """The images to look at, if any are asked for: those of a list, or for an empty name those of the workloads."""
    if image_list is None:
        return ()
    if image_list == "":
        return reader.images(sides, paths or (".",), tracked_only=tracked_only)
    from compiler.images.load import load_image_list

    loaded = load_image_list("<stdin>", sys.stdin.buffer.read()) if image_list == "-" else load_image_list(image_list)
    for problem in loaded.problems:
        fail(
            f"{problem.message}: it was taken as the list of images",
            "Use --images alone for the images of the repo's own workloads.",
        )
    return loaded.references


def compare_clusters(
    reader: "SideReader",
    old: "Name",
    new: "Name",
    clusters: "list[Cluster]",
    images: "tuple[ImageReference, ...]",
    policy_file: str | None,
    *,
    prune: bool,
) -> "list[tuple[str, Comparison]]":
    """Every cluster's comparison with its name, the worst first."""
    from dataclasses import replace

    from compiler.clusters.alike import kind_of
    from compiler.clusters.multiplied import check_worked_out
    from compiler.diff.branches import each_reading
    from compiler.diff.comparison import compare
    from compiler.diff.homes import as_applied, with_homes
    from compiler.diff.sides import Manifests
    from compiler.machine.memo import Memo

    memo = Memo()
    found = []
    given = {
        release.name: reader.disruption_policy(policy_file, release)
        for release in {cluster.settings.release.name: cluster.settings.release for cluster in clusters}.values()
    }
    pairs = list(zip(clusters, reader.read_pair(old, new, clusters), strict=True))
    if len(pairs) == 1 and clusters[0].may_be_several:
        from compiler.diff.grouping import grouped

        pairs = grouped(clusters[0], (old, new), pairs[0][1])
        tell_alternatives(clusters, [cluster for cluster, _ in pairs])
    pairs = with_homes(pairs)
    read = [side for _, pair in pairs for side in pair if isinstance(side, Manifests)]
    tell_skipped(link for side in read for link in side.skipped)
    # Sides that are made already are of one cluster at most, whichever it is.
    shared = [sides[0] for sides in zip(*(pair for _, pair in pairs), strict=True) if _is_one_node(sides)]
    if len(shared) == 2 and len(given) == 1:
        pairs = [(replace(cluster, name=""), pair) for cluster, pair in pairs[:1]]
    elif shared and len(pairs) > 1:
        say(f"{shared[0].label} is compared with each of {len(pairs)} clusters: select its cluster with --cluster.")
    check_worked_out(
        (cluster.settings, before, after)
        for cluster, (before, after) in pairs
        if isinstance(before, Manifests) and isinstance(after, Manifests)
    )
    known: dict[Hashable, Comparison] = {}
    for ways in each_reading(pairs):
        made = []
        for cluster, (before, after) in ways:
            kind = None
            if not cluster.target and isinstance(before, Manifests) and isinstance(after, Manifests):
                kind = (kind_of(cluster.settings, before, after), *map(_beside_files, (before, after)))
                if kind in known:
                    made.append(known[kind])
                    continue
            earlier = () if cluster.target else reader.earlier(old, cluster)
            comparison = compare(
                before,
                after,
                cluster.settings,
                earlier,
                images=images,
                prune=prune,
                given=given[cluster.settings.release.name],
                memo=memo,
            )
            if cluster.target:
                comparison = as_applied(comparison, cluster, before, after)
            elif kind is not None and not comparison.old_refusals:  # what nodes have then depends on earlier states
                known[kind] = comparison
            made.append(comparison)
        found += _named(ways[0][0].name, made)
    return sorted(found, key=lambda each: -each[1].disruption.rank)


def _beside_files(side: "Manifests") -> "Hashable":
    """What else a comparison depends on."""
    searched = tuple(map(id, side.searched))
    return (side.label, side.absent, side.misconfigured, searched, side.texts, side.built_from)


def _named(cluster: str, comparisons: "list[Comparison]") -> "list[tuple[str, Comparison]]":
    """The comparisons of a cluster for the readings of its templates; once where the branches make no difference."""
    if len(comparisons) == 1:
        return [(cluster, comparisons[0])]
    from compiler.commands.nodes import of_branches
    from compiler.reporters.diff.text import render

    if len({render([("", each)]) for each in comparisons}) == 1:
        return [(cluster, comparisons[0])]
    names = of_branches(len(comparisons))
    return [(", ".join(filter(None, (cluster, name))), each) for name, each in zip(names, comparisons, strict=True)]


def _is_one_node(sides: "Sequence[Side]") -> bool:
    """Whether a side is made already, and the same whichever cluster it is compared for."""
    from compiler.diff.sides import Artifacts

    return isinstance(sides[0], Artifacts) and all(side.label == sides[0].label for side in sides)


def _rendered(
    found: "list[tuple[str, Comparison]]", format_: str, *, most: str | None, colour: bool
) -> "str | Iterable[str]":
    if format_ == "json":
        from compiler.commands.answer import Locator
        from compiler.reporters.diff import json

        return json.pieces(found, locate=Locator())
    if format_ == "markdown":
        from compiler.reporters.diff import markdown

        return markdown.render(found)
    if format_ == "github":
        from compiler.commands.answer import Locator
        from compiler.diff.disruption import Disruption
        from compiler.reporters.diff import github

        return github.render(found, most=None if most is None else Disruption(most), locate=Locator())
    from compiler.reporters.diff import text

    return text.render(found, width=terminal_width(), colour=colour)
