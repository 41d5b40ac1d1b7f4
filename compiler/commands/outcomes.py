"""What comes of each cluster in a build: compiled, and written to its folder or compared with it.

In: clusters with what was loaded of each. Out: outcomes, which can be kept as JSON and finished by another process.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from compiler.commands.common import exit_code
from compiler.repository.paths import Destination
from compiler.text.wording import counted, some_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.findings.diagnostics import Diagnostic
    from compiler.manifests.load import Loaded, Progress
    from compiler.policy.artifacts import Compilation
    from compiler.repository.folders import Trail

MOST_KEPT = 48_000_000
"""Bytes of artifacts that are kept for another process, each text once."""

_MOST_SHOWN = 16_000_000
"""Characters of differences under `--check`, divided among the clusters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOutcome:
    """What came of one cluster; what was compiled is let go, since there may be a thousand more.

    `code` is the exit code that its `findings` ask for, and `errors` how many of them are errors. `sought` are the
    paths that lead to no file at all, as text. `done` counts the files that were changed before there was a problem;
    `left_out` are those that nodes would need beside the MachineConfigs; `templates` counts the manifests that were not
    compiled since they are templates, and `unknown` the objects of which a part was not, since it is unknown before
    they are rendered. `unshown` counts the files whose difference is too long. `temporary` are files that a killed run
    left, `left` those that are listed and may not be mirrorc's own, `taken` those that are taken over since they are
    equal; `relists` says that the listing has to be written, whatever else. `files` are the artifacts, where they are
    kept to be written later; `is_lost` says that they were too many for it.
    """

    cluster: str
    output: Destination
    counts: "Mapping[str, int]"
    sought: str = ""
    findings: "Sequence[Diagnostic]" = ()
    errors: int = 0
    code: int = 0
    is_empty: bool = False
    problem: tuple[str, str] | None = None
    done: int = 0
    left_out: tuple[str, ...] = ()
    templates: int = 0
    unknown: int = 0
    difference: str = ""
    unshown: int = 0
    made: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    relists: bool = False
    files: "Mapping[str, bytes] | None" = None
    is_lost: bool = False

    @property
    def folder(self) -> str:
        """Where it is written to."""
        return str(self.output)

    @property
    def changes(self) -> int:
        """How many files were written or removed, or are to be."""
        return len(self.written) + self.gone

    @property
    def gone(self) -> int:
        """How many files were removed, or are to be."""
        return len(self.removed) + len(self.temporary)

    @property
    def losing(self) -> str:
        """What goes with files that are removed, if anything does that the user may not mean."""
        count = self.templates + self.unknown
        if not self.gone or not count:
            return ""
        were = "was" if count == 1 else "were"
        return f"; {counted(count, 'template')} {were} skipped: render the templates first"

    @property
    def touched(self) -> list[str]:
        """The files that a build has changed, or may have."""
        from compiler.repository.output_folder import LISTING

        return [
            str(Destination(self.folder, name)) for name in (LISTING, *self.written, *self.removed, *self.temporary)
        ]


