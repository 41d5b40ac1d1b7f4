"""What of a repo's mirror policy was read, what was not, and what was passed over on purpose.

In: what was loaded of the clusters, and what a search of all other text files found. Out: an `Account`: the places that
were not read, the `unread-policy` findings about them, and a record of every file in which policy was found.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from compiler.findings import rules
from compiler.findings.allowances import Allowance, Allowed, find, policy_comments, sift
from compiler.findings.diagnostics import Diagnostic, Fold, Severity, settle
from compiler.manifests.embedded import POLICY_GENERATOR
from compiler.manifests.forms import FORMS, MANIFEST
from compiler.manifests.kinds import ImageConfig, MirrorSet, SignaturePolicyObject
from compiler.manifests.konflux import is_konflux
from compiler.manifests.load import Loaded, Outcome
from compiler.manifests.parsing import Parsed
from compiler.manifests.policy_places import PolicyPlace, UnreadPolicy
from compiler.repository.files import Candidate
from compiler.repository.kinds_of_file import passed_over
from compiler.repository.paths import Problem
from compiler.text.span import Span
from compiler.text.wording import counted, joined, shown


class ReadStatus(StrEnum):
    """What became of a file with mirror policy."""

    READ = "read"
    NOT_READ = "not-read"
    PASSED_OVER = "passed-over"


class FileRecord(NamedTuple):
    """A file with mirror policy.

    Attributes:
        path: As shown.
        status: What became of it.
        form: The name of the form of the first place that decides.
        lines: The 1-based lines of the places that were not read.
        clusters: The names of the clusters it was read for.
        reason: Why it was not read or was passed over; empty where it was read.
    """

    path: str
    status: ReadStatus
    form: str = MANIFEST
    lines: tuple[int, ...] = ()
    clusters: tuple[str, ...] = ()
    reason: str = ""


class Account(NamedTuple):
    """What a run knows of the mirror policy in the files that it was pointed at.

    `unread` are the places that were not read, in order of path and line; `findings` are about those that no comment
    allows, one for each file. `unopened` counts files that were found and could not be searched.
    """

    unread: tuple[UnreadPolicy, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    files: tuple[FileRecord, ...] = ()
    unopened: int = 0

    @property
    def unread_files(self) -> int:
        """In how many files there are places that were not read."""
        return len({each.path for each in self.unread})

    @property
    def unread_words(self) -> str:
        """`9 places in 7 files contain mirror policy that is not read: 9 Jinja templates`; empty if none is."""
        if not self.unread:
            return ""
        forms: dict[str, int] = {}
        for each in self.unread:
            forms[each.form] = forms.get(each.form, 0) + 1
        told = [FORMS[form].counted(count) for form, count in sorted(forms.items(), key=lambda item: -item[1])]
        places, files = counted(len(self.unread), "place"), counted(self.unread_files, "file")
        contain = "contains" if len(self.unread) == 1 else "contain"
        return f"{places} in {files} {contain} mirror policy that is not read: {', '.join(told)}"

    @property
    def summary(self) -> Mapping[str, int]:
        """The numbers for JSON."""
        return {"places": len(self.unread), "files": self.unread_files}


def is_empty(loaded: Loaded) -> bool:
    """Whether a cluster has no mirror policy that could be read, nor an error that may be why."""
    if any(problem.severity is Severity.ERROR for problem in loaded.problems):
        return False
    return not any(
        parsed.refused
        or parsed.node_texts
        or any(isinstance(each, MirrorSet | ImageConfig | SignaturePolicyObject) for each in parsed.manifests)
        or any(finding.severity is Severity.ERROR for finding in parsed.diagnostics)
        for parsed in loaded.parsed
    )


@dataclass(slots=True)
class _Found:
    """What is known of one file; its places are those that no reading of it covers."""

    parsed: Parsed
    places: tuple[PolicyPlace, ...]
    clusters: tuple[str, ...] = ()
    groups: list[int] = field(default_factory=list)
    named: bool = False
    in_cluster: bool = False
    is_patch: bool = False

    @property
    def is_read(self) -> bool:
        return bool(self.clusters)


def account(
    loaded: Sequence[tuple[str, Loaded]],
    searched: Sequence[tuple[Candidate, Outcome]] = (),
    *,
    below: Callable[[str], str] = posixpath.basename,
    severities: Mapping[str, Severity] | None = None,
    written: Callable[[str], bool] = lambda _: False,
    older: Iterable[Parsed] = (),
) -> Account:
    """Account for the files of a run.

    Args:
        loaded: What was loaded of each cluster, with the cluster's name.
        searched: Files that were only searched, with what was found in each.
        below: The path of the file that is shown so, below the folder in which it was found.
        severities: By the rule's name, as for the settings of a cluster.
        written: Whether `mirrorc build` wrote the file that is shown so.
        older: Files that no cluster has, since other files have their objects.
    """
    files = _gathered(loaded, searched)
    unread: list[UnreadPolicy] = []
    records: list[FileRecord] = []
    findings: list[Diagnostic] = []
    allowances: list[Allowance] = []
    for path in sorted(files):
        found = files[path]
        shown = below(path)
        places, reason = _kept(found, shown, written)
        records.append(_record(path, found, places, reason or _why_not(found, shown, written)))
        comments = _allowances(found, places)
        allowances += comments
        if not places:
            continue
        file = found.parsed.file
        unread += (UnreadPolicy(path, file.position(place.start).line, place.form) for place in places)
        if not found.named:
            findings += _finding(found, places, comments)
    older = [each for each in older if each.file.path not in files]
    if older:
        records += (
            FileRecord(
                path=each.file.path,
                status=ReadStatus.PASSED_OVER,
                reason="another file has its objects, and is the one in use",
            )
            for each in older
        )
        records.sort(key=lambda record: record.path)
    sifted = sift(findings, allowances)
    return Account(
        unread=tuple(unread),
        findings=settle(sifted.standing, severities or {}),
        allowances=tuple(allowances),
        allowed=sifted.allowed,
        files=tuple(records),
        unopened=sum(isinstance(outcome, Problem) for _, outcome in searched),
    )


def _gathered(loaded: Sequence[tuple[str, Loaded]], searched: Iterable[tuple[Candidate, Outcome]]) -> dict[str, _Found]:
    """Every file in which there is policy, by its path; what one cluster's reading covers is read."""
    files: dict[str, _Found] = {}
    groups: dict[tuple[int, int, bool], int] = {}
    members: list[list[str]] = []
    for name, each in loaded:
        named = {problem.path for problem in each.problems if problem.rule == rules.UNAPPLIED_PATCH.name}
        group = groups.setdefault((id(each.parsed), id(each.aside), bool(named)), len(groups))
        if group < len(members):  # the same files for another cluster
            members[group].append(name)
            continue
        members.append([name])
        for parsed, is_aside in (*((one, False) for one in each.parsed), *((one, True) for one in each.aside)):
            is_policy = bool(parsed.manifests or parsed.refused or parsed.read)
            if not (parsed.places or is_policy or rules.UNREAD_POLICY.name in parsed.file.text):
                continue
            found = files.setdefault(parsed.file.path, _Found(parsed, parsed.places))
            if found.parsed is not parsed:
                kept = set(parsed.places)
                found.places = tuple(place for place in found.places if place in kept)
            found.in_cluster = True
            found.named |= any(finding.rule == rules.TEMPLATE_MANIFEST.name for finding in parsed.diagnostics) or any(
                allowance.rule == rules.TEMPLATE_MANIFEST.name for allowance in parsed.allowances
            )
            found.is_patch |= is_aside
            if is_aside and (named or is_policy):
                found.places = ()  # a patch, which the findings name
            if is_policy and not is_aside:
                found.groups.append(group)
    order = {name: index for index, (name, _) in enumerate(loaded)}
    readers: dict[tuple[int, ...], tuple[str, ...]] = {}
    for found in files.values():
        key = tuple(dict.fromkeys(found.groups))
        if key not in readers:
            names = dict.fromkeys(name for group in key for name in members[group])
            readers[key] = tuple(sorted(names, key=order.__getitem__))
        found.clusters = readers[key]
    built: dict[str, dict[str, None]] = {}
    for name, each in loaded:
        for path in each.built_from:
            built.setdefault(path, {})[name] = None
    for candidate, outcome in searched:
        if isinstance(outcome, Parsed) and candidate.path not in files:
            is_read = candidate.path in built  # what is rendered of it was read
            files[candidate.path] = _Found(
                outcome, () if is_read else outcome.places, tuple(built.get(candidate.path, ()))
            )
    return files


