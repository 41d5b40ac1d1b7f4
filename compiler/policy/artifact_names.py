"""What the files are called that a build can make.

In: a name below an output folder. Out: whether `artifacts` can give it. This is asked of files of a repo, where nothing
is built.
"""

import re

from compiler.node.files import FILES

_NAME = re.compile("|".join((*(row.artifact for row in FILES), r"machine-configs/[a-z0-9][-a-z0-9.]*\.yaml")))


def can_make(name: str) -> bool:
    """Whether `artifacts` can give a file this name, whatever the manifests and the settings are."""
    return _NAME.fullmatch(name) is not None
