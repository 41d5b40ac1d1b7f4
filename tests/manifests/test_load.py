"""Of many files only those with certain words are looked into, and what comes of them all is the same."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.clusters.sightings import WORDS, objects_of
from compiler.homes import HOMES
from compiler.manifests import load, policy_places
from compiler.manifests.load import Also, Read, load_and_search
from compiler.names.releases import RELEASES
from compiler.repository.discovery import discover_each
from compiler.repository.files import WORDS_OF_KINDS
from compiler.repository.kinds_of_file import is_searched
from tests.homes.reading import RELEASE

NAMES = (
    "a.yaml",
    "b.json",
    "c.yaml.j2",
    "d.sh",
    "registries.conf",
    "notes.txt",
    "kustomization.yaml",
    "base/Kustomization",
    ".tekton/images-mirror-set.yaml",
    "vendor/v.yaml",
)
MIRRORS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: quay}
spec: {imageDigestMirrors: [{source: quay.io/team, mirrors: [mirror.example.com/team]}]}
"""
WORK = """\
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {name: w, namespace: north}
spec:
  workload:
    manifests:
    - apiVersion: config.openshift.io/v1
      kind: ImageTagMirrorSet
      metadata: {name: t}
      spec: {imageTagMirrors: [{source: quay.io/a, mirrors: [m.example.com/a]}]}
"""
PIECES = (
    "",
    "\n---\n",
    "a: 1\n",
    MIRRORS,
    f"cat <<EOF\n{MIRRORS}EOF\n",
    WORK,
    "kind: ImageContentSourcePolicy\n",
    "apiVersion: config.openshift.io/v1\nkind: Image\nspec: {registrySources: {blockedRegistries: [quay.io]}}\n",
    "imageContentSources:\n- {source: quay.io/a, mirrors: [m.example.com/a]}\n",
    "patches:\n- path: a.yaml\n",
    '[[registry]]\nprefix = "quay.io"\nlocation = "m.example.com"\n',
    'unqualified-search-registries = ["quay.io"]\n',
    "echo x > /etc/containers/policy.json\n",
    "kind: HostedCluster\napiVersion: hypershift.openshift.io/v1beta1\n",
    "mirrorRegistryRef: {name: x}\nextraManifestsRefs: [{name: y}]\n",
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {path: base}}\n",
    "kind: ManagedCluster\nmetadata: {name: m}\n",
    "# mirrorc: allow unread-policy\n",
    "\0",
    "\N{LATIN SMALL LETTER Y WITH DIAERESIS}",
)


def _read(folder: str) -> Read:
    (found,) = discover_each([[folder]], sought=is_searched)
    return load_and_search(
        [(found, release) for release in (RELEASE, RELEASES["4.16"])],
        (),
        aside=found.aside,
        also=Also(found.candidates, objects_of, WORDS),
        homes=HOMES,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.tuples(
            st.lists(st.sampled_from(PIECES), max_size=4).map("".join),
            st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"]),
        ),
        min_size=1,
    )
)
def test_a_search_for_words_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, tuple[str, str]]
) -> None:
    root = tmp_path_factory.mktemp("repo")
    for name, (text, codec) in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(codec))
    searched = repr(_read(str(root)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "sift", lambda contents, _: contents)
        assert searched == repr(_read(str(root)))


@given(st.lists(st.binary(max_size=20)), st.sampled_from(policy_places.WORDS))
def test_a_file_with_a_word_has_a_part_of_one(around: list[bytes], word: bytes) -> None:
    data = b"".join([*around, word, *around])
    assert any(part in data for part in load._parts(policy_places.WORDS))


def test_every_word_that_decides_is_searched_for(folder: Path) -> None:
    for number, word in enumerate((*policy_places.WORDS, *WORDS_OF_KINDS, *HOMES.pointing, *WORDS)):
        Path(f"{number}.txt").write_bytes(b"x" + word + b"x")
    seen = []
    (found,) = discover_each([["."]], sought=is_searched)
    load_and_search([], (), also=Also(found.every, lambda path, _: seen.append(path), WORDS), homes=HOMES)
    assert len(seen) == len(found.every)
