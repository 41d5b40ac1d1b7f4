"""`mirrorc graph`."""

import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command
from compiler.commands.common import fail, terminal_width
from compiler.commands.console import say_note
from compiler.commands.options import choose_clusters, cluster_options, repo_option
from compiler.commands.targets import ReportTarget, report_options, resolve
from compiler.reporters.graph import FORMATS

if TYPE_CHECKING:
    from typing import NoReturn

    from compiler.policy.analysis import Analysis
    from compiler.policy.source_graph import SourceGraph


@click.command(
    cls=Command,
    examples=(
        ("List the sources that several lists name", "mirrorc graph"),
        ("Draw the order of a source's mirrors in one cluster", "mirrorc graph quay.io/team --cluster north"),
        ("Draw the graph with Graphviz", "mirrorc graph quay.io/team --format dot | dot -Tpng -o graph.png"),
    ),
)
@click.argument("source", metavar="[SOURCE]", required=False)
@repo_option("File or folder (repeatable).  [default: .]")
@report_options(FORMATS)
@cluster_options
def command(
    source: str | None,
    repos: tuple[str, ...],
    formats: tuple[ReportTarget, ...],
    output: str | None,
) -> None:
    """Show how the lists of a source are merged into one order.

    SOURCE is written as in the manifests. Every mirror is a row, in the order tried; every list is a lane. A step that
    leads back up contradicts other lists. Without SOURCE, all sources with several lists are listed.
    """
    from compiler.commands.answer import Locator, colours, give_each
    from compiler.commands.nodes import each_analysed
    from compiler.policy.source_graph import graphs_of, shared
    from compiler.reporters.graph import render

    targets = resolve(formats, output, FORMATS)
    known: set[str] = set()

    def graphs(analysis: "Analysis") -> "list[SourceGraph]":
        known.update(each.source for each in (*analysis.digest, *analysis.tag))
        return [each for each in graphs_of(analysis, source) if source is not None or each.is_contested]

    nodes = each_analysed(choose_clusters(repos), graphs)
    drawn = shared(nodes.each)
    if source is not None and not drawn:
        _fail_unknown(source, known)
    locate = Locator()
    give_each(
        targets,
        lambda target: render(
            target.format,
            drawn,
            listed=source is None,
            width=terminal_width(),
            colour=colours(target),
            locate=locate,
        ),
    )
    if nodes.account.unread:
        say_note(nodes.account.unread_words)
    sys.exit(0 if nodes.reliable else 1)


def _fail_unknown(source: str, known: "set[str]") -> "NoReturn":
    from compiler.text.wording import nearest, shown, some_of, ticked

    near = nearest(source, known, cutoff=0.5)
    advice = f"Did you mean `{near}`?" if near else "Check the spelling, and --repo or --cluster."
    if not near and known:
        advice = f"The sources are {some_of(ticked(sorted(known)), 8)}."
    fail(f"no mirror object has the source `{shown(source)}`", advice)
