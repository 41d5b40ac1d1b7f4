"""What users' MachineConfigs do to the files that the controller makes."""

import pytest

from compiler.explain.explanation import Explainer
from compiler.findings.diagnostics import Severity
from compiler.manifests.embedded import NodeText
from compiler.manifests.parsing import parse
from compiler.names.releases import RELEASES
from compiler.node.files import DROP_INS, POLICY_JSON, REGISTRIES_CONF, SIGNATURES, namespace_policy
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.settings import Settings
from compiler.policy.user_files import by_pool, findings
from compiler.text.span import File, Span

GENERATED = RegistriesConf(
    search=("docker.io",),
    entries=(RegistryEntry(location="quay.io/a", blocked=True, mirrors=(Endpoint("m.example.com/a"),)),),
)


def text(config: str, scope: str = "quay.io/own", *, path: str = REGISTRIES_CONF, pool: str = "worker") -> NodeText:
    content = f'[[registry]]\nlocation = "{scope}"\n'
    file = File(f"{config}.yaml", content)
    return NodeText(path, content, Span(file, 0, len(content)), None, False, pool, config)


def scopes(texts: list[NodeText], release: str = "4.20") -> dict[str, list[str]]:
    found = by_pool(texts, ("master", "worker"), GENERATED, (), RELEASES[release])
    return {each.pool: [entry.scope for entry in each.conf.entries] if each.conf else [] for each in found}


@pytest.mark.parametrize(
    ("name", "wins"),
    [
        ("50-x", False),
        ("100-x", False),
        ("99-a", False),
        ("99-worker-a", False),
        ("99-worker-generated-p", False),
        ("99-worker-h", True),
        ("99-worker-mirrors", True),
        ("99-zz", True),
        ("a", True),
    ],
)
def test_the_name_decides_who_wins(name: str, wins: bool) -> None:
    assert scopes([text(name)]) == {"master": ["quay.io/a"], "worker": ["quay.io/own" if wins else "quay.io/a"]}
    made = {REGISTRIES_CONF: ["IDMS `x`"]}
    told = list(findings([text(name)], ("master", "worker"), GENERATED, made, RELEASES["4.20"]))
    assert [each.rule for each in told] == ["objects-overridden" if wins else "machine-config-unused"]


@pytest.mark.parametrize(("release", "wins"), [("4.14", False), ("4.15", True), ("5.0", True)])
def test_a_custom_pool_comes_after_worker_from_4_15_on(release: str, wins: bool) -> None:
    found = scopes([text("01-x", pool="infra")], release)
    assert found["infra"] == ["quay.io/own" if wins else "quay.io/a"]
    assert found["worker"] == ["quay.io/a"]


def test_a_custom_pool_has_what_worker_has() -> None:
    found = scopes([text("99-zz"), text("10-other", path=f"{DROP_INS}/1.conf", scope="quay.io/i", pool="infra")])
    assert found["infra"] == ["quay.io/i", "quay.io/own"]


def test_a_drop_in_replaces_an_entry_and_takes_images_away() -> None:
    replacing = text("98-x", "quay.io/a", path=f"{DROP_INS}/50.conf")
    taking = text("98-y", "quay.io/a/b", path=f"{DROP_INS}/60.conf")
    told = list(findings([replacing, taking], ("worker",), GENERATED, {REGISTRIES_CONF: []}, RELEASES["4.20"]))
    assert [each.rule for each in told] == ["drop-in-replaces", "drop-in-replaces"]
    assert "its mirrors `m.example.com/a` and its block are lost" in told[0].message
    assert "takes the images of `quay.io/a/b`" in told[1].message


def test_without_files_of_users_nothing_is_made() -> None:
    assert by_pool([text("99-worker-generated-registries")], ("worker",), GENERATED, (), RELEASES["4.20"]) == ()


def test_a_drop_in_that_replaces_an_entry_of_a_users_own_file_is_noted_once() -> None:
    main, drop_in = text("99-zz"), text("99-zzz", path=f"{DROP_INS}/50-x.conf")
    told = list(findings([main, drop_in], ("worker", "infra"), None, {}, RELEASES["4.20"]))
    assert [(each.rule, each.severity, each.path) for each in told] == [
        ("drop-in-replaces", Severity.NOTE, "99-zzz.yaml")
    ]
    assert told[0].message.startswith("the entry of the drop-in 50-x.conf replaces the earlier one of `quay.io/own`")


def test_files_of_different_pools_replace_nothing_of_each_other() -> None:
    main = text("99-zz", pool="master")
    drop_in = text("99-zzz", path=f"{DROP_INS}/50-x.conf")
    assert list(findings([main, drop_in], ("master", "worker"), None, {}, RELEASES["4.20"])) == []


POLICY = (
    '{"default": [{"type": "reject"}], "transports": {"docker": {"quay.io/ok": [{"type": "insecureAcceptAnything"}]}}}'
)
LOOKUP = "docker:\n  quay.io/ok:\n    use-sigstore-attachments: true\n"
OBJECT = """\
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec: {registrySources: {blockedRegistries: [bad.example.com]}}
"""


