"""Inputs of one hostile shape, in any size: what the bounds on time and memory are tested with.

In: a size in bytes. Out: files of about that size, all of one shape, and the commands that read them. A shape is added for
every place where a cost could grow faster than the input: to `files` where it is about one file, to `repos` where it is
about policy inside other documents, several files or several commits,
to `options` where it is about options or Git,
to `clusters` where it is about many clusters or pools.
"""

from fuzz.shapes import clusters, commands, commits, files, images, kustomize, options, repos, signatures
from fuzz.shapes.making import SHAPES, Command, Files, Shape

__all__ = [
    "SHAPES",
    "Command",
    "Files",
    "Shape",
    "clusters",
    "commands",
    "commits",
    "files",
    "images",
    "kustomize",
    "options",
    "repos",
    "signatures",
]
