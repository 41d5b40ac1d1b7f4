"""What nodes require by an analysis is what a node reads from the files that are made of it, and knows its places."""

from collections.abc import Mapping

import pytest

from compiler.manifests.parsing import parse
from compiler.names.reference import parse_normalized
from compiler.names.releases import RELEASES
from compiler.node.admission import Admission
from compiler.node.configuration import read_node_files
from compiler.node.registries_d import SignatureLookup, read_registries_d
from compiler.node.requirements import ACCEPTS_EVERYTHING, RequirementPolicy, ScopeRequirements
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.node_files import node_files
from compiler.policy.requirements import signature_policy
from compiler.policy.settings import PAYLOAD_NONE, Settings
from compiler.text.span import File
from tests.conformance import LOWERED, as_object, parsed_input, recordings, text

KEY = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KYQotLS0tLUVORCBQVUJMSUMgS0VZLS0tLS0K"
CLUSTER_POLICY = f"""\
apiVersion: config.openshift.io/v1
kind: ClusterImagePolicy
metadata: {{name: signed}}
spec:
  scopes:
    - quay.io/ns
  policy:
    rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {KEY}}}}}
    signedIdentity: {{matchPolicy: MatchRepository}}
"""
NAMESPACE_POLICY = f"""\
apiVersion: config.openshift.io/v1
kind: ImagePolicy
metadata: {{name: more, namespace: team}}
spec:
  scopes: [registry.example.com/team, quay.io/ns/app]
  policy:
    rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {KEY}}}}}
"""
IMAGE_CONFIG = """\
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec:
  registrySources:
    allowedRegistries: [quay.io, registry.example.com]
"""


def analysed(*texts: str, release: str = "5.0", payload: str = PAYLOAD_NONE) -> Analysis:
    chosen = Settings(release=RELEASES[release], payload_policy=payload)
    return analyse([parse(File(f"{n}.yaml", each), chosen.release) for n, each in enumerate(texts)], chosen)


def described(policy: RequirementPolicy) -> tuple[object, object]:
    """A policy without its provenance."""

    def plain(requirements: ScopeRequirements) -> object:
        return [each.members for each in requirements.requirements]

    scopes = {scope: plain(requirements) for scope, requirements in policy.scopes.items()}
    return plain(policy.default), scopes


def enabled(lookup: SignatureLookup | None) -> Mapping[str, object]:
    assert lookup is not None
    assert lookup.default is None
    return {scope: setting.enabled for scope, setting in lookup.docker.items()}


@pytest.mark.parametrize(
    "name", ["imagepolicy", "imagepolicy-corners", "imagepolicy-releases", "imagepolicy-releases-corners", "compile"]
)
def test_the_model_is_what_a_node_reads_from_the_files(name: str) -> None:
    compared = 0
    for line in recordings(name):
        inputs = as_object(line["input"])
        release = RELEASES[text(line, "release") or "5.0"]
        chosen = Settings(release=release, severities=LOWERED, payload_policy=PAYLOAD_NONE)
        if image := text(inputs, "releaseImage"):
            chosen = Settings(release=release, severities=LOWERED, payload_policy=PAYLOAD_NONE, release_image=image)
        analysis = analyse(parsed_input(inputs, release), chosen)
        if not analysis.ok:
            continue
        files = node_files(analysis, release)
        conf = read_node_files(files, {path: path for path in files})
        lookup = read_registries_d(conf.signature_files)
        for namespace in ("", "of-no-policy", *analysis.signatures.namespaces):
            made = signature_policy(analysis, namespace)
            on_node = conf.namespaces.get(namespace) or conf.policy or ACCEPTS_EVERYTHING
            assert described(made.requirements) == described(on_node), line["id"]
            assert enabled(made.lookup) == enabled(lookup), line["id"]
            compared += 1
        assert set(conf.namespaces) == set(analysis.signatures.namespaces)
    assert compared > 20


def test_a_requirement_has_its_policy_and_its_place() -> None:
    analysis = analysed(CLUSTER_POLICY, NAMESPACE_POLICY)
    made = signature_policy(analysis, "team").requirements
    (of_cluster,) = made.scopes["quay.io/ns"].requirements
    assert (of_cluster.policy, of_cluster.payload) == ("ClusterImagePolicy signed", False)
    assert [str(span) for span in of_cluster.origins] == ["0.yaml:6:7"]
    assert of_cluster.identity is not None
    assert of_cluster.identity.type == "matchRepository"
    (of_namespace,) = made.scopes["registry.example.com/team"].requirements
    assert of_namespace.policy == "ImagePolicy team/more"
    assert [str(span) for span in of_namespace.origins] == ["1.yaml:5:12"]
    assert "quay.io/ns/app" not in made.scopes  # a cluster policy covers it
    assert list(signature_policy(analysis).requirements.scopes) == ["quay.io/ns"]
    assert list(signature_policy(analysis, "other").requirements.scopes) == ["quay.io/ns"]


def test_the_policy_of_the_payload_has_no_place() -> None:
    made = signature_policy(analysed(payload="default", release="4.21"))
    (required,) = made.requirements.scopes["quay.io/openshift-release-dev/ocp-release"].requirements
    assert (required.policy, required.payload, required.origins) == ("ClusterImagePolicy openshift", True, ())
    assert signature_policy(analysed(payload="default", release="4.20")).requirements == ACCEPTS_EVERYTHING


def test_lists_and_signatures_are_known_by_their_places() -> None:
    analysis = analysed(CLUSTER_POLICY, IMAGE_CONFIG)
    made = signature_policy(analysis).requirements
    assert made.default.rejects
    (accepted,) = made.scopes["registry.example.com"].requirements
    assert [str(span) for span in accepted.origins] == ["1.yaml:6:34"]
    assert made.scopes["quay.io/ns"].needs_sigstore


@pytest.mark.parametrize(
    ("lists", "image", "setting"),
    [
        ("blockedRegistries: [quay.io/other]", "quay.io/other/x:1", "blockedRegistries"),
        ("blockedRegistries: [quay.io/tagged]", "quay.io/tagged/app:1", None),
        ("blockedRegistries: [quay.io/tagged]", "quay.io/tagged/app:2", "blockedRegistries"),
        ("allowedRegistries: [quay.io]", "quay.io/ns/x:1", None),
        ("allowedRegistries: [quay.io]", "other.io/x:1", "allowedRegistries"),
    ],
)
def test_a_signed_scope_is_accepted_inside_what_is_refused(lists: str, image: str, setting: str | None) -> None:
    """Nesting knows no tags: the controller lets one image be signed in a repository that is blocked."""
    image_config = IMAGE_CONFIG.replace("allowedRegistries: [quay.io, registry.example.com]", lists)
    scopes = CLUSTER_POLICY.replace("    - quay.io/ns\n", "    - quay.io/ns\n    - quay.io/tagged/app:1\n")
    if "allowed" in lists:
        scopes = CLUSTER_POLICY
    analysis = analysed(scopes, image_config)
    admission = Admission.of_image_config(
        analysis.policy.image,
        analysis.guarded.policy_blocked,
        analysis.guarded.allowed,
        signed=signature_policy(analysis).requirements.scopes,
    )
    refusal = admission.refusal(parse_normalized(image))
    assert (refusal.setting if refusal else None) == setting
    on_node = Admission.of_requirements(signature_policy(analysis).requirements)
    assert (on_node.refusal(parse_normalized(image)) is not None) is (setting is not None)
