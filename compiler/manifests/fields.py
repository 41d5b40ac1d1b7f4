"""Getters for the fields of an object, with the findings an API server would make of them.

In: mappings of the YAML tree. Out: typed values with their places; what has another type, is missing
or does not exist is reported. Field paths are written as the API server writes them.
"""

import re
from collections.abc import Callable, Collection, Iterator
from collections.abc import Sequence as Values
from dataclasses import replace
from typing import NamedTuple, TypeVar

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Fold, Gathered, Label, Rule
from compiler.findings.edits import remove_item, rewrite
from compiler.text.opaque import is_open
from compiler.text.span import Located, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence
from compiler.text.wording import nearest, shown

_Collection = TypeVar("_Collection", Mapping, Sequence)

_ARTICLE = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "a number",
    "number": "a number",
    "null": "null",
    "object": "an object",
    "array": "a list",
}
_MOST_ALTERNATIVES = 3
_INDEX = re.compile(r"\[\d+\]")

Takes = Callable[[str], bool]
"""Whether a field takes a string."""


class Meant(NamedTuple):
    """What was probably meant by a key: what to do, and the fixes that could do it, the likeliest first."""

    help: str
    fixes: tuple[Fix, ...] = ()


def no_advice(key: Scalar) -> Meant | None:
    """Nothing is known of a key."""
    del key
    return None


class Getter:
    """Gets the fields of a mapping of the YAML tree as typed values; one that has another type is reported.

    What reads a kind of file says in `wrong_type` how that is reported. A method that cannot give a value returns None.
    """

    def __init__(self) -> None:
        self.found = Gathered()
        self.has_open_keys = False

    def present(self, mapping: Mapping, field: str) -> Node | None:
        """The field's node; to the API server a null is as good as an absent field."""
        node = mapping.fields.get(field)
        return None if node is None or (node.__class__ is Scalar and is_null(node)) else node

    def optional(self, mapping: Mapping, field: str, path: str, type_: type[_Collection]) -> _Collection | None:
        """A mapping or a list, None where the field is absent."""
        node = self.present(mapping, field)
        if node is None or isinstance(node, type_):
            return node
        self.wrong_type(node, path, type_.kind)
        return None

    def optional_string(
        self, mapping: Mapping, field: str, path: str, *, takes: Takes | None = None
    ) -> Located[str] | None:
        """A string, None where the field is absent; `takes` is as in `wrong_type`."""
        node = self.present(mapping, field)
        if node is None:
            return None
        if isinstance(node, Scalar) and (text := node.string) is not None:
            return Located(text, node.span)
        self.wrong_type(node, path, "string", takes=takes)
        return None

    def string_list(
        self, mapping: Mapping, field: str, path: str, *, takes: Takes | None = None
    ) -> tuple[Located[str], ...] | None:
        """A list of strings, None where the field is absent; `takes` is as in `wrong_type`."""
        node = self.optional(mapping, field, path, Sequence)
        if node is None:
            return None
        found = []
        for position, item in enumerate(node.items):
            if isinstance(item, Scalar) and (text := item.string) is not None:
                found.append(Located(text, item.span))
            else:
                self.wrong_type(item, f"{path}[{position}]", "string", takes=takes)
        return tuple(found)

    def misnamed(self, mapping: Mapping, known: Collection[str], rule: Rule) -> Iterator[tuple[Scalar, str, set[str]]]:
        """The keys that are none of the known ones, until a file has too many findings of the rule.

        With each come the known field that was probably meant, which may be empty, and the known fields that are not
        in the mapping.
        """
        others = {name for name in known if name not in mapping.fields}
        for key in mapping.keys:
            if key.text in known:
                continue
            if is_open(key.text):
                self.has_open_keys = True
                continue
            if self.found.is_full(rule, key.file.path):
                return
            near = nearest(key.text, others)
            yield key, near, others
            others.discard(near)  # two typos of one field would make two keys of one name

    def wrong_type(self, node: Node, path: str, expected: str, *, takes: Takes | None = None) -> None:
        """Report that a value has another type than its field."""
        raise NotImplementedError


_IS_FILLED = re.compile(r"[ \t]*+:[ \t]*+\r?\n(?:[ \t]*+#[^\n]*+\n)*?[ \t]*+#[^\n$]*+\$[A-Za-z]")
"""A field without a value, and a comment below it that names one: a policy of ZTP fills in `# - $mirrors`."""


