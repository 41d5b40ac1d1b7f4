"""Names that mean something else than they seem to, and kinds that are going away."""

import re
from collections.abc import Hashable, Iterable, Iterator

from compiler.checks.lists import is_twin
from compiler.checks.scene import MOST_LABELS, Scene
from compiler.checks.wellknown import (
    ALIASES,
    DOCKER_HUB,
    OFFICIAL_IMAGES,
    host_of_namespace,
    nearest_host,
    nearest_namespace,
)
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Fold, Label
from compiler.findings.edits import rewrite
from compiler.manifests.kinds import ImageContentSourcePolicy, ImageDigestMirrorSet, MirrorRule, MirrorSet
from compiler.names.grammar import is_location
from compiler.names.reference import DEFAULT_DOMAIN, matches_no_image
from compiler.names.scope import is_scope
from compiler.text.opaque import is_open
from compiler.text.span import Located, Span

_DOCKER = "docker.io/"
_SERVER_OWNED = re.compile(
    r"\b(?:creationTimestamp|finalizers|generation|managedFields|ownerReferences|resourceVersion|status|uid)[\"']?[ ]*:"
)
_KIND = re.compile(rf"""\bkind["']?[ \t]*:[ \t]*["']?({ImageContentSourcePolicy.kind})\b""")


def docker_library(scene: Scene) -> Iterator[Diagnostic]:
    """`docker.io/nginx` is a pull of `docker.io/library/nginx`, which the source `docker.io/nginx` does not contain."""
    for source, found in scene.by_source.items():
        name = source.removeprefix(_DOCKER)
        if name == source or name not in OFFICIAL_IMAGES:
            continue
        yield rules.DOCKER_LIBRARY.at(
            found[0].source.span,
            f"`{source}` never matches the official image: its full name is `docker.io/library/{name}`",
            help=f"Write `docker.io/library/{name}`, unless you mean the namespace `{name}`.",
            labels=_elsewhere(found),
            fix=_rename(found, f"{_DOCKER}library/{name}"),
            field=f"{found[0].field}.source",
            fold=Fold(
                key=scene.owner_key(found[0]),
                message="{count} sources never match official images, which are in `docker.io/library`: {names}",
                name=source,
                help="Write `docker.io/library/NAME`, unless you mean the namespaces.",
                fix="write `docker.io/library/NAME`",
            ),
        )


def near_miss_source(scene: Scene) -> Iterator[Diagnostic]:
    """A source that is one typo away from a well-known host or namespace, or named by another name of the host."""
    for source, found in scene.by_source.items():
        if is_open(source):
            continue
        host, slash, path = source.partition("/")
        namespace, more, rest = path.partition("/")
        if host in ALIASES:
            near = ALIASES[host] + slash + path
            written, known = host, ALIASES[host]
            message = f"image references use `{near}`, never `{source}`"
        elif known := nearest_host(host):
            near = known + slash + path
            written = host
            message = f"`{source}` looks like a typo of `{near}`"
        elif meant := nearest_namespace(host, namespace):
            near = f"{host}/{meant}{more}{rest}"
            written, known = f"{host}/{namespace}", f"{host}/{meant}"
            message = f"`{source}` looks like a typo of `{near}`"
        else:
            continue
        yield rules.NEAR_MISS_SOURCE.at(
            found[0].source.span,
            message,
            help=f"Write `{near}` if that is what you mean; no pull matches the source as written.",
            labels=_elsewhere(found),
            fix=_rename(found, near),
            field=f"{found[0].field}.source",
            fold=Fold(
                key=(written, scene.owner_key(found[0])),
                message=f"{{count}} sources in `{written}` match no pull; `{known}` is probably meant: {{names}}",
                name=source,
                help=f"Write `{known}` if that is what you mean.",
                fix=f"write `{known}`",
            ),
        )


def unreachable_scope(scene: Scene) -> Iterator[Diagnostic]:
    """A source, or a registry of the Image config, that no image can match: its host is not read as one."""
    for source, found in scene.by_source.items():
        if source.partition("/")[0] not in ALIASES and (meant := _meant(source)):
            yield _unreachable(
                Located(source, found[0].source.span),
                meant,
                field=f"{found[0].field}.source",
                labels=_elsewhere(found),
                fix=_rename(found, meant),
                within=scene.owner_key(found[0]),
            )
    for name, scopes in (scene.image.lists if scene.image else {}).items():
        for position, scope in enumerate(scopes):
            if meant := _meant(scope.value):
                edit = rewrite(scope.span, meant)
                yield _unreachable(
                    scope,
                    meant,
                    field=f"spec.registrySources.{name}[{position}]",
                    fix=Fix(title=f"write `{meant}`", edits=(edit,), safe=False) if edit else None,
                    within=name,
                )


