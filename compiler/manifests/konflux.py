"""The mirror set of a Konflux pipeline: `.tekton/images-mirror-set.yaml`, which is part of no cluster.

In: the file. Out: the same as a file without manifests, with findings about what the pipeline does not do with it.

Follows konflux-ci/konflux-test `test/utils.sh` (26e8deb) and the tasks that call it: of any kind of object only
`.spec.imageDigestMirrors[].source` and `.mirrors` are read. An image is looked for at its source first; a rule applies
to its repository, to all but the last part of that, or to its host. An entry without mirrors stops the task.
"""

from collections.abc import Iterator

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.parsing import Parsed
from compiler.names.lookup import repository_of
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, read

PATH = ".tekton/images-mirror-set.yaml"
"""Where the pipeline looks for it, unless a parameter says otherwise."""

_RESULTS_LIMIT = 4096
"""Bytes that all results of a Tekton task have together; deploy-fbc-operator 0.1 passes the file in them."""


def is_konflux(path: str) -> bool:
    """Whether a file is the mirror set of a Konflux pipeline, by its path."""
    return path.endswith(PATH) and path[: -len(PATH)][-1:] in {"", "/"}


def read_konflux(file: File) -> Parsed:
    """The file as one that contributes nothing to a cluster."""
    tree = read(file)
    found = [finding for document in tree.documents for finding in _in_document(document.root)]
    if len(file.text.encode("utf-8", "replace")) >= _RESULTS_LIMIT:
        found.append(
            rules.KONFLUX_MIRROR_SET.at(
                Span(file, 0, 0),
                f"the file has {_RESULTS_LIMIT} bytes or more, which deploy-fbc-operator 0.1 cannot pass on",
                help="Use version 0.2 of that pipeline, or split the file.",
            )
        )
    return Parsed(file=file, diagnostics=tuple(found), read=(Span(file, 0, len(file.text)),))


def _in_document(root: Node | None) -> Iterator[Diagnostic]:
    spec = root.fields.get("spec") if isinstance(root, Mapping) else None
    if not isinstance(spec, Mapping):
        return
    for name in ("imageTagMirrors", "repositoryDigestMirrors"):
        if (key := spec.key(name)) is not None:
            yield rules.KONFLUX_MIRROR_SET.at(
                key.span,
                f"a Konflux pipeline does not read `{name}`",
                help="List the mirrors under `imageDigestMirrors`.",
                field=f"spec.{name}",
            )
    listed = spec.fields.get("imageDigestMirrors")
    for index, entry in enumerate(listed.items if isinstance(listed, Sequence) else ()):
        if isinstance(entry, Mapping):
            yield from _in_entry(entry, f"spec.imageDigestMirrors[{index}]")


def _in_entry(entry: Mapping, path: str) -> Iterator[Diagnostic]:
    source, mirrors = entry.fields.get("source"), entry.fields.get("mirrors")
    if not isinstance(mirrors, Sequence) or not mirrors.items:
        yield rules.KONFLUX_MIRROR_SET.at(
            (mirrors or source or entry).span,
            "the entry has no mirrors, which stops the task",
            help="Add a mirror, or remove the entry.",
            field=f"{path}.mirrors",
        )
    text = source.text if isinstance(source, Scalar) else ""
    if source is not None and (text.startswith("*") or repository_of(text) != text):
        yield rules.KONFLUX_MIRROR_SET.at(
            source.span,
            f"no image has the repository `{text}`, so the entry is never used",
            help="Write a repository, all but its last part, or a host; without a tag, a digest or a wildcard.",
            field=f"{path}.source",
        )
    if (key := entry.key("mirrorSourcePolicy")) is not None:
        yield rules.KONFLUX_MIRROR_SET.at(
            key.span,
            "a Konflux pipeline does not read `mirrorSourcePolicy`: it asks the source first",
            help="Remove the field.",
            field=f"{path}.mirrorSourcePolicy",
        )
