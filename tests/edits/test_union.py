"""The union of mirroring runs: what upstream recorded of series of runs, and laws of a union."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diff.disruption import Disruption
from compiler.edits.union import MergeError, Run, in_turn, texts, together, union
from compiler.manifests.parsing import Parsed, parse
from compiler.node.files import REGISTRIES_CONF
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.node_files import node_files
from compiler.policy.settings import settings_of
from compiler.text.span import File
from tests.conformance import Json, as_object, as_text, objects, recordings
from tests.manifest_texts import mirror_set

SETTINGS = settings_of(payload_policy="none")
SERIES = list(recordings("ocmirror"))


def run_of(files: dict[str, str], name: str = "run") -> Run:
    read = tuple(File(path, text) for path, text in files.items())
    return Run(name=name, files=read, parsed=tuple(parse(file, SETTINGS.release) for file in read))


def runs_of(line: dict[str, Json]) -> list[Run]:
    return [
        run_of({name: as_text(text) for name, text in as_object(run["files"]).items()}) for run in objects(line, "runs")
    ]


def merged(runs: Sequence[Run]) -> dict[str, str]:
    return texts(union(runs))


def compiled(files: dict[str, str]) -> Analysis:
    return analyse(run_of(files).parsed, SETTINGS)


def conf(analysis: Analysis) -> str | None:
    made = node_files(analysis, SETTINGS.release).get(REGISTRIES_CONF)
    return made.decode() if made is not None else None


def test_the_union_compiles_to_what_all_runs_mean_together() -> None:
    for line in SERIES:
        runs = runs_of(line)
        recorded = as_object(line["all_runs_together"])["registries_conf"]
        assert conf(together(runs, SETTINGS)) == recorded, line["id"]
        assert conf(compiled(merged(runs))) == recorded, line["id"]


def test_the_union_is_idempotent_and_associative_and_loses_no_source() -> None:
    for line in SERIES:
        runs = runs_of(line)
        all_ = merged(runs)
        assert merged([run_of(all_)]) == all_, line["id"]
        assert merged([run_of(all_), *runs]) == all_, line["id"]
        assert merged([run_of(merged(runs[:1])), run_of(merged(runs[1:]))]) == all_, line["id"]
        assert merged([run_of(merged(runs[:-1])), runs[-1]]) == all_, line["id"]
        assert run_of(all_).sources == frozenset().union(*(run.sources for run in runs)), line["id"]


def test_the_order_of_documents_and_rules_and_the_time_of_a_run_change_no_byte() -> None:
    one = (
        "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata:\n  annotations:\n"
        "    createdAt: {at}\n    createdBy: oc-mirror v2\n  name: idms-generic-0\nspec:\n"
        "  imageDigestMirrors:\n{rules}"
        "status: {{}}\n"
    )
    rules = [f"  - mirrors:\n    - m.io/{name}\n    source: q.io/{name}\n" for name in ("a", "b")]
    first = one.format(at="x", rules="".join(rules))
    second = one.format(at="y", rules="".join(reversed(rules)))
    assert merged([run_of({"a.yaml": first})]) == merged([run_of({"b.yaml": second})])
    assert "createdBy" not in "".join(merged([run_of({"a.yaml": first})]).values())


CATALOG = """\
apiVersion: operators.coreos.com/v1alpha1
kind: CatalogSource
metadata: {{name: cs-index, namespace: openshift-marketplace}}
spec: {{image: "m.io/index:{tag}", sourceType: grpc}}
"""
SIGNATURES = """\
apiVersion: v1
kind: ConfigMap
metadata:
  labels: {{release.openshift.io/verification-signatures: ""}}
  name: mirrored-release-signatures
  namespace: openshift-config-managed
binaryData: {{sha256-{digest}-1: eA==}}
"""


def test_of_catalogs_the_newest_is_taken_and_signatures_are_united() -> None:
    runs = [
        run_of({"cs.yaml": CATALOG.format(tag=tag), "s.yaml": SIGNATURES.format(digest=digest)})
        for tag, digest in (("v1", "aa"), ("v2", "bb"))
    ]
    made = merged(runs)
    assert made["cs-cs-index.yaml"].count("image:") == 1
    assert "image: m.io/index:v2\n" in made["cs-cs-index.yaml"]
    united = made["configmap-mirrored-release-signatures.yaml"]
    assert "sha256-aa-1: eA==" in united.replace('"', "")
    assert "sha256-bb-1: eA==" in united.replace('"', "")


@pytest.mark.parametrize(
    "text",
    ["kind: X\nmetadata: {name: ../x}\n", "kind: X\nmetadata: {}\n", "kind: ../X\nmetadata: {name: x}\n", "kind: [\n"],
)
def test_what_cannot_be_united_is_refused(text: str) -> None:
    with pytest.raises(MergeError):
        union([run_of({"a.yaml": text})])


def test_applying_run_after_run_loses_and_drains_as_recorded() -> None:
    for line in SERIES:
        runs = runs_of(line)
        parsed: list[Parsed] = []
        lost: set[str] = set()
        for run, applied, recorded in zip(runs, in_turn(runs, SETTINGS), objects(line, "applied_in_turn"), strict=True):
            parsed += run.parsed
            after = analyse(parsed, SETTINGS)
            assert conf(after) == recorded["registries_conf"], line["id"]
            assert (applied.disruption is Disruption.DRAIN) is recorded["drain"], line["id"]
            assert (applied.disruption is Disruption.NONE) is (not recorded["changed"]), line["id"]
            lost |= set(applied.lost)
        everything = {each.source for each in (*together(runs, SETTINGS).digest, *together(runs, SETTINGS).tag)}
        assert everything - {each.source for each in (*after.digest, *after.tag)} <= lost


SETS = st.builds(
    mirror_set,
    st.sampled_from(["idms-generic-0", "idms-operator-0"]),
    st.dictionaries(
        st.sampled_from(["quay.io/a", "quay.io/b", "docker.io"]),
        st.lists(st.sampled_from(["m.example.com/1", "m.example.com/2"]), min_size=1, max_size=2, unique=True),
        min_size=1,
        max_size=3,
    ),
    kind=st.sampled_from(["ImageDigestMirrorSet", "ImageTagMirrorSet", "ImageContentSourcePolicy"]),
)
RUNS = st.builds(lambda found: run_of({f"{n}.yaml": each for n, each in enumerate(found)}), st.lists(SETS, max_size=3))


@settings(max_examples=40)
@given(RUNS, RUNS, RUNS)
def test_a_union_is_associative_idempotent_and_loses_no_source(one: Run, two: Run, three: Run) -> None:
    whole = merged([one, two, three])
    assert merged([run_of(merged([one, two])), three]) == whole
    assert merged([one, run_of(merged([two, three]))]) == whole
    assert merged([run_of(whole), three]) == whole
    assert merged([run_of(whole), run_of(whole)]) == whole
    assert run_of(whole).sources == one.sources | two.sources | three.sources