def written(config: str, path: str, content: str, pool: str = "worker") -> NodeText:
    return NodeText(path, content, Span(File("mc.yaml", "x"), 0, 1), None, False, pool, config)


def analysed(*texts: NodeText, objects: str = OBJECT, release: str = "4.20") -> Analysis:
    parsed = parse(File("a.yaml", objects), RELEASES[release])._replace(node_texts=texts)
    return analyse([parsed], Settings(release=RELEASES[release]))


def pulled(analysis: Analysis) -> dict[tuple[str, ...], list[bool]]:
    """By pools whether nodes may pull images of three repositories."""
    names = ("quay.io/ok/a", "quay.io/other/a", "bad.example.com/a")
    return {
        pools: [not Explainer.of_analysis(each).explain(f"{name}:1").refusal for name in names]
        for pools, each in analysis.each_pool()
    }


def test_the_policy_json_that_wins_decides_what_is_refused() -> None:
    wins, loses = (written(name, POLICY_JSON, POLICY) for name in ("99-worker-zz", "50-worker"))
    found = analysed(wins)
    assert pulled(found) == {("master",): [True, True, False], ("worker",): [True, False, False]}
    assert [each.rule for each in found.diagnostics] == ["objects-overridden"]
    assert "Image `cluster` has no effect there" in found.diagnostics[0].message
    found = analysed(loses)
    assert pulled(found) == {(): [True, True, False]}
    assert [each.rule for each in found.diagnostics] == ["machine-config-unused"]
    assert pulled(analysed(loses, objects="")) == {("master",): [True] * 3, ("worker",): [True, False, False]}


def test_the_release_has_a_signature_policy_that_is_lost_too() -> None:
    (told,) = analysed(written("99-worker-zz", POLICY_JSON, POLICY), objects="", release="4.22").diagnostics
    assert "the signature policy of the release has no effect there" in told.message


def test_a_file_of_a_users_registries_d_is_read_with_the_controllers() -> None:
    needing = POLICY.replace(
        '"insecureAcceptAnything"',
        '"sigstoreSigned", "keyData": "LS0t", "signedIdentity": {"type": "matchRepository"}',
    )
    texts = (written("50-a", POLICY_JSON, needing), written("50-b", f"{SIGNATURES}/x.yaml", LOOKUP))
    found = {pools: Explainer.of_analysis(each) for pools, each in analysed(*texts, objects="").each_pool()}
    (step,) = found["worker",].explain("quay.io/ok/a:1").steps
    assert step.signatures_looked_for


def test_a_namespace_has_its_own_policy_json() -> None:
    found = analysed(written("50-a", namespace_policy("team"), POLICY), objects="")
    each = dict(found.each_pool())[("worker",)]
    assert Explainer.of_analysis(each, "team").explain("quay.io/other/a:1").refusal
    assert not Explainer.of_analysis(each).explain("quay.io/other/a:1").refusal


def test_a_list_of_a_clusters_machine_configs_is_judged_by_what_wins() -> None:
    rendered = text(f"rendered-worker-{'0' * 32}", "quay.io/rendered")
    generated = text("99-worker-generated-registries", "quay.io/generated")
    own = text("99-worker-zz")

    def found(*texts: NodeText) -> list[str]:
        made = by_pool(texts, ("worker",), None, (), RELEASES["4.20"])
        return [entry.scope for each in made if each.conf for entry in each.conf.entries]

    assert found(rendered, generated, own) == ["quay.io/own"]
    assert found(rendered, generated, text("50-x")) == ["quay.io/generated"]
    assert found(rendered) == ["quay.io/rendered"]
    assert scopes([rendered, generated]) == {}


def test_a_file_that_comes_twice_counts_once() -> None:
    once = text("99-zz")
    told = list(findings([once, once], ("worker",), GENERATED, {REGISTRIES_CONF: []}, RELEASES["4.20"]))
    assert [each.rule for each in told] == ["objects-overridden"]


@pytest.mark.parametrize(
    ("other", "competing"),
    [
        (("99-zz.yaml", "quay.io/other", REGISTRIES_CONF), True),
        (("b.yaml", "quay.io/own", f"{DROP_INS}/b.conf"), True),
        (("b.yaml", "quay.io/own", REGISTRIES_CONF), False),
        (("b.bu", "quay.io/other", REGISTRIES_CONF), False),
        (("north/b.yaml", "quay.io/other", REGISTRIES_CONF), False),
    ],
)
def test_two_machine_configs_of_one_name_compete(other: tuple[str, str, str], competing: object) -> None:
    name, scope, path = other
    first = text("99-zz")
    second = text("99-zz", scope, path=path)
    second = second._replace(span=second.span._replace(file=File(name, second.text)))
    told = [each.rule for each in findings([first, second], ("worker",), None, {}, RELEASES["4.20"])]
    assert ("duplicate-object" in told) is competing
