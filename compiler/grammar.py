"""The grammar that scopes and image references share: hosts, and the components of a repository's name.

Nothing comes in. Out: parts of regular expressions. The patterns are those of openshift/api (2a3d73913) and of
containers/image `docker/reference` (df7e80d2), which agree here, written with possessive quantifiers: a match takes
linear time, where the originals lean on an engine that never backtracks.
"""

# Only single characters are repeated possessively: Python before 3.11.4 gets possessive groups wrong. A group needs no
# such help here, since no text can be matched by it in two ways.
LABEL = r"[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*"
"""What stands between the dots of a host's name."""

HOST = rf"{LABEL}(?:\.{LABEL})*(?::[0-9]++)?"
"""A host's name with or without a port."""

COMPONENT = r"[a-z0-9]++(?:(?:\.|__?+|-++)[a-z0-9]++)*"
"""What stands between the slashes of a repository's name."""
