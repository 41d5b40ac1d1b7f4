"""Each recipe of CONTRIBUTING.md is followed for real, in a copy of the code: the files it names are enough."""

import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.command import ROOT, Done, run_mirrorc
from tests.conformance import as_object, objects
from tests.docs.test_architecture import CONTRIBUTING, MOST_FILES
from tests.manifest_texts import mirror_set
from tests.repositories import write

_RECIPE = re.compile(r"^### (.+)\n((?:(?!^#).*\n)*)", re.MULTILINE)
_STEP = re.compile(r"^\d+\. `([^`]+)`", re.MULTILINE)
STEPS = {recipe: _STEP.findall(steps) for recipe, steps in _RECIPE.findall(CONTRIBUTING)}
CODE = ("compiler", "templates", "fixtures/rules/order-conflict")


@dataclass(slots=True)
class Kitchen:
    """A copy of the code in which a recipe is followed, and a repo of one mirror set beside it."""

    code: Path
    repo: Path
    touched: list[str] = field(default_factory=list)

    def add(self, path: str, text: str) -> None:
        """Write a new file."""
        target = self.code / path
        assert not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        self.touched.append(path)

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Put text after pieces of a file that are there once."""
        text = (self.code / path).read_text()
        for after, new in changes:
            assert text.count(after) == 1, (path, after)
            text = text.replace(after, after + new)
        (self.code / path).write_text(text)
        self.touched.append(path)

    def run(self, *arguments: str) -> Done:
        path = [str(self.code), *(path for path in sys.path if path.endswith("site-packages"))]
        env = {"PYTHONPATH": ":".join(path), "PYTHONDONTWRITEBYTECODE": "1"}
        return run_mirrorc(*arguments, cwd=self.repo, env=env)

    def places(self) -> set[str]:
        """What was touched, a folder of new files as one place."""
        return {re.sub(r"(fixtures/rules)/.*", r"\1/", path) for path in self.touched}


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    for name in CODE:
        shutil.copytree(ROOT / name, tmp_path / "code" / name, ignore=shutil.ignore_patterns("__pycache__"))
    write(tmp_path / "repo", "a.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/a"]}))
    return Kitchen(code=tmp_path / "code", repo=tmp_path / "repo")


def follows(kitchen: Kitchen, recipe: str) -> None:
    """Each file that was touched is one that the recipe names, or a new one beside it or in the folder."""
    steps = STEPS[recipe]
    for place in kitchen.places():
        folder = f"{place.rstrip('/').rpartition('/')[0]}/"
        is_new = not (ROOT / place).exists()
        assert any(place == step or (is_new and step.rpartition("/")[0] + "/" == folder) for step in steps), place
    assert len(kitchen.places()) <= len(steps) <= MOST_FILES.get(recipe, 4)


def test_a_rule(kitchen: Kitchen) -> None:
    kitchen.edit(
        "compiler/findings/rules.py",
        (
            "# What has no settled meaning\n",
            'PLAIN_HOST = Rule(name="plain-host", severity=_WARNING, summary="An example", why="It shows a recipe.")\n',
        ),
    )
    kitchen.edit(
        "compiler/checks/lists.py",
        (
            "from compiler.text.wording import joined, once, some_of\n",
            "\n\ndef plain_host(scene: Scene) -> Iterator[Diagnostic]:\n"
            '    """An example."""\n'
            "    for mirror_set in scene.policy.mirror_sets:\n"
            '        yield rules.PLAIN_HOST.at(mirror_set.name.span, "found", help="Nothing.")\n',
        ),
    )
    kitchen.edit(
        "compiler/checks/__init__.py",
        ("from compiler.checks.lists import inert_rule, ", "plain_host, "),
        ("CHECKS: tuple[Check, ...] = (\n", "    plain_host,\n"),
    )
    kitchen.add("fixtures/rules/plain-host/bad/a.yaml", mirror_set("a", {"quay.io/a": ["m.example.com/a"]}))
    kitchen.add("fixtures/rules/plain-host/good/b.yaml", "kind: List\nitems: []\n")
    assert "a.yaml:4:9: warning[plain-host]: found" in kitchen.run("check", "--format", "text").stdout
    assert "An example" in kitchen.run("rules", "plain-host").stdout
    follows(kitchen, "Add a rule")


def test_an_output_format(kitchen: Kitchen) -> None:
    kitchen.add(
        "compiler/reporters/findings/csv.py",
        '"""An example."""\n\n\ndef render(report):\n'
        '    return "rule\\n" + "".join(f"{each.rule}\\n" for each in report.diagnostics)\n',
    )
    kitchen.edit(
        "compiler/reporters/__init__.py",
        ('FORMATS = ("text", ', '"csv", '),
        (
            '    """The report in one of `FORMATS`."""\n',
            '    if name == "csv":\n'
            "        from compiler.reporters.findings import csv\n\n"
            "        return csv.render(report)\n",
        ),
    )
    assert kitchen.run("check", "--format", "csv").stdout == "rule\n"
    assert "csv" in kitchen.run("check", "--help").stdout
    follows(kitchen, "Add an output format")


def test_the_ordering_of_mirrors(kitchen: Kitchen) -> None:
    write(kitchen.repo, "b.yaml", text=mirror_set("b", {"quay.io/a": ["z.example.com/a"]}))
    printed = ("build", ".", "--print", "registries.conf")
    mirrors = re.compile(r'location = "([mz])\.example\.com/a"')
    assert mirrors.findall(kitchen.run(*printed).stdout) == ["m", "z"]
    kitchen.edit(
        "compiler/policy/precedence.py",
        ("if count == 0))\n", "    queue.reverse()\n"),
    )
    assert mirrors.findall(kitchen.run(*printed).stdout) == ["z", "m"]
    follows(kitchen, "Change the ordering of mirrors")


def test_a_release(kitchen: Kitchen) -> None:
    kitchen.edit("compiler/names/releases.py", ('for name in ("4.23", ', '"4.99", '))
    assert kitchen.run("build", "a.yaml", "-o", "out", "--release", "4.99").code == 0
    assert (kitchen.repo / "out/registries.conf").is_file()
    follows(kitchen, "Add a release")


def test_a_command(kitchen: Kitchen) -> None:
    kitchen.add(
        "compiler/commands/hello.py",
        '"""An example."""\n\nimport click\n\nfrom compiler.commands.command import Command\n'
        "from compiler.commands.console import write\n\n\n"
        '@click.command(cls=Command, examples=(("Greet", "mirrorc hello"),))\n'
        'def command() -> None:\n    """Greet."""\n    write("hello\\n")\n',
    )
    kitchen.edit("compiler/cli.py", ("_COMMANDS = {\n", '    "hello": "Greet.",\n'))
    assert kitchen.run("hello").stdout == "hello\n"
    assert "Greet." in kitchen.run("--help").stdout
    follows(kitchen, "Add a command")


def test_a_kind_of_manifest(kitchen: Kitchen) -> None:
    kitchen.edit(
        "compiler/manifests/kinds.py",
        (
            "Manifest = MirrorSet | ImageConfig | SignaturePolicyObject | MachineConfiguration | DrainOverride",
            " | ImageExample\n",
        ),
        (
            '    namespace: ClassVar[str] = "openshift-machine-config-operator"\n\n'
            "    name: Located[str]\n    span: Span\n",
            "\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass ImageExample:\n"
            '    """An example."""\n\n    kind: ClassVar[str] = "ImageExample"\n\n'
            "    name: Located[str]\n    host: Located[str]\n    span: Span\n",
        ),
    )
    kitchen.add(
        "compiler/manifests/image_example.py",
        '"""An example."""\n\n'
        "from compiler.manifests.kinds import ImageExample\n\n\n"
        "def read_example(reader, root, name):\n"
        "    spec = reader.required_spec(root)\n"
        '    host = None if spec is None else reader.optional_string(spec, "host", "spec.host")\n'
        "    return None if host is None else ImageExample(name=name, host=host, span=root.span)\n",
    )
    kitchen.edit(
        "compiler/manifests/decoding.py",
        (
            "        root, kind = item.root, item.kind\n",
            '        if kind == "ImageExample":\n'
            "            from compiler.manifests.image_example import read_example\n\n"
            "            self.begin(root)\n"
            '            self.api_version(item, "config.openshift.io/v1")\n'
            "            return self.accepted(kind, name := read_metadata(self, root, kind).name, "
            "read_example(self, root, name))\n",
        ),
    )
    kitchen.edit("compiler/manifests/parsing.py", ("((?:Image(?:DigestMirrorSet|", "Example|"))
    kitchen.edit(
        "compiler/findings/rules.py",
        (
            "# What has no settled meaning\n",
            'EXAMPLE_HOST = Rule(name="example-host", severity=_WARNING, summary="An example", why="As above.")\n',
        ),
    )
    kitchen.edit(
        "compiler/policy/assembly.py",
        (
            "    found = list(by_name.values())\n",
            "    for each in found:\n"
            '        if each.kind == "ImageExample":\n'
            '            found_it = f"found {each.host.value}"\n'
            '            diagnostics.append(rules.EXAMPLE_HOST.at(each.host.span, found_it, help="No."))\n',
        ),
    )
    head = "apiVersion: config.openshift.io/v1\nkind: ImageExample\nmetadata: {name: a}\n"
    write(kitchen.repo, "example.yaml", text=f"{head}spec: {{host: h.example.com}}\n")
    write(kitchen.repo, "wrong.yaml", text=f"{head.replace('name: a', 'name: b')}spec: {{host: [1]}}\n")
    done = kitchen.run("check", "--format", "concise")
    assert "example.yaml:4:14: warning[example-host] found h.example.com" in done.stdout
    assert "wrong.yaml:4:14: error[wrong-type] expected a string, found a list" in done.stdout
    follows(kitchen, "Add a kind of manifest")


def test_a_file_on_the_node(kitchen: Kitchen) -> None:
    kitchen.edit(
        "compiler/node/files.py",
        (
            "FILES = (\n",
            '    NodeFile(path="/etc/containers/example.conf", reads=Reads.POLICY, cause="policy-changed",\n'
            '        generated="/etc/containers/example.conf"),\n',
        ),
    )
    kitchen.edit(
        "compiler/policy/node_files.py",
        (
            "        yield SEARCH_CONF, render.registries_conf(RegistriesConf(search=analysis.search), release)\n",
            "\n\ndef _example(analysis: Analysis, release: Release, memo: Forgetful) -> NodeFiles:\n"
            "    from compiler.policy import render\n\n"
            '    yield "/etc/containers/example.conf", render.example(analysis.policy.mirror_sets)\n',
        ),
        ("MAKERS: tuple[Maker, ...] = (", "_example, "),
    )
    kitchen.edit(
        "compiler/policy/render.py",
        (
            '    return _template("policy-base.json.j2").render().rstrip("\\n").encode()\n',
            '\n\ndef example(sets):\n    """An example."""\n'
            '    return _template("example.conf.j2").render(sets=sets).encode()\n',
        ),
    )
    kitchen.add("templates/example.conf.j2", "{% for each in sets %}{{ each.name.value }}\n{% endfor %}")
    assert kitchen.run("build", "a.yaml", "-o", "out").code == 0
    assert (kitchen.repo / "out/example.conf").read_text() == "a\n"
    live = kitchen.repo / "out/machine-configs/99-worker-generated-registries.yaml"
    assert "path: /etc/containers/example.conf" in live.read_text()
    write(kitchen.repo, "b.yaml", text=mirror_set("b", {"quay.io/b": ["m.example.com/b"]}))
    changed = as_object(json.loads(kitchen.run("diff", str(live), ".", "--format", "json").stdout))
    reasons = objects(as_object(as_object(changed["pools"])["worker"]), "reasons")
    causes = {each["path"]: each["cause"] for each in reasons}
    assert causes["/etc/containers/example.conf"] == "policy-changed"
    follows(kitchen, "Add a file on the node")
