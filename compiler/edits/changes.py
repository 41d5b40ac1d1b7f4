"""What two states of some files change, in pieces that can be committed in sequence.

In: the text of each file before and after. Out: `Change`s, and the texts of every state between the two. A state says
of each change how far it is: `OLD`, `KEPT` (what it adds is there, what it removes is kept) or `NEW`. The first state
has the old texts and the last one the new texts, byte for byte; those in between are put together of pieces of both.
Nothing is read or written here.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, cast

from compiler.edits.fragments import Rules, rules_of
from compiler.edits.writing import yaml_text
from compiler.manifests.kinds import (
    ALLOW,
    ClusterImagePolicy,
    DrainOverride,
    ImageConfig,
    ImageContentSourcePolicy,
    ImageDigestMirrorSet,
    ImagePolicy,
    ImageTagMirrorSet,
    MachineConfiguration,
    MirrorSet,
)
from compiler.manifests.lists import objects
from compiler.manifests.parsing import documents
from compiler.text.span import File
from compiler.text.tree import Document, Node, Plain, Tree, plain, read
from compiler.text.tree import Mapping as YamlMapping

OLD, KEPT, NEW = 0, 1, 2

State = tuple[int, ...]
"""How far each change is, in the order of the changes."""

Object = dict[str, Plain]
Key = tuple[str, str, str, str]
"""apiVersion, kind, namespace and name."""

Place = tuple[str, Key]
"""The path of a file and an object in it."""

MIRROR_SETS: Mapping[str, type[MirrorSet]] = {
    kind.kind: kind for kind in (ImageDigestMirrorSet, ImageTagMirrorSet, ImageContentSourcePolicy)
}
_KINDS = frozenset(
    (*MIRROR_SETS, *(kind.kind for kind in (ImageConfig, ClusterImagePolicy, ImagePolicy, MachineConfiguration)))
)

Vanished = Callable[[str, str, str], tuple[str, ...]]
"""By path, kind and source: the mirrors that the clusters reading the file no longer have, in the order tried."""


class EditVerb(StrEnum):
    """What is done to an object or a file."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A file that is not the same before and after; None where there is none.

    `marks` says whether the old and the new one begin with a byte order mark; `plain` that both are UTF-8.
    """

    path: str
    old: str | None
    new: str | None
    marks: tuple[bool, bool] = (False, False)
    plain: bool = True

    def marked(self, text: str | None) -> str | None:
        """A text between the two with its byte order mark."""
        mark = self.marks[text == self.new or self.old is None]
        return f"\ufeff{text}" if mark and text is not None else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One piece of a change.

    Attributes:
        paths: The files that it is in.
        kind: The kind of the object, empty for a whole file.
        name: Its name, or that of the file.
        source: The source whose rules change, or the list of an Image config; empty where the whole object changes.
        levels: What it can be at, from `OLD` to `NEW`.
        verb: What it does to the object, or to the file.
        adds: Whether something is there after it that was not before.
        removes: Whether nothing is there after it.
        gained: Mirrors that the rules list after it and did not before.
        lost: Mirrors that they listed before, and do not after it.
        kept: Mirrors that are the last ones of a list at `KEPT`.
        places: The objects.
        sources: Every source that the rules of a whole object name; of a list of an Image config what is in it.
    """

    paths: tuple[str, ...]
    kind: str = ""
    name: str = ""
    source: str = ""
    levels: tuple[int, ...] = (OLD, NEW)
    verb: EditVerb = EditVerb.CHANGE
    adds: bool = True
    removes: bool = False
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    places: tuple[Place, ...] = field(default=(), repr=False)
    sources: tuple[str, ...] = ()