def _kept(found: _Found, below: str, written: Callable[[str], bool]) -> tuple[tuple[PolicyPlace, ...], str]:
    """The places of a file that should have been read, and why the file is passed over where there are none."""
    if not found.places:
        return (), ""
    if reason := passed_over(below):
        return (), reason
    if written(found.parsed.file.path):
        return (), _WRITTEN
    if found.in_cluster:
        return found.places, ""
    places = tuple(place for place in found.places if place.form != MANIFEST)
    return places, "" if places else "in none of the clusters"


def _why_not(found: _Found, below: str, written: Callable[[str], bool]) -> str:
    """Why a file in which nothing is left to read is not read as policy of a cluster; empty if it is."""
    parsed = found.parsed
    if written(parsed.file.path):
        return _WRITTEN
    is_generator = parsed.pointers or any(home.form == POLICY_GENERATOR for home in parsed.homes)
    if found.is_patch and not is_generator:
        return "a kustomization uses it as a patch or the like"
    if parsed.manifests or parsed.refused:
        return "" if found.is_read else "in none of the clusters"
    if parsed.homes or parsed.pointers or any(each.homes for each in parsed.variants):
        return passed_over(below)
    if found.is_read:
        return ""
    return passed_over(below) or "it contains only a comment about policy"


_WRITTEN = "written by `mirrorc build`"


