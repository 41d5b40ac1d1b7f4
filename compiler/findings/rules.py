"""The catalogue: everything that can be wrong, under the name it keeps for ever, with the reason.

A rule is one constant here, the code that finds it, and one folder under `fixtures/rules/` whose `bad` and `good`
repos are its examples. `docs/rules.md` and `mirrorc rules` are made from these.
"""

from compiler.findings.diagnostics import Rule, Severity

_ERROR = Severity.ERROR
_WARNING = Severity.WARNING

# What cannot be read

UNREADABLE_FILE = Rule(
    name="unreadable-file",
    severity=_ERROR,
    summary="A file or folder cannot be read",
    why="Nobody knows what it holds, so nothing can be said about the whole.",
    adjustable=False,
)
INVALID_YAML = Rule(
    name="invalid-yaml",
    severity=_ERROR,
    summary="A file that names a mirror kind is not readable YAML or JSON",
    why="No client can apply it. What stands in the file before the mistake is still read, what stands behind it "
    "is not.",
    adjustable=False,
)
DUPLICATE_KEY = Rule(
    name="duplicate-key",
    severity=_ERROR,
    summary="A mapping holds one key twice",
    why="Clients keep the later value without a word, and whatever stood under the earlier one is lost.",
)
TEMPLATE_MANIFEST = Rule(
    name="template-manifest",
    severity=_WARNING,
    summary="A mirror manifest is a template",
    why="It means nothing until Helm or another engine renders it, so it is left out of what is checked and "
    "compiled. Render it first and give mirrorc the result, in a file or through a pipe.",
)
INVALID_CONFIG = Rule(
    name="invalid-config",
    severity=_ERROR,
    summary="The configuration `.mirrorc.yaml` says something that cannot be done",
    why="What was meant is unknown: nothing is compiled until it is clear.",
    adjustable=False,
)
KUSTOMIZE_FAILED = Rule(
    name="kustomize-failed",
    severity=_ERROR,
    summary="A kustomization cannot be built",
    why="What the cluster is given is unknown. mirrorc builds with `kustomize` or `kubectl`, without network and "
    "plugins.",
    adjustable=False,
)
REMOTE_RESOURCE = Rule(
    name="remote-resource",
    severity=_ERROR,
    summary="A kustomization takes in something from the network",
    why="What it holds can change between two builds, and disconnected sites cannot fetch it. mirrorc never does.",
    adjustable=False,
)
UNAPPLIED_PATCH = Rule(
    name="unapplied-patch",
    severity=_WARNING,
    summary="A kustomization patches a mirror object, and its folder is read without being built",
    why="What is compiled is the object without the patch, which is not what the cluster will have.",
)
UNMATCHED_PATH = Rule(
    name="unmatched-path",
    severity=_WARNING,
    summary="A path pattern of the configuration leads to no file",
    why="A folder was renamed, or the pattern is misspelt; what it stood for is missing from the cluster.",
)

# What the API server refuses

