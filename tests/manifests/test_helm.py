"""Charts, rendered with the real helm."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.command import Done, call_mirrorc, run_mirrorc
from tests.programs import HELM, needs_helm
from tests.repositories import commit, repository, write

CHART = "apiVersion: v2\nname: mirrors\nversion: 0.1.0\n"
TEMPLATE = """\
{{- range .Values.sources }}
---
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: {{ . | replace "/" "-" | replace "." "-" }}
spec:
  imageDigestMirrors:
    - source: {{ . }}
      mirrors:
        - {{ $.Values.registry }}/{{ . }}
    - source: quay.io/fixed
      mirrors: [m.example.com/fixed]
{{- end }}
"""
CONFIG = """\
version: 1
clusters:
  - name: north
    helm: {chart: charts/m, values: [clusters/{cluster}.yaml]}
  - name: south
    helm:
      chart: charts/m
      values: clusters/south.yaml
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(
        tmp_path,
        {
            ".mirrorc.yaml": CONFIG.replace("[clusters/{cluster}.yaml]", '["clusters/{cluster}.yaml"]'),
            "charts/m/Chart.yaml": CHART,
            "charts/m/values.yaml": "registry: default.example.com\nsources: []\n",
            "charts/m/templates/sets.yaml": TEMPLATE,
            "clusters/north.yaml": "sources:\n  - quay.io/a\nregistry: north.example.com\n",
            "clusters/south.yaml": "sources:\n  - quay.io/b\n",
        },
    )


def check(folder: Path) -> tuple[int, list[str]]:
    done = call_mirrorc("check", "--format", "json", cwd=folder)
    found = json.loads(done.stdout)["diagnostics"]
    return done.code, [f"{each['path']}:{each['line']} {each['rule']}: {each['message']}" for each in found]


@needs_helm
def test_each_cluster_gets_its_values_over_those_of_the_chart(root: Path) -> None:
    assert call_mirrorc("build", cwd=root).code == 0
    north, south = ((root / f"rendered/{name}/registries.conf").read_text() for name in ("north", "south"))
    assert 'location = "north.example.com/quay.io/a"' in north
    assert 'location = "default.example.com/quay.io/b"' in south
    assert check(root) == (0, []), "the templates are read"


@needs_helm
def test_findings_are_at_the_text_in_the_template_or_in_the_values(root: Path) -> None:
    template = TEMPLATE.replace("m.example.com/fixed]", "m.example.com/fixed, m.example.com/fixed]")
    write(root, "charts/m/templates/sets.yaml", text=template)
    code, found = check(root)
    assert code == 1
    assert {line.partition(" ")[0] for line in found if "duplicate-mirror" in line} == {
        "charts/m/templates/sets.yaml:13"
    }
    write(root, "charts/m/templates/sets.yaml", text=TEMPLATE)
    write(root, "clusters/north.yaml", text="sources:\n  - quay.io/a\nregistry: UPPER/\n")
    code, found = check(root)
    assert (code, {line.partition(" ")[0] for line in found}) == (1, {"charts/m/templates/sets.yaml:10"})
    write(root, "clusters/north.yaml", text="sources:\n  - quay.io/A\n")
    code, found = check(root)
    assert code == 1
    assert any(line.startswith("clusters/north.yaml:2 invalid-scope") for line in found)


@needs_helm
def test_diff_renders_both_sides(root: Path) -> None:
    write(root, "clusters/north.yaml", text="sources:\n  - quay.io/a\nregistry: other.example.com\n")
    done = call_mirrorc("diff", "--format", "json", cwd=root)
    assert {each["name"]: each["disruption"] for each in json.loads(done.stdout)["clusters"]} == {
        "north": "drain",
        "south": "none",
    }
    commit(at=root)
    assert call_mirrorc("diff", "HEAD~1", "HEAD", cwd=root).code == 1


