"""Patches of kustomizations that name the old kind of an object, and the edits that make them name the new one.

In: a kustomization with the files it names. Out: edits of these files, for each way to migrate: in place, a copy beside
each, or without those that have a copy. What is patched changes in the same step, else kustomize finds no target.
"""

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from compiler.edits.legacy import NEW, OLD
from compiler.findings.diagnostics import Edit
from compiler.findings.edits import remove_items
from compiler.machine.limits import most
from compiler.manifests.kustomization import is_remote
from compiler.manifests.parsing import documents
from compiler.text.span import File, Span, line_break_of
from compiler.text.tree import Mapping, Node, Scalar, Sequence, read

_LISTS = frozenset(("patches", "patchesjson6902", "patchesstrategicmerge"))
_WORDS = {
    OLD.api_version: NEW.api_version,
    OLD.kind: NEW.kind,
    OLD.list_field: NEW.list_field,
}
_WORD = re.compile("|".join(rf"(?<![\w.-]){re.escape(word)}(?![\w-])" for word in _WORDS))
_PART = re.compile(rf"(?<![\w-]){OLD.list_field}(?![\w-])")
_TARGET = {
    "kind": (OLD.kind, NEW.kind),
    "group": (OLD.api_version.partition("/")[0], NEW.api_version.partition("/")[0]),
    "version": (OLD.api_version.partition("/")[2], NEW.api_version.partition("/")[2]),
}

Read = Callable[[str], File | None]
"""The file at a path, None where there is none to edit."""


class _Patch(NamedTuple):
    """One patch: where it is listed, its target, what is written in the kustomization, and the file it names.

    `is_old` says whether it is for the old kind. A target of a replacement is one too, with the `fields` that it names.
    """

    holder: Sequence
    position: int
    target: Mapping | None
    inline: Scalar | None
    file: File | None
    is_old: bool
    fields: tuple[Scalar, ...] = ()

    @property
    def node(self) -> Node:
        return self.holder.items[self.position]


class Copies(NamedTuple):
    """Edits, the patches that cannot be copied, and those that are too much."""

    edits: list[Edit]
    left: list[Span]
    too_much: list[Span]


MOST_INLINED = 4 << 20
"""Characters of files that copies of patches repeat in kustomizations: each entry for a file repeats all of it."""


