"""Builds kustomizations with `kustomize`, `kubectl` or `oc`, whichever is installed; no other module runs them.

In: the folder of a kustomization. Out: the manifests that it is built to, each value at the place where it was written,
and what is in the way. Nothing is fetched and no plugin is run: what would need it is reported before anything is
started, and whatever is started is kept from the network as far as its environment goes.
"""

# Paths go to other programs as they are; see `files`.
# ruff: noqa: PTH102, PTH103, PTH112, PTH113, PTH114, PTH118, PTH119, PTH120, PTH123, PTH211

import json
import os
import posixpath
import re
import shutil
import stat
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Protocol
from weakref import WeakKeyDictionary

from compiler.findings import allowances, rules
from compiler.findings.diagnostics import Diagnostic, Rule
from compiler.machine import trace
from compiler.machine.bounded import Bounds, run, used_by_children
from compiler.machine.limits import HELP, number_of_run
from compiler.machine.started import programs
from compiler.manifests.decoding import Decoded, decode
from compiler.manifests.kustomization import FileTree, Survey, survey
from compiler.manifests.kustomize_work import TooMuchWorkError, work_of
from compiler.manifests.load import Loaded, unreadable
from compiler.manifests.origins import Origins, taken_origin
from compiler.manifests.parsing import Parsed
from compiler.names.releases import Release
from compiler.repository import files, git
from compiler.repository.files import Candidate
from compiler.repository.git import GitError
from compiler.repository.paths import KUSTOMIZATIONS, Problem, is_git_name, is_kustomization, posix, printable
from compiler.text.comments import comments
from compiler.text.span import File, Span
from compiler.text.tree import Node, read
from compiler.text.wording import shown

_PROGRAMS = (("kustomize", "build"), ("kubectl", "kustomize"), ("oc", "kustomize"))
_LONGEST_REASON = 300  # characters; kustomize tells all it tried
_ARGUMENTS = 200  # paths in one call of git
_SEPARATOR = "\n---\n"
_COPY = "files"
"""Beside the folder in which the program runs, in a temporary one."""

LANGUAGE = "ko_KR.UTF-8"
"""For `kubectl` and `helm`: when they start, they pack and unpack all texts of a language:
a third of the time with the English ones.

As `LoadTranslations` of kubernetes/kubectl, pkg/util/i18n, does it. This language has the fewest texts, a few sentences
of help; nothing that is said of kustomizations and charts is translated into any.
"""

_NOWHERE = "http://127.0.0.1:9"  # the port that discards
_ENVIRONMENT = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), _NOWHERE),
    "NO_PROXY": "",
    "no_proxy": "",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "KUBECONFIG": os.devnull,
    "LC_ALL": LANGUAGE,
    "GOGC": "800",  # a build is over before its garbage matters; collecting it takes a quarter of the time
}
_KEPT = frozenset(("PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PATHEXT", "COMSPEC"))


class BuildTree(FileTree, Protocol):
    """Where kustomizations are: a tree of files that can be brought to the disk."""

    def copy(self, paths: Iterable[str], top: str) -> str:
        """Write the files below the folder `top`; the answer is the folder in which they lie under their paths."""

    def below(self, folder: str) -> list[str]:
        """The files in a folder at any depth; links are not among them."""

    def data(self, path: str) -> bytes | Problem:
        """The bytes of a file."""


