"""Which images a repo names.

A *workload* field, a list, a trigger annotation or a kustomization names an image *reference*; the *survey* judges each
of them for every cluster.
"""