class FieldReader(Getter):
    """Reads the fields of objects and gathers the findings that an API server would make of them.

    A method that cannot give a value has said why and returns None; `refused` counts what the API server would not
    take, so that the object around it can be left out. `undecodable` says that the server would not even look further.
    Where a placeholder is in place of a value, nothing is said, and `is_open` is set; `blanks` are the offsets of lines
    of the document that a template engine may turn into any fields. `place` is where the object begins.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0
        self.undecodable = False
        self.is_open = False
        self.blanks: Values[int] = ()
        self.place = 0

    def fold(self, path: str, what: str, message: str, *, name: str = "", fix: str = "") -> Fold:
        """Findings about fields of one path in one object, whatever the places in lists, of which the same is said."""
        return Fold(key=(self.place, without_indices(path), what), message=message, name=name, fix=fix)

    def refuse(self, diagnostic: Diagnostic) -> None:
        """Report a finding for which the API server refuses the object."""
        if (self.blanks or self.has_open_keys) and diagnostic.rule == rules.MISSING_FIELD.name:
            self.is_open = True
            return
        self.refused += 1
        self.found.add(diagnostic)

    def refuse_unlisted(self, rule: Rule, node: Node | Span) -> bool:
        """Refuse the object without a finding, where its file has too many of this rule; whether that was done."""
        if not self.found.is_full(rule, node.file.path):
            return False
        self.found.count_unlisted(rule, node.file.path)
        self.refused += 1
        return True

    def required_spec(self, root: Mapping) -> Mapping | None:
        """The object's `spec`, which every kind of ours must have."""
        node = self.present(root, "spec")
        if node is None:
            if (key := root.key("spec")) is not None and _IS_FILLED.match(key.file.text, key.end):
                self.is_open = True
            else:
                self.missing(root, "spec", "")
            return None
        return self.optional(root, "spec", "spec", Mapping)

    def missing(self, mapping: Mapping, field: str, path: str) -> None:
        """Report that a required field is missing or null."""
        key = mapping.key(field) or mapping.key("kind") or (mapping.keys[0] if mapping.keys else mapping)
        self.refuse(
            rules.MISSING_FIELD.at(
                key.span,
                f"`{field}` is {'null' if field in mapping.fields else 'missing'}",
                help=f"Write `{field}`; `{{}}` is enough if it has no content."
                if field == "spec"
                else f"Write `{field}`.",
                field=f"{path}.{field}" if path else field,
            )
        )

    def set_of(self, values: Values[Located[str]], path: Callable[[int], str], noun: str) -> None:
        """The API's `x-kubernetes-list-type: set`."""
        texts = [value.value for value in values]
        if not "".join(texts).isascii():
            from compiler.manifests.placeholders import comparable

            texts = list(map(comparable, texts))
        if len(set(texts)) == len(values):
            return
        first: dict[str, Located[str]] = {}
        reported: set[str] = set()  # the server names a value once, however often it is repeated
        for position, (value, text) in enumerate(zip(values, texts, strict=True)):
            if text in reported:
                continue
            if text in first:
                reported.add(text)
                if self.refuse_unlisted(rules.DUPLICATE_MIRROR, value.span):
                    continue
                edit = remove_item(value.span, after=values[position - 1].span)
                self.refuse(
                    rules.DUPLICATE_MIRROR.at(
                        value.span,
                        f"the {noun} `{shown(value.value)}` is listed twice in one list",
                        help="Remove one of the two.",
                        labels=[Label(span=first[text].span, text="first listed here")],
                        fix=Fix(title="remove this one", edits=(edit,)) if edit else None,
                        field=path(position),
                        fold=self.fold(
                            path(position),
                            noun,
                            f"{{count}} {_plural(noun)} are listed twice in one list: {{names}}",
                            name=shown(value.value),
                            fix="remove the second of each",
                        ),
                    )
                )
            else:
                first[text] = value

    def wrong_type(self, node: Node, path: str, expected: str, *, takes: Takes | None = None) -> None:
        """Report that a value has another type than its field.

        Args:
            node: The value.
            path: Its field.
            expected: The type's name in the API's words.
            takes: Whether the field takes a string, where it does not take every one: quotes around the value do not
                help if it is not.
        """
        if isinstance(node, Scalar) and is_open(node.text):
            self.is_open = True
            return
        if not self.refuse_unlisted(rules.WRONG_TYPE, node):
            self.refuse(self._wrong_type(node, path, expected, takes))
        self.undecodable |= path.startswith("metadata")
        # The server prunes what it does not know below a wrongly typed value too.
        if isinstance(node, Mapping):
            self.unknown_fields(node, frozenset(), path)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                if isinstance(item, Mapping):
                    self.unknown_fields(item, frozenset(), f"{path}[{index}]")

    def _wrong_type(self, node: Node, path: str, expected: str, takes: Takes | None) -> Diagnostic:
        found = _ARTICLE[node.kind]
        message = f"expected {_ARTICLE[expected]}, found {found}"
        advice = f"Write {_ARTICLE[expected]}."
        fix = None
        if expected == "string" and isinstance(node, Scalar) and node.text:
            message = f"expected a string, but Kubernetes reads `{shown(node.text)}` as {found}"
            if takes is None or takes(node.text):
                advice = f'Write "{shown(node.text)}", in quotes, if you mean the string.'
                quotable = node.plain and not is_null(node)
                fix = replacement(node, f'"{node.text}"', "put it in quotes") if quotable else None
        elif expected == "array":
            advice = "Write a list: each item on its own line, starting with `- `."
        elif isinstance(node, Sequence):
            advice = f"Write {_ARTICLE[expected]}, without the `- ` at the start."
        return rules.WRONG_TYPE.at(
            first_line(node),
            message,
            help=advice,
            fix=fix,
            field=path,
            fold=self.fold(
                path, found, f"{{count}} values are {found}, not {_ARTICLE[expected]}", fix="put them in quotes"
            ),
        )

    def unknown_fields(
        self, mapping: Mapping, known: frozenset[str], path: str, *, meant: Callable[[Scalar], Meant | None] = no_advice
    ) -> None:
        """Report every key that is none of the known ones; the server accepts and drops them.

        `meant` knows more of a key than the name of the field that is nearest to it.
        """
        if known.issuperset(mapping.fields):
            return
        for key, near, others in self.misnamed(mapping, known, rules.UNKNOWN_FIELD):
            renamed = renaming(mapping, key, near)
            advice = meant(key) or Meant(
                f"Did you mean `{near}`?" if near else f"Remove it{_alternatives(others)}.",
                (renamed,) if renamed else (),
            )
            found = rules.UNKNOWN_FIELD.at(
                key.span,
                f"there is no field `{shown(key.text)}` here: the API server drops it",
                help=advice.help,
                fix=advice.fixes[0] if advice.fixes else None,
                field=f"{path}.{key.text}" if path else key.text,
                fold=self.fold(
                    path,
                    key.text,
                    f"there is no field `{shown(key.text)}` here, in {{count}} places: the API server drops it",
                    fix=f"rename it `{near}`",
                ),
            )
            self.found.add(replace(found, alternatives=advice.fixes[1:]) if found.fix and advice.fixes[1:] else found)


