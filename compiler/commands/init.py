"""`mirrorc init`."""

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.commands.answer import give
from compiler.commands.command import Command, Option
from compiler.commands.common import fail
from compiler.commands.completing import FOLDER
from compiler.commands.console import say, say_page
from compiler.text.wording import counted

if TYPE_CHECKING:
    from compiler.clusters.layout import Found

_NAMES_RELEASE = re.compile(rb"ClusterVersion|ClusterImageSet")


@click.command(
    cls=Command,
    examples=(
        ("Write .mirrorc.yaml at the top of the Git working tree", "mirrorc init"),
        ("Print what would be written", "mirrorc init --print"),
        ("Let an editor complete .mirrorc.yaml", "mirrorc init --schema > mirrorc.schema.json"),
    ),
)
@click.argument("folder", metavar="[FOLDER]", required=False, type=FOLDER)
@Option.of("--print", "show", is_flag=True, help="Print the file instead of writing it.", group="Output")
@Option.of("--schema", is_flag=True, help="Print the JSON Schema of the file, for editors, and exit.", group="Output")
def command(
    folder: str | None,
    show: bool,  # noqa: FBT001 - click passes it by name
    schema: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Write a .mirrorc.yaml for the clusters in this repo.

    A kustomization that includes mirror objects and that no other kustomization includes is a cluster. Without
    kustomizations, clusters/NAME, overlays/NAME and the like are, each with a base beside it. The file goes into
    FOLDER, by default the top of the Git working tree. An existing one is left unchanged.
    """
    if schema:
        give((Path(__file__).parents[1] / "schema.json").read_text(encoding="utf-8"), None)
        return
    from compiler.clusters.cluster import find_config
    from compiler.clusters.config import NAME
    from compiler.clusters.layout import guess, text
    from compiler.repository.folders import RefusedError, open_folder
    from compiler.repository.git import work_tree_around

    top = folder or os.path.relpath(work_tree_around(os.path.realpath(".")) or ".")
    place = Path(top) / NAME
    if not show and os.path.lexists(place):
        fail(f"{place} already exists", "Edit it, or use --print to see what this command would write.")
    nearer = find_config(".") if folder is None else None
    if not show and nearer is not None:  # it is the one that counts here, whatever is written above it
        fail(f"{nearer} already exists", f"Edit it. To write one for the whole working tree, run `mirrorc init {top}`.")
    found = _look(top)
    clusters = guess(found)
    content = text(found, clusters)
    if show:
        give(content, None)
        return
    try:
        with open_folder(top) as opened:
            opened.create(NAME, content.encode())
    except RefusedError as error:
        fail(str(error), error.problem.help)
    except OSError as error:
        fail(f"{place} cannot be written: {error.strerror}")
    named = ", ".join(cluster.name for cluster in clusters)
    what = f"{counted(len(clusters), 'cluster')}: {named}" if named else "one cluster without a name"
    say(f"wrote {place} with {what}", "Review it, then run `mirrorc build`.")


def _look(top: str) -> "Found":
    """What the folder contains that matters to its layout."""
    from compiler.clusters.layout import Found, release_in
    from compiler.findings import rules
    from compiler.manifests import kustomization
    from compiler.manifests.load import unreadable
    from compiler.manifests.parsing import parse
    from compiler.names.releases import DEFAULT_RELEASE, RELEASES
    from compiler.reporters.findings.text import render
    from compiler.repository import files
    from compiler.repository.discovery import discover
    from compiler.repository.paths import is_kustomization, posix
    from compiler.text.span import File

    discovery = discover([top])
    if discovery.problems:
        say_page(render(map(unreadable, discovery.problems)) + "\n")
        sys.exit(2)
    manifests: dict[str, frozenset[tuple[str, str]]] = {}
    kustomizations = {}
    releases = {}
    for candidate in discovery.candidates:
        data = files.read(candidate)
        path = posix(os.path.relpath(candidate.location, top))
        named_so = is_kustomization(path)
        if not isinstance(data, bytes):
            continue
        relevant = named_so or files.mentions_our_kinds(data)
        if not relevant and not _NAMES_RELEASE.search(data):
            continue
        file = files.decode(candidate.path, data)
        if not isinstance(file, File):
            continue
        if release := release_in(file.text):
            releases[path] = release
        if not relevant:
            continue
        if named_so:
            kustomizations[path] = kustomization.decode(file)
            continue
        parsed = parse(file, RELEASES[DEFAULT_RELEASE])
        told = {diagnostic.rule for diagnostic in parsed.diagnostics}
        if parsed.manifests or told - {rules.TEMPLATE_MANIFEST.name}:
            manifests[path] = frozenset((type(each).__name__, each.name.value) for each in parsed.manifests)
    aside = kustomization.left_out(kustomizations)
    applied = manifests.keys() - aside.keys()
    real = {os.path.realpath(Path(top) / path): path for path in applied} if discovery.links else {}
    places = ((posix(os.path.relpath(link.location, top)), os.path.realpath(link.location)) for link in discovery.links)
    links = {path: real[target] for path, target in places if target in real and real[target] != path}
    return Found(
        manifests=frozenset((*applied, *links)),
        links=links,
        kustomizations=kustomizations,
        releases=releases,
        objects=manifests,
    )