def _meant(scope: str) -> str:
    """What a scope that no image matches was probably meant to be; empty where images match it."""
    host, slash, path = scope.partition("/")
    if host in DOCKER_HUB:
        return DEFAULT_DOMAIN + slash + path
    if not is_location(scope) or not matches_no_image(scope):
        return ""
    if not slash and host in OFFICIAL_IMAGES:
        return f"{DEFAULT_DOMAIN}/library/{host}"
    return f"{host_of_namespace(host) or DEFAULT_DOMAIN}/{scope}"


def _unreachable(
    scope: Located[str],
    meant: str,
    *,
    field: str,
    labels: Iterable[Label] = (),
    fix: Fix | None = None,
    within: Hashable,
) -> Diagnostic:
    host = scope.value.partition("/")[0]
    if host in DOCKER_HUB:
        reason = f"images of Docker Hub are named `{DEFAULT_DOMAIN}`, not `{host}`"
        help_ = f"Write `{meant}`."
    else:
        reason = f"`{host}` has no dot and no port, so that it is not read as a host"
        help_ = f"Write `{meant}` if that is meant; if `{host}` is a host, write its full name here and in pull specs."
    return rules.UNREACHABLE_SCOPE.at(
        scope.span,
        f"no image matches `{scope.value}`: {reason}",
        help=help_,
        labels=labels,
        fix=fix,
        field=field,
        fold=Fold(
            key=(within, host),
            message=f"no image matches {{count}} scopes in this list: {reason}: {{names}}",
            name=scope.value,
            fix="write the full names",
        ),
    )


def _rename(found: tuple[MirrorRule, ...], near: str) -> Fix | None:
    """Write another name for a source wherever it is. Only the author knows whether it is meant."""
    edits = [rewrite(rule.source.span, near) for rule in found]
    written = tuple(edit for edit in edits if edit is not None)
    return Fix(title=f"write `{near}`", edits=written, safe=False) if len(written) == len(found) else None


def _elsewhere(found: tuple[MirrorRule, ...]) -> list[Label]:
    return [Label(span=rule.source.span, text="and here") for rule in found[1 : MOST_LABELS + 1]]


def deprecated_kind(scene: Scene) -> Iterator[Diagnostic]:
    """The legacy kind, which the cluster still reads.

    A twin of the new kind is kept on purpose, and what a program makes of another list is not written as one.
    """
    for mirror_set in scene.policy.mirror_sets:
        if isinstance(mirror_set, ImageContentSourcePolicy) and not is_twin(mirror_set, scene):
            written = mirror_set.span
            match = _KIND.search(written.file.text, written.start, written.end)
            if match is None and not mirror_set.name.span.text:
                continue
            yield rules.DEPRECATED_KIND.at(
                Span(written.file, *match.span(1)) if match else mirror_set.name.span,
                "ImageContentSourcePolicy is deprecated",
                help="Replace it with an ImageDigestMirrorSet (config.openshift.io/v1) that has the same sources and "
                "mirrors under `imageDigestMirrors`. `mirrorc migrate` does so, and proves that nodes stay the same.",
                fix=_as_new_kind(mirror_set),
                field="kind",
                fold=Fold(
                    key=mirror_set.kind,
                    everywhere=True,
                    message="{count} ImageContentSourcePolicies{files} are deprecated: {names}",
                    name=mirror_set.name.value,
                    help="Replace them with ImageDigestMirrorSets (config.openshift.io/v1) that have the same sources "
                    "and mirrors under `imageDigestMirrors`. `mirrorc migrate` does so, and proves that nodes stay the "
                    "same.",
                    fix="turn them into ImageDigestMirrorSets",
                ),
            )


def _as_new_kind(mirror_set: MirrorSet) -> Fix | None:
    """Turn a legacy object into one of the new kind; a sync may delete the old one first, so it is only suggested.

    None where the API server would refuse that, or where there is more to do: `mirrorc migrate` says so, or does it.
    """
    written = mirror_set.span
    text = written.text
    if _SERVER_OWNED.search(text) or not all(map(_is_accepted, mirror_set.rules)):
        return None
    edits = []
    for old, new in (
        (ImageContentSourcePolicy.api_version, ImageDigestMirrorSet.api_version),
        (ImageContentSourcePolicy.kind, ImageDigestMirrorSet.kind),
        (ImageContentSourcePolicy.list_field, ImageDigestMirrorSet.list_field),
    ):
        at = written.start + text.find(old)
        if text.count(old) != 1 or "mirrorSourcePolicy" in text:
            return None
        edits.append(Edit(span=Span(written.file, at, at + len(old)), text=new))
    return Fix(title="turn it into an ImageDigestMirrorSet", edits=tuple(edits), safe=False)


def _is_accepted(rule: MirrorRule) -> bool:
    """Whether an ImageDigestMirrorSet may have the rule."""
    mirrors = [mirror.value for mirror in rule.mirrors]
    return is_scope(rule.source.value) and all(map(is_location, mirrors)) and len(set(mirrors)) == len(mirrors)
