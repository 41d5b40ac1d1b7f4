"""What the Image config's lists do beside what they are meant to do.

Flags go by scope (openshift/runtime-utils `registries.EditRegistriesConfig`, 7bdb5b9). policy.json goes by the name in
the pull spec, wherever the image comes from in the end: containers/image judges the reference that was asked for, not
the mirror it is read from (`docker.dockerImageSource.Reference`, df7e80d2).
"""

from collections.abc import Iterator

from compiler.checks.scene import MOST_LABELS, Mirror, Scene, at_sources, listed
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Fold, Label
from compiler.findings.edits import rewrite
from compiler.manifests.kinds import NEVER
from compiler.names.scope import ScopeSet, head_of, is_wildcard, rebase
from compiler.text.span import Span


def outer_source_inherited(scene: Scene) -> Iterator[Diagnostic]:
    """Entries without mirrors get those of the first source in the controller's order, not of the closest."""
    alike: dict[tuple[str, str], bool] = {}
    entries = scene.analysis.conf.entries if scene.analysis.conf else ()
    inherited = {entry.scope: entry.inherited_from for entry in entries}
    for text, scope in {scope.value: scope for scope in (*scene.insecure, *scene.blocked_scopes.values())}.items():
        if text in scene.sources:
            continue
        # A wildcard that is inherited from is an internal error of the controller: then nothing is inherited here.
        taken = inherited.get(text, "")
        closest = scene.closest_source(text)
        if not taken or closest is None or taken == closest:
            continue
        # Both get the same rest of the path, so that one look is enough for all scopes in them.
        pair = (taken, closest)
        if pair not in alike:
            alike[pair] = _copied(scene, taken, closest) == _copied(scene, closest, closest)
        if alike[pair]:
            continue
        yield rules.OUTER_SOURCE_INHERITED.at(
            scope.span,
            f"`{text}` inherits the mirrors of `{taken}`, not those of the closer source `{closest}`",
            help=f"Add a rule for `{text}` with the mirrors it needs; then it inherits none.",
            labels=[
                *at_sources(scene.merged(taken)[0], "first in the controller's order: its mirrors are copied"),
                *at_sources(scene.merged(closest)[0], "the closest source"),
            ],
            field=scene.image_field(scope),
            fold=Fold(
                key=pair,
                message=f"{{count}} registries inherit the mirrors of `{taken}`, not those of the closer source "
                f"`{closest}`: {{names}}",
                name=text,
                help="Add a rule with the needed mirrors for each of them; then they inherit none.",
            ),
        )


def _copied(scene: Scene, source: str, scope: str) -> list[tuple[str, str]]:
    return [
        (form.word, rebase(location, source, scope))
        for form in scene.forms
        if source in form.merged
        for location in form.merged[source].order
    ]


def port_mismatch(scene: Scene) -> Iterator[Diagnostic]:
    """An insecure `host` does not reach the mirror `host:5000`, nor the other way round."""
    idle = {
        scope: (head_of(scope.value), scope.value.partition("/")[2])
        for scope in scene.insecure
        if not is_wildcard(scope.value) and scope.value.partition("/")[0] not in scene.mirrors_by_host
    }
    if not idle:
        return
    unreached = _unreached(scene, set(idle.values()))
    for scope, (name, path) in idle.items():
        if (name, path) not in unreached:
            continue
        # Where several ports are in use, one of them has to do: the first by bytes.
        host, mirrors = min(unreached[name, path].items(), key=lambda item: item[0])
        meant = f"{host}/{path}" if path else host
        edit = rewrite(scope.span, meant)
        yield rules.PORT_MISMATCH.at(
            scope.span,
            f"no mirror is in `{scope.value}`: mirrors use `{meant}`, which this setting does not make insecure",
            help=f"Write `{meant}`.",
            labels=[Label(span=scene.place(mirror)[0], text="not insecure") for mirror in mirrors[:MOST_LABELS]],
            fix=Fix(title=f"write `{meant}`", edits=(edit,), safe=False) if edit else None,
            field=scene.image_field(scope),
            fold=Fold(
                key=name,
                message=f"no mirror is in {{count}} insecure registries: those on `{name}` use other ports: {{names}}",
                name=scope.value,
                help="Write the ports that the mirrors use.",
                fix="write the ports of the mirrors",
            ),
        )


