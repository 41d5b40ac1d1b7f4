"""Two sides and what changes between them.

A *side* is a revision, a folder or a node's files; *disruption* is what the change costs nodes (none, reload, drain,
reboot); *causes* are the lines of manifests behind it.
"""
