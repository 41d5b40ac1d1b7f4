"""What commands print, on both streams and in every format: no terminal obeys it, and no runner of CI jobs.

Commands and their formats are taken from the command line itself, so that a new one is under test from its first day.
"""

import ast
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from compiler.cli import main
from compiler.commands import console
from compiler.commands.targets import FormatType
from compiler.text.escaping import Patch
from tests.command import ROOT, Done, call_mirrorc, run_mirrorc
from tests.logs import Runner, obeyed_by_terminal
from tests.repositories import commit, git, write
from tests.text.test_escaping import HOSTILE

# --- One place that prints -----------------------------------------------------------

_STREAMS = {"echo", "secho", "style", "pager", "echo_via_pager", "get_text_stream", "get_binary_stream"}


def printing(path: Path) -> set[str]:
    """The expressions of a module that write to a standard stream."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name) and node.id in {"print", "echo", "secho"}:
            found.add(node.id)
        if isinstance(node, ast.Attribute):
            base = ast.unparse(node.value)
            if base == "click" and node.attr in _STREAMS:
                found.add(f"click.{node.attr}")
            if base.startswith(("sys.stdout", "sys.stderr", "sys.__std")) and node.attr in {
                "write",
                "writelines",
                "buffer",
            }:
                found.add(f"{base}.{node.attr}")
    return found


def test_nothing_but_the_console_prints() -> None:
    modules = sorted((ROOT / "compiler").rglob("*.py"))
    users = {path.relative_to(ROOT).as_posix(): found for path in modules if (found := printing(path))}
    assert users.keys() == {"compiler/commands/console.py"}


# --- Every command, in every format --------------------------------------------------

ESCAPES = [
    json.dumps(text)
    for text in HOSTILE
    if not any("\ud800" <= character <= "\udfff" for character in text) and "\x00" not in text
]
"""Hostile texts as YAML and JSON write them."""

NAMES = (
    b"::stop-commands::x.yaml",
    b"##[group]g.yaml",
    b" ::error file=a,line=1::b.yaml",
    b"a\n::error::b.yaml",
    b"a\r##[error]b.yaml",
    b"a\nFORGED.yaml",
    b"\x1b]8;;http:evil\x07link.yaml",
    b"\xef\xbb\xbf::error::c.yaml",
    b"\xff\xc2\x9b31m.yaml",
    "a\u2028::error::d.yaml".encode(),
    "\u202elmay.yaml".encode(),
)


LOCATIONS = [json.dumps(f"quay.io/{text}") for text in ("a\nFORGED", "\x1b[2J", "##[group]", "\u202e", "ns")]


def manifest(text: str, name: str) -> str:
    """Objects that are wrong in many ways, with a text in every place that has one."""
    return f"""\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {{name: {name}, labels: {{a: {text}}}, annotations: {{a: {text}}}}}
spec:
  imageDigestMirrors:
  - source: {text}
    mirrors: [{text}, {text}, "m.example.com/a"]
    mirrorSourcePolicy: {text}
    {text}: 1
  - {{source: quay.io/a, mirrors: [quay.io/a, quay.io/a]}}
---
apiVersion: {text}
kind: ImageTagMirrorSet
metadata: {{name: {text}}}
spec: {{imageTagMirrors: [{{source: quay.io/a, mirrors: [b.example.com/a, a.example.com/a]}}]}}
---
# mirrorc: allow order-conflict -- {text}
# mirrorc: allow {text}
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {{name: {text}}}
spec:
  repositoryDigestMirrors:
  - {{source: {text}, mirrors: [{text}]}}
  - {{source: quay.io/a, mirrors: [a.example.com/a, {text}]}}
---
apiVersion: config.openshift.io/v1
kind: Image
metadata: {{name: {text}}}
spec: {{registrySources: {{insecureRegistries: [{text}], blockedRegistries: [{text}]}}}}
"""


SOUND = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: legacy}
spec:
  repositoryDigestMirrors:
  - {source: quay.io/ns, mirrors: [m.example.com/ns, n.example.com/ns]}
"""


def workload(text: str) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {text}, namespace: {text}}}
spec:
  template:
    spec:
      containers:
      - {{name: {text}, image: {text}}}
      - {{name: b, image: "quay.io/ns/a:1"}}
"""


RULES = "imageDigestMirrors: [{source: quay.io/a, mirrors: [m.example.com/a, m.example.com/a]}]"


def inside(text: str) -> str:
    """Policy inside other documents, whose names are the text, and objects that point at folders and clusters."""
    idms = (
        f"{{apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {{name: a}}, spec: {{{RULES}}}}}"
    )
    return f"""\
