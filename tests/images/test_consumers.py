"""Who pulls an image: nodes, builds and image imports have their own rules, by release; short names and mappings."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from compiler.explain.cluster_judge import ClusterJudge
from compiler.explain.consumers import Consumer, Imports, Pullers, _matches
from compiler.explain.explanation import Explainer
from compiler.explain.judge import Judge, Status
from compiler.explain.near_sources import NearSources
from compiler.images.lists import find_in_list
from compiler.manifests.kinds import ImportRule
from compiler.manifests.parsing import parse
from compiler.names.releases import RELEASES
from compiler.node.model import TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.policy.analysis import analyse
from compiler.policy.settings import Settings
from compiler.text.span import File, Located, Span
from tests.command import run_mirrorc

DIGEST = "@sha256:" + "4d" * 32

IMAGE = "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\nspec:\n"


def mirrors(kind: str, *rules: str) -> str:
    lists = {"ImageDigestMirrorSet": "imageDigestMirrors", "ImageTagMirrorSet": "imageTagMirrors"}
    list_field = lists.get(kind, "repositoryDigestMirrors")
    group = "operator.openshift.io/v1alpha1" if kind == "ImageContentSourcePolicy" else "config.openshift.io/v1"
    text = f"apiVersion: {group}\nkind: {kind}\nmetadata: {{name: x}}\nspec:\n  {list_field}:\n"
    return text + "".join(f"    - {{{rule}}}\n" for rule in rules)


def judge(*manifests: str, release: str = "4.20") -> ClusterJudge:
    settings = Settings(release=RELEASES[release])
    parsed = [parse(File(f"{number}.yaml", text), settings.release) for number, text in enumerate(manifests)]
    analysis = analyse(parsed, settings)
    return ClusterJudge(Pullers.of_analysis(analysis))


TAGS = mirrors("ImageTagMirrorSet", "source: quay.io/a, mirrors: [m.example.com/a]")


@pytest.mark.parametrize(
    ("release", "status"), [("4.13", Status.NOT_MIRRORED), ("4.14", Status.MIRRORED), ("5.0", Status.MIRRORED)]
)
@pytest.mark.parametrize("consumer", [Consumer.BUILD, Consumer.IMPORT])
def test_builds_and_imports_of_4_13_read_only_legacy_policies(release: str, status: Status, consumer: Consumer) -> None:
    ours = judge(TAGS, release=release)
    standing = ours.judge_for("quay.io/a/b:1", consumer)
    assert standing.status is status
    if status is Status.NOT_MIRRORED:
        who = "in a build" if consumer is Consumer.BUILD else "in an image import"
        said = f"{who}, 4.13 reads only ImageContentSourcePolicies here, and `quay.io/a` is in another kind"
        assert standing.detail == said
    assert ours.judge_for("quay.io/a/b:1", Consumer.NODE).status is Status.MIRRORED
    legacy = judge(mirrors("ImageContentSourcePolicy", "source: q.io, mirrors: [m.example.com]"), release=release)
    assert legacy.judge_for(f"q.io/b{DIGEST}", consumer).status is Status.MIRRORED


def test_a_build_has_its_own_search_list() -> None:
    search = IMAGE + "  registrySources: {containerRuntimeSearchRegistries: [other.example.com]}\n"
    ours = judge(TAGS, search)
    assert [each.image for each in ours.judge_for("ubi9", Consumer.BUILD).candidates] == [
        "registry.redhat.io/ubi9",
        "registry.access.redhat.com/ubi9",
        "quay.io/ubi9",
        "docker.io/library/ubi9",
    ]
    assert [each.image for each in ours.judge("ubi9").candidates] == ["other.example.com/ubi9"]
    assert ours.judge_for("ubi9", Consumer.IMPORT).candidates == ()


PAYLOAD = "quay.io/openshift-release-dev"


def test_the_release_image_is_not_kept_for_builds() -> None:
    ours = judge(IMAGE + f"  registrySources: {{blockedRegistries: [{PAYLOAD}]}}\n")
    image = f"{PAYLOAD}/ocp-release{DIGEST}"
    assert ours.judge(image).status is Status.NOT_MIRRORED
    assert ours.judge_for(image, Consumer.BUILD).status is Status.BLOCKED


def test_a_build_has_no_policy_where_registries_are_allowed_and_blocked() -> None:
    both = IMAGE + "  registrySources: {allowedRegistries: [quay.io], blockedRegistries: [docker.io]}\n"
    assert judge(both, release="4.17").judge_for("ghcr.io/a/b:1", Consumer.BUILD).status is Status.NOT_MIRRORED
    allowed = IMAGE + "  registrySources: {allowedRegistries: [quay.io]}\n"
    assert judge(allowed).judge_for("ghcr.io/a/b:1", Consumer.BUILD).status is Status.BLOCKED
    assert judge(allowed).judge_for("ghcr.io/a/b:1", Consumer.IMPORT).status is Status.NOT_MIRRORED


NEVER = mirrors(
    "ImageDigestMirrorSet",
    "source: quay.io, mirrors: [m.example.com], mirrorSourcePolicy: NeverContactSource",
    "source: ghcr.io/a, mirrors: [m.example.com/g], mirrorSourcePolicy: NeverContactSource",
)


@pytest.mark.parametrize(("release", "refused"), [("4.14", True), ("4.15", True), ("4.16", False), ("4.22", False)])
def test_imports_of_a_whole_registry_that_is_never_contacted(release: str, refused: bool) -> None:
    ours = judge(NEVER, release=release)
    standing = ours.judge_for(f"quay.io/b/c{DIGEST}", Consumer.IMPORT)
    assert (standing.status is Status.BLOCKED) is refused
    if refused:
        assert standing.detail == "in an image import, `quay.io` is blocked (mirrorSourcePolicy: NeverContactSource)"
        assert [str(span) for span in standing.spans] == ["0.yaml:6:71"]
    assert ours.judge_for(f"ghcr.io/a/c{DIGEST}", Consumer.IMPORT).status is Status.MIRRORED
    # By tag the source is asked, which nodes never do.
    assert ours.judge_for("ghcr.io/a/c:1", Consumer.IMPORT).status is Status.DIGESTS_ONLY
    assert ours.judge("ghcr.io/a/c:1").status is Status.BLOCKED


def test_wildcards_match_no_import() -> None:
    ours = judge(mirrors("ImageDigestMirrorSet", "source: '*.example.org', mirrors: [m.example.com]"))
    assert ours.judge(f"x.example.org/a{DIGEST}").status is Status.MIRRORED
    assert ours.judge_for(f"x.example.org/a{DIGEST}", Consumer.IMPORT).status is Status.NOT_MIRRORED


def test_only_a_blocked_host_blocks_an_import() -> None:
    blocked = judge(IMAGE + "  registrySources: {blockedRegistries: [quay.io, ghcr.io/a]}\n")
    assert blocked.judge_for("quay.io/b/c:1", Consumer.IMPORT).status is Status.BLOCKED
    assert blocked.judge_for("ghcr.io/a/b:1", Consumer.IMPORT).status is Status.NOT_MIRRORED


def test_a_source_matches_an_import_at_the_end_of_a_name_only() -> None:
    """Nodes take a host without a port for one with any; imports do not."""
    ours = judge(mirrors("ImageTagMirrorSet", "source: reg.example.com, mirrors: [m.example.com]"))
    assert ours.judge_for("reg.example.com:5000/a:1", Consumer.IMPORT).status is Status.NOT_MIRRORED


def test_allowed_registries_for_import() -> None:
    ours = judge(IMAGE + "  allowedRegistriesForImport: [{domainName: '*.example.com'}, {domainName: 'q.io:5000'}]\n")
    assert ours.judge_for("quay.io/a:1", Consumer.IMPORT).detail == (
        "in an image import, `quay.io` is not in allowedRegistriesForImport"
    )
    assert ours.judge_for("a.example.com/b:1", Consumer.IMPORT).status is Status.NOT_MIRRORED
    assert ours.judge("quay.io/a:1").status is Status.NOT_MIRRORED
    internal = "image-registry.openshift-image-registry.svc:5000/a/b:1"
    assert ours.judge_for(internal, Consumer.IMPORT).status is Status.MIRRORED


@pytest.mark.parametrize(
    ("rule", "insecure", "registry", "matches"),
    [
        ("quay.io", False, "quay.io", True),
        ("quay.io", False, "quay.io:443", True),
        ("quay.io", False, "quay.io:5000", False),
        ("quay.io", True, "quay.io:80", True),
        ("quay.io", True, "quay.io", True),
        ("quay.io:*", False, "quay.io:5000", True),
        ("q?ay.*", False, "quay.example.com", True),
        ("quay.io", False, "xquay.io", False),
        ("*", False, "any.example.com", True),
    ],
)
def test_rules_for_imports(rule: str, insecure: bool, registry: str, matches: bool) -> None:
    domain = Located(rule, Span(File("i.yaml"), 0, 0))
    assert _matches(ImportRule(domain, insecure), registry) is matches


def test_a_node_s_files_say_nothing_of_others() -> None:
    explainer = Explainer(
        RegistriesConf(
            entries=(RegistryEntry(location="q.io", mirrors=(Endpoint("m.io", pull_from_mirror=TAG_ONLY),)),)
        )
    )
    ours = ClusterJudge(Pullers.of_node(explainer))
    assert Imports(explainer=explainer).allowed == ()
    for consumer in Consumer:
        assert ours.judge_for("q.io/a:1", consumer).status is Status.MIRRORED


# --- Short names ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "chosen", "status"),
    [
        ("m.io, tag.io", "m.io/app:1", Status.NOT_MIRRORED),
        ("tag.io, m.io", "tag.io/app:1", Status.MIRRORED),
        ("blocked.io, tag.io", "tag.io/app:1", Status.MIRRORED),
        ("blocked.io", "blocked.io/app:1", Status.BLOCKED),
    ],
)
def test_the_candidate_that_a_node_gets(search: str, chosen: str, status: Status) -> None:
    lists = f"containerRuntimeSearchRegistries: [{search}], blockedRegistries: [blocked.io]"
    tags = mirrors("ImageTagMirrorSet", "source: tag.io, mirrors: [m.example.com]")
    standing = judge(tags, IMAGE + f"  registrySources: {{{lists}}}\n").judge("app:1")
    assert [each.image for each in standing.candidates] == [f"{host}/app:1" for host in search.split(", ")]
    assert [each.image for each in standing.candidates if each.chosen] == [chosen]
    assert standing.status is status


def test_each_candidate_has_a_line(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(mirrors("ImageDigestMirrorSet", "source: docker.io, mirrors: [m.example.com]"))
    (tmp_path / "pod.yaml").write_text("kind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: acme/web:2}]}\n")
    done = run_mirrorc("images", cwd=tmp_path)
    assert done.stdout == dedent(
        """\
        not mirrored  acme/web:2
                      it may be short for `registry.access.redhat.com/acme/web:2`: no
                      mirror source matches
                      > registry.access.redhat.com/acme/web:2  not mirrored
                        docker.io/acme/web:2  digests only
                      write the full name
                      pod.yaml:3:29  Pod p

        1 image: 1 not mirrored
        """
    )
    (image,) = json.loads(run_mirrorc("images", "--format", "json", cwd=tmp_path).stdout)["images"]
    assert [(each["image"], each["status"], each["chosen"]) for each in image["standings"][0]["candidates"]] == [
        ("registry.access.redhat.com/acme/web:2", "not-mirrored", True),
        ("docker.io/acme/web:2", "mirrored-for-digests", False),
    ]
    found = run_mirrorc("images", "--require", "mirrored", "--format", "text,concise", cwd=tmp_path)
    assert found.code != 0


# --- Mappings ------------------------------------------------------------------------


def test_a_mapping_has_two_sides() -> None:
    text = (
        f"docker://quay.io/a/b{DIGEST}=docker://m.example.com:5000/x/b:1\nq.io/a:1=m.example.com/a:1\n"
        "docker://q.io/c:1=oci:///tmp/c\nq.io/d:1=file://d\n"
    )
    found = find_in_list(File("mapping.txt", text))
    assert [(each.text, each.destination) for each in found.references] == [
        (f"quay.io/a/b{DIGEST}", "m.example.com:5000/x/b"),
        ("q.io/a:1", "m.example.com/a"),
        ("q.io/c:1", ""),
        ("q.io/d:1", ""),
    ]


def test_policy_and_mapping_lead_to_different_repositories() -> None:
    digests = mirrors("ImageDigestMirrorSet", "source: quay.io/a, mirrors: [m1.example.com/a, m2.example.com/a]")
    ours = judge(digests)
    image = f"quay.io/a/b{DIGEST}"
    assert ours.judge_copy(image, "m2.example.com/a/b").status is Status.MIRRORED
    standing = ours.judge_copy(image, "m2.example.com/a")
    assert (standing.status, standing.disagrees) == (Status.NOT_MIRRORED, True)
    assert standing.detail == (
        "the policy leads to `m1.example.com/a/b` and `m2.example.com/a/b`, "
        "but the mapping copies it to `m2.example.com/a`"
    )
    # The source is not a copy, and what has no mirrors leads nowhere else.
    assert ours.judge_copy("quay.io/x/b:1", "m2.example.com/x/b").detail == "no mirror source matches"
    # A mapping prefers tags; nodes pull the same images by digest.
    assert ours.judge_copy("quay.io/a/b:1", "elsewhere.example.com/b").disagrees
    assert ours.judge_copy("quay.io/a/b:1", "m1.example.com/a/b").status is Status.DIGESTS_ONLY


@pytest.mark.parametrize("listed", [True, False])
def test_a_mapping_in_a_repo_or_in_a_list(tmp_path: Path, listed: bool) -> None:
    (tmp_path / "m.yaml").write_text(
        mirrors("ImageDigestMirrorSet", "source: quay.io/a, mirrors: [m1.example.com/a]"), encoding="utf-8"
    )
    line = f"docker://quay.io/a/b{DIGEST}=docker://m1.example.com/other/b:1\n"
    (tmp_path / "mapping.txt").write_text(line, encoding="utf-8")
    from_list = ("--from", "mapping.txt", "--repo", "m.yaml") if listed else ()
    done = run_mirrorc("images", *from_list, "--format", "json", cwd=tmp_path)
    (image,) = json.loads(done.stdout)["images"]
    assert image["status"] == "not-mirrored"
    found = run_mirrorc("images", *from_list, "--format", "concise", "--require", "mirrored", cwd=tmp_path)
    assert found.code == 1
    assert "mapping.txt:1:10: error[mapping-mismatch]" in found.stdout


# --- Sources that are similar --------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "repository", "near"),
    [
        ("registry.redhat.io/redhat-operator-index", "registry.redhat.io/redhat/redhat-operator-index", True),
        ("docker.io/library/grafana/grafana", "docker.io/grafana/grafana", True),
        ("quay.io/acne", "quay.io/acme/web", True),
        ("quay.io/acme/wbe", "quay.io/acme/web", False),  # too short for a typo
        ("quay.io/acme/portla", "quay.io/acme/portal", True),
        ("qauy.io", "quay.io/acme/web", True),
        ("quay.io/team1", "quay.io/team2/web", False),
        ("quay.io", "docker.io/a/b", False),
        ("quay.io/other/web", "quay.io/acme/web", False),
        ("*.example.com", "a.exmaple.com/b", False),
    ],
)
def test_similar_sources(source: str, repository: str, near: bool) -> None:
    assert NearSources([source]).of(repository) == (source if near else "")


def test_a_similar_source_is_shown_beside_the_image() -> None:
    digests = mirrors("ImageDigestMirrorSet", "source: registry.redhat.io/redhat-operator-index, mirrors: [m.io/i]")
    standing = judge(digests).judge("registry.redhat.io/redhat/redhat-operator-index:v4.18")
    assert (standing.detail, [str(span) for span in standing.spans]) == (
        "no mirror source matches, but `registry.redhat.io/redhat-operator-index` is similar",
        ["0.yaml:6:16"],
    )


def test_a_plain_judge_knows_nodes_only() -> None:
    conf = RegistriesConf(entries=(RegistryEntry(location="q.io", mirrors=(Endpoint("m.io"),)),))
    assert Judge(Explainer(conf)).judge("q.io/a:1").status is Status.MIRRORED


def test_only_nodes_get_the_files_of_machine_configs() -> None:
    text = "data:,[[registry]]%0Alocation=%22other.io%22%0A"
    config = (
        "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata:\n  name: 99-worker-zz\n"
        "  labels: {machineconfiguration.openshift.io/role: worker}\nspec:\n  config:\n    ignition: {version: 3.2.0}\n"
        f"    storage: {{files: [{{path: /etc/containers/registries.conf, contents: {{source: '{text}'}}}}]}}\n"
    )
    settings = Settings(release=RELEASES["4.20"])
    parsed = [parse(File(name, each), settings.release) for name, each in (("m.yaml", TAGS), ("c.yaml", config))]
    for _, each in analyse(parsed, settings).each_pool():
        ours = ClusterJudge(Pullers.of_analysis(each))
        assert ours.judge_for("quay.io/a/b:1", Consumer.BUILD).status is Status.MIRRORED


def test_patterns_placeholders_and_literals(tmp_path: Path) -> None:
    """Kyverno describes images; a template has literals; a block is shown by its text; placeholders are unresolved."""
    (tmp_path / "a.yaml").write_text(
        dedent(
            """\
            apiVersion: kyverno.io/v1
            kind: ClusterPolicy
            spec: {rules: [{validate: {pattern: {spec: {containers: [{image: "*:*"}]}}}}]}
            ---
            kind: Pod
            metadata: {name: p}
            spec:
              containers:
                - image: >-
                    {{ a }}/b
                - image: REPLACE_IMAGE
                - image: REGISTRY/ns/app:1
                - image: a:{version}
                - image: ko://github.com/x/y
                - image: quay.io/a/b:__VERSION__
                - image: MIRROR.EXAMPLE.COM/a/b:1
            """
        ),
        encoding="utf-8",
    )
    (tmp_path / "t.yaml").write_text(
        "kind: Pod\nspec:\n  {{- if .x }}\n  containers:\n    - image: 'quay.io/a/lit:1'\n"
        "    - image: {{ .image }}\n    - image: |\n        {{ .y }}\n  {{- end }}\n",
        encoding="utf-8",
    )
    report = json.loads(run_mirrorc("images", "--format", "json", cwd=tmp_path).stdout)
    assert sorted(each["image"] for each in report["images"]) == ["MIRROR.EXAMPLE.COM/a/b:1", "quay.io/a/lit:1"]
    assert [each["text"] for each in report["unresolved"]] == [
        "{{ a }}/b",
        "REPLACE_IMAGE",
        "REGISTRY/ns/app:1",
        "a:{version}",
        "ko://github.com/x/y",
        "quay.io/a/b:__VERSION__",
        "{{ .image }}",
        "{{ .y }}",
    ]