def _record(path: str, found: _Found, places: Sequence[PolicyPlace], reason: str) -> FileRecord:
    clusters = found.clusters
    if places:
        forms = list(dict.fromkeys(FORMS[place.form].noun for place in places))
        position = found.parsed.file.position
        lines = tuple(position(place.start).line for place in places)
        why = f"mirrorc does not read this form: {joined(forms)}"
        return FileRecord(
            path=path, status=ReadStatus.NOT_READ, form=places[0].form, lines=lines, clusters=clusters, reason=why
        )
    broken = next((each for each in found.parsed.diagnostics if each.rule == rules.INVALID_YAML.name), None)
    if not reason and broken is not None and not found.parsed.manifests and not found.parsed.homes:
        why = "it is not valid YAML"
        return FileRecord(path=path, status=ReadStatus.NOT_READ, lines=(broken.line,), clusters=clusters, reason=why)
    if not reason and is_konflux(path):
        return FileRecord(
            path=path, status=ReadStatus.READ, reason="images that Konflux pipelines look up, for no cluster"
        )
    if not reason:
        why = "" if clusters or not found.parsed.pointers else "it says for which cluster other files count"
        return FileRecord(path=path, status=ReadStatus.READ, clusters=clusters, reason=why)
    form = found.places[0].form if found.places else _form(found.parsed)
    return FileRecord(path=path, status=ReadStatus.PASSED_OVER, form=form, reason=reason)


def _form(parsed: Parsed) -> str:
    """The form of what was read in a file."""
    return parsed.homes[0].form if parsed.homes else MANIFEST