apiVersion: policy.open-cluster-management.io/v1
kind: ConfigurationPolicy
metadata: {{name: {text}}}
spec: {{remediationAction: enforce, object-templates: [{{complianceType: musthave, objectDefinition: {idms}}}]}}
---
apiVersion: hive.openshift.io/v1
kind: SyncSet
metadata: {{name: {text}, namespace: {text}}}
spec: {{clusterDeploymentRefs: [{{name: {text}}}], resources: [{idms}]}}
---
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {{name: {text}, namespace: {text}}}
spec: {{workload: {{manifests: [{idms}]}}}}
---
apiVersion: hypershift.openshift.io/v1beta1
kind: HostedCluster
metadata: {{name: {text}, namespace: {text}}}
spec: {{imageContentSources: [{{source: quay.io/a, mirrors: [m.example.com/a]}}, {{source: {text}}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: {text}, namespace: n}}
data: {{registries.conf: "[[registry]]\\nlocation = 'q.io'\\nblocked = true\\n", {text}: "kind: ImageDigestMirrorSet"}}
---
apiVersion: v1
baseDomain: example.com
metadata: {{name: {text}}}
imageDigestSources: [{{source: {text}, mirrors: [{text}]}}]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {text}}}
spec: {{source: {{repoURL: {text}, path: {text}, targetRevision: {text}}}, destination: {{name: {text}}}}}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: {text}}}
spec:
  goTemplate: true
  generators: [{{list: {{elements: [{{name: {text}}}]}}}}, {{git: {{files: [{{path: {text}}}]}}}}, {{{text}: {{}}}}]
  template: {{spec: {{source: {{path: kustom}}, destination: {{name: '{{{{.name}}}}'}}}}}}
