"""The house: one home for each third-party library, few modules that know the machine, and a light start.

The order of the wings is a contract in pyproject.toml, which `make lint` checks with import-linter.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from compiler import __version__
from tests.command import ROOT
from tests.fleets import fleet_of
from tests.repositories import commit

HOMES = {
    "ruamel": {"text.events"},
    "_ruamel_yaml": {"text.events"},
    "networkx": {"policy.precedence"},
    "jinja2": {
        "policy.render",
        "reporters.page",
        "manifests.jinja",
    },  # files of nodes, and pages that escape every value
    "subprocess": {
        "repository.git",
        "machine.bounded",
        "machine.gathered",
        "manifests.jinja",
        "commands.tracing",
    },
}
"""One third-party library, one module; one module for each program that is started. click is for the command line."""

SHELL = {
    "clusters.cluster": "asks where the current folder is",
    "clusters.building": "joins paths as other programs have them",
    "clusters.loading": "finds the folder of a configuration",
    "clusters.surveying": "looks a repo over",
    "clusters.placing": "asks where the top of the repo is",
    "clusters.rendering": "joins paths as other programs have them",
    "clusters.unclaimed": "reads kustomizations and resolves links",
    "manifests.commit_files": "brings a commit's files to the disk",
    "repository.commit_tree": "lays a revision's tree out by name",
    "reporters.rules.examples": "finds the rules' folders",
    "repository.discovery": "finds files",
    "repository.files": "reads",
    "repository.folders": "opens folders, and writes in them",
    "repository.git": "runs git",
    "manifests.helm": "runs helm",
    "manifests.kustomize": "runs kustomize",
    "manifests.jinja": "renders templates in a process with limits",
    "repository.tracked": "looks at files and leaves a note",
    "repository.write_back": "writes fixes back",
    "diff.names": "asks whether a name is a path",
    "machine.bounded": "runs programs with limits",
    "machine.gathered": "takes what programs print, and looks at the time",
    "machine.processes": "starts processes of its own",
    "machine.trace": "measures time",
    "repository.paths": "knows the operating system's separator",
    "policy.render": "finds the templates",
    "diff.revisions": "asks what a path is",
    "diff.searching": "joins paths as the operating system has them",
}
"""Modules below the command line that know of the machine, and what for."""

MACHINE = {
    "os",
    "pathlib",
    "subprocess",
    "tempfile",
    "sys",
    "time",
    "shutil",
    "socket",
    "signal",
    "datetime",
    "random",
    "locale",
}


@cache
def modules() -> dict[str, Path]:
    """Every module by its name below `compiler`; the package itself is the way in and stands outside the house."""
    found = {}
    for path in (ROOT / "compiler").rglob("*.py"):
        parts = path.relative_to(ROOT / "compiler").with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name:
            found[name] = path
    return found


@cache
def imports(name: str) -> frozenset[str]:
    """Everything a module imports, wherever in it: dotted names, those of the package without `compiler.`."""
    return frozenset(_imports(ast.parse(modules()[name].read_text(encoding="utf-8"))))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_inside(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = _inside(f"{node.module}.{alias.name}")
                yield inner if inner in modules() else _inside(node.module)


def _inside(dotted: str) -> str:
    return dotted.removeprefix("compiler.")


def test_a_third_party_library_has_one_home() -> None:
    for library, home in HOMES.items():
        users = {name for name in modules() if any(each.partition(".")[0] == library for each in imports(name))}
        assert users == home, library
    users = {name for name in modules() if any(each.partition(".")[0] == "click" for each in imports(name))}
    assert {name for name in users if not name.startswith("commands.")} == {"cli"}


def test_nothing_else_is_imported_from_outside() -> None:
    """But the standard library: a new dependency is a decision."""
    known = sys.stdlib_module_names | HOMES.keys() | {"click", "compiler"}
    for name in modules():
        outside = (
            {each.partition(".")[0] for each in imports(name)} - known - {each.partition(".")[0] for each in modules()}
        )
        assert outside == set(), name


def is_shell(name: str) -> bool:
    return name in SHELL or name in {"cli", "__main__"} or name.startswith("commands")


def test_only_the_shell_knows_of_the_machine() -> None:
    users = {name for name in modules() if not imports(name).isdisjoint(MACHINE)}
    assert {name for name in users if not is_shell(name)} == set()
    assert SHELL.keys() <= users, "a module that needs no machine is no shell"


def test_only_the_command_line_prints_and_exits() -> None:
    for name, path in modules().items():
        called = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"print", "input", "exit", "breakpoint", "eval", "exec"}, name


def test_starting_up_imports_nothing_heavy() -> None:
    """`mirrorc --version` and the import for programs: no YAML, no graphs, no templates, no processes."""
    heavy = "{'ruamel', 'networkx', 'jinja2', 'subprocess', 'difflib', 'json', 'tempfile', 'asyncio', 'logging'}"
    for start in ("import compiler, compiler.cli", "import compiler.commands.build, compiler.commands.options"):
        script = f"{start}; import sys; sys.exit(str(sorted({heavy} & sys.modules.keys())))"
        done = subprocess.run(
            [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; bare = set(sys.modules); {script}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.strip() == "[]", start


def test_the_version_imports_nothing() -> None:
    """It is compared with `python -c pass`; `version` goes through the command line."""
    script = (
        "import sys; bare = set(sys.modules); sys.argv = ['mirrorc', '--version']\n"
        "from compiler.__main__ import run; run(); new = sys.modules.keys() - bare\n"
        "print({each.partition('.')[0] for each in new} - sys.stdlib_module_names, 'inspect' in new)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [f"mirrorc {__version__}", "{'compiler'} False"]


def test_the_version_reports_what_happens_to_it() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "compiler", "--version"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "mirrorc: No space left on device\n")


def imported_by_the_hook(modules_: str) -> list[str]:
    """What the hook says in the current folder, and which of some modules it imports for it."""
    script = (
        "import sys\nfrom compiler.cli import main\n"
        "try: main(['check', '--tracked-only'])\n"
        f"except SystemExit as end: sys.exit(end.code or str(sorted(set({modules_.split()}) & sys.modules.keys())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.splitlines()


def test_the_hook_imports_nothing_that_a_clean_run_has_no_use_for(repo: Path) -> None:
    """It runs on every commit, whatever was changed."""
    fleet_of(repo, "north", "south")
    commit()
    rare = (
        "jinja2 networkx pickle json shutil difflib tempfile compiler.manifests.kustomization "
        "compiler.manifests.kustomize compiler.node.pull "
        "compiler.policy.ignition compiler.findings.fixes compiler.clusters.schema compiler.policy.render "
        "compiler.checks.repairing compiler.policy.repairs compiler.findings.baseline compiler.commands.fixing "
        "compiler.node.admission compiler.node.requirements compiler.node.disruption_policy "
        "compiler.names.policy_scope compiler.text.line_diff compiler.clusters.alternatives"
    )
    assert imported_by_the_hook(rare) == ["no findings in 3 files of 2 clusters", "[]"]


def test_the_hook_imports_no_search_for_clusters_where_kustomizations_are_read(repo: Path) -> None:
    """The layout of a repo and its pointers are looked into where charts or Argo CD's objects are."""
    shutil.copytree(ROOT / "fixtures" / "gitops-repo", repo, dirs_exist_ok=True)
    commit()
    rare = (
        "jinja2 networkx pickle json shutil difflib tempfile "
        "compiler.clusters.layout compiler.clusters.pointers compiler.clusters.application_sets "
        "compiler.clusters.applied compiler.clusters.alternatives compiler.clusters.surveying "
        "compiler.clusters.templates compiler.clusters.releases compiler.clusters.rendering "
        "compiler.manifests.kustomize compiler.text.line_diff compiler.policy.repairs"
    )
    assert imported_by_the_hook(rare) == ["1 warning in 12 files of 2 clusters", "[]"]


