"""SyncSets of Hive."""

from compiler.manifests.embedded import Merge
from tests.homes.reading import homes_of, objects_of, parsed_of, rules_of

SYNC_SET = """\
apiVersion: hive.openshift.io/v1
kind: {kind}
metadata: {{name: mirrors, namespace: north}}
spec:
  {which}
  {more}
  resources:
    - apiVersion: config.openshift.io/v1
      kind: ImageDigestMirrorSet
      metadata: {{name: quay}}
      spec:
        imageDigestMirrors:
          - {{source: quay.io/a, mirrors: [m.example.com/a]}}
"""


def sync_set(kind: str = "SelectorSyncSet", which: str = "clusterDeploymentSelector: {}", more: str = "") -> str:
    return SYNC_SET.format(kind=kind, which=which, more=more)


def test_resources_are_objects_of_the_clusters() -> None:
    parsed = parsed_of(sync_set())
    (home,) = parsed.homes
    assert objects_of(home) == ["ImageDigestMirrorSet quay: quay.io/a -> m.example.com/a"]
    assert home.target is not None
    assert home.target.words == "the clusters of the SelectorSyncSet mirrors"
    assert home.said == ("Upsert: an object that is removed here stays on the clusters",)
    assert parsed.places == ()


def test_a_sync_set_of_one_cluster_is_called_after_it() -> None:
    (home,) = homes_of(sync_set("SyncSet", "clusterDeploymentRefs: [{name: south}]", "resourceApplyMode: Sync"))
    assert home.target is not None
    assert home.target.name == "sync-set-south"
    assert "deleted" in home.said[0]


def test_create_or_update_keeps_what_was_removed() -> None:
    (home,) = homes_of(sync_set(more="applyBehavior: CreateOrUpdate"))
    assert home.merge is Merge.ADD


def test_a_patch_of_the_image_config_is_read_as_what_it_sets() -> None:
    (home,) = homes_of(
        """\
        apiVersion: hive.openshift.io/v1
        kind: SyncSet
        metadata: {name: image, namespace: north}
        spec:
          clusterDeploymentRefs: [{name: north}]
          patches:
            - apiVersion: config.openshift.io/v1
              kind: Image
              name: cluster
              patchType: merge
              patch: |-
                {"spec": {"registrySources": {"blockedRegistries": ["bad.example.com", 1]}}}
        """
    )
    assert rules_of(home) == ["12 wrong-type"]
    assert home.refused == (("Image", "cluster"),)


def test_a_list_of_a_sync_set_in_a_template() -> None:
    body = sync_set(more="applyBehavior: Apply").replace("m.example.com/a", "'${HOST}/a'")
    listed = "".join(f"    {line}\n" if line else "" for line in body.splitlines())
    (home,) = homes_of(
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\n"
        "parameters:\n- {name: HOST, value: m9.example.com}\nobjects:\n  -\n" + listed
    )
    assert objects_of(home) == ["ImageDigestMirrorSet quay: quay.io/a -> m9.example.com/a"]
    assert home.form == "sync-set"