WRONG_API_VERSION = Rule(
    name="wrong-api-version",
    severity=_ERROR,
    summary="A mirror kind stands under an API version that does not have it",
    why="The API server answers `no matches for kind`: the object is never created, and all of its rules are missing.",
    adjustable=False,
)
MISSING_FIELD = Rule(
    name="missing-field",
    severity=_ERROR,
    summary="A required field is missing or null",
    why="The API server refuses the object, and all of its rules are missing.",
    adjustable=False,
)
WRONG_TYPE = Rule(
    name="wrong-type",
    severity=_ERROR,
    summary="A value has a type its field does not take",
    why="The API server refuses the object, and all of its rules are missing. Without quotes, `yes`, `on`, `123` "
    "and the like are no strings to Kubernetes.",
    adjustable=False,
)
INVALID_SCOPE = Rule(
    name="invalid-scope",
    severity=_ERROR,
    summary="A source, mirror or registry is not `host[:port][/path]` (or `*.host`)",
    why="The API server refuses the object. It lets a legacy ImageContentSourcePolicy pass, but then the "
    "controller refuses all mirror objects together: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
INVALID_VALUE = Rule(
    name="invalid-value",
    severity=_ERROR,
    summary="A value is none of those its field takes",
    why="The API server refuses the object, and all of its rules are missing.",
    adjustable=False,
)
INVALID_LENGTH = Rule(
    name="invalid-length",
    severity=_ERROR,
    summary="A list or a text is shorter or longer than the API allows",
    why="The API server refuses the object, and all of its rules are missing.",
    adjustable=False,
)
DUPLICATE_MIRROR = Rule(
    name="duplicate-mirror",
    severity=_ERROR,
    summary="A list that is a set holds one value twice",
    why="The API server refuses the object, and all of its rules are missing.",
    adjustable=False,
)
INVALID_METADATA = Rule(
    name="invalid-metadata",
    severity=_ERROR,
    summary="A name, label or annotation breaks Kubernetes' rules",
    why="The API server refuses the object, and all of its rules are missing.",
    adjustable=False,
)
NAMESPACED_OBJECT = Rule(
    name="namespaced-object",
    severity=_WARNING,
    summary="A cluster-scoped object names a namespace",
    why="The API server clears it. Kustomize writes one into every object where a kustomization has a `namespace`.",
)
BLOCKED_AND_ALLOWED = Rule(
    name="blocked-and-allowed",
    severity=_ERROR,
    summary="The Image config both blocks and allows registries",
    why="A node either refuses what is listed or whatever is not. From 4.18 on the API server refuses the "
    "object; before, the controller does, together with all mirror objects: nodes keep their old files and "
    "the operator degrades.",
    adjustable=False,
)
INVALID_KEY_DATA = Rule(
    name="invalid-key-data",
    severity=_ERROR,
    summary="A key or certificate of a signature policy is not in the PEM format",
    why="The API server refuses the object: no signature is required where it was meant to apply.",
    adjustable=False,
)
INVALID_SIGNER = Rule(
    name="invalid-signer",
    severity=_ERROR,
    summary="The issuer, e-mail address or host name of a signer is malformed",
    why="The API server refuses the object: no signature is required where it was meant to apply.",
    adjustable=False,
)
POLICY_MEMBERS = Rule(
    name="policy-members",
    severity=_ERROR,
    summary="The members of a signature policy do not fit its policyType or matchPolicy",
    why="Each value needs the member of its own name and no other, or the API server refuses the object: no signature "
    "is required where it was meant to apply.",
    adjustable=False,
)
UNKNOWN_FIELD = Rule(
    name="unknown-field",
    severity=_ERROR,
    summary="A field does not exist",
    why="The API server drops it without a word. A misspelt `mirrors` leaves a rule without mirrors that nobody "
    "misses until the source is out of reach.",
)
DUPLICATE_OBJECT = Rule(
    name="duplicate-object",
    severity=_ERROR,
    summary="Two manifests hold the same object",
    why="The cluster keeps whichever is applied last, and the rules of the other are lost. oc-mirror reuses its "
    "names from run to run, which makes this common. When lowered, the last one by file and position is what "
    "is compiled.",
)

# What the controller refuses

POLICY_CONFLICT = Rule(
    name="policy-conflict",
    severity=_ERROR,
    summary="One source has different mirrorSourcePolicies",
    why="A source has one policy across ImageDigestMirrorSets, ImageTagMirrorSets and "
    "ImageContentSourcePolicies, and leaving it out means AllowContactingSource. Otherwise the controller "
    "refuses all mirror objects together: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
SOURCE_AMONG_MIRRORS = Rule(
    name="source-among-mirrors",
    severity=_ERROR,
    summary="A source under NeverContactSource is among its own mirrors",
    why="The controller refuses all mirror objects together: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
WILDCARD_UNSUPPORTED = Rule(
    name="wildcard-unsupported",
    severity=_ERROR,
    summary="A wildcard source on a release before 4.16",
    why="The API server takes it, but the controller refuses all mirror objects together: nodes keep their old "
    "files and the operator degrades.",
    adjustable=False,
)
WILDCARD_OVER_NESTED = Rule(
    name="wildcard-over-nested",
    severity=_ERROR,
    summary="A blocked or insecure scope without mirrors lies inside a wildcard source",
    why="The controller has to copy the wildcard's mirrors to the scope and cannot: it stops with an internal "
    "error. Nodes keep their old files and the operator degrades.",
    adjustable=False,
)
TOO_MANY_INHERITED = Rule(
    name="too-many-inherited",
    severity=_ERROR,
    summary="Blocked and insecure scopes inherit too many mirrors",
    why="Each blocked or insecure scope inside a source gets a copy of all mirrors of the source. Of many scopes and "
    "many mirrors the controller would make a registries.conf that is larger than the API server takes in a "
    "MachineConfig: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
INVALID_REGISTRY_SCOPE = Rule(
    name="invalid-registry-scope",
    severity=_ERROR,
    summary="A blocked, insecure or allowed registry is empty or has a misplaced `*`",
    why="The controller refuses the Image config together with all mirror objects: nodes keep their old files "
    "and the operator degrades.",
    adjustable=False,
)
INVALID_RELEASE_IMAGE = Rule(
    name="invalid-release-image",
    severity=_ERROR,
    summary="The release image is not a canonical reference",
    why="With an Image config on the cluster, the controller stops before it looks at anything else.",
    adjustable=False,
)
POLICY_REFUSED = Rule(
    name="policy-refused",
    severity=_ERROR,
    summary="Several blocked scopes contain the mirrored release payload",
    why="For each such scope the controller allows the payload's repository once more, and then refuses a policy "
    "that both blocks and allows: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
CONTROLLER_CRASH = Rule(
    name="controller-crash",
    severity=_ERROR,
    summary="A blocked wildcard contains the release payload in a way that crashes the controller",
    why="The look-up of the payload finds nothing, and the controller does not expect that: it crashes, nodes "
    "keep their old files and the operator degrades.",
    adjustable=False,
)
PAYLOAD_BLOCKED = Rule(
    name="payload-blocked",
    severity=_ERROR,
    summary="A blocked scope contains the release payload",
    why="The controller leaves such scopes out of what it blocks, or all scopes, with no more than a line in its "
    "log: what looks blocked is not. Where nothing else is blocked, nodes may instead refuse every image but "
    "the payload.",
)

# What has no settled meaning

ORDER_CONFLICT = Rule(
    name="order-conflict",
    severity=_ERROR,
    summary="Lists of one source contradict each other about the order of mirrors",
    why="The cluster does not reject this and tells nobody. It breaks the tie by name, so mirrors are tried in "
    "an order that no list asked for, and that a new mirror can turn round. When lowered, that order is "
    "compiled.",
)

# What works, but hardly as meant

SHADOWED_SOURCE = Rule(
    name="shadowed-source",
    severity=_WARNING,
    summary="A more specific source hides the mirrors of a wider one",
    why="A pull goes by the most specific registry entry alone. A tag mirror for `quay.io/ns` leaves pulls of "
    "`quay.io/ns` by digest without the mirrors of `quay.io`, and the other way round; NeverContactSource on "
    "`quay.io` does not reach it either. Where both have mirrors for the same pulls, a note says which are "
    "not tried.",
)
TAG_PULLS_BLOCKED = Rule(
    name="tag-pulls-blocked",
    severity=_WARNING,
    summary="NeverContactSource blocks the source for pulls that no mirror serves",
    why="The policy blocks the registry entry as a whole, for tags and digests alike, while the mirrors of one "
    "kind of object serve only one of them. Pulls of the other form fail.",
)
OUTER_SOURCE_INHERITED = Rule(
    name="outer-source-inherited",
    severity=_WARNING,
    summary="A blocked or insecure scope inherits the mirrors of the outer of two sources",
    why="Such a scope gets a copy of a source's mirrors, but of the first that contains it in the controller's order, "
    "not of the closest: digest sources come before tag sources, and `quay.io` comes before `quay.io/ns`.",
)
INERT_RULE = Rule(
    name="inert-rule",
    severity=_WARNING,
    summary="A rule has no mirrors, or only its own source",
    why="The cluster ignores it, its mirrorSourcePolicy included: NeverContactSource without a mirror blocks nothing.",
)
REPEATED_RULE = Rule(
    name="repeated-rule",
    severity=_WARNING,
    summary="The same source stands twice with the same mirrors",
    why="It changes nothing today. Tomorrow one copy is edited and the other is not, and the two are merged.",
)
SPLIT_SOURCE = Rule(
    name="split-source",
    severity=_WARNING,
    summary="Several lists of one source leave the order of some mirrors open",
    why="The cluster merges the lists of a source. Where none of them relates two mirrors, it goes by their "
    "names, so a renamed or added mirror can change which one is tried first.",
)
MIRROR_BLOCKED = Rule(
    name="mirror-blocked",
    severity=_WARNING,
    summary="A mirror lies under a blocked scope",
    why="Before a mirror is contacted, its own location is looked up. Where that is blocked the attempt fails, "
    "and the next mirror has to do.",
)
MIRROR_IS_SOURCE = Rule(
    name="mirror-is-source",
    severity=_WARNING,
    summary="A mirror is itself a source of other mirrors",
    why="Mirrors are not followed: a mirror is contacted itself, and what mirrors it has of its own play no part.",
)
DOCKER_LIBRARY = Rule(
    name="docker-library",
    severity=_WARNING,
    summary="A source `docker.io/NAME` never matches the official image",
    why="A pull of `docker.io/NAME` is one of `docker.io/library/NAME`, which this source does not contain: the "
    "mirrors are never asked.",
)
PORT_MISMATCH = Rule(
    name="port-mismatch",
    severity=_WARNING,
    summary="An insecure registry names a mirror's host with another port",
    why="`host` and `host:5000` are different scopes, and a flag on the one does not reach the other: the mirror "
    "is contacted with TLS, and fails.",
)
WILDCARD_HIDES_HOST = Rule(
    name="wildcard-hides-host",
    severity=_WARNING,
    summary="An insecure wildcard hides a host that is as long as itself",
    why="A pull goes by the longest registry entry that matches, and of two as long by the first in byte order, where "
    "`*` comes before letters and digits. `*.example.com` takes all pulls of `r.example.com`: the host's own mirrors "
    "are never asked, and it may be contacted although it is blocked.",
)
NEAR_MISS_SOURCE = Rule(
    name="near-miss-source",
    severity=_WARNING,
    summary="A source is one slip away from a well-known host or namespace",
    why="A misspelt source is accepted and never matches a pull, so its mirrors are never asked.",
)
SOURCE_REFUSED = Rule(
    name="source-refused",
    severity=_WARNING,
    summary="The Image config refuses all pulls of a mirrored source",
    why="policy.json judges a pull by the name in the pull spec, wherever the image comes from in the end. The "
    "mirrors of a source that is blocked, or not allowed, never serve.",
)
PAYLOAD_REFUSED = Rule(
    name="payload-refused",
    severity=_WARNING,
    summary="The Image config refuses images of the release payload",
    why="policy.json refuses what a blocked registry contains and, once something is allowed, whatever no "
    "allowed one does: the cluster's own images too. The next upgrade or new node fails.",
)
DEPRECATED_KIND = Rule(
    name="deprecated-kind",
    severity=_WARNING,
    summary="ImageContentSourcePolicy is deprecated",
    why="ImageDigestMirrorSet replaces it, with mirrorSourcePolicy and checks by the API server. The cluster "
    "still reads it, and warns whenever one is applied.",
)
IMAGE_NOT_CLUSTER = Rule(
    name="image-not-cluster",
    severity=_WARNING,
    summary="An Image config is not named `cluster`",
    why="The controller reads the Image config named `cluster` and no other: what this one says has no effect.",
)
CRIO_NOT_RELOADED = Rule(
    name="crio-not-reloaded",
    severity=_WARNING,
    summary="The node disruption policy does not reload CRI-O for a file that CRI-O reads",
    why="The file changes on the nodes and CRI-O goes on with the old content: changed mirrors, blocked registries or "
    "signature policies have no effect until CRI-O restarts, for instance with the next reboot. Actions that do not "
    "reload CRI-O are None, Drain, DaemonReload, and Reload or Restart of another service. Policies take effect from "
    "release 4.17 on.",
)

# What the images of workloads stand to get: told by `mirrorc images` alone

INVALID_IMAGE = Rule(
    name="invalid-image",
    severity=_WARNING,
    summary="An image is no reference, or a mirror makes none of it",
    why="The pull fails before anything is tried.",
)
IMAGE_BLOCKED = Rule(
    name="image-blocked",
    severity=_WARNING,
    summary="An image cannot be pulled: what could serve it is blocked, or policy.json refuses it",
    why="A workload that names it waits in `ImagePullBackOff`. policy.json judges by the name in the pull spec, so a "
    "mirror is no way around `blockedRegistries`.",
)
IMAGE_NOT_MIRRORED = Rule(
    name="image-not-mirrored",
    severity=_WARNING,
    summary="No mirror takes part in the pull of an image",
    why="It is pulled from where it is named. A disconnected cluster cannot, and a connected one depends on it.",
)
IMAGE_MIRROR_FORM = Rule(
    name="image-mirror-form",
    severity=_WARNING,
    summary="An image is referenced by tag and mirrored for digests only, or the reverse",
    why="Mirrors of an ImageDigestMirrorSet serve no tags and those of an ImageTagMirrorSet no digests: they are "
    "passed over without a word.",
)
IMAGE_UNRESOLVED = Rule(
    name="image-unresolved",
    severity=_WARNING,
    summary="Which image is meant cannot be known from the manifest",
    why="It is a template, holds a variable or is filled in by the cluster; what a pull would do is not guessed.",
)

# What is said to mirrorc in comments

INVALID_ALLOWANCE = Rule(
    name="invalid-allowance",
    severity=_WARNING,
    summary="A comment that speaks to mirrorc cannot be followed",
    why="It silences nothing: it names no rule, one that does not exist or one that nobody can allow, or it gives "
    "no reason.",
)
UNUSED_ALLOWANCE = Rule(
    name="unused-allowance",
    severity=_WARNING,
    summary="An allowance silences nothing",
    why="What it once allowed is gone, or never stood there. Left behind, it would silence the next finding of its "
    "rule at this place, which nobody has looked at.",
)

RULES: dict[str, Rule] = {rule.name: rule for rule in tuple(globals().values()) if isinstance(rule, Rule)}
"""Every rule by name, in the order of this file."""

ABOUT_IMAGES = frozenset(
    rule.name for rule in (INVALID_IMAGE, IMAGE_BLOCKED, IMAGE_NOT_MIRRORED, IMAGE_MIRROR_FORM, IMAGE_UNRESOLVED)
)
"""The rules of `mirrorc images`, which `mirrorc check` says nothing about."""