def test_a_word_names_one_class() -> None:
    """A reader of one wing knows the word in every other."""
    homes: dict[str, list[str]] = {}
    for name, path in sorted(modules().items()):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(name)
    assert {word: wings for word, wings in homes.items() if len(wings) > 1} == {}


def test_there_is_one_model_of_where_a_pull_goes() -> None:
    """`node.resolver`; the one that `diff` had, of routes, is not to come back."""
    assert [name for name, path in modules().items() if "routes" in path.read_text(encoding="utf-8")] == []


def test_domain_types_carry_no_pickling() -> None:
    """What processes exchange is packed by tables beside the processes."""
    special = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__")
    for name, path in modules().items():
        assert not any(f"def {each}" in path.read_text(encoding="utf-8") for each in special), name
    users = {name for name in modules() if not imports(name).isdisjoint({"pickle", "copyreg"})}
    assert users == {"machine.processes"}


def test_few_files_lie_flat() -> None:
    """The command line, the entry for programs and what Python itself asks for; everything else is in a wing."""
    flat = {path.name for path in (ROOT / "compiler").iterdir() if path.is_file() and path.suffix == ".py"}
    assert len(flat) <= 6, flat


def test_every_wing_says_what_it_is_for() -> None:
    for path in (ROOT / "compiler").rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_few_files_lie_beside_the_wings() -> None:
    assert len([path for path in (ROOT / "compiler").iterdir() if path.is_file()]) <= 6
