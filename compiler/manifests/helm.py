"""Renders charts with `helm template`, offline; no other module runs it.

In: the folder of a chart, values files, and the tree they lie in. Out: the manifests that it is rendered to, each value
at the place where its text is written in the template or in a values file. The chart is copied before it is rendered:
helm sees no link, no other file of the machine, no cluster and no plugin. Dependencies have to be in the chart.
"""

# Paths go to another program; see `files`.
# ruff: noqa: PTH103, PTH118, PTH120, PTH123

import os
import posixpath
import re
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from compiler.findings import allowances, rules
from compiler.findings.diagnostics import Diagnostic
from compiler.machine import trace
from compiler.machine.bounded import Bounds, run, used_by_children
from compiler.machine.limits import HELP
from compiler.machine.started import programs
from compiler.manifests.decoding import Decoded, decode
from compiler.manifests.kustomization import FileTree
from compiler.manifests.kustomize import LANGUAGE, BuildTree, as_written, untracked
from compiler.manifests.kustomize_work import bounds, work_of
from compiler.manifests.load import Loaded, unreadable
from compiler.manifests.origins import Origins
from compiler.manifests.parsing import Parsed
from compiler.names.releases import Release
from compiler.repository import files
from compiler.repository.paths import SIZE_LIMIT, Problem, posix, printable, too_large
from compiler.text.comments import comments
from compiler.text.span import File, Located, Span
from compiler.text.tree import Mapping as Table
from compiler.text.tree import Node, Scalar, read
from compiler.text.tree import Sequence as ListNode
from compiler.text.wording import shown

_LONGEST_REASON = 300  # characters
_MOST_FILES = 10_000
_KEPT = frozenset(("PATH", "SYSTEMROOT", "PATHEXT", "COMSPEC"))
_SERVED = (
    "config.openshift.io/v1",
    "config.openshift.io/v1/Image",
    "config.openshift.io/v1/ImageDigestMirrorSet",
    "config.openshift.io/v1/ImageTagMirrorSet",
    "operator.openshift.io/v1alpha1",
    "operator.openshift.io/v1alpha1/ImageContentSourcePolicy",
    "machineconfiguration.openshift.io/v1",
)
"""What a chart may ask the cluster for: the versions of the API that OpenShift has."""


def build(
    folder: str,
    at: Span,
    values: Sequence[Located[str]],
    release: Release,
    *,
    tree: BuildTree,
    inline: Located[str] | None = None,
    tracked_only: bool = False,
) -> Loaded:
    """Render the chart in `folder` of a tree, which is named at `at`, and decode what it is rendered to.

    `inline` are values over those of the files, as JSON.
    """
    problems = list(missing(folder, at, values, tree))
    if problems:
        return Loaded(problems=tuple(problems))
    sources = dict.fromkeys(tree.below(folder), at) | dict(values)
    if tracked_only and (problems := list(untracked(folder, sources, rules.HELM_FAILED))):
        return Loaded(problems=tuple(problems))
    rendered = render(folder, at, values, sources, tree=tree, inline=inline.value if inline else "")
    if not isinstance(rendered, File):
        return Loaded(problems=(rendered,))
    return replace(_decoded(rendered, folder, values, tree, release), built_from=tuple(map(printable, sources)))


def render(
    folder: str,
    at: Span,
    values: Sequence[Located[str]],
    sources: Mapping[str, Span],
    *,
    tree: BuildTree,
    inline: str = "",
) -> File | Diagnostic:
    """What a chart is rendered to, or why it is not.

    Args:
        folder: The chart.
        at: Where it is named.
        values: Its values files.
        sources: All files of the chart, and those.
        tree: Where they lie.
        inline: Values over those of the files, as JSON.

    Raises:
        TooMuchError: It is too much, together with what was built before.
    """
    if len(sources) > _MOST_FILES:
        return _failed(at, f"the chart has more than {_MOST_FILES} files", "Make it smaller.")
    with tempfile.TemporaryDirectory(prefix="mirrorc-") as name:
        top = os.path.realpath(name)
        copied = _copy(top, folder, sources, values, tree)
        if isinstance(copied, Problem):
            return unreadable(copied)
        if inline:
            with open(os.path.join(top, f"{len(values)}.yaml"), "w", encoding="utf-8", errors="replace") as stream:
                stream.write(inline)
        try:
            if not work_of(tree).is_expected:
                programs().expect(charts=1)
            allowed = bounds(copied, programs().seconds_for_a_chart())
            output = _run(top, posix(folder), len(values) + bool(inline), allowed)
        except _FailedError as error:
            return _failed(at, error.message, error.help)
    rendered = as_written(f"<helm template {printable(posix(folder))}>", output)
    return unreadable(rendered) if isinstance(rendered, Problem) else rendered


