"""`mirrorc explain` about signatures: the recordings through the command, and what people and programs read."""

from pathlib import Path

import pytest

from compiler.names.lookup import identity_of
from compiler.names.reference import parse_named
from tests.command import run_mirrorc
from tests.conformance import Json, as_object, as_text, objects, recordings, text, texts
from tests.in_process import Ran, Run, runner
from tests.node_files import CONF, given, lookup, machine_config, policy, signed

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `mirrorc explain` in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    return runner("explain", monkeypatch, capfd)


@pytest.mark.parametrize("name", ["signature-lookup", "signature-lookup-corners"])
def test_every_recorded_lookup_is_explained(run: Run, tmp_path: Path, name: str) -> None:
    for line in recordings(name):
        inputs = as_object(line["input"])
        files = {
            "registries.conf": text(inputs, "registries_conf"),
            "policy.json": text(inputs, "policy_json"),
            "sigstore-registries.yaml": text(inputs, "sigstore_registries_yaml"),
        }
        present = {path: content for path, content in files.items() if content}
        for path, content in present.items():
            (tmp_path / path).write_text(content)
        ran = run(*texts(inputs, "refs"), *given(*present), "--format=json")
        assert ran.err == ""
        for result, recorded in zip(ran.results, objects(as_object(line["expected"]), "results"), strict=True):
            assert result["pull_spec"] == recorded["ref"]
            assert result["error"] == recorded["error"]
            signature = as_object(result["signature"])
            assert (signature["scope"], signature["identity"]) == (recorded["scope"], recorded["identity"])
            attempts = [
                (identity_of(parse_named(as_text(attempt["reference"]))), attempt["signatures_looked_for"])
                for attempt in objects(result, "attempts")
            ]
            assert attempts == [
                (attempt["reference"], attempt["attachments"]) for attempt in objects(recorded, "attempts")
            ]


