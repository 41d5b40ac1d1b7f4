"""Who pulls an image: the nodes of a cluster are not the only ones, and builds and image imports have other rules.

In: the analysis of a cluster's manifests, and its release. Out: `Pullers`: what explains the pulls of each of them.

Follows openshift/openshift-controller-manager `createBuildRegistriesConfigData` (26d20fe) and
openshift/openshift-apiserver `imagestreamimport` and `whitelister` (56aa2d9): up to 4.13 both read only
ImageContentSourcePolicies and the Image config. A build gets a new registries.conf, without the guard of the release
image, without the search list of the Image config, and without drop-ins. An import matches no wildcard, and asks a
source last even if it has NeverContactSource and mirrors.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from compiler.explain.explanation import Explainer
from compiler.manifests.kinds import ImageConfig, ImageContentSourcePolicy, ImportRule, MirrorRule
from compiler.names.reference import Reference
from compiler.names.releases import Release
from compiler.names.scope import is_wildcard
from compiler.node.admission import Admission
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.policy import entries
from compiler.policy.analysis import Analysis
from compiler.policy.precedence import Precedence, merge
from compiler.text.span import Located, Span


class Consumer(StrEnum):
    """What reads the mirror policy to get an image."""

    NODE = "node"
    BUILD = "build"
    IMPORT = "import"

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return "image import" if self is Consumer.IMPORT else self.value


BUILD_SEARCH = ("registry.redhat.io", "registry.access.redhat.com", "quay.io", "docker.io")
"""Where a build looks for a name without a registry, whatever the Image config says."""

_INTERNAL_REGISTRY = "image-registry.openshift-image-registry.svc:5000"


class Refused(NamedTuple):
    """Why an import is refused before any registry is asked, and the places that say so."""

    detail: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """How the API server imports images.

    Attributes:
        explainer: The attempts of an import that is not refused.
        blocked: The registries that it does not ask, with the field and the place that block each.
        allowed: `allowedRegistriesForImport`; empty allows all.
    """

    explainer: Explainer
    blocked: tuple[tuple[str, str, Span], ...] = ()
    allowed: tuple[ImportRule, ...] = ()

    def refusal(self, reference: Reference) -> Refused | None:
        """What refuses an import, None where nothing does."""
        for host, field, span in self.blocked:
            if reference.domain == host:
                return Refused(f"`{host}` is blocked ({field})", (span,))
        if (
            not self.allowed
            or reference.domain == _INTERNAL_REGISTRY
            or any(_matches(rule, reference.domain) for rule in self.allowed)
        ):
            return None
        spans = tuple(rule.domain.span for rule in self.allowed)
        return Refused(f"`{reference.domain}` is not in allowedRegistriesForImport", spans)


def _matches(rule: ImportRule, registry: str) -> bool:
    """Whether a rule names a registry: without a port it means 443, or 80 where it is insecure."""
    host, _, port = registry.partition(":")
    allowed, _, its_port = rule.domain.value.partition(":")
    default = "80" if rule.insecure else "443"
    return _glob(allowed).match(host) is not None and _glob(its_port or default).match(port or default) is not None


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern with `*` and `?`; between two stars the first place that fits is enough."""
    first, *others = [re.escape(piece).replace(r"\?", ".") for piece in re.split(r"\*+", pattern)]
    if not others:
        return re.compile(first + r"\Z", re.DOTALL)
    *middle, last = others
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}\\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pullers:
    """What explains pulls in one cluster: on its nodes, in its builds and its image imports.

    `release` is empty where only the files of a node are known; then all three pull as the node does. `sources_unread`
    are the sources that builds and imports of this release do not read.
    """

    node: Explainer
    build: Explainer
    imports: Imports
    release: str = ""
    sources_unread: frozenset[str] = frozenset()

    def of(self, consumer: Consumer) -> Explainer:
        """What explains the pulls of a consumer that are not refused."""
        return {Consumer.NODE: self.node, Consumer.BUILD: self.build, Consumer.IMPORT: self.imports.explainer}[consumer]

    @property
    def made_of(self) -> object:
        """What is equal in two clusters in which all pulls are the same."""
        node, build = self.node, self.build
        of_node = (node.conf, node.admission.scopes, node.signatures.settings)
        if build is node:
            return of_node
        imports = (self.imports.blocked, self.imports.allowed)
        return (of_node, build.conf, build.admission.scopes, imports, self.release if self.sources_unread else "")

    @classmethod
    def of_node(cls, explainer: Explainer) -> "Pullers":
        """For files of a node, where nothing is known of the rest of the cluster."""
        return cls(node=explainer, build=explainer, imports=Imports(explainer=explainer))

    @classmethod
    def of_analysis(cls, analysis: Analysis, namespace: str = "") -> "Pullers":
        """For the cluster whose manifests were analysed."""
        release = analysis.release
        image = analysis.policy.image
        digest, tag, unread = analysis.digest, analysis.tag, frozenset[str]()
        of_users = bool(analysis.user_files)  # only nodes get the files of MachineConfigs
        if of_users:
            digest, tag = merge(analysis.policy.digest_rules), merge(analysis.policy.tag_rules)
        if not release.builds_read_mirror_sets:
            digest, tag = merge(_legacy_rules(analysis)), ()
            read = {precedence.source for precedence in digest}
            rules = (*analysis.policy.digest_rules, *analysis.policy.tag_rules)
            unread = frozenset(rule.source.value for rule in rules) - read
        blocked = (image.blocked if image else None) or ()
        conf = analysis.conf.entries if analysis.conf else ()
        if of_users or unread or blocked != analysis.guarded.blocked:
            insecure = (image.insecure if image else None) or ()
            conf, _ = entries.build(digest, tag, blocked=blocked, insecure=insecure)
        return cls(
            node=Explainer.of_analysis(analysis, namespace),
            build=Explainer(
                RegistriesConf(search=BUILD_SEARCH, entries=conf),
                digest=digest,
                tag=tag,
                admission=_admission(image),
            ),
            imports=Imports(
                explainer=Explainer(RegistriesConf(entries=_of_imports(conf)), digest=digest, tag=tag),
                blocked=tuple(_blocked_hosts(blocked, (*digest, *tag), release)),
                allowed=image.imports if image else (),
            ),
            release=release.name,
            sources_unread=unread,
        )