def documents(rendered: File) -> Iterator[tuple[str, int, int]]:
    """The template, from the folder of the chart, with the start and the end of each rendered document."""
    for source, start, end in _documents(rendered.text):
        yield source.partition("/")[2], start, end


def missing(folder: str, at: Span, values: Sequence[Located[str]], tree: FileTree) -> Iterator[Diagnostic]:
    """What the chart needs and the tree does not have."""
    for path, span in ((folder, at), *values):
        if tree.leads_out(path):
            yield _failed(span, f"`{shown(path)}` is outside the repo", "Copy it into the repo.")
            return
    if not tree.is_file(posixpath.join(folder, "Chart.yaml")):
        yield _failed(at, f"`{shown(folder)}` contains no Chart.yaml", "Give the folder of a chart.")
    for path, span in values:
        if not tree.is_file(path):
            yield _failed(span, f"`{shown(path)}` does not exist", "Check the spelling, or remove it.")


def _copy(
    top: str, folder: str, sources: Mapping[str, Span], values: Sequence[Located[str]], tree: BuildTree
) -> Problem | int:
    """Write the files of a chart and its values below a folder, without any link; how large they are together."""
    left = SIZE_LIMIT
    places = {path: os.path.join("chart", os.path.relpath(path, folder)) for path in sources if _is_in(path, folder)}
    numbered = [(path, f"{number}.yaml") for number, (path, _) in enumerate(values)]
    for path, place in (*places.items(), *numbered):
        data = tree.data(path)
        if isinstance(data, Problem):
            return data
        left -= len(data)
        if left < 0:
            return too_large(printable(posix(folder)), SIZE_LIMIT)
        target = os.path.join(top, place)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as stream:
            stream.write(data)
    return SIZE_LIMIT - left


def _is_in(path: str, folder: str) -> bool:
    if folder == ".":
        return posix(path).partition("/")[0] != ".."
    return posix(path).startswith(posixpath.join(posix(folder), ""))


class _FailedError(Exception):
    """Nothing could be rendered; `help` says what to do."""

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.message = message
        self.help = help


def _failed(span: Span, message: str, help_: str) -> Diagnostic:
    return rules.HELM_FAILED.at(span, message, help=help_, field="helm")


def _program() -> str | None:
    """The program beside the running Python, else the one on PATH."""
    beside = os.path.dirname(sys.executable)
    found = shutil.which("helm", path=beside) if beside else None
    return found or shutil.which("helm")


def _run(top: str, folder: str, values: int, bounds: Bounds) -> bytes:
    program = _program()
    if program is None:
        raise _FailedError(
            "`helm` is not installed, so that the chart cannot be rendered",
            "Install it: `pip install 'mirrorc[helm]'` brings it.",
        )
    options = ["--skip-tests", *(word for each in _SERVED for word in ("--api-versions", each))]
    options += [word for number in range(values) for word in ("--values", f"{number}.yaml")]
    command = [program, "template", "chart", *options]
    own = {
        "HOME": top,
        "HELM_CACHE_HOME": os.path.join(top, ".helm"),
        "HELM_CONFIG_HOME": os.path.join(top, ".helm"),
        "HELM_DATA_HOME": os.path.join(top, ".helm"),
        "HELM_PLUGINS": os.path.join(top, ".helm"),
        "KUBECONFIG": os.devnull,
        "LC_ALL": LANGUAGE,
        "TMPDIR": top,
    }
    kept = {name: value for name, value in os.environ.items() if name.upper() in _KEPT}
    output = os.path.join(top, "rendered")
    before = used_by_children()
    try:
        with trace.running([program, "template", folder]), open(output, "wb") as stream:
            done = run(command, cwd=top, env=kept | own, bounds=bounds, output=stream)
    except OSError as error:
        raise _FailedError(f"`{program}` cannot be run: {error.strerror}", "Check its installation.") from error
    finally:
        programs().used(before, for_chart=True)
    if done.exceeded:
        message = f"`helm` was ended since it needs more than {done.exceeded}"
        raise _FailedError(message, f"Make what the chart is rendered to smaller; {HELP}.")
    if done.code != 0:
        raise _FailedError(*_reason(os.fsdecode(done.errors), top))
    with open(output, "rb") as rendered:
        data = rendered.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise _FailedError(f"it is rendered to more than {SIZE_LIMIT >> 20} MiB", "Split the chart.")
    return data


