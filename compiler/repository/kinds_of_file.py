"""What a file is by its name: one that may contain mirror policy, or documentation, a test, program source and so on.

In: a path below the folder that is looked at. Out: why the file is passed over, if it is. Nothing is read here. Files
with the suffixes of manifests are always read; the others only where this gives no reason against it.
"""

import re
from collections.abc import Container, Iterable
from functools import lru_cache

from compiler.repository.paths import SUFFIXES, is_listed

DOCUMENTATION = "documentation"
TEST = "test"
VENDORED = "vendored"
PROGRAM_SOURCE = "program source"
NOT_TEXT = "not text"

_FOLDERS = {
    DOCUMENTATION: ("doc", "docs", "documentation"),
    TEST: ("test", "tests", "testdata", "test-data", "test_data", "e2e", "__tests__"),
    VENDORED: ("vendor", "node_modules", "third_party", "third-party", "site-packages", ".venv", "venv", ".terraform"),
}
_REASON_OF_FOLDER = {name: reason for reason, names in _FOLDERS.items() for name in names}

_SUFFIXES = {
    DOCUMENTATION: "md mdx markdown adoc asciidoc asc rst textile org html htm xhtml tex ipynb log patch diff sarif",
    PROGRAM_SOURCE: (
        "go py pyi pyx rs java kt kts scala groovy gradle js mjs cjs jsx ts tsx vue svelte rb c h cc cpp cxx hh hpp cs "
        "fs vb php swift m mm pl pm lua r jl ex exs erl hrl hs clj proto sql css scss less rego star bzl xml xsd xsl "
        "po pot lock sum mod"
    ),
    NOT_TEXT: (
        "png jpg jpeg gif bmp ico icns webp tif tiff svg pdf doc docx xls xlsx ppt pptx odt odp drawio zip gz tgz tar "
        "bz2 xz zst 7z rar jar war class so a o obj dll exe bin dylib pyc pyo whl woff woff2 ttf otf eot mp3 mp4 mov "
        "avi webm iso img qcow2 rpm deb db sqlite wasm pem crt cer der key p12 jks asc sig gpg age"
    ),
}
_REASON_OF_SUFFIX = {suffix: reason for reason, text in reversed(_SUFFIXES.items()) for suffix in text.split()}

_ORG = "org"
_COPIED_SUFFIX = "ya?ml|json|j2|tpl|conf|toml|sh|tf"
_COPIED = re.compile(rf"\.(?:{_COPIED_SUFFIX})$")
"""How a name ends of which `.org` is the original, and no text of Org mode."""
_DOCUMENTS = (
    *("readme", "changelog", "license", "licence", "notice", "contributing", "authors", "owners", "codeowners"),
    "argument_specs",  # of a role of Ansible
)
_PROJECT_FILES = frozenset((".gitignore", ".gitattributes", ".gitmodules", ".dockerignore", ".editorconfig"))


_OF_TOOLS = (
    r"(?:package|package-lock|npm-shrinkwrap|composer|renovate|lerna|nx|turbo|angular|manifest|[jt]sconfig[-\w.]*)\.json"
    r"|\.[-\w]+rc\.(?:json|ya?ml)|\.?(?:pre-commit-config|pre-commit-hooks|travis|gitlab-ci|codecov|readthedocs|mkdocs"
    r"|yamllint|ansible-lint|golangci|goreleaser|markdownlint[-\w]*|rubocop[-\w]*|pnpm-lock|pnpm-workspace|dependabot)"
    r"\.ya?ml|(?:docker-)?compose[-\w.]*\.ya?ml|chart\.ya?ml|values[-\w.]*\.ya?ml"
)
"""Names of files of other tools, compiled only where a link leads nowhere."""

_FOLDERS_OF_TOOLS = frozenset((".github", ".gitlab", ".circleci", ".vscode", ".idea", ".devcontainer", ".tox"))


_SEARCHED_BY_SUFFIX = {
    **{f".{suffix}": False for suffix in _REASON_OF_SUFFIX if suffix != _ORG},
    **dict.fromkeys(SUFFIXES, True),
}
"""Of suffixes with their dot, whether files with them are looked at, where that is so for all of them."""


def may_be_manifest(path: str, target: str) -> bool:
    """Whether a manifest of mirror policy may be meant by a link that leads nowhere.

    Args:
        path: Of the link, as for `passed_over`.
        target: What the link names.
    """
    folder, _, name = path.rpartition("/")
    if of_folder(folder) or of_name(target.rpartition("/")[2]) or re.fullmatch(_OF_TOOLS, name, re.IGNORECASE):
        return False
    return _FOLDERS_OF_TOOLS.isdisjoint(folder.split("/"))


def is_searched(path: str) -> bool:
    """Whether a file is looked at, as a manifest or for policy in other forms.

    Args:
        path: As for `passed_over`.
    """
    folder, slash, name = path.rpartition("/")
    return bool(searched_in(folder + slash, (name,)))


