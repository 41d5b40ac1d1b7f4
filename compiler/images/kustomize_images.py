"""What kustomize makes of images: `images` in a kustomization replaces names, tags and digests of its resources.

In: kustomizations and the images of the manifests they lead to. Out: the images as deployed. A kustomization
that no other one leads to is deployed; what is in none is deployed unchanged.

Follows kubernetes-sigs/kustomize `api/filters/imagetag` (v5.8): an entry replaces an image of exactly its name, in
containers, init containers and image volumes, wherever they are, and nowhere else; a new tag drops the digest, a
digest drops the tag, and without either both stay.
"""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from compiler.findings.allowances import FoundAllowances
from compiler.images.references import ImageReference, Images, UnresolvedImage, allowances_about_images
from compiler.images.workloads import find_in_patch
from compiler.manifests.kustomization import decode, is_remote
from compiler.text.span import File, Span
from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Node, Scalar, read
from compiler.text.tree import Sequence as YamlSequence

_MADE_OVER = re.compile(
    r"(?:.*[./])?(?:(?:containers|initContainers)(?:\[\d+\]|/\d+|/-)[./]image|volumes\[\d+\]\.image\.reference)"
)
"""The fields that are looked at; those of a JSON patch begin with its pointer."""
_PARTS = re.compile(r"(?P<name>[^@]*?)(?P<tag>:[^:/@]*)?(?P<digest>@.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOverride:
    """One entry of `images`; what it does not set is empty. The span is the first value that it sets."""

    name: str
    new_name: str = ""
    new_tag: str = ""
    digest: str = ""
    span: Span

    def applied(self, reference: ImageReference) -> ImageReference:
        """The reference with what the entry sets, at the entry's place; itself where it names another image."""
        parts = _PARTS.fullmatch(reference.text)
        if parts is None or parts["name"] != self.name or not _MADE_OVER.fullmatch(reference.field):
            return reference
        tag, digest = parts["tag"] or "", parts["digest"] or ""
        if self.new_tag or self.digest:
            tag = f":{self.new_tag}" if self.new_tag else ""
            digest = f"@{self.digest}" if self.digest else ""
        return reference._replace(text=f"{self.new_name or self.name}{tag}{digest}", span=self.span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """One kustomization: what it leads to, by shown paths, what it makes of images, what its comments allow.

    `references` and `unresolved` are of the patches that are written into it.
    """

    file: File
    leads_to: tuple[str, ...] = ()
    references: tuple[ImageReference, ...] = ()
    unresolved: tuple[UnresolvedImage, ...] = ()
    images: tuple[ImageOverride, ...] = ()
    noted: FoundAllowances = field(default_factory=FoundAllowances)

    @property
    def folder(self) -> str:
        """The folder it means."""
        return posixpath.dirname(self.file.path) or "."


def read_overrides(file: File) -> Overrides:
    """What a kustomization makes of images; nothing where it cannot be read."""
    documents = read(file).documents
    root = documents[0].root if documents else None
    listed = root.fields.get("images") if isinstance(root, YamlMapping) else None
    images = tuple(_overrides(listed.items if isinstance(listed, YamlSequence) else ()))
    folder = posixpath.dirname(file.path)
    kustomization = decode(file)
    named = (each.path.value for each in kustomization.references if each.is_manifest or each.is_patch)
    patches = [find_in_patch(each.path) for each in kustomization.inline if each.is_patch]
    references = tuple(reference for found, _ in patches for reference in found)
    unresolved = tuple(place for _, found in patches for place in found)
    return Overrides(
        file=file,
        leads_to=tuple(posixpath.normpath(posixpath.join(folder, path)) for path in named if not is_remote(path)),
        references=references,
        unresolved=unresolved,
        images=images,
        noted=allowances_about_images(file) if images or references or unresolved else FoundAllowances(),
    )


def _overrides(entries: Iterable[Node]) -> Iterator[ImageOverride]:
    for entry in entries:
        fields = entry.fields if isinstance(entry, YamlMapping) else {}
        name, new_name, new_tag, digest = (_text(fields.get(key)) for key in ("name", "newName", "newTag", "digest"))
        sets = next((fields[key] for key in ("newName", "newTag", "digest") if _text(fields.get(key))), None)
        if name and sets is not None:
            yield ImageOverride(name=name, new_name=new_name, new_tag=new_tag, digest=digest, span=sets.span)


def deployed(images: Sequence[Images], kustomizations: Sequence[Overrides]) -> list[ImageReference]:
    """Every image as deployed, by file and position of what has the last word on it.

    Raises:
        TooManyImagesError: They are too many.
    """
    if not any(kustomization.images or kustomization.references for kustomization in kustomizations):
        return [reference for each in images for reference in each.references]
    world = _World(images, kustomizations)
    found = [reference for top in world.tops() for reference in world.made_by(top)]
    found += (reference for each in images if each.file.path not in world.reached for reference in each.references)
    unique = {(reference.text, reference.span, reference.field): reference for reference in found}
    return sorted(unique.values(), key=lambda reference: reference.span.sort_key)


class _World:
    """The kustomizations of a run and the manifests they lead to; `reached` are those that were asked for so far."""

    def __init__(self, images: Iterable[Images], kustomizations: Iterable[Overrides]) -> None:
        self._references: Mapping[str, tuple[ImageReference, ...]] = {
            each.file.path: each.references for each in images
        }
        self._by_folder = {kustomization.folder: kustomization for kustomization in kustomizations}
        self.reached: set[str] = set()
        self._made: dict[str, list[ImageReference]] = {}
        self._count = 0

    def tops(self) -> Iterator[Overrides]:
        """Those that no other one leads to."""
        led_to = {path for kustomization in self._by_folder.values() for path in kustomization.leads_to}
        return (kustomization for folder, kustomization in self._by_folder.items() if folder not in led_to)

    def made_by(self, top: Overrides) -> list[ImageReference]:
        """The images that it deploys; one that leads back to itself is left out there, as kustomize refuses it.

        Raises:
            TooManyImagesError: They are too many.
        """
        if top.folder in self._made:
            return self._made[top.folder]
        open_ones = [_Open(top)]
        around = {top.folder}
        while True:
            current = open_ones[-1]
            path = next(current.left, None)
            if path is None:
                made = self._replaced(current)
                around.discard(current.kustomization.folder)
                open_ones.pop()
                if not open_ones:
                    return made
                open_ones[-1].made += made
                continue
            inner = self._by_folder.get(path)
            if inner is None:
                self.reached.add(path)
                current.made += self._references.get(path, ())
            elif path in self._made:
                current.made += self._made[path]
            elif path not in around:
                around.add(path)
                open_ones.append(_Open(inner))

    def _replaced(self, done: "_Open") -> list[ImageReference]:
        self._count += len(done.made)
        if self._count > MOST_DEPLOYED:
            raise TooManyImagesError(done.kustomization.file, f"with this one, kustomizations deploy {_TOO_MANY}")
        images = done.kustomization.images
        made = done.made
        if images:
            replacements = _Replacements(done.kustomization.file, images)
            made = [replacements.applied(reference) for reference in made]
        self._made[done.kustomization.folder] = made
        return made


class _Open:
    """A kustomization that is being looked at: what it makes so far, and what it leads to that is left."""

    __slots__ = ("kustomization", "left", "made")

    def __init__(self, kustomization: Overrides) -> None:
        self.kustomization = kustomization
        self.left = iter(kustomization.leads_to)
        self.made = list(kustomization.references)


MOST_DEPLOYED = 1_000_000
_TOO_MANY = f"more than {MOST_DEPLOYED} images"
_MOST_ODD = 100
"""Entries with odd values that replace one image after another."""


class TooManyImagesError(Exception):
    """Kustomizations that deploy more images than can be looked at; `file` is the one that is too much."""

    def __init__(self, file: File, message: str) -> None:
        super().__init__(message)
        self.file = file
        self.message = message


class _Chain(NamedTuple):
    """What entries make of every image of a name: its name, the tag and digest that they set, and the last entry.

    `next` is the entry at which it goes on, None where none of the rest has to do with it.
    """

    name: str
    tail: str | None = None
    span: Span | None = None
    next: int | None = None


class _Replacements:
    """The entries of a kustomization, one after the other; what they make of a name is found out once."""

    def __init__(self, file: File, images: Sequence[ImageOverride]) -> None:
        self._file = file
        self._images = images
        self._by_name: dict[str, list[int]] = {}
        for number, image in enumerate(images):
            self._by_name.setdefault(image.name, []).append(number)
        self._plain = [_is_plain(image) for image in images]
        self._known: dict[tuple[str, int], _Chain] = {}

    def applied(self, reference: ImageReference) -> ImageReference:
        """The image as all entries leave it."""
        if not _MADE_OVER.fullmatch(reference.field):
            return reference
        odd = 0
        start = 0
        while parts := _PARTS.fullmatch(reference.text):
            chain = self._chain(parts["name"], start)
            if chain.span is not None:
                tail = (parts["tag"] or "") + (parts["digest"] or "") if chain.tail is None else chain.tail
                reference = reference._replace(text=chain.name + tail, span=chain.span)
            if chain.next is None:
                break
            reference = self._images[chain.next].applied(reference)
            start = chain.next + 1
            odd += 1
            if odd > _MOST_ODD:
                raise TooManyImagesError(self._file, f"`images` replaces an image more than {_MOST_ODD} times")
        return reference

    def _chain(self, name: str, start: int) -> _Chain:
        """What the entries from `start` on make of a name, up to the first that is not plain."""
        passed: list[tuple[tuple[str, int], ImageOverride]] = []
        known: _Chain | None = None
        while known is None:
            numbers = self._by_name.get(name, [])
            at = bisect_left(numbers, start)
            if at == len(numbers):
                known = _Chain(name)
            elif not self._plain[numbers[at]]:
                known = _Chain(name, next=numbers[at])
            elif (name, numbers[at]) in self._known:
                known = self._known[name, numbers[at]]
            else:
                image = self._images[numbers[at]]
                passed.append(((name, numbers[at]), image))
                name, start = image.new_name or name, numbers[at] + 1
        for key, image in reversed(passed):
            tail = known.tail
            if tail is None and (image.new_tag or image.digest):
                tail = (f":{image.new_tag}" if image.new_tag else "") + (f"@{image.digest}" if image.digest else "")
            known = _Chain(known.name, tail, known.span or image.span, known.next)
            self._known[key] = known
        return known


_ODD = re.compile(r"[^\w.+-]", re.ASCII)


def _is_plain(image: ImageOverride) -> bool:
    """Whether what an entry makes has the name, the tag and the digest that the entry says, and nothing else."""
    parts = _PARTS.fullmatch(image.new_name or image.name)
    return (
        parts is not None
        and parts["tag"] is None
        and parts["digest"] is None
        and not _ODD.search(image.new_tag)
        and not _ODD.search(image.digest.replace(":", ""))
    )


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
