"""Which images a change serves from elsewhere, or no longer at all.

In: what nodes have before and after, and the images that workloads name. Out: the images for which a pull would do
something else, the worst first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from compiler.diff.sides import NodeState
from compiler.images.references import ImageReference
from compiler.node.loading import InvalidRegistriesError
from compiler.node.pull import AttemptVerdict
from compiler.node.resolver import Resolver


class Shift(StrEnum):
    """What becomes of an image, the worst first."""

    LOST = "no-longer-pulled"
    ELSEWHERE = "served-from-elsewhere"
    FALLBACKS = "other-fallbacks"
    FOUND = "can-be-pulled-again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageShift:
    """One image for which a pull would do something else.

    `before` and `after` are the references that are tried, in order; `uses` the places that name the image.
    """

    pull_spec: str
    shift: Shift
    message: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    uses: tuple[ImageReference, ...]


def image_shifts(old: NodeState, new: NodeState, references: Iterable[ImageReference]) -> tuple[ImageShift, ...]:
    """Every image for which a pull would do something else, by what becomes of it, then by name."""
    uses: dict[str, list[ImageReference]] = {}
    for reference in references:
        uses.setdefault(reference.text, []).append(reference)
    before, after = _Node(old), _Node(new)
    shifts = []
    for pull_spec, places in sorted(uses.items()):
        was, is_ = before.tried(pull_spec), after.tried(pull_spec)
        if was != is_:
            shift = _shift(was, is_)
            shifts.append(
                ImageShift(
                    pull_spec=pull_spec,
                    shift=shift,
                    message=_message(shift, was, is_),
                    before=was,
                    after=is_,
                    uses=tuple(places),
                )
            )
    order = list(Shift)
    return tuple(sorted(shifts, key=lambda each: order.index(each.shift)))


def _shift(before: tuple[str, ...], after: tuple[str, ...]) -> Shift:
    if not after:
        return Shift.LOST
    if not before:
        return Shift.FOUND
    return Shift.ELSEWHERE if before[0] != after[0] else Shift.FALLBACKS


def _message(shift: Shift, before: tuple[str, ...], after: tuple[str, ...]) -> str:
    if shift is Shift.LOST:
        return f"can no longer be pulled; before, `{before[0]}` was tried first"
    if shift is Shift.FOUND:
        return f"can be pulled again: `{after[0]}` is tried first"
    if shift is Shift.ELSEWHERE:
        return f"`{after[0]}` is tried first; before, `{before[0]}`"
    behind = ", then ".join(f"`{each}`" for each in after[1:]) or "nothing"
    return f"`{after[0]}` is still tried first, and after it {behind}"


class _Node:
    """What a node does with pull specs."""

    def __init__(self, state: NodeState) -> None:
        self._admission = state.admission
        try:
            self._resolver: Resolver | None = Resolver(state.pulls)
        except InvalidRegistriesError:  # such a node pulls nothing, and a note says so
            self._resolver = None

    def tried(self, pull_spec: str) -> tuple[str, ...]:
        """The references that are asked for, in order; none where the image cannot be pulled."""
        if self._resolver is None:
            return ()
        return tuple(
            attempt.reference
            for pull in self._resolver.resolve_short_name(pull_spec)
            if pull.normalized is not None and self._admission.refusal(pull.normalized) is None
            for attempt in pull.attempts
            if attempt.verdict is AttemptVerdict.TRIED
        )