def searched_in(folder: str, names: Iterable[str]) -> list[str]:
    """Those of the files in a folder that are looked at: one question for many files takes less time.

    Args:
        folder: With `/` at its end; empty for the top.
        names: Of the files.
    """
    aside = of_folder(folder[:-1])
    found = []
    for name in names:
        decided = _SEARCHED_BY_SUFFIX.get(name[name.rfind(".") :])
        if decided is None:
            decided = not of_name(name) and (not aside or is_listed(name))
        if decided:
            found.append(name)
    return found


def passed_over(path: str) -> str:
    """Why a file is not looked at for policy that has to be rendered or run first; empty if it is.

    Args:
        path: With `/` between its parts, below the folder that is looked at.
    """
    folder, _, name = path.rpartition("/")
    return of_folder(folder) or of_name(name)


def is_vendored(path: str) -> bool:
    """Whether a file is a copy of what others maintain, by its folder: nothing in it is part of the repo's policy.

    Args:
        path: As for `passed_over`.
    """
    folder = path.rpartition("/")[0]
    return folder != "" and any(_REASON_OF_FOLDER.get(part.lower()) == VENDORED for part in folder.split("/"))


_KEPT_WORD = r"(?:bak|bkp|backup|orig|old|save|saved|prev|previous|rej|swp|before\w*)\d*"
_KEPT_FOLDER = (
    r"\.?_?(?:archives?|archived|backups?|bak|bkp|old|obsolete|deprecated|attic|outdated|unused)"
    r"|(?:archived?|backup|old|obsolete)[-_.].+|.+[-_.](?:archived?|backups?|bak|old|obsolete)"
)
_KEPT_NAME = (
    rf".*\.{_KEPT_WORD}|.*\.(?:{_COPIED_SUFFIX})\.org|.+~|"
    r".*[-_.](?:bak|bkp|orig|old)\d*\.[A-Za-z0-9.]+|.+ copy(?: \d+)?(?:\.\w+)*|.+ \(\d+\)\.\w+"
)
"""Compiled only where a path may be one of an archive: that takes as long as to read a thousand files."""
_MAY_BE_KEPT = (
    *("archive", "bak", "bkp", "backup", "old", "obsolete", "deprecated", "attic", "outdated", "unused"),
    *("orig", ".org", "save", "prev", "rej", "swp", "before", "~", " copy", " ("),
)
"""Every archive and backup has one of these in its path, and few other files have."""
_OF_ROLES = "roles"
_SIDES = {"new": "old"}
"""Folders with the two sides of a comparison, of which neither is an archive."""


def sides(paths: Iterable[str]) -> frozenset[str]:
    """The folders named `old` that are beside one named `new`, given all files."""
    found = set()
    for path in paths:
        parts = path.split("/")
        for depth, part in enumerate(parts[:-1]):
            if part in _SIDES:
                found.add("/".join([*parts[:depth], _SIDES[part]]))
    return frozenset(found)


def may_be_archived(paths: str) -> bool:
    """Whether any of these paths, in one text, may be archived: this is asked of all of them at once."""
    lower = paths.lower()
    return any(mark in lower for mark in _MAY_BE_KEPT)


def is_archived(path: str, but: Container[str] = ()) -> bool:
    """Whether a file is kept as a backup or in an archive, by its name or a folder: it is not in use.

    A role of Ansible may be about backups: its folder is not one of them.

    Args:
        path: As for `passed_over`.
        but: Folders that are not archives, whatever they are called.
    """
    if not may_be_archived(path):
        return False
    *folders, name = path.split("/")
    for depth, folder in enumerate(folders):
        around = folders[depth - 1] if depth else ""
        is_kept = around != _OF_ROLES and re.fullmatch(_KEPT_FOLDER, folder, re.IGNORECASE) is not None
        if is_kept and "/".join(folders[: depth + 1]) not in but:
            return True
    return re.fullmatch(_KEPT_NAME, name, re.IGNORECASE) is not None


@lru_cache(maxsize=1024)
def of_folder(folder: str) -> str:
    """The reason that a folder gives for all files in it; empty for the top."""
    if not folder:
        return ""
    return next((reason for part in folder.split("/") if (reason := _REASON_OF_FOLDER.get(part.lower()))), "")


_FIRST_OF_SPECIAL = frozenset(first for name in (*_DOCUMENTS, *_PROJECT_FILES) for first in (name[0], name[0].upper()))
"""How names begin that may say what a file is; `lower` makes no other letter one of these."""


@lru_cache(maxsize=256)
def _is_plain(end: str) -> bool:
    """Whether the end of a name, from its last dot on or without any, says nothing about the file."""
    return end.lower().removeprefix(".") not in _REASON_OF_SUFFIX


def of_name(name: str) -> str:
    """The reason that the name of a file gives, without its folder."""
    if name[:1] not in _FIRST_OF_SPECIAL and _is_plain(name[name.rfind(".") :]):
        return ""
    lower = name.lower()
    stem, dot, suffix = lower.rpartition(".")
    if dot and (reason := _REASON_OF_SUFFIX.get(suffix)) and not (suffix == _ORG and _COPIED.search(stem)):
        return reason
    if (stem or lower).startswith(_DOCUMENTS):
        return DOCUMENTATION
    return PROGRAM_SOURCE if name in _PROJECT_FILES else ""
