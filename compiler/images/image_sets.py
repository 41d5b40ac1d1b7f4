"""What an ImageSetConfiguration copies: what oc-mirror is to mirror, none of which is a pull of a cluster by itself.

In: the tree of an object. Out: what it names, with places. The images of a catalog, a channel or a chart are not in
the file. Follows openshift/oc-mirror `v2/internal/pkg/api/v2alpha1`; a DeleteImageSetConfiguration names what is not
wanted.
"""

from collections.abc import Iterator
from typing import NamedTuple

from compiler.text.span import Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence

_GROUP = "mirror.openshift.io/"
_RELEASES = {"": "quay.io/openshift-release-dev/ocp-release", "okd": "quay.io/openshift/okd"}


class ToMirror(NamedTuple):
    """What is copied: a pull spec, or the name of several images, with what it is in a few words."""

    text: str
    what: str
    span: Span
    field: str


def to_mirror(root: Node | None) -> Iterator[ToMirror]:
    """What an object copies; nothing of any other kind."""
    if not isinstance(root, Mapping) or _text(root, "kind") != "ImageSetConfiguration":
        return
    mirror = root.fields.get("mirror")
    if not _text(root, "apiVersion").startswith(_GROUP) or not isinstance(mirror, Mapping):
        return
    yield from _each(mirror, "additionalImages", "name", "image", "mirror")
    yield from _each(mirror, "operators", "catalog", "catalog; its bundles are not listed", "mirror")
    platform = mirror.fields.get("platform")
    if isinstance(platform, Mapping):
        release = platform.fields.get("release")
        if isinstance(release, Scalar) and release.text:
            yield ToMirror(release.text, "release", release.span, "mirror.platform.release")
        for index, channel in enumerate(_items(platform, "channels")):
            if isinstance(channel, Mapping) and isinstance(name := channel.fields.get("name"), Scalar):
                repository = _RELEASES.get(_text(channel, "type"), _RELEASES[""])
                field = f"mirror.platform.channels[{index}].name"
                yield ToMirror(repository, f"release of the channel {name.text}", name.span, field)
    helm = mirror.fields.get("helm")
    if isinstance(helm, Mapping):
        yield from _each(helm, "local", "path", "chart; its images are known once it is rendered", "mirror.helm")
        yield from _each(helm, "repositories", "url", "charts; their images are known once rendered", "mirror.helm")


def _each(parent: Mapping, name: str, key: str, what: str, path: str) -> Iterator[ToMirror]:
    for index, item in enumerate(_items(parent, name)):
        value = item.fields.get(key) if isinstance(item, Mapping) else None
        if isinstance(value, Scalar) and value.text:
            yield ToMirror(value.text, what, value.span, f"{path}.{name}[{index}].{key}")


def _items(parent: Mapping, name: str) -> list[Node]:
    listed = parent.fields.get(name)
    return listed.items if isinstance(listed, Sequence) else []


def _text(parent: Mapping, name: str) -> str:
    value = parent.fields.get(name)
    return value.text if isinstance(value, Scalar) else ""
