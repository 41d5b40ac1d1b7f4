"""The registries.conf that assisted installations take from a ConfigMap."""

import pytest

from tests.homes.reading import homes_of, objects_of, parsed_of, rules_of

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mirrors, namespace: mce}\ndata:\n  registries.conf: |\n"
CONF = """\
unqualified-search-registries = ["quay.io"]

[[registry]]
  location = "quay.io/a"
  blocked = true

  [[registry.mirror]]
    location = "m1.example.com/a"

  [[registry.mirror]]
    location = "m2.example.com/a"
    pull-from-mirror = "tag-only"

  [[registry.mirror]]
    location = "m3.example.com/a"
    pull-from-mirror = "all"

[[registry]]
  prefix = "*.example.org"

  [[registry.mirror]]
    location = "m1.example.com/b"
"""


def config_map(conf: str) -> str:
    return HEAD + "".join(f"    {line}\n" if line else "\n" for line in conf.splitlines())


def test_clusters_get_the_digest_mirrors_and_the_rest_is_said_to_be_lost() -> None:
    parsed = parsed_of(config_map(CONF))
    discovery, installation = parsed.homes
    assert discovery.node_texts[0].text == CONF
    assert objects_of(installation) == ["ImageDigestMirrorSet image-digest-mirror: quay.io/a -> m1.example.com/a"]
    assert rules_of(installation) == [
        "5 lost-at-installation",
        "16 lost-at-installation",
        "20 lost-at-installation",
        "9 lost-at-installation",
        "24 lost-at-installation",
    ]
    assert parsed.places == ()


@pytest.mark.parametrize(
    ("conf", "rule"),
    [
        ('unqualified-search-registries = ["quay.io"]\n', "mirror-registry-refused"),
        ('[[registry]]\n  prefix = "quay.io"\n  location = "m.example.com"\n', "mirror-registry-refused"),
        ('[[registry]]\n  location = "quay.io\n', "unloadable-node-file"),
        ('[registries.search]\nregistries = ["quay.io"]\n', "unloadable-node-file"),
    ],
)
def test_what_makes_the_reference_fail(conf: str, rule: str) -> None:
    found = [each.partition(" ")[2] for each in rules_of(*homes_of(config_map(conf)))]
    assert rule in found


def test_who_names_it_decides_what_it_is_for() -> None:
    parsed = parsed_of(
        """\
        apiVersion: agent-install.openshift.io/v1beta1
        kind: AgentServiceConfig
        metadata: {name: agent}
        spec: {mirrorRegistryRef: {name: mirrors}}
        ---
        apiVersion: agent-install.openshift.io/v1beta1
        kind: InfraEnv
        metadata: {name: env, namespace: north}
        spec: {mirrorRegistryRef: {name: mirrors, namespace: mce}}
        ---
        apiVersion: extensions.hive.openshift.io/v1beta1
        kind: AgentClusterInstall
        metadata: {name: north, namespace: north}
        spec: {mirrorRegistryRef: {name: mirrors, namespace: mce}}
        """
    )
    assert [(each.role, each.target.name) for each in parsed.pointers] == [
        ("installation", "assisted-service"),
        ("discovery-image", "discovery-image"),
        ("discovery-image", "discovery-image-env"),
        ("installation", "install-config-north"),
    ]


USUAL = 'unqualified-search-registries = ["registry.access.redhat.com", "docker.io"]\n'
TABLE = '[[registry]]\n  location = "quay.io/a"\n  [[registry.mirror]]\n    location = "m.example.com/a"\n'


def test_the_usual_search_list_is_said_to_be_lost_beside_other_losses() -> None:
    _, installation = homes_of(config_map(USUAL + TABLE))
    assert installation.diagnostics == ()
    assert "without its list `unqualified-search-registries`" in installation.said[0]
    _, installation = homes_of(config_map(USUAL + TABLE + '    pull-from-mirror = "tag-only"\n'))
    (finding,) = installation.diagnostics
    assert "unqualified-search-registries" in finding.labels[0].text


def test_a_file_that_is_yet_to_be_put_in_is_not_refused() -> None:
    text = HEAD + "    {{ registries | indent(4) }}\n"
    assert [each for each in rules_of(*homes_of(text, "task.yml")) if "refused" in each] == []
