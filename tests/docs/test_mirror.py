"""Tests mirror the tree: a module `compiler/WING/MODULE.py` has its tests in `tests/WING/test_MODULE.py`.

Where one test file is about several modules, or a module is tested through what uses it, the tables say so.
"""

import pytest

from tests.command import ROOT

TOGETHER = {
    "checks/test_checks.py": (
        "runs each check on the folders of fixtures/rules, which are the documentation too",
        "checks: image lists names places scene shadows signatures wellknown",
    ),
    "clusters/test_workspace.py": (
        "runs of several clusters, as the commands make them",
        "clusters: cluster; commands: table; findings: by_cluster; machine: memo; repository: patterns",
    ),
    "clusters/test_effective.py": ("`--show-settings`, as text and as JSON", "reporters: settings"),
    "clusters/test_config.py": ("the schema is held against what the decoder accepts", "clusters: schema"),
    "clusters/test_pointers.py": (
        "pointers in objects and in templates",
        "clusters: application_sets objects templates",
    ),
    "clusters/test_unclaimed.py": (
        "what a search finds beside the clusters, and what differs from the configuration",
        "clusters: drift sightings",
    ),
    "commands/test_init.py": (
        "`init` looks a repo over and writes the layout that it finds",
        "clusters: found layout rendering surveying",
    ),
    "checks/test_payload.py": ("the rule about the internal registry asks for its uses", "clusters: internal_registry"),
    "commands/test_baseline.py": ("baselines, from the option to the file", "commands: baselines"),
    "commands/test_check.py": (
        "the options and helpers that `check` shares with other commands",
        "commands: common conclusion fixing options tracing",
    ),
    "commands/test_hooks.py": (
        "what two hooks share, and what `build --with-checks` reads",
        "commands: outcomes reading; repository: tracked",
    ),
    "commands/test_completing.py": ("completion, from the script to the answer", "commands: completion"),
    "commands/test_explain.py": (
        "what `explain` prints of nodes, in every format",
        "commands: nodes; reporters/explain: json pipelines text; node: admission; reporters: references",
    ),
    "explain/test_stated.py": ("what no cluster is given, as text and as JSON", "reporters/explain: stated"),
    "commands/test_help.py": ("every command by its help, and those that print a constant", "commands: rules version"),
    "commands/test_answer.py": ("the command line as a whole", ": __main__ cli"),
    "commands/test_graph.py": (
        "the graph of a source, in every format",
        "policy: source_graph; reporters/graph: dot json mermaid svg text words; text: visible",
    ),
    "commands/test_plan.py": (
        "the plan of a change, in every format",
        "reporters/plan: json markdown text words; edits: patches",
    ),
    "edits/test_planning.py": (
        "plans that are searched for in part of a repo, or built in parts",
        "edits: composing narrowing",
    ),
    "edits/test_into.py": ("merges into existing files, which get fields", "edits: values"),
    "commands/test_report.py": ("the HTML page", "reporters: page; reporters/report: facts html"),
    "commands/test_fn.py": ("the KRM function on whole ResourceLists", "manifests: resource_list"),
    "images/test_images.py": (
        "images of whole repos, from the file to the status",
        "images: findings kustomize_images lists load references survey triggers workloads; commands: images; "
        "reporters/images: json text; manifests: catalogs",
    ),
    "images/test_consumers.py": (
        "an image's status and the reasons for it",
        "explain: cluster_judge consumers explanation judge near_sources",
    ),
    "diff/test_comparison.py": ("whole comparisons of two sides", "diff: places sides views"),
    "commands/test_diff.py": ("sides without a configuration, as users give them", "diff: grouping"),
    "diff/test_disruption.py": ("recorded changes of entries and what they cost", "diff: entry_changes node_changes"),
    "diff/test_revisions.py": (
        "sides by the names that users give",
        "diff: names searching; manifests: commit_files",
    ),
    "edits/test_union.py": ("the texts that `merge` writes", "edits: fragments writing"),
    "findings/test_fixes.py": ("fixes, proven and written", "findings: proof; repository: write_back"),
    "findings/test_rules.py": ("the pages of the rules, with their examples", "reporters/rules: examples pages"),
    "findings/test_allowances.py": (
        "comments that allow findings, in every place of a file",
        "findings: diagnostics; text: comments events",
    ),
    "homes/test_openshift_template.py": ("OpenShift Templates as homes", "homes: templates"),
    "homes/test_rest.py": ("what all homes share", "homes: machine_configs making readers"),
    "commands/test_template_values.py": (
        "values and unknown values in every command that reads templates",
        "diff: branches; manifests: placeholders; policy: spelling",
    ),
    "manifests/test_branches.py": ("what a template or script takes together", "manifests: choices shell_branches"),
    "manifests/test_values.py": ("values, from what is given to the text", "manifests: given_values"),
    "manifests/test_tokens.py": ("placeholders and what marks a template", "manifests: marks"),
    "manifests/test_policy_places.py": ("policy in texts of every form", "text: heredocs"),
    "manifests/test_conformance.py": (
        "the recorded verdicts of the API server about every kind",
        "manifests: decoding fields image_policies kinds metadata; names: grammar",
    ),
    "manifests/test_parsing.py": ("files of every form", "manifests: embedded forms; policy: known"),
    "manifests/test_kustomize.py": (
        "builds, with the places of what they contain",
        "manifests: kustomization origins; clusters: building",
    ),
    "node/test_resolver.py": ("the recorded pulls", "node: loading model pull"),
    "node/test_ignition_config.py": (
        "the files that MachineConfigs and other documents carry",
        "node: machine_configs",
    ),
    "policy/test_user_files.py": ("files of nodes in other documents, and what they replace", "node: placed"),
    "policy/test_conformance.py": (
        "the recorded files, from the manifests to the bytes",
        "policy: analysis artifact_names artifacts flavours ignition node_files settings signature_refusals",
    ),
    "reporters/test_diff.py": (
        "one comparison in every format",
        "reporters/diff: github json markdown text words; text: markdown",
    ),
    "reporters/test_findings.py": (
        "the same findings in every format, each read by a real reader",
        "reporters/findings: concise github gitlab json junit report sarif statistics text",
    ),
    "repository/test_files.py": ("files of the disk", "repository: discovery paths"),
    "repository/test_git.py": ("files of commits", "repository: blobs commit_tree"),
    "test_hostile_files.py": ("links and mounts on the way to a file", "repository: folders"),
    "text/test_tree.py": ("texts, their positions and their trees", "text: json_strings scalars span stand_ins"),
    "names/test_scope_flaws.py": ("typos among scopes", "names: typos"),
    "commands/test_console.py": ("times and wrapped lines of whole runs", "machine: trace; text: wording"),
}
"""The test file of several modules, why it is one, and the modules by folder."""


