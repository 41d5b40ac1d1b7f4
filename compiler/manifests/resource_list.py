"""The ResourceList of a KRM function: its items as manifests, and findings as its results.

In: the text of a ResourceList (config.kubernetes.io/v1). Out: the same text as a List, so that its items are read in
their places, and the text with `results` added. Follows the KRM Functions Specification (kubernetes-sigs/kustomize,
`cmd/config/docs/api-conventions/functions-spec.md`).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.text.escaping import to_json
from compiler.text.span import File, Span
from compiler.text.tree import Mapping as MappingNode
from compiler.text.tree import Node, Scalar, Sequence, plain, read

KIND = "ResourceList"
_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}
_PATHS = ("internal.config.kubernetes.io/path", "config.kubernetes.io/path")
_COMMENT = re.compile(r"#.*")
_INDEXES = ("internal.config.kubernetes.io/index", "config.kubernetes.io/index")


class ResourceListError(ValueError):
    """The text is not a ResourceList; `help` says what to do."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, kw_only=True)
class ResourceList:
    """A ResourceList unchanged read: `config` are the texts of functionConfig's `data`, or of its `spec`."""

    file: File
    root: MappingNode
    items: tuple[Node, ...]
    config: Mapping[str, str]

    @property
    def as_list(self) -> File:
        """The same as a `v1` List, each item in its place."""
        text = self.file.text
        for key, value in (("kind", "List"), ("apiVersion", "v1")):
            node = self.root.fields.get(key)
            if isinstance(node, Scalar):
                end = node.span.end
                written = text[node.span.start : end]
                quote = written[0] if written[:1] in "'\"" else ""
                changed = f"{quote}{value}{quote}".ljust(end - node.span.start)
                if len(changed) == len(written):
                    text = text[: node.span.start] + changed + text[end:]
        return File(self.file.path, text)

    def with_results(self, findings: Iterable[Diagnostic]) -> str:
        """The text with a result for each finding, after the results that are there.

        Raises:
            ResourceListError: The results that are there cannot be added to.
        """
        results = [self._result(finding) for finding in findings]
        if not results:
            return self.file.text
        text, root = self.file.text, self.root.span
        lines = [" ".join(to_json(result).split()) for result in results]
        listed = ", ".join(lines)
        earlier = self.root.fields.get("results")
        key = self.root.key("results")
        if key is None or earlier is None:
            if text[root.start] == "{":
                return f'{text[: root.start + 1]}"results": [{listed}], {text[root.start + 1 :]}'
            return _without_end(text) + "results:\n" + "".join(f"- {line}\n" for line in lines)
        start, end = earlier.span.start, earlier.span.end
        if start < key.span.end:
            message = f"{key.span}: `results` is an alias, to which no results can be added"
            raise ResourceListError(message, "Write the results themselves.")
        if not isinstance(earlier, Sequence) or not earlier.items:
            return f"{text[: key.span.end]}: [{listed}]{text[max(end, text.find(':', key.span.end) + 1) :]}"
        if text[start] == "[":
            last, before = earlier.items[-1], earlier.items[:-1]
            is_alias = last.start < start or any(each.start == last.start for each in before)
            after = "" if is_alias else _COMMENT.sub("", text[last.end : end - 1])
            return f"{text[: end - 1]}{'' if ',' in after else ' , '}{listed}{text[end - 1 :]}"
        indent = start - (text.rfind("\n", 0, start) + 1)
        kept = text[:end].rstrip()
        return kept + "".join(f"\n{' ' * indent}- {line}" for line in lines) + "\n" + text[end:].lstrip("\n")

    def _result(self, finding: Diagnostic) -> dict[str, object]:
        message = f"{finding.message} [{finding.rule}]" + (f" {finding.help}" if finding.help else "")
        result: dict[str, object] = {"message": message, "severity": _SEVERITIES[finding.severity]}
        item = self._item(finding.span)
        if item is not None:
            metadata = item.fields.get("metadata")
            named = metadata.fields if isinstance(metadata, MappingNode) else {}
            result["resourceRef"] = {
                "apiVersion": _text(item.fields.get("apiVersion")),
                "kind": _text(item.fields.get("kind")),
                "name": _text(named.get("name")),
            }
            annotations = named.get("annotations")
            noted = annotations.fields if isinstance(annotations, MappingNode) else {}
            path = next((_text(noted[name]) for name in _PATHS if name in noted), "")
            index = next((_text(noted[name]) for name in _INDEXES if name in noted), "")
            if path:
                result["file"] = {"path": path, **({"index": int(index)} if index.isdecimal() else {})}
        if finding.field:
            result["field"] = {"path": finding.field}
        result["tags"] = {"rule": finding.rule}
        return result

    def _item(self, span: Span) -> MappingNode | None:
        at = bisect_right(self._starts, span.start) - 1
        item = self._mappings[at] if at >= 0 else None
        return item if item is not None and span.start < item.span.end else None

    @cached_property
    def _mappings(self) -> list[MappingNode]:
        """The items that may be objects, by where they begin; those that aliases repeat are where they are written."""
        found = (item for item in self.items if isinstance(item, MappingNode))
        return sorted(found, key=lambda item: item.span.start)

    @cached_property
    def _starts(self) -> list[int]:
        return [item.span.start for item in self._mappings]


def read_resource_list(file: File) -> ResourceList:
    """Read a ResourceList.

    Raises:
        ResourceListError: It is not one.
    """
    tree = read(file)
    if tree.error is not None:
        message = f"{tree.error.span}: not YAML: {tree.error.message}"
        raise ResourceListError(message)
    root = tree.documents[0].root if len(tree.documents) == 1 else None
    if not isinstance(root, MappingNode) or _text(root.fields.get("kind")) != KIND:
        message = "expected one ResourceList (config.kubernetes.io/v1)"
        raise ResourceListError(message, "Run this command as a KRM function; `mirrorc check -` checks manifests.")
    items = root.fields.get("items")
    config = root.fields.get("functionConfig")
    settings: dict[str, str] = {}
    if isinstance(config, MappingNode):
        for field in ("data", "spec"):
            given = config.fields.get(field)
            if isinstance(given, MappingNode):
                settings |= {name: _text(value) for name, value in given.fields.items()}
    return ResourceList(
        file=file, root=root, items=tuple(items.items) if isinstance(items, Sequence) else (), config=settings
    )


def as_json(text: str) -> str:
    """The same ResourceList as JSON, in which no line is one of a text: no runner of CI jobs finds a command in it."""
    (document,) = read(File("", text)).documents
    return to_json(plain(document.root)) if document.root is not None else text


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _without_end(text: str) -> str:
    """The text, its last line ended, without a mark that ends its document."""
    ended = text if text.endswith("\n") else f"{text}\n"
    return re.sub(r"(?m)^\.\.\.[ \t]*\n\Z", "", ended)
