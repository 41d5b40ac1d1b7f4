"""All manifests together: one policy, and what the controller checks over it before it merges anything.

In: the decoded manifests in order of file and position. Out: the policy and the findings.
Follows openshift/machine-config-operator `container-runtime-config` `validateRegistriesConfScopes` and
openshift/runtime-utils `registries.mergedMirrorSets` (7bdb5b9).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fold, Label, Severity
from compiler.manifests.decoding import invalid_scope
from compiler.manifests.kinds import (
    ALLOW,
    NEVER,
    DrainOverride,
    ImageConfig,
    ImageContentSourcePolicy,
    ImagePolicy,
    ImageTagMirrorSet,
    MachineConfiguration,
    Manifest,
    MirrorRule,
    MirrorSet,
    SignaturePolicyObject,
)
from compiler.names.grammar import is_location
from compiler.names.releases import Release
from compiler.names.scope import is_scope, is_wildcard
from compiler.text.span import Located
from compiler.text.wording import some_of, ticked


class Policy(NamedTuple):
    """The mirror objects, the signature policies and the cluster's Image config that take effect together.

    Beside them what decides how a change reaches the nodes: the cluster's MachineConfiguration, and the ConfigMap that
    skips a drain.
    """

    mirror_sets: tuple[MirrorSet, ...] = ()
    image: ImageConfig | None = None
    signature_policies: tuple[SignaturePolicyObject, ...] = ()
    machine_configuration: MachineConfiguration | None = None
    drain_override: DrainOverride | None = None

    @property
    def digest_rules(self) -> Iterator[MirrorRule]:
        """Rules for pulls by digest, of ImageDigestMirrorSets and ImageContentSourcePolicies alike."""
        return (
            rule
            for mirror_set in self.mirror_sets
            if not isinstance(mirror_set, ImageTagMirrorSet)
            for rule in mirror_set.rules
        )

    @property
    def tag_rules(self) -> Iterator[MirrorRule]:
        """Rules for pulls by tag."""
        return (
            rule
            for mirror_set in self.mirror_sets
            if isinstance(mirror_set, ImageTagMirrorSet)
            for rule in mirror_set.rules
        )


def assemble(manifests: Iterable[Manifest], namespace: str = "") -> tuple[Policy, list[Diagnostic]]:
    """Put the manifests together; of objects with one name the last counts, as the last apply does.

    `namespace` is that of namespaced objects which name none; without it they are left out.
    """
    diagnostics: list[Diagnostic] = []
    by_name: dict[tuple[str, str, str] | int, Manifest] = {}
    for written in manifests:
        manifest = written
        if isinstance(manifest, ImagePolicy) and manifest.namespace is None:
            if not namespace:
                diagnostics.append(_namespace_missing(manifest))
                continue
            manifest = replace(manifest, namespace=Located(namespace, manifest.name.span))
        key = (manifest.kind, _namespace(manifest), manifest.name.value) if manifest.name.value else id(manifest)
        if (earlier := by_name.pop(key, None)) is not None:
            diagnostics.append(_duplicate_object(earlier, manifest))
        by_name[key] = manifest
    image = None
    mirror_sets = []
    signature_policies = []
    for manifest in by_name.values():
        if isinstance(manifest, MirrorSet):
            mirror_sets.append(manifest)
        elif isinstance(manifest, SignaturePolicyObject):
            signature_policies.append(manifest)
        elif not isinstance(manifest, ImageConfig):
            continue
        elif manifest.name.value == "cluster":
            image = manifest
        else:
            diagnostics.append(
                rules.IMAGE_NOT_CLUSTER.at(
                    manifest.name.span,
                    f"the controller does not read the Image config `{manifest.name.value}`",
                    help="Name it `cluster`.",
                    field="metadata.name",
                )
            )
    found = list(by_name.values())
    return Policy(
        mirror_sets=tuple(mirror_sets),
        image=image,
        signature_policies=tuple(signature_policies),
        machine_configuration=next((each for each in found if isinstance(each, MachineConfiguration)), None),
        drain_override=next((each for each in found if isinstance(each, DrainOverride)), None),
    ), diagnostics


def _namespace(manifest: Manifest) -> str:
    named = manifest.namespace if isinstance(manifest, SignaturePolicyObject) else None
    return named.value if named else ""


def _namespace_missing(manifest: ImagePolicy) -> Diagnostic:
    return rules.NAMESPACE_MISSING.at(
        manifest.name.span,
        f"the ImagePolicy `{manifest.name.value}` has no namespace and is skipped",
        help="Write `metadata.namespace`, or set `namespace` for the cluster in .mirrorc.yaml.",
        field="metadata.namespace",
    )


def refusals(policy: Policy, release: Release) -> Iterator[Diagnostic]:
    """Why the controller refuses the mirror objects as a whole: nodes keep their files, the operator degrades."""
    yield from _scopes_of_rules(policy, release)
    yield from _source_policies(policy)


def _duplicate_object(earlier: Manifest, later: Manifest) -> Diagnostic:
    """Two objects of one name; if they are equal, nothing is lost."""
    lost = ""
    where = "Merge them, or say in .mirrorc.yaml which cluster each is for"
    other = "" if later.name.value == ImageConfig.only_name else ", or rename one"
    if isinstance(earlier, MirrorSet) and isinstance(later, MirrorSet):
        kept = {rule.source.value for rule in later.rules}
        gone = sorted({rule.source.value for rule in earlier.rules} - kept)
        if gone:
            lost = f": this one is applied last and removes {some_of(ticked(gone), 3, others='more sources')}"
    return rules.DUPLICATE_OBJECT.at(
        later.name.span,
        f"there are two {later.kind} objects named `{later.name.value}`{lost}",
        help=f"{where}{other}: a cluster keeps only the object that is applied last.",
        labels=[Label(span=earlier.name.span, text="the other is here")],
        field="metadata.name",
        severity=Severity.NOTE if _is_copy(earlier, later) or _is_template_of(earlier, later) else None,
        fold=Fold(
            key=(later.kind, _namespace(later), later.name.value),
            message=f"the {later.kind} `{later.name.value}` is defined again in {{count}} places",
            across_files=True,
        ),
    )


_TEMPLATE = re.compile(r"\.(?:j2|jinja2?|tpl|tmpl|tftpl|gotmpl|template|erb|in|sample|example)$")


def _is_template_of(one: Manifest, other: Manifest) -> bool:
    """Whether one of two objects is in the template from which the file of the other is made."""
    first, second = one.span.path, other.span.path
    return first != second and _TEMPLATE.sub("", first) == _TEMPLATE.sub("", second)


def _is_copy(one: Manifest, other: Manifest) -> bool:
    """Whether it does not matter which of two objects of one name is applied last."""
    if isinstance(one, MirrorSet) and isinstance(other, MirrorSet):
        return [rule[:3] for rule in one.rules] == [rule[:3] for rule in other.rules]
    if isinstance(one, ImageConfig) and isinstance(other, ImageConfig):
        return (one.insecure, one.blocked, one.allowed, one.search) == (
            other.insecure,
            other.blocked,
            other.allowed,
            other.search,
        )
    return False


def _scopes_of_rules(policy: Policy, release: Release) -> Iterator[Diagnostic]:
    """The controller's own check of sources and mirrors; the API server has checked those of IDMS and ITMS."""
    for mirror_set in policy.mirror_sets:
        legacy = isinstance(mirror_set, ImageContentSourcePolicy)
        if release.wildcard_sources and not legacy:
            continue
        for index, rule in enumerate(mirror_set.rules):
            path = f"spec.{mirror_set.list_field}[{index}]"
            if is_wildcard(rule.source.value) and is_scope(rule.source.value) and not release.wildcard_sources:
                yield rules.WILDCARD_UNSUPPORTED.at(
                    rule.source.span,
                    f"a wildcard source needs release 4.16 or later; the release is {release.name}",
                    help="List the hosts one by one.",
                    field=f"{path}.source",
                )
            elif _refused_by_controller(rule.source.value, release, wildcard=True):
                yield invalid_scope(rule.source, f"{path}.source", wildcard=True, place=mirror_set.span.start)
            for position, mirror in enumerate(rule.mirrors):
                if _refused_by_controller(mirror.value, release, wildcard=False):
                    yield invalid_scope(
                        mirror, f"{path}.mirrors[{position}]", wildcard=False, place=mirror_set.span.start
                    )