class KnownPatches:
    """What is known of the files of patches: each is read once, and edited for the first that names it."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[str]] = {}
        self._said: dict[str, str] = {}
        self._renamed: dict[str, str] = {}
        self._without_old: dict[str, list[Edit] | None] = {}
        self.edited: set[str] = set()
        self.room = most(MOST_INLINED)

    def kinds(self, file: File) -> set[str]:
        """The kinds of its documents."""
        if file.path not in self._kinds:
            self._kinds[file.path] = _kinds(file.text)
        return self._kinds[file.path]

    def said(self, file: File) -> str:
        """What is in it, however its lines end."""
        if file.path not in self._said:
            self._said[file.path] = _lines_of(file.text)
        return self._said[file.path]

    def renamed(self, said: str) -> str:
        """The same for the new kind."""
        if said not in self._renamed:
            self._renamed[said] = _renamed(said)
        return self._renamed[said]

    def without_old(self, file: File) -> list[Edit] | None:
        """The edits that remove what is of the old kind; None where something of it has no copy."""
        if file.path not in self._without_old:
            self._without_old[file.path] = _without_old(file)
        return self._without_old[file.path]

    def is_first(self, file: File) -> bool:
        """Whether no edits of the file were asked for yet."""
        is_first = file.path not in self.edited
        self.edited.add(file.path)
        return is_first


def replaced(kustomization: File, get: Read, known: KnownPatches | None = None) -> list[Edit]:
    """The edits that make each patch of the old kind one of the new kind, in whichever file that is."""
    known = known or KnownPatches()
    edits: dict[tuple[str, int], Edit] = {}
    for patch in _patches(kustomization, get, known):
        if patch.is_old:
            found = list(_in_item(patch))
            if patch.file is not None and known.is_first(patch.file):
                found += _in_file(patch.file)
            edits |= {(edit.span.path, edit.span.start): edit for edit in found}
    return list(edits.values())


def copied(kustomization: File, get: Read, known: KnownPatches | None = None) -> Copies:
    """The edits that add a patch of the new kind after each of the old kind that has none."""
    known = known or KnownPatches()
    edits: list[Edit] = []
    left: list[Span] = []
    too_much: list[Span] = []
    patches = list(_patches(kustomization, get, known))
    written = {_written(patch, known) for patch in patches}
    for patch in patches:
        if not patch.is_old:
            continue
        if patch.file is not None and patch.target is None:
            edits += _further_documents(patch.file) if known.is_first(patch.file) else ()
            continue
        known.room -= len(patch.file.text) if patch.file is not None else 0
        if known.room < 0:
            too_much.append(patch.node.span)
            continue
        lines, inlined = _lines(patch), _inlined(patch, known)
        if lines is None or inlined is None:
            left.append(patch.node.span)
            continue
        begin, end = lines
        if _written(patch, known, renamed=True) in written:
            continue
        copy = _spliced(kustomization.text, begin, end, [*_in_item(patch), *inlined])
        ended = "" if kustomization.text[end - 1 : end] == "\n" else "\n"
        edits.append(Edit(span=Span(kustomization, end, end), text=ended + copy))
    return Copies(edits, left, too_much)


def finished(kustomization: File, get: Read, known: KnownPatches | None = None) -> list[Edit] | None:
    """The edits that remove each patch of the old kind that has a copy of the new kind; None where one has none."""
    known = known or KnownPatches()
    edits: list[Edit] = []
    patches = list(_patches(kustomization, get, known))
    written = {_written(patch, known) for patch in patches}
    removed: dict[int, tuple[Sequence, set[int]]] = {}
    files: dict[str, list[Edit]] = {}
    for patch in patches:
        if not patch.is_old:
            continue
        if patch.file is not None and patch.target is None:
            found = known.without_old(patch.file)
            if found is None:
                return None
            files[patch.file.path] = found
        elif _written(patch, known, renamed=True) in written:
            removed.setdefault(id(patch.holder), (patch.holder, set()))[1].add(patch.position)
        else:
            return None
    for holder, positions in removed.values():
        found = remove_items(holder, positions)
        if found is None:
            return None
        edits += found
    for path, found in files.items():
        edits += found if path not in known.edited else ()
    known.edited |= files.keys()
    return edits


def _patches(kustomization: File, get: Read, known: KnownPatches) -> Iterator[_Patch]:
    tree = read(kustomization)
    root = tree.documents[0].root if tree.documents and tree.error is None else None
    if not isinstance(root, Mapping):
        return
    folder = posixpath.dirname(kustomization.path)
    yield from _replacements(root)
    for name, listed in root.fields.items():
        if name.lower() not in _LISTS or not isinstance(listed, Sequence):
            continue
        for position, item in enumerate(listed.items):
            fields = {key.lower(): value for key, value in item.fields.items()} if isinstance(item, Mapping) else {}
            target, inline, path = fields.get("target"), fields.get("patch"), fields.get("path")
            if isinstance(item, Scalar):  # a path, or what would be in the file
                inline, path = (item, None) if "\n" in item.text else (None, item)
            file = None
            if isinstance(path, Scalar) and not is_remote(path.text):
                file = get(posixpath.normpath(posixpath.join(folder, path.text)))
            named = target.fields.get("kind") if isinstance(target, Mapping) else None
            if named is not None:
                is_old = _text(named) == OLD.kind
            elif file is not None:
                is_old = OLD.kind in known.kinds(file)
            else:
                is_old = OLD.kind in _kinds(_text(inline))
            yield _Patch(
                holder=listed,
                position=position,
                target=target if isinstance(target, Mapping) else None,
                inline=inline if isinstance(inline, Scalar) else None,
                file=file,
                is_old=is_old,
            )


def _replacements(root: Mapping) -> Iterator[_Patch]:
    """The targets of replacements that are written in a kustomization."""
    listed = root.fields.get("replacements")
    for each in listed.items if isinstance(listed, Sequence) else ():
        targets = each.fields.get("targets") if isinstance(each, Mapping) else None
        for position, item in enumerate(targets.items if isinstance(targets, Sequence) else ()):
            select = item.fields.get("select") if isinstance(item, Mapping) else None
            if not isinstance(item, Mapping) or not isinstance(select, Mapping) or not isinstance(targets, Sequence):
                continue
            paths = item.fields.get("fieldPaths")
            yield _Patch(
                holder=targets,
                position=position,
                target=select,
                inline=None,
                file=None,
                is_old=_text(select.fields.get("kind")) == OLD.kind,
                fields=tuple(path for path in paths.items if isinstance(path, Scalar))
                if isinstance(paths, Sequence)
                else (),
            )


def _kinds(text: str) -> set[str]:
    tree = read(File("", text))
    roots = (document.root for document in tree.documents)
    return {_text(root.fields.get("kind")) for root in roots if isinstance(root, Mapping)}


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _in_item(patch: _Patch) -> Iterator[Edit]:
    """The edits of what is written in the kustomization itself."""
    for name, (old, new) in _TARGET.items():
        value = patch.target.fields.get(name) if patch.target is not None else None
        if isinstance(value, Scalar) and value.text == old:
            yield Edit(span=value.span, text=value.span.text.replace(old, new))
    for path in patch.fields:
        written = path.span.text
        if (renamed := _PART.sub(NEW.list_field, written)) != written:
            yield Edit(span=path.span, text=renamed)
    if patch.inline is not None:
        yield from _words(patch.inline)


def _inlined(patch: _Patch, known: KnownPatches) -> list[Edit] | None:
    """The edits that write the operations in a patch's file in its place, since a file is for one target.

    None where there are no such edits: what is an object by itself would remain one when it is no longer a patch.
    """
    if patch.file is None:
        return []
    item, target = patch.node, patch.target
    if not isinstance(item, Mapping) or target is None or _text(target.fields.get("kind")) != OLD.kind:
        return None
    if known.kinds(patch.file) - {""}:
        return None
    key = next((key for key in item.keys if key.text.lower() == "path"), None)
    path = item.fields[key.text] if key is not None else None
    if key is None or path is None or key.span.text != key.text:
        return None
    text = item.file.text
    said = _renamed(patch.file.text).removeprefix("\ufeff").rstrip()
    line_end = text.find("\n", path.end)
    rest = text[path.end : line_end if line_end >= 0 else None]
    if text[item.start] == "{" or rest.strip() or said[:1] in {" ", "\t", ""}:
        written = json.dumps(said, ensure_ascii=False)
    else:
        line_break = line_break_of(text)
        margin = " " * (item.file.position(key.start).column + 1)
        lines = (margin + line if line else "" for line in said.splitlines())
        written = f"|-{line_break}" + line_break.join(lines)
    return [Edit(span=key.span, text="patch"), Edit(span=path.span, text=written)]


def _in_file(file: File) -> Iterator[Edit]:
    for document in read(file).documents:
        pending = [document.root] if document.root is not None else []
        while pending:
            node = pending.pop()
            if isinstance(node, Scalar):
                yield from _words(node)
            elif isinstance(node, Sequence):
                pending += node.items
            elif isinstance(node, Mapping):
                pending += [*node.keys, *node.fields.values()]


def _words(scalar: Scalar) -> Iterator[Edit]:
    """The edit of a value that names the old kind, its version or its list."""
    written = scalar.span.text
    renamed = _renamed(written)
    if renamed != written:
        yield Edit(span=scalar.span, text=renamed)


def _renamed(text: str) -> str:
    return _WORD.sub(lambda match: _WORDS[match[0]], text)


def _written(patch: _Patch, known: KnownPatches, *, renamed: bool = False) -> object:
    """What a patch says, without the layout of the kustomization; `renamed` as its copy for the new kind does."""
    target = {key: _text(value) for key, value in patch.target.fields.items()} if patch.target is not None else {}
    if target.get("kind") == OLD.kind:  # its group and version follow
        target |= {name: new for name, (old, new) in _TARGET.items() if name != "kind" and target.get(name) == old}
    path = patch.file.path if patch.file and not patch.target else ""
    said = _lines_of(patch.inline.text) if patch.inline else ""
    fields = tuple(_PART.sub(NEW.list_field, each.text) if patch.is_old else each.text for each in patch.fields)
    if not patch.inline and patch.file and patch.target:
        said = known.said(patch.file)
    if renamed:
        said, path = known.renamed(said), _renamed(path)
        target = {_renamed(name): _renamed(value) for name, value in target.items()}
        fields = tuple(map(_renamed, fields))
    return tuple(sorted(target.items())), said, path, fields


def _lines_of(text: str) -> str:
    return "\n".join(text.removeprefix("\ufeff").rstrip().splitlines())


def _lines(patch: _Patch) -> tuple[int, int] | None:
    """The whole lines of an item in block style, None where it shares one with something else."""
    file, node = patch.node.file, patch.node
    text = file.text
    begin = text.rfind("\n", 0, node.start) + 1
    if text[begin : node.start].strip(" ") != "-":
        return None
    last = node.start + len(text[node.start : node.end].rstrip())
    line = text.find("\n", last)
    return begin, len(text) if line < 0 else line + 1


def _spliced(text: str, begin: int, end: int, edits: list[Edit]) -> str:
    from compiler.findings.fixes import splice

    moved = [
        Edit(span=Span(edit.span.file, edit.span.start - begin, edit.span.end - begin), text=edit.text)
        for edit in sorted(edits, key=lambda edit: edit.span.start)
    ]
    return splice(text[begin:end], moved)


def _further_documents(file: File) -> Iterator[Edit]:
    """A copy of each document of the old kind after it, unless the file has it already."""
    text = file.text
    chunks = {text[start:end].strip() for start, end in documents(text)}
    for start, end in documents(text):
        chunk = text[start:end]
        if OLD.kind not in _kinds(chunk):
            continue
        part = File(file.path, chunk)
        copy = _spliced(chunk, 0, len(chunk), list(_in_file(part)))
        line_break = "\r\n" if "\r\n" in text else "\n"
        if not copy.startswith("---"):
            copy = f"---{line_break}{copy}"
        if copy.strip() not in chunks:
            ended = "" if chunk.endswith("\n") else line_break
            yield Edit(span=Span(file, end, end), text=ended + copy)


def _without_old(file: File) -> list[Edit] | None:
    text = file.text
    places = list(documents(text))
    chunks = {text[start:end].strip().removeprefix("---").strip() for start, end in places}
    edits = []
    for start, end in places:
        chunk = text[start:end]
        if OLD.kind not in _kinds(chunk):
            continue
        copy = _spliced(chunk, 0, len(chunk), list(_in_file(File(file.path, chunk))))
        if copy.strip().removeprefix("---").strip() not in chunks:
            return None
        edits.append(Edit(span=Span(file, start, end), text=""))
    return edits