class Disk:
    """The disk below the resolved folder `root`, each file of which is read once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._data: dict[str, bytes | Problem] = {}
        self._files: dict[str, File | Problem] = {}

    def leads_out(self, path: str) -> bool:
        """Whether a path leads out of the root, by `..` or through a link."""
        return not files.stays_in(os.path.realpath(path), self._root)

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder."""
        return os.path.isdir(path) and not self.leads_out(path)

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        return os.path.isfile(path) and not self.leads_out(path)

    def read(self, path: str) -> File | Problem:
        """A file; it is not to be edited for what is wrong with what was built of it."""
        if path not in self._files:
            self._files[path] = as_written(path, self.data(path))
        return self._files[path]

    def copy(self, paths: Iterable[str], top: str) -> str:
        """Write the files and the links on the way to them below a folder, so that what was looked at is built.

        Files lie where they do in the tree: who builds looks at where files really are.
        """
        copy = _Copy(self._root, top)
        for path in paths:
            data = self.data(path)
            if isinstance(data, bytes):
                copy.add(path, data)
        os.makedirs(copy.here, exist_ok=True)
        return copy.here

    def below(self, folder: str) -> list[str]:
        """The files in a folder at any depth, but links and what lies in a Git directory."""
        found: list[str] = []
        for around, folders, names in os.walk(folder):
            folders[:] = sorted(each for each in folders if not is_git_name(each))
            for name in sorted(names):
                path = os.path.normpath(os.path.join(around, name))
                with suppress(FileNotFoundError):  # it was removed meanwhile
                    if stat.S_ISREG(os.lstat(path).st_mode):
                        found.append(posix(path))
        return found

    def data(self, path: str) -> bytes | Problem:
        """The bytes of a file."""
        if path not in self._data:
            self._data[path] = files.read(Candidate(printable(path), path, self._root))
        return self._data[path]


class _Copy:
    """A copy at `top` of files of the tree with the resolved `root`; `here` is its current folder."""

    def __init__(self, root: str, top: str) -> None:
        self._root = root
        self._here = os.path.realpath(".")
        self._around = os.path.commonpath([root, self._here])
        self._top = top
        self._folders: dict[str, str] = {}
        self._copied: dict[str, str] = {}
        self.here = self._at(self._here)

    def add(self, path: str, data: bytes) -> None:
        """Write a file and the links on the way to it; what is outside of the tree by now is left out."""
        folder, name = os.path.split(path)
        if folder not in self._folders:
            self._folders[folder] = self._passed(folder)
        place = os.path.join(self._folders[folder], name)
        if os.path.islink(place):
            place = self._passed(path)
        if files.stays_in(place, self._root):
            with open(self._made(place), "wb") as stream:
                stream.write(data)

    def _passed(self, path: str) -> str:
        """Where a path leads in the end; the links on its way are made in the copy."""
        at = "/" if path.startswith("/") else self._here
        for part in path.split("/"):
            at = os.path.dirname(at) if part == ".." else os.path.join(at, part) if part not in {"", "."} else at
            if os.path.islink(at):
                link, at = at, os.path.realpath(at)
                if files.stays_in(link, self._root) and files.stays_in(at, self._root):
                    with suppress(FileExistsError):
                        os.symlink(os.path.relpath(at, os.path.dirname(link)), self._made(link))
        return at

    def _at(self, place: str) -> str:
        return os.path.join(self._top, os.path.relpath(place, self._around))

    def _made(self, place: str) -> str:
        """The same place in the copy, in a folder that is there."""
        folder, name = os.path.split(place)
        copied = self._copied.get(folder)
        if copied is None:
            copied = self._copied[folder] = self._at(folder)
            os.makedirs(copied, exist_ok=True)
        return os.path.join(copied, name)


class EditedDisk(Disk):
    """The disk below the resolved folder `root` with other texts in some files, by their shown path."""

    def __init__(self, root: str, texts: Mapping[str, str]) -> None:
        super().__init__(root)
        self._texts = texts
        work_of(self, is_input=False)

    def data(self, path: str) -> bytes | Problem:
        """The bytes of a file with its new text, if it has one."""
        data = super().data(path)
        text = self._texts.get(printable(path))
        return data if text is None or isinstance(data, Problem) else files.encode(text, data)


def as_written(path: str, data: bytes | Problem) -> File | Problem:
    """A file of a kustomization, of which others are built: an edit of it would fix nothing that is built already."""
    file = files.decode(printable(path), data) if isinstance(data, bytes) else data
    if isinstance(file, File):
        file.editable = False
    return file


Known = dict[tuple[str, str], Decoded]
"""What built objects were decoded to, by their text and the release.

It has those that are built to what one file contains, so that many clusters share them.
"""


def build(
    folder: str,
    at: Span,
    release: Release,
    *,
    tree: BuildTree,
    tracked_only: bool = False,
    known: Known | None = None,
) -> Loaded:
    """Build the kustomization in `folder` of a tree, which is named at `at`, and decode what it is built to.

    `known` is of the same tree; what is decoded here is added to it.
    """
    surveyed = survey(posix(folder), at, tree)
    known = {} if known is None else known
    made = _build(folder, at, release, surveyed, tree=tree, tracked_only=tracked_only, known=known)
    return replace(made, built_from=tuple(surveyed.files))


