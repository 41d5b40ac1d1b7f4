"""What the checks look at: the analysis with the look-ups that keep every check near-linear.

In: an analysis and the settings. Out: sources, rules and mirrors by what they are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from compiler.findings.diagnostics import Label
from compiler.findings.rules import UNKNOWN_FIELD
from compiler.manifests.kinds import ImageConfig, ImageDigestMirrorSet, ImageTagMirrorSet, MirrorRule, MirrorSet
from compiler.names.reference import InvalidReferenceError, parse_named
from compiler.names.releases import DEFAULT_RELEASE_IMAGE
from compiler.names.scope import ScopeSet, head_of, is_nested, is_wildcard
from compiler.policy.analysis import Analysis
from compiler.policy.precedence import Precedence
from compiler.policy.settings import Settings
from compiler.text.span import Located, Span
from compiler.text.wording import joined, shown, some_of, ticked

if TYPE_CHECKING:
    from compiler.node.admission import Admission

MOST_LABELS = 5
"""Places of one sort that a finding points at: no one reads the twentieth."""

MOST_COMPARED = 100
"""Mirrors of a source that are compared with those of each other source: comparing all pairs would take too long."""

_PAYLOAD_NAMESPACE = "quay.io/openshift-release-dev"


class PullForm(NamedTuple):
    """Pulls by digest or by tag: the word for them, the kind that mirrors them, and the merged sources."""

    word: str
    kind: str
    merged: Mapping[str, Precedence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A rule with the object it is in and its place in the list."""

    mirror_set: MirrorSet
    index: int
    rule: MirrorRule

    @property
    def field(self) -> str:
        """The rule's path as the API server writes it."""
        return self.rule.field

    @property
    def form(self) -> str:
        """Which pulls its mirrors serve: `digest` or `tag`."""
        return "tag" if isinstance(self.mirror_set, ImageTagMirrorSet) else "digest"


class Mirror(NamedTuple):
    """A mirror of one source, for one form of pulls."""

    form: PullForm
    precedence: Precedence
    location: str

    def __hash__(self) -> int:
        return hash((self.form.word, self.precedence.source, self.location))


