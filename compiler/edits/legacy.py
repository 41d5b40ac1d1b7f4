"""Finding legacy objects in a text, and the edits that turn each into an ImageDigestMirrorSet.

In: a file with ImageContentSourcePolicies. Out: `Legacy` records, each an object (or a list of nothing else) that is
converted, copied and removed as one, and the edits for that. Nothing outside the edits changes; nothing is proven here.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass
from operator import itemgetter
from typing import cast

from compiler.findings.diagnostics import Edit
from compiler.findings.edits import remove_fields, remove_items, rewrite
from compiler.findings.fixes import splice
from compiler.manifests.kinds import ImageContentSourcePolicy, ImageDigestMirrorSet
from compiler.manifests.lists import Listed, objects
from compiler.manifests.parsing import documents
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, Tree, read

OLD = ImageContentSourcePolicy
NEW = ImageDigestMirrorSet

# An owner that does not exist has the object collected, and a finalizer of the old object keeps the new one.
_SERVER_OWNED = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SEPARATOR = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")

_NOTHING = re.compile(r"(?:---|\.\.\.)?(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\n|\r|\Z))*+")

Orders = Table[str, Table[str, int]]
"""The mirrors of a source with their places in the order in which a cluster tries them."""


class NotEditableError(Exception):
    """An object is written in a way that an edit could spoil; the message says in which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legacy:
    """What is converted as one: an ImageContentSourcePolicy, or an ImageContentSourcePolicyList.

    Attributes:
        root: The object or the list.
        objects: The objects: the root itself, or the items of the list.
        names: Their names; empty where an object has none.
        chunk: The characters of the document that consists of it.
        holder: The list that it is an item of, None where it is a document.
        index: Its position in the holder.
    """

    root: Mapping
    objects: tuple[Mapping, ...]
    names: tuple[str, ...]
    chunk: tuple[int, int]
    holder: Sequence | None = None
    index: int = 0

    @property
    def place(self) -> Span:
        """Where it says what it is."""
        return (self.root.fields.get("kind") or self.root.keys[0]).span


def find(file: File, accepted: frozenset[tuple[int, int]], tree: Tree | None = None) -> list[Legacy]:
    """The legacy objects of a file in order.

    Args:
        file: A manifest file.
        accepted: The first and last offset of the objects that the API server accepts; others are left out.
        tree: That of the file, if it is read already.
    """
    chunks = list(documents(file.text))
    tree = tree or read(file)
    roots: list[Node | None] = [document.root for document in tree.documents]
    if tree.error is not None:  # a template, for example: the other documents are read by themselves
        roots = [document.root for start, end in chunks for document in read(file, start=start, end=end).documents]
    found: list[Legacy] = []
    for root in roots:
        if isinstance(root, Mapping):
            at = bisect_right(chunks, root.start, key=itemgetter(0)) - 1
            found += _find(root, accepted, chunks[at if root.start < chunks[at][1] else -1])
    return found


def _find(root: Mapping, accepted: frozenset[tuple[int, int]], chunk: tuple[int, int]) -> Iterator[Legacy]:
    for each in objects(root, inside=_inside):
        legacy = _objects(each)
        if legacy and all((one.start, one.end) in accepted for one in legacy):
            names = tuple(_text(one.fields.get("metadata"), "name") for one in legacy)
            yield Legacy(
                root=cast("Mapping", each.root),
                objects=legacy,
                names=names,
                chunk=chunk,
                holder=each.holder,
                index=each.position,
            )


def _inside(each: Listed) -> Node | None:
    """The items of a list; one of legacy objects alone is converted as a whole."""
    return None if each.kind == f"{OLD.kind}List" else each.items


def _objects(each: Listed) -> tuple[Mapping, ...]:
    """The legacy objects that are converted together: one, or all of a list of them."""
    if not isinstance(each.root, Mapping):
        return ()
    if each.kind == OLD.kind and _text(each.root, "kind"):
        return (each.root,)
    if each.kind != f"{OLD.kind}List" or not isinstance(each.items, Sequence):
        return ()
    listed = tuple(item for item in each.items.items if isinstance(item, Mapping))
    return () if any(_text(item, "kind") not in {"", OLD.kind} for item in listed) else listed


