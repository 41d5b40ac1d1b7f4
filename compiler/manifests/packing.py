"""How mirror objects go from one process to another: as plain tuples, since each object would cost by itself.

In: a mirror object. Out: what `pickle` makes it of again. `machine.processes.spread` takes these functions.
"""

from collections.abc import Callable

from compiler.machine.processes import Packing
from compiler.manifests.kinds import (
    ImageContentSourcePolicy,
    ImageDigestMirrorSet,
    ImageTagMirrorSet,
    MirrorRule,
    MirrorSet,
)
from compiler.text.span import File, Located, Span

_Flat = tuple[str, File, int, int]
_FlatRule = tuple[_Flat, tuple[_Flat, ...], _Flat | None, tuple[File, int, int], str]


def _flat(located: Located[str]) -> _Flat:
    value, span = located
    return (value, *span)


def _packed(mirror_set: MirrorSet) -> tuple[Callable[..., MirrorSet], tuple[object, ...]]:
    rules = tuple(
        [
            (_flat(source), tuple(map(_flat, mirrors)), policy and _flat(policy), tuple(span), field)
            for source, mirrors, policy, span, field in mirror_set.rules
        ]
    )
    return _unpacked, (
        type(mirror_set),
        _flat(mirror_set.name),
        rules,
        tuple(mirror_set.span),
        mirror_set.is_open,
    )


def _unpacked(
    type_: type[MirrorSet],
    name: _Flat,
    rules: tuple[_FlatRule, ...],
    span: tuple[File, int, int],
    is_open: bool,  # noqa: FBT001 - called by `pickle` alone
) -> MirrorSet:
    def located(flat: _Flat) -> Located[str]:
        value, file, start, end = flat
        return Located(value, Span(file, start, end))

    return type_(
        name=located(name),
        rules=tuple(
            [
                MirrorRule(
                    located(source), tuple(map(located, mirrors)), policy and located(policy), Span(*place), field
                )
                for source, mirrors, policy, place, field in rules
            ]
        ),
        span=Span(*span),
        is_open=is_open,
    )


PACKING: Packing = dict.fromkeys((ImageDigestMirrorSet, ImageTagMirrorSet, ImageContentSourcePolicy), _packed)
"""By type, as `copyreg.dispatch_table` has it."""
