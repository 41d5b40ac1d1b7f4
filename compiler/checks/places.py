"""Mirrors that are something else at the same time: blocked, or a source of other mirrors.

A mirror's own location is looked up before it is contacted, for its block alone: its own mirrors play no part
(containers/image `docker.newImageSourceAttempt`, df7e80d2).
"""

from collections.abc import Iterator

from compiler.checks.scene import MOST_COMPARED, Mirror, Scene, at_sources, listed
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fold, Label
from compiler.names.scope import ScopeSet, is_wildcard, rebase


def mirror_blocked(scene: Scene) -> Iterator[Diagnostic]:
    """At pull time a mirror's own location is looked up, and where that is blocked the attempt fails."""
    listed_as_blocked = ScopeSet(scene.blocked_scopes)
    for mirror, scope in scene.blocked_mirrors.items():
        span, field = scene.place(mirror)
        by_image = next(iter(listed_as_blocked.enclosing(scope)), None)
        if by_image is not None:
            help_ = f"Remove the mirror, or remove `{by_image}` from `blockedRegistries`."
        else:
            help_ = f"Remove the mirror, or change the mirrorSourcePolicy of `{scope}`, which blocks it."
        blocked = scene.blocked_scopes[by_image] if by_image is not None else scene.blocked_by(scope)
        yield rules.MIRROR_BLOCKED.at(
            span,
            f"the mirror `{mirror.location}` is never used: `{by_image or scope}` is blocked",
            help=help_,
            labels=[Label(span=blocked.span, text="blocked here")] if blocked else (),
            field=field,
            fold=Fold(
                key=(span.path, by_image, scope),
                message=f"{{count}} mirrors are never used, since `{by_image or scope}` is blocked: {{names}}",
                name=mirror.location,
                help=help_.replace("Remove the mirror,", "Remove the mirrors,"),
            ),
        )


def mirror_is_source(scene: Scene) -> Iterator[Diagnostic]:
    """Mirrors are not followed: the mirrors of a mirror are not used.

    A wildcard is too wide to be meant for a mirror, and a source that is mirrored on its own host is a cache.
    """
    hosts = {source.partition("/")[0] for source in scene.sources}
    for host, mirrors in scene.mirrors_by_host.items():
        if host in hosts:
            for mirror in mirrors:
                if mirror not in scene.blocked_mirrors:
                    yield from _not_followed(scene, mirror)


def _not_followed(scene: Scene, mirror: Mirror) -> Iterator[Diagnostic]:
    location, own = mirror.location, mirror.precedence
    source = next((outer for outer in scene.containing.enclosing(location) if outer in mirror.form.merged), None)
    if source is None or source == own.source or is_wildcard(source):
        return
    further = mirror.form.merged[source]
    host = location.partition("/")[0]
    onward = [
        rebase(each, source, location)
        for each in further.order[:MOST_COMPARED]
        if each.partition("/")[0] != host and rebase(each, source, location) not in own.listed
    ]
    if not onward:
        return
    span, field = scene.place(mirror)
    yield rules.MIRROR_IS_SOURCE.at(
        span,
        f"nodes contact the mirror `{location}` itself and ignore the mirrors of `{source}`",
        help=f"Add {listed(onward)} to this list if pulls of `{own.source}` must go there.",
        labels=at_sources(further, "has its own mirrors"),
        field=field,
        fold=Fold(
            key=source,
            message=f"nodes contact {{count}} mirrors themselves and ignore the mirrors of `{source}`: {{names}}",
            name=location,
            help=f"Add the mirrors of `{source}` to these lists if pulls must go there.",
        ),
    )
