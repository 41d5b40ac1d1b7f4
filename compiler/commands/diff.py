"""`mirrorc diff`."""

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from compiler.commands.common import fail, progress, tell, tell_skipped, terminal_width
from compiler.commands.completing import FILE
from compiler.commands.console import say, wants_colour
from compiler.commands.options import choose_clusters, cluster_options, report_option, tracked_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.diff.comparison import Comparison
    from compiler.diff.names import Name
    from compiler.diff.revisions import Reader
    from compiler.diff.sides import Side
    from compiler.images.workloads import ImageReference
    from compiler.repository.git import Repository

_DISRUPTIONS = ("none", "reload", "restart", "drain", "reboot", "unknown")


@click.command()
@click.argument("sides", metavar="[OLD [NEW]]", nargs=-1, type=FILE)
@click.option(
    "--merge-base", "branch", metavar="BRANCH", help="Compare with the merge base of BRANCH and NEW; do not give OLD."
)
@click.option(
    "--path",
    "paths",
    metavar="PATH",
    multiple=True,
    type=FILE,
    help="Compare only this path (repeatable).  [default: .]",
)
@click.option(
    "--images",
    "image_list",
    metavar="[FILE]",
    is_flag=False,
    flag_value="",
    help="Report which images are pulled from other locations: those listed in FILE, or those of the repo's workloads.",
)
@click.option(
    "--node-disruption-policy",
    "policy_file",
    metavar="FILE",
    type=FILE,
    help="The cluster's MachineConfiguration, in place of the one in NEW.",
)
@click.option("--no-prune", is_flag=True, help="Keep objects that are not in NEW, as a plain `oc apply` does.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown", "github"]),
    default="text",
    help="[default: text]",
)
@report_option
@click.option(
    "--max-disruption",
    type=click.Choice(_DISRUPTIONS),
    help="Exit 1 only if the disruption is greater than this.  [default: none]",
)
@cluster_options
def command(
    sides: tuple[str, ...],
    branch: str | None,
    paths: tuple[str, ...],
    image_list: str | None,
    policy_file: str | None,
    no_prune: bool,  # noqa: FBT001 - click passes it by name
    format_: str,
    output: str | None,
    max_disruption: str | None,
) -> None:
    """Say what a change costs before it is merged.

    OLD and NEW are each a Git revision, a folder, a registries.conf, a
    MachineConfig, a file of objects, or a folder that `build` wrote; `-` is
    standard input. OLD is HEAD by default, NEW the work tree. Where a name is a
    revision and a path, write git:NAME or ./NAME.
    """
    most = 1 if branch is not None else 2
    if len(sides) > most:
        message = "--merge-base sets OLD: give only NEW, or neither." if branch is not None else "Give OLD and NEW."
        raise click.UsageError(message)
    from compiler.commands.answer import give, give_flaws

    # Annotations can be of anything; the other formats are of comparisons, and there is none.
    flaws = partial(give_flaws, format_=format_, output=output) if format_ == "github" else None
    clusters = choose_clusters(paths, flaws=flaws)
    if not clusters:
        say("no clusters")
        sys.exit(0)
    from compiler.diff.disruption import Disruption, UpdateFailsError
    from compiler.diff.names import SideError, open_repository
    from compiler.diff.revisions import Reader
    from compiler.diff.views import IncomparableError
    from compiler.node.registries_conf import ConfFileError

    try:
        repository = open_repository()
        old, new = _names(sides, branch, repository)
        with Reader(repository, sys.stdin.buffer.read, progress()) as reader:
            images = _images(reader, image_list, (new, old), paths, tracked_only=tracked_only())
            found = _compare(reader, old, new, clusters, images, policy_file, prune=not no_prune)
    except (SideError, IncomparableError, UpdateFailsError) as error:
        fail(str(error), error.help)
    except ConfFileError as error:
        fail(
            str(error),
            "Give a file that nodes load: a registries.conf (version 2), MachineConfigs, or the output of `mirrorc "
            "build`.",
        )
    colour = output is None and wants_colour(sys.stdout)
    give(_rendered(found, format_, most=max_disruption, colour=colour), output)
    if unread := [problem for _, comparison in found for problem in comparison.unreadable]:
        tell(dict.fromkeys(unread))
        fail("not all input could be read, so the result can be wrong", "Fix the findings above.")
    worst = max((comparison.disruption for _, comparison in found), default=Disruption.NONE)
    if worst > (max_disruption or Disruption.NONE):
        sys.exit(2 if worst is Disruption.UNKNOWN else 1)
    sys.exit(1 if any(comparison.unloadable for _, comparison in found) else 0)


