"""What users' MachineConfigs do to the files that the controller makes."""

import pytest

from compiler.findings.diagnostics import Severity
from compiler.manifests.embedded import NodeText
from compiler.names.releases import RELEASES
from compiler.node.files import DROP_INS, REGISTRIES_CONF
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
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
    told = list(findings([text(name)], ("master", "worker"), GENERATED, ["IDMS `x`"], RELEASES["4.20"]))
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
    told = list(findings([replacing, taking], ("worker",), GENERATED, [], RELEASES["4.20"]))
    assert [each.rule for each in told] == ["drop-in-replaces", "drop-in-replaces"]
    assert "its mirrors `m.example.com/a` and its block are lost" in told[0].message
    assert "takes the images of `quay.io/a/b`" in told[1].message


def test_without_files_of_users_nothing_is_made() -> None:
    assert by_pool([text("99-worker-generated-registries")], ("worker",), GENERATED, (), RELEASES["4.20"]) == ()


def test_a_drop_in_that_replaces_an_entry_of_a_users_own_file_is_noted_once() -> None:
    main, drop_in = text("99-zz"), text("99-zzz", path=f"{DROP_INS}/50-x.conf")
    told = list(findings([main, drop_in], ("worker", "infra"), None, (), RELEASES["4.20"]))
    assert [(each.rule, each.severity, each.path) for each in told] == [
        ("drop-in-replaces", Severity.NOTE, "99-zzz.yaml")
    ]
    assert told[0].message.startswith("the entry of the drop-in 50-x.conf replaces the earlier one of `quay.io/own`")


def test_files_of_different_pools_replace_nothing_of_each_other() -> None:
    main = text("99-zz", pool="master")
    drop_in = text("99-zzz", path=f"{DROP_INS}/50-x.conf")
    assert list(findings([main, drop_in], ("master", "worker"), None, (), RELEASES["4.20"])) == []
