"""Two sides and what changes between them.

A *side* is a revision, a folder or a node's files; *disruption* is what the change costs nodes (none, reload, restart,
drain, reboot, or unknown), as the *entries* of the node disruption policy decide; *causes* are the lines of manifests
that lead to it.
"""
