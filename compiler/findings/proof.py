"""Proof that an edit of a YAML text does what its fix says and nothing else.

In: a text, edits of it, the text after them. Out: why the edits must not be written, if they must not: the new text
does not parse, a key is there twice, or something that no edit touches is another value. Texts are compared as the
trees that Kubernetes reads.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence as Values
from operator import itemgetter

from compiler.findings.diagnostics import Edit
from compiler.text.span import File
from compiler.text.tree import Document, Mapping, Node, Scalar, Sequence, Tree, read


def objection(before: File, after: str, edits: Values[Edit]) -> str:
    """Why the edits are wrong; an empty string where they are right.

    Args:
        before: The text that the edits are of.
        after: The text with all of them made.
        edits: In order of place; no two touch.
    """
    return Prover().objection(before, after, edits)


class Prover:
    """Proves edits of a few files one after the other: a text that was proven is not read again for the next edits."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[File, Tree]] = {}

    def objection(self, before: File, after: str, edits: Values[Edit]) -> str:
        """Why the edits are wrong, as `objection` has it."""
        old = self.tree(before.path, before.text)
        if old is None:
            old = (before, read(before))
        file = File(before.path, after)
        new = (file, read(file))
        reason = _objection(old[1], new[1], edits)
        self._read[before.path] = old if reason else new
        return reason

    def knows(self, file: File, tree: Tree) -> None:
        """Take the tree of a file that was read already."""
        self._read[file.path] = (file, tree)

    def tree(self, path: str, text: str) -> tuple[File, Tree] | None:
        """The file with this path and text and its tree, if that was the last one to be read of the path."""
        known = self._read.get(path)
        return known if known is not None and known[0].text == text else None


def _objection(old: Tree, new: Tree, edits: Values[Edit]) -> str:
    if new.error is not None and old.error is None:
        return f"the file would no longer be valid YAML: {new.error.message}"
    if len(old.documents) != len(new.documents):
        return "the file would have another number of documents"
    comparison = _Comparison(edits)
    for one, other in zip(old.documents, new.documents, strict=True):
        if reason := comparison.of_documents(one, other):
            return reason
    return ""


class _Comparison:
    """Compares trees, where edits may change scalars, take items and fields out, and add fields of one value."""

    def __init__(self, edits: Values[Edit]) -> None:
        self._edits = edits
        self._ends = [edit.span.end for edit in edits]
        self._removes = any(edit.text == "" for edit in edits)
        self._compared: set[tuple[int, int]] = set()
        self._added: list[tuple[int, int, int]] = []
        """Of each insertion the place in the old text, and first and last place in the new one."""
        shift = 0
        for edit in edits:
            if edit.span.start == edit.span.end and edit.text:
                begin = edit.span.start + shift
                self._added.append((edit.span.start, begin, begin + len(edit.text)))
            shift += len(edit.text) - (edit.span.end - edit.span.start)

    def of_documents(self, old: Document, new: Document) -> str:
        if len(new.duplicates) > len(old.duplicates):
            return f"the key `{new.duplicates[-1].second.text}` would appear twice"
        if old.root is None or new.root is None:
            return "" if old.root is new.root else "a document would be empty"
        pending: list[tuple[Node, Node]] = [(old.root, new.root)]
        while pending:
            one, other = pending.pop()
            if isinstance(one, Scalar):
                if not self._same(one, other):
                    line, column = one.span.begin
                    return f"the value at line {line}, column {column} would change"
                continue
            if (id(one), id(other)) in self._compared:  # of an alias
                continue
            self._compared.add((id(one), id(other)))
            if isinstance(one, Sequence) and isinstance(other, Sequence):
                kept = [item for item in one.items if not self._is_removed(item.start, item.end)]
                if len(kept) != len(other.items):
                    return f"the list at line {one.span.begin.line} would have another number of items"
                pending += zip(kept, other.items, strict=True)
            elif isinstance(one, Mapping) and isinstance(other, Mapping):
                keys = [key for key in _written(one) if not self._is_removed(key.start, _end_of(one, key))]
                new_keys = self._without_added(one, other, keys)
                if len(keys) != len(new_keys):
                    return f"the mapping at line {one.span.begin.line} would have another number of keys"
                pairs = list(zip(keys, new_keys, strict=True))
                pending += pairs
                pending += [
                    (one.fields[old_key.text], other.fields[new_key.text])
                    for old_key, new_key in pairs
                    if old_key.text in one.fields and new_key.text in other.fields
                ]
            else:
                return f"the value at line {one.span.begin.line} would have another type"
        return ""

    def _without_added(self, one: Mapping, other: Mapping, keys: Values[Scalar]) -> list[Scalar]:
        """The keys of a new mapping but those that an insertion right after a scalar field has added."""
        new_keys = _written(other)
        if len(new_keys) <= len(keys):
            return new_keys
        kept: list[Scalar] = []
        for key in new_keys:
            before = one.fields.get(keys[len(kept) - 1].text) if 0 < len(kept) <= len(keys) else None
            value = other.fields.get(key.text)
            # Insertions do not overlap: only the last one that begins before the key can contain it.
            number = bisect_right(self._added, key.start, key=itemgetter(1)) - 1
            at, _, end = self._added[number] if number >= 0 else (0, 0, 0)
            if not (
                isinstance(value, Scalar)
                and key.start < value.end <= end
                and isinstance(before, Scalar)
                and before.end <= at
                and "\n" not in one.file.text[before.end : at]
            ):
                kept.append(key)
        return kept

    def _same(self, one: Scalar, other: Node) -> bool:
        if not isinstance(other, Scalar):
            return False
        is_equal = one.text == other.text and one.plain == other.plain and one.tag == other.tag
        return is_equal or self._touches(one)

    def _touches(self, node: Node) -> bool:
        """Whether an edit changes characters of a node."""
        at = bisect_left(self._ends, node.start)
        return any(
            (edit.span.start < node.end and node.start < edit.span.end)
            or node.start <= edit.span.start == edit.span.end
            for edit in self._edits[at : at + 3]
            if edit.span.start <= node.end
        )

    def _is_removed(self, start: int, end: int) -> bool:
        """Whether an edit takes these characters out with nothing in their place."""
        if not self._removes:
            return False
        at = bisect_left(self._ends, end)
        edit = self._edits[at] if at < len(self._edits) else None
        return edit is not None and edit.text == "" and edit.span.start <= start < edit.span.end


def _written(mapping: Mapping) -> list[Scalar]:
    """The keys that are written in a mapping; those that a merge adds are compared where they are written."""
    return [key for key in mapping.keys if mapping.start <= key.start < mapping.end]


def _end_of(mapping: Mapping, key: Scalar) -> int:
    value = mapping.fields.get(key.text)
    return max(key.end, value.end) if value is not None and value.start >= key.start else key.end
