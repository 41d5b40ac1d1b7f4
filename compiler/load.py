"""From paths to parsed files: the part of the shell that reads. Also the entry point for programs.

In: paths, or bytes under a name. Out: parsed files, with everything that could not be read as findings.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from compiler import files, rules
from compiler.diagnostics import Diagnostic
from compiler.files import Candidate, Discovery, Problem
from compiler.guard import DEFAULT_RELEASE_IMAGE
from compiler.parallel import spread
from compiler.parsing import Parsed, parse
from compiler.pipeline import CONTROLLER, DEFAULT_POOLS, Compilation, analyse, compile_analysis
from compiler.releases import DEFAULT_RELEASE, Release
from compiler.settings import settings_of
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
    return load_each([(discovery, release)], progress=progress)[0]


def load_each(discoveries: Sequence[tuple[Discovery, Release]], *, progress: Progress | None = None) -> list[Loaded]:
    """Read and parse what each discovery found; a file that several found is parsed once for each release."""
    wanted = {
        (candidate.location, release.name): (candidate, release)
        for discovery, release in discoveries
        for candidate in discovery.candidates
    }
    reading = partial(_load_files, progress=progress, total=len(wanted))
    outcomes = dict(zip(wanted, spread(reading, list(wanted.values()), least=_FEWEST_FOR_HELP), strict=True))
    loaded = []
    for discovery, release in discoveries:
        found = [outcomes[candidate.location, release.name] for candidate in discovery.candidates]
        problems = [*discovery.problems, *(outcome for outcome in found if isinstance(outcome, Problem))]
        loaded.append(
            Loaded(
                parsed=tuple(outcome for outcome in found if isinstance(outcome, Parsed)),
                problems=tuple(unreadable(problem) for problem in problems),
            )
        )
    return loaded


def _load_files(
    wanted: Sequence[tuple[Candidate, Release]], *, progress: Progress | None, total: int
) -> list[Parsed | Problem | None]:
    outcomes = []
    for done, (candidate, release) in enumerate(wanted, 1):
        outcomes.append(_load_file(candidate, release))
        if progress is not None:
            progress(done * total // len(wanted), total)
    return outcomes


def read_one(path: str) -> bytes | Problem:
    """The bytes of one file, whatever its name."""
    discovery = files.discover([path])
    if discovery.problems:
        return discovery.problems[0]
    if [candidate.location for candidate in discovery.candidates] != [path]:
        return Problem.of(path, "is a folder, not a file", "Name the file itself.")
    return files.read(discovery.candidates[0])


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
    return rules.UNREADABLE_FILE.at(problem.span, f"`{problem.path}` {problem.message}", help=problem.help)


def was_unread(diagnostic: Diagnostic) -> bool:
    """Whether a finding says that nothing at all could be read: the call or the disk is at fault, not the text."""
    return diagnostic.rule == rules.UNREADABLE_FILE.name and not diagnostic.span.file.text


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
