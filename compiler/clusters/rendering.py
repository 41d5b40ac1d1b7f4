"""Charts whose templates are Applications and the like, rendered for what they point at.

In: a chart and its values. Out: the objects that it is rendered to, each at its template, or why it is not rendered.
"""

import os
from collections.abc import Sequence

from compiler.clusters.objects import Object, is_pointer, objects
from compiler.machine.limits import TooMuchError
from compiler.manifests import helm
from compiler.manifests.kustomize import Disk
from compiler.repository.git import tree_around
from compiler.repository.paths import posix
from compiler.text.span import File, Located, Span


def pointing(top: str, folder: str, values: Sequence[str], inline: str) -> tuple[Object, ...] | str:
    """The objects that point at what clusters get, of the chart in a folder below `top`."""
    tree = Disk(tree_around(os.path.realpath(top)))
    at = Span(File(folder), 0, 0)

    def place(path: str) -> str:
        return posix(os.path.normpath(os.path.join(top, path)))  # noqa: PTH118 - paths go to another program

    chart = place(folder)
    files = [Located(place(path), at) for path in values]
    problem = next(helm.missing(chart, at, files, tree), None)
    if problem is not None:
        return problem.message
    sources = dict.fromkeys(tree.below(chart), at) | dict(files)
    try:
        made = helm.render(chart, at, files, sources, tree=tree, inline=inline)
    except TooMuchError as error:
        return str(error)
    if not isinstance(made, File):
        return made.message
    found = []
    for template, start, end in helm.documents(made):
        path = posix(os.path.normpath(os.path.join(folder, template)))  # noqa: PTH118 - as above
        # What is rendered has the name of its template: that is where people look for it.
        found += [each for each in objects(path, File(path, made.text[start:end])) if is_pointer(each)]
    return tuple(found)