class Changes:
    """The changes between two states of some files.

    Args:
        files: The files that differ, in any order.
        vanished: Which mirrors of a source clusters no longer have after all of it.
        whole: Paths of files that change as one, such as those of a kustomization.
    """

    def __init__(
        self, files: Iterable[Text], vanished: Vanished = lambda *_: (), whole: frozenset[str] = frozenset()
    ) -> None:
        self.files = tuple(sorted(files, key=lambda each: each.path))
        self._vanished = vanished
        self._made: dict[tuple[str, tuple[int, ...]], str | None] = {}
        self._read: dict[str, Parts] = {}
        self._old = {each.path: take_apart(each.path, each.old) for each in self.files}
        self._new = {each.path: take_apart(each.path, each.new) for each in self.files}
        together = tuple(each.path for each in self.files if each.path in whole)
        split = [
            each.path
            for each in self.files
            if each.path not in whole and self._old[each.path] is not None and self._new[each.path] is not None
        ]
        self._splittable = frozenset(split)
        found = list(self._of_objects(split))
        found += (
            Change(
                paths=(each.path,),
                name=each.path,
                verb=_verb(each.old, each.new),
                adds=each.new is not None,
                removes=each.new is None,
            )
            for each in self.files
            if each.path not in self._splittable and each.path not in whole
        )
        if together:
            found.append(Change(paths=together, name="kustomization"))
        self.all = tuple(found)
        self.together = len(found) - 1 if together else None
        self._numbers: dict[str, list[int]] = {each.path: [] for each in self.files}
        for number, change in enumerate(found):
            for path in dict.fromkeys(change.paths):
                self._numbers[path].append(number)

    @property
    def first(self) -> State:
        """Nothing is done."""
        return (OLD,) * len(self.all)

    @property
    def last(self) -> State:
        """Everything is done."""
        return (NEW,) * len(self.all)

    # --- Finding them ----------------------------------------------------------------

    def _of_objects(self, paths: Sequence[str]) -> Iterator[Change]:
        before = {(path, key): each for path in paths for key, each in _objects(self._old[path]).items()}
        after = {(path, key): each for path in paths for key, each in _objects(self._new[path]).items()}
        moved = _moves(before, after)
        targets = set(moved.values())
        for place in sorted({*before, *after}):
            if place in targets or not _is_ours(place[1]):
                continue
            old, new = before.get(place), after.get(place)
            if place in moved:
                yield _whole((place, moved[place]), verb=EditVerb.MOVE, sources=_named(place, old))
            elif old != new:
                yield from self._of_object(place, old, new)

    def _of_object(self, place: Place, old: Object | None, new: Object | None) -> Iterator[Change]:
        kind = place[1][1]
        if old is None or new is None:
            kept = None if new is None else self._created(place, new)
            levels = (OLD, KEPT, NEW) if kept is not None else (OLD, NEW)
            sources = _named(place, new or old)
            mirrors = kept.kept if kept else ()
            yield _whole((place,), verb=_verb(old, new), levels=levels, kept=mirrors, sources=sources)
            return
        if kind == ImageConfig.kind and (lists := _differing_lists(old, new)):
            for name in lists:
                yield _whole((place,), source=name, sources=_scopes(name, old, new))
            return
        rules = [_rules(each, kind) for each in (old, new)]
        if rules[0] is None or rules[1] is None:
            yield _whole((place,), sources=(*_named(place, old), *_named(place, new)))
            return
        for source in dict.fromkeys((*rules[0], *rules[1])):
            was, is_ = rules[0].get(source, []), rules[1].get(source, [])
            if was != is_:
                yield self._of_source(place, source, was, is_)

    def _of_source(self, place: Place, source: str, old: list[Object], new: list[Object]) -> Change:
        had, has = dict.fromkeys(_mirrors(old)), dict.fromkeys(_mirrors(new))
        kept = self._kept(place, source, old, new)
        levels = (OLD, NEW) if kept in (old, new) else (OLD, KEPT, NEW)
        return Change(
            paths=(place[0],),
            kind=place[1][1],
            name=place[1][3],
            source=source,
            levels=levels,
            adds=bool(new)
            and (not old or KEPT in levels or bool(has.keys() - had.keys()) or _policies(old) != _policies(new)),
            removes=not new,
            gained=tuple(mirror for mirror in has if mirror not in had),
            lost=tuple(mirror for mirror in had if mirror not in has),
            kept=tuple(mirror for mirror in _mirrors(kept) if mirror not in has) if KEPT in levels else (),
            places=(place,),
        )

    def _kept(self, place: Place, source: str, old: list[Object], new: list[Object]) -> list[Object]:
        """The new rules of a source with the mirrors that they no longer have, and what the old ones say otherwise."""
        if not new:
            return old
        vanished = self._vanished(place[0], place[1][1], source)
        listed = frozenset(_mirrors(new))
        if old:
            vanished = tuple(mirror for mirror in _mirrors(old) if mirror not in listed)
        kept = [dict(rule) for rule in new]
        added = [mirror for mirror in vanished if mirror not in listed and mirror != source]
        if added:
            last = max((at for at, rule in enumerate(kept) if _mirrors([rule])), default=len(kept) - 1)
            kept[last]["mirrors"] = [*_mirrors([kept[last]]), *added]
        if len(_policies(old)) == 1 and _policies(old) != _policies(new):
            written = next((rule["mirrorSourcePolicy"] for rule in old if "mirrorSourcePolicy" in rule), None)
            for rule in kept:
                rule.pop("mirrorSourcePolicy", None)
                if written is not None:
                    rule["mirrorSourcePolicy"] = written
        if old and set(_mirrors(kept)) == set(_mirrors(old)) and _policies(kept) == _policies(old) and not added:
            return old if _policies(old) != _policies(new) else new
        return kept

    def _created(self, place: Place, new: Object) -> "_Kept | None":
        """A new object with the mirrors that vanish from its sources elsewhere, where there are any."""
        if place[1][1] not in MIRROR_SETS:
            return None
        rules = _rules(new, place[1][1])
        if rules is None:
            return None
        kept = {source: self._kept(place, source, [], each) for source, each in rules.items()}
        if kept == rules:
            return None
        mirrors = (mirror for each in kept.values() for mirror in _mirrors(each))
        listed = {mirror for each in rules.values() for mirror in _mirrors(each)}
        return _Kept(_with_rules(new, kept), tuple(dict.fromkeys(each for each in mirrors if each not in listed)))

    # --- The texts of a state --------------------------------------------------------

    def texts(self, state: State) -> dict[str, str | None]:
        """The text of each file in a state."""
        if state == self.last:
            return {each.path: each.new for each in self.files}
        made = {}
        for each in self.files:
            levels = self._levels(each.path, state)
            if not levels or max(levels) == OLD:
                made[each.path] = each.old
            elif min(levels) == NEW:
                made[each.path] = each.new
            else:
                made[each.path] = self._between(each.path, state)
        return made

    def tree(self, path: str, text: str) -> tuple[File, Tree] | None:
        """The file with this text and its tree, once, where it is the one of these that was put together last."""
        parts = self._read.get(path)
        if parts is None or len(parts.documents) != 1:
            return None
        root = parts.documents[0].root
        if root is None or root.file.text != text:
            return None
        del self._read[path]
        return root.file, Tree((Document(root),))

    def _levels(self, path: str, state: State) -> tuple[int, ...]:
        """Those of the changes of a file."""
        return tuple([state[number] for number in self._numbers[path]])

    def _between(self, path: str, state: State) -> str | None:
        known = self._levels(path, state)
        if (path, known) not in self._made:
            self._made[path, known] = self._put_together(path, state)
        return self._made[path, known]

    def _put_together(self, path: str, state: State) -> str | None:
        levels: dict[Key, dict[str, int]] = {}
        for number in self._numbers[path]:
            for at, key in self.all[number].places:
                if at == path:
                    levels.setdefault(key, {})[self.all[number].source] = state[number]
        old, new = _objects(self._old[path]), _objects(self._new[path])
        wanted: dict[Key, Object] = {}
        for key in dict.fromkeys((*old, *new)):
            found = self._object((path, key), old.get(key), new.get(key), levels.get(key))
            if found is not None:
                wanted[key] = found

        def keep(parts: Parts) -> None:
            self._read[path] = parts

        self._read.pop(path, None)
        return put_together(path, self._old[path], self._new[path], wanted, keep)

    def _object(
        self, place: Place, old: Object | None, new: Object | None, levels: Mapping[str, int] | None
    ) -> Object | None:
        """An object in a state, None where there is none."""
        if not levels or set(levels.values()) == {OLD}:
            return old
        if set(levels.values()) == {NEW}:
            return new
        if old is None or new is None:
            kept = self._created(place, new) if new is not None else None
            return kept.object if kept is not None else old
        kind = place[1][1]
        if kind == ImageConfig.kind:
            return _with_lists(old, new, [name for name, level in levels.items() if level == NEW])
        before, after = _rules(old, kind) or {}, _rules(new, kind) or {}
        made = {}
        for source in dict.fromkeys((*before, *after)):
            was, is_ = before.get(source, []), after.get(source, [])
            level = levels.get(source, OLD)
            made[source] = was if level == OLD else is_ if level == NEW else self._kept(place, source, was, is_)
        return _with_rules(old, made)


