"""Looks a repo over for its layout: mirror manifests, kustomizations, and objects that point at what clusters get.

In: a folder. Out: what was found, by path from there, and what could not be read.
"""

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from pathlib import Path

from compiler.clusters.alternatives import FileContent, content
from compiler.clusters.found import Found, Render
from compiler.clusters.objects import Object
from compiler.clusters.releases import Said, resolved, said_in
from compiler.clusters.sightings import objects_of, points
from compiler.findings import rules
from compiler.manifests import kustomization
from compiler.manifests.kinds import ImagePolicy
from compiler.manifests.parsing import parse
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.repository import files
from compiler.repository.discovery import discover
from compiler.repository.files import Candidate
from compiler.repository.git import branch_of, remote_urls
from compiler.repository.paths import Problem, is_kustomization, posix
from compiler.text.span import File

_NAMES_RELEASE = re.compile(
    rb"ClusterVersion|ClusterImageSet|[iI]mageSet(?:Name)?Ref|hypershift\.openshift\.io|\bManagedCluster\b|releaseImage|baseDomain"
)


def look(top: str) -> Found | tuple[Problem, ...]:
    """What a folder contains that matters to its layout, or why it cannot be looked at."""
    discovery = discover([top])
    if discovery.problems:
        return discovery.problems
    contents: dict[str, FileContent] = {}
    kustomizations = {}
    releases: list[Said] = []
    templates, unplaced = set(), set()
    pointing: list[Object] = []
    locations = {}
    for candidate in discovery.candidates:
        data = files.read(candidate)
        path = relative(candidate, top)
        locations[path] = candidate
        if not isinstance(data, bytes):
            continue
        pointing += (replace(each, path=path) for each in objects_of(candidate.path, data) or ())
        relevant = is_kustomization(path) or files.mentions_our_kinds(data)
        if not relevant and not _NAMES_RELEASE.search(data):
            continue
        file = files.decode(candidate.path, data)
        if not isinstance(file, File):
            continue
        if _NAMES_RELEASE.search(data):
            said = files.affordable(path, partial(_said, path, file))
            releases += said if isinstance(said, tuple) else ()
        if not relevant:
            continue
        if is_kustomization(path):
            kustomizations[path] = kustomization.decode(file)
            continue
        parsed = parse(file, RELEASES[DEFAULT_RELEASE])
        told = {diagnostic.rule for diagnostic in parsed.diagnostics}
        if parsed.manifests or told - {rules.TEMPLATE_MANIFEST.name}:
            contents[path] = content(parsed.manifests)
        elif told:
            templates.add(path)
        if any(isinstance(each, ImagePolicy) and each.namespace is None for each in parsed.manifests):
            unplaced.add(path)
    charts = {posixpath.dirname(path) for path in locations if posixpath.basename(path) == "Chart.yaml"}
    templates |= {path for path in contents if is_template(path, charts)}
    aside = kustomization.left_out(kustomizations)
    applied = {path: each for path, each in contents.items() if path not in aside and path not in templates}
    links = _links(discovery.links, applied, top)
    return Found(
        manifests=frozenset((*applied, *links)),
        links=links,
        kustomizations=kustomizations,
        releases=resolved(releases),
        contents=applied | {link: applied[target] for link, target in links.items()},
        templates=frozenset(templates),
        unplaced=frozenset(unplaced),
        files=frozenset((*locations, *(relative(link, top) for link in discovery.links))),
        objects=tuple(pointing),
        read=reader(locations),
        render=renderer(top, locations),
        own=own_urls(top, pointing),
        branch=branch_of(top) if pointing else "",
    )


def _said(path: str, file: File) -> tuple[Said, ...]:
    return tuple(said_in(path, file))


def is_template(path: str, charts: AbstractSet[str]) -> bool:
    """Whether a file is a template of one of the charts in these folders."""
    folder = posixpath.dirname(path)
    while folder:
        folder, name = posixpath.split(folder)
        if name == "templates" and folder in charts:
            return True
    return False


def relative(candidate: Candidate, top: str) -> str:
    """The path of a file from the top."""
    return posix(os.path.relpath(candidate.location, top))


def own_urls(top: str, pointing: Iterable[Object]) -> tuple[str, ...]:
    """The URLs of the repo's remotes, where an object may name one."""
    return remote_urls(top) if any(each.group.endswith(("argoproj.io", "fluxcd.io")) for each in pointing) else ()


def reader(locations: "Mapping[str, Candidate]") -> Callable[[str], File | None]:
    """Reads a file of the repo, once."""
    known: dict[str, File | None] = {}

    def read(path: str) -> File | None:
        if path not in known:
            candidate = locations.get(path)
            data = files.read(candidate) if candidate is not None else None
            file = files.decode(candidate.path, data) if candidate is not None and isinstance(data, bytes) else None
            known[path] = file if isinstance(file, File) else None
        return known[path]

    return read


def renderer(top: str, locations: "Mapping[str, Candidate]") -> Render:
    """Renders charts below a folder whose templates mention objects that point at what clusters get."""
    read = reader(locations)

    def render(folder: str, values: tuple[str, ...], inline: str) -> tuple[Object, ...] | str:
        start = posixpath.join(folder, "templates", "")
        templates = [path for path in locations if path.startswith(start)]
        if not any((file := read(path)) is not None and points(file.text) for path in templates):
            return ()
        from compiler.clusters.rendering import pointing

        return pointing(top, folder, values, inline)

    return render


def _links(found: Iterable[Candidate], manifests: Iterable[str], top: str) -> dict[str, str]:
    """The links to manifests, with the file that each leads to."""
    found = tuple(found)
    real = {os.path.realpath(Path(top) / path): path for path in manifests} if found else {}
    places = ((relative(link, top), os.path.realpath(link.location)) for link in found)
    return {path: real[target] for path, target in places if target in real and real[target] != path}