def _build(
    folder: str, at: Span, release: Release, surveyed: Survey, *, tree: BuildTree, tracked_only: bool, known: Known
) -> Loaded:
    problems = [*surveyed.problems, *(untracked(folder, surveyed.files) if tracked_only else ())]
    if problems:
        return Loaded(problems=tuple(problems))
    work = work_of(tree)
    try:
        is_traced = work.check(posix(folder))
    except TooMuchWorkError as error:
        return Loaded(problems=(rules.KUSTOMIZE_FAILED.at(at, error.message, help=error.help, field="kustomization"),))
    # Its own folder is named from outside, so that kustomize tells where everything comes from.
    with tempfile.TemporaryDirectory(prefix="mirrorc-") as name:
        around = os.path.join(os.path.realpath(name), "build")
        os.mkdir(around)
        root = os.path.realpath(tree.copy(surveyed.files, os.path.join(os.path.realpath(name), _COPY)))
        real = {os.path.realpath(os.path.join(root, path)): path for path in surveyed.files}
        top = os.path.relpath(os.path.realpath(os.path.join(root, folder)), around)
        inputs = _inputs(tree, real, root, around)
        known_text = inputs and _BUILT.of((top, is_traced, inputs))
        if known_text:
            file: File | Problem = File(f"<{_called(folder)}>", known_text, editable=False)
        else:
            try:
                output = _run(around, top, root, work.start(posix(folder)), is_traced=is_traced)
            except _FailedError as error:
                paths = (real.get(os.path.join(error.folder, name)) for name in KUSTOMIZATIONS)
                span = next((surveyed.files[path] for path in paths if path is not None), at)
                return Loaded(
                    problems=(rules.KUSTOMIZE_FAILED.at(span, error.message, help=error.help, field="kustomization"),)
                )
            file = as_written(f"<{_called(folder)}>", output)
        if isinstance(file, Problem):
            return Loaded(problems=(unreadable(file),))
        if inputs:
            _BUILT.keep((top, is_traced, inputs), file.text)
        return _decoded(file, _Places(surveyed, tree, around, real, posix(folder), is_traced=is_traced), release, known)


class _Built:
    """What kustomizations of this run were built to: of two revisions most are the same."""

    def __init__(self) -> None:
        self._run = 0
        self._texts: dict[tuple[str, bool, bytes], str] = {}

    def of(self, key: tuple[str, bool, bytes]) -> str:
        """The text, empty where that is not known; which folder it is, whether it is traced and of which files."""
        return self._texts.get(key, "") if self._run == number_of_run() else ""

    def keep(self, key: tuple[str, bool, bytes], text: str) -> None:
        """Remember a text."""
        if self._run != number_of_run():
            self._run = number_of_run()
            self._texts = {}
        self._texts[key] = text


_BUILT = _Built()
_DIGESTS: WeakKeyDictionary[BuildTree, dict[str, bytes]] = WeakKeyDictionary()


def _inputs(tree: BuildTree, real: Mapping[str, str], root: str, around: str) -> bytes:
    """What all files of a kustomization are, in short; nothing where links lead to some of them."""
    from hashlib import sha256

    digests = _DIGESTS.setdefault(tree, {})
    made = sha256(os.fsencode(os.path.relpath(root, around)))
    for place, path in sorted(real.items()):
        if place != os.path.normpath(os.path.join(root, path)):
            return b""
        if path not in digests:
            data = tree.data(path)
            if isinstance(data, Problem):
                return b""
            digests[path] = sha256(data).digest()
        made.update(b"%s\0%s" % (os.fsencode(os.path.relpath(place, root)), digests[path]))
    return made.digest()


class _FailedError(Exception):
    """Nothing could be built; `help` says what to do, `folder` in which kustomization, where that is known."""

    def __init__(self, message: str, help: str, folder: str = "") -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.message = message
        self.help = help
        self.folder = folder


