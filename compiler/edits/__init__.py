"""Edits of manifests that are proven before they are written.

A *migration* turns ImageContentSourcePolicies into ImageDigestMirrorSets. A *step* of it is one change that is
committed and synced by itself. The *proof* of a step compares what each cluster makes of the manifests before and
after it. A *run* is what a mirroring tool wrote at one time; the *union* of runs means what all of them together mean.
A *plan* is a sequence of commits from one *state* of the files to another, each of which takes some *changes* further.
"""