---
apiVersion: mirror.openshift.io/v2alpha1
kind: ImageSetConfiguration
mirror: {{additionalImages: [{{name: {text}}}], operators: [{{catalog: {text}}}]}}
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which every name and every text is meant for a terminal or a runner."""
    root = tmp_path_factory.mktemp("hostile")
    git("init", "-q", at=root)
    write(root, "sound.yaml", text=SOUND)
    commit("start", at=root)
    for number, (name, text) in enumerate(zip(itertools.cycle(NAMES), ESCAPES, strict=False)):
        shown = os.fsdecode(name)
        write(root, f"d{number}/{shown}", text=manifest(text, f"n{number}"))
        write(root, f"d{number}/w-{shown}", text=workload(text))
    (root / "::error::link.yaml").symlink_to("nowhere")
    several = ("a\nFORGED", "\x1b[2J::error::a", "a\n##[error]b", "\u202e\n::stop-commands::x")
    for number, each in enumerate(several):
        write(root, f"inside/{number}/{each}.yaml", text=inside(json.dumps(each)))
        token = each.replace("\n", " ")
        template = (
            f"apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {{name: '{{{{ {token} }}}}'}}\n"
        )
        rule = f"{{source: '${{{token}}}', mirrors: ['<a{token}>', '{{{{ {token} }}}}/b']}}"
        rules = f"spec:\n  imageTagMirrors:\n  - {rule}\n"
        write(root, f"inside/{number}/{each}.yaml.j2", text=template + rules)
        write(root, f"inside/{number}/Dockerfile", text=f"FROM {token}\nFROM ${{{token}}}\n")
        write(root, f"inside/{number}/mapping.txt", text=f"quay.io/{token}=m.example.com/{token}\n")
    write(root, "run-1/a.yaml", text=SOUND)
    write(root, "run-2/::error::a.yaml", text=SOUND.replace("name: legacy", 'name: "a\\n::error::b"'))
    text = json.dumps("\x1b[2J\n::error::a ##[error]b")
    write(root, "list.txt", text="".join(f"quay.io/ns/{each.strip()}\n" for each in HOSTILE if each.isprintable()))
    node = "".join(f"[[registry]]\nlocation = {each}\n[[registry.mirror]]\nlocation = {each}\n" for each in LOCATIONS)
    write(root, "node.conf", text=node)
    write(root, "a/policy.json", text=f'{{"default": [{{"type": {text}}}]}}')
    write(root, "kustom/kustomization.yaml", text=f"resources: [{text}, ../sound.yaml]\n")
    write(root, "bad/.mirrorc.yaml", text=f"version: 1\n{text}: 1\nclusters: [{{name: {text}, output: {text}}}]\n")
    return root


def formats(command: click.Command) -> list[str]:
    """What `--format` takes."""
    for parameter in command.params:
        if isinstance(parameter.type, FormatType):
            return list(parameter.type.formats)
    return []


def flags(command: click.Command) -> list[str]:
    """Options that need no value, each to be tried by itself."""
    return [
        parameter.opts[-1]
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.is_flag and parameter.flag_value != ""
    ]


def valued(command: click.Command) -> list[str]:
    """Options with a value, each to be tried with a hostile one."""
    return [
        parameter.opts[-1]
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.is_flag and not parameter.count
    ]


ARGUMENTS: dict[str, list[list[str]]] = {
    "build": [["-o", "out/\x1b[31m\n::error::x"], ["bad", "--config", "bad/.mirrorc.yaml"]],
    "check": [[], ["--config", "bad/.mirrorc.yaml"], ["--severity", "order-conflict=\n::error::x"]],
    "explain": [
        ["--", "quay.io/ns/a:1", *(text for text in HOSTILE if "\0" not in text)],
        ["quay.io/ns/a:1", "--registries-conf", "node.conf"],
        ["quay.io/ns/a:1", "--repo", "\x1b[31m\nFORGED\n::error::x"],
    ],
    "images": [[], ["--from", "list.txt"], ["--from", "list.txt", "--registries-conf", "node.conf"]],
    "diff": [
        ["HEAD"],
        ["HEAD", "--images"],
        ["\x1b[31m\nFORGED\n::error::x"],
        ["node.conf", "."],
        ["--path", "\nFORGED\n::error::x"],
    ],
    "graph": [[], ["quay.io/ns"], ["\x1b[31m\nFORGED\n::error::x"], ["--repo", "\x1b[31m\nFORGED\n::error::x"]],
    "plan": [["HEAD"], ["HEAD", "--write", "out/\x1b[31m\n::error::x"], ["\x1b[31m\nFORGED\n::error::x"]],
    "merge": [
        ["run-1", "run-2", "-o", "out/\x1b[31m\n::error::x"],
        ["inside", "--into", "run-2"],
        ["\x1b[31m\nFORGED\n::error::x"],
    ],
    "migrate": [[], ["run-2"], ["\x1b[31m\nFORGED\n::error::x"]],
    "report": [[], ["--base", "HEAD"], ["--base", "\x1b[31m\nFORGED\n::error::x"]],
    "rules": [[], ["order-conflict"], ["\nFORGED\n::error::x"]],
    "init": [["--print"], ["\x1b[31m\nFORGED\n::error::x"]],
}
"""What each command is called with; one that is not here with nothing, and with a hostile path."""

VALUES = ("a=\u202e##[error]\x1b[31m\nFORGED\n::error::x", "d0/::stop-commands::x.yaml")
"""For each option with a value: a pair or a name that is not there, and a file."""

DEFAULT_ARGUMENTS = [[], ["\x1b[31m\nFORGED\n::error::x"]]


def calls() -> Iterator[tuple[str, ...]]:
    """Every command in every format and with each of its flags, and what the command line itself says."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        for arguments in ARGUMENTS.get(name, DEFAULT_ARGUMENTS):
            yield (name, *arguments)
            yield from ((name, "--format", each, *arguments) for each in formats(command))
        first = ARGUMENTS.get(name, DEFAULT_ARGUMENTS)[0]
        yield from ((name, flag, *first) for flag in flags(command) if flag not in first)
        yield from ((name, option, value, *first) for option in valued(command) for value in VALUES)
        yield (name, "--\x1b[31m\nFORGED\n::error::x")
    yield ("\x1b[31m\nFORGED\n::error::x",)
    yield ("--help",)


def checked(done: Done, arguments: tuple[str, ...], *, styled: bool) -> None:
    assert done.code in {0, 1, 2}, (arguments, done.stderr)
    runner = Runner()
    annotates = "github" in arguments
    for text in (done.stdout, done.stderr):
        assert obeyed_by_terminal(text, styled=styled) == [], arguments
        assert not any(line.startswith("FORGED") for line in text.splitlines()), arguments
        for found in runner.commands(text):
            if found.name == "stop-commands":
                assert "--diff" in arguments, (arguments, found)  # a patch may not change
                continue
            ours = found.name in {"error", "warning", "notice"} and found.properties["title"].startswith("mirrorc")
            assert ours, (arguments, found)
            assert annotates, (arguments, found)
            assert text is done.stdout, (arguments, found)
    assert not runner.is_silenced