@needs_helm
def test_verbose_names_program_and_version(root: Path) -> None:
    done = run_mirrorc("check", "-v", cwd=root)
    assert f"ran {HELM} (v" in done.stderr
    assert "  template charts/m" in done.stderr


def without_helm(folder: Path, tmp_path: Path, *arguments: str) -> Done:
    """Run mirrorc with a Python and a PATH beside which no helm is."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git") or "git")
    packages = [path for path in sys.path if path.endswith("site-packages")]
    own = {"PATH": str(tools), "PYTHONPATH": ":".join([str(Path(__file__).parents[2]), *packages])}
    python = Path(sys.executable).resolve()
    return run_mirrorc(*arguments, cwd=folder, env=own, python=python)


def test_without_the_program_the_error_says_what_to_install(root: Path, tmp_path: Path) -> None:
    if (Path(sys.executable).resolve().parent / "helm").exists():
        pytest.skip("helm is installed beside the system's Python")
    done = without_helm(root, tmp_path, "check")
    assert done.code == 1
    assert "error[helm-failed]: `helm` is not installed" in done.stdout
    assert "pip install 'mirrorc[helm]'" in done.stdout


@needs_helm
@pytest.mark.parametrize(
    ("files", "place", "message"),
    [
        ({"charts/m/Chart.yaml": None}, ".mirrorc.yaml:4", "`charts/m` contains no Chart.yaml"),
        ({"clusters/north.yaml": None}, ".mirrorc.yaml:4", "`clusters/north.yaml` does not exist"),
        ({"charts/m/templates/x.yaml": "{{ .Values.a.b }}"}, ".mirrorc.yaml:4", "helm failed: "),
        (
            {
                "charts/m/Chart.yaml": f"{CHART}dependencies: [{{name: x, version: 1.0.0, repository: https://x.test}}]\n"
            },
            ".mirrorc.yaml:4",
            "missing in charts/ directory: x",
        ),
    ],
)
def test_what_helm_refuses_is_reported(root: Path, files: dict[str, str | None], place: str, message: str) -> None:
    for path, text in files.items():
        if text is None:
            (root / path).unlink()
        else:
            write(root, path, text=text)
    code, found = check(root)
    assert code == 1
    assert any(line.startswith(place) and "helm-failed" in line and message in line for line in found), found


@needs_helm
def test_a_vendored_dependency_is_rendered(root: Path) -> None:
    write(
        root,
        "charts/m/Chart.yaml",
        text=f"{CHART}dependencies: [{{name: sub, version: 0.1.0}}]\n",
    )
    write(root, "charts/m/charts/sub/Chart.yaml", text=CHART.replace("name: mirrors", "name: sub"))
    write(
        root,
        "charts/m/charts/sub/templates/t.yaml",
        text=TEMPLATE.replace(".Values.sources", "(list 1)").replace("{{ . }}", "quay.io/{{ .. }}").split("{{-")[0]
        + "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: sub}\n"
        "spec: {imageTagMirrors: [{source: quay.io/sub, mirrors: [m.example.com/sub]}]}\n",
    )
    assert call_mirrorc("build", cwd=root).code == 0
    assert "quay.io/sub" in (root / "rendered/north/registries.conf").read_text()


@needs_helm
def test_a_chart_reads_nothing_outside_of_the_repo(root: Path, tmp_path: Path) -> None:
    """Neither through links in the chart, nor through values files, nor by functions of templates."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("registry: stolen.example.com\n")
    (root / "charts/m/secret.yaml").symlink_to(secret)
    (root / "charts/m/templates/link.yaml").symlink_to(secret)
    lookup = '{{ .Files.Get "secret.yaml" }}{{ lookup "v1" "Secret" "a" "b" }}{{ getHostByName "example.com" }}'
    write(root, "charts/m/templates/x.yaml", text=f"x: '{lookup}'\n")
    assert call_mirrorc("build", cwd=root).code == 0
    assert "stolen" not in (root / "rendered/north/registries.conf").read_text()
    (root / "clusters/north.yaml").unlink()
    (root / "clusters/north.yaml").symlink_to(secret)
    _, found = check(root)
    assert any("`clusters/north.yaml` is outside the repo" in line for line in found)


