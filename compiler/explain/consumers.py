"""Who pulls an image: the nodes of a cluster are not the only ones, and each has other rules."""

from enum import StrEnum


class Consumer(StrEnum):
    """What reads the mirror policy to get an image."""

    NODE = "node"
    BUILD = "build"
    IMPORT = "import"