# kustomize tells of every level what it tried; the reason is at the innermost.
_NOISE = re.compile(
    r"""^\S+\ .*?"command\ failed"\ err=(?=")
    | ^(?:error|Error):[ ]
    | accumulating\ resources:\ (?=accumulation|recursed)
    | accumulation\ err='(?:accumulating\ resources\ from\ '[^']*':\ '[^']*'\ must\ resolve\ to\ a\ file':\ )?
    | (?:couldn't\ make\ target\ for|recursed\ accumulation\ of)\ path\ '[^']*':[ ]
    | ':\ must\ build\ at\ directory:\ '[^']*':\ file\ is\ not\ directory""",
    re.VERBOSE,
)
_FOLDER = re.compile(r"(?:couldn't make target for|recursed accumulation of) path '([^']*)'")


def _reason(errors: str, around: str, root: str) -> tuple[str, str, str]:
    """What kustomize says in the end, what to do about it, and the folder it speaks of.

    Folders are named as from the current one, whose copy is `root`; `around` is a temporary one.
    """
    words = " ".join(errors.split())
    folders = _FOLDER.findall(words)
    told = _NOISE.sub("", words)
    copy = os.path.join(os.path.dirname(around), _COPY)
    for place in (os.path.relpath(root, around), root, os.path.relpath(copy, around), copy, around):
        if place.strip("./"):
            told = told.replace(f"{place}/", "").replace(place, ".")
    if told.startswith('"'):
        told = told[1:].removesuffix('"').replace('\\"', '"')
    told = textwrap.shorten(told or words, _LONGEST_REASON, placeholder=" …")
    advice = "Run `kustomize build` or `kubectl kustomize` in the folder to see more."
    return f"kustomize failed: {printable(told)}", advice, folders[-1] if folders else ""


def _called(folder: str) -> str:
    return f"kustomize build {printable(posix(folder))}"


def _program() -> tuple[str, str] | None:
    """A program that builds kustomizations, and its subcommand.

    Programs in the folder of the running Python (a virtual environment with the extra `kustomize`) come before those on
    PATH, so that every machine with the same environment uses the same one.
    """
    beside = os.path.dirname(sys.executable)
    return next(
        (
            (found, verb)
            for path in ([beside] if beside else []) + [None]
            for name, verb in _PROGRAMS
            if (found := shutil.which(name, path=path)) is not None
        ),
        None,
    )


def _run(around: str, folder: str, root: str, bounds: Bounds, *, is_traced: bool) -> bytes:
    """What the kustomization in a folder is built to; with the origin of each object, if it `is_traced`."""
    program = _program()
    if program is None:
        message = "none of `kustomize`, `kubectl` and `oc` is installed"
        raise _FailedError(message, "Install one of them: `pip install 'mirrorc[kustomize]'` brings `kubectl`.")
    overlay = {"resources": [folder], "buildMetadata": ["originAnnotations"] if is_traced else []}
    with open(os.path.join(around, "kustomization.yaml"), "w", encoding="utf-8") as stream:
        json.dump(overlay, stream)
    kept = {name: value for name, value in os.environ.items() if name.upper() in _KEPT}
    before = used_by_children()
    try:
        with trace.running([*program, folder]):
            done = run(
                [*program, around],
                cwd=around,
                env=kept | _ENVIRONMENT | {"HOME": around, "XDG_CONFIG_HOME": around},
                bounds=bounds,
            )
    except OSError as error:
        message = f"`{program[0]}` cannot be run: {error.strerror}"
        raise _FailedError(message, "Check its installation.") from error
    finally:
        programs().used(before, for_chart=False)
    if done.exceeded:
        message = f"`{os.path.basename(program[0])}` was ended since it needs more than {done.exceeded}"
        raise _FailedError(message, f"Make what the kustomization is built to smaller; {HELP}.")
    if done.code != 0:
        raise _FailedError(*_reason(os.fsdecode(done.errors), around, root))
    return done.output


