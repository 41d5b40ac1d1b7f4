"""What the files are called that a build can make.

In: a name below an output folder. Out: whether `artifacts` can give it. This is asked of files of a repo, where nothing
is built.
"""

import re

from compiler.node.files import FILES

_NAMES = "|".join((*(row.artifact for row in FILES), r"machine-configs/[a-z0-9][-a-z0-9.]*\.yaml"))
_NAME = re.compile(_NAMES)
_END = re.compile(rf"(?:.*/)?(?:{_NAMES})", re.DOTALL)


def can_make(name: str) -> bool:
    """Whether `artifacts` can give a file this name, whatever the manifests and the settings are."""
    return _NAME.fullmatch(name) is not None


def may_be_made(path: str) -> bool:
    """Whether there is a folder around a file in which a build can make it: of most files this is not so."""
    return _END.fullmatch(path) is not None
