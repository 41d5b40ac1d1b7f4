"""Edits of manifests that are proven before they are written.

A *migration* turns ImageContentSourcePolicies into ImageDigestMirrorSets. A *step* of it is one change that is
committed and synced by itself. The *proof* of a step compares what each cluster makes of the manifests before and
after it.
"""
