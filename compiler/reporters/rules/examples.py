"""The examples of the rules: for each a small repo that shows it, and the same one fixed.

In: a rule's name. Out: its repos, read from `fixtures/rules` in a checkout and from beside the package in a wheel, and
what mirrorc says about them. A file `options` beside the repos contains what the command line has to say for them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.findings.diagnostics import Diagnostic

if TYPE_CHECKING:
    from compiler.clusters.cluster import Cluster
    from compiler.manifests.load import Loaded
    from compiler.policy.analysis import Analysis
    from compiler.repository.paths import Problem
    from compiler.text.span import File


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleRepo:
    """A few files by relative name, and the options to look at them with, by their names on the command line."""

    files: Mapping[str, bytes]
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> str:
        """The options as typed."""
        return " ".join(f"{name} {value}" for name, value in self.options.items())

    def leads_out(self, path: str) -> bool:
        """Whether a path is outside the repo."""
        return path.startswith("../")

    def is_folder(self, path: str) -> bool:
        """Whether any of the files is in the folder."""
        return any(name.startswith(f"{path}/") for name in self.files)

    def is_file(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self.files

    def read(self, path: str) -> "File | Problem":
        """One of the files."""
        from compiler.repository.files import decode

        return decode(path, self.files[path])


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What shows a rule, and what does not any more."""

    bad: ExampleRepo
    good: ExampleRepo


@cache
def example(rule: str) -> Example:
    """The example of a rule.

    Raises:
        FileNotFoundError: there is none.
    """
    package = Path(__file__).parents[2]
    # In a wheel the examples lie inside the package, in a checkout beside it.
    places = (package / "examples", package.parent / "fixtures" / "rules")
    folder = next((place / rule for place in places if (place / rule).is_dir()), places[-1] / rule)
    return Example(bad=_repo(folder, "bad"), good=_repo(folder, "good"))


def _repo(folder: Path, name: str) -> ExampleRepo:
    root = folder / name
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    if not files:
        raise FileNotFoundError(root)
    return ExampleRepo(files=dict(sorted(files.items())), options=_options(folder, name))


def _options(folder: Path, name: str) -> dict[str, str]:
    """A line contains options for both repos or, after `bad:` or `good:`, for that one."""
    path = folder / "options"
    options: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        repo, colon, only = line.partition(": ")
        if not colon or repo == name:
            words = (only if colon else line).split()
            options |= dict(zip(words[::2], words[1::2], strict=True))
    return options


