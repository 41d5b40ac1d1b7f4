"""Which images of an object a trigger fills in: what is written there is not what runs.

In: the tree of an object. Out: the image stream tags that count, by the containers they are for.

Follows openshift/openshift-apiserver and openshift-controller-manager: `triggers` of a DeploymentConfig with
`imageChangeParams`, and the annotation `image.openshift.io/triggers` of any other workload.
"""

import json
from collections.abc import Iterator, Mapping

from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Node, Scalar, Sequence

_ANNOTATION = "image.openshift.io/triggers"
_IMAGE_CHANGE = "ImageChange"


def filled_in(root: YamlMapping) -> Mapping[str, str]:
    """The tag that fills an image in, by the name of its container or by the path of the field."""
    return dict((*_of_config(root), *_of_annotation(root)))


def _of_config(root: YamlMapping) -> Iterator[tuple[str, str]]:
    triggers = _field(_field(root, "spec"), "triggers")
    for trigger in triggers.items if isinstance(triggers, Sequence) else ():
        change = _field(trigger, "imageChangeParams")
        if change is None or _text(_field(trigger, "type")) != _IMAGE_CHANGE:
            continue
        names = _field(change, "containerNames")
        for name in names.items if isinstance(names, Sequence) else ():
            yield _text(name), _text(_field(_field(change, "from"), "name"))


def _of_annotation(root: YamlMapping) -> Iterator[tuple[str, str]]:
    written = _text(_field(_field(_field(root, "metadata"), "annotations"), _ANNOTATION))
    try:
        triggers = json.loads(written or "[]")
    except (ValueError, RecursionError):
        return
    for trigger in triggers if isinstance(triggers, list) else ():
        if not isinstance(trigger, dict) or trigger.get("paused") in (True, "true"):
            continue
        source, path = trigger.get("from"), trigger.get("fieldPath")
        if isinstance(source, dict) and isinstance(path, str):
            _, by_name, name = path.partition("@.name==")
            yield name.partition(")")[0].strip("\"'") if by_name else path, str(source.get("name"))


def _field(node: Node | None, name: str) -> Node | None:
    return node.fields.get(name) if isinstance(node, YamlMapping) else None


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
