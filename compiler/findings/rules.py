"""The catalogue: everything that can be wrong, under a name that never changes, with the reason.

A rule is one constant here, the code that finds it, and one folder under `fixtures/rules/` whose `bad` and `good`
repos are its examples. `docs/rules.md` and `mirrorc rules` are made from these.
"""

from compiler.findings.diagnostics import Rule, Severity

_ERROR = Severity.ERROR
_WARNING = Severity.WARNING
_NOTE = Severity.NOTE

# What cannot be read

UNREADABLE_FILE = Rule(
    name="unreadable-file",
    severity=_ERROR,
    summary="A file or folder cannot be read",
    why="Its content is unknown, so the result for the cluster is unknown too.",
    adjustable=False,
)
INVALID_YAML = Rule(
    name="invalid-yaml",
    severity=_ERROR,
    summary="A file that contains a mirror kind is not valid YAML or JSON",
    why="No client can apply it. mirrorc reads the file up to the syntax error and skips the rest.",
    adjustable=False,
)
DUPLICATE_KEY = Rule(
    name="duplicate-key",
    severity=_ERROR,
    summary="A mapping contains the same key twice",
    why="Clients silently keep the last value; the value of the first key is lost.",
)
TEMPLATE_MANIFEST = Rule(
    name="template-manifest",
    severity=_WARNING,
    summary="A mirror manifest is a template that cannot be read before it is rendered",
    why="Without its statements and with words for its placeholders it is not YAML, so mirrorc neither checks nor "
    "compiles it. Render it first, and pass the result to mirrorc in a file or through a pipe.",
)
TEMPLATE_VALUES = Rule(
    name="template-values",
    severity=_NOTE,
    summary="Parts of a mirror manifest are unknown until it is rendered",
    why="The text for a placeholder such as `{{ registry }}` or `$REGISTRY` is not known. mirrorc checks everything "
    "that does not depend on it, and compiles the rest once it has the values.",
)
UNREAD_POLICY = Rule(
    name="unread-policy",
    severity=_WARNING,
    summary="A file contains mirror policy in a form that mirrorc does not read",
    why="The policy is in a script, a template or another document, so nothing is checked or predicted from it. "
    "One finding for each file, at its first such place; files of one name in several folders are one.",
)
UNLOADABLE_NODE_FILE = Rule(
    name="unloadable-node-file",
    severity=_ERROR,
    summary="A registries.conf or policy.json in another document is not one that nodes load",
    why="A node with a file that it cannot load pulls no image at all.",
    adjustable=False,
)
INSTALL_CONFIG_REFUSED = Rule(
    name="install-config-refused",
    severity=_ERROR,
    summary="The installer refuses the mirrors of an install-config",
    why="The installer takes repositories without tag or digest, or hosts; a wildcard, a tag, a missing host or both "
    "lists together stop the installation before anything is created.",
    adjustable=False,
)
DEPRECATED_SOURCE_LIST = Rule(
    name="deprecated-source-list",
    severity=_WARNING,
    summary="An install-config lists its mirrors under `imageContentSources`",
    why="The installer accepts the deprecated list with a warning, and turns it into an ImageContentSourcePolicy, "
    "which cannot say `sourcePolicy`.",
)
MUSTHAVE_ADDS = Rule(
    name="musthave-adds",
    severity=_WARNING,
    summary="An ACM policy with `musthave` contains a mirror object",
    why="With `musthave` the policy controller only adds to a list. A rule or mirror that is removed in Git stays on "
    "the clusters, a changed mirror is added beside the old one, and an order cannot be changed.",
)
NODE_POOL_REFUSED = Rule(
    name="node-pool-refused",
    severity=_ERROR,
    summary="A NodePool refuses a document in its ConfigMap",
    why="A NodePool takes few kinds, and one document that it refuses stops every update of its nodes.",
    adjustable=False,
)
LOST_AT_INSTALLATION = Rule(
    name="lost-at-installation",
    severity=_WARNING,
    summary="Part of the mirrors for an installation does not reach the cluster",
    why="The assisted service passes on only the digest mirrors of its ConfigMap: tag mirrors, blocked registries and "
    "the search list serve the discovery image only. An installer refuses or ignores fields that its release does not "
    "have.",
)
MIRROR_REGISTRY_REFUSED = Rule(
    name="mirror-registry-refused",
    severity=_ERROR,
    summary="The assisted service refuses the registries.conf in a ConfigMap",
    why="Without a table that has a location and a usable mirror the reference to the ConfigMap fails, and nothing is "
    "installed.",
    adjustable=False,
)
GENERATED_CONFIG_KEPT = Rule(
    name="generated-config-kept",
    severity=_WARNING,
    summary="The repo contains a MachineConfig that the controller generates",
    why="The machine-config controller makes `99-POOL-generated-registries` of the mirror objects and overwrites "
    "every other change there. What `mirrorc build` wrote is not reported.",
)
OBJECTS_OVERRIDDEN = Rule(
    name="objects-overridden",
    severity=_WARNING,
    summary="A MachineConfig replaces a file that the controller makes of mirror objects",
    why="MachineConfigs are merged by name, and the later one replaces a file whole. On these pools the mirror objects "
    "and the Image config have no effect.",
)
MACHINE_CONFIG_UNUSED = Rule(
    name="machine-config-unused",
    severity=_WARNING,
    summary="A file of a MachineConfig never reaches the nodes",
    why="A MachineConfig with a later name, mostly the one that the controller generates, brings a file of the same "
    "path.",
)
COMPRESSED_NODE_FILE = Rule(
    name="compressed-node-file",
    severity=_WARNING,
    summary="A MachineConfig contains a compressed registries.conf",
    why="The test that decides whether a change drains nodes does not decompress the file: it fails, the update of the "
    "node stops, and the pool degrades.",
)
DROP_IN_REPLACES = Rule(
    name="drop-in-replaces",
    severity=_WARNING,
    summary="A drop-in replaces an entry of registries.conf",
    why="A later file's entry replaces the earlier one of the same prefix whole, with its mirrors and its block; one "
    "of a longer prefix takes its images away from the mirrors.",
)
UNKNOWN_NODE_KEY = Rule(
    name="unknown-node-key",
    severity=_NOTE,
    summary="Nodes ignore a key of a registries.conf or drop-in",
    why="A key that a node does not know, or not in this table, has no effect, and the node says so only in a debug "
    "log. In TOML every key below a header belongs to that table: `short-name-mode` below `[[registry.mirror]]` is a "
    "key of the mirror.",
)
NODE_ENTRY_WITH_TAG = Rule(
    name="node-entry-with-tag",
    severity=_NOTE,
    summary="An entry of a registries.conf has a tag or digest",
    why="Nodes look up the name of an image without its tag and digest, so such an entry never applies. In the "
    "location of a mirror the image's own tag follows it, which is not a valid reference.",
)
UNREFERENCED_CONFIG_MAP = Rule(
    name="unreferenced-config-map",
    severity=_NOTE,
    summary="Nothing in the repo refers to a ConfigMap with mirror policy",
    why="A ConfigMap applies nothing by itself. mirrorc checks its content, and compiles it only where a NodePool or "
    "the installation of a cluster names it.",
)
INVALID_CONFIG = Rule(
    name="invalid-config",
    severity=_ERROR,
    summary="The configuration `.mirrorc.yaml` is not valid",
    why="mirrorc cannot know what was meant, so it compiles nothing until the file is fixed.",
    adjustable=False,
)
KUSTOMIZE_FAILED = Rule(
    name="kustomize-failed",
    severity=_ERROR,
    summary="A kustomization cannot be built",
    why="What the cluster receives is unknown. mirrorc builds with `kustomize`, `kubectl` or `oc`, without network "
    "access and without plugins.",
    adjustable=False,
)
HELM_FAILED = Rule(
    name="helm-failed",
    severity=_ERROR,
    summary="A chart cannot be rendered",
    why="What the cluster receives is unknown. mirrorc renders with `helm template`, without network access; the "
    "dependencies of a chart must be in its folder `charts`.",
    adjustable=False,
)
REMOTE_RESOURCE = Rule(
    name="remote-resource",
    severity=_ERROR,
    summary="A kustomization loads a resource from the network",
    why="The content can change between two builds, and disconnected sites cannot fetch it. mirrorc never does.",
    adjustable=False,
)
UNAPPLIED_PATCH = Rule(
    name="unapplied-patch",
    severity=_WARNING,
    summary="A kustomization patches a mirror object, but its folder is read without being built",
    why="mirrorc compiles the object without the patch. The cluster gets the object with the patch.",
)
UNCLAIMED_MANIFEST = Rule(
    name="unclaimed-manifest",
    severity=_WARNING,
    summary="No configured cluster reads a mirror manifest",
    why="A new file or a new cluster is missing from .mirrorc.yaml or from a kustomization, and mirrorc neither checks "
    "nor builds it. If no cluster is to get the manifest, list it under `exclude`.",
)
SOURCES_DIFFER = Rule(
    name="sources-differ",
    severity=_WARNING,
    summary="A cluster gets other manifests than the configuration says",
    why="The kustomization of a folder that `paths` covers lists other files, or an Application, an ApplicationSet or "
    "a Flux Kustomization gives the cluster another folder. What mirrorc checks and builds is then not what the "
    "cluster gets.",
)
UNMATCHED_PATH = Rule(
    name="unmatched-path",
    severity=_WARNING,
    summary="A path pattern of the configuration matches no file",
    why="A folder was renamed, or the pattern has a typo. The manifests it used to match are missing from the cluster.",
)