def test_a_required_signature_is_explained_for_people(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.conf").write_text(CONF)
    (tmp_path / "policy.json").write_text(policy(**{"quay.io/ns": [signed()]}))
    (tmp_path / "sigstore.yaml").write_text(lookup("quay.io/ns", "m.example.com/a"))
    ran = run("quay.io/ns/app:1", *given("r.conf", "policy.json", "sigstore.yaml"))
    assert ran == Ran(
        0,
        """\
quay.io/ns/app:1
  entry     quay.io/ns
            r.conf:3:14
  signature A sigstore signature is required for quay.io/ns.
            policy.json:10:9
            It must carry the name `quay.io/ns/app:1` (matchRepoDigestOrExact).
            Only the location that serves the image must have it.
  1. try    m.example.com/a/app:1
            mirror
            r.conf:6:16  lists it
            Mirror the signature too: tag `sha256-….sig` in m.example.com/a/app
  2. try    m.example.com/b/app:1
            mirror
            r.conf:9:16  lists it
            Nodes do not look for signatures here: the pull fails if this
            location serves the image.
  3. try    quay.io/ns/app:1
            the source itself
            The signature is tag `sha256-….sig` in quay.io/ns/app
  verdict   Mirrors first; the source if none of them serves the image.
""",
        "",
    )
    ran = run(f"quay.io/ns/app@{DIGEST}", *given("r.conf", "policy.json", "sigstore.yaml"))
    assert "Mirror the signature too: tag `sha256-abababababab….sig` in" in ran.out
    assert "It must carry a name in `quay.io/ns/app` with a tag or digest" in ran.out
    assert "signature" not in run("quay.io/other:1", *given("r.conf", "policy.json", "sigstore.yaml")).out


def test_an_image_whose_signature_is_looked_for_nowhere_cannot_be_pulled(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(policy(**{"quay.io/ns": [signed()]}))
    (tmp_path / "other.yaml").write_text(lookup("other.io"))
    ran = run("quay.io/ns/app:1", *given("policy.json", "other.yaml"), "--format=json")
    (result,) = ran.results
    assert result["outcome"] == "cannot-be-pulled"
    assert [attempt["signatures_looked_for"] for attempt in objects(result, "attempts")] == [False]
    ran = run("quay.io/ns/app:1", *given("policy.json", "other.yaml"))
    assert "Cannot be pulled: a signature is required, but nodes look for one at" in ran.out


def test_without_registries_d_nothing_is_claimed_about_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(policy(**{"quay.io/ns": [signed()]}))
    ran = run("quay.io/ns/app:1", *given("policy.json"))
    assert ran.err == "registries.d was not checked: give its files with further --registries-conf.\n"
    assert "It is unknown whether nodes look for signatures here." in ran.out
    assert "Cannot be pulled" not in ran.out


def at(line: int, column: int) -> list[Json]:
    return [{"path": "policy.json", "line": line, "column": column}]


def test_json_names_every_requirement_and_where_it_is_written(run: Run, tmp_path: Path) -> None:
    remap = signed(type="remapIdentity", prefix="quay.io/ns", signedPrefix="m.example.com/a")
    (tmp_path / "policy.json").write_text(policy(**{"quay.io/ns": [{"type": "insecureAcceptAnything"}, remap]}))
    ran = run("quay.io/ns/app:1", "other.io/x:1", *given("policy.json"), "--format=json")
    inside, outside = (as_object(result["signature"]) for result in ran.results)
    accepting: dict[str, Json] = {
        "type": "insecureAcceptAnything",
        "trust": None,
        "signed_identity": None,
        "policy": None,
        "payload": False,
    }
    assert inside == {
        "scope": "quay.io/ns",
        "identity": "quay.io/ns/app:1",
        "requirements": [
            {**accepting, "origins": at(10, 9)},
            {
                "type": "sigstoreSigned",
                "trust": "keyData",
                "signed_identity": remap["signedIdentity"],
                "policy": None,
                "payload": False,
                "origins": at(13, 9),
            },
        ],
    }
    assert outside == {
        "scope": None,
        "identity": "other.io/x:1",
        "requirements": [{**accepting, "origins": at(3, 5)}],
    }


@pytest.mark.parametrize("pull_spec", ["app", "quay.io/Upper/x", "quay.io/ns/app:1"])
def test_json_always_has_a_signature(run: Run, pull_spec: str) -> None:
    (result,) = run(pull_spec, "--format=json").results
    for each in (result, *objects(result, "candidates")):
        assert as_object(each["signature"]).keys() == {"scope", "identity", "requirements"}
        assert all("signatures_looked_for" in attempt for attempt in objects(each, "attempts"))


@pytest.mark.parametrize(
    ("requirements", "name", "accepted", "reason"),
    [
        ([signed()], "quay.io/ns/app:1", True, "matchRepoDigestOrExact accepts the name `quay.io/ns/app:1`"),
        ([signed()], "quay.io/ns/app:2", False, "matchRepoDigestOrExact requires the name `quay.io/ns/app:1`"),
        ([signed()], "m.example.com/a/app:1", False, "matchRepoDigestOrExact requires the name `quay.io/ns/app:1`"),
        (
            [signed(type="matchRepository")],
            "quay.io/ns/app",
            True,
            "matchRepository accepts a name in `quay.io/ns/app`",
        ),
        (
            [signed(type="remapIdentity", prefix="quay.io/ns", signedPrefix="m.example.com/a")],
            "m.example.com/a/app:1",
            True,
            "remapIdentity accepts the name `m.example.com/a/app:1`",
        ),
        (
            [signed(type="remapIdentity", prefix="quay.io/ns", signedPrefix="docker.io")],
            "docker.io/library/app:1",
            False,
            "remapIdentity requires a name that no image can have: `docker.io/app:1` is not a full image reference",
        ),
        (
            [signed(type="exactReference", dockerReference="quay.io/x:1")],
            "quay.io/x:1",
            True,
            "exactReference accepts the name `quay.io/x:1`",
        ),
        (
            [signed(), signed(type="exactRepository", dockerRepository="quay.io/x")],
            "quay.io/ns/app:1",
            False,
            "exactRepository requires a name in `quay.io/x`, with or without a tag or digest",
        ),
        ([signed()], "Upper/x", False, "`Upper/x` is not a valid image reference: upper-case letters"),
        ([signed()], "", False, "`` is not a valid image reference"),
        ([{"type": "reject"}], "quay.io/ns/app:1", False, "policy.json rejects the image, whatever signature it has"),
        ([{"type": "insecureAcceptAnything"}], "quay.io/x:1", True, "no signature is required"),
    ],
)
def test_whether_a_name_would_be_accepted(
    run: Run, tmp_path: Path, requirements: Json, name: str, accepted: bool, reason: str
) -> None:
    (tmp_path / "policy.json").write_text(policy(**{"quay.io/ns": requirements}))
    (tmp_path / "sigstore.yaml").write_text(lookup("quay.io/ns"))
    arguments = ("quay.io/ns/app:1", f"--signed-as={name}", *given("policy.json", "sigstore.yaml"))
    ran = run(*arguments, "--format=json")
    (result,) = ran.results
    assert (ran.code, result["signed_as"], result["accepted"]) == (0, name, accepted)
    assert as_text(result["reason"]).startswith(reason)
    shown = run(*arguments).out
    assert ("            Accepted: " in shown) is accepted
    assert ("            Not accepted: " in shown) is not accepted


def test_a_name_is_judged_only_where_that_is_asked(run: Run) -> None:
    (result,) = run("quay.io/ns/app:1", "--format=json").results
    assert "accepted" not in result
    (result,) = run("quay.io/Upper/x", "--signed-as=quay.io/x", "--format=json").results
    assert result["accepted"] is False


def test_a_machine_config_carries_all_of_it(run: Run, tmp_path: Path) -> None:
    files = {
        "containers/registries.conf": CONF,
        "containers/policy.json": policy(),
        "containers/registries.d/sigstore-registries.yaml": lookup("quay.io/ns", "m.example.com/a"),
        "crio/policies/team.json": policy(**{"quay.io/ns": [signed()]}),
        "crio/policies/deep/er.json": "not read",
        "containers/registries.d/notes.txt": "not read",
    }
    (tmp_path / "mc.json").write_text(machine_config(**files))
    ran = run("quay.io/ns/app:1", *given("mc.json"), "--format=json")
    (result,) = ran.results
    assert ran.err == ""
    assert as_object(result["signature"])["scope"] is None
    assert [attempt["signatures_looked_for"] for attempt in objects(result, "attempts")] == [True, False, True]
    ran = run("quay.io/ns/app:1", "--namespace=team", *given("mc.json"), "--format=json")
    (result,) = ran.results
    (requirement,) = objects(as_object(result["signature"]), "requirements")
    assert (ran.err, as_object(result["signature"])["scope"]) == ("", "quay.io/ns")
    assert requirement["origins"] == [{"path": "mc.json#/etc/crio/policies/team.json", "line": 10, "column": 9}]
    ran = run("quay.io/ns/app:1", "--namespace=other", *given("mc.json"), "--format=json")
    assert (ran.err, as_object(ran.results[0]["signature"])["scope"]) == ("", None)


def test_the_policy_of_a_namespace_is_known_by_where_it_is(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "crio" / "policies"
    folder.mkdir(parents=True)
    (folder / "team.json").write_text(policy(**{"quay.io/ns": [signed()]}))
    (tmp_path / "policy.json").write_text(policy())
    (tmp_path / "sigstore.yaml").write_text(lookup("quay.io/ns"))
    files = given("policy.json", "crio/policies/team.json", "sigstore.yaml")
    scopes = [
        as_object(run("quay.io/ns/app:1", *files, *namespace, "--format=json").results[0]["signature"])["scope"]
        for namespace in ([], ["--namespace=team"], ["--namespace=other"])
    ]
    assert scopes == [None, "quay.io/ns", None]
    assert run("quay.io/ns/app:1", *files, "--namespace=other").err == (
        "There is no policy.json of the namespace other; the node's policy.json applies.\n"
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.yaml": lookup("a.io"), "b.yaml": lookup("a.io")}, "b.yaml:2:3: the key `a.io` is also set at a.yaml:2:3"),
        ({"a.yaml": "docker: {a.io: {use-sigstore-attachments: maybe}}"}, "a.yaml:1:43: `use-sigstore-attachments`"),
        (
            {"a.json": policy(x=[signed()]), "b.json": policy(x=[signed(type="matchRepository")])},
            "are different policy.json files",
        ),
        ({"a.json": '{"default": [{"type": "sigstoreSigned"}]}'}, "a.json:1:14: exactly one of `keyPath`"),
    ],
)
def test_what_no_node_could_load_is_an_error_of_the_call(
    run: Run, tmp_path: Path, files: dict[str, str], message: str
) -> None:
    for path, content in files.items():
        (tmp_path / path).write_text(content)
    ran = run("quay.io/ns/app:1", *given(*files))
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


PUBLIC_KEY = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KYQotLS0tLUVORCBQVUJMSUMgS0VZLS0tLS0K"
POLICIES = f"""\
apiVersion: config.openshift.io/v1
kind: ClusterImagePolicy
metadata: {{name: signed}}
spec:
  scopes: [quay.io/ns]
  policy:
    rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {PUBLIC_KEY}}}}}
---
apiVersion: config.openshift.io/v1
kind: ImagePolicy
metadata: {{name: more, namespace: team}}
spec:
  scopes: [registry.example.com/team]
  policy:
    rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {PUBLIC_KEY}}}}}
    signedIdentity: {{matchPolicy: MatchRepository}}
---
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {{name: mirrors}}
spec:
  imageDigestMirrors:
    - source: quay.io/ns
      mirrors: [m.example.com/a]
    - source: quay.io/openshift-release-dev/ocp-release
      mirrors: [m.example.com/release]
"""


def test_the_policies_of_a_repo_are_named_with_their_places(run: Run, tmp_path: Path) -> None:
    (tmp_path / "repo.yaml").write_text(POLICIES)
    ran = run(f"quay.io/ns/app@{DIGEST}", "--repo=repo.yaml")
    assert ran == Ran(
        0,
        f"""\
quay.io/ns/app@{DIGEST}
  entry     quay.io/ns
            repo.yaml:23:15
  signature A sigstore signature is required for quay.io/ns by
            ClusterImagePolicy signed.
            repo.yaml:5:12
            It must carry a name in `quay.io/ns/app` with a tag or digest
            (matchRepoDigestOrExact).
            Only the location that serves the image must have it.
  1. try    m.example.com/a/app@sha256:abababababab…
            digest-only mirror
            repo.yaml:24:17  lists it
            Mirror the signature too: tag `sha256-abababababab….sig` in
            m.example.com/a/app
  2. try    quay.io/ns/app@sha256:abababababab…
            the source itself
            The signature is tag `sha256-abababababab….sig` in quay.io/ns/app
  verdict   Mirrors first; the source if none of them serves the image.
""",
        "",
    )
    ran = run(f"quay.io/ns/app@{DIGEST}", "--repo=repo.yaml", "--format=json")
    (requirement,) = objects(as_object(ran.results[0]["signature"]), "requirements")
    assert requirement == {
        "type": "sigstoreSigned",
        "trust": "keyData",
        "signed_identity": {"type": "matchRepoDigestOrExact"},
        "policy": "ClusterImagePolicy signed",
        "payload": False,
        "origins": [{"path": "repo.yaml", "line": 5, "column": 12}],
    }


def test_the_policies_of_a_namespace_apply_to_its_pods_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "repo.yaml").write_text(POLICIES)
    arguments = ("registry.example.com/team/app:1", "quay.io/ns/app:1", "--repo=repo.yaml", "--format=json")
    scopes = {
        namespace: [
            as_object(result["signature"])["scope"] for result in run(*arguments, f"--namespace={namespace}").results
        ]
        for namespace in ("", "team", "other")
    }
    assert scopes == {
        "": [None, "quay.io/ns"],
        "team": ["registry.example.com/team", "quay.io/ns"],
        "other": [None, "quay.io/ns"],
    }
    shown = run("registry.example.com/team/app:1", "--repo=repo.yaml", "--namespace=team").out
    assert "by\n            ImagePolicy team/more.\n            repo.yaml:13:12\n" in shown


def test_the_payload_requires_signatures_of_its_own_images(run: Run, tmp_path: Path) -> None:
    (tmp_path / "repo.yaml").write_text(POLICIES)
    release = f"quay.io/openshift-release-dev/ocp-release@{DIGEST}"
    shown = " ".join(run(release, "--repo=repo.yaml").out.split())
    assert (
        "signature A sigstore signature is required for quay.io/openshift-release-dev/ocp-release "
        "by ClusterImagePolicy openshift of the release payload. It must carry a name in "
        "`quay.io/openshift-release-dev/ocp-release` with a tag or digest (matchRepoDigestOrExact)."
    ) in shown
    assert "Mirror the signature too: tag `sha256-abababababab….sig` in m.example.com/release" in shown
    (result,) = run(release, "--repo=repo.yaml", "--format=json").results
    (requirement,) = objects(as_object(result["signature"]), "requirements")
    assert (requirement["policy"], requirement["payload"], requirement["origins"]) == (
        "ClusterImagePolicy openshift",
        True,
        [],
    )
    for options in (["--payload-policy=none"], ["--release=4.20"]):
        (result,) = run(release, "--repo=repo.yaml", "--format=json", *options).results
        assert as_object(result["signature"])["scope"] is None


def test_clusters_that_differ_in_signatures_are_answered_apart(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POLICIES)
    (tmp_path / "b.yaml").write_text(POLICIES.partition("---\n")[2])
    (tmp_path / ".mirrorc.yaml").write_text(
        "version: 1\nclusters:\n  - {name: a, paths: [a.yaml]}\n  - {name: b, paths: [b.yaml]}\n"
    )
    shown = run("quay.io/ns/app:1").out
    assert "quay.io/ns/app:1  in a\n" in shown
    assert "quay.io/ns/app:1  in b\n" in shown
    assert shown.count("signature A sigstore signature") == 1


def test_folders_of_a_node_are_read_as_the_node_reads_them(run: Run, tmp_path: Path) -> None:
    """The output of `build`, /etc/containers, or registries.d alone."""
    (tmp_path / "repo.yaml").write_text(POLICIES)
    assert run_mirrorc("build", "repo.yaml", "-o", "out", cwd=tmp_path).code == 0
    (tmp_path / "out" / "registries.d" / "comments.yaml").write_text("# nothing\n")
    (tmp_path / "out" / "registries.d" / "notes.txt").write_text("not read")
    (tmp_path / "out" / "storage.conf").write_text("not read")
    arguments = ("quay.io/ns/app:1", "registry.example.com/team/app:1", "--namespace=team", "--format=json")
    of_repo = run(*arguments, "--repo=repo.yaml").results

    def looked_for(results: list[dict[str, Json]]) -> list[object]:
        return [
            (as_object(result["signature"])["scope"], attempt["reference"], attempt["signatures_looked_for"])
            for result in results
            for attempt in objects(result, "attempts")
        ]

    for folders in (["out"], ["out/registries.conf", "out/policy.json", "out/registries.d", "out/crio/policies/"]):
        ran = run(*arguments, *given(*folders))
        assert (ran.code, ran.err) == (0, "")
        assert looked_for(ran.results) == looked_for(of_repo)


def test_a_folder_without_files_of_a_node_is_an_error_of_the_call(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("quay.io/ns/app:1", *given("empty"))
    assert (ran.code, ran.out) == (2, "")
    assert "empty contains no files of a node" in ran.err


def test_an_empty_registries_d_says_that_no_signatures_are_looked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "registries.d").mkdir()
    (tmp_path / "policy.json").write_text(policy(**{"quay.io/ns": [signed()]}))
    ran = run("quay.io/ns/app:1", *given("policy.json", "registries.d"), "--format=json")
    assert ran.err == ""
    assert ran.results[0]["outcome"] == "cannot-be-pulled"