def findings(repo: ExampleRepo) -> tuple[Diagnostic, ...]:
    """What `mirrorc check` says about a repo, with its options, and `mirrorc images` of its workloads."""
    from compiler.checks.inspection import inspect, repaired, view
    from compiler.clusters import config
    from compiler.clusters.account import account
    from compiler.clusters.homes import settle_homes
    from compiler.clusters.loading import Repo
    from compiler.clusters.unclaimed import scan_of, with_unclaimed
    from compiler.clusters.workspace import beside
    from compiler.findings.diagnostics import settle
    from compiler.homes import HOMES
    from compiler.manifests.helm import missing
    from compiler.manifests.kustomization import survey
    from compiler.manifests.load import outcome_of, put_together, searched_outcome
    from compiler.manifests.parsing import Parsed
    from compiler.policy.analysis import analyse
    from compiler.policy.repairs import Search
    from compiler.repository.discovery import Discovery
    from compiler.repository.files import Candidate
    from compiler.repository.paths import is_sought
    from compiler.repository.patterns import Paths

    clusters, told = _clusters(repo)
    views = {}
    analyses = []
    read: list[tuple[str, Loaded]] = []
    candidates = tuple(Candidate(name, name) for name in repo.files if name != config.NAME and is_sought(name))
    discovery = Discovery(candidates=candidates, problems=(), skipped=())
    for cluster in clusters:
        paths = Paths(cluster.paths)
        names = [name for each in cluster.selection.narrow(discovery).candidates if (name := each.path) in paths]
        loaded = put_together(
            [(name, outcome_of(name, repo.files[name], cluster.settings.release, HOMES)) for name in names]
        )
        problems = [*cluster.selection.unmatched(discovery), *loaded.problems]
        built: list[str] = []
        for folder in cluster.kustomizations:
            surveyed = survey(folder.value, folder.span, repo)
            problems += surveyed.problems
            built += surveyed.files
        for chart in cluster.charts:
            lacking = list(missing(chart.folder.value, chart.folder.span, chart.values, repo))
            problems += lacking
            built += () if lacking else (name for name in repo.files if name.startswith(f"{chart.folder.value}/"))
        read.append((cluster.name, replace(loaded, problems=tuple(problems), built_from=tuple(built))))
    ours = {parsed.file.path for _, loaded in read for parsed in loaded.parsed}
    others = [Candidate(name, name, aside=not is_sought(name)) for name in repo.files if name not in ours]
    searched = [
        (each._replace(data=repo.files[each.path]), searched_outcome(each.path, repo.files[each.path], homes=HOMES))
        for each in others
    ]
    account_ = account(read, searched)
    if config.NAME in repo.files and clusters:
        every = Repo(clusters, [loaded for _, loaded in read], account_, searched)
        every = every._replace(loaded=with_unclaimed(clusters, every.loaded, scan_of(clusters, every)))
        read = [(name, loaded) for (name, _), loaded in zip(read, every.loaded, strict=True)]
    with_homes = settle_homes(
        clusters,
        [loaded for _, loaded in read],
        (outcome for _, outcome in searched if isinstance(outcome, Parsed)),
    )
    for cluster, loaded in zip(with_homes.clusters, with_homes.loaded, strict=True):
        analysis = analyse(loaded.parsed, cluster.settings, loaded.problems)
        analyses.append((cluster.name, analysis))
        uses_internal = any(b"kind: ImageStream" in content for content in repo.files.values())
        views[cluster.name] = view(analysis, cluster.settings, uses_internal=uses_internal)
    found = beside(account_, clusters)
    views = repaired(views, Search())
    return settle((*told, *inspect(views, found).diagnostics, *_of_images(repo, analyses)), {})


def _of_images(repo: ExampleRepo, analyses: "Iterable[tuple[str, Analysis]]") -> "tuple[Diagnostic, ...]":
    from compiler.explain.cluster_judge import ClusterJudge
    from compiler.explain.consumers import Pullers
    from compiler.images.findings import diagnose
    from compiler.images.load import load_file_bytes
    from compiler.images.survey import survey

    loaded = [load_file_bytes(name, content) for name, content in repo.files.items()]
    judges = [((name,), ClusterJudge(Pullers.of_analysis(analysis))) for name, analysis in analyses]
    return diagnose(
        survey((reference for each in loaded for reference in each.references), judges),
        [place for each in loaded for place in each.unresolved],
        allowances=[allowance for each in loaded for allowance in each.allowances],
        severities={name: {} for (name,), _ in judges},
    ).diagnostics


def _clusters(repo: ExampleRepo) -> "tuple[list[Cluster], tuple[Diagnostic, ...]]":
    """The clusters that the repo configures or, without configuration, the one that it is."""
    from compiler.clusters import config
    from compiler.clusters.cluster import Cluster, configured
    from compiler.policy.settings import settings_of
    from compiler.text.span import File

    if config.NAME in repo.files:
        decoded, told = config.decode(File(config.NAME, repo.files[config.NAME].decode()))
        clusters = configured(decoded.clusters, config.NAME, tracked_only=False) if decoded else []
        return clusters, told
    settings = settings_of(
        release=repo.options.get("--release"),
        release_image=repo.options.get("--release-image"),
        payload_policy=repo.options.get("--payload-policy"),
    )
    return [Cluster(settings=settings)], ()
