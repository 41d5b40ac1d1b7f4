"""How much work it is to build a kustomization, counted before the program that builds it is started.

In: the folder of a kustomization, and the tree it lies in. Out: about how many microseconds of processor time `kubectl`
needs to build it, and how many characters it has in memory. Each folder is looked at once, however many ways lead to
it; what it costs counts for each way, as kustomize builds it each time.

Follows kustomize 5.8 (kubernetes-sigs/kustomize, api/internal/target `kusttarget.go`, api/resmap `reswrangler.go`):
each object that is added is compared with all that are there, at every level; a patch with a target looks at all
objects. The weights are measured with kubectl 1.37. They only have to be right for what costs much.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from compiler.machine.bounded import Bounds
from compiler.machine.limits import HELP, most
from compiler.machine.started import START, programs
from compiler.manifests.kinds import (
    ClusterImagePolicy,
    ImageConfig,
    ImageContentSourcePolicy,
    ImageDigestMirrorSet,
    ImagePolicy,
    ImageTagMirrorSet,
)
from compiler.manifests.kustomization import Fields, FileTree, fields_in, fields_of, items_of, texts_of, value_of
from compiler.repository.paths import KUSTOMIZATIONS
from compiler.text.span import File
from compiler.text.tree import Mapping, Node, Scalar

_LEVEL = 250
_FILE = 100
_OBJECT = 100
_COMPARISON = 0.6
_CHARACTER = 0.6
_GENERATED_CHARACTER = 0.1
_OWN_CHARACTER = 1.5
"""Of an object of one of our kinds, which is decoded and placed after it is built."""
_SELECTED = 1.0
"""An object that is looked at for a patch with a target."""
_PATCHED = 350
_PATCHED_AGAIN = 4.0
"""For each patch before that changes the same object: its earlier names are kept in an annotation."""
_PATCH_CHARACTER = 0.3
_MERGED_CHARACTER = 0.05
_TRACED = 17
"""An object that is changed, for each change of it before: they are in an annotation."""
_MERGED = 0.36
"""Two items of lists that are merged by a key."""
_REFERRING = 1.0
"""An object that may refer to others, and another one."""
_REFERENCE = 0.6
"""A name in such an object, and another object, where objects are renamed."""
_OF_A_LABEL = 40
"""Characters of a text that take as much memory."""
_CHANGED = 60
"""An object that gets a prefix, a label or the like."""
_IMAGE = 15
_IMAGE_CHARACTER = 0.2
_REPLACED = 6
_KEYS = 0.02
"""Two keys of one object."""
_CONFIGURED = 5
"""An object times a field that a configuration names."""

_DEEPEST = 100
"""Kustomizations that include each other. People use fewer than ten."""

_MOST_STEPS = 4_000_000
_STEPS_OF_A_BYTE = 1.0
_MOST_HELD = 4_000_000
_HELD_OF_A_BYTE = 5.0


_MOST_MEMORY = 300 << 20
_MEMORY_OF_A_BYTE = 250
_PATIENCE = 120.0


class BuildWork(NamedTuple):
    """What it takes to build a kustomization: microseconds, and characters that are in memory.

    `traced` are the microseconds beside it where kustomize notes the origin of each object: then it notes each change
    of it too.
    """

    steps: int = 0
    held: int = 0
    traced: int = 0


def limits(size: int) -> BuildWork:
    """How much may be needed for files of a size in characters, all together."""
    return BuildWork(most(_MOST_STEPS, _STEPS_OF_A_BYTE, size), most(_MOST_HELD, _HELD_OF_A_BYTE, size))


def bounds(size: int, seconds: int) -> Bounds:
    """What a program may use that builds files of a size in characters, and has so much processor time left."""
    return Bounds(seconds, max(most(_MOST_MEMORY), most(0, _MEMORY_OF_A_BYTE, size)), _PATIENCE)


class TooMuchWorkError(Exception):
    """A kustomization is more than is built.

    Args:
        message: What is too much.
        help: What to do about it.
    """

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.message = message
        self.help = f"{help}; {HELP}."


_ADVICE = "Include each base once, and select what patches change by kind and name"


class _Part(NamedTuple):
    """Some objects: how many, how long all of them together, and how many items of lists with a key are in them."""

    objects: int
    characters: int
    keyed: int

    def plus(self, other: "_Part") -> "_Part":
        return _Part(self.objects + other.objects, self.characters + other.characters, self.keyed + other.keyed)


_NOTHING = _Part(0, 0, 0)


@dataclass(slots=True, kw_only=True)
class _Objects:
    """What is there at some point of a build, and what it took until then.

    `kinds` and `names` have the objects by each kind and name that is written in them. `patched` has how many patches a
    kind and name had, `texts` are the patches themselves. `changes` are those of all objects.
    """

    whole: _Part = _NOTHING
    kinds: dict[str, _Part] = field(default_factory=dict)
    names: dict[str, _Part] = field(default_factory=dict)
    patched: dict[tuple[str, str], int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    changes: int = 0
    is_renamed: bool = False
    steps: float = 0
    traced: float = 0
    held: int = 0

    def add(self, other: "_Objects") -> None:
        """Append other objects, each of which is compared with all before it."""
        before, more = self.whole.objects, other.whole.objects
        self.steps += other.steps + _COMPARISON * (before * more + more * more / 2)
        self.held += other.held
        self.traced += other.traced
        self.changes += other.changes
        self.is_renamed = self.is_renamed or other.is_renamed
        self.whole = self.whole.plus(other.whole)
        for mine, others in ((self.kinds, other.kinds), (self.names, other.names)):
            for key, part in others.items():
                mine[key] = mine[key].plus(part) if key in mine else part
        for each, count in other.patched.items():
            self.patched[each] = max(count, self.patched.get(each, 0))

    def change(self, times: int) -> None:
        """Note that all objects are changed some times, whether or not anything in them is."""
        count = self.whole.objects
        self.traced += _TRACED * times * (self.changes + count * times / 2)
        self.changes += count * times

    def like(self, kind: str, name: str) -> _Part:
        """The objects that may have a kind and a name; what is a pattern may be any."""
        parts = [self.whole]
        if _PLAIN.fullmatch(kind):
            parts.append(self.kinds.get(kind, _NOTHING))
        if _PLAIN.fullmatch(name) and name in self.names:  # else it may be one that a prefix made
            parts.append(self.names[name])
        return _Part(*map(min, zip(*parts, strict=True)))


class _Patch(NamedTuple):
    """A patch with the kind and the name of the object that it is for.

    `keyed` are the items of lists with a key in it, `keys` the most keys that it has beside each other.
    """

    text: str
    kind: str
    name: str
    keyed: int
    keys: int

    def merged(self, found: _Part, times: int) -> float:
        """What it takes to merge it into some objects."""
        keyed = _MERGED * self.keyed * (found.keyed + self.keyed * times)
        return keyed + times * (len(self.text) * _MERGED_CHARACTER + self.keys**2 * _KEYS)


_PLAIN = re.compile(r"[\w-]+")
_TOKEN = re.compile(
    r"\b(kind|name|containerPort|mountPath|devicePath|hostname|ip|port|topologyKey|type|uid)\b[\"']?\s*+:"
    r"\s*+[\"']?([^\s\"',}\]]*+)"
)
"""Kinds, names, and the keys that lists are merged by."""
_BETWEEN = re.compile(r"^---", re.MULTILINE)


_BESIDE = re.compile(r"^( *+)[^\s#-][^\n]*+\n(?:\1[^\s#-][^\n]*+\n)++", re.MULTILINE)
_MANY_KEYS = 500


def _most_keys(text: str) -> int:
    """How many keys are beside each other at most, line by line; none if there are few."""
    if text.count("\n") < _MANY_KEYS:
        return 0
    return max((match[0].count("\n") for match in _BESIDE.finditer(text)), default=0)


def _is_operations(text: str) -> bool:
    """Whether a patch is a list of JSON Patch operations."""
    return text.lstrip()[:1] in ("[", "-") and not text.lstrip().startswith("---")


def _patch_of(text: str) -> _Patch:
    metadata = text.find("metadata")
    kind = name = ""
    keyed = 0
    for match in _TOKEN.finditer(text):
        keyed += 1
        if match[1] == "kind" and not kind:
            kind = match[2]
        elif match[1] == "name" and not name and match.start() > metadata:
            name = match[2]
    return _Patch(text, kind, name, keyed, _most_keys(text))


def _objects_in(text: str) -> _Objects:
    """The objects of a file, about: one in each document, or as many as there are kinds in a list."""
    found = _Objects(steps=_FILE + len(text) * _CHARACTER, held=len(text))
    start = 0
    for end in (*(match.start() for match in _BETWEEN.finditer(text)), len(text)):
        kinds: dict[str, None] = {}
        names: dict[str, None] = {}
        count = keyed = 0
        for match in _TOKEN.finditer(text, start, end):
            if match[1] == "kind":
                kinds[match[2]] = None
                count += 1
            else:
                keyed += 1
                if match[1] == "name":
                    names[match[2]] = None
        if count:
            is_list = any(kind.endswith("List") for kind in kinds)
            part = _Part(count if is_list else 1, end - start, keyed)
            found.steps += _COMPARISON * part.objects**2 / 2 * is_list  # it is taken apart first
            found.add(_Objects(whole=part, kinds=dict.fromkeys(kinds, part), names=dict.fromkeys(names, part)))
        start = end
    found.steps += found.whole.objects * _OBJECT + _KEYS / 2 * _most_keys(text) ** 2
    return found


class WorkOfTree:
    """Counts the work of the kustomizations of a tree, each for itself and those that are built all together.

    Args:
        tree: Where they lie.
        is_input: Whether its files are input of the run, and not those of another tree once more.
    """

    def __init__(self, tree: FileTree, *, is_input: bool = True) -> None:
        self._tree = tree
        self._built: dict[str, _Objects] = {}
        self._files: dict[str, _Objects] = {}
        self._fields: dict[str, Fields] = {}
        self._texts: dict[str, str] = {}
        self._patches_of: dict[str, tuple[_Patch, ...]] = {}
        self._counted: dict[str, BuildWork | TooMuchWorkError] = {}
        self._is_input = is_input
        self.is_expected = False
        self.size = 0

    def expect(self, folders: Iterable[str], *, charts: int = 0) -> None:
        """See that all that is going to be built of the tree is not too much together.

        Args:
            folders: The kustomizations.
            charts: How many charts are rendered.

        Raises:
            TooMuchError: They are.
        """
        named = list(folders)
        programs().announce(len(named), charts)
        works = list(map(self._work, named))
        programs().expect([self._steps(each) for each in works if isinstance(each, BuildWork)], charts=charts)
        self.is_expected = True

    def check(self, folder: str) -> bool:
        """See that a kustomization that is going to be built is not too much.

        Returns:
            Whether it is still not too much where kustomize notes the origin of each object.

        Raises:
            TooMuchWorkError: It is too much by itself.
        """
        if isinstance(work := self._work(folder), TooMuchWorkError):
            raise work
        return self._is_traced(work)

    def start(self, folder: str) -> Bounds:
        """Count a kustomization that is built now, unless it is expected.

        Returns:
            What the program may use.

        Raises:
            TooMuchError: It is too much together with those before it.
        """
        if not self.is_expected and isinstance(work := self._work(folder), BuildWork):
            programs().expect([self._steps(work)])
        return bounds(self.size, programs().seconds_for_a_kustomization())

    def _is_traced(self, work: BuildWork) -> bool:
        return work.steps + work.traced <= limits(self.size).steps

    def _steps(self, work: BuildWork) -> int:
        return work.steps + work.traced * self._is_traced(work)

    def _work(self, folder: str) -> BuildWork | TooMuchWorkError:
        folder = posixpath.normpath(folder)
        if folder not in self._counted:
            try:
                work = self.of(folder)
            except TooMuchWorkError as error:
                self._counted[folder] = error
                return error
            limit = limits(self.size)
            self._counted[folder] = work
            if work.steps > limit.steps:
                self._counted[folder] = TooMuchWorkError(
                    f"the kustomization takes {_seconds(work.steps)} s or more to build, but no more than "
                    f"{_seconds(limit.steps)} s are spent on files of this size",
                    _ADVICE,
                )
            elif work.held > limit.held:
                self._counted[folder] = TooMuchWorkError(
                    f"the kustomization includes about {work.held / 1e6:.0f} million characters, some of them several "
                    f"times, more than the {limit.held / 1e6:.0f} million that are built of files of this size",
                    _ADVICE,
                )
        return self._counted[folder]

    def of(self, folder: str) -> BuildWork:
        """The work for the kustomization in a folder; once it is clear that it is too much, no more is counted.

        Raises:
            TooMuchWorkError: It includes others in too many levels.
        """
        built = _Objects(steps=START)
        try:
            built.add(self._folder(folder, 0))
        except _EnoughError as enough:
            return enough.work
        ours = sum(built.kinds[kind].characters for kind in _OUR_KINDS if kind in built.kinds)
        built.steps += min(ours, built.whole.characters) * _OWN_CHARACTER
        referring = built.whole
        for kind in _NAMELESS:
            referring = _Part(*map(int.__sub__, referring, built.kinds.get(kind, _NOTHING)))
        names = max(referring.objects, 0) * _REFERRING + max(referring.keyed, 0) * _REFERENCE * built.is_renamed
        built.steps += names * built.whole.objects
        return BuildWork(int(built.steps), built.held, int(built.traced))

    def _folder(self, folder: str, depth: int) -> _Objects:
        """What a kustomization is built to."""
        if folder not in self._built:
            self._built[folder] = _Objects()  # it is not built within itself
            built = _Objects()
            try:
                self._level(folder, built, depth)
            except (_EnoughError, TooMuchWorkError):
                del self._built[folder]
                raise
            self._built[folder] = built
        return self._built[folder]

    def _level(self, folder: str, built: _Objects, depth: int) -> None:
        """What a kustomization adds to objects and makes of them."""
        if depth > _DEEPEST:
            raise TooMuchWorkError(
                f"the kustomization includes others in more than {_DEEPEST} levels", "Include them in fewer levels"
            )
        fields = self._kustomization(folder)
        built.steps += _LEVEL
        for name in ("resources", "bases"):
            self._resources(fields, name, folder, built, depth)
        for name in ("configmapgenerator", "secretgenerator"):
            for item in items_of(fields, name):
                self._generated(item, "Secret" if name == "secretgenerator" else "ConfigMap", folder, built)
        self._configured(fields, "generators", folder, built)
        self._resources(fields, "components", folder, built, depth)
        built.change(sum(_transformers(fields)))
        self._patches(fields, folder, built)
        self._changes(fields, folder, built)
        self._configured(fields, "transformers", folder, built)
        self._configured(fields, "validators", folder, built)
        self._check(built)

    def _check(self, built: _Objects) -> None:
        """End where it is clear already that it is too much."""
        limit = limits(self.size)
        if built.steps > 2 * limit.steps or built.held > 2 * limit.held:
            raise _EnoughError(BuildWork(int(built.steps), built.held))

    def _resources(self, fields: Fields, name: str, folder: str, built: _Objects, depth: int) -> None:
        for path in texts_of(fields, name):
            place = _inside(folder, path.value)
            if self._tree.is_file(place):
                built.add(self._file(place))
            elif name == "components":
                self._level(place, built, depth + 1)
            elif self._tree.is_folder(place):
                built.add(self._folder(place, depth + 1))
            self._check(built)

    def _patches(self, fields: Fields, folder: str, built: _Objects) -> None:
        for text in texts_of(fields, "patchesstrategicmerge"):
            self._patch(self._written(text.value, folder), None, built)
        for name in ("patches", "patchesjson6902"):
            for item in items_of(fields, name):
                inner = fields_of(item)
                target = value_of(inner, "target")
                for text in texts_of(inner, "path"):
                    self._patch(self._text(_inside(folder, text.value)), target, built)
                for text in texts_of(inner, "patch"):
                    self._patch(text.value, target, built)

    def _patch(self, text: str, target: Node | None, built: _Objects) -> None:
        """Apply a patch to what it selects or, without a target, to the objects that it names."""
        self._check(built)
        patches = self._read_patch(text)
        built.held += len(text)
        built.steps += _OBJECT + len(text) * _PATCH_CHARACTER
        if target is None:
            for patch in patches:
                found = built.like(patch.kind, patch.name)
                built.steps += built.whole.objects * _COMPARISON * 2 + _PATCHED + patch.merged(found, 1)
                self._grow(built, patch.text, 1)
            return
        inner = fields_of(target)
        kind, name = ("".join(each.value for each in texts_of(inner, key)) for key in ("kind", "name"))
        found = built.like(kind, name)
        key = (kind, name) if _PLAIN.fullmatch(kind + name) else ("", "")
        before = built.patched.get(key, 0) + (built.patched.get(("", ""), 0) if key != ("", "") else 0)
        built.patched[key] = built.patched.get(key, 0) + 1
        built.steps += built.whole.objects * _SELECTED + found.objects * (_PATCHED + _PATCHED_AGAIN * before)
        if _is_operations(text):
            built.steps += (found.characters + found.objects * len(text)) * _PATCH_CHARACTER
        else:
            built.steps += _COMPARISON * built.whole.objects**2 / 2  # all are appended anew
            built.steps += sum(patch.merged(found, found.objects) for patch in patches)
        self._grow(built, text, found.objects)

    @staticmethod
    def _grow(built: _Objects, text: str, times: int) -> None:
        """What a patch may add to objects, which it does once however often it is named."""
        if text not in built.texts:
            built.texts.add(text)
            built.whole = built.whole._replace(characters=built.whole.characters + times * len(text))

    def _read_patch(self, text: str) -> tuple[_Patch, ...]:
        if text not in self._patches_of:
            self._patches_of[text] = tuple(map(_patch_of, _documents(text)))
        return self._patches_of[text]

    def _changes(self, fields: Fields, folder: str, built: _Objects) -> None:
        """Prefixes, labels, images, replacements and the like."""
        count = built.whole.objects
        pairs = length = 0
        for name in ("nameprefix", "namesuffix", "namespace"):
            for text in texts_of(fields, name):
                pairs += 1
                length += len(text.value)
                if name == "namespace":
                    built.steps += count * count * _REFERRING
                else:
                    built.is_renamed = True
        labels = [value_of(fields_of(item), "pairs") for item in items_of(fields, "labels")]
        for node in (*labels, value_of(fields, "commonlabels"), value_of(fields, "commonannotations")):
            if isinstance(node, Mapping):
                pairs += len(node.keys)
                length += sum(len(key.text) + _length(node.fields[key.text]) for key in node.keys)
                built.steps += _KEYS * len(node.keys) ** 2 * count
        built.steps += count * (pairs * _CHANGED + length * _GENERATED_CHARACTER)
        built.whole = built.whole._replace(characters=built.whole.characters + count * length)
        built.held += count * (length + pairs * _OF_A_LABEL)
        images = len(items_of(fields, "images")) + len(items_of(fields, "replicas"))
        built.steps += images * (count * _IMAGE + built.whole.characters * _IMAGE_CHARACTER)
        built.steps += len(items_of(fields, "vars")) * count * _COMPARISON * 2
        for item in items_of(fields, "replacements"):
            inner = fields_of(item)
            targets = len(items_of(inner, "targets"))
            for text in texts_of(inner, "path"):
                content = self._text(_inside(folder, text.value))
                targets += content.count("select") + content.count("\n- ")
                built.steps += len(content) * _CHARACTER
                built.held += len(content)
            built.steps += (1 + targets) * (count * _REPLACED + _OBJECT)
            self._check(built)
        for name in ("configurations", "crds"):
            for text in texts_of(fields, name):
                content = self._text(_inside(folder, text.value))
                built.held += len(content)
                built.steps += len(content) * _CHARACTER + content.count("path") * count * _CONFIGURED
                self._check(built)
        for text in texts_of(fields_of(value_of(fields, "openapi")), "path"):
            content = self._text(_inside(folder, text.value))
            built.held += len(content)
            built.steps += len(content) * _CHARACTER
        self._check(built)

    def _generated(self, item: Node, kind: str, folder: str, built: _Objects) -> None:
        """The object that a generator makes."""
        inner = fields_of(item)
        keys = length = 0
        for text in texts_of(inner, "literals"):
            keys += 1
            length += len(text.value)
        for text in texts_of(inner, "files"):
            keys += 1
            length += len(self._text(_inside(folder, text.value.rpartition("=")[2])))
        for name in ("envs", "env"):
            for text in texts_of(inner, name):
                content = self._text(_inside(folder, text.value))
                keys += content.count("\n") + 1
                length += len(content) * 4  # each line is an entry
        name = "".join(text.value for text in texts_of(inner, "name"))
        part = _Part(1, length, 0)
        steps = _OBJECT + length * _GENERATED_CHARACTER + _KEYS * keys * keys
        built.is_renamed = True
        built.add(_Objects(whole=part, kinds={kind: part}, names={name: part}, steps=steps, held=length))
        self._check(built)

    def _configured(self, fields: Fields, name: str, folder: str, built: _Objects) -> None:
        """Built-in generators, transformers and validators, each of which may look at and change all objects."""
        count = built.whole.objects
        for text in texts_of(fields, name):
            place = _inside(folder, text.value)
            configured = _Objects()
            if self._tree.is_folder(place):
                configured.add(self._folder(place, 1))
            else:
                configured.add(_objects_in(self._written(text.value, folder)))
            built.steps += configured.steps
            built.held += configured.held + configured.whole.characters
            for _ in range(min(configured.whole.objects, _DEEPEST**2)):
                built.steps += count * _PATCHED + count * count * _COMPARISON
            built.steps += configured.whole.characters * count * _PATCH_CHARACTER
            self._check(built)

    # --- Files -----------------------------------------------------------------

    def _kustomization(self, folder: str) -> Fields:
        if folder not in self._fields:
            names = (posixpath.normpath(posixpath.join(folder, name)) for name in KUSTOMIZATIONS)
            path = next(filter(self._tree.is_file, names), None)
            self._fields[folder] = {}
            if path is not None and self._text(path):
                file = self._tree.read(path)
                self._fields[folder] = fields_in(file) if isinstance(file, File) else {}
        return self._fields[folder]

    def _file(self, path: str) -> _Objects:
        if path not in self._files:
            self._files[path] = _objects_in(self._text(path))
        return self._files[path]

    def _written(self, text: str, folder: str) -> str:
        """What is in a file, or the text itself if it is not the path of one."""
        return text if "\n" in text or text.lstrip().startswith("{") else self._text(_inside(folder, text))

    def _text(self, path: str) -> str:
        if path not in self._texts:
            file = self._tree.read(path) if self._tree.is_file(path) else None
            self._texts[path] = file.text if isinstance(file, File) else ""
            self.size += len(self._texts[path])
            if self._is_input:
                programs().builds(len(self._texts[path]))
        return self._texts[path]


def _transformers(fields: Fields) -> Iterator[int]:
    """How many transformers each field of a kustomization is."""
    for name in ("patches", "patchesjson6902", "patchesstrategicmerge", "labels", "images", "replicas", "transformers"):
        yield len(items_of(fields, name))
    for name in ("namespace", "nameprefix", "namesuffix", "commonlabels", "commonannotations", "replacements"):
        yield name in fields


_KNOWN: WeakKeyDictionary[FileTree, WorkOfTree] = WeakKeyDictionary()


def work_of(tree: FileTree, *, is_input: bool = True) -> WorkOfTree:
    """What is counted of a tree, the same for all who ask; whether it is input, the first of them says."""
    if tree not in _KNOWN:
        _KNOWN[tree] = WorkOfTree(tree, is_input=is_input)
    return _KNOWN[tree]


def _seconds(steps: int) -> str:
    return f"{steps / 1e6:.1f}"


class _EnoughError(Exception):
    """What is counted so far is too much already."""

    def __init__(self, work: BuildWork) -> None:
        super().__init__()
        self.work = work


_OUR_KINDS = tuple(
    each.kind
    for each in (
        ImageDigestMirrorSet,
        ImageTagMirrorSet,
        ImageContentSourcePolicy,
        ImageConfig,
        ClusterImagePolicy,
        ImagePolicy,
    )
)
_NAMELESS = ("ConfigMap", "Secret", "CustomResourceDefinition", *_OUR_KINDS)
"""Kinds of objects that refer to no others."""


def _inside(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _length(node: Node) -> int:
    return len(node.text) if isinstance(node, Scalar) else 0


def _documents(text: str) -> Iterator[str]:
    start = 0
    for end in (*(match.start() for match in _BETWEEN.finditer(text)), len(text)):
        yield text[start:end]
        start = end