@pytest.mark.parametrize("arguments", list(calls()), ids=lambda each: " ".join(each).encode("unicode_escape").decode())
def test_what_a_command_prints_is_obeyed_by_nobody(
    arguments: tuple[str, ...], hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = tmp_path / "repo"
    shutil.copytree(hostile, repo, symlinks=True)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("FORCE_COLOR", "1")
    checked(call_mirrorc(*arguments, cwd=repo), arguments, styled=True)


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_outside_of_a_job_no_terminal_obeys_it_either(name: str, hostile: Path, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    shutil.copytree(hostile, repo, symlinks=True)
    for arguments in ARGUMENTS.get(name, DEFAULT_ARGUMENTS):
        done = call_mirrorc(name, *arguments, cwd=repo)
        assert obeyed_by_terminal(done.stdout + done.stderr) == [], arguments


def test_what_the_console_is_given_is_made_safe(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for text in HOSTILE:
        console.say(text)
        console.say_page(f"{text}\n")
        console.write(f"{text}\n")
    for printed in capfd.readouterr():
        assert obeyed_by_terminal(printed) == []
        assert list(Runner().commands(printed)) == []
        assert len(printed.splitlines()) >= len(HOSTILE)


# --- Patches -------------------------------------------------------------------------


MISTYPED = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: a
  annotations:
    a: |
      ::stop-commands::x
      ##[group]y
spec:
  imageDigestMirrors:
  - source: quay.io/a
    mirors: [m.example.com/a]
"""


@pytest.mark.parametrize("variables", [{}, {"GITHUB_ACTIONS": "true"}], ids=["pipe", "job"])
def test_a_patch_reaches_git_in_a_job_too(repo: Path, variables: dict[str, str]) -> None:
    text = MISTYPED.replace("spec:\n  imageDigestMirrors:\n", "spec:\n  imageDigestMirrors:\n  # ##[group]z\n")
    write(repo, "a.yaml", text=text)
    done = run_mirrorc("check", "--diff", "a.yaml", cwd=repo, env=variables)
    found = [command.name for command in Runner().commands(done.stdout)]
    assert (found == ["stop-commands"]) == bool(variables)
    write(repo, "patch", text=done.stdout)
    git("apply", "patch", at=repo)
    assert (repo / "a.yaml").read_text() == text.replace("mirors", "mirrors")


def test_a_patch_to_a_terminal_is_shown_and_obeyed_by_nobody() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    patch = Patch("--- a\n+++ b\n+\x9b31m\n")
    assert console.shown(patch, Terminal()) == "--- a\n+++ b\n+\\x9b31m\n"
    assert console.shown(patch, io.StringIO()) == patch


# --- Streams -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["check --format json | true", "check 2>&1 | true", "rules | true", "--help | true"]
)
def test_a_closed_pipe_is_no_finding(repo: Path, command: str) -> None:
    """Exit code 2, without a message: whoever reads has seen enough."""
    write(repo, "a.yaml", text="---\n".join(MISTYPED.replace("name: a", f"name: a{each}") for each in range(300)))
    program, _, reader = command.partition("| ")
    script = f"(sleep 0.3; {sys.executable} -m compiler {program}; echo $? > code) | {reader}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", script], cwd=repo, env=environment, capture_output=True, text=True, check=False
    )
    assert (repo / "code").read_text() == "2\n"
    assert "pipe" not in done.stderr.lower()
    assert "Exception" not in done.stderr


GONE = (">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full 2>/dev/full", "2>&1 | true")
"""What may become of the standard streams."""


@pytest.mark.parametrize("name", [*main.list_commands(click.Context(main)), "nonsense", "--help", "--version"])
def test_streams_that_take_nothing_end_no_command_as_a_bug(name: str, repo: Path) -> None:
    """Nor as a finding, where the command line itself is wrong."""
    write(repo, "a.yaml", text=SOUND)
    write(repo, "b/a.yaml", text=SOUND.replace("m.example", "o.example"))
    commit()
    arguments = {
        "explain": "quay.io/ns",
        "diff": "a.yaml b",
        "plan": "a.yaml b",
        "merge": "b -o out",
        "migrate": "--check",
    }.get(name, "")
    run = f"{sys.executable} -m compiler {name} {arguments}"
    plain, *codes = (
        subprocess.run(
            [
                "bash",
                "-c",
                f"{run} > plain 2>&1; echo $?\n"
                + "".join(f"({run}; echo $? >> codes) {each} > rest\n" for each in GONE),
            ],
            cwd=repo,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.splitlines()[-1:]
        + (repo / "codes").read_text().split()
    )
    assert len(codes) == len(GONE)
    assert set(codes) <= {plain, "2"}
    assert plain in {"0", "1", "2"}
