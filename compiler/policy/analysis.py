"""The stages in order, pure: what files contain, what the cluster makes of it, and the artifacts.

In: parsed files and settings. Out: an `Analysis` (the models and every finding), and from it a `Compilation` (the
bytes). Nothing here reads, prints or exits.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from compiler.findings import rules
from compiler.findings.allowances import Allowance, Allowed, sift
from compiler.findings.diagnostics import Diagnostic, Label, Severity, settle
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.manifests.parsing import Parsed, may_have_placeholders
from compiler.names.releases import DEFAULT_RELEASE, RELEASES, Release
from compiler.node.files import (
    BASE_SEARCH,
    POLICY_JSON,
    REGISTRIES_CONF,
    SEARCH_CONF,
    SIGSTORE_REGISTRIES,
    namespace_policy,
)
from compiler.node.model import RegistriesConf
from compiler.policy import entries, signature_refusals
from compiler.policy.assembly import Policy, assemble, refusals
from compiler.policy.guard import Guarded, guard
from compiler.policy.precedence import Conflict, ListedOrder, Precedence, merge
from compiler.policy.references import invalid_mirror_references, unloadable
from compiler.policy.settings import CONTROLLER, Settings
from compiler.policy.signatures import SignaturePolicies, collect
from compiler.text.wording import joined, once

if TYPE_CHECKING:
    from compiler.policy.user_files import PoolUserFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What the cluster makes of the manifests, as far as it makes anything.

    `user_files` are what the nodes of each pool have where users bring files to them, else nothing. `conf` is the
    registries model, None where the cluster writes no model.conf. `refusals` are why the
    controller would refuse the whole: then nodes keep the files they have, and the models here are of no cluster.
    """

    policy: Policy
    digest: tuple[Precedence, ...] = ()
    tag: tuple[Precedence, ...] = ()
    guarded: Guarded
    conf: RegistriesConf | None = None
    signatures: SignaturePolicies = field(default_factory=SignaturePolicies)
    signature_places: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    refusals: tuple[Diagnostic, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    release: Release = RELEASES[DEFAULT_RELEASE]
    user_files: "tuple[PoolUserFiles, ...]" = ()

    def each_pool(self) -> "Iterator[tuple[tuple[str, ...], Analysis]]":
        """What nodes have, with the pools that have it; no pool where all have the same.

        Pools differ only where MachineConfigs of users bring files to them.
        """
        groups: list[tuple[list[str], PoolUserFiles]] = []
        for each in self.user_files:
            same = next((names for names, other in groups if replace(other, pool="") == replace(each, pool="")), None)
            if same is None:
                groups.append(([each.pool], each))
            else:
                same.append(each.pool)
        if not groups:
            yield (), self
        for names, each in groups:
            pools = () if len(groups) == 1 else tuple(names)
            made = replace(self, conf=each.conf, search=each.search, user_files=(each,))
            yield pools, replace(made, digest=(), tag=()) if each.replaces else made

    @property
    def refused(self) -> bool:
        """Whether the controller would refuse the whole."""
        return bool(self.refusals)

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)

    @property
    def counts(self) -> dict[str, int]:
        """How many objects, sources, mirrors and conflicts there are, by the noun."""
        mirrors: dict[str, Set[str]] = {precedence.source: precedence.listed.keys() for precedence in self.digest}
        for precedence in self.tag:
            # A mirror of a source counts once, whether it serves tags, digests or both.
            mirrors[precedence.source] = precedence.listed.keys() | mirrors.get(precedence.source, set())
        return {
            "object": len(self.policy.mirror_sets) + (self.policy.image is not None),
            "source": len(mirrors),
            "mirror": sum(map(len, mirrors.values())),
            "conflict": len(self.conflicts),
        }

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every order conflict, by source."""
        return tuple(
            conflict for merged in (self.digest, self.tag) for precedence in merged for conflict in precedence.conflicts
        )


def analyse(
    parsed: Sequence[Parsed], settings: Settings, problems: Iterable[Diagnostic] = (), *, memo: Forgetful = FORGETFUL
) -> Analysis:
    """Go from manifests to the registries model.

    `problems` are findings of the reading, to be reported with the rest. One `memo` for several clusters spares what
    they share from being merged again.
    """
    if any(map(may_have_placeholders, parsed)):
        from compiler.policy.spelling import in_one_spelling

        parsed = in_one_spelling(parsed)
    findings = [*problems, *(diagnostic for each in parsed for diagnostic in each.diagnostics)]
    policy, together = assemble((manifest for each in parsed for manifest in each.manifests), settings.namespace)
    findings += together
    refusing = list(refusals(policy, settings.release))
    digest = merge(policy.digest_rules, memo)
    tag = merge(policy.tag_rules, memo)
    findings += (
        _order_conflict(precedence, conflict)
        for merged in (digest, tag)
        for precedence in merged
        for conflict in precedence.conflicts
    )
    findings += invalid_mirror_references(policy, settings.release, memo)
    guarded, guarding = guard(policy.image, digest, release_image=settings.release_image, release=settings.release)
    findings += (finding for finding in guarding if rules.RULES[finding.rule].adjustable)
    refusing += (finding for finding in guarding if not rules.RULES[finding.rule].adjustable)
    insecure = policy.image.insecure if policy.image else None
    conf = None
    if policy.mirror_sets or insecure is not None or guarded.blocked:
        made, internal = entries.build(digest, tag, blocked=guarded.blocked, insecure=insecure or (), memo=memo)
        refusing += internal
        conf = RegistriesConf(search=BASE_SEARCH, entries=made)
        if not refusing:
            findings += unloadable(policy, conf, settings.release)
    signatures = _signatures(policy, settings, memo)
    refusing += signature_refusals.unreadable(policy.signature_policies, settings.release)
    if not any(not rules.RULES[finding.rule].adjustable for finding in guarding):
        repository = settings.release_repository
        refusing += signature_refusals.against_lists(signatures, guarded, policy.image, repository, settings.release)
    if too_many := signature_refusals.too_many_namespaced(signatures):
        findings += too_many
        signatures = replace(signatures, namespaces={})
    places, unplaced, too_many = _places(signatures, conf, settings)
    findings += too_many
    (refusing if settings.machine_config == CONTROLLER else findings).extend(unplaced)
    texts = [text for each in parsed for text in each.node_texts]
    search = tuple(scope.value for scope in (policy.image.search if policy.image else None) or ())
    user_files: tuple[PoolUserFiles, ...] = ()
    if texts:
        from compiler.policy import user_files as of_users

        objects = _made_of(policy, guarded, conf, signatures, places)
        user_files = of_users.by_pool(texts, settings.pools, conf, search, settings.release, objects.keys())
        findings += of_users.findings(texts, settings.pools, conf, objects, settings.release)
    allowances = tuple(allowance for each in parsed for allowance in each.allowances)
    sifted = sift([*findings, *refusing], allowances)
    return Analysis(
        policy=policy,
        digest=digest,
        tag=tag,
        guarded=guarded,
        conf=conf,
        signatures=signatures,
        signature_places=places,
        search=search,
        user_files=user_files,
        refusals=tuple(refusing),
        diagnostics=settle(sifted.standing, settings.severities),
        allowances=allowances,
        allowed=sifted.allowed,
        release=settings.release,
    )


def _signatures(policy: Policy, settings: Settings, memo: Forgetful) -> SignaturePolicies:
    """What the cluster requires; where no manifest says anything, that of the payload is made once."""
    repository, payload = settings.release_repository, settings.has_payload_policy
    if not policy.signature_policies:
        return memo.alike(_of_payload, (settings.release, payload, repository))
    support = settings.release.signatures
    return collect(policy.signature_policies, support, payload=payload, release_repository=repository)


def _of_payload(wanted: tuple[Release, bool, str]) -> SignaturePolicies:
    release, payload, repository = wanted
    return collect((), release.signatures, payload=payload, release_repository=repository)


def _made_of(
    policy: Policy,
    guarded: Guarded,
    conf: RegistriesConf | None,
    signatures: SignaturePolicies,
    places: Sequence[str],
) -> dict[str, list[str]]:
    """The files that the controller makes by their paths on nodes, each with the objects that it makes it of."""
    image = policy.image
    config = [f"Image `{image.name.value}`"] if image else []
    signed = [f"{each.kind} `{each.name.value}`" for each in policy.signature_policies]
    made: dict[str, list[str]] = {}
    if conf is not None:
        blocks = image is not None and (guarded.blocked or image.insecure is not None)
        made[REGISTRIES_CONF] = [f"{each.kind} `{each.name.value}`" for each in policy.mirror_sets]
        made[REGISTRIES_CONF] += config if blocks else []
    lists = guarded.policy_blocked or guarded.allowed
    if lists or signatures.cluster or signatures.namespaces:
        of_release = any(each.from_payload for found in signatures.cluster.values() for each in found)
        made[POLICY_JSON] = [*(config if lists else ()), *signed]
        made[POLICY_JSON] += ["the signature policy of the release"] if of_release else []
    if places:
        made[SIGSTORE_REGISTRIES] = signed
    if image is not None and image.search:
        made[SEARCH_CONF] = config
    made |= {namespace_policy(namespace): signed for namespace in signatures.namespaces}
    return made


def _places(
    signatures: SignaturePolicies, conf: RegistriesConf | None, settings: Settings
) -> tuple[tuple[str, ...], list[Diagnostic], list[Diagnostic]]:
    """Where signatures are looked for, places that cannot be named, where the controller stops, and limits.

    It does not stop at mirrors that only a drop-in of ours knows.
    """
    scopes, release = signatures.scopes, settings.release
    if not scopes or release.signatures is None:
        return (), [], []
    from compiler.policy.signature_places import signature_places

    found = signature_places(
        scopes, conf if release.signatures.finds_mirrors else None, trim_mirrors=release.guard_trims_mirrors
    )
    known = settings.machine_config == CONTROLLER
    return (
        found.keys,
        list(signature_refusals.unplaced(signatures, found.faults, known_to_controller=known)),
        signature_refusals.too_many_places(signatures) if found.too_many else [],
    )


def _order_conflict(precedence: Precedence, conflict: Conflict) -> Diagnostic:
    first, *others = conflict.steps
    if not others:
        return _listed_twice(precedence, first)
    words: Callable[[str], str] = once(*conflict.mirrors) if len(conflict.mirrors) == 2 else "`{}`".format
    mirrors, tried = _named(conflict.mirrors, "`{}`".format), _named(precedence.order, words)
    return rules.ORDER_CONFLICT.at(
        first.first_span,
        f"the lists of `{conflict.source}` contradict each other about the order of {joined(mirrors)}",
        help="Use the same order in every list of this source. Without a fix, the cluster tries "
        + ", then ".join(tried)
        + ".",
        labels=[
            Label(span=step.first_span, text=_before(step, conflict, words)) for step in conflict.steps[:_MOST_NAMED]
        ],
    )


def _named(locations: Sequence[str], words: Callable[[str], str]) -> list[str]:
    """Some locations for a sentence, with the number of the others."""
    names = [words(location) for location in locations[:_MOST_NAMED]]
    if len(locations) > len(names):
        names.append(f"{len(locations) - len(names)} more")
    return names


def _listed_twice(precedence: Precedence, step: ListedOrder) -> Diagnostic:
    return rules.ORDER_CONFLICT.at(
        step.first_span,
        f"a list of `{precedence.source}` names `{step.first}` twice",
        help="Keep the mirror in one place. Without a fix, the cluster tries "
        + ", then ".join(_named(precedence.order, "`{}`".format))
        + ".",
        labels=[Label(span=step.first_span, text="here"), Label(span=step.second_span, text="and here")],
    )


_MOST_NAMED = 100
"""Mirrors and places that a conflict names; a hostile one has a hundred thousand."""


def _before(step: ListedOrder, conflict: Conflict, words: Callable[[str], str]) -> str:
    second = "the source itself" if step.second == conflict.source else words(step.second)
    return f"{words(step.first)} before {second} here"
