"""Signature policies to requirements: where each comes from, what is dropped, and what the payload brings."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from compiler.api import compile_paths
from compiler.manifests.parsing import parse
from compiler.names.releases import PAYLOAD_REPOSITORIES, RELEASES
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.artifacts import compile_analysis
from compiler.policy.settings import settings_of
from compiler.text.span import File
from tests.command import run_mirrorc
from tests.manifest_texts import image_config, mirror_set

KEY = (
    "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFaDBHYjFRMFRxVm1J"
    "TzN2MW1YNVk1SzhvWjJyUwprQzd5M045YjBmNVdqMXhxVW9WbkxrcTNkR21UNGVQcEhzWThjUnJYYUJ6RDZ3SnRFaUZ2TmxNZ1FB"
    "PT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg=="
)


def policy(name: str, *scopes: str, namespace: str = "", release: str = "5.0") -> str:
    api = RELEASES[release].signatures
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    trust = {"policyType": "PublicKey", "publicKey": {"keyData": KEY}}
    return json.dumps(
        {
            "apiVersion": api.api_version if api else "config.openshift.io/v1",
            "kind": "ImagePolicy" if namespace else "ClusterImagePolicy",
            "metadata": metadata,
            "spec": {"scopes": list(scopes), "policy": {"rootOfTrust": trust}},
        }
    )


def analysed(*texts: str, **settings: str) -> Analysis:
    chosen = settings_of(**settings)  # type: ignore[arg-type]  # the tests give texts alone
    parsed = [parse(File(f"{number}.yaml", text), chosen.release) for number, text in enumerate(texts)]
    return analyse(parsed, chosen)


@pytest.mark.parametrize(
    ("release", "scopes"), [("4.19", 0), ("4.20", 0), ("4.21", 1), ("4.22", 3), ("4.23", 3), ("5.0", 3)]
)
def test_the_payload_brings_its_own_policy(release: str, scopes: int) -> None:
    signatures = analysed(release=release).signatures
    assert signatures.scopes == PAYLOAD_REPOSITORIES[:scopes]
    for scope in signatures.scopes:
        (required,) = signatures.of(scope)
        assert required.from_payload
        assert required.origin == "the release payload's own ClusterImagePolicy `openshift`"


@pytest.mark.parametrize(
    ("release", "policy_json", "places"),
    [("4.21", (2848, "a3a7a566"), (88, "2503d875")), ("5.0", (8060, "d5f2aacc"), (258, "850ed987"))],
)
def test_the_files_of_a_default_cluster_are_the_recorded_ones(
    release: str, policy_json: tuple[int, str], places: tuple[int, str]
) -> None:
    settings = settings_of(release=release)
    files = compile_analysis(analyse([], settings), settings).files
    for name, wanted in (("policy.json", policy_json), ("registries.d/sigstore-registries.yaml", places)):
        assert (len(files[name]), sha256(files[name]).hexdigest()[:8]) == wanted


def test_a_manifest_with_the_payloads_name_replaces_its_policy() -> None:
    signatures = analysed(policy("openshift", "a.b/c")).signatures
    assert signatures.scopes == ("a.b/c",)
    assert not signatures.of("a.b/c")[0].from_payload


def test_each_requirement_names_its_policy_and_place() -> None:
    analysis = analysed(policy("b", "a.b/c"), policy("a", "a.b/c"), policy("n", "x.y", namespace="team"))
    first, second = analysis.signatures.cluster["a.b/c"]
    assert (first.name, second.name, str(first.span)[:6]) == ("a", "b", "1.yaml")
    (other,) = analysis.signatures.namespaces["team"]["x.y"]
    assert (other.origin, other.field) == ("the ImagePolicy `team/n`", "spec.scopes[0]")


def test_a_namespace_scope_under_a_cluster_scope_is_dropped() -> None:
    signatures = analysed(policy("a", "a.b/c"), policy("n", "a.b/c/d", "a.b", "a.b/c:v1", namespace="team")).signatures
    assert [(dropped.scope.value, dropped.covered_by) for dropped in signatures.dropped] == [("a.b/c/d", "a.b/c")]
    assert list(signatures.namespaces["team"]) == ["a.b", "a.b/c:v1"]


def test_data_is_written_as_it_is_decoded() -> None:
    (required,) = analysed(policy("a", "a.b/c"), payload_policy="none").signatures.of("a.b/c")
    members = dict(required.requirement.members)
    assert list(members) == ["type", "keyData", "signedIdentity"]
    assert b64decode(str(members["keyData"])).startswith(b"-----BEGIN PUBLIC KEY-----")
    assert members["signedIdentity"] == (("type", "matchRepoDigestOrExact"),)


def test_an_image_policy_without_a_namespace_is_left_out() -> None:
    text = policy("n", "a.b/c", namespace="x").replace('"namespace": "x"', '"labels": {}')
    left_out = analysed(text)
    assert [each.rule for each in left_out.diagnostics] == ["namespace-missing"]
    assert not left_out.signatures.namespaces


def test_a_kustomization_gives_its_namespace(folder: Path) -> None:
    (folder / "team").mkdir()
    text = policy("n", "a.b/c", namespace="x").replace('"namespace": "x"', '"labels": {}')
    (folder / "team" / "policy.yaml").write_text(text)
    (folder / "team" / "kustomization.yaml").write_text("namespace: team-a\nresources: [policy.yaml]\n")
    compilation = compile_paths(["."])
    assert compilation.ok
    assert compilation.diagnostics == ()
    assert "crio/policies/team-a.json" in compilation.files
    (folder / "kustomization.yaml").write_text("namespace: team-b\nresources: [team/policy.yaml]\n")
    assert [each.rule for each in compile_paths(["."]).diagnostics] == ["namespace-missing"]


def test_a_policy_of_another_project_is_none_of_ours() -> None:
    flux = "apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImagePolicy\nmetadata: {name: a}\nspec: {policy: {}}\n"
    sigstore = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec: {}\n"
    analysis = analysed(flux, sigstore)
    assert (analysis.diagnostics, analysis.policy.signature_policies) == ((), ())


def test_a_drop_in_brings_the_places_that_only_its_mirrors_need() -> None:
    release = PAYLOAD_REPOSITORIES[0]
    settings = settings_of(release="4.21", machine_config="drop-in")
    texts = (mirror_set("a", {release: ["m.io/release"], "quay.io/x": ["m.io/x"]}), image_config(insecureRegistries=[]))
    parsed = [parse(File(f"{number}.yaml", text), settings.release) for number, text in enumerate(texts)]
    files = compile_analysis(analyse(parsed, settings), settings).files
    attachments = "    use-sigstore-attachments: true\n"
    assert files["registries.d/99-mirrors.yaml"].decode() == f"docker:\n  m.io/release:\n{attachments}"
    assert files["registries.d/sigstore-registries.yaml"].decode() == f"docker:\n  {release}:\n{attachments}"
    assert b"path: /etc/containers/registries.d/99-mirrors.yaml" in files["machine-configs/99-worker-mirrors.yaml"]


def test_a_drop_in_with_a_mirror_that_has_no_name_is_a_warning() -> None:
    text = mirror_set("a", {PAYLOAD_REPOSITORIES[0]: ["m.io"]})
    analysis = analysed(text, machine_config="drop-in")
    (finding,) = analysis.diagnostics
    assert (finding.rule, str(finding.severity)) == ("signature-place-unnamed", "warning")
    assert analysis.ok
    assert not analysed(text).ok


def test_files_of_namespaces_have_a_limit(tmp_path: Path) -> None:
    """Each has the scopes of all namespaces; what is not made is an error, and no command takes it for no change."""
    texts = [policy("wide", *(f"q.io/a{n}" for n in range(200)))]
    texts += [policy("p", f"m.io/a{n}", namespace=f"ns{n}") for n in range(150)]
    path = tmp_path / "m.json"
    path.write_text("\n".join(texts), encoding="utf-8")
    analysis = analysed(*texts)
    assert not analysis.signatures.namespaces
    (finding,) = [each for each in analysis.diagnostics if each.rule == "unreadable-file"]
    assert "150 namespaces, with 203 scopes of all namespaces in each" in finding.message
    assert "--no-limits" in (finding.help or "")
    assert run_mirrorc("build", "m.json", "-o", "out", cwd=tmp_path).code == 2
    assert not (tmp_path / "out").exists()
    diff = run_mirrorc("diff", "m.json", "m.json", cwd=tmp_path)
    assert (diff.code, "Nothing changes" in diff.stdout) == (2, False)
    assert run_mirrorc("build", "m.json", "-o", "out", "--no-limits", cwd=tmp_path).code == 0


def test_places_of_signatures_have_a_limit() -> None:
    rules = mirror_set("m", {"q.io": [f"m{n}.io/x" for n in range(200)]})
    analysis = analysed(policy("wide", *(f"q.io/a{n}" for n in range(200))), rules)
    assert not analysis.signature_places
    assert "203 scopes" in str([each.message for each in analysis.diagnostics if each.rule == "unreadable-file"])
