"""Install-configs, and the overrides of assisted installations."""

import json

import pytest

from compiler.homes import HOMES
from compiler.homes.install_config import DIGEST, read, repository_flaw
from compiler.homes.source import Source
from compiler.manifests.kinds import MirrorSet
from compiler.manifests.load import outcome_of
from compiler.manifests.parsing import Parsed
from compiler.names.releases import RELEASES
from compiler.text.span import File
from tests.homes.reading import homes_of, objects_of, parsed_of, rules_of, written

CONFIG = """\
apiVersion: v1
baseDomain: example.com
metadata:
  name: north
"""
SOURCES = """\
imageDigestSources:
  - source: quay.io/a
    mirrors: [m1.example.com/a, m2.example.com/a]
  - source: quay.io/b
    mirrors: [m1.example.com/b]
    sourcePolicy: NeverContactSource
"""


def test_digest_sources_become_an_image_digest_mirror_set() -> None:
    parsed = parsed_of(CONFIG + SOURCES)
    (home,) = parsed.homes
    assert objects_of(home) == [
        "ImageDigestMirrorSet image-digest-mirror: quay.io/a -> m1.example.com/a m2.example.com/a; "
        "quay.io/b -> m1.example.com/b"
    ]
    (mirror_set,) = home.manifests
    assert isinstance(mirror_set, MirrorSet)
    assert [rule.never_contacts_source for rule in mirror_set.rules] == [False, True]
    assert [rule.field for rule in mirror_set.rules] == ["imageDigestSources[0]", "imageDigestSources[1]"]
    assert written(home)[0] == "quay.io/a"
    assert parsed.places == ()
    assert home.target is not None
    assert home.target.name == "install-config-north"


def test_content_sources_become_an_image_content_source_policy() -> None:
    (home,) = homes_of(
        CONFIG + SOURCES.replace("imageDigestSources", "imageContentSources").partition("  - source: quay.io/b")[0]
    )
    assert objects_of(home) == ["ImageContentSourcePolicy image-policy: quay.io/a -> m1.example.com/a m2.example.com/a"]
    assert rules_of(home) == ["5 deprecated-source-list"]


def test_the_lists_alone_are_enough() -> None:
    (home,) = homes_of(SOURCES)
    assert home.target is not None
    assert home.target.name == "install-config"


def test_both_lists_are_refused() -> None:
    content = "imageContentSources:\n  - {source: quay.io/c, mirrors: [m1.example.com/c]}\n"
    homes = homes_of(CONFIG + SOURCES + content)
    assert objects_of(*homes) == []
    assert {each.partition(" ")[2] for each in rules_of(*homes)} == {"install-config-refused"}


def test_the_name_of_the_objects_list_does_not_exist() -> None:
    homes = homes_of(CONFIG + SOURCES.replace("imageDigestSources", "imageDigestMirrors"))
    assert rules_of(*homes) == ["5 install-config-refused"]
    assert objects_of(*homes) == []


@pytest.mark.parametrize(("policy", "mirrors"), [("Never", "[m1.example.com/a]"), ("AllowContactingSource", "[]")])
def test_a_source_policy_that_the_installer_refuses(policy: str, mirrors: str) -> None:
    (home,) = homes_of(
        f"{CONFIG}imageDigestSources:\n  - source: quay.io/a\n    mirrors: {mirrors}\n    sourcePolicy: {policy}\n"
    )
    assert "install-config-refused" in " ".join(rules_of(home))
    assert objects_of(home) == []


@pytest.mark.parametrize(
    "text",
    [
        "quay.io/a",
        "quay.io",
        "registry.example.com:5000",
        "registry.example.com:5000/a/b_c",
        "localhost/a",
        "docker.io/library/a",
    ],
)
def test_what_the_installer_takes(text: str) -> None:
    assert repository_flaw(text) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("*.example.com", "wildcard"),
        ("quay.io/a:latest", "tag"),
        ("quay.io/a@sha256:" + "0" * 64, "tag"),
        ("ocp/release", "no host"),
        ("docker.io/ubuntu", "docker.io/library/ubuntu"),
        ("quay.io/a/", "ends with"),
        ("https://quay.io/a", "scheme"),
        ("quay.io/A", "not a repository"),
    ],
)
def test_what_the_installer_refuses(text: str, reason: str) -> None:
    assert reason in repository_flaw(text)


