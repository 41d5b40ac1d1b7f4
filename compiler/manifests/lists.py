"""The objects of a List: one walk for all that look into one.

In: the root of a document. Out: its objects in order, each with the kind and apiVersion that a typed list lends to
items without them, and the list that contains it. A List may contain Lists.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from compiler.text.tree import Mapping, Node, Scalar, Sequence


class Listed(NamedTuple):
    """A node that is an object, or is where one is expected.

    `kind` and `api_version` are its own or those that a typed list lends; empty where there are none. `holder` is the
    list that it is the item `position` of, None for the root of a document.
    """

    root: Node
    kind: str = ""
    api_version: str = ""
    holder: Sequence | None = None
    position: int = 0

    @property
    def items(self) -> Node | None:
        """What it has under `items`, where its kind is that of a list."""
        return self.root.fields.get("items") if isinstance(self.root, Mapping) and self.kind.endswith("List") else None


Inside = Callable[[Listed], Node | None]
"""What contains the objects of an object, None where it is looked at itself."""


def objects(root: Node | None, *, inside: Inside = lambda each: each.items) -> Iterator[Listed]:
    """The node itself or, if it is a list of objects, what it lists, in order.

    What `inside` gives and is not a list is not a reason to go on: then the object itself is given.
    """
    pending = [] if root is None else [_named(Listed(root))]
    while pending:
        each = pending.pop()
        items = inside(each)
        if not isinstance(items, Sequence):
            yield each
            continue
        lent = ("", "")
        if each.kind.endswith("List") and each.kind != "List":
            lent = (each.kind.removesuffix("List"), each.api_version)
        listed = [_named(Listed(item, *lent, items, index)) for index, item in enumerate(items.items)]
        pending += reversed(listed)


def _named(each: Listed) -> Listed:
    """The same with its own kind and apiVersion, where it has them."""
    if not isinstance(each.root, Mapping):
        return each
    fields = each.root.fields
    return each._replace(
        kind=_text(fields.get("kind")) or each.kind, api_version=_text(fields.get("apiVersion")) or each.api_version
    )


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
