"""The status of images in a cluster for whoever pulls them: its nodes, its builds, its image imports.

In: what explains the pulls of each, and pull specs. Out: standings, whose sentences say who pulls.
"""

from dataclasses import replace
from functools import cached_property

from compiler.explain.consumers import Consumer, Pullers
from compiler.explain.judge import UNMATCHED, Judge, Standing, Status
from compiler.explain.pull_signatures import PullSignatures
from compiler.names.reference import InvalidReferenceError, Reference, parse_normalized
from compiler.names.scope import ScopeSet


class ClusterJudge(Judge):
    """Gives the status of images in one cluster; as a `Judge`, of those that its nodes pull."""

    def __init__(self, pullers: Pullers) -> None:
        super().__init__(pullers.node)
        self._pullers = pullers
        self._told: dict[tuple[int, Consumer, str], tuple[Standing, Standing]] = {}

    def judge_for(self, pull_spec: str, consumer: Consumer) -> Standing:
        """The status of an image that somebody pulls."""
        if consumer is Consumer.NODE:
            return self.judge(pull_spec)
        standing = self._of_build.judge(pull_spec) if consumer is Consumer.BUILD else self._imported(pull_spec)
        unread = self._unread_source(pull_spec) if standing.status is Status.NOT_MIRRORED else ""
        return self._said(standing, consumer, unread)

    def signatures_for(self, pull_spec: str, consumer: Consumer) -> PullSignatures:
        """What signatures an image needs that somebody pulls, and where they are looked for."""
        if consumer is Consumer.NODE:
            return self.signatures(pull_spec)
        if consumer is Consumer.BUILD:
            return self._of_build.signatures(pull_spec)
        try:
            reference = parse_normalized(pull_spec)
        except InvalidReferenceError:
            return self._of_import.signatures(pull_spec)
        signer = self._of_import.signer
        return signer.without_mirrors(reference) if self._is_unmatched(reference) else signer.of(pull_spec)

    @cached_property
    def _of_build(self) -> Judge:
        return Judge(self._pullers.build)

    @cached_property
    def _of_import(self) -> Judge:
        return Judge(self._pullers.imports.explainer)

    @cached_property
    def _unread(self) -> ScopeSet:
        return ScopeSet(self._pullers.sources_unread)

    def _imported(self, pull_spec: str) -> Standing:
        try:
            reference = parse_normalized(pull_spec)
        except InvalidReferenceError:
            return self._of_import.judge(pull_spec)
        refused = self._pullers.imports.refusal(reference)
        if refused is not None:
            return Standing(status=Status.BLOCKED, detail=refused.detail, spans=refused.spans)
        return UNMATCHED if self._is_unmatched(reference) else self._of_import.judge(pull_spec)

    def _is_unmatched(self, reference: Reference) -> bool:
        """Whether an entry applies on nodes, which take a host for one with any port, and not to imports."""
        entry = self._pullers.imports.explainer.resolver.find_entry(reference.name)
        return entry is not None and not f"{reference.name}/".startswith(f"{entry.scope}/")

    def _unread_source(self, pull_spec: str) -> str:
        """The source that matches an image and that this release does not read for builds and imports."""
        try:
            reference: Reference = parse_normalized(pull_spec)
        except InvalidReferenceError:
            return ""
        return next(iter(self._unread.enclosing(reference.name)), "")

    def _said(self, standing: Standing, consumer: Consumer, unread: str) -> Standing:
        """The same with a sentence that says who pulls; one object for all that share it."""
        key = (id(standing), consumer, unread)
        known = self._told.get(key)
        if known is None:
            detail = standing.detail
            if unread:
                release = self._pullers.release
                detail = f"{release} reads only ImageContentSourcePolicies here, and `{unread}` is in another kind"
            who = "in a build" if consumer is Consumer.BUILD else "in an image import"
            said = replace(standing, detail=f"{who}, {detail}" if detail else "")
            known = self._told[key] = (standing, said)  # the first is kept alive, so that no other gets its identity
        return known[1]