def _unreached(scene: Scene, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, list[Mirror]]]:
    """The mirrors that no scope makes insecure, by their host and port.

    They are sought for pairs of a host's name, whatever the port, and a path that contains them.
    """
    names = {name for name, _ in wanted}
    lengths = {len(path) for _, path in wanted}
    flagged = ScopeSet(scope.value for scope in scene.insecure)
    found: dict[tuple[str, str], dict[str, list[Mirror]]] = {}
    for host, mirrors in scene.mirrors_by_host.items():
        name = head_of(host)
        for mirror in mirrors if name in names else ():
            if flagged.enclosing(mirror.location):
                continue
            path = mirror.location.partition("/")[2] + "/"
            for key in ((name, path[:end]) for end in _ends(path) if end in lengths):
                if key in wanted:
                    found.setdefault(key, {}).setdefault(host, []).append(mirror)
    return found


def _ends(path: str) -> Iterator[int]:
    """How long the scopes around a path are, and the empty one."""
    yield 0
    end = 0
    while (end := path.find("/", end + 1)) > 0:
        yield end


def wildcard_hides_host(scene: Scene) -> Iterator[Diagnostic]:
    """Of two prefixes of one length the first in byte order wins, so `*.h` beats `x.h` (sysregistriesv2, df7e80d2).

    Where the wildcard is a source too, that is `shadowed-source`; where it is blocked, the host is as well.
    """
    wildcards = {
        scope.value: scope
        for scope in scene.insecure
        if is_wildcard(scope.value) and scope.value not in scene.blocked_scopes and scope.value not in scene.sources
    }
    hidden: dict[str, list[str]] = {}
    for host in dict.fromkeys((*scene.sources, *scene.blocked_scopes)):
        wildcard = "*" + host[1:]
        if not is_wildcard(host) and wildcard in wildcards:
            hidden.setdefault(wildcard, []).append(host)
    for wildcard, hosts in hidden.items():
        scope = wildcards[wildcard]
        yield rules.WILDCARD_HIDES_HOST.at(
            scope.span,
            f"{listed(hosts)} never {'takes' if len(hosts) == 1 else 'take'} effect: `{wildcard}` has the same "
            "length, and `*` comes first in byte order",
            help=f"List the insecure hosts one by one instead of `{wildcard}`.",
            labels=[_hidden_host(scene, host) for host in hosts[:MOST_LABELS]],
            field=scene.image_field(scope),
        )


def _hidden_host(scene: Scene, host: str) -> Label:
    if host in scene.blocked_scopes:
        return Label(span=scene.blocked_scopes[host].span, text="blocked here, but nodes can contact it")
    return Label(span=scene.merged(host)[0].rules[0].source.span, text="the mirrors here are never used")


def source_refused(scene: Scene) -> Iterator[Diagnostic]:
    """policy.json refuses a source that is blocked or not allowed, whatever mirrors it has."""
    if not scene.refuses_any:
        return
    partly_allowed = {
        source for scope in scene.analysis.guarded.allowed for source in scene.containing.enclosing(scope)
    }
    refused: dict[str, list[str]] = {}
    for source in scene.sources:
        cause = scene.admission.refusal_of_scope(source)
        if cause is None or scene.is_payload(source) or (not cause.scope and source in partly_allowed):
            continue
        refused.setdefault(cause.scope, []).append(source)
    for scope, sources in refused.items():
        span, field = cause_of(scene, scope)
        if scope:
            message = f"blocking `{scope}` refuses all pulls of {listed(sources)}, even if a mirror has the image"
            help_ = (
                f"To block only direct pulls from the source, set `mirrorSourcePolicy: {NEVER}` in its rules and "
                f"remove `{scope}` from this list."
            )
        else:
            message = (
                f"the allowed registries do not include {listed(sources)}: all pulls are refused, even if a "
                "mirror has the image"
            )
            help_ = (
                "Add the source to the list: policy.json checks the name in the pull spec, not the location that "
                "serves the image."
            )
        places = [scene.merged(source)[0].rules[0].source.span for source in sources[:MOST_LABELS]]
        yield rules.SOURCE_REFUSED.at(
            span,
            message,
            help=help_,
            labels=[Label(span=place, text="the mirrors here are never used") for place in places],
            field=field,
        )


def cause_of(scene: Scene, scope: str) -> tuple[Span, str]:
    """Where a refusal comes from: the blocked scope or, without one, the list of what is allowed."""
    if scope:
        blocked = scene.blocked_scopes[scope]
        return blocked.span, scene.image_field(blocked)
    allowed = (scene.image.allowed if scene.image else None) or ()
    return allowed[0].span, "spec.registrySources.allowedRegistries"
