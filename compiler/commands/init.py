"""`mirrorc init`."""

import os
import sys
from pathlib import Path

import click

from compiler.commands.answer import give
from compiler.commands.command import Command, Option
from compiler.commands.common import fail
from compiler.commands.completing import FOLDER
from compiler.commands.console import say, say_page
from compiler.text.wording import counted


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

    The Applications, ApplicationSets, Flux Kustomizations and PolicyGenerators of the repo decide. Without them, a
    kustomization that includes mirror objects and that no other kustomization includes is a cluster, else
    clusters/NAME, overlays/NAME and the like, each with a base beside it. The file goes into FOLDER, by default the
    top of the Git working tree. An existing one is left unchanged.
    """
    if schema:
        give((Path(__file__).parents[1] / "schema.json").read_text(encoding="utf-8"), None)
        return
    from compiler.clusters.cluster import find_config
    from compiler.clusters.config import NAME
    from compiler.clusters.layout import guess, pointed, text
    from compiler.clusters.surveying import look
    from compiler.manifests.load import unreadable
    from compiler.reporters.findings.text import render
    from compiler.repository.folders import RefusedError, open_folder
    from compiler.repository.git import work_tree_around

    top = folder or os.path.relpath(work_tree_around(os.path.realpath(".")) or ".")
    place = Path(top) / NAME
    if os.path.lexists(top) and not os.path.isdir(top):  # noqa: PTH112 - which raises nothing
        fail(f"{top} is not a folder", "Give a folder.")
    if not show and os.path.lexists(place):
        fail(f"{place} already exists", "Edit it, or use --print to see what this command would write.")
    nearer = find_config(".") if folder is None else None
    if not show and nearer is not None:  # it is the one that counts here, whatever is written above it
        fail(f"{nearer} already exists", f"Edit it. To write one for the whole working tree, run `mirrorc init {top}`.")
    found = look(top)
    if isinstance(found, tuple):
        say_page(render(map(unreadable, found)) + "\n")
        sys.exit(2)
    clusters, unresolved = guess(found), pointed(found).unresolved
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
    if unresolved:
        objects = counted(len(unresolved), "object")
        say(f"{objects} may bring manifests to clusters that the repo does not name: see the comments in {place}")
