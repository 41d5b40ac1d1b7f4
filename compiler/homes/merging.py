"""What a policy of Advanced Cluster Management makes of an object that the cluster has.

Follows stolostron/config-policy-controller (ecf24b4) `handleKeys`, `mergeSpecs`, `mergeArrays` and `deeplyEquivalent`:
an item of a list is there if some item of the cluster contains it, and the order of lists is never compared.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from compiler.manifests.embedded import Merge
from compiler.manifests.kinds import ImageConfig, Manifest, MirrorRule, MirrorSet
from compiler.text.span import Located

_Item = TypeVar("_Item")

_MOST_COMPARED = 1_000_000
"""Pairs of items that are compared, beside those that cannot be the same; with more the definition counts."""


class _TooManyError(Exception):
    """Too many items would have to be compared with each other."""


class _Left:
    """Counts comparisons."""

    def __init__(self) -> None:
        self._count = _MOST_COMPARED

    def spend(self) -> None:
        self._count -= 1
        if self._count < 0:
            raise _TooManyError


class _Items:
    """The items of a list on the cluster, by what the item of a definition must have in common with one."""

    def __init__(self, items: Sequence[object]) -> None:
        self._items = items
        self._by: dict[str | None, dict[object, list[int]]] = {}

    def like(self, wanted: object) -> Sequence[int]:
        """Where items are that may contain what is wanted."""
        if isinstance(wanted, Mapping):
            for key, value in wanted.items():
                if _is_scalar(value):
                    return self._with(key).get(value, ())
        elif _is_scalar(wanted):
            return self._with(None).get(wanted, ())
        return range(len(self._items))

    def _with(self, key: str | None) -> dict[object, list[int]]:
        if key not in self._by:
            found: dict[object, list[int]] = {}
            for index, item in enumerate(self._items):
                value = item if key is None else item.get(key) if isinstance(item, Mapping) and key in item else ()
                if _is_scalar(value):
                    found.setdefault(value, []).append(index)
            self._by[key] = found
        return self._by[key]


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def contains(existing: object, wanted: object) -> bool:
    """Whether what the cluster has contains what is wanted: further keys and items do not matter, nor does order.

    Too many items with the same keys are not compared with each other: then it does not.
    """
    try:
        return _contains(existing, wanted, _Left())
    except _TooManyError:
        return False


def _contains(existing: object, wanted: object, left: _Left) -> bool:
    left.spend()
    if isinstance(existing, Mapping) and isinstance(wanted, Mapping):
        return all(key in existing and _contains(existing[key], value, left) for key, value in wanted.items())
    if isinstance(existing, list | tuple) and isinstance(wanted, list | tuple):
        items = _Items(existing)
        return all(any(_contains(existing[index], each, left) for index in items.like(each)) for each in wanted)
    return bool(existing == wanted)


def equivalent(one: object, other: object) -> bool:
    """Whether two values are the same but for the order of lists."""
    return bool(_unordered(one) == _unordered(other))


def _unordered(value: object) -> object:
    """A value that is equal for all that differ in the order of lists alone."""
    if isinstance(value, Mapping):
        return ("mapping", frozenset((key, _unordered(each)) for key, each in value.items()))
    if isinstance(value, list | tuple):
        return ("list", frozenset(Counter(map(_unordered, value)).items()))
    return value


def spec_after(merge: Merge, definition: Mapping[str, object], existing: Mapping[str, object]) -> Mapping[str, object]:
    """The spec that the cluster has once the policy was applied to an object.

    Args:
        merge: `ADD` for `musthave`, `EXACT` for `mustonlyhave`.
        definition: The object in the policy, as plain data.
        existing: The object on the cluster.
    """
    wanted, there = _mapping(definition.get("spec")), _mapping(existing.get("spec"))
    labels = contains(_metadata(existing), _metadata(definition))
    if merge is Merge.EXACT:
        return there if labels and equivalent(there, wanted) else wanted
    return there if contains(there, wanted) else _mapping(_added(wanted, there))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _metadata(data: Mapping[str, object]) -> Mapping[str, object]:
    metadata = _mapping(data.get("metadata"))
    return {name: metadata[name] for name in ("labels", "annotations") if metadata.get(name)}


def _added(wanted: object, there: object) -> object:
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        return {
            key: _added(wanted[key], there[key]) if key in wanted and key in there else wanted.get(key, there.get(key))
            for key in (*wanted, *(key for key in there if key not in wanted))
        }
    if isinstance(wanted, list | tuple) and isinstance(there, list | tuple):
        return added_items(list(wanted), list(there), lambda item: item)
    return wanted


def added_items(wanted: Sequence[_Item], there: Sequence[_Item], plain: Callable[[_Item], object]) -> list[_Item]:
    """The list that comes of two: the definition's items in their order, then what the cluster has beside them."""
    compared = [plain(each) for each in there]
    items = _Items(compared)
    taken: set[int] = set()
    left = _Left()
    made = []
    try:
        for item in wanted:
            data = plain(item)
            like = (index for index in items.like(data) if index not in taken)
            found = next((index for index in like if _contains(compared[index], data, left)), None)
            made.append(item if found is None else there[found])
            taken |= set() if found is None else {found}
    except _TooManyError:
        return list(wanted)
    return [*made, *(each for index, each in enumerate(there) if index not in taken)]


# --- Typed objects ------------------------------------------------------------------


def after(merge: Merge, wanted: Manifest, there: Manifest) -> Manifest:
    """What the cluster has of an object once a home was applied, each value at its place."""
    if merge is Merge.APPLY or type(wanted) is not type(there):
        return wanted
    if isinstance(wanted, MirrorSet) and isinstance(there, MirrorSet):
        rules, before = [_rule(each) for each in wanted.rules], [_rule(each) for each in there.rules]
        if merge is Merge.EXACT:
            return there if equivalent(rules, before) else wanted
        if contains(before, rules):
            return there
        return replace(wanted, rules=tuple(added_items(wanted.rules, there.rules, _rule)))
    if isinstance(wanted, ImageConfig) and isinstance(there, ImageConfig):
        return _image_after(merge, wanted, there)
    return wanted


def _rule(rule: MirrorRule) -> Mapping[str, object]:
    data: dict[str, object] = {
        "source": rule.source.value,
        "mirrors": [mirror.value for mirror in rule.mirrors],
    }
    if rule.mirror_source_policy is not None:
        data["mirrorSourcePolicy"] = rule.mirror_source_policy.value
    return data


def _image_after(merge: Merge, wanted: ImageConfig, there: ImageConfig) -> ImageConfig:
    def joined(
        new: tuple[Located[str], ...] | None, old: tuple[Located[str], ...] | None
    ) -> tuple[Located[str], ...] | None:
        if merge is Merge.EXACT:
            same = new is not None and old is not None and equivalent(_values(new), _values(old))
            return old if same else new
        if new is None or old is None:
            return old if new is None else new
        if contains(_values(old), _values(new)):
            return old
        return tuple(added_items(new, old, lambda scope: scope.value))

    return replace(
        wanted,
        insecure=joined(wanted.insecure, there.insecure),
        blocked=joined(wanted.blocked, there.blocked),
        allowed=joined(wanted.allowed, there.allowed),
        search=joined(wanted.search, there.search),
    )


def _values(scopes: tuple[Located[str], ...]) -> list[str]:
    return [scope.value for scope in scopes]