def _allowances(found: _Found, places: Sequence[PolicyPlace]) -> list[Allowance]:
    """The comments that allow unread policy; one at the top of the file speaks for all of it."""
    file = found.parsed.file
    if rules.UNREAD_POLICY.name not in file.text:
        return []
    noted = find(file, policy_comments(file)).allowances
    ours = [allowance for allowance in noted if allowance.rule == rules.UNREAD_POLICY.name]
    if not places:
        return ours
    first = min(file.position(place.start).line for place in places)
    return [each._replace(line=first) if _is_at_top(each) and each.line < first else each for each in ours]


def _is_at_top(allowance: Allowance) -> bool:
    """Whether a comment is in the block of comments with which its file begins."""
    file = allowance.span.file
    last = allowance.span.begin.line
    return all(
        not line or line.startswith(("#", "//", "{#", "{{", "/*", "---", "*/", "<!--"))
        for line in (file.line(number).strip() for number in range(1, last + 1))
    )


def _finding(found: _Found, places: Sequence[PolicyPlace], comments: Sequence[Allowance]) -> Iterator[Diagnostic]:
    """One finding for a file, at its first place that no comment allows; those that one allows come too."""
    file = found.parsed.file
    allowed = {allowance.line for allowance in comments}
    whole = any(_is_at_top(allowance) for allowance in comments)
    by_line = [(file.position(place.start).line, place) for place in places]
    silenced = [place for line, place in by_line if line in allowed]
    left = [] if whole else [place for line, place in by_line if line not in allowed]
    for place in silenced:
        yield _about(found, place, 1)
    if left:
        yield _about(found, left[0], len(left))


def _about(found: _Found, place: PolicyPlace, count: int) -> Diagnostic:
    if place.form == "argo-application" and (argo := _argo(found)):
        at = Span(found.parsed.file, place.start, min(place.start + len(place.word), len(found.parsed.file.text)))
        return rules.UNREAD_POLICY.at(at, argo, help=_HELP_OTHER)
    noun = FORMS[place.form].noun
    more = f", in {count} places" if count > 1 else ""
    start = place.start
    end = min(start + len(place.word), len(found.parsed.file.text))
    return rules.UNREAD_POLICY.at(
        Span(found.parsed.file, start, end),
        f"mirror policy in {_article(noun)} {noun} is not read{more}",
        help=_HELP.get(place.form, _HELP_OTHER),
        fold=Fold(
            key=(place.form, _POOLS.sub("", posixpath.basename(found.parsed.file.path))),
            everywhere=True,
            message=f"mirror policy in {{count}} {FORMS[place.form].counted(2).removeprefix('2 ')} of the same name is "
            "not read",
        ),
    )


_POOLS = re.compile(r"master|worker|infra")
_PATCHES = re.compile(r"^[ \t-]*(?:patches|patchesStrategicMerge|patchesJson6902)[ \t]*:", re.MULTILINE)
_PATH = re.compile(r"""^[ \t-]*path[ \t]*:[ \t]*["']?(?P<path>[^\s"'/][^\s"']*)""", re.MULTILINE)


def _argo(found: _Found) -> str:
    """What an object of Argo CD does to mirror policy, if it patches what it applies."""
    text = found.parsed.file.text
    path = _PATH.search(text)
    if _PATCHES.search(text) is None or path is None:
        return ""
    kind = "an ApplicationSet" if "ApplicationSet" in text else "an Application"
    return f"{kind} patches the manifests of `{shown(path['path'])}` when it applies them: this is not read"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiouAEIO" else "a"


_HELP_TEMPLATE = "Render it, and give mirrorc the result in a file or through a pipe."
_HELP_OTHER = "Check that it agrees with the manifests; a comment `# mirrorc: allow unread-policy -- reason` keeps it."
_HELP = {
    "helm-template": "Render it, and give mirrorc the result: `helm template … | mirrorc check -`.",
    "jinja-template": _HELP_TEMPLATE,
    "go-template": _HELP_TEMPLATE,
    "template": _HELP_TEMPLATE,
    "install-config-template": _HELP_TEMPLATE,
    "shell-script": "Move the objects to separate files that the script applies; mirrorc reads those files.",
}