def _refused_by_controller(text: str, release: Release, *, wildcard: bool) -> bool:
    if not release.wildcard_sources:
        return text == "" or "*" in text
    return not (is_scope(text) if wildcard else is_location(text))


def _source_policies(policy: Policy) -> Iterator[Diagnostic]:
    """One mirrorSourcePolicy per source over all kinds, and no source among its mirrors that is never contacted."""
    first: dict[str, MirrorRule] = {}
    by_form = sorted(policy.mirror_sets, key=lambda mirror_set: isinstance(mirror_set, ImageTagMirrorSet))
    for mirror_set in by_form:
        for index, rule in enumerate(mirror_set.rules):
            source = rule.source.value
            never = rule.never_contacts_source
            earlier = first.setdefault(source, rule)
            if earlier is not rule and earlier.never_contacts_source is not never:
                path = f"spec.{mirror_set.list_field}[{index}].mirrorSourcePolicy"
                yield _policy_conflict(earlier, rule, path)
            if never:
                for position, mirror in enumerate(rule.mirrors):
                    if mirror.value == source:
                        yield rules.SOURCE_AMONG_MIRRORS.at(
                            mirror.span,
                            f"`{source}` is among its own mirrors, but has {NEVER}",
                            help=f"Remove it from the list, or set {ALLOW}.",
                            labels=[Label(span=_policy(rule).span, text=f"{NEVER} here")],
                            field=f"spec.{mirror_set.list_field}[{index}].mirrors[{position}]",
                        )
                        break


def _policy_conflict(earlier: MirrorRule, rule: MirrorRule, path: str) -> Diagnostic:
    def said(each: MirrorRule) -> str:
        return f"{_policy(each).value}{'' if each.mirror_source_policy else ' by default'}"

    return rules.POLICY_CONFLICT.at(
        _policy(rule).span,
        f"`{rule.source.value}` has two mirrorSourcePolicies: {said(rule)} here, {said(earlier)} elsewhere",
        help="Set the same mirrorSourcePolicy in every rule of this source, in every kind of object.",
        labels=[Label(span=_policy(earlier).span, text=f"{said(earlier)} here")],
        field=path,
    )


def _policy(rule: MirrorRule) -> Located[str]:
    """The rule's policy; the source's place is used for a default that is not written."""
    return rule.mirror_source_policy or Located(ALLOW, rule.source.span)
