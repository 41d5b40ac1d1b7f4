"""`mirrorc build`."""

import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.common import (
    choose_clusters,
    cluster_options,
    fail,
    paths_argument,
    plural,
    progress,
    standard_input,
    tell,
)

if TYPE_CHECKING:
    from compiler.output import Plan
    from compiler.pipeline import Analysis


@click.command()
@paths_argument
@click.option("-o", "--output", metavar="DIR", help="Folder to write to.  [default: rendered]")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with a diff when DIR is stale.")
@click.option(
    "--machine-config",
    type=click.Choice(["controller", "drop-in"]),
    help="Predict the controller's MachineConfigs, or make some to apply.  [default: controller]",
)
@click.option("--name", metavar="NAME", help="Name of drop-in MachineConfigs.  [default: 99-{pool}-mirrors]")
@cluster_options
def command(
    paths: tuple[str, ...],
    output: str | None,
    check: bool,  # noqa: FBT001 - click passes it by name
    machine_config: str | None,
    name: str | None,
    release: str | None,
    pools: tuple[str, ...],
    release_image: str | None,
    severities: tuple[str, ...],
    tracked_only: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Compile manifests to the files the cluster would write on its nodes.

    PATHs are files or folders with ImageDigestMirrorSets, ImageTagMirrorSets, ImageContentSourcePolicies and the
    cluster's Image config; anything else in them is passed over.
    """
    clusters = choose_clusters(
        paths,
        release=release,
        pools=pools,
        release_image=release_image,
        severities=severities,
        tracked_only=tracked_only,
        output=output,
        machine_config=machine_config,
        name=name,
    )
    from compiler.cluster import load_cluster
    from compiler.output import OutputError, carry_out, differences, plan
    from compiler.pipeline import analyse, compile_analysis

    piped = standard_input(clusters)
    failed = False
    for cluster in clusters:
        loaded = load_cluster(cluster, standard_input=piped, progress=progress())
        compilation = compile_analysis(analyse(loaded.parsed, cluster.settings, loaded.problems), cluster.settings)
        tell(compilation.diagnostics)
        if not compilation.ok:
            failed = True
            click.echo(f"{_read(compilation.analysis)}; nothing was written", err=True)
            continue
        try:
            todo = plan(cluster.output, compilation.files)
            if check:
                failed |= todo.stale
                click.echo(differences(todo), nl=False)
            else:
                carry_out(todo)
        except OutputError as error:
            fail(str(error), error.help)
        click.echo(f"{_read(compilation.analysis)}; {_made(todo, check=check)}", err=True)
    sys.exit(1 if failed else 0)


def _read(analysis: "Analysis") -> str:
    objects = len(analysis.policy.mirror_sets) + (analysis.policy.image is not None)
    merged = (*analysis.digest, *analysis.tag)
    sources = {precedence.source for precedence in merged}
    mirrors = {(precedence.source, mirror) for precedence in merged for mirror in precedence.listed}
    return ", ".join(
        (
            plural(objects, "object"),
            plural(len(sources), "source"),
            plural(len(mirrors), "mirror"),
            plural(len(analysis.conflicts), "conflict"),
        )
    )


def _made(todo: "Plan", *, check: bool) -> str:
    files = plural(len(todo.written) + len(todo.unchanged), "file")
    if not todo.stale:
        return f"{files} in {todo.folder}, all up to date"
    written, removed = len(todo.written), len(todo.removed)
    if check:
        return f"{todo.folder} is stale: {written} of {files} to write, {removed} to remove"
    return f"{files} in {todo.folder}: {written} written, {removed} removed"
