"""mirrorc under its own name: the public API of the package `compiler`, which is also the command line's.

`import mirrorc` and `import compiler` give the same objects.
"""

from typing import TYPE_CHECKING

import compiler
from compiler import __version__

__all__ = ["Compilation", "__version__", "compile_paths"]

if TYPE_CHECKING:
    from compiler import Compilation, compile_paths


def __getattr__(name: str) -> object:
    """Leave it to `compiler`, which imports what programs use when they use it."""
    if name in __all__:
        return getattr(compiler, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