def compile_clusters(
    work: "Sequence[tuple[Cluster, Loaded]]",
    *,
    check: bool,
    progress: "Progress | None",
    total: int,
    keep: bool = False,
) -> list[BuildOutcome]:
    """Compile clusters, those that are alike once; what others share is merged and rendered for the first of them only.

    Each group of clusters that are alike is written before the next is compiled, so that only one is in memory.

    Args:
        work: The clusters with what was loaded of each.
        check: Write nothing, and say what that would change.
        progress: Is shown how many are done.
        total: Of how many in the run.
        keep: With `check`: keep the artifacts of folders that are not up to date, unless they are too many.
    """
    from compiler.clusters.alike import alike
    from compiler.machine.limits import most
    from compiler.machine.memo import FORGETFUL, Memo
    from compiler.policy.analysis import analyse
    from compiler.policy.artifacts import compile_analysis
    from compiler.policy.known import known
    from compiler.repository.folders import Trail

    memo = Memo() if len(work) > 1 else FORGETFUL
    outcomes: dict[int, BuildOutcome] = {}
    to_keep = MOST_KEPT * len(work) // max(total, 1)
    to_show = most(_MOST_SHOWN) // max(total, 1) if check and not keep else None
    with Trail() as trail:
        for numbers in alike(work):
            first, loaded = work[numbers[0]]
            part = known(loaded.parsed)
            analysis = analyse(part.parsed, first.settings, (*loaded.problems, *part.others), memo=memo)
            compilation = compile_analysis(analysis, first.settings, memo=memo)
            shared = outcome_of(first, compilation, unknown=part.unknown)
            is_unknown = part.unknown and not part.objects and analysis.ok and not first.settings.allow_empty
            kept: Mapping[str, bytes] | None = None
            for number in numbers:
                cluster, loaded = work[number]
                before = replace(shared, cluster=cluster.name, output=cluster.output, sought=_sought(cluster, loaded))
                outcome = before
                if is_unknown:
                    outcome = replace(outcome, problem=all_unknown(cluster, part.unknown))
                elif compilation.ok:
                    outcome = put(outcome, compilation.files, check=check, room=to_show, trail=trail)
                    if keep and (outcome.problem or outcome.changes or outcome.left or outcome.relists):
                        if kept is None:
                            to_keep -= sum(len(compilation.files[name]) for name in compilation.files)
                            kept = compilation.files
                        outcome = replace(before, files=kept if to_keep >= 0 else None, is_lost=to_keep < 0)
                outcomes[number] = outcome
                if progress is not None:
                    progress(len(outcomes) * total // len(work), total)
    return [outcomes[number] for number in range(len(work))]


def _sought(cluster: "Cluster", loaded: "Loaded") -> str:
    from compiler.repository.paths import posix, printable
    from compiler.text.wording import ticked

    return "" if loaded.looked_at else some_of(ticked([printable(posix(path)) for path in cluster.paths]), 5)


def outcome_of(cluster: "Cluster", compilation: "Compilation", *, unknown: int) -> BuildOutcome:
    """What came of a cluster before anything is written."""
    from compiler.findings.rules import TEMPLATE_MANIFEST
    from compiler.policy.flavours import flavour_of

    findings, ok = compilation.diagnostics, compilation.ok
    counts = compilation.analysis.counts
    return BuildOutcome(
        cluster=cluster.name,
        output=cluster.output,
        counts=counts,
        findings=findings,
        errors=sum(finding.severity == "error" for finding in findings),
        code=exit_code(findings),
        is_empty=not counts["object"] and not findings,
        left_out=flavour_of(cluster.settings).lacking(compilation.analysis) if ok else (),
        templates=sum(finding.rule == TEMPLATE_MANIFEST.name for finding in findings) if ok else 0,
        unknown=unknown,
    )


def put(
    outcome: BuildOutcome,
    files: "Mapping[str, bytes]",
    *,
    check: bool,
    trail: "Trail",
    room: int | None = None,
) -> BuildOutcome:
    """Bring a cluster's folder up to date or, under `check`, say what that would change.

    What no manifest makes any more is removed, but not because of paths that lead to no file at all.

    Args:
        outcome: Of the cluster, before.
        files: Its artifacts.
        check: Write nothing.
        trail: The way to the folders that were opened before.
        room: Characters of the differences that are shown; None to show none.
    """
    from compiler.policy.artifact_names import can_make
    from compiler.repository.output_folder import OutputError, opened

    difference, unshown = "", 0
    try:
        with opened(outcome.output, writing=not check, makes=can_make, trail=trail) as folder:
            todo = folder.plan(files)
            if todo.removed and outcome.sought:
                return _stopped(outcome, *_nothing_to_read(outcome, len(todo.removed)))
            if not check:
                folder.carry_out(todo)
            if room is not None:
                difference, unshown = folder.differences(todo, room)
            relists = check and room is None and folder.relists(todo)
    except OutputError as error:
        return _stopped(outcome, str(error), error.help, done=error.done)
    return replace(
        outcome,
        difference=difference,
        unshown=unshown,
        made=tuple(files),
        written=todo.written,
        removed=tuple(todo.removed),
        temporary=todo.temporary,
        left=todo.left,
        taken=tuple(name for name in todo.unchanged if name not in todo.listed),
        relists=relists,
    )


def put_kept(outcomes: "Sequence[BuildOutcome]") -> list[BuildOutcome]:
    """Bring the folders up to date whose artifacts were kept."""
    from compiler.repository.folders import Trail

    with Trail() as trail:
        return [
            each if each.files is None else replace(put(each, each.files, check=False, trail=trail), files=None)
            for each in outcomes
        ]


def all_unknown(cluster: "Cluster", unknown: int) -> tuple[str, str]:
    """Why nothing is written of a cluster of whose policy nothing is known before it is rendered, and what to do."""
    where = f" of `{cluster.name}`" if cluster.name else ""
    return (
        f"all mirror policy{where} depends on unknown values: {counted(unknown, 'object')} cannot be compiled "
        "before rendering",
        GIVE,
    )


GIVE = "Give the values: `--set NAME=VALUE`, `--values FILE`, or `values` of the cluster in .mirrorc.yaml."


def _stopped(outcome: BuildOutcome, message: str, advice: str, *, done: int = 0) -> BuildOutcome:
    return replace(outcome, problem=(message, advice), done=done, left_out=(), templates=0)


def _nothing_to_read(outcome: BuildOutcome, made: int) -> tuple[str, str]:
    """Why what was made earlier stays although nothing makes it now."""
    kept = f"{counted(made, 'file')} of an earlier build {'stays' if made == 1 else 'stay'} in {outcome.folder}"
    advice = f"Check the paths. If the cluster no longer has mirrors, remove {outcome.folder} yourself."
    return f"no manifest file found in {outcome.sought}, so {kept}", advice


# --- For another process ---------------------------------------------------------------


def as_plain(outcomes: "Sequence[BuildOutcome]") -> list[object] | None:
    """Outcomes under `check` as JSON has them, without findings; None where there is too much to write."""
    texts: dict[bytes, int] = {}
    rows: list[object] = []
    known: dict[int, dict[str, int]] = {}  # of clusters that are alike it is the same object
    for each in outcomes:
        if each.is_lost:
            return None
        files = known.get(id(each.files))
        if files is None:
            files = {name: texts.setdefault(content, len(texts)) for name, content in (each.files or {}).items()}
            known[id(each.files)] = files
        row = {name: getattr(each, name) for name in _PLAIN}
        rows.append([row, [each.output.base, each.output.below], None if each.files is None else files])
    return [[content.decode() for content in texts], rows]


def of_plain(plain: Any) -> list[BuildOutcome] | None:
    """What `as_plain` was given; None where it is anything else, or names a file that no build makes."""
    from compiler.policy.artifact_names import can_make

    try:
        texts, rows = plain
        contents = [text.encode() for text in texts]
        outcomes = []
        for row, (base, below), named in rows:
            files = None if named is None else {name: contents[index] for name, index in named.items()}
            if row.keys() != _PLAIN.keys() or not all(map(can_make, files or ())):
                return None
            plainly = {name: _PLAIN[name](value) for name, value in row.items()}
            outcomes.append(BuildOutcome(output=Destination(str(base), str(below)), files=files, **plainly))
    except (ValueError, TypeError, AttributeError, LookupError):
        return None
    return outcomes


def _problem(value: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    message, advice = value
    return str(message), str(advice)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value))


_PLAIN: "dict[str, Callable[[Any], Any]]" = {
    "cluster": str,
    "counts": dict,
    "sought": str,
    "errors": int,
    "code": int,
    "is_empty": bool,
    "problem": _problem,
    "left_out": _texts,
    "templates": int,
    "unknown": int,
    "made": _texts,
}
"""What is kept of an outcome, and what makes it of the JSON."""