def renaming(mapping: Mapping, key: Scalar, near: str) -> Fix | None:
    """The fix that gives a key another name; none where there is none to give, or where the key is not the only one."""
    return replacement(key, near, f"rename it `{near}`") if near and not mapping.is_repeated(key.text) else None


def heading(root: Mapping) -> Node:
    """Where an object says what it is: its kind or, in a typed list whose items say none, its first key."""
    return root.fields.get("kind") or (root.keys[0] if root.keys else root)


def indices_of_strings(node: Sequence) -> list[int]:
    """Where the strings of a list are in it; what is not a string is reported and left out."""
    return [index for index, item in enumerate(node.items) if isinstance(item, Scalar) and item.string is not None]


def is_null(node: Node) -> bool:
    """Whether a node is null, which to the API server is as good as absent."""
    return isinstance(node, Scalar) and node.string is None and node.value is None


def first_line(node: Node) -> Span:
    """The part of a node that is on its first line: carets under ten lines do not help."""
    break_at = node.file.text.find("\n", node.start, node.end)
    return node.span if break_at < 0 else Span(node.file, node.start, break_at)


def replacement(node: Node, text: str, title: str) -> Fix | None:
    """Write `text` for a scalar, where that can be done safely."""
    edit = rewrite(node.span, text)
    return Fix(title=title, edits=(edit,)) if edit else None


def without_indices(path: str) -> str:
    """A path for all items of its lists: `spec.imageDigestMirrors[].mirrors[]`."""
    return _INDEX.sub("[]", path)


def _plural(noun: str) -> str:
    return noun.removesuffix("y") + "ies" if noun.endswith("y") else noun + "s"


def _alternatives(fields: Collection[str]) -> str:
    """What else could be here, where that is little enough to say."""
    if not 0 < len(fields) <= _MOST_ALTERNATIVES:
        return ""
    return ", or write " + " or ".join(f"`{field}`" for field in sorted(fields))