def _reason(errors: str, top: str) -> tuple[str, str]:
    """What helm says, and what to do about it."""
    words = " ".join(errors.replace(f"{top}/", "").split())
    told = textwrap.shorten(words.removeprefix("Error: "), _LONGEST_REASON, placeholder=" …")
    advice = "Run `helm template` on the chart to see more."
    if "missing in charts/" in words or "dependenc" in words:
        advice = "Run `helm dependency build`, and commit the folder charts/: mirrorc fetches nothing."
    return f"helm failed: {printable(told)}", advice


# --- What was rendered ---------------------------------------------------------------

_DOCUMENT = re.compile(r"^---\s*\n# Source: ([^\n]+)\n", re.MULTILINE)


def _decoded(rendered: File, folder: str, values: Sequence[Located[str]], tree: BuildTree, release: Release) -> Loaded:
    beside = [file for path, _ in reversed(values) if isinstance(file := tree.read(path), File)]
    default = posixpath.join(folder, "values.yaml")
    if tree.is_file(default) and isinstance(file := tree.read(default), File):
        beside.append(file)
    templates: dict[str, tuple[File | None, Origins]] = {}
    decoded: list[Decoded] = []
    for source, start, end in _documents(rendered.text):
        if not files.mentions_our_kinds(rendered.text[start:end].encode("utf-8", "surrogatepass")):
            continue
        if source not in templates:
            path = posixpath.join(folder, source.partition("/")[2])
            written = tree.read(path) if tree.is_file(path) else None
            template = written if isinstance(written, File) else None
            templates[source] = template, Origins([template, *beside] if template is not None else beside)
        template, origins = templates[source]
        for document in read(rendered, start=start, end=end).documents:
            if document.root is not None:
                origins.place(document.root, None)
                if template is not None:
                    _place_rest(document.root, rendered, template)
            decoded.append(decode(document, release))
    parsed = [
        Parsed(
            file=rendered,
            manifests=tuple([manifest for each in decoded for manifest in each.manifests]),
            diagnostics=tuple([diagnostic for each in decoded for diagnostic in each.diagnostics]),
        )
    ]
    for file in [*(template for template, _ in templates.values() if template is not None), *beside]:
        if allowances.MARK in file.text:
            noted = allowances.find(file, comments(file))
            parsed.append(Parsed(file=file, diagnostics=noted.diagnostics, allowances=noted.allowances))
    return Loaded(parsed=tuple(parsed))


def _documents(text: str) -> Iterator[tuple[str, int, int]]:
    """The template, the start and the end of each rendered document."""
    found = list(_DOCUMENT.finditer(text))
    for index, match in enumerate(found):
        yield match[1].strip(), match.end(), found[index + 1].start() if index + 1 < len(found) else len(text)


def _place_rest(root: Node, rendered: File, template: File) -> None:
    """Give what is written nowhere the line of its key in the template, or of the kind."""
    known: dict[str, Span] = {}
    kind = root.fields.get("kind") if isinstance(root, Table) else None
    whole = _line_of(rf"\bkind:\s*{re.escape(kind.text)}\b" if isinstance(kind, Scalar) else r"\bkind:", template)

    def line_of(key: str) -> Span | None:
        if key not in known:
            known[key] = _line_of(rf"(?<![\w-]){re.escape(key)}[\"']?:", template) or whole or Span(template, 0, 0)
        return known[key]

    waiting: list[tuple[Node, str]] = [(root, "kind")]
    while waiting:
        node, key = waiting.pop()
        if isinstance(node, Table):
            for each in node.keys:
                if each.file is rendered and (span := line_of(each.text)):
                    each.file, each.start, each.end = span
                waiting.append((node.fields[each.text], each.text))
        elif isinstance(node, ListNode):
            waiting += ((item, key) for item in node.items)
        if node.file is rendered and (span := line_of(key)):
            node.file, node.start, node.end = span


def _line_of(pattern: str, file: File) -> Span | None:
    """The rest of the first line with a pattern, from where that begins."""
    match = re.search(pattern, file.text)
    if match is None:
        return None
    end = file.text.find("\n", match.end())
    return Span(file, match.start(), len(file.text.rstrip()) if end < 0 else end)
