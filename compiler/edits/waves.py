"""The sync waves of Argo CD written into the objects that they are for.

In: a text and the wave of some of its objects. Out: the text with an annotation in each of these, or none where an edit
cannot do that. Objects of wave 0 need none.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from compiler.edits.changes import Key, key_of, take_apart
from compiler.edits.values import NoEditError, value_edits
from compiler.findings.fixes import splice
from compiler.manifests.lists import objects
from compiler.manifests.parsing import documents
from compiler.text.span import File
from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Node, Plain, plain, read

ANNOTATION = "argocd.argoproj.io/sync-wave"

Object = dict[str, Plain]


def annotated(path: str, text: str, waves: Mapping[Key, int]) -> str | None:
    """A text in which each of these objects has the annotation with its wave; None where it cannot be edited."""
    file = File(path, text)
    before = take_apart(path, text)
    if before is None:
        return None
    wanted = {key: _with_wave(each, waves.get(key, 0)) for key, each in before.objects.items()}
    try:
        edits = [
            edit
            for key, metadata in _metadata(file)
            if waves.get(key)
            for edit in value_edits(metadata, wanted[key]["metadata"])
        ]
    except NoEditError:
        return None
    made = splice(text, sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)))
    after = take_apart(path, made)
    return made if after is not None and after.objects == wanted else None


def _metadata(file: File) -> Iterator[tuple[Key, Node]]:
    """The objects of a file, each with the node of its metadata."""
    for start, end in documents(file.text):
        for document in read(file, start=start, end=end).documents:
            for each in objects(document.root):
                data = plain(each.root) if isinstance(each.root, YamlMapping) else None
                key = key_of(data, each.kind, each.api_version) if isinstance(data, dict) else None
                if isinstance(each.root, YamlMapping) and key is not None:
                    yield key, each.root.fields["metadata"]


def _with_wave(found: Object, wave: int) -> Object:
    if not wave:
        return found
    metadata = cast(Object, found["metadata"])
    annotations = metadata.get("annotations")
    kept = annotations if isinstance(annotations, dict) else {}
    return {**found, "metadata": {**metadata, "annotations": {**kept, ANNOTATION: str(wave)}}}
