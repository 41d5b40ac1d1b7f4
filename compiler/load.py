"""From paths to parsed files: the part of the shell that reads. Also the entry point for programs.

In: paths, or bytes under a name. Out: parsed files, with everything that could not be read as findings.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from compiler import files, rules
from compiler.diagnostics import Diagnostic, Severity
from compiler.files import Candidate, Problem
from compiler.guard import DEFAULT_RELEASE_IMAGE
from compiler.parallel import spread
from compiler.parsing import Parsed, parse
from compiler.pipeline import CONTROLLER, DEFAULT_POOLS, Compilation, Settings, analyse, compile_analysis
from compiler.releases import DEFAULT_RELEASE, RELEASES, Release
from compiler.span import File

Progress = Callable[[int, int], None]
"""Called with how many of how many files are done."""

_FEWEST_FOR_HELP = 500
"""Files worth a process of their own: below, starting it costs more than it saves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Parsed files, in order of their shown path, and what could not be read."""

    parsed: tuple[Parsed, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def load(
    paths: Iterable[str], release: Release, *, tracked_only: bool = False, progress: Progress | None = None
) -> Loaded:
    """Read and parse what the paths lead to; a path `-` is not for here."""
    discovery = files.discover(paths, tracked_only=tracked_only)
    reading = partial(_load_files, release=release, progress=progress, total=len(discovery.candidates))
    outcomes = spread(reading, discovery.candidates, least=_FEWEST_FOR_HELP)
    problems = [*discovery.problems, *(outcome for outcome in outcomes if isinstance(outcome, Problem))]
    return Loaded(
        parsed=tuple(outcome for outcome in outcomes if isinstance(outcome, Parsed)),
        problems=tuple(unreadable(problem) for problem in problems),
    )


def _load_files(
    candidates: Sequence[Candidate], *, release: Release, progress: Progress | None, total: int
) -> list[Parsed | Problem | None]:
    outcomes = []
    for done, candidate in enumerate(candidates, 1):
        outcomes.append(_load_file(candidate, release))
        if progress is not None:
            progress(done * total // len(candidates), total)
    return outcomes


def load_bytes(path: str, data: bytes, release: Release) -> Loaded:
    """Parse bytes that stand in no file, such as standard input, under the name `path`."""
    file = files.decode(path, data)
    if isinstance(file, File):
        return Loaded(parsed=(parse(file, release),))
    return Loaded(problems=(unreadable(file),))


def _load_file(candidate: Candidate, release: Release) -> Parsed | Problem | None:
    data = files.read(candidate)
    if isinstance(data, Problem):
        return data
    if not files.mentions_our_kinds(data):
        return None
    file = files.decode(candidate.path, data)
    return file if isinstance(file, Problem) else parse(file, release)


def unreadable(problem: Problem) -> Diagnostic:
    """What kept a path or file from being read, as a finding."""
    return rules.UNREADABLE_FILE.at(problem.span, f"the file or folder {problem.message}", help=problem.help)


def compile_paths(
    paths: Iterable[str],
    *,
    release: str = DEFAULT_RELEASE,
    pools: Sequence[str] = DEFAULT_POOLS,
    release_image: str = DEFAULT_RELEASE_IMAGE,
    severities: Mapping[str, str] | None = None,
    machine_config: str = CONTROLLER,
    name: str | None = None,
) -> Compilation:
    """Compile the manifests that the paths lead to, without writing anything.

    Args:
        paths: Files and folders.
        release: The OpenShift release, `4.13` to `5.0`.
        pools: The pools to make MachineConfigs for.
        release_image: The image the cluster was released from; it is kept from being blocked.
        severities: `error`, `warning`, `note` or `off` by the rule's name.
        machine_config: `controller` for a prediction, `drop-in` for MachineConfigs to apply.
        name: What the MachineConfigs of the `drop-in` flavour are called; `{pool}` stands for the pool.

    Raises:
        ValueError: an argument is none of its choices, or a severity is lowered that cannot be.
    """
    settings = settings_of(
        release=release,
        pools=pools,
        release_image=release_image,
        severities=severities or {},
        machine_config=machine_config,
        name=name,
    )
    loaded = load([str(path) for path in paths], settings.release)
    return compile_analysis(analyse(loaded.parsed, settings, loaded.problems), settings)


def settings_of(
    *,
    release: str = DEFAULT_RELEASE,
    pools: Sequence[str] = DEFAULT_POOLS,
    release_image: str = DEFAULT_RELEASE_IMAGE,
    severities: Mapping[str, str] | None = None,
    machine_config: str = CONTROLLER,
    name: str | None = None,
) -> Settings:
    """Check the user's choices.

    Raises:
        ValueError: one of them is none of its choices; the text says which are.
    """
    if release not in RELEASES:
        message = f"there is no release `{release}`: choose one of {', '.join(RELEASES)}"
        raise ValueError(message)
    settings = Settings(
        release=RELEASES[release],
        pools=tuple(dict.fromkeys(pools)),
        release_image=release_image,
        severities={rule: _severity(rule, severity) for rule, severity in (severities or {}).items()},
        machine_config=machine_config,
    )
    if name is not None:
        settings = replace(settings, name=name)
    if len(settings.pools) > 1 and "{pool}" not in settings.name:
        message = f"`{settings.name}` names several MachineConfigs alike: put {{pool}} in it"
        raise ValueError(message)
    return settings


def _severity(rule: str, severity: str) -> Severity:
    if rule not in rules.RULES:
        message = f"there is no rule `{rule}`"
        raise ValueError(message)
    if severity not in set(Severity):
        message = f"`{severity}` is no severity: choose one of {', '.join(Severity)}"
        raise ValueError(message)
    if not rules.RULES[rule].adjustable and severity != Severity.ERROR:
        message = f"`{rule}` cannot be lowered: the cluster refuses what it finds"
        raise ValueError(message)
    return Severity(severity)
