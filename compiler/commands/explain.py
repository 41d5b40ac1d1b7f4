"""`mirrorc explain`."""

import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command, Option
from compiler.commands.common import piped, tell, terminal_width
from compiler.commands.console import say, say_note
from compiler.commands.options import (
    choose_clusters,
    cluster_options,
    namespace_option,
    node_files_option,
    repo_option,
    values_options,
)
from compiler.commands.targets import ReportTarget, report_options, resolve
from compiler.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from compiler.commands.nodes import Nodes
    from compiler.explain.explanation import Explainer, Explanation
    from compiler.explain.stated import Statement
    from compiler.findings.diagnostics import Diagnostic
    from compiler.images.pipelines import LookUp

_FORMATS = ("text", "json")


@click.command(
    cls=Command,
    examples=(
        ("Explain a pull by tag in one cluster", "mirrorc explain quay.io/team/app:1.2 --cluster north"),
        (
            "Explain a pull on a node from the node's own files",
            "mirrorc explain quay.io/team/app:1.2 --registries-conf registries.conf",
        ),
        ("Explain a source with a placeholder, as a template has it", "mirrorc explain '{{ registry }}/team/app'"),
        (
            "Explain many pulls as JSON",
            "crictl images -o json | jq -r .images[].repoTags[] | mirrorc explain - -o json",
        ),
    ),
)
@click.argument("pull_specs", metavar="PULLSPEC...", nargs=-1, required=True)
@repo_option("File or folder (repeatable).  [default: .]")
@node_files_option("Explain this registries.conf or MachineConfig instead of a repo")
@namespace_option
@Option.of(
    "--signed-as",
    "signed_as",
    metavar="NAME",
    help="Report whether a signature with NAME would be accepted.",
    group="Input",
)
@Option.of("--both", is_flag=True, help="Show pulls by tag and by digest side by side.", group="Output")
@report_options(_FORMATS)
@values_options
@cluster_options
def command(
    pull_specs: tuple[str, ...],
    repos: tuple[str, ...],
    conf_files: tuple[str, ...],
    namespace: str,
    signed_as: str | None,
    both: bool,  # noqa: FBT001 - click passes it by name
    formats: tuple[ReportTarget, ...],
    output: str | None,
) -> None:
    """Explain which registries a pull tries, and in which order.

    For each PULLSPEC: the registry entry that matches, every attempt in order with the rule that put it there, and
    the verdict. A PULLSPEC can be a source as manifests have it: with placeholders, or a wildcard. The PULLSPEC `-`
    reads pull specs from standard input.
    """
    from compiler.commands.answer import colours, give_each
    from compiler.commands.nodes import of_clusters, of_files, of_node
    from compiler.explain.explanation import forms_of

    if conf_files and repos:
        raise click.UsageError("--repo and --registries-conf cannot be used together: give one of them.")
    targets = resolve(formats, output, _FORMATS)
    asked = [forms_of(spec) if both else (spec,) for spec in _read(pull_specs)]
    notes: list[Diagnostic] | None = [] if conf_files else None
    if conf_files:
        nodes = of_node(("", of_files(conf_files, namespace, notes)))
    else:
        nodes = of_clusters(choose_clusters(repos), namespace)
    if asked:
        nodes.tell_empty()
    answers = _Answers(nodes, asked, signed_as)
    give_each(targets, lambda target: _report(target.format, answers, nodes, notes, colour=colours(target)))
    if notes and any(target.format == "text" for target in targets):
        tell(notes)
    if nodes.account.unread:
        say_note(nodes.account.unread_words)
    sys.exit(1 if answers.any_failed or not nodes.reliable else 0)


def _report(
    format_: str,
    answers: "_Answers",
    nodes: "Nodes[Explainer]",
    notes: "Sequence[Diagnostic] | None",
    *,
    colour: bool,
) -> str:
    looked = _looked_up(nodes, answers.asked)
    stated = _stated(nodes, answers.asked)
    if format_ == "json":
        from compiler.commands.answer import Locator
        from compiler.reporters.explain import json

        extra: Sequence[object] = ()
        if looked:
            from compiler.reporters.explain.pipelines import as_json

            extra = as_json(looked, Locator())
        beside: Sequence[object] = ()
        if stated:
            from compiler.reporters.explain import stated as of_stated

            beside = of_stated.as_json(stated, Locator())
        told = ((name, each) for answer in answers.each(shared=False) for name, forms in answer for each in forms)
        many = len(nodes.each) > 1
        unread = nodes.account.summary
        return json.render(
            told, many=many, unread=unread, notes=notes, locate=Locator(), pipelines=extra, stated=beside
        )
    from compiler.reporters.explain import text

    written = text.render(
        (each for answer in answers.each(shared=True) for each in text.folded(answer)),
        width=terminal_width(),
        colour=colour,
    )
    if looked:
        from compiler.reporters.explain.pipelines import as_text

        written = f"{written}\n{as_text(looked)}"
    if stated:
        from compiler.reporters.explain import stated as of_stated

        written = f"{written}\n{of_stated.as_text(stated)}"
    return written


