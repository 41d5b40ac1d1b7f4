"""What policy.json accepts: a pull that a registry would serve may be refused all the same.

In: the scopes that policy.json blocks and allows. Out: what refuses an image, if anything does.

Follows containers/image (df7e80d2): `signature.PolicyContext.requirementsForImageRef`, and
`policyconfiguration.DockerReferenceIdentity` and `DockerReferenceNamespaces`. The requested image
is looked up, not the mirror it comes from: `blockedRegistries` refuse an image even where a mirror has it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from compiler.manifests.kinds import ImageConfig
from compiler.names.reference import Reference
from compiler.names.scope import ScopeSet
from compiler.node.requirements import REJECT, RequirementPolicy
from compiler.text.opaque import is_open
from compiler.text.span import Span

ALLOWED_REGISTRIES = "allowedRegistries"
BLOCKED_REGISTRIES = "blockedRegistries"
INSECURE_REGISTRIES = "insecureRegistries"


class DecidingSetting(NamedTuple):
    """What decides something: the setting's name, the scope it was written for (empty where it is a whole list)."""

    setting: str
    scope: str = ""
    spans: tuple[Span, ...] = ()

    def against(self, scope: str) -> str:
        """Why it refuses an image; its own scope is to be shown as `scope`."""
        if self.setting == REJECT:
            return f"{scope} is rejected there" if self.scope else "every image it does not list is rejected there"
        return f"{scope} is in {self.setting}" if self.scope else f"{self.setting} does not include it"


class Admission:
    """The policy.json of a cluster. Without a blocked or an allowed scope there is none, and everything is accepted.

    `setting` is what blocks, `others` what refuses whatever no scope names, if the lists do not decide it: the
    controller writes a default of `reject` where it allows something and blocks nothing.
    """

    def __init__(
        self,
        blocked: Mapping[str, Span | None],
        allowed: Mapping[str, Span | None],
        *,
        setting: str = BLOCKED_REGISTRIES,
        others: DecidingSetting | None = None,
    ) -> None:
        self._blocked = blocked
        self._allowed = allowed
        self._setting = setting
        self._scopes = ScopeSet((*blocked, *allowed))
        # A policy.json may name a single image; the lists of an Image config name none.
        self._has_images = any("@" in scope or ":" in scope.partition("/")[2] for scope in (*blocked, *allowed))
        if others is None and allowed and not blocked:
            spans = tuple(span for span in allowed.values() if span)
            others = DecidingSetting(setting=ALLOWED_REGISTRIES, spans=spans)
        self._others = others
        self._has_open = any(is_open(scope) for scope in allowed)

    @property
    def lets_all_in(self) -> bool:
        """Whether there is nothing that it refuses."""
        return not self._blocked and self._others is None

    @property
    def refuses_others(self) -> bool:
        """Whether it refuses whatever no scope names."""
        return self._others is not None

    def agrees_with(self, other: "Admission") -> bool:
        """Whether it decides as another does, wherever either is written."""
        mine, theirs = ((set(each._blocked), set(each._allowed), each.refuses_others) for each in (self, other))
        return mine == theirs

    @property
    def scopes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is blocked and what is allowed."""
        return tuple(self._blocked), tuple(self._allowed)

    @classmethod
    def of_image_config(
        cls, image: ImageConfig | None, blocked: Iterable[str], allowed: Iterable[str], signed: Iterable[str] = ()
    ) -> "Admission":
        """The scopes that count after the payload guard, with their places in the Image config.

        Scopes that are `signed` need signatures and are accepted with them, whatever a wider scope says.
        """
        written = (
            {scope.value: scope.span for scope in (*(image.allowed or ()), *(image.blocked or ()))} if image else {}
        )
        rejected = {scope: written.get(scope) for scope in blocked}
        accepted = {scope: written.get(scope) for scope in allowed}
        others = None
        if accepted and not rejected:
            spans = tuple(span for span in accepted.values() if span)
            others = DecidingSetting(setting=ALLOWED_REGISTRIES, spans=spans)
        if accepted or rejected:
            accepted = {scope: accepted.get(scope) for scope in (*accepted, *signed) if scope not in rejected}
        return cls(rejected, accepted, others=others)

    @classmethod
    def of_requirements(cls, policy: RequirementPolicy) -> "Admission":
        """What a policy.json on a node accepts; signatures that it requires are not looked at."""
        default = policy.scopes.get("", policy.default)
        others = DecidingSetting(setting=REJECT, spans=default.spans) if default.rejects else None
        blocked: dict[str, Span | None] = {}
        allowed: dict[str, Span | None] = {}
        for scope, required in policy.scopes.items():
            if scope:
                (blocked if required.rejects else allowed)[scope] = next(iter(required.spans), None)
        # Where nothing is rejected it makes no difference what is accepted.
        rejecting = bool(blocked) or others is not None
        return cls(blocked, allowed if rejecting else {}, setting=REJECT, others=others)

    def refusal(self, reference: Reference) -> DecidingSetting | None:
        """What refuses an image, `None` where nothing does. The most specific scope decides."""
        if self.lets_all_in:
            return None
        name = reference.name
        if self.is_undecided(name):
            return None
        if not self._scopes.may_enclose_host(reference.domain):  # nor is it a scope itself
            return self._others
        scopes = self._scopes.enclosing(name)
        if self._has_images:
            # With a tag beside the digest the runtime drops the tag first.
            scopes.insert(
                0, f"{name}@{reference.digest}" if reference.digest else f"{name}:{reference.tag or 'latest'}"
            )
        return self._decide(scopes) if scopes else self._others

    def is_undecided(self, name: str) -> bool:
        """Whether a placeholder decides if something that is allowed includes a name."""
        if self._others is None or not (self._has_open or is_open(name)):
            return False
        return self._decide(self._scopes.enclosing(name)) is self._others

    def acceptance(self, name: str) -> DecidingSetting | None:
        """What the Image config allows that includes a name; None if it is accepted for another reason, or not."""
        for scope in self._scopes.enclosing(name) if self._setting == BLOCKED_REGISTRIES else ():
            if scope in self._blocked:
                break
            if (span := self._allowed.get(scope)) is not None:
                return DecidingSetting(setting=ALLOWED_REGISTRIES, scope=scope, spans=(span,))
        return None

    def refusal_of_scope(self, scope: str) -> DecidingSetting | None:
        """What refuses every image in a scope that no more specific scope decides about, `None` where nothing does."""
        if self.lets_all_in or self.is_undecided(scope):
            return None
        return self._decide(self._scopes.enclosing(scope))

    def refuses_scope(self, scope: str) -> bool:
        """Whether it refuses every image in a scope that no more specific scope decides about."""
        return self.refusal_of_scope(scope) is not None

    def _decide(self, scopes: Iterable[str]) -> DecidingSetting | None:
        """The verdict of the first scope that is blocked or allowed, or of the default."""
        for scope in scopes:
            if scope in self._blocked:
                span = self._blocked[scope]
                return DecidingSetting(setting=self._setting, scope=scope, spans=(span,) if span else ())
            if scope in self._allowed:
                return None
        return self._others