def untracked(folder: str, sources: Mapping[str, Span], rule: Rule = rules.KUSTOMIZE_FAILED) -> Iterator[Diagnostic]:
    """Files of a kustomization or chart that Git does not know: the commit will not contain them.

    Args:
        folder: Where the kustomization or chart is.
        sources: The files by path, with the place that names each.
        rule: Whose finding to make.
    """
    top = git.work_tree_around(os.path.realpath(folder))
    real = {os.path.realpath(path): path for path in sources}
    if top is None:
        at = next(iter(sources.values()))
        yield rule.at(at, "it is not in a Git working tree", help="Include untracked files.")
        return
    inside = [posix(os.path.relpath(path, top)) for path in real]
    tracked: set[str] = set()
    for start in range(0, len(inside), _ARGUMENTS):
        try:
            names, _ = git.list_files(top, *inside[start : start + _ARGUMENTS], tracked_only=True)
        except GitError as error:
            yield rule.at(next(iter(sources.values())), error.message, help=error.help)
            return
        tracked.update(names)
    for path, name in zip(real.values(), inside, strict=True):
        if name not in tracked:
            message = f"`{shown(path)}` is not tracked by Git"
            yield rule.at(sources[path], message, help="Add it to Git, or remove it here.")


class _Places:
    """Where the parts of what was built come from; `real` has every file's path by where it really is.

    The cluster's own files are those in the folder of its kustomization; the others are bases that it shares. Where
    objects are not traced, a value is where its text is first found in any of the files.
    """

    def __init__(
        self,
        surveyed: Survey,
        tree: FileTree,
        around: str,
        real: Mapping[str, str],
        folder: str,
        *,
        is_traced: bool,
    ) -> None:
        self._own_folder = posixpath.normpath(folder)
        self._own: dict[str, File] = {}
        self._around = around
        self._real = real
        self._read = tree.read
        # A value is looked for in patches before the kustomizations that may spell it out themselves.
        ordered = sorted(surveyed.changing, key=is_kustomization)
        if not is_traced:
            changing = set(surveyed.changing)
            ordered = sorted(surveyed.files, key=lambda path: (is_kustomization(path), path not in changing))
        self._origins = Origins([file for path in ordered if isinstance(file := tree.read(path), File)])
        self.files = [file for path in surveyed.files if isinstance(file := tree.read(path), File)]

    def put(self, root: Node) -> bool:
        """Give every part of a built object the place where it was written.

        Returns:
            Whether the object is built to what one file contains.
        """
        origin = taken_origin(root)
        path = origin and self._real.get(os.path.realpath(os.path.join(self._around, origin.path)))
        file = self._read(path) if path and not (origin and origin.is_generated) else None
        if path and isinstance(file, File) and self._is_own(path):
            self._origins.place(
                root, self._own.setdefault(path, File(file.path, file.text, editable=False, is_own=True))
            )
            return False  # where it is shared, it is not the cluster's own
        return self._origins.place(root, file if isinstance(file, File) else None)

    def _is_own(self, path: str) -> bool:
        folder = self._own_folder
        return folder == "." or posixpath.normpath(path).startswith(f"{folder}/")


def _decoded(built: File, places: _Places, release: Release, known: Known) -> Loaded:
    decoded: list[Decoded] = []
    for start, end in _documents(built.text):
        text = built.text[start:end]
        if (shared := known.get((text, release.name))) is not None:
            decoded.append(shared)
            continue
        if not files.mentions_our_kinds(text.encode("utf-8", "surrogatepass")):
            continue
        documents = read(built, start=start, end=end).documents
        for document in documents:
            is_whole = document.root is not None and places.put(document.root)
            decoded.append(decode(document, release))
            if is_whole and len(documents) == 1:
                known[text, release.name] = decoded[-1]
    parsed = [
        Parsed(
            file=built,
            manifests=tuple([manifest for each in decoded for manifest in each.manifests]),
            diagnostics=tuple([diagnostic for each in decoded for diagnostic in each.diagnostics]),
        )
    ]
    for file in places.files:
        if allowances.MARK in file.text:
            noted = allowances.find(file, comments(file))
            parsed.append(Parsed(file=file, diagnostics=noted.diagnostics, allowances=noted.allowances))
    return Loaded(parsed=tuple(parsed))


def _documents(text: str) -> Iterator[tuple[int, int]]:
    """The built objects; kustomize writes nothing but such a line between two."""
    start = 0
    while (end := text.find(_SEPARATOR, start)) >= 0:
        yield start, end + 1
        start = end + len(_SEPARATOR)
    yield start, len(text)
