"""ConfigMaps with manifests of an installation."""

from tests.homes.reading import homes_of, objects_of, parsed_of, rules_of, written

EXTRA = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: extra, namespace: north}
data:
  a.yaml: |
    apiVersion: config.openshift.io/v1
    kind: ImageTagMirrorSet
    metadata: {name: quay}
    spec:
      imageTagMirrors:
        - {source: quay.io/a, mirrors: [m.example.com/a]}
  note: some text
"""


def test_manifests_in_values_wait_for_who_names_them() -> None:
    parsed = parsed_of(EXTRA)
    (home,) = parsed.homes
    assert home.awaits == ("north", "extra")
    assert home.role == "extra-manifests"
    assert objects_of(home) == ["ImageTagMirrorSet quay: quay.io/a -> m.example.com/a"]
    assert written(home) == ["quay.io/a", "m.example.com/a"]
    assert parsed.places == ()


def test_what_the_api_refuses_in_a_value_is_an_error() -> None:
    (home,) = homes_of(EXTRA.replace("quay.io/a", "quay.io/a/"))
    assert rules_of(home) == ["11 invalid-scope"]


def test_both_ways_in_which_an_installation_names_them() -> None:
    single, several, instance = parsed_of(
        """\
        apiVersion: extensions.hive.openshift.io/v1beta1
        kind: AgentClusterInstall
        metadata: {name: one, namespace: one}
        spec: {manifestsConfigMapRef: {name: extra}}
        ---
        apiVersion: extensions.hive.openshift.io/v1beta1
        kind: AgentClusterInstall
        metadata: {name: two, namespace: two}
        spec: {manifestsConfigMapRef: {name: ignored}, manifestsConfigMapRefs: [{name: extra}]}
        ---
        apiVersion: siteconfig.open-cluster-management.io/v1alpha1
        kind: ClusterInstance
        metadata: {name: x, namespace: three}
        spec: {clusterName: three, extraManifestsRefs: [{name: extra}]}
        """
    ).pointers
    assert [each.name for each in (single, several, instance)] == ["extra"] * 3
    assert [each.target.name for each in (single, several, instance)] == [
        "install-config-one",
        "install-config-two",
        "install-config-three",
    ]


def test_an_install_config_in_a_secret() -> None:
    (home,) = homes_of(
        """\
        apiVersion: v1
        kind: Secret
        metadata: {name: north-install-config}
        stringData:
          install-config.yaml: |
            apiVersion: v1
            metadata: {name: north}
            baseDomain: example.com
            imageDigestSources:
              - {source: quay.io/a, mirrors: [m.example.com/a]}
        """
    )
    assert home.form == "install-config"
    assert objects_of(home) == ["ImageDigestMirrorSet image-digest-mirror: quay.io/a -> m.example.com/a"]