class _Kept(NamedTuple):
    object: Object
    kept: tuple[str, ...]


def _whole(
    places: tuple[Place, ...],
    *,
    verb: EditVerb = EditVerb.CHANGE,
    source: str = "",
    levels: tuple[int, ...] = (OLD, NEW),
    kept: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> Change:
    return Change(
        paths=tuple(dict.fromkeys(path for path, _ in places)),
        kind=places[0][1][1],
        name=places[0][1][3],
        source=source,
        levels=levels,
        verb=verb,
        adds=verb is not EditVerb.DELETE,
        removes=verb is EditVerb.DELETE,
        kept=kept,
        places=places,
        sources=sources,
    )


def _verb(old: object, new: object) -> EditVerb:
    if old is None:
        return EditVerb.CREATE
    return EditVerb.DELETE if new is None else EditVerb.CHANGE


def _moves(before: Mapping[Place, Object], after: Mapping[Place, Object]) -> dict[Place, Place]:
    """Objects that are in another file after the change, from where to where; only where that is unambiguous."""
    gone: dict[Key, list[Place]] = {}
    come: dict[Key, list[Place]] = {}
    for place in before.keys() - after.keys():
        gone.setdefault(place[1], []).append(place)
    for place in after.keys() - before.keys():
        come.setdefault(place[1], []).append(place)
    return {
        places[0]: come[key][0]
        for key, places in sorted(gone.items())
        if len(places) == 1 and len(come.get(key, ())) == 1
    }


def _is_ours(key: Key) -> bool:
    api_version, kind, namespace, name = key
    if kind in _KINDS:
        return "openshift.io/" in api_version
    return (kind, namespace, name) == (DrainOverride.kind, DrainOverride.namespace, DrainOverride.only_name)


def rehomed(old: Iterable[str], new: Mapping[str, str], elsewhere: str) -> dict[str, str]:
    """The texts of the old state by path, as if each object were in the file that the new state has it in.

    Args:
        old: Texts of objects, such as those that a cluster prints.
        new: The texts of the new state by path.
        elsewhere: The path of the objects that the new state does not have.
    """
    homes: dict[Key, str] = {}
    for path in sorted(new):
        for key in _objects(take_apart(path, new[path])):
            homes.setdefault(key, path)
    found: dict[str, list[Object]] = {}
    for text in old:
        for key, each in _objects(take_apart(elsewhere, text)).items():
            if _is_ours(key):
                found.setdefault(homes.get(key, elsewhere), []).append(each)
    return {path: "---\n".join(map(yaml_text, each)) for path, each in sorted(found.items())}


# --- Objects as data -------------------------------------------------------------


def _rules(found: Object, kind: str) -> dict[str, list[Object]] | None:
    """The rules of a mirror set by source, None where something about them is not as the API has it."""
    if kind not in MIRROR_SETS:
        return None
    spec = found.get("spec")
    listed = spec.get(MIRROR_SETS[kind].list_field, []) if isinstance(spec, dict) else None
    if not isinstance(listed, list):
        return None
    rules: dict[str, list[Object]] = {}
    for rule in listed:
        mirrors = rule.get("mirrors", []) if isinstance(rule, dict) else None
        if not isinstance(rule, dict) or not isinstance(rule.get("source"), str) or not isinstance(mirrors, list):
            return None
        if not all(isinstance(mirror, str) for mirror in mirrors):
            return None
        rules.setdefault(str(rule["source"]), []).append(rule)
    return rules


def _named(place: Place, found: Object | None) -> tuple[str, ...]:
    """The sources that the rules of an object name."""
    return tuple(_rules(found or {}, place[1][1]) or ())


def _with_rules(found: Object, rules: Mapping[str, list[Object]]) -> Object:
    spec = cast(Object, found["spec"])
    name = MIRROR_SETS[str(found["kind"])].list_field
    listed: list[Plain] = [rule for each in rules.values() for rule in each]
    return {**found, "spec": {**spec, name: listed}}


def _mirrors(rules: Iterable[Object]) -> list[str]:
    """The mirrors of rules, each once."""
    found: dict[Plain, None] = {}
    for rule in rules:
        found |= dict.fromkeys(cast("list[str]", rule.get("mirrors") or ()))
    return cast("list[str]", list(found))


def _policies(rules: Iterable[Object]) -> set[Plain]:
    return {str(rule.get("mirrorSourcePolicy", ALLOW)) for rule in rules}


def _differing_lists(old: Object, new: Object) -> list[str]:
    """The lists of an Image config that differ, where nothing else does."""
    before, after = _sources(old), _sources(new)
    if before is None or after is None or {**old, "spec": None} != {**new, "spec": None}:
        return []
    specs = [{**cast(Object, each["spec"]), "registrySources": None} for each in (old, new)]
    if specs[0] != specs[1]:
        return []
    return [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]


def _scopes(name: str, *images: Object) -> tuple[str, ...]:
    """What is in a list of an Image config."""
    lists = [found.get(name) for image in images if (found := _sources(image)) is not None]
    return tuple(dict.fromkeys(str(scope) for each in lists if isinstance(each, list) for scope in each))


def _sources(image: Object) -> Object | None:
    spec = image.get("spec")
    found = spec.get("registrySources") if isinstance(spec, dict) else None
    return found if isinstance(found, dict) else None


def _with_lists(old: Object, new: Object, done: Iterable[str]) -> Object:
    lists = dict(_sources(old) or {})
    after = _sources(new) or {}
    for name in done:
        lists.pop(name, None)
        if name in after:
            lists[name] = after[name]
    return {**old, "spec": {**cast(Object, old["spec"]), "registrySources": lists}}


# --- Files -----------------------------------------------------------------------


class TextDocument(NamedTuple):
    """A document of a file: its text and the objects in it; `single` where it is one object.

    `root` is what it says, in the file; it begins at `start` there.
    """

    text: str
    objects: tuple[tuple[Key, Object], ...]
    single: bool
    root: Node | None = None
    start: int = 0

    def rules(self, kind: str) -> Rules | None:
        """The rules of a mirror object of a kind, where they can be taken apart."""
        return rules_of(self.root, kind, self.start, self.start + len(self.text))


class Parts(NamedTuple):
    """The documents of a file in order."""

    documents: tuple[TextDocument, ...]

    @property
    def objects(self) -> dict[Key, Object]:
        """Every object by key."""
        return {key: each for document in self.documents for key, each in document.objects}


def _objects(file: Parts | None) -> dict[Key, Object]:
    return file.objects if file is not None else {}


def take_apart(path: str, text: str | None) -> Parts | None:
    """The documents of a text with their objects, None where it cannot be taken apart safely."""
    if text is None:
        return Parts(())
    found = []
    names: Counter[Key] = Counter()
    file = File(path, text)
    for start, end in documents(text):
        tree = read(file, start=start, end=end)
        if tree.error is not None or len(tree.documents) > 1 or any(each.duplicates for each in tree.documents):
            return None
        root = tree.documents[0].root if tree.documents else None
        listed = []
        whole: Plain = None
        for each in objects(root):
            if not isinstance(each.root, YamlMapping):
                return None
            data = plain(each.root)
            whole = data if each.root is root else whole
            key = key_of(data if isinstance(data, dict) else {}, each.kind, each.api_version)
            if key is None:
                return None
            names[key] += 1
            listed.append((key, cast(Object, {"apiVersion": key[0], "kind": key[1], **cast(Object, data)})))
        single = len(listed) == 1 and whole == listed[0][1]
        found.append(TextDocument(text[start:end], tuple(listed), single, root, start))
    return Parts(tuple(found)) if not names or max(names.values()) == 1 else None


def key_of(data: Object, kind: str, api_version: str) -> Key | None:
    """What an object is known by; None where it has no name."""
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    if not kind or not isinstance(name, str):
        return None
    return (api_version, kind, namespace if isinstance(namespace, str) and kind not in MIRROR_SETS else "", name)


def put_together(
    path: str,
    old: Parts | None,
    new: Parts | None,
    wanted: Mapping[Key, Object],
    taken: Callable[[Parts], None] = lambda _: None,
) -> str | None:
    """A text with these objects: pieces of two files where that works, else written anew; None if nothing is left.

    `taken` is given the parts of what is put together of pieces: it was read to see that it has these objects.
    """
    if not wanted and not any(not each.objects for each in (old.documents if old else ())):
        return None
    if not path.endswith(".json"):
        text = _spliced(old or Parts(()), new or Parts(()), wanted)
        made = take_apart(path, text) if text is not None else None
        if made is not None and made.objects == dict(wanted):
            taken(made)
            return text
    if path.endswith(".json"):
        items: list[Plain] = list(wanted.values())
        whole: Object = {"apiVersion": "v1", "kind": "List", "items": items}
        parts = old.documents if old is not None else ()
        is_one_line = bool(parts) and all("\n" not in each.text.strip() for each in parts)
        return json.dumps(items[0] if len(items) == 1 else whole, indent=None if is_one_line else 2) + "\n"
    return "---\n".join(yaml_text(each) for each in wanted.values())


def _spliced(old: Parts, new: Parts, wanted: Mapping[Key, Object]) -> str | None:
    chunks: list[str] = []
    left = dict(wanted)
    after = {key: document for document in new.documents if document.single for key, _ in document.objects}
    for document in old.documents:
        if not document.single:
            if any(wanted.get(key) != each for key, each in document.objects):
                return None
            chunks.append(document.text)
            for key, _ in document.objects:
                left.pop(key)
            continue
        ((key, data),) = document.objects
        if key not in left:
            continue
        chunks.append(_document(document, data, after.get(key), left.pop(key)))
    for key, each in left.items():
        if key not in after:
            return None
        chunks.append(_document(after[key], new.objects[key], None, each))
    return _joined(chunks)


def _document(document: TextDocument, data: Object, other: TextDocument | None, wanted: Object) -> str:
    if wanted == data:
        return document.text
    if other is not None and other.objects[0][1] == wanted:
        return other.text
    start = "---\n" if document.text.startswith("---") else ""
    kind = str(wanted.get("kind"))
    rules = document.rules(kind)
    if rules is not None:
        made = rules.with_rules(_listed(wanted), other.rules(kind) if other else None)
        if made is not None:
            return made
    return start + yaml_text(wanted)


def _listed(found: Object) -> list[Object]:
    return cast("list[Object]", cast(Object, found["spec"])[MIRROR_SETS[str(found["kind"])].list_field])


def _joined(chunks: Sequence[str]) -> str:
    line_break = "\r\n" if any("\r\n" in chunk for chunk in chunks) else "\n"
    text = ""
    for number, chunk in enumerate(chunks):
        if number and text and not text.endswith(("\n", "\r")):
            text += line_break
        if number and not chunk.startswith("---"):
            text += f"---{line_break}"
        text += chunk
    return text