def _legacy_rules(analysis: Analysis) -> list[MirrorRule]:
    sets = analysis.policy.mirror_sets
    return [rule for each in sets if isinstance(each, ImageContentSourcePolicy) for rule in each.rules]


def _admission(image: ImageConfig | None) -> Admission:
    """The policy.json of a build; there is none where registries are both allowed and blocked."""
    blocked = tuple(scope.value for scope in (image.blocked if image else None) or ())
    allowed = tuple(scope.value for scope in (image.allowed if image else None) or ())
    return Admission({}, {}) if blocked and allowed else Admission.of_image_config(image, blocked, allowed)


def _of_imports(conf: tuple[RegistryEntry, ...]) -> tuple[RegistryEntry, ...]:
    """What imports see of the entries: no wildcard matches, and none is blocked but by its host."""
    return tuple(
        [replace(entry, blocked=False) if entry.blocked else entry for entry in conf if not is_wildcard(entry.scope)]
    )


def _blocked_hosts(
    blocked: tuple[Located[str], ...], merged: tuple[Precedence, ...], release: Release
) -> Iterator[tuple[str, str, Span]]:
    for scope in blocked:
        if "/" not in scope.value and not is_wildcard(scope.value):
            yield scope.value, "blockedRegistries", scope.span
    for precedence in merged if release.imports_heed_never_contact else ():
        by = precedence.blocked_by
        if by is not None and by.mirror_source_policy is not None and "/" not in precedence.source:
            yield precedence.source, "mirrorSourcePolicy: NeverContactSource", by.mirror_source_policy.span
