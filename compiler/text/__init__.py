"""A file, its positions and its YAML tree.

A *file* is a name and its text; a *span* is a part of that text, with line and column; *located* is a value with its
span. A *tree* is the YAML of one document with the span of each node. Nothing here knows a Kubernetes object.
"""
