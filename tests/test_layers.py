"""The house: which room stands on which floor, that imports go strictly downwards, and who may open a window.

A new module is given a floor here, above everything it imports.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.command import ROOT
from tests.fleets import fleet_of
from tests.repositories import commit

FLOORS: tuple[tuple[str, str], ...] = (
    ("a grammar", "grammar"),
    (
        "words: texts and tables that know nothing of the rest",
        "span scope reference releases scalars globs ignition nodefiles wording",
    ),
    ("tools of the shell; a foreign parser", "memo parallel atomic commands checks.wellknown yamlevents"),
    ("findings, manifests and trees as values", "diagnostics manifests yamltree comments flaws paths"),
    (
        "the catalogue; order among mirrors; Git and the output folder",
        "rules precedence admission git output fleet edits fixes",
    ),
    ("registries; fields of a tree; files and blobs", "registries fields files blobs"),
    (
        "what a registries.conf does and costs; bytes; what is found",
        "pull loadable disruption conffile render metadata routes discovery committree",
    ),
    (
        "comments; an object, an entry, MachineConfigs, a policy.json, a kustomization; where pulls go",
        "allowances decoding entrychanges machineconfigs policyfile resolver kustomization origins mending",
    ),
    (
        "a file, a node; all manifests together; the payload; a change",
        "parsing nodeconf policy guard imagetriggers nodechanges",
    ),
    ("the stages in order; images of workloads", "pipeline images"),
    (
        "what follows from an analysis; images of lists and kustomizations",
        "settings sides causes objectchanges explanation imagelists overrides checks.scene",
    ),
    (
        "each check; each view of a change; reading",
        "checks.image checks.lists checks.names checks.places checks.shadows "
        "config load views rerouting artifacts mirroring imageshifts",
    ),
    ("what is built before it is read; a repo's layout", "kustomize layout"),
    (
        "clusters; all checks; a commit's files",
        "cluster checks commitfiles configschema image_findings load_images",
    ),
    ("a whole inspection; names of sides", "inspection naming"),
    ("revisions; a comparison; a workspace; examples", "revisions comparison workspace examples"),
    (
        "reports: words",
        "reporters.report reporters.markdown reporters.references reporters.diff_words",
    ),
    (
        "reports: formats",
        "reporters.text reporters.github reporters.gitlab reporters.json_report reporters.sarif reporters.diff_github "
        "reporters.diff_json reporters.diff_markdown reporters.diff_text reporters.explain_json reporters.explain_text "
        "reporters.images_json reporters.images_text",
    ),
    ("reports: made of other reports", "reporters.junit"),
    ("reports: by name", "reporters ruledocs"),
    ("the command line: what commands say and shells complete", "commands.common commands.completing cli"),
    ("the command line: answers and choices", "commands.answer commands.nodes commands.options __main__"),
    ("the command line: changing files", "commands.fixing"),
    (
        "the command line: each command",
        "commands.build commands.check commands.diff commands.explain commands.images commands.init commands.rules",
    ),
)
"""From the ground up: what a floor is for, and its modules."""

HOMES = {
    "ruamel": {"yamlevents"},
    "_ruamel_yaml": {"yamlevents"},
    "networkx": {"precedence"},
    "jinja2": {"render"},
    "subprocess": {"git", "kustomize"},
}
"""One third-party library, one module; one module for each program that is started. click is for the command line."""

SHELL = {
    "atomic": "replaces files",
    "cluster": "asks where the current folder is",
    "commitfiles": "brings a commit's files to the disk",
    "committree": "lays a revision's tree out by name",
    "examples": "finds the rules' folders",
    "discovery": "finds files",
    "files": "reads",
    "git": "runs git",
    "kustomize": "runs kustomize",
    "mending": "writes fixes back",
    "naming": "asks whether a name is a path",
    "output": "owns the output folder",
    "parallel": "starts processes of its own",
    "paths": "knows the operating system's separator",
    "render": "finds the templates",
    "revisions": "asks what a path is",
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


FLOOR = {name: number for number, (_, names) in enumerate(FLOORS) for name in names.split()}


def test_every_module_has_a_floor() -> None:
    assert sum(len(names.split()) for _, names in FLOORS) == len(FLOOR), "a module stands on one floor"
    assert modules().keys() == FLOOR.keys()


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_go_strictly_downwards(name: str) -> None:
    assert name in FLOOR, f"give {name} a floor, above everything it imports"
    wrong = {other for other in imports(name) if other in modules() and FLOOR.get(other, -1) >= FLOOR[name]}
    assert wrong == set()


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


def test_the_hook_imports_nothing_that_a_clean_run_has_no_use_for(repo: Path) -> None:
    """It runs on every commit, whatever was changed."""
    fleet_of(repo, "north", "south")
    commit()
    rare = (
        "jinja2 networkx pickle json shutil difflib tempfile compiler.manifests.kustomization "
        "compiler.manifests.kustomize compiler.node.pull "
        "compiler.policy.ignition compiler.findings.fixes compiler.clusters.schema compiler.policy.render"
    )
    script = (
        "import sys\nfrom compiler.cli import main\n"
        "try: main(['check', '--tracked-only'])\n"
        f"except SystemExit as end: sys.exit(end.code or str(sorted(set({rare.split()}) & sys.modules.keys())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines() == ["no findings in 3 files of 2 clusters", "[]"]
