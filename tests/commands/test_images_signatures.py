"""`mirrorc images` about signatures: what is required, and where none is looked for."""

import json
from pathlib import Path

import pytest

from compiler.explain.explanation import Explainer
from compiler.explain.judge import Judge, Status
from compiler.node.configuration import overlay, read_node_conf
from compiler.node.policy_json import read_policy_json
from compiler.node.registries_d import read_registries_d
from compiler.node.signatures import SignaturePolicy
from compiler.text.span import File
from tests.command import run_mirrorc
from tests.conformance import Json, as_list, as_object, objects
from tests.manifest_texts import mirror_set
from tests.node_files import CONF, given, lookup, policy, signed
from tests.repositories import write

SCOPES: dict[str, Json] = {
    "quay.io/ns": [signed()],
    "quay.io/ns/free": [{"type": "insecureAcceptAnything"}],
    "*.wild.io": [signed()],
    "port.io:5000": [signed()],
    "one.io/x:1": [signed()],
    "one.io/x@sha256:" + "ab" * 32: [signed()],
}


def judge(*keys: str, scopes: dict[str, Json] = SCOPES) -> Judge:
    """One for nodes that look for signatures at these places."""
    conf = overlay(read_node_conf("r.conf", CONF.encode()).registries)
    requirements = read_policy_json(File("policy.json", policy(**scopes)))
    lookups = read_registries_d([File("sigstore.yaml", lookup(*keys))])
    return Judge(Explainer(conf, signatures=SignaturePolicy(requirements=requirements, lookup=lookups)))


@pytest.mark.parametrize(
    ("image", "is_signed"),
    [
        ("quay.io/ns/app:1", True),
        ("quay.io/ns/free/app:1", False),
        ("quay.io/nsx/app:1", False),
        ("a.b.wild.io:5000/app:1", True),
        ("wild.io/app:1", False),
        ("port.io:5000/app:1", True),
        ("port.io/app:1", False),
        ("one.io/x:1", True),
        ("one.io/x:2", False),
        ("one.io/x@sha256:" + "ab" * 32, True),
        ("one.io/x/y:1", False),
    ],
)
def test_a_signature_is_required_of_what_its_scope_names(image: str, is_signed: bool) -> None:
    standing = judge("quay.io", "m.example.com", "wild.io", "one.io", "port.io:5000", '"*.wild.io"').judge(image)
    assert (standing.signature is not None) is is_signed
    assert standing.status is not Status.BLOCKED


def test_what_is_looked_for_nowhere_cannot_be_pulled() -> None:
    standing = judge("other.io").judge("quay.io/ns/app:1")
    assert standing.status is Status.BLOCKED
    assert standing.detail == "a sigstore signature is required, but nodes look for one at no location of the image"
    assert [str(span) for span in standing.spans] == ["policy.json:10:9"]


def test_a_default_that_requires_signatures_concerns_every_image() -> None:
    required = SignaturePolicy(
        requirements=read_policy_json(File("policy.json", json.dumps({"default": [signed()]}))),
        lookup=read_registries_d([File("d.yaml", "default-docker: {use-sigstore-attachments: true}\n")]),
    )
    conf = overlay(read_node_conf("r.conf", CONF.encode()).registries)
    standing = Judge(Explainer(conf, signatures=required)).judge("any.io/x:1")
    assert standing.signature is not None
    assert standing.signature.scope is None


def test_images_that_stand_alike_share_one_standing() -> None:
    """The reports put what many images have in common into words once."""
    of_cluster = judge("quay.io", "m.example.com")
    assert of_cluster.judge("quay.io/ns/a:1") is of_cluster.judge("quay.io/ns/b:1")