def _stated(nodes: "Nodes[Explainer]", asked: "Iterable[tuple[str, ...]]") -> "list[Statement]":
    """What documents say of what is asked, and no cluster is given; once for each pull spec."""
    if not nodes.stated:
        return []
    from compiler.explain.stated import Statements

    statements = Statements(nodes.stated)
    return [each for forms in asked for each in statements.about(forms[0])]


def _looked_up(nodes: "Nodes[Explainer]", asked: "Iterable[tuple[str, ...]]") -> "list[tuple[str, tuple[LookUp, ...]]]":
    """Where Konflux pipelines look for what is asked, by the mirror sets of the repo."""
    if not nodes.konflux:
        return []
    from compiler.images.pipelines import read_pipeline_mirrors

    sets = [read_pipeline_mirrors(file) for file in nodes.konflux]
    specs = dict.fromkeys(spec for forms in asked for spec in forms)
    return [(spec, found) for spec in specs for each in sets if (found := each.look_ups(spec))]


_MOST_STEPS = 45_000
"""Attempts of all answers, whatever is asked: seconds of work."""
_PER_STEP = 1
"""How many more for each mirror, and twice that for each pull spec: one that nothing matches is one attempt."""
_OWN_STEPS = 1
"""What an answer costs without any attempt."""


class _Answers:
    """What each cluster does with each pull spec, made on demand: all of it at once would fill the memory."""

    def __init__(
        self,
        nodes: "Nodes[Explainer]",
        asked: "Iterable[tuple[str, ...]]",
        signed_as: str | None,
    ) -> None:
        self._explainers = nodes.each
        self._bases = nodes.bases
        self.asked = list(asked)
        self._signed_as = signed_as
        self.any_failed = False
        self._steps = 0

    def each(self, *, shared: bool) -> "Iterator[list[tuple[str, tuple[Explanation, ...]]]]":
        """The answers, a list of those of all clusters for each pull spec.

        Args:
            shared: Whether the report gives once what clusters have in common.
        """
        from compiler.machine.limits import TooMuchError, most

        distinct = {id(explainer): explainer for _, explainer in self._explainers}.values()
        mirrors = sum(1 + len(entry.mirrors) for explainer in distinct for entry in explainer.conf.entries)
        limit = most(_MOST_STEPS, _PER_STEP, (1 + _OWN_STEPS) * len(self.asked) + mirrors)
        self._steps = 0
        for forms in self.asked:
            known: dict[int, tuple[Explanation, ...]] = {}
            answer = []
            for name, explainer in self._explainers:
                is_new = id(explainer) not in known
                if is_new:
                    known[id(explainer)] = tuple(self._explained(explainer, form) for form in forms)
                found = known[id(explainer)]
                answer.append((name, found))
                self._steps += sum(_OWN_STEPS + len(each.steps) for each in found) if is_new or not shared else 1
            if self._steps > limit:
                raise TooMuchError(
                    f"{counted(len(self.asked), 'pull spec')} in {counted(len(self._explainers), 'cluster')} "
                    f"make more than {limit} attempts: nothing is explained",
                    "Ask for fewer at a time",
                )
            self.any_failed |= any(not each.ok for _, explanations in answer for each in explanations)
            yield self._once(answer)

    def _once(self, answer: "list[tuple[str, tuple[Explanation, ...]]]") -> "list[tuple[str, tuple[Explanation, ...]]]":
        """The answers without those that differ only in branches of templates that change nothing."""
        if len(set(self._bases)) == len(answer) or not self._bases:
            return answer
        from compiler.reporters.explain.text import Answer, render

        alike: dict[str, list[tuple[str, tuple[Explanation, ...]]]] = {}
        for base, each in zip(self._bases, answer, strict=True):
            alike.setdefault(base, []).append(each)
        return [
            found
            for base, several in alike.items()
            for found in (
                [(base, several[0][1])]
                if len({render([Answer(forms=forms)]) for _, forms in several}) == 1
                else several
            )
        ]

    def _explained(self, explainer: "Explainer", pull_spec: str) -> "Explanation":
        explanation = explainer.explain(pull_spec)
        return explanation if self._signed_as is None else explanation.judged(self._signed_as)


def _read(pull_specs: "Iterable[str]") -> "list[str]":
    specs: list[str] = []
    for spec in pull_specs:
        if spec == "-":
            lines = piped().decode("utf-8-sig", "replace").splitlines()
            specs += (line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
        else:
            specs.append(spec)
    if not specs:
        say("Standard input contains no pull spec.")
    return specs