def _names(sides: tuple[str, ...], branch: str | None, repository: "Repository | None") -> "tuple[Name, Name]":
    """What OLD and NEW stand for."""
    from compiler.diff import names

    if branch is not None:
        new = names.name_side(sides[0], repository) if sides else names.work_tree()
        tip = new.place if new.kind is names.Kind.REVISION else "HEAD"
        return names.name_fork_point(branch, tip, names.required(repository)), new
    new = names.name_side(sides[1], repository) if len(sides) > 1 else names.work_tree()
    old = names.name_side(sides[0], repository) if sides else names.name_revision("HEAD", names.required(repository))
    return old, new


def _images(
    reader: "Reader", image_list: str | None, sides: "tuple[Name, Name]", paths: tuple[str, ...], *, tracked_only: bool
) -> "tuple[ImageReference, ...]":
    """The images to look at, if any are asked for."""
    if image_list is None:
        return ()
    if image_list == "":
        return reader.images(sides, paths or (".",), tracked_only=tracked_only)
    from compiler.images.load import load_image_list

    loaded = load_image_list("<stdin>", sys.stdin.buffer.read()) if image_list == "-" else load_image_list(image_list)
    for problem in loaded.problems:
        fail(
            f"{problem.message}: it was taken as the list of images",
            "Put --images after the sides to use the images of the repo's own workloads.",
        )
    return loaded.references


def _compare(
    reader: "Reader",
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

    from compiler.diff.comparison import compare
    from compiler.diff.sides import Manifests
    from compiler.machine.memo import Memo

    memo = Memo()
    found = []
    given = {
        release.name: reader.disruption_policy(policy_file, release)
        for release in {cluster.settings.release.name: cluster.settings.release for cluster in clusters}.values()
    }
    pairs = list(zip(clusters, reader.read_pair(old, new, clusters), strict=True))
    read = [side for _, pair in pairs for side in pair if isinstance(side, Manifests)]
    tell_skipped(link for side in read for link in side.skipped)
    # Sides that are made already are of one cluster at most, whichever it is.
    shared = [sides[0] for sides in zip(*(pair for _, pair in pairs), strict=True) if _is_one_node(sides)]
    if len(shared) == 2 and len(given) == 1:
        pairs = [(replace(cluster, name=""), pair) for cluster, pair in pairs[:1]]
    elif shared and len(pairs) > 1:
        say(f"{shared[0].label} is compared with each of {len(pairs)} clusters: select its cluster with --cluster.")
    for cluster, (before, after) in pairs:
        earlier = reader.earlier(old, cluster)
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
        found.append((cluster.name, comparison))
    return sorted(found, key=lambda each: -each[1].disruption.rank)


def _is_one_node(sides: "Sequence[Side]") -> bool:
    """Whether a side is made already, and the same whichever cluster it is compared for."""
    from compiler.diff.sides import Artifacts

    return isinstance(sides[0], Artifacts) and all(side.label == sides[0].label for side in sides)


def _rendered(found: "list[tuple[str, Comparison]]", format_: str, *, most: str | None, colour: bool) -> str:
    if format_ == "json":
        from compiler.commands.answer import Locator
        from compiler.reporters.diff import json

        return json.render(found, locate=Locator())
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