def _text(node: Node | None, field: str) -> str:
    value = node.fields.get(field) if isinstance(node, Mapping) else None
    return value.text if isinstance(value, Scalar) else ""


# --- Converting ----------------------------------------------------------------------


def conversion(legacy: Legacy, orders: Orders) -> list[Edit]:
    """The edits that turn it into the new kind, in order of place.

    What the old API drops and the new one knows is taken out, since it would come into force, and so is what the API
    server owns. A mirror that is listed twice is listed once, at the place that `orders` gives it.

    Raises:
        NotEditableError: It cannot be edited safely.
    """
    edits: dict[tuple[int, int], Edit] = {}

    def add(some: list[Edit] | None, what: Span) -> None:
        if some is None:
            message = f"`{what.text.partition(chr(10))[0].strip()[:60]}` is written in a way that no edit keeps intact"
            raise NotEditableError(message)
        edits.update({(edit.span.start, edit.span.end): edit for edit in some})

    def write(scalar: Node | None, old: str, text: str) -> None:
        if isinstance(scalar, Scalar) and scalar.text == old:
            edit = rewrite(scalar.span, text)
            add(None if edit is None else [edit], scalar.span)

    for root in dict.fromkeys((legacy.root, *legacy.objects)):
        write(root.fields.get("apiVersion"), OLD.api_version, NEW.api_version)
        write(root.fields.get("kind"), OLD.kind, NEW.kind)
        write(root.fields.get("kind"), f"{OLD.kind}List", f"{NEW.kind}List")
    for root in legacy.objects:
        spec, metadata = root.fields.get("spec"), root.fields.get("metadata")
        if isinstance(spec, Mapping):
            add(remove_fields(spec, {NEW.list_field}), spec.span)
            for key in spec.keys:
                write(key, OLD.list_field, NEW.list_field)
            rules = spec.fields.get(OLD.list_field)
            for rule in rules.items if isinstance(rules, Sequence) else ():
                if isinstance(rule, Mapping):
                    add(remove_fields(rule, {"mirrorSourcePolicy"}), rule.span)
                    mirrors = rule.fields.get("mirrors")
                    if isinstance(mirrors, Sequence):
                        add(_listed_once(mirrors, orders.get(_text(rule, "source"), {})), mirrors.span)
        server_owned = set(_SERVER_OWNED)
        annotations = metadata.fields.get("annotations") if isinstance(metadata, Mapping) else None
        if isinstance(annotations, Mapping) and _LAST_APPLIED in annotations.fields:
            if set(annotations.fields) == {_LAST_APPLIED}:
                server_owned.add("annotations")
            else:
                add(remove_fields(annotations, {_LAST_APPLIED}), annotations.span)
        if isinstance(metadata, Mapping):
            add(remove_fields(metadata, server_owned), metadata.span)
        add(remove_fields(root, {"status"}), root.span)
    return sorted(edits.values(), key=lambda edit: (edit.span.start, edit.span.end))


def _listed_once(mirrors: Sequence, order: Table[str, int]) -> list[Edit] | None:
    """Take out the mirrors that are listed twice, so that the rest has the order of the cluster.

    That order may have the source before a mirror that is listed before and after another one; then it is listed too.
    """
    texts = [item.text if isinstance(item, Scalar) else "" for item in mirrors.items]
    distinct = list(dict.fromkeys(texts))
    if len(distinct) == len(texts):
        return []
    wanted = distinct
    if distinct and all(mirror in order for mirror in distinct):
        # A longer order is merged with other lists.
        wanted = list(order) if len(order) <= len(texts) else sorted(distinct, key=order.__getitem__)
    kept = _subsequence(wanted, texts)
    if kept is not None:
        return remove_items(mirrors, set(range(len(texts))) - set(kept))
    # No choice of what is there has that order: it is written in the place of the first items that are enough.
    first = {text: at for at, text in reversed([*enumerate(texts)])}
    slots = sorted(range(len(texts)), key=lambda at: (first[texts[at]] != at, at))[: len(wanted)]
    edits = remove_items(mirrors, set(range(len(texts))) - set(slots))
    for at, mirror in zip(sorted(slots), wanted, strict=True):
        if texts[at] != mirror:
            edit = rewrite(mirrors.items[at].span, mirror)
            if edit is None or edits is None:
                return None
            edits.append(edit)
    return edits


