"""ManifestWorks."""

import pytest

from tests.homes.reading import homes_of, objects_of

WORK = """\
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {{name: mirrors, namespace: north}}
spec:
  {more}
  workload:
    manifests:
      - apiVersion: config.openshift.io/v1
        kind: ImageContentSourcePolicy
        metadata: {{name: other}}
      - apiVersion: operator.openshift.io/v1alpha1
        kind: ImageContentSourcePolicy
        metadata: {{name: quay}}
        spec:
          repositoryDigestMirrors:
            - {{source: quay.io/a, mirrors: [m.example.com/a]}}
"""


def test_the_namespace_is_the_cluster() -> None:
    refused, home = homes_of(WORK.format(more=""))
    assert refused.refused == (("ImageContentSourcePolicy", "other"),)
    assert objects_of(home) == ["ImageContentSourcePolicy quay: quay.io/a -> m.example.com/a"]
    assert home.target is not None
    assert home.target.name == "manifest-work-north"
    assert home.target.words == "the managed cluster north"


@pytest.mark.parametrize(("strategy", "compiled"), [("ReadOnly", False), ("CreateOnly", True), ("Update", True)])
def test_the_update_strategy_of_an_object(strategy: str, compiled: bool) -> None:
    more = (
        "manifestConfigs: [{resourceIdentifier: {group: operator.openshift.io, resource: imagecontentsourcepolicies, "
        f"name: quay}}, updateStrategy: {{type: {strategy}}}}}]"
    )
    home = homes_of(WORK.format(more=more))[1]
    assert home.compiled is compiled


def test_a_replica_set_has_its_work_in_a_template() -> None:
    (home,) = homes_of(
        """\
        apiVersion: work.open-cluster-management.io/v1alpha1
        kind: ManifestWorkReplicaSet
        metadata: {name: mirrors, namespace: hub}
        spec:
          manifestWorkTemplate:
            workload:
              manifests:
                - apiVersion: config.openshift.io/v1
                  kind: ImageTagMirrorSet
                  metadata: {name: quay}
                  spec:
                    imageTagMirrors:
                      - {source: quay.io/a, mirrors: [m.example.com/a]}
        """
    )
    assert objects_of(home) == ["ImageTagMirrorSet quay: quay.io/a -> m.example.com/a"]
    assert home.target is not None
    assert home.target.words == "the managed clusters of the ManifestWorkReplicaSet mirrors"
