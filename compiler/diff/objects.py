"""What a change does to the objects in a cluster, in the API's own verbs, and which of it is churn.

In: the analyses of two sides. Out: what an apply (and, for deletions, a prune) sends, object by object, with what it
amounts to: sources gained, lost and changed, or why nodes will not notice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.manifests.kinds import (
    ALLOW,
    DrainOverride,
    ImageConfig,
    ImageTagMirrorSet,
    MachineConfiguration,
    Manifest,
    MirrorRule,
    MirrorSet,
    SignaturePolicyObject,
)
from compiler.node.requirements import Members
from compiler.policy.analysis import Analysis
from compiler.policy.precedence import Precedence
from compiler.policy.signatures import SignaturePolicies, requirement_of
from compiler.text.span import File, Span


class Verb(StrEnum):
    """What is done to an object."""

    CREATE = "create"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """One object that is created, replaced or deleted.

    `effective` says whether anything on nodes comes of it; `note` why not, or what changes beside the rules.
    `gained`, `lost` and `changed` are the sources (or, of an Image config, the lists) that it speaks of now, no
    longer, or otherwise. `counterpart` is the other object of a rename, as `KIND NAME`. `refused` says that the API
    server does not take it.
    """

    verb: Verb
    kind: str
    name: str
    effective: bool
    note: str = ""
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    counterpart: str = ""
    refused: bool = False
    old_span: Span | None = field(default=None, compare=False)
    new_span: Span | None = field(default=None, compare=False)


_SERVERS_METADATA = frozenset(
    ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")
)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_Key = tuple[str, str]
_Content = tuple[str, tuple[str, ...], str]


def object_changes(old: Analysis, new: Analysis) -> tuple[ObjectChange, ...]:
    """Every object that is not the same in both: created ones first, then replaced, then deleted, by kind and name."""
    before, after = _by_key(old), _by_key(new)
    judge = _Effects(old, new)
    gone = {key: manifest for key, manifest in before.items() if key not in after}
    come = {key: manifest for key, manifest in after.items() if key not in before}
    renamed = _renames(gone, come)
    back = {to: origin for origin, to in renamed.items()}
    changes = [_created(manifest, before.get(back.get(key, key)), judge) for key, manifest in come.items()]
    changes += [_deleted(manifest, after.get(renamed.get(key, key)), judge) for key, manifest in gone.items()]
    changes += (
        change
        for key, manifest in before.items()
        if key in after and after[key] is not manifest
        for change in _replaced(manifest, after[key], judge)
    )
    order = list(Verb)
    return tuple(sorted(changes, key=lambda change: (order.index(change.verb), change.kind, change.name)))


def _by_key(analysis: Analysis) -> dict[_Key, Manifest]:
    """Objects by kind and name; those whose name the cluster makes up are distinguished by a number."""
    policy = analysis.policy
    others: tuple[Manifest | None, ...] = (policy.image, policy.machine_configuration, policy.drain_override)
    manifests: list[Manifest] = [*policy.mirror_sets, *policy.signature_policies]
    manifests += (each for each in others if each is not None)
    found: dict[_Key, Manifest] = {}
    for manifest in manifests:
        name = _named(manifest) if manifest.name.value else ""
        number = 0
        while (key := (manifest.kind, name or f"<generated> {number}")) in found:
            number += 1
        found[key] = manifest
    return found


def _content(rule: MirrorRule) -> _Content:
    policy = rule.mirror_source_policy
    return (
        rule.source.value,
        tuple(mirror.value for mirror in rule.mirrors),
        policy.value if policy is not None else ALLOW,
    )


def _contents(manifest: Manifest) -> "Counter[_Content]":
    return Counter(map(_content, manifest.rules)) if isinstance(manifest, MirrorSet) else Counter()


def _renames(gone: Mapping[_Key, Manifest], come: Mapping[_Key, Manifest]) -> dict[_Key, _Key]:
    """Objects that are deleted and, with the same rules for the same pulls, created under another name or kind."""
    free: dict[tuple[bool, frozenset[tuple[_Content, int]]], list[_Key]] = {}
    for key in sorted(come):
        free.setdefault(_identity(come[key]), []).append(key)
    renames = {}
    for key in sorted(gone):
        candidates = free.get(_identity(gone[key]))
        if candidates and _contents(gone[key]):
            renames[key] = candidates.pop(0)
    return renames


def _identity(manifest: Manifest) -> tuple[bool, frozenset[tuple[_Content, int]]]:
    return (isinstance(manifest, ImageTagMirrorSet), frozenset(_contents(manifest).items()))


class _Effects:
    """Which sources are merged to something else than before."""

    def __init__(self, old: Analysis, new: Analysis) -> None:
        self._old = (_merged(old.digest), _merged(old.tag))
        self._new = (_merged(new.digest), _merged(new.tag))
        self._image = (
            (old.guarded.blocked, old.guarded.policy_blocked, old.guarded.allowed, old.search, _insecure(old)),
            (new.guarded.blocked, new.guarded.policy_blocked, new.guarded.allowed, new.search, _insecure(new)),
        )
        self._signatures = (old.signatures, new.signatures)
        self._changed_scopes: dict[str, bool] = {}
        # Even an object without a rule makes a registries.conf.
        self._made = (old.conf is not None, new.conf is not None)

    def of(self, manifest: Manifest, sources: Iterable[str]) -> bool:
        """Whether nodes notice a change of these sources, or scopes, in an object of that kind."""
        if isinstance(manifest, MachineConfiguration | DrainOverride):
            return False
        if isinstance(manifest, SignaturePolicyObject):
            return any(map(self._requires_other, sources))
        if self._made[0] != self._made[1]:
            return True
        if isinstance(manifest, ImageConfig):
            return self._image[0] != self._image[1]
        which = int(isinstance(manifest, ImageTagMirrorSet))
        return any(self._old[which].get(source) != self._new[which].get(source) for source in sources)

    def _requires_other(self, scope: str) -> bool:
        if scope not in self._changed_scopes:
            before, after = (_required(each, scope) for each in self._signatures)
            self._changed_scopes[scope] = before != after
        return self._changed_scopes[scope]


def _required(signatures: SignaturePolicies, scope: str) -> list[tuple[str, Members]]:
    """What is required for a scope, by namespace."""
    return [(each.namespace, each.requirement.members) for each in signatures.of(scope)]


def _merged(merged: Iterable[Precedence]) -> dict[str, tuple[tuple[str, ...], bool]]:
    return {precedence.source: (precedence.order, precedence.blocked_by is not None) for precedence in merged}


def _insecure(analysis: Analysis) -> tuple[str, ...] | None:
    image = analysis.policy.image
    return None if image is None or image.insecure is None else tuple(scope.value for scope in image.insecure)


def _sources(manifest: Manifest) -> tuple[str, ...]:
    if isinstance(manifest, MirrorSet):
        return tuple(dict.fromkeys(rule.source.value for rule in manifest.rules))
    if isinstance(manifest, MachineConfiguration):
        return tuple(_entries(manifest))
    if isinstance(manifest, SignaturePolicyObject):
        return tuple(scope.value for scope in manifest.scopes)
    return tuple(name for name, scopes in _lists(manifest) if scopes is not None)


def _lists(manifest: Manifest) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """The lists of an Image config by their names, with what is in them."""
    if isinstance(manifest, ImageConfig):
        for name, scopes in (
            ("insecureRegistries", manifest.insecure),
            ("blockedRegistries", manifest.blocked),
            ("allowedRegistries", manifest.allowed),
            ("containerRuntimeSearchRegistries", manifest.search),
        ):
            yield name, None if scopes is None else tuple(scope.value for scope in scopes)


def _entries(manifest: MachineConfiguration) -> dict[str, object]:
    """The entries of a node disruption policy by what they are for, with their actions."""
    keys = (manifest.ssh_keys,) if manifest.ssh_keys is not None else ()
    return {
        entry.name.value: [(action.type.value, action.service and action.service.value) for action in entry.actions]
        for entry in (*manifest.files, *manifest.units, *keys)
    }


def _named(manifest: Manifest) -> str:
    """The name, with the namespace where it has one."""
    name = manifest.name.value or "(a name the cluster generates)"
    namespace = manifest.namespace if isinstance(manifest, SignaturePolicyObject) else None
    return f"{namespace.value}/{name}" if namespace else name


def _created(manifest: Manifest, former: Manifest | None, judge: _Effects) -> ObjectChange:
    sources = _sources(manifest)
    effective = judge.of(manifest, sources)
    return ObjectChange(
        verb=Verb.CREATE,
        kind=manifest.kind,
        name=_named(manifest),
        effective=effective,
        note=_note_of_counterpart("renamed from", manifest, former)
        if former
        else _why_not(manifest, effective=effective),
        gained=() if former else sources,
        counterpart=f"{former.kind} {_named(former)}" if former else "",
        new_span=manifest.name.span,
    )


def _deleted(manifest: Manifest, successor: Manifest | None, judge: _Effects) -> ObjectChange:
    sources = _sources(manifest)
    effective = judge.of(manifest, sources)
    return ObjectChange(
        verb=Verb.DELETE,
        kind=manifest.kind,
        name=_named(manifest),
        effective=effective,
        note=_note_of_counterpart("renamed to", manifest, successor)
        if successor
        else _why_not(manifest, effective=effective),
        lost=() if successor else sources,
        counterpart=f"{successor.kind} {_named(successor)}" if successor else "",
        old_span=manifest.name.span,
    )


def _note_of_counterpart(words: str, manifest: Manifest, other: Manifest) -> str:
    kind = "" if other.kind == manifest.kind else f"{other.kind} "
    return f"{words} {kind}`{_named(other)}`, with the same rules"


def _why_not(manifest: Manifest, *, effective: bool) -> str:
    if isinstance(manifest, MachineConfiguration | DrainOverride):
        return "it decides how other changes affect nodes"
    if isinstance(manifest, SignaturePolicyObject):
        return "" if effective else "the signatures that its scopes need stay the same"
    return "" if effective else "the mirrors of its sources stay the same"


def _replaced(old: Manifest, new: Manifest, judge: _Effects) -> Iterator[ObjectChange]:
    """The change of an object that is in both; none where only comments and layout differ."""
    before, after = _parts(old), _parts(new)
    gained = tuple(source for source in after if source not in before)
    lost = tuple(source for source in before if source not in after)
    changed = tuple(source for source in after if source in before and after[source] != before[source])
    note = ""
    effective = False
    if gained or lost or changed:
        effective = judge.of(new, (*gained, *lost, *changed))
        note = _why_not(new, effective=effective)
    elif isinstance(old, MirrorSet) and isinstance(new, MirrorSet) and _order(old) != _order(new):
        note = "the same rules in another order"
    else:
        fields = _other_fields(old.span, new.span)
        if not fields:
            return
        note = f"only {', '.join(fields)} change{'s' if len(fields) == 1 else ''}"
    yield ObjectChange(
        verb=Verb.REPLACE,
        kind=new.kind,
        name=_named(new),
        effective=effective,
        note=note,
        gained=gained,
        lost=lost,
        changed=changed,
        old_span=old.name.span,
        new_span=new.name.span,
    )


def _parts(manifest: Manifest) -> dict[str, object]:
    """What an object says, by source or by list."""
    if isinstance(manifest, MachineConfiguration):
        return _entries(manifest)
    if isinstance(manifest, SignaturePolicyObject):
        return dict.fromkeys(_sources(manifest), requirement_of(manifest.root, manifest.identity))
    if not isinstance(manifest, MirrorSet):
        return {name: scopes for name, scopes in _lists(manifest) if scopes is not None}
    rules: dict[str, Counter[_Content]] = {}
    for rule in manifest.rules:
        rules.setdefault(rule.source.value, Counter())[_content(rule)] += 1
    return dict(rules)


def _order(manifest: MirrorSet) -> list[_Content]:
    return list(map(_content, manifest.rules))


def _other_fields(old: Span, new: Span) -> list[str]:
    """The fields outside of the rules that differ between two objects as written."""
    if old.text == new.text:
        return []
    before, after = _data(old), _data(new)
    if before is None or after is None:
        return ["the text"]
    return sorted(_differing(before, after, ""))


def _data(span: Span) -> "dict[str, object] | None":
    from compiler.text.tree import Mapping as YamlMapping
    from compiler.text.tree import plain, read

    # Where the object is in a list its first line lacks the indentation that the others have.
    tree = read(File(span.path, " " * (span.begin.column - 1) + span.text))
    root = tree.documents[0].root if tree.documents and tree.error is None else None
    data = plain(root) if isinstance(root, YamlMapping) else None
    return _without_the_servers(data) if isinstance(data, dict) else None


def _without_the_servers(data: Mapping[str, object]) -> dict[str, object]:
    """What of an object its author wrote: `oc get -o yaml` prints the cluster's own notes with it."""
    kept = {name: value for name, value in data.items() if name != "status"}
    metadata = data.get("metadata")
    if isinstance(metadata, dict):
        own = {name: value for name, value in metadata.items() if name not in _SERVERS_METADATA}
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict):
            written = {name: value for name, value in annotations.items() if name != _LAST_APPLIED}
            own["annotations"] = written or None
        kept["metadata"] = {name: value for name, value in own.items() if value is not None}
    return kept


def _differing(before: "Mapping[str, object]", after: "Mapping[str, object]", path: str) -> Iterator[str]:
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and path == "":
            yield from _differing(old, new, f"{name}.")
        else:
            yield f"`{path}{name}`"