@needs_helm
def test_untracked_files_are_refused_in_hooks(root: Path) -> None:
    write(root, "charts/m/templates/new.yaml", text="a: 1\n")
    done = call_mirrorc("check", "--tracked-only", "--format", "concise", cwd=root)
    assert done.code == 1
    assert "`charts/m/templates/new.yaml` is not tracked by Git" in done.stdout


@needs_helm
def test_values_of_the_configuration_come_last(root: Path) -> None:
    chart = "{chart: charts/m, values: [clusters/north.yaml], valuesObject: {registry: own.example.com}}"
    write(root, ".mirrorc.yaml", text=f"version: 1\nclusters:\n- {{name: north, helm: {chart}}}\n")
    assert call_mirrorc("build", cwd=root).code == 0
    assert 'location = "own.example.com/quay.io/a"' in (root / "rendered/north/registries.conf").read_text()
    write(root, ".mirrorc.yaml", text="version: 1\ndefaults: {helm: {chart: charts/m, valuesObject: [a]}}\n")
    assert "expected a mapping, found a list" in call_mirrorc("build", cwd=root).stderr


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: %s}
spec:
  source: {repoURL: 'https://git.example.com/fleet', path: %s, helm: %s}
  destination: {%s}
"""


def apps(root: Path) -> None:
    """A chart whose templates are Applications of another chart, one for each cluster."""
    values = "{valueFiles: ['../../clusters/{{ .name }}.yaml'], values: 'registry: {{ .name }}.example.com'}"
    template = APPLICATION % ("'m-{{ .name }}'", "charts/m", values, "name: '{{ .name }}'")
    template = "{{- range .Values.clusters }}\n---\n" + template + "{{- end }}\n"
    write(root, "charts/apps/Chart.yaml", text=CHART)
    write(root, "charts/apps/templates/apps.yaml", text=template)


@needs_helm
@pytest.mark.parametrize("by_hand", [False, True])
def test_init_writes_charts_with_their_values_and_follows_charts_of_applications(root: Path, by_hand: bool) -> None:
    (root / ".mirrorc.yaml").unlink()
    apps(root)
    values = "clusters: [{name: north}, {name: south}]"
    if by_hand:
        write(root, "charts/apps/values.yaml", text=values)
    else:
        text = APPLICATION % ("root", "charts/apps", f"{{valuesObject: {{{values}}}}}", "name: in-cluster")
        write(root, "bootstrap.yaml", text=text)
    commit("apps", at=root)
    assert call_mirrorc("init", cwd=root).code == 0
    written = (root / ".mirrorc.yaml").read_text()
    for name in ("north", "south"):
        block = f"""\
  - name: {name}
    helm:
      chart: charts/m
      values:
        - clusters/{name}.yaml
      valuesObject: {{"registry": "{name}.example.com"}}
"""
        assert block in written
    assert "{{" not in written
    assert call_mirrorc("build", cwd=root).code == 0
    assert 'location = "south.example.com/quay.io/b"' in (root / "rendered/south/registries.conf").read_text()
    assert check(root) == (0, [])


@needs_helm
def test_a_chart_of_applications_that_cannot_be_rendered_is_listed(root: Path) -> None:
    write(root, "charts/apps/Chart.yaml", text=CHART)
    write(root, "charts/apps/templates/apps.yaml", text='kind: Application # argoproj.io\n{{ fail "no" }}\n')
    write(root, "bootstrap.yaml", text=APPLICATION % ("root", "charts/apps", "{}", "name: in-cluster"))
    done = call_mirrorc("init", "--print", cwd=root)
    reason = "what its chart points at is not known: helm failed: "
    assert f"#   bootstrap.yaml: Application root: {reason}" in done.stdout