def modules() -> set[str]:
    """Every module with code, by its path below `compiler`."""
    paths = (ROOT / "compiler").rglob("*.py")
    return {path.relative_to(ROOT / "compiler").as_posix() for path in paths if path.name != "__init__.py"}


def mirrored(module: str) -> str:
    folder, _, name = module.rpartition("/")
    return f"{folder}/test_{name}" if folder else f"test_{name}"


def listed() -> dict[str, str]:
    """The test file of each module in the table."""
    found = {}
    for test, (_, groups) in TOGETHER.items():
        for group in filter(None, groups.split("; ")):
            folder, _, names = group.partition(": ")
            for name in names.split():
                module = f"{folder}/{name}.py" if folder else f"{name}.py"
                assert module not in found, module
                found[module] = test
    return found


def test_every_module_has_its_test_file() -> None:
    without = {module for module in modules() if not (ROOT / "tests" / mirrored(module)).is_file()}
    assert without - listed().keys() == set(), "write its test file"


def test_the_table_is_needed() -> None:
    with_own = {module for module in listed() if (ROOT / "tests" / mirrored(module)).is_file()}
    assert with_own == set(), "it has a test file of its own"
    assert listed().keys() - modules() == set(), "it is no longer there"


@pytest.mark.parametrize("test", TOGETHER)
def test_the_files_of_the_table_are_there(test: str) -> None:
    assert (ROOT / "tests" / test).is_file()
