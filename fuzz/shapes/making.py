"""What shapes are made with: how one is registered, and how a text gets a size."""

from collections.abc import Callable
from dataclasses import dataclass

Files = dict[str, bytes]
"""Contents by names; `stdin` is what is piped in."""

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A shape: its name, what makes it in a size, and the commands to run on it.

    What multiplies (a `product`) may cost a fixed part, as for a megabyte, before its limit is reached.
    """

    name: str
    make: Callable[[int], Files]
    commands: tuple[Command, ...]
    product: bool = False


SHAPES: dict[str, Shape] = {}


def shape(*commands: Command, product: bool = False) -> Callable[[Callable[[int], Files]], Callable[[int], Files]]:
    """Register a function that makes a shape."""

    def add(make: Callable[[int], Files]) -> Callable[[int], Files]:
        SHAPES[make.__name__] = Shape(name=make.__name__, make=make, commands=commands, product=product)
        return make

    return add


def fill(size: int, item: Callable[[int], str]) -> str:
    """Items one after the other until they have a size."""
    parts: list[str] = []
    used = 0
    while used < size:
        text = item(len(parts))
        parts.append(text)
        used += len(text)
    return "".join(parts)
