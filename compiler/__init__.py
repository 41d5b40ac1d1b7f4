"""mirrorc: an offline compiler for container-mirror policy in GitOps repos.

`compile_paths` compiles a repo for a program; the command line is `compiler.cli`.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["Compilation", "compile_paths"]

if TYPE_CHECKING:
    from compiler.api import compile_paths
    from compiler.policy.artifacts import Compilation


def __getattr__(name: str) -> object:
    """Import what programs use when they use it: `mirrorc --version` needs none of it."""
    if name == "compile_paths":
        from compiler.api import compile_paths

        return compile_paths
    if name == "Compilation":
        from compiler.policy.artifacts import Compilation

        return Compilation
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
