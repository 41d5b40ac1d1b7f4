"""`mirrorc images`."""

import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.common import (
    choose_clusters,
    cluster_options,
    fail,
    paths_argument,
    progress,
    tell,
    terminal_width,
    wants_colour,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compiler.explanation import Explainer
    from compiler.load_images import LoadedImages
    from compiler.mirroring import Judge


@click.command()
@paths_argument
@click.option(
    "--from",
    "lists",
    metavar="FILE",
    multiple=True,
    help="Look at the images listed in FILE, one a line, instead of workloads; `-` is standard input (repeatable).",
)
@click.option("--repo", "repos", metavar="PATH", multiple=True, help="Where the mirror manifests are (repeatable).")
@click.option(
    "--registries-conf",
    "conf_files",
    metavar="FILE",
    multiple=True,
    help="Hold images against this registries.conf or MachineConfig (repeatable: drop-ins).",
)
@click.option("--require", type=click.Choice(["mirrored"]), help="Exit 1 if an image is not mirrored.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="[default: text]")
@cluster_options
def command(
    paths: tuple[str, ...],
    lists: tuple[str, ...],
    repos: tuple[str, ...],
    conf_files: tuple[str, ...],
    require: str | None,
    format_: str,
    release: str | None,
    pools: tuple[str, ...],
    release_image: str | None,
    severities: tuple[str, ...],
    tracked_only: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Say for each image of the repo what a pull would do.

    Images are those that the workloads in PATHs name: pod templates of every kind, catalogs, operator bundles and
    the like. The mirror manifests are those of the configured clusters; without a configuration they are looked for
    in PATHs too, or in the --repo paths.
    """
    from compiler.commands.nodes import of_clusters, of_files
    from compiler.mirroring import survey

    if conf_files and repos:
        raise click.UsageError("--repo and --registries-conf exclude each other: hold images against one of them.")
    if lists and paths:
        raise click.UsageError("--from takes the place of PATHs: name the mirror manifests with --repo.")
    if conf_files:
        explainers, reliable = [("", of_files(conf_files))], True
    else:
        clusters = choose_clusters(
            repos,
            release=release,
            pools=pools,
            release_image=release_image,
            severities=severities,
            tracked_only=tracked_only,
        )
        if paths and not repos and len(clusters) == 1 and not clusters[0].name:
            clusters = [clusters[0].over(tuple(path for path in paths if path != "-") or (".",))]
        explainers, reliable = of_clusters(clusters)
    loaded = _load(paths, lists, tracked_only=tracked_only)
    tell(problem for each in loaded for problem in each.problems)
    found = [images for each in loaded for images in each.images]
    images = survey((reference for each in found for reference in each.references), _judges(explainers))
    unresolved = [place for each in found for place in each.unresolved]
    if format_ == "json":
        from compiler.reporters import images_json

        report = images_json.render(images, unresolved)
    else:
        from compiler.reporters import images_text

        report = images_text.render(
            images,
            unresolved,
            clusters=len(explainers),
            width=terminal_width(),
            colour=wants_colour(sys.stdout),
        )
    click.echo(report, nl=False)
    if any(each.problems for each in loaded):
        sys.exit(2)
    missing = require is not None and any(not image.status.is_mirrored for image in images)
    sys.exit(1 if missing or not reliable else 0)


def _judges(explainers: "list[tuple[str, Explainer]]") -> "list[tuple[tuple[str, ...], Judge]]":
    """One judge for all clusters whose nodes have the same files."""
    from compiler.mirroring import Judge

    alike: dict[object, tuple[list[str], Explainer]] = {}
    for name, explainer in explainers:
        alike.setdefault((explainer.conf, explainer.admission.scopes), ([], explainer))[0].append(name)
    return [(tuple(names), Judge(explainer)) for names, explainer in alike.values()]


def _load(paths: "Sequence[str]", lists: "Sequence[str]", *, tracked_only: bool) -> "list[LoadedImages]":
    from compiler.load_images import load_image_bytes, load_image_list, load_images

    if [*paths, *lists].count("-") > 1:
        fail("standard input can be read only once", "Name `-` in one place.")
    if lists:
        return [
            load_image_list("<stdin>", sys.stdin.buffer.read()) if path == "-" else load_image_list(path)
            for path in lists
        ]
    loaded = []
    if "-" in paths:
        loaded.append(load_image_bytes("<stdin>", sys.stdin.buffer.read()))
    on_disk = [path for path in paths if path != "-"]
    if on_disk or not paths:
        loaded.append(load_images(on_disk or ["."], tracked_only=tracked_only, progress=progress()))
    return loaded
