"""The entry for programs: what `compile_paths` takes, gives and refuses."""

from pathlib import Path

import pytest

import compiler
from compiler import Compilation, compile_paths
from tests.command import tree
from tests.manifest_texts import mirror_set
from tests.repositories import write

IDMS = mirror_set("a", {"quay.io/a": ["m.io/a"]})
CONFLICT = (
    mirror_set("b", {"quay.io/a": ["m.io/b", "m.io/a"]})
    + "---\n"
    + mirror_set("c", {"quay.io/a": ["m.io/a", "m.io/b"]})
)


def test_the_package_offers_two_names() -> None:
    assert {"compile_paths", "Compilation"} <= set(compiler.__all__)
    with pytest.raises(AttributeError, match="module 'compiler' has no attribute 'nonsense'"):
        _ = compiler.nonsense  # the name is not there on purpose


def test_a_compilation_has_files_and_no_findings(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS)
    compilation = compile_paths(["a.yaml"])
    assert isinstance(compilation, Compilation)
    assert compilation.ok
    assert compilation.diagnostics == ()
    assert sorted(compilation.files) == [
        "machine-configs/99-master-generated-registries.yaml",
        "machine-configs/99-worker-generated-registries.yaml",
        "policy.json",
        "registries.conf",
        "registries.d/sigstore-registries.yaml",
    ]
    assert all(isinstance(content, bytes) for content in compilation.files.values())


def test_nothing_is_written(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS)
    before = tree(folder)
    compile_paths(["."])
    assert tree(folder) == before


def test_a_finding_says_where_and_what(folder: Path) -> None:
    write(folder, "sub/a.yaml", text=IDMS)
    write(folder, "sub/b.yaml", text=CONFLICT)
    compilation = compile_paths(["sub"])
    assert not compilation.ok
    assert compilation.files == {}
    (finding,) = compilation.diagnostics
    assert (finding.rule, finding.severity) == ("order-conflict", "error")
    assert (finding.path, finding.line, finding.column) == ("sub/b.yaml", 20, 7)
    assert "`m.io/a` and `m.io/b`" in finding.message


def test_findings_are_in_order_of_file_and_position(folder: Path) -> None:
    write(folder, "b.yaml", text=IDMS.replace("m.io/a", "M/A").replace("quay.io/a", "quay io"))
    write(folder, "a.yaml", text=IDMS.replace("m.io/a", "M/A"))
    places = [(finding.path, finding.line) for finding in compile_paths(["b.yaml", "a.yaml"]).diagnostics]
    assert places == [("a.yaml", 9), ("b.yaml", 7), ("b.yaml", 9)]


def test_choices_reach_the_artifacts(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS)
    write(folder, "b.yaml", text=CONFLICT)
    compilation = compile_paths(
        ["."],
        release="4.13",
        pools=("infra", "infra"),
        severities={"order-conflict": "off"},
        machine_config="drop-in",
        name="20-{pool}-x",
    )
    assert compilation.ok
    assert compilation.diagnostics == ()
    assert sorted(compilation.files) == ["machine-configs/20-infra-x.yaml", "registries.conf.d/20-mirrors.conf"]
    assert b"version: 3.2.0" in compilation.files["machine-configs/20-infra-x.yaml"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"release": "4.12"}, "there is no release `4.12`"),
        ({"pools": ["a/b"]}, "`a/b` is not a valid name of a machine config pool"),
        ({"severities": {"nonsense": "error"}}, "there is no rule `nonsense`"),
        ({"severities": {"order-conflict": "loud"}}, "`loud` is not a valid severity"),
        ({"severities": {"invalid-scope": "off"}}, "the severity of `invalid-scope` cannot be changed"),
        ({"machine_config": "other"}, "`other` is not a valid machineConfig"),
        ({"name": "99-mirrors"}, "gives several MachineConfigs the same name"),
    ],
)
def test_a_choice_that_is_none_is_a_value_error(choice: dict[str, object], message: str, folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS)
    with pytest.raises(ValueError, match=message):
        compile_paths(["a.yaml"], **choice)  # type: ignore[arg-type]  # some of them wrong on purpose


def test_the_release_image_can_be_chosen(folder: Path) -> None:
    image = "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\nspec: {}\n"
    write(folder, "a.yaml", text=image)
    (finding,) = compile_paths(["."], release_image="nonsense").diagnostics
    assert finding.rule == "invalid-release-image"


def test_the_payload_s_policy_is_a_choice(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS)
    okd = "quay.io/okd/scos-release@sha256:" + "0" * 64
    signatures = {"policy.json", "registries.d/sigstore-registries.yaml"}
    assert signatures < compile_paths(["."]).files.keys()
    assert signatures < compile_paths(["."], release="4.21", release_image="m.io/ocp@sha256:" + "0" * 64).files.keys()
    assert signatures < compile_paths(["."], release_image=okd, payload_policy="default").files.keys()
    for without in (
        compile_paths(["."], payload_policy="none"),
        compile_paths(["."], release_image=okd),
        compile_paths(["."], release="4.20"),
    ):
        assert without.ok
        assert not signatures & without.files.keys()
    with pytest.raises(ValueError, match="`some` is not a valid payload policy"):
        compile_paths(["."], payload_policy="some")