OVERRIDE = json.dumps({"imageDigestSources": [{"source": "quay.io/a", "mirrors": ["m.example.com/a"]}]})


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: extensions.hive.openshift.io/v1beta1\nkind: AgentClusterInstall\nmetadata:\n  name: north\n"
        f"  annotations:\n    agent-install.openshift.io/install-config-overrides: '{OVERRIDE}'\n",
        "apiVersion: siteconfig.open-cluster-management.io/v1alpha1\nkind: ClusterInstance\nmetadata: {name: x}\n"
        f"spec:\n  clusterName: north\n  installConfigOverrides: |\n    {OVERRIDE}\n",
        "apiVersion: ran.openshift.io/v1\nkind: SiteConfig\nmetadata: {name: x}\n"
        f"spec:\n  clusters:\n    - clusterName: north\n      installConfigOverrides: {json.dumps(OVERRIDE)}\n",
        "apiVersion: extensions.hive.openshift.io/v1alpha1\nkind: ImageClusterInstall\nmetadata: {name: north}\n"
        "spec:\n  imageDigestSources:\n    - {source: quay.io/a, mirrors: [m.example.com/a]}\n",
    ],
)
def test_overrides_are_read_in_their_text(text: str) -> None:
    parsed = parsed_of(text)
    (home,) = parsed.homes
    assert objects_of(home) == ["ImageDigestMirrorSet image-digest-mirror: quay.io/a -> m.example.com/a"]
    assert [each.strip("\\") for each in (value.strip('"\\') for value in written(home))] == [
        "quay.io/a",
        "m.example.com/a",
    ]
    assert home.form == "install-config-overrides"
    assert home.target is not None
    assert home.target.name == "install-config-north"
    assert parsed.places == ()


@pytest.mark.parametrize(
    ("release", "fields"), [("4.13", [DIGEST, "sourcePolicy"]), ("4.20", ["sourcePolicy"]), ("4.21", [])]
)
def test_fields_that_the_installer_of_a_release_does_not_have_are_told(release: str, fields: list[str]) -> None:
    text = (
        "baseDomain: a\nimageDigestSources:\n- source: quay.io/a\n  mirrors: [m.example.com/a]\n"
        "  sourcePolicy: NeverContactSource\n"
    )
    found = outcome_of("install-config.yaml", text.encode(), RELEASES[release], HOMES)
    assert isinstance(found, Parsed)
    told = [each.field for home in found.homes for each in home.diagnostics if each.rule == "lost-at-installation"]
    assert told == fields


def test_the_configuration_of_an_image_based_installation_has_the_same_list() -> None:
    text = "apiVersion: v1beta1\nkind: ImageBasedInstallationConfig\nmetadata: {name: north}\n"
    (home,) = parsed_of(text + "imageDigestSources: [{source: quay.io/a, mirrors: [m.example.com/a]}]\n").homes
    assert [each.name.value for each in home.manifests] == ["image-digest-mirror"]
    assert homes_of("kind: Other\nbaseDomain: a\nimageDigestSources: [{source: quay.io/a}]\n") == ()


def test_words_of_capitals_in_place_of_a_registry_are_not_refused() -> None:
    (home,) = homes_of(
        CONFIG + "imageDigestSources:\n- source: quay.io/a\n  mirrors: [REGISTRY:PORT/a, 'MIRROR_HOST/b']\n"
    )
    assert "install-config-refused" not in str(rules_of(home))


def test_the_lists_of_mirror_objects_are_not_fields_of_an_install_config() -> None:
    found = homes_of(CONFIG + "repositoryDigestMirrors:\n- source: quay.io/a\n  mirrors: [m.example.com/a]\n")
    assert rules_of(*found) == ["5 install-config-refused"]


MISTAKEN_LISTS = "imageDigestMirrors:\n- {source: quay.io/a, mirrors: [m.io/a]}\n"


@pytest.mark.parametrize(
    "text",
    [
        f"baseDomain: example.com\n{MISTAKEN_LISTS}",
        f"---\n# A comment\n\nbaseDomain: example.com\n{MISTAKEN_LISTS}",
        f"kind: ImageDigestMirrorSet\nspec:\n  imageDigestMirrors: []\n---\nbaseDomain: example.com\n{MISTAKEN_LISTS}",
        f"baseDomain: example.com\n{MISTAKEN_LISTS}".replace("imageD", '"imageD').replace("Mirrors:", 'Mirrors":'),
        "{baseDomain: example.com, imageDigestMirrors: [{source: quay.io/a, mirrors: [m.io/a]}]}",
        f"  baseDomain: example.com\n  {MISTAKEN_LISTS}".replace("\n-", "\n  -"),
        f"baseDomain: example.com\n{MISTAKEN_LISTS}".replace("\n", "\r\n"),
        "baseDomain: b\n<<: {imageDigestMirrors: [{source: quay.io/a, mirrors: [m.io/a]}]}\n",
    ],
)
def test_an_install_config_is_seen_however_its_mistaken_list_is_written(text: str) -> None:
    found = homes_of(text, "install-config.yaml")
    assert [each for home in found for each in rules_of(home) if "install-config-refused" in each]


def test_a_mirror_object_is_not_parsed_to_see_that_it_is_no_install_config() -> None:
    text = "kind: ImageDigestMirrorSet\nspec:\n  imageDigestMirrors:\n  - {source: quay.io/a, mirrors: [m.io/a]}\n"
    for each, is_parsed in ((text, False), (f" {text}".replace("\n", "\n "), True)):
        source = Source(File("a.yaml", each), RELEASES["5.0"])
        assert list(read(source)) == []
        assert ("roots" in vars(source)) is is_parsed
