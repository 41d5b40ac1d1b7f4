"""Values made of the same parts are made once: what clusters share is merged and rendered for the first of them only.

In: a pure function and the very objects it is to be called with. Out: its value, the same object each time.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

_Part = TypeVar("_Part")
_Value = TypeVar("_Value")


class Forgetful:
    """Makes every value anew: for a run in which nothing is made twice."""

    __slots__ = ()

    def of(self, make: Callable[[Sequence[_Part]], _Value], parts: Sequence[_Part]) -> _Value:
        """`make(parts)`."""
        return make(parts)

    def each(self, make: Callable[[_Part], _Value], parts: Sequence[_Part]) -> list[_Value]:
        """`make(part)` for each of the parts."""
        return [make(part) for part in parts]

    def alike(self, make: Callable[[_Part], _Value], part: _Part) -> _Value:
        """`make(part)`, of a part that can be compared."""
        return make(part)


class Memo(Forgetful):
    """Remembers values by the identity of their parts, since comparing what is large costs more than making it."""

    __slots__ = ("_made", "_made_alike", "_made_each")

    def __init__(self) -> None:
        # The parts stay referenced: the identity of an object that is gone may be given to another.
        self._made: dict[tuple[object, ...], tuple[object, Sequence[object]]] = {}
        self._made_each: dict[object, dict[int, tuple[object, object]]] = {}
        self._made_alike: dict[object, dict[object, object]] = {}

    def of(self, make: Callable[[Sequence[_Part]], _Value], parts: Sequence[_Part]) -> _Value:
        """`make(parts)`, or what it gave for these parts before."""
        key = (make, *map(id, parts))
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = (make(parts), parts)
        return cast(_Value, known[0])

    def each(self, make: Callable[[_Part], _Value], parts: Sequence[_Part]) -> list[_Value]:
        """`make(part)` for each of the parts, or what it gave for that part before."""
        made = self._made_each.setdefault(make, {})
        values: list[object] = []
        for part in parts:
            known = made.get(id(part))
            if known is None:
                known = made[id(part)] = (make(part), part)
            values.append(known[0])
        return cast(list[_Value], values)

    def alike(self, make: Callable[[_Part], _Value], part: _Part) -> _Value:
        """`make(part)`, or what it gave for an equal part, if that was one of the last."""
        made = self._made_alike.setdefault(make, {})
        value = made.pop(part, None)
        if value is None:
            value = make(part)
            if len(made) >= _LAST:
                del made[next(iter(made))]
        made[part] = value
        return cast(_Value, value)


def distinct(values: Iterable[_Value]) -> list[_Value]:
    """Each object once, in order: what thousands of clusters share is looked at once."""
    return list({id(value): value for value in values}.values())


_LAST = 8
"""Of values of equal parts so many are kept: what thousands of clusters differ in is large when put together."""

FORGETFUL = Forgetful()