def test_what_is_required_and_missing_is_reported(tmp_path: Path) -> None:
    (tmp_path / "r.conf").write_text(CONF)
    (tmp_path / "policy.json").write_text(policy(**SCOPES))
    (tmp_path / "list.txt").write_text("quay.io/ns/app:1\nquay.io/ns/free/app:1\none.io/x:1\n")
    files = given("r.conf", "policy.json", "sigstore.yaml")
    (tmp_path / "sigstore.yaml").write_text(lookup("quay.io/ns", "m.example.com/a", "m.example.com/b", "one.io"))
    ran = run_mirrorc("images", "--from=list.txt", *files, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (
        0,
        """\
not mirrored  one.io/x:1
              no mirror source matches; a sigstore signature is required
              policy.json:33:9
              list.txt:3:1
mirrored      quay.io/ns/app:1  (signature required)  from m.example.com/a
mirrored      quay.io/ns/free/app:1  from m.example.com/a

3 images: 1 not mirrored, 2 mirrored
1 mirrored image needs a sigstore signature: mirror the signature too, the tag
`sha256-….sig` of each
""",
    )
    (tmp_path / "sigstore.yaml").write_text(lookup("quay.io/ns", "m.example.com/a", "one.io"))
    ran = run_mirrorc("images", "--from=list.txt", *files, "--format=json", cwd=tmp_path)
    images = {str(image["image"]): image for image in objects(as_object(json.loads(ran.stdout)), "images")}
    (standing,) = as_list(images["quay.io/ns/app:1"]["standings"])
    signature = as_object(as_object(standing)["signature"])
    (requirement,) = objects(signature, "requirements")
    assert requirement["type"] == "sigstoreSigned"
    assert requirement["signed_identity"] == {"type": "matchRepoDigestOrExact"}
    assert [place["path"] for place in objects(requirement, "origins")] == ["policy.json"]
    assert signature | {"requirements": []} == {
        "scope": "quay.io/ns",
        "identity": "quay.io/ns/app:1",
        "policies": [],
        "requirements": [],
        "not_looked_for_at": ["m.example.com/b/app"],
    }
    (standing,) = as_list(images["quay.io/ns/free/app:1"]["standings"])
    free = as_object(as_object(standing)["signature"])
    assert (free["scope"], [each["type"] for each in objects(free, "requirements")]) == (
        "quay.io/ns/free",
        ["insecureAcceptAnything"],
    )


def test_json_says_of_every_pull_what_explain_says(tmp_path: Path) -> None:
    pulls = [
        "quay.io/ns/app:1",
        "one.io/x",
        "UPPER:1",
        "short:1",
        "a.b.wild.io:5000/app@sha256:" + "ab" * 32,
        "no.io/x",
    ]
    conf = CONF + '[[registry]]\nlocation = "no.io"\nblocked = true\n'
    (tmp_path / "r.conf").write_text(f'unqualified-search-registries = ["quay.io", "one.io"]\n{conf}')
    (tmp_path / "policy.json").write_text(policy(**SCOPES))
    (tmp_path / "list.txt").write_text("\n".join(pulls))
    (tmp_path / "d.yaml").write_text(lookup("quay.io/ns", "m.example.com/a"))
    files = given("r.conf", "policy.json", "d.yaml")
    ran = run_mirrorc("explain", *pulls, *files, "--format=json", cwd=tmp_path)
    explained = objects(as_object(json.loads(ran.stdout)), "results")
    ran = run_mirrorc("images", "--from=list.txt", *files, "--format=json", cwd=tmp_path)
    images = {str(each["image"]): each for each in objects(as_object(json.loads(ran.stdout)), "images")}
    for pull, result in zip(pulls, explained, strict=True):
        (standing,) = objects(images[pull], "standings")
        told = [standing, *(objects(standing, "candidates") if "candidates" in standing else [])]
        meant = [result, *objects(result, "candidates")]
        for said, other in zip(told, meant, strict=True):
            assert {"policies": 0, "not_looked_for_at": 0, **as_object(said["signature"])} == {
                **{key: as_object(said["signature"]).get(key, 0) for key in ("policies", "not_looked_for_at")},
                **as_object(other["signature"]),
            }
            assert said["attempts"] == [
                {key: attempt[key] for key in ("endpoint", "signatures_looked_for")}
                for attempt in objects(other, "attempts")
            ]
    assert "candidates" in objects(images["short:1"], "standings")[0]


def test_clusters_that_require_something_else_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: a, paths: [a]}\n- {name: b, paths: [b]}\n")
    mirrors = mirror_set("quay", {"quay.io/ns": ["m.io/ns"]})
    write(tmp_path, "a/mirrors.yaml", text=mirrors)
    image = "{apiVersion: config.openshift.io/v1, kind: Image, metadata: {name: cluster}, spec: {registrySources: "
    allowed = "{allowedRegistries: [quay.io, m.io, registry.redhat.io]}}}"
    write(tmp_path, "b/mirrors.yaml", text=f"{mirrors}\n---\n{image}{allowed}\n")
    (tmp_path / "list.txt").write_text("quay.io/ns/app@sha256:" + "ab" * 32)
    ran = run_mirrorc("images", "--from=list.txt", "--format=json", "--payload-policy=none", cwd=tmp_path)
    (image_,) = objects(as_object(json.loads(ran.stdout)), "images")
    told = [(each["clusters"], as_object(each["signature"])["scope"]) for each in objects(image_, "standings")]
    assert told == [(["a"], None), (["b"], "quay.io")]


def test_the_policies_that_require_signatures_are_named(tmp_path: Path) -> None:
    release = "quay.io/openshift-release-dev/ocp-release"
    write(tmp_path, "mirrors.yaml", text=mirror_set("release", {release: ["m.io/release"]}))
    (tmp_path / "list.txt").write_text(f"{release}@sha256:{'ab' * 32}\n{release}@sha256:{'cd' * 32}\n")
    ran = run_mirrorc("images", "--from=list.txt", "--repo=.", "--release=4.21", cwd=tmp_path)
    assert ran.stdout.endswith(
        "2 mirrored images need a sigstore signature, required by ClusterImagePolicy\n"
        "openshift of the release payload: mirror the signature too, the tag\n`sha256-….sig` of each\n"
    )
