"""The files for CI: valid by the schemas of those who read them, safe by their linter, and run as they are written."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any  # what a YAML file holds

import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

from tests import logs
from tests.command import FIXTURES, ROOT, Done
from tests.fleets import fleet_of, mirrors
from tests.repositories import commit, git, write

BIN = Path(sys.executable).parent
ACTION = ROOT / "action.yml"
GITLAB = ROOT / "ci" / "gitlab.yml"
WORKFLOWS = (
    ROOT / "examples" / "github-workflow.yaml",
    FIXTURES / "gitops-repo" / ".github" / "workflows" / "mirrors.yaml",
)

# One installed environment serves the steps of both.
pytestmark = pytest.mark.xdist_group("ci")


def loaded(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text())


def tool(name: str) -> Path:
    """A linter that comes with the development dependencies."""
    path = BIN / name
    if not path.exists():
        pytest.skip(f"{name} is not installed: `pip install {name}`")
    return path


def run(*command: str | Path, at: Path = ROOT, env: Mapping[str, str] | None = None) -> Done:
    done = subprocess.run(
        [*map(str, command)],
        cwd=at,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Done(code=done.returncode, stdout=done.stdout.decode(), stderr=done.stderr.decode())


# --- Valid and safe ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ACTION),
        *(("vendor.github-workflows", path) for path in WORKFLOWS),
        ("vendor.gitlab-ci", GITLAB),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_a_file_is_what_its_readers_schema_says(schema: str, path: Path) -> None:
    done = run(tool("check-jsonschema"), "--builtin-schema", schema, path)
    assert done.code == 0, done.stdout + done.stderr


def test_the_action_and_its_example_are_safe_to_run_on_strangers_pull_requests() -> None:
    done = run(tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", ACTION, WORKFLOWS[0])
    assert done.code == 0, done.stdout + done.stderr


def test_no_input_is_part_of_a_script() -> None:
    for step in loaded(ACTION)["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_the_hooks_are_what_pre_commit_reads() -> None:
    done = run(tool("pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml")
    assert done.code == 0, done.stdout
    for hook in loaded(ROOT / ".pre-commit-hooks.yaml"):
        assert hook["always_run"]
        assert not hook["pass_filenames"]
        assert "files" not in hook


def test_the_workflow_of_the_example_runs_as_it_is_written(installed: Path, repo: Path) -> None:
    """But for what sets the machine up."""
    shutil.copytree(FIXTURES / "gitops-repo", repo, dirs_exist_ok=True)
    (job,) = loaded(repo / ".github" / "workflows" / "mirrors.yaml")["jobs"].values()
    steps = [step["run"] for step in job["steps"] if step.get("name")]
    assert len(steps) == 2
    environment = {"PATH": f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    assert run("mirrorc", "build", at=repo, env=environment).code == 0
    for cluster in job["strategy"]["matrix"]["cluster"]:
        for step in steps:
            done = run("bash", "-eo", "pipefail", "-c", step, at=repo, env={**environment, "CLUSTER": cluster})
            assert done.code == 0, done.stderr
    write(repo, "clusters/south/more.yaml", text=mirrors("more", "quay.io/more: m.example.com/more"))
    environment["CLUSTER"] = "south"
    assert run("bash", "-c", steps[1], at=repo, env=environment).code == 1


# --- The action, step by step --------------------------------------------------------

_NAME = re.compile(r"\b(?:inputs|github|runner|steps)(?:\.[A-Za-z_][\w-]*)+")


@dataclass(slots=True)
class Runner:
    """As much of a runner as a composite action needs: expressions, steps, outputs, a summary."""

    repo: Path
    temp: Path
    inputs: dict[str, str] = field(default_factory=dict)
    base_ref: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def value(self, name: str) -> str:
        known = {
            "github.action_path": str(ROOT),
            "github.base_ref": self.base_ref,
            "github.event.pull_request.number": "",
            "github.token": "",
            "github.server_url": "https://github.example.com",
            "github.repository": "org/repo",
            "github.sha": "0123abcd",
            "runner.temp": str(self.temp),
            **{f"inputs.{key}": str(each["default"]) for key, each in loaded(ACTION)["inputs"].items()},
            **{f"inputs.{key}": each for key, each in self.inputs.items()},
        }
        return self.outputs.get(name, "") if name.startswith("steps.") else known[name]

    def evaluated(self, expression: str) -> Any:
        """An expression of GitHub's: names, `==`, `!=`, `||` and `format`, which is all that the action uses."""
        python = (
            _NAME.sub(lambda match: repr(self.value(match[0])), expression).replace("||", " or ").replace("&&", " and ")
        )
        return eval(python, {"__builtins__": {}, "format": lambda text, *values: text.format(*values)})

    def expanded(self, text: str) -> str:
        return re.sub(r"\$\{\{(.+?)\}\}", lambda match: str(self.evaluated(match[1].strip())), text)

    def run(self) -> int:
        """Run the steps as they are written, up to one that fails."""
        for step in loaded(ACTION)["runs"]["steps"]:
            if step["name"] == "Install" and (self.temp / "mirrorc").exists():
                continue
            if not self.evaluated(step.get("if", "True")):
                continue
            code = self.step(step)
            if code != 0:
                return code
        return 0

    def step(self, step: Mapping[str, Any]) -> int:
        files = {name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        files["GITHUB_OUTPUT"].write_text("")
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        env = {name: self.expanded(value) for name, value in step["env"].items()}
        env |= {name: str(path) for name, path in files.items()} | {"GITHUB_ACTIONS": "true"}
        at = self.repo / self.expanded(step.get("working-directory", "."))
        done = run("bash", "--noprofile", "--norc", "-eo", "pipefail", script, at=at, env=env)
        self.said += done.stdout + done.stderr
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            name, _, value = line.partition("=")
            self.outputs[f"steps.{step.get('id')}.outputs.{name}"] = value
        return done.code

    @property
    def summary(self) -> str:
        path = self.temp / "github_step_summary"
        return path.read_text() if path.exists() else ""


def plant_modules(root: Path) -> None:
    """Put modules into a checkout that Python would import instead of its own, were it to look there."""
    for name in ("venv", "ensurepip", "pip", "subprocess", "sitecustomize"):
        (root / f"{name}.py").write_text("raise SystemExit('a file of the pull request was imported')\n")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the action's first step installs, as it is written."""
    temp = tmp_path_factory.mktemp("runner")
    plant_modules(temp)
    runner = Runner(repo=temp, temp=temp, inputs={"python": sys.executable})
    (step,) = (step for step in loaded(ACTION)["runs"]["steps"] if step["name"] == "Install")
    assert runner.step(step) == 0, runner.said
    return temp / "mirrorc"


@pytest.fixture
def runner(repo: Path, installed: Path, tmp_path: Path) -> Runner:
    """A pull request of nothing yet, against a fleet whose rendered files are up to date."""
    fleet_of(repo, "north", "south")
    made = run(installed / "bin" / "mirrorc", "build", at=repo)
    assert made.code == 0, made.stderr
    commit("start")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("switch", "-q", "-c", "change")
    temp = tmp_path / "temp"
    temp.mkdir()
    (temp / "mirrorc").symlink_to(installed)
    return Runner(repo=repo, temp=temp, base_ref="main")


def change(root: Path, name: str = "north", mirror: str = "new.example.com/x") -> None:
    write(root, f"clusters/{name}/own.yaml", text=mirrors("own", f"quay.io/{name}: {mirror}"))
    commit("change")


def test_a_pull_request_without_effect_passes_and_says_so(runner: Runner) -> None:
    assert runner.run() == 0, runner.said
    assert Path(runner.outputs["steps.check.outputs.sarif"]).read_text().startswith("{")
    comment = Path(runner.outputs["steps.diff.outputs.comment"]).read_text()
    assert comment == runner.summary
    assert "🟢 none: nothing changes on nodes" in comment


def test_the_page_shows_the_change_and_links_to_the_revision(runner: Runner) -> None:
    change(runner.repo)
    assert runner.run() == 0, runner.said
    page = Path(runner.outputs["steps.report.outputs.report"]).read_text()
    assert "https://github.example.com/org/repo/blob/0123abcd/clusters/north/own.yaml#L" in page
    assert "drain" in page
    assert "new.example.com/x" in page


def test_a_page_that_cannot_be_made_is_no_output(runner: Runner) -> None:
    runner.inputs["config"] = "nowhere.yaml"
    assert runner.run() == 1
    assert "steps.report.outputs.report" not in runner.outputs


def test_a_finding_is_an_annotation_and_fails_the_gate_after_every_report_is_made(runner: Runner) -> None:
    change(runner.repo, mirror="NEW.example.com/X")
    assert runner.run() == 1
    assert "::error title=mirrorc%3A invalid-scope,file=clusters/north/own.yaml,line=7" in runner.said
    assert "mirrorc found problems: see the annotations." in runner.said
    assert "invalid-scope" in Path(runner.outputs["steps.check.outputs.sarif"]).read_text()
    assert runner.summary != ""


def test_warnings_fail_where_they_are_asked_to(runner: Runner) -> None:
    write(runner.repo, "clusters/north/inert.yaml", text=mirrors("inert", "quay.io/x: quay.io/x"))
    commit("inert")
    assert runner.run() == 0, runner.said
    assert "::warning title=mirrorc%3A inert-rule,file=clusters/north/inert.yaml" in runner.said
    runner.inputs["strict"] = "true"
    assert runner.run() == 1


def test_the_gate_holds_what_a_change_may_cost(runner: Runner) -> None:
    change(runner.repo)
    assert runner.run() == 0, runner.said
    assert "drain" in runner.summary
    runner.inputs["max-disruption"] = "reload"
    assert runner.run() == 1
    assert "The change exceeds the maximum allowed disruption, `reload`: see the summary." in runner.said


def test_stale_rendered_files_fail_where_they_are_asked_for(runner: Runner) -> None:
    change(runner.repo)
    runner.inputs["rendered"] = "true"
    assert runner.run() == 1
    assert "+++ rendered/north/registries.conf" in runner.said
    assert "Rendered files are stale: run `mirrorc build` and commit what it writes." in runner.said
    run(runner.temp / "mirrorc" / "bin" / "mirrorc", "build", at=runner.repo)
    commit("build")
    assert runner.run() == 0, runner.said


def test_clusters_shards_paths_and_folders_are_chosen_by_inputs(runner: Runner) -> None:
    change(runner.repo, "south", "BAD.example.com/X")
    for inputs, code in (
        ({"clusters": "north"}, 0),
        ({"clusters": "north, south"}, 1),
        ({"shard": "1/2"}, 0),
        ({"paths": "base\nclusters/south"}, 1),
        ({"working-directory": "clusters/north", "paths": "own.yaml", "config": "../../.mirrorc.yaml"}, 0),
    ):
        runner.inputs = dict(inputs)
        assert runner.run() == code, (inputs, runner.said)


def test_a_push_has_nothing_to_compare_with(runner: Runner) -> None:
    runner.base_ref = ""
    assert runner.run() == 0, runner.said
    assert runner.summary == ""
    assert "steps.diff.outputs.comment" not in runner.outputs


def test_a_base_that_is_not_there_is_no_pass(runner: Runner) -> None:
    runner.inputs["base"] = "origin/nowhere"
    assert runner.run() == 1
    assert "The change could not be compared with its base, or what it costs is unknown: see above." in runner.said


def test_an_input_is_never_code(runner: Runner) -> None:
    runner.inputs = {
        "clusters": "$(touch pwned)`touch pwned`",
        "paths": '"; touch pwned; "',
        "base": "$(touch pwned)",
        "config": "*",
    }
    assert runner.run() == 1
    assert not list(runner.repo.rglob("pwned"))


def test_no_repository_that_files_of_the_pull_request_make_is_obeyed(runner: Runner) -> None:
    """A partial clone with a transport that runs a program: git looks for commits that it lacks there."""
    folder = runner.repo / "clusters/north"
    write(folder, "objects/keep", "refs/keep", text="")
    write(folder, "HEAD", text="ref: refs/heads/main\n")
    for number, name in enumerate(("refs/heads/main", "refs/remotes/origin/main"), 1):
        write(folder, name, text=f"{str(number) * 40}\n")
    pwned = runner.temp / "pwned"
    write(
        folder,
        "config",
        text="[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = x\n"
        f'[remote "x"]\n\tpromisor = true\n\turl = "ext::sh -c touch% {pwned}"\n[protocol "ext"]\n\tallow = always\n',
    )
    git("add", "-A")
    git("commit", "-q", "-m", "x")
    runner.inputs = {"working-directory": "clusters/north", "paths": "own.yaml", "config": "../../.mirrorc.yaml"}
    assert runner.run() == 1
    assert not pwned.exists()
    subprocess.run(["git", "merge-base", "origin/main", "HEAD"], cwd=folder, capture_output=True, check=False)
    assert pwned.exists()  # the trap is a real one


HOSTILE = "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: 'A ##[group]b'}\nspec: {}\n"


def test_a_log_has_no_command_but_the_annotations(runner: Runner) -> None:
    for name in ("::stop-commands::x.yaml", "##[group]x.yaml", " ::add-mask::a\n::error::b.yaml"):
        write(runner.repo, f"base/{name}", text=HOSTILE)
    commit("hostile")
    runner.inputs["rendered"] = "true"
    assert runner.run() == 1
    found = list(logs.Runner().commands(runner.said))
    assert len(found) >= 3
    assert {command.name for command in found} <= {"error", "warning", "notice"}
    assert all(command.properties["title"].startswith("mirrorc: ") for command in found)
    assert logs.obeyed_by_terminal(runner.said) == []
    assert logs.obeyed_by_terminal(runner.summary) == []


# --- Tekton, Argo CD and the image --------------------------------------------------

TASK = ROOT / "ci" / "tekton-task.yaml"
TEKTON_LINT = ROOT / "node_modules" / ".bin" / "tekton-lint"
PLUGIN = ROOT / "ci" / "argocd-plugin.yaml"
CONTAINERFILE = ROOT / "ci" / "Containerfile"


@dataclass(slots=True)
class Pod:
    """As much of Tekton as the task needs: variables of steps, exit codes kept for later steps, results."""

    repo: Path
    temp: Path
    installed: Path
    params: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def run(self) -> int:
        spec = loaded(TASK)["spec"]
        values = {f"params.{each['name']}": str(each.get("default", "")) for each in spec["params"]}
        values |= {f"params.{name}": value for name, value in self.params.items()}
        values |= {"workspaces.source.path": str(self.repo), "workspaces.reports.path": str(self.temp)}
        values |= {f"results.{each['name']}.path": str(self.temp / each["name"]) for each in spec["results"]}
        for step in spec["steps"]:
            values[f"steps.step-{step['name']}.exitCode.path"] = str(self.temp / f"code-{step['name']}")
        path = f"{self.installed / 'bin'}{os.pathsep}{os.environ['PATH']}"
        for step in spec["steps"]:
            assert "$(" not in re.sub(r"\$\((?:mktemp|cat) [^)]*\)", "", step["script"]), "values come as variables"
            script = self.temp / "script.sh"
            script.write_text(step["script"])
            env = {
                each["name"]: re.sub(r"\$\(([^)]+)\)", lambda match: values[match[1]], each["value"])
                for each in (*spec["stepTemplate"]["env"], *step["env"])
            }
            done = run("sh", script, at=self.repo, env={**env, "PATH": path})
            self.said += done.stdout + done.stderr
            (self.temp / f"code-{step['name']}").write_text(str(done.code))
            if done.code != 0 and step.get("onError") != "continue":
                return done.code
        return 0

    def result(self, name: str) -> str:
        data = (self.temp / name).read_bytes()
        assert len(data) <= 4096
        return data.decode()


@pytest.fixture
def pod(runner: Runner, installed: Path, tmp_path: Path) -> Pod:
    temp = tmp_path / "reports"
    temp.mkdir()
    return Pod(repo=runner.repo, temp=temp, installed=installed)


def test_the_task_passes_its_linter() -> None:
    """No package has a schema of Tasks. This linter resolves each variable, parameter, workspace and result."""
    if not TEKTON_LINT.exists():
        pytest.skip("tekton-lint is not installed: `npm install --no-save @ibm/tekton-lint`")
    done = run(TEKTON_LINT, "--max-warnings", "0", TASK)
    assert done.code == 0, done.stdout + done.stderr


def test_the_plugin_has_the_keys_that_argo_cd_reads() -> None:
    """argoproj/argo-cd `cmpserver/plugin/config.go`, `PluginConfig` (14b97121): no package has a schema of it."""
    plugin = loaded(PLUGIN)
    assert (plugin["apiVersion"], plugin["kind"]) == ("argoproj.io/v1alpha1", "ConfigManagementPlugin")
    assert plugin.keys() == {"apiVersion", "kind", "metadata", "spec"}
    assert plugin["metadata"].keys() == {"name"}
    assert plugin["spec"].keys() <= {"version", "init", "generate", "discover", "parameters"}
    assert plugin["spec"]["generate"].keys() == {"command", "args"}


def test_the_task_passes_a_clean_repo_and_leaves_its_reports(pod: Pod) -> None:
    assert pod.run() == 0, pod.said
    assert (pod.result("findings"), pod.result("disruption")) == ("0", "")
    assert {"mirrorc.sarif", "mirrorc.json", "mirrorc-junit.xml"} <= {path.name for path in pod.temp.iterdir()}


def test_the_task_fails_for_an_error_and_counts_it(pod: Pod) -> None:
    change(pod.repo, mirror="NEW.example.com/X")
    assert pod.run() == 1
    assert pod.result("findings") == "1"
    assert "mirrorc check reported problems" in pod.said


def test_the_task_fails_above_the_maximum_allowed_disruption(pod: Pod) -> None:
    change(pod.repo)
    pod.params = {"base": "origin/main"}
    assert pod.run() == 0, pod.said
    assert pod.result("disruption") == "drain"
    pod.params["max-disruption"] = "reload"
    assert pod.run() == 1
    assert "| `north` |" in (pod.temp / "mirrorc-diff.md").read_text()


def render(at: Path, installed: Path) -> Done:
    command = loaded(PLUGIN)["spec"]["generate"]
    path = os.pathsep.join((str(installed / "bin"), str(BIN), os.environ["PATH"]))
    return run(*command["command"], *command["args"], at=at, env={"PATH": path})


def test_argo_cd_gets_the_manifests_of_a_clean_folder(runner: Runner, installed: Path) -> None:
    done = render(runner.repo / "base", installed)
    assert done.code == 0, done.stderr
    assert "kind: ImageDigestMirrorSet" in done.stdout
    (kustomization := runner.repo / "base" / "kustomization.yaml").write_text(
        "resources: [" + ", ".join(sorted(path.name for path in (runner.repo / "base").glob("*.yaml"))) + "]\n"
    )
    done = render(runner.repo / "base", installed)
    assert done.code == 0, (done.stderr, kustomization.read_text())
    assert "kind: ImageDigestMirrorSet" in done.stdout


def test_argo_cd_gets_nothing_of_a_folder_with_errors(runner: Runner, installed: Path) -> None:
    change(runner.repo, mirror="NEW.example.com/X")
    done = render(runner.repo / "clusters" / "north", installed)
    assert (done.code, done.stdout) == (1, "")
    assert "invalid-scope" in done.stderr


def test_the_image_is_built_as_its_linter_asks() -> None:
    done = run(tool("hadolint"), CONTAINERFILE)
    assert done.code == 0, done.stdout
    text = CONTAINERFILE.read_text()
    assert "\nUSER 65532" in text


# --- GitLab, job by job --------------------------------------------------------------


def job(name: str) -> dict[str, Any]:
    jobs = loaded(GITLAB)
    return {**jobs[".mirrorc"], **jobs[name]}


def run_job(name: str, at: Path, installed: Path, **variables: str) -> Done:
    """What stands under `script`, in one shell, as GitLab's runner puts it there."""
    env = {key: str(value) for key, value in loaded(GITLAB)["variables"].items()} | variables
    script = "\n".join(job(name)["script"])
    path = f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return run("bash", "-eo", "pipefail", "-c", script, at=at, env={**env, "PATH": path})


@pytest.fixture
def merge_request(runner: Runner, tmp_path: Path) -> Iterator[Path]:
    """A clone, as GitLab makes it, of a branch."""
    clone = tmp_path / "clone"
    git("clone", "-q", "--branch", "change", str(runner.repo), str(clone))
    yield clone
    shutil.rmtree(clone)


def test_gitlab_installs_the_package_it_is_told_to() -> None:
    """With a kustomize, as each example in the comment has it."""
    package = Requirement(loaded(GITLAB)["variables"]["MIRRORC_PACKAGE"])
    examples = map(Requirement, re.findall(r"`(mirrorc[^`]+)`", GITLAB.read_text().partition("MIRRORC_PACKAGE:")[0]))
    assert [each.extras for each in (package, *examples)] == [{"kustomize"}] * 3
    lines = job("mirrorc-check")["before_script"]
    assert [line for line in lines if "$MIRRORC_PACKAGE" in line] == [lines[2]]
    assert run("bash", "-n", "-c", "\n".join(lines)).code == 0


def test_gitlab_imports_no_file_of_the_merge_request(tmp_path: Path) -> None:
    plant_modules(tmp_path)
    lines = job("mirrorc-check")["before_script"]
    script = "\n".join([*lines[:2], *lines[3:], 'test -x "$MIRRORC_VENV/bin/pip"', 'rm -r "$MIRRORC_VENV"'])
    assert run("bash", "-eo", "pipefail", "-c", script, at=tmp_path).code == 0


def test_gitlab_gets_its_reports_from_clean_and_from_broken_manifests(merge_request: Path, installed: Path) -> None:
    assert run_job("mirrorc-check", merge_request, installed).code == 0
    assert (merge_request / "gl-code-quality-report.json").read_text().strip() == "[]"
    change(merge_request, mirror="BAD.example.com/X")
    done = run_job("mirrorc-check", merge_request, installed)
    assert done.code == 1
    assert "error[invalid-scope]" in done.stdout
    for report in job("mirrorc-check")["artifacts"]["reports"].values():
        assert "invalid-scope" in (merge_request / report).read_text()


def test_gitlab_shows_no_report_that_the_merge_request_brings(merge_request: Path, installed: Path) -> None:
    write(merge_request, "mirrorc-diff.md", text="\x1b[2J approved\n")
    (merge_request / ".mirrorc.yaml").write_text("version: 2\n")
    commit("a report")
    done = run_job("mirrorc-diff", merge_request, installed, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    assert done.code == 2
    assert "approved" not in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_gitlab_says_what_a_change_costs_and_holds_the_gate(merge_request: Path, installed: Path) -> None:
    change(merge_request)
    target = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
    done = run_job("mirrorc-diff", merge_request, installed, **target)
    assert done.code == 0, done.stderr
    assert "drain" in (merge_request / "mirrorc-diff.md").read_text()
    assert run_job("mirrorc-diff", merge_request, installed, **target, MIRRORC_MAX_DISRUPTION="none").code == 1


def test_gitlab_links_the_merge_request_to_the_page(merge_request: Path, installed: Path) -> None:
    artifacts = job("mirrorc-report")["artifacts"]
    change(merge_request, mirror="BAD.example.com/X")
    project = {"CI_PROJECT_URL": "https://gitlab.example.com/a/b", "CI_COMMIT_SHA": "0123abcd"}
    done = run_job("mirrorc-report", merge_request, installed, **project)
    assert done.code == 0, done.stderr
    (path,) = artifacts["paths"]
    page = (merge_request / path).read_text()
    assert "https://gitlab.example.com/a/b/-/blob/0123abcd/clusters/north/own.yaml#L" in page
    assert "invalid-scope" in page
    assert artifacts["expose_as"]


def test_gitlab_holds_rendered_files(merge_request: Path, installed: Path) -> None:
    assert run_job("mirrorc-rendered", merge_request, installed).code == 0
    change(merge_request)
    assert run_job("mirrorc-rendered", merge_request, installed).code == 1
