"""Mirrors and flags that meet at pull time: blocked mirrors, mirrors that are sources, flags beside the port."""

from collections.abc import Iterator

from compiler import rules
from compiler.checks.scene import Scene, at_sources, listed
from compiler.diagnostics import Diagnostic, Label
from compiler.precedence import Precedence
from compiler.pull import InvalidRegistriesError, Resolver
from compiler.registries import RegistryEntry
from compiler.scope import enclosing, is_wildcard, matched_length
from compiler.span import Located


def mirror_blocked(scene: Scene) -> Iterator[Diagnostic]:
    """At pull time a mirror's own location is looked up, and where that is blocked the attempt fails."""
    for precedence, location, entry in _blocked_mirrors(scene):
        span, field = scene.mirror(precedence, location)
        blocked = _blocked_at(scene, entry)
        never = blocked is not None and blocked.value != entry.scope and blocked == scene.blocked_by(entry.scope)
        yield rules.MIRROR_BLOCKED.at(
            span,
            f"the mirror `{location}` never serves: `{entry.scope}` is blocked",
            help=f"Remove the mirror, or do not block `{entry.scope}`"
            + (": its mirrorSourcePolicy does." if never else "."),
            labels=[Label(span=blocked.span, text="blocked here")] if blocked else (),
            field=field,
        )


def _blocked_mirrors(scene: Scene) -> Iterator[tuple[Precedence, str, RegistryEntry]]:
    conf = scene.analysis.conf
    blocked = [entry.scope for entry in conf.entries if entry.blocked] if conf else []
    if conf is None or not blocked:
        return
    try:
        resolver = Resolver(conf)
    except InvalidRegistriesError:  # no node loads it: the cause is an error that stands elsewhere
        return
    heads = {_head(scope) for scope in blocked if not is_wildcard(scope)}
    wildcards = {scope for scope in blocked if is_wildcard(scope)}
    for host, mirrors in scene.mirrors_by_host.items():
        if _head(host) not in heads and wildcards.isdisjoint(enclosing(host)):
            continue
        for precedence, location in mirrors:
            entry = resolver.find_entry(location)
            if entry is not None and entry.blocked:
                yield precedence, location, entry


def _head(scope: str) -> str:
    return scope.partition("/")[0].partition(":")[0]


def _blocked_at(scene: Scene, entry: RegistryEntry) -> Located[str] | None:
    """Where an entry's block was written."""
    listed_at = {scope.value: scope for scope in scene.analysis.guarded.blocked}
    for outer in enclosing(entry.scope):
        if outer in listed_at:
            return listed_at[outer]
    return scene.blocked_by(entry.scope)


def mirror_is_source(scene: Scene) -> Iterator[Diagnostic]:
    """Mirrors are not followed: what mirrors a mirror has of its own play no part."""
    hosts = {_head(source) for source in scene.sources if not is_wildcard(source)}
    wildcards = {source for source in scene.sources if is_wildcard(source)}
    blocked = {(precedence.source, location) for precedence, location, _ in _blocked_mirrors(scene)}
    for host, mirrors in scene.mirrors_by_host.items():
        if _head(host) not in hosts and wildcards.isdisjoint(enclosing(host)):
            continue
        for precedence, location in mirrors:
            source = location if location in scene.sources else scene.closest_source(location)
            if source is None or source == precedence.source or (precedence.source, location) in blocked:
                continue
            followed = [merged for form in scene.forms if (merged := form.merged.get(source)) is not None]
            onward = [
                onwards
                for merged in followed
                for mirror in merged.order
                if (onwards := mirror + location[max(matched_length(location, source), 0) :]) not in precedence.listed
            ]
            if not onward:
                continue
            span, field = scene.mirror(precedence, location)
            yield rules.MIRROR_IS_SOURCE.at(
                span,
                f"`{location}` is contacted itself: the mirrors of the source `{source}` are not followed",
                help=f"List {listed(list(dict.fromkeys(onward)))} here as well if pulls of `{precedence.source}` "
                "should go there.",
                labels=at_sources(followed[0], "has mirrors of its own"),
                field=field,
            )


def port_mismatch(scene: Scene) -> Iterator[Diagnostic]:
    """A flag on `host` does not reach `host:5000`, nor the other way round."""
    image = scene.policy.image
    insecure = (image.insecure if image else None) or ()
    if not insecure:
        return
    by_name: dict[str, list[str]] = {}
    for host in scene.mirrors_by_host:
        by_name.setdefault(_head(host), []).append(host)
    flagged = {scope.value for scope in insecure}
    for scope in insecure:
        host, slash, path = scope.value.partition("/")
        hosts = by_name.get(_head(host), [])
        if is_wildcard(scope.value) or host in hosts:
            continue
        others = [
            (precedence, location)
            for other in sorted(hosts)
            for precedence, location in scene.mirrors_by_host[other]
            if (location + "/").startswith(other + slash + path + "/") and flagged.isdisjoint(enclosing(location))
        ]
        if not others:
            continue
        precedence, location = others[0]
        span, _ = scene.mirror(precedence, location)
        meant = location.partition("/")[0] + slash + path
        yield rules.PORT_MISMATCH.at(
            scope.span,
            f"no mirror lies in `{scope.value}`; `{meant}` is another registry to the cluster and stays secure",
            help=f"Write `{meant}`.",
            labels=[Label(span=span, text="this mirror is not reached")],
            field=f"spec.registrySources.insecureRegistries[{insecure.index(scope)}]",
        )
