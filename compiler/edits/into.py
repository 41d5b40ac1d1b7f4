"""Runs united into manifests that exist: what is there stays, what is missing is added where it belongs.

In: the files of a folder and the union of some runs. Out: the texts of the files that change. A rule is added
only where no object has it yet: to the object of its name, else to the one of its kind that shares most rules with it,
else in a new file. Of other objects the fields that differ change. Nothing is read or written here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from compiler.edits.changes import MIRROR_SETS, Key, Object, Parts, put_together, take_apart
from compiler.edits.union import cleaned, merged, rule_key, texts
from compiler.edits.values import NoEditError, value_edits
from compiler.findings.fixes import splice
from compiler.manifests.kinds import ALLOW, ImageTagMirrorSet
from compiler.text.span import File
from compiler.text.tree import Plain

_Rule = tuple[bool, str]
"""Whether a rule is for tags, and what it says."""


@dataclass(slots=True)
class _Folder:
    """What becomes of the objects of a folder, by the path of their file; `added` are the rules that some get."""

    objects: dict[str, dict[Key, Object]] = field(default_factory=dict)
    places: dict[Key, list[str]] = field(default_factory=dict)
    rules: dict[_Rule, Key] = field(default_factory=dict)
    added: dict[Key, list[Object]] = field(default_factory=dict)

    def held(self, key: Key) -> Object:
        """The object of this key; of several that in the first file."""
        return self.objects[self.places[key][0]][key]


def updated(files: Iterable[File], united: Mapping[Key, Object]) -> dict[str, str]:
    """The texts of the files that change or are new, by path; new ones by the names that a union gives them.

    Args:
        files: What is in the folder, with paths that count from it.
        united: The objects of all runs.
    """
    before = {file.path: file.text for file in files}
    parts = {path: taken for path, text in before.items() if (taken := take_apart(path, text)) is not None}
    folder = _Folder()
    for path, taken in sorted(parts.items()):
        folder.objects[path] = dict(taken.objects)
        for key, each in taken.objects.items():
            folder.places.setdefault(key, []).append(path)
            for rule in _rules_of(key, each):
                folder.rules.setdefault(rule, key)
    new: dict[Key, Object] = {}
    for key, each in united.items():
        if key[1] in MIRROR_SETS:
            _add_rules(folder, new, key, each)
        elif key in folder.places:
            places = [folder.objects[path] for path in folder.places[key]]  # oc-mirror writes some in YAML and JSON
            newest = each
            for held in places:
                newest = merged(held[key], newest)
            for held in places:
                if cleaned(held[key]) != newest:
                    held[key] = newest
        else:
            new[key] = each
    for key, added in folder.added.items():
        folder.objects[folder.places[key][0]][key] = _with_more(key, folder.held(key), added)
    made = {}
    for path, wanted in folder.objects.items():
        if wanted == parts[path].objects:
            continue
        text = _rewritten(path, before[path], parts[path], wanted) or put_together(path, parts[path], None, wanted)
        if text is not None and text != before[path]:
            made[path] = text
    for name, text in texts(new).items():
        path, number = name, 1
        while path in before:
            number += 1
            path = f"{name.removesuffix('.yaml')}-{number}.yaml"
        made[path] = text
    return dict(sorted(made.items()))


def _rules_of(key: Key, found: Object) -> list[_Rule]:
    is_tag = key[1] == ImageTagMirrorSet.kind
    return [(is_tag, _meaning(rule)) for rule in _listed(key, found)] if key[1] in MIRROR_SETS else []


def _meaning(rule: Object) -> str:
    """What a rule says, however it is written."""
    return repr((rule.get("source"), rule.get("mirrors") or [], rule.get("mirrorSourcePolicy", ALLOW)))


def _listed(key: Key, found: Object) -> list[Object]:
    spec = found.get("spec")
    rules = spec.get(MIRROR_SETS[key[1]].list_field) if isinstance(spec, dict) else None
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []


def _add_rules(folder: _Folder, new: dict[Key, Object], key: Key, found: Object) -> None:
    """Add the rules of an object that the folder does not have."""
    rules = list(zip(_rules_of(key, found), _listed(key, found), strict=True))
    missing = [rule for meaning, rule in rules if meaning not in folder.rules]
    if not missing and (key in folder.places or rules):
        return
    target = key
    if key not in folder.places:
        shared = Counter(owner for meaning, _ in rules if (owner := folder.rules.get(meaning)) and owner[1] == key[1])
        best = max(sorted(shared), key=lambda each: shared[each], default=None)
        if best is None:
            new[key] = _with(key, found, missing)
            return
        target = best
    folder.added.setdefault(target, []).extend(missing)
    folder.rules.update((meaning, target) for meaning, _ in rules if meaning not in folder.rules)


def _with_more(key: Key, found: Object, added: list[Object]) -> Object:
    known = _listed(key, found)
    is_sorted = known == sorted(known, key=rule_key)
    return _with(key, found, sorted([*known, *added], key=rule_key) if is_sorted else [*known, *added])


def _with(key: Key, found: Object, rules: list[Object]) -> Object:
    spec = found.get("spec")
    kept = spec if isinstance(spec, dict) else {}
    return {**found, "spec": {**kept, MIRROR_SETS[key[1]].list_field: cast("list[Plain]", rules)}}


def _rewritten(path: str, text: str, taken: Parts, wanted: Mapping[Key, Object]) -> str | None:
    """The text with other scalars and fields, where nothing else is different; `taken` is what is in it."""
    roots = [document.root for document in taken.documents if document.root is not None]
    if set(taken.objects) != set(wanted) or len(roots) != len(taken.objects):
        return None
    pairs = zip(roots, taken.objects, strict=True)
    try:
        edits = [edit for root, key in pairs for edit in value_edits(root, cast(Plain, wanted[key]))]
    except NoEditError:
        return None
    made = splice(text, sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)))
    again = take_apart(path, made)
    return made if again is not None and again.objects == dict(wanted) else None
