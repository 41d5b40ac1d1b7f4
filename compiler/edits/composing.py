"""What a kustomization is built to with several changes, put together of what it is built to with each of them alone.

In: what is built without any change, and with each alone. Out: what is built with all of them, as far as that follows:
each object, or each source in an object, is what the one change makes of it that changes it at all.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from compiler.diff.sides import Manifests
from compiler.manifests.kinds import Manifest, MirrorRule, MirrorSet
from compiler.manifests.parsing import Parsed

_Key = tuple[str, str, str]


def composed(base: Manifests, alone: Sequence[Manifests]) -> Manifests | None:
    """What is built with all changes; None where that does not follow from what each does alone."""
    if any(_beside(each) != _beside(base) for each in alone):
        return None
    old = _objects(base.parsed)
    new = [_objects(each.parsed) for each in alone]
    if old is None or None in new:
        return None
    changed = [each for each in new if each is not None]
    keys = sorted({*old, *(key for each in changed for key in each)})
    try:
        made = [_one_of(old.get(key), [each.get(key) for each in changed]) for key in keys]
    except _UnclearError:
        return None
    objects = tuple([each for each in made if each is not None])
    built = [each for each in base.parsed if not each.file.editable]
    rest = [each._replace(manifests=()) for each in built[1:]]
    return replace(base, parsed=(*(each._replace(manifests=objects) for each in built[:1]), *rest))


class _UnclearError(Exception):
    """More than one change makes something of an object, or of a source in it."""


def _beside(side: Manifests) -> Hashable:
    """What is built beside objects."""
    built = [each for each in side.parsed if not each.file.editable]
    problems = tuple((each.rule, each.message) for each in side.problems)
    return (bool(built), tuple((each.refused, len(each.node_texts)) for each in built), problems)


def _objects(parsed: Iterable[Parsed]) -> dict[_Key, Manifest] | None:
    """The built objects; None where two have one name, or one contains what is not put together here."""
    found: dict[_Key, Manifest] = {}
    for each in parsed:
        if each.file.editable:
            continue
        if each.node_texts:
            return None
        for manifest in each.manifests:
            namespace = getattr(manifest, "namespace", None)
            key = (type(manifest).__name__, str(namespace or ""), manifest.name.value)
            if key in found:
                return None
            found[key] = manifest
    return found


def _one_of(old: Manifest | None, new: Sequence[Manifest | None]) -> Manifest | None:
    """What becomes of an object, None where it is gone."""
    differing = [each for each in new if _content(each) != _content(old)]
    if len(differing) < 2:
        return differing[0] if differing else old
    sets = [each for each in differing if isinstance(each, MirrorSet)]
    if not isinstance(old, MirrorSet) or len(sets) < len(differing):
        raise _UnclearError
    before = _by_source(old)
    after = [_by_source(each) for each in sets]
    rules: list[MirrorRule] = []
    for source in dict.fromkeys((*before, *(source for each in after for source in each))):
        own = before.get(source, ())
        choices = [found for each in after if _rules(found := each.get(source, ())) != _rules(own)]
        if len(choices) > 1:
            raise _UnclearError
        rules += choices[0] if choices else own
    return replace(old, rules=tuple(rules))


def _by_source(mirror_set: MirrorSet) -> Mapping[str, tuple[MirrorRule, ...]]:
    found: dict[str, tuple[MirrorRule, ...]] = {}
    for rule in mirror_set.rules:
        found[rule.source.value] = (*found.get(rule.source.value, ()), rule)
    return found


def _content(manifest: Manifest | None) -> Hashable:
    """What an object says, wherever it is written."""
    if isinstance(manifest, MirrorSet):
        return _rules(manifest.rules)
    return repr(manifest)


def _rules(rules: Iterable[MirrorRule]) -> Hashable:
    return tuple(
        (
            rule.source.value,
            tuple(mirror.value for mirror in rule.mirrors),
            rule.mirror_source_policy.value if rule.mirror_source_policy else None,
        )
        for rule in rules
    )