# What the API server refuses

WRONG_API_VERSION = Rule(
    name="wrong-api-version",
    severity=_ERROR,
    summary="A mirror kind does not exist in its API version",
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
    summary="A value has the wrong type for its field",
    why="The API server refuses the object, and all of its rules are missing. Without quotes, YAML reads values such "
    "as `yes`, `on` and `123` as booleans and numbers, not as strings.",
    adjustable=False,
)
INVALID_SCOPE = Rule(
    name="invalid-scope",
    severity=_ERROR,
    summary="A source, mirror or registry is not `host[:port][/path]` (or `*.host`)",
    why="The API server refuses the object. It accepts a legacy ImageContentSourcePolicy, but then the controller "
    "refuses all mirror objects together: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
INVALID_VALUE = Rule(
    name="invalid-value",
    severity=_ERROR,
    summary="A value is not one of those its field accepts",
    why="The API server refuses the object, and all of its rules are missing.",
    adjustable=False,
)
INVALID_LENGTH = Rule(
    name="invalid-length",
    severity=_ERROR,
    summary="A list or string is shorter or longer than the API allows",
    why="The API server refuses the object, and all of its rules are missing.",
    adjustable=False,
)
DUPLICATE_MIRROR = Rule(
    name="duplicate-mirror",
    severity=_ERROR,
    summary="A list that must be unique contains a value twice",
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
    summary="A cluster-scoped object has a namespace",
    why="The API server refuses the object, or a client drops the namespace. The namespace never has an effect.",
)
BLOCKED_AND_ALLOWED = Rule(
    name="blocked-and-allowed",
    severity=_ERROR,
    summary="The Image config both blocks and allows registries",
    why="A node refuses either the listed registries or all others; it cannot do both. From 4.18 on the API server "
    "refuses the object. Before 4.18 the controller refuses it together with all mirror objects: nodes keep their old "
    "files and the operator degrades.",
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
    why="Each value needs the member with its name and no other, or the API server refuses the object: no signature "
    "is required where it was meant to apply.",
    adjustable=False,
)
NAMESPACE_MISSING = Rule(
    name="namespace-missing",
    severity=_WARNING,
    summary="An ImagePolicy has no namespace",
    why="The client creates it in its current namespace, so mirrorc does not compile it. It gets a namespace from its "
    "own metadata, from the `namespace` of a kustomization, from `namespace` in .mirrorc.yaml or, without that file, "
    "from the Application that applies it.",
)
UNKNOWN_FIELD = Rule(
    name="unknown-field",
    severity=_ERROR,
    summary="A field does not exist",
    why="Unless the client asks for strict validation, the API server drops the field. A typo in `mirrors` then "
    "leaves a rule without mirrors, and this is noticed only when the source is unreachable.",
)
DUPLICATE_OBJECT = Rule(
    name="duplicate-object",
    severity=_ERROR,
    summary="Two manifests define the same object",
    why="The cluster keeps the object that is applied last, and the rules of the other are lost. oc-mirror reuses its "
    "names from run to run, which makes this common. If you lower the severity, mirrorc compiles the last one by file "
    "and position.",
)

# What the controller refuses

SIGNED_SCOPE_NOT_ALLOWED = Rule(
    name="signed-scope-not-allowed",
    severity=_ERROR,
    summary="The allowed registries do not cover a scope whose images must be signed",
    why="The controller refuses all objects together: nodes keep their old files and the operator degrades. From 4.21 "
    "on every self-managed cluster requires signatures for `quay.io/openshift-release-dev/ocp-release`, from 4.22 on "
    "for `quay.io/openshift-release-dev/ocp-v4.0-art-dev` and `quay.io/openshift-release-dev/ocp-v5.0-art-dev` too.",
    adjustable=False,
)
SIGNED_SCOPE_BLOCKED = Rule(
    name="signed-scope-blocked",
    severity=_ERROR,
    summary="A blocked registry contains a scope whose images must be signed",
    why="The controller refuses all objects together: nodes keep their old files and the operator degrades. A blocked "
    "registry inside such a scope is accepted.",
    adjustable=False,
)
SIGNATURE_PLACE_UNNAMED = Rule(
    name="signature-place-unnamed",
    severity=_ERROR,
    summary="A mirror or registry of signed images cannot be written into sigstore-registries.yaml",
    why="For every mirror of a scope whose images must be signed, the controller computes the full name of the "
    "repository with the signatures. This is impossible for a mirror that is a host without a path, and for a "
    "short name. The controller then refuses all objects together: nodes keep their old files and the operator "
    "degrades.",
    adjustable=False,
)
POLICY_TYPE_UNSUPPORTED = Rule(
    name="policy-type-unsupported",
    severity=_ERROR,
    summary="A signature policy has a policyType that the controller of the release cannot use",
    why="The API server of 4.19 and 4.20 accepts any policyType, but the controller then refuses all objects together "
    "or crashes: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
IDENTITY_REFUSED = Rule(
    name="identity-refused",
    severity=_ERROR,
    summary="An exactRepository is a host with an upper-case letter",
    why="Without a `/` the controller reads it as the name of an image, which must be in lower case. It refuses all "
    "objects together: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
POLICY_CONFLICT = Rule(
    name="policy-conflict",
    severity=_ERROR,
    summary="One source has different mirrorSourcePolicies",
    why="A source has one policy across ImageDigestMirrorSets, ImageTagMirrorSets and ImageContentSourcePolicies; a "
    "rule without the field means AllowContactingSource. If the policies differ, the controller refuses all mirror "
    "objects together: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
SOURCE_AMONG_MIRRORS = Rule(
    name="source-among-mirrors",
    severity=_ERROR,
    summary="A source under NeverContactSource is listed among its own mirrors",
    why="The controller refuses all mirror objects together: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
WILDCARD_UNSUPPORTED = Rule(
    name="wildcard-unsupported",
    severity=_ERROR,
    summary="A wildcard source on a release before 4.16",
    why="The API server accepts it, but the controller refuses all mirror objects together: nodes keep their old "
    "files and the operator degrades.",
    adjustable=False,
)
WILDCARD_OVER_NESTED = Rule(
    name="wildcard-over-nested",
    severity=_ERROR,
    summary="A blocked or insecure scope without mirrors is inside a wildcard source",
    why="The controller has to copy the wildcard's mirrors to the scope but cannot: it stops with an internal error. "
    "Nodes keep their old files and the operator degrades.",
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
    why="The controller refuses the Image config together with all mirror objects: nodes keep their old files and the "
    "operator degrades.",
    adjustable=False,
)
INVALID_RELEASE_IMAGE = Rule(
    name="invalid-release-image",
    severity=_ERROR,
    summary="The release image is not a canonical reference",
    why="If the cluster has an Image config, the controller stops before it processes anything else.",
    adjustable=False,
)
POLICY_REFUSED = Rule(
    name="policy-refused",
    severity=_ERROR,
    summary="Several blocked scopes contain the mirrored release payload",
    why="The controller adds the payload's repository to the allowed list once for each of these scopes, and then "
    "refuses a policy that both blocks and allows: nodes keep their old files and the operator degrades.",
    adjustable=False,
)
CONTROLLER_CRASH = Rule(
    name="controller-crash",
    severity=_ERROR,
    summary="A blocked wildcard contains the release payload in a way that crashes the controller",
    why="The controller looks up the payload's registry entry, finds none and crashes. Nodes keep their old files and "
    "the operator degrades.",
    adjustable=False,
)
PAYLOAD_BLOCKED = Rule(
    name="payload-blocked",
    severity=_ERROR,
    summary="A blocked scope contains the release payload",
    why="The controller leaves such scopes, or all scopes, out of what it blocks, and reports this only in its log: a "
    "registry that looks blocked is not. If no other scope is blocked, nodes can instead refuse every image except "
    "the payload.",
)

# What has no settled meaning

ORDER_CONFLICT = Rule(
    name="order-conflict",
    severity=_ERROR,
    summary="Lists of one source contradict each other about the order of mirrors",
    why="The cluster accepts this and reports nothing. It breaks the tie by name, so nodes try mirrors in an order "
    "that no list asks for, and a new mirror can reverse it. If you lower the severity, mirrorc compiles that order. "
    "The suggested fixes are the smallest reorderings if at most 8 mirrors and 6 lists contradict each other; others "
    "are called not proven smallest. So are those after the first 600,000 steps of the search, enough for a hundred "
    "hard contradictions in one run.",
)

INVALID_MIRROR_REFERENCE = Rule(
    name="invalid-mirror-reference",
    severity=_ERROR,
    summary="A mirror makes an invalid reference of every pull",
    why="A node replaces the source by each mirror before it tries the first one. If one result is not a full image "
    "reference, as with a host that has no dot and no port, the whole pull fails, at the good mirrors and at the "
    "source too. The API server and the controller accept such a mirror. When lowered, it is compiled unchanged.",
)

# What works, but hardly as meant

SHADOWED_SOURCE = Rule(
    name="shadowed-source",
    severity=_WARNING,
    summary="A more specific source shadows the mirrors of a wider one",
    why="A pull uses only the most specific registry entry. For example, a tag mirror for `quay.io/ns` leaves digest "
    "pulls of `quay.io/ns` without the mirrors of `quay.io`, and the reverse. NeverContactSource on `quay.io` does "
    "not apply to `quay.io/ns` either. Where both sources have mirrors for the same pulls, a note lists those that "
    "are not tried.",
)
TAG_PULLS_BLOCKED = Rule(
    name="tag-pulls-blocked",
    severity=_WARNING,
    summary="NeverContactSource blocks the source for pulls that no mirror serves",
    why="The policy blocks the whole registry entry, for tags and for digests, but each kind of object has mirrors "
    "for only one of the two. Pulls of the other form fail.",
)
OUTER_SOURCE_INHERITED = Rule(
    name="outer-source-inherited",
    severity=_WARNING,
    summary="A blocked or insecure scope inherits the mirrors of the outer of two sources",
    why="Such a scope gets a copy of the mirrors of a source. The controller copies from the first source in its "
    "order that contains the scope, not from the closest: digest sources come before tag sources, and `quay.io` comes "
    "before `quay.io/ns`.",
)
INERT_RULE = Rule(
    name="inert-rule",
    severity=_WARNING,
    summary="A rule has no mirrors, or only its own source",
    why="The cluster ignores the rule and its mirrorSourcePolicy: NeverContactSource without a mirror blocks nothing.",
)
REPEATED_RULE = Rule(
    name="repeated-rule",
    severity=_NOTE,
    summary="The same source is listed twice with the same mirrors",
    why="The copy has no effect now. When one copy is edited and the other is not, the cluster merges the two lists.",
)
SPLIT_SOURCE = Rule(
    name="split-source",
    severity=_WARNING,
    summary="Several lists of one source leave the order of some mirrors undefined",
    why="The cluster merges the lists of a source. Where no list contains both of two mirrors, it orders them by "
    "name, so a renamed or added mirror can change which one is tried first.",
)
MIRROR_BLOCKED = Rule(
    name="mirror-blocked",
    severity=_WARNING,
    summary="A mirror is under a blocked scope",
    why="Before a node contacts a mirror, it looks up the mirror's own location. If that location is blocked, the "
    "attempt fails and the node tries the next mirror.",
)
MIRROR_IS_SOURCE = Rule(
    name="mirror-is-source",
    severity=_WARNING,
    summary="A mirror is itself a source of other mirrors",
    why="Mirrors are not followed: nodes contact this mirror itself, and never the mirrors that are configured for it.",
)
DOCKER_LIBRARY = Rule(
    name="docker-library",
    severity=_WARNING,
    summary="A source `docker.io/NAME` never matches the official image",
    why="A pull of `docker.io/NAME` means `docker.io/library/NAME`, which this source does not match: its mirrors are "
    "never used.",
)
PORT_MISMATCH = Rule(
    name="port-mismatch",
    severity=_WARNING,
    summary="An insecure registry has the host of a mirror but another port",
    why="`host` and `host:5000` are different scopes, and a setting for one does not apply to the other: nodes "
    "contact the mirror with verified TLS, and the attempt fails if the mirror does not offer it.",
)
WILDCARD_HIDES_HOST = Rule(
    name="wildcard-hides-host",
    severity=_WARNING,
    summary="An insecure wildcard shadows a host of the same length",
    why="A pull uses the longest registry entry that matches, and of two with the same length the first in byte "
    "order, where `*` comes before letters and digits. `*.example.com` takes all pulls of `r.example.com`: the host's "
    "own mirrors are never used, and the host can be contacted even if it is blocked.",
)
NEAR_MISS_SOURCE = Rule(
    name="near-miss-source",
    severity=_WARNING,
    summary="A source looks like a typo of a well-known host or namespace",
    why="The cluster accepts the misspelled source, but it matches no pull, so its mirrors are never used.",
)
UNLOADABLE_CONFIGURATION = Rule(
    name="unloadable-configuration",
    severity=_WARNING,
    summary="Nodes do not load the registries.conf that the cluster makes",
    why="The controller writes texts into the file that CRI-O refuses, such as a URI scheme in a legacy "
    "ImageContentSourcePolicy or in the Image config. A node with this file pulls no image.",
)
UNREACHABLE_SCOPE = Rule(
    name="unreachable-scope",
    severity=_WARNING,
    summary="No image matches a source or a listed registry",
    why="The first component of an image name is a host only if it has a dot or a port or is `localhost`; "
    "`bitnami/postgresql` is short for `docker.io/bitnami/postgresql`, and Docker Hub is `docker.io` under all its "
    "names. A scope that is written otherwise matches nothing: its mirrors are never used, and it blocks and allows "
    "nothing.",
)
SOURCE_REFUSED = Rule(
    name="source-refused",
    severity=_WARNING,
    summary="The Image config refuses all pulls of a mirrored source",
    why="policy.json checks the name in the pull spec, not the location that serves the image. The mirrors of a "
    "source that is blocked, or not allowed, are never used.",
)
PAYLOAD_REFUSED = Rule(
    name="payload-refused",
    severity=_WARNING,
    summary="The Image config refuses images of the release payload",
    why="policy.json refuses every image in a blocked registry and, if there is an allowed list, every image that is "
    "not in it. This includes the cluster's own images: the next upgrade or new node fails.",
)
PAYLOAD_HALF_MIRRORED = Rule(
    name="payload-half-mirrored",
    severity=_WARNING,
    summary="Some but not all repositories of a release have digest mirrors",
    why="Nodes pull the release image from one repository and the images that it names from others: "
    "`quay.io/openshift-release-dev/ocp-release` and `ocp-v4.0-art-dev`, from 5.0 on `ocp-v5.0-art-dev` too; for OKD "
    "`quay.io/openshift/okd` and `okd-content`, or `quay.io/okd/scos-release` and `scos-content`. Without mirrors for "
    "all of them a disconnected cluster can neither be installed nor updated. Mirrors of another product's release, or "
    "a source that is nearly such a repository, have the same effect.",
)
NO_INTERNAL_REGISTRY = Rule(
    name="no-internal-registry",
    severity=_WARNING,
    summary="The allowed registries do not include the internal registry, and builds or image streams use it",
    why="If there is an allowed list, nodes and builds refuse every registry that is not in it, the cluster's own one "
    "included: what builds push there cannot be pulled. Reported by `mirrorc check` if the repo has a BuildConfig, a "
    "Build or an ImageStream, or names the registry in an image.",
)
MIXED_KINDS_REFUSED = Rule(
    name="mixed-kinds-refused",
    severity=_WARNING,
    summary="An ImageContentSourcePolicy is beside newer kinds on a release whose first z-streams refuse both",
    why="Before 4.13.27 and 4.14.3 the controller accepts ImageDigestMirrorSets and ImageTagMirrorSets only if there "
    "is no ImageContentSourcePolicy: nodes keep their old files and the operator degrades.",
)
DEPRECATED_KIND = Rule(
    name="deprecated-kind",
    severity=_WARNING,
    summary="ImageContentSourcePolicy is deprecated",
    why="ImageDigestMirrorSet replaces it, and adds mirrorSourcePolicy and validation by the API server. The cluster "
    "still reads the old kind, with a warning each time one is applied.",
)
IMAGE_NOT_CLUSTER = Rule(
    name="image-not-cluster",
    severity=_WARNING,
    summary="An Image config is not named `cluster`",
    why="The controller reads only the Image config named `cluster`; this one has no effect.",
)
CRIO_NOT_RELOADED = Rule(
    name="crio-not-reloaded",
    severity=_WARNING,
    summary="The node disruption policy does not reload CRI-O for a file that CRI-O reads",
    why="The file changes on the nodes, but CRI-O keeps using the old content: changed mirrors, blocked registries or "
    "signature policies have no effect until CRI-O restarts, for instance with the next reboot. Actions that do not "
    "reload CRI-O are None, Drain, DaemonReload, and Reload or Restart of another service. Policies take effect from "
    "release 4.17 on.",
)

# What the images of workloads stand to get: told by `mirrorc images` alone

INVALID_IMAGE = Rule(
    name="invalid-image",
    severity=_WARNING,
    summary="An image reference is invalid, or a mirror rewrites it to an invalid one",
    why="The pull fails before the first attempt.",
)
IMAGE_BLOCKED = Rule(
    name="image-blocked",
    severity=_WARNING,
    summary="An image cannot be pulled: every location is blocked, or policy.json refuses it",
    why="A workload with this image waits in `ImagePullBackOff`. policy.json checks the name in the pull spec, so a "
    "mirror does not bypass `blockedRegistries`.",
)
IMAGE_NOT_MIRRORED = Rule(
    name="image-not-mirrored",
    severity=_WARNING,
    summary="No mirror serves an image",
    why="Nodes pull it from the registry in its name. A disconnected cluster cannot, and a connected cluster depends "
    "on that registry.",
)
IMAGE_MIRROR_FORM = Rule(
    name="image-mirror-form",
    severity=_WARNING,
    summary="An image is referenced by tag but mirrored only for digests, or the reverse",
    why="Mirrors of an ImageDigestMirrorSet do not serve pulls by tag, and mirrors of an ImageTagMirrorSet do not "
    "serve pulls by digest. Nodes skip them silently.",
)
KONFLUX_MIRROR_SET = Rule(
    name="konflux-mirror-set",
    severity=_WARNING,
    summary="A Konflux pipeline does not do what its image mirror set says",
    why="`.tekton/images-mirror-set.yaml` looks like an ImageDigestMirrorSet, but no cluster reads it. The pipeline "
    "reads only sources and mirrors of digests, compares whole repositories, all but their last part, or hosts, and "
    "asks the source first.",
)
MAPPING_MISMATCH = Rule(
    name="mapping-mismatch",
    severity=_WARNING,
    summary="A mapping copies an image to another repository than the mirrors of the policy",
    why="Nodes ask the repositories of the mirrors. What oc-mirror copied elsewhere is not found there, and the pull "
    "fails with `manifest unknown` or goes to the source.",
)
IMAGE_UNRESOLVED = Rule(
    name="image-unresolved",
    severity=_WARNING,
    summary="The manifest does not say which image is meant",
    why="The image is a template, contains a variable or is set by the cluster. mirrorc does not guess.",
)

# Signature policies that the cluster accepts, and that do something unexpected

SIGNATURE_INACTIVE = Rule(
    name="signature-inactive",
    severity=_WARNING,
    summary="A signature policy has no effect on most clusters of the release",
    why="Before 4.20 the controller reads signature policies only with the feature set TechPreviewNoUpgrade, and "
    "before 4.18 it reads no ImagePolicy. mirrorc compiles what a cluster with the feature set makes.",
)
PAYLOAD_POLICY_REPLACED = Rule(
    name="payload-policy-replaced",
    severity=_NOTE,
    summary="A ClusterImagePolicy has the name of the one in the release payload",
    why="From 4.21 on the payload brings a ClusterImagePolicy `openshift`, and the version operator writes it again "
    "whenever it differs. mirrorc compiles the manifest instead of the payload's.",
)
POLICY_SCOPE_DROPPED = Rule(
    name="policy-scope-dropped",
    severity=_WARNING,
    summary="A scope of an ImagePolicy has no effect, because a ClusterImagePolicy covers it",
    why="The cluster drops the scope and notes it only in the object's status (condition Pending, reason "
    "ConflictScopes).",
)
SCOPE_SIGNED_TWICE = Rule(
    name="scope-signed-twice",
    severity=_WARNING,
    summary="Several signature policies have the same scope",
    why="All of them apply, so an image needs a signature for each. The controller takes them in a random "
    "order: policy.json and the MachineConfig can change although no policy does.",
)
SCOPE_NEVER_MATCHES = Rule(
    name="scope-never-matches",
    severity=_WARNING,
    summary="No image matches a scope of a signature policy",
    why="The API server accepts scopes that no image is looked up under, and `docker.io/NAME` is a namespace, not an "
    "image. No signature is required where the policy was meant to apply.",
)
SCOPE_NOT_LOADABLE = Rule(
    name="scope-not-loadable",
    severity=_WARNING,
    summary="CRI-O cannot load a policy.json with a scope of a signature policy",
    why="The controller writes a scope for the transport `atomic` too, which accepts a tag or digest only after two "
    "path components. CRI-O refuses the whole file because of this scope, so every pull on every node fails, or every "
    "pull in the namespace of an ImagePolicy. This was read in the code of CRI-O and containers/image, not run on a "
    "cluster.",
)
IDENTITY_NEVER_MATCHES = Rule(
    name="identity-never-matches",
    severity=_WARNING,
    summary="The signed identity or signer of a policy fits no signature of its images",
    why="Every pull of an image in the scopes fails, or a remapping has no effect.",
)
POLICY_ON_MIRROR = Rule(
    name="policy-on-mirror",
    severity=_WARNING,
    summary="A scope of a signature policy is a mirror of another source",
    why="A node looks up signatures by the name in the pod, not by the mirror that delivers the image, and compares "
    "that name with the one in the signature. Images that are signed again under the mirror's name need RemapIdentity "
    "or ExactRepository in a policy on the source.",
)
SIGNATURE_ORDER_RANDOM = Rule(
    name="signature-order-random",
    severity=_WARNING,
    summary="The controller writes signature settings in an order that is not fixed",
    why="The compiled file can differ from the cluster's file in the order, and the cluster rolls out a new "
    "MachineConfig whenever the order changes.",
)

# What is said to mirrorc in comments

INVALID_ALLOWANCE = Rule(
    name="invalid-allowance",
    severity=_WARNING,
    summary="A suppression comment is not valid",
    why="The comment suppresses nothing: it names no rule, an unknown rule or a rule that cannot be suppressed, or it "
    "gives no reason.",
)
UNUSED_ALLOWANCE = Rule(
    name="unused-allowance",
    severity=_WARNING,
    summary="A suppression comment is unused",
    why="The finding it suppressed no longer exists, or never did. If the comment stays, it hides the next finding of "
    "this rule on this line before anyone has seen it.",
)

RULES: dict[str, Rule] = {rule.name: rule for rule in tuple(globals().values()) if isinstance(rule, Rule)}
"""Every rule by name, in the order of this file."""

ABOUT_IMAGES = frozenset(
    rule.name
    for rule in (
        INVALID_IMAGE,
        IMAGE_BLOCKED,
        IMAGE_NOT_MIRRORED,
        IMAGE_MIRROR_FORM,
        MAPPING_MISMATCH,
        IMAGE_UNRESOLVED,
    )
)
"""The rules of `mirrorc images`, which `mirrorc check` says nothing about."""