class Scene:
    """One cluster's analysis, ready to be asked."""

    def __init__(self, analysis: Analysis, settings: Settings) -> None:
        self.analysis = analysis
        self.settings = settings
        self.policy = analysis.policy
        self.digest = PullForm(
            word="digest",
            kind=ImageDigestMirrorSet.kind,
            merged={precedence.source: precedence for precedence in analysis.digest},
        )
        self.tag = PullForm(
            word="tag",
            kind=ImageTagMirrorSet.kind,
            merged={precedence.source: precedence for precedence in analysis.tag},
        )
        self.forms = (self.digest, self.tag)
        self._mirrors: dict[int, tuple[str, ...]] = {}

    @property
    def rules(self) -> Iterator[Placed]:
        """Every rule of every object, in order of file and position."""
        return (
            Placed(mirror_set=mirror_set, index=index, rule=rule)
            for mirror_set in self.policy.mirror_sets
            for index, rule in enumerate(mirror_set.rules)
        )

    @cached_property
    def owners(self) -> Mapping[Span, MirrorSet]:
        """The object of each rule, by the rule's place."""
        return {rule.span: mirror_set for mirror_set in self.policy.mirror_sets for rule in mirror_set.rules}

    def owner_key(self, rule: MirrorRule) -> tuple[str, int]:
        """What names the object of a rule, for `Fold`."""
        return place_key(self.owners[rule.span].span)

    @cached_property
    def by_source(self) -> Mapping[str, tuple[MirrorRule, ...]]:
        """Every source with all rules that name it, ineffective ones too, in order of file and position."""
        found: dict[str, list[MirrorRule]] = {}
        for mirror_set in self.policy.mirror_sets:
            for rule in mirror_set.rules:
                found.setdefault(rule.source.value, []).append(rule)
        return {source: tuple(rules) for source, rules in found.items()}

    @cached_property
    def of_digest_sets(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Source and mirrors of every rule of an ImageDigestMirrorSet."""
        return frozenset(
            (rule.source.value, tuple(mirror.value for mirror in rule.mirrors))
            for mirror_set in self.policy.mirror_sets
            if isinstance(mirror_set, ImageDigestMirrorSet)
            for rule in mirror_set.rules
        )

    @cached_property
    def sources(self) -> Mapping[str, int]:
        """The sources that make a registry entry, each with its place in the controller's order."""
        merged = (*self.analysis.digest, *self.analysis.tag)
        return {precedence.source: place for place, precedence in reversed(list(enumerate(merged)))}

    @cached_property
    def mirrors_by_host(self) -> Mapping[str, list[Mirror]]:
        """The mirrors by their `host[:port]`; a source that is listed among its own mirrors is left out."""
        found: dict[str, list[Mirror]] = {}
        for form in self.forms:
            for precedence in form.merged.values():
                for location in precedence.order:
                    if location != precedence.source:
                        found.setdefault(location.partition("/")[0], []).append(Mirror(form, precedence, location))
        return found

    @cached_property
    def blocked_mirrors(self) -> Mapping[Mirror, str]:
        """The mirrors that never serve, each with the scope of the blocked entry it is found under."""
        conf = self.analysis.conf
        blocked = [entry.scope for entry in conf.entries if entry.blocked] if conf else []
        if conf is None or not blocked:
            return {}
        from compiler.node.loading import InvalidRegistriesError
        from compiler.node.resolver import Resolver

        try:
            resolver = Resolver(conf)
        except InvalidRegistriesError:  # no node loads it, and why is an error that is elsewhere
            return {}
        heads = {head_of(scope) for scope in blocked if not is_wildcard(scope)}
        wildcards = ScopeSet(scope for scope in blocked if is_wildcard(scope))
        return {
            mirror: entry.scope
            for host, mirrors in self.mirrors_by_host.items()
            if head_of(host) in heads or wildcards.enclosing(host)
            for mirror in mirrors
            if (entry := resolver.find_entry(mirror.location)) is not None and entry.blocked
        }

    @property
    def image(self) -> ImageConfig | None:
        """The cluster's Image config."""
        return self.policy.image

    @property
    def insecure(self) -> tuple[Located[str], ...]:
        """The Image config's insecure registries."""
        return (self.image.insecure if self.image else None) or ()

    @cached_property
    def blocked_scopes(self) -> Mapping[str, Located[str]]:
        """The blocked registries that the payload guard leaves."""
        return {scope.value: scope for scope in self.analysis.guarded.blocked}

    @property
    def refuses_any(self) -> bool:
        """Whether policy.json may refuse images whatever their signatures: a list blocks or allows scopes."""
        guarded = self.analysis.guarded
        return bool(guarded.allowed or guarded.policy_blocked)

    @cached_property
    def admission(self) -> "Admission":
        """The policy.json of this cluster; where the controller refuses the whole, there is none.

        Nor is there one here where it allows nothing but the payload: that is a separate error.
        """
        from compiler.node.admission import Admission

        guarded = self.analysis.guarded
        allows_nothing_else = guarded.allowed and not guarded.policy_blocked and not (self.image and self.image.allowed)
        if self.analysis.refused or allows_nothing_else:
            return Admission({}, {})
        return Admission.of_image_config(self.image, guarded.policy_blocked, guarded.allowed)

    def image_field(self, scope: Located[str]) -> str:
        """The path of a scope of the Image config, as the API server writes it."""
        return self._image_fields.get(scope.span, "")

    @cached_property
    def _image_fields(self) -> Mapping[Span, str]:
        return self.image.fields() if self.image else {}

    @cached_property
    def containing(self) -> ScopeSet:
        """The same sources, to ask which of them contain a scope."""
        return ScopeSet(self.sources)

    def closest_source(self, scope: str) -> str | None:
        """The most specific source that contains `scope`, other than `scope` itself."""
        return next((outer for outer in self.containing.enclosing(scope) if outer != scope), None)

    def merged(self, source: str) -> tuple[Precedence, ...]:
        """What a source is merged to: for digests, for tags, or both."""
        return tuple(form.merged[source] for form in self.forms if source in form.merged)

    def mirrors_of(self, precedence: Precedence) -> tuple[str, ...]:
        """The mirrors of a merged source, without the source itself."""
        known = self._mirrors.get(id(precedence))
        if known is None:
            found = tuple(location for location in precedence.order if location != precedence.source)
            known = self._mirrors[id(precedence)] = found
        return known

    def blocked_by(self, source: str) -> Located[str] | None:
        """The first NeverContactSource that takes effect on a source."""
        for precedence in self.merged(source):
            if precedence.blocked_by is not None:
                return precedence.blocked_by.mirror_source_policy
        return None

    @property
    def has_default_payload(self) -> bool:
        """Whether the cluster's release comes from where releases come from."""
        return self.payload == parse_named(DEFAULT_RELEASE_IMAGE).name

    @cached_property
    def payload(self) -> str:
        """The repository of the release image, empty where the settings name none."""
        try:
            return parse_named(self.settings.release_image).name
        except InvalidReferenceError:
            return ""

    def is_payload(self, source: str) -> bool:
        """Whether a source contains nothing but release payload, which nodes pull by digest only."""
        return is_nested(source, _PAYLOAD_NAMESPACE) or is_nested(source, self.payload)

    @cached_property
    def unknown_fields(self) -> Mapping[tuple[str, str], list[int]]:
        """Where unknown fields begin, ascending, by the path of what contains them and the file."""
        found: dict[tuple[str, str], list[int]] = {}
        for diagnostic in self.analysis.diagnostics:
            if diagnostic.rule == UNKNOWN_FIELD.name:
                key = (diagnostic.field.rpartition(".")[0], diagnostic.path)
                found.setdefault(key, []).append(diagnostic.span.start)
        return {key: sorted(starts) for key, starts in found.items()}

    def place(self, mirror: Mirror) -> tuple[Span, str]:
        """Where a mirror is first listed, and its path."""
        return next(
            (located.span, f"{rule.field}.mirrors[{position}]")
            for rule in mirror.precedence.rules
            for position, located in enumerate(rule.mirrors)
            if located.value == mirror.location
        )


def place_key(span: Span) -> tuple[str, int]:
    """What names an object that is at `span`, for `Fold`."""
    return (span.path, span.start)


def called(mirror_set: MirrorSet) -> str:
    """An object in a sentence: ImageDigestMirrorSet `quay`."""
    return f"{mirror_set.kind} `{shown(mirror_set.name.value)}`"


def at_sources(precedence: Precedence, text: str) -> list[Label]:
    """A label on the places that name a merged source."""
    return [Label(span=rule.source.span, text=text) for rule in precedence.rules[:MOST_LABELS]]


def listed(names: list[str], *, most: int = 3, of: int = 0) -> str:
    """Names for a sentence: `a`, `b`, `c` and 2 more; one more would be as long as its name.

    `of` is how many there are, where not all of them are given.
    """
    count = max(of, len(names))
    if count == most + 1:
        most += 1
    return some_of(ticked(names[:most]), most, of=count) if count > most else joined(ticked(names))