def _subsequence(wanted: list[str], texts: list[str]) -> list[int] | None:
    """Where texts in this order are found, None where there are none."""
    found: list[int] = []
    for text in wanted:
        at = next((at for at in range(found[-1] + 1 if found else 0, len(texts)) if texts[at] == text), None)
        if at is None:
            return None
        found.append(at)
    return found


# --- Adding and removing -------------------------------------------------------------


def addition(legacy: Legacy, edits: list[Edit]) -> list[Edit]:
    """The edits that put the converted object after the old one: as a further document, or as a further item.

    Raises:
        NotEditableError: There is no safe place for it.
    """
    file = legacy.root.file
    text = file.text
    line_break = "\r\n" if "\r\n" in text else "\n"
    if legacy.holder is not None:
        return [_further_item(legacy, edits, line_break)]
    start, end = legacy.chunk
    if file.path.endswith(".json"):
        converted = _converted(file, legacy.root.start, legacy.root.end, edits)
        opening = '{"apiVersion": "v1", "kind": "List", "items": ['
        return [
            Edit(span=Span(file, legacy.root.start, legacy.root.start), text=opening),
            Edit(span=Span(file, legacy.root.end, legacy.root.end), text=f", {converted}]}}"),
        ]
    converted = _converted(file, start, end, edits)
    # A document begins after a line feed: a carriage return alone is completed.
    ended = "" if text[start:end].endswith("\n") else "\n" if text[start:end].endswith("\r") else line_break
    separator = "" if converted.startswith("---") else f"---{line_break}"
    return [Edit(span=Span(file, end, end), text=f"{ended}{separator}{converted}")]


def _further_item(legacy: Legacy, edits: list[Edit], line_break: str) -> Edit:
    file = legacy.root.file
    text = file.text
    start = legacy.root.start
    end = start + len(text[start : legacy.root.end].rstrip())
    line = start - (file.position(start).column - 1)
    margin = text[line:start]
    if text[start] == "{":
        between = f",{line_break}{margin}" if not margin.strip() and margin else ", "
        if margin.strip(" ") == "-":
            between = f"{line_break}{margin}"
        return Edit(span=Span(file, end, end), text=f"{between}{_converted(file, start, end, edits)}")
    if margin.strip(" ") != "-":
        message = "the item does not start on the line of its dash"
        raise NotEditableError(message)
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    return Edit(span=Span(file, end, end), text=f"{line_break}{margin}{_converted(file, start, end, edits)}")


def _converted(file: File, start: int, end: int, edits: list[Edit]) -> str:
    inside = [edit for edit in edits if start <= edit.span.start and edit.span.end <= end]
    if len(inside) != len(edits):
        message = "it shares values with another object through an alias"
        raise NotEditableError(message)
    moved = [Edit(span=Span(file, edit.span.start - start, edit.span.end - start), text=edit.text) for edit in inside]
    return splice(file.text[start:end], moved)


def removal(file: File, found: list[Legacy]) -> list[Edit]:
    """The edits that take objects out of a file.

    Raises:
        NotEditableError: Nothing would be left of the file or of a list.
    """
    edits: list[Edit] = []
    held: dict[int, list[Legacy]] = {}
    chunks = set()
    for legacy in found:
        if legacy.holder is None:
            chunks.add(legacy.chunk)
        else:
            held.setdefault(id(legacy.holder), []).append(legacy)
    for some in held.values():
        holder = some[0].holder
        removed = remove_items(holder, {legacy.index for legacy in some}) if holder is not None else None
        if removed is None:
            message = "nothing would be left of the list: remove the list, or the file, by hand"
            raise NotEditableError(message)
        edits += removed
    text = file.text
    if chunks.issuperset(chunk for chunk in documents(text) if _NOTHING.fullmatch(text, *chunk) is None):
        message = "nothing would be left of the file: delete it, and remove it from kustomizations"
        raise NotEditableError(message)
    reached = 0
    for start, end in sorted(chunks):
        # A file that began without a separator does so again.
        after = _SEPARATOR.match(text, end) if start == 0 and not text.startswith("---") else None
        begin, reached = max(start, reached), after.end() if after else end
        edits.append(Edit(span=Span(file, begin, reached), text=""))
    return sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
