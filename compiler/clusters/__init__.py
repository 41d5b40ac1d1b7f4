""".mirrorc.yaml and the clusters of a repo.

A *cluster* is a set of manifests that one controller merges, with its settings and its output folder; a *layout* is
what `init` finds of them in a repo; a *workspace* is all clusters of one run.
"""
