"""Makes a release in a clean checkout: changelog, version, commit, tag, wheel, source distribution and checksums.

In: a version. Out: a commit `Release X.Y.Z`, an annotated tag `vX.Y.Z`, and `dist/` with SHA256SUMS. Nothing is pushed
or uploaded; without a clean checkout, or if the tag exists, nothing is changed.

Usage: make release VERSION=X.Y.Z
"""

import datetime
import os
import re
import shutil
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)((a|b|rc)\d+)?")
HEADING = re.compile(r"^## \S+ \(unreleased\)$", re.MULTILINE)
NAMED = {
    "compiler/__init__.py": (r'__version__ = "([^"]+)"', 1),
    "examples/pre-commit-config.yaml": (r"rev: v(\S+)", 1),
    "ci/gitlab.yml": (r"mirrorc(?:\[kustomize\]==|@v)([0-9][^`\s]*)", 2),
}
"""The files that name the version, what comes before it, and how often."""
PLACE = re.compile(r"https://[^\s`@]+/mirrorc(?=[\s`@])")
"""Where the examples say that this repo is; `Repository` in pyproject.toml is what they get."""


def main(version: str) -> None:
    """Make a release."""
    if not VERSION.fullmatch(version):
        stop(f"`{version}` is not a version: use make release VERSION=X.Y.Z")
    if git("status", "--porcelain"):
        stop("the working tree has changes: commit or remove them first")
    if git("tag", "--list", f"v{version}"):
        stop(f"the tag v{version} exists")
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", *NAMED)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    place = project["urls"]["Repository"]
    texts["CHANGELOG.md"] = dated(texts["CHANGELOG.md"], version)
    for name, (pattern, times) in NAMED.items():
        texts[name] = renamed(texts[name], pattern, version, name=name, times=times)
        texts[name] = PLACE.sub(lambda _: place, texts[name])
    for name, text in texts.items():
        (ROOT / name).write_text(text, encoding="utf-8")
    git("commit", "--quiet", "--all", "--message", f"Release {version}")
    git("tag", "--annotate", f"v{version}", "--message", f"mirrorc {version}")
    built = build(version)
    print(f"Committed and tagged v{version}; in dist: {', '.join(built)}.")
    print(f"Check the commit, then: git push origin HEAD v{version}")


def dated(changelog: str, version: str) -> str:
    """The changelog, with the part that is not released yet under this version."""
    headings = HEADING.findall(changelog)
    if len(headings) != 1:
        stop("CHANGELOG.md must have one heading `## X.Y.Z (unreleased)`")
    before, after = HEADING.split(changelog)
    if not after.partition("\n## ")[0].strip():
        stop("CHANGELOG.md has no line about this release")
    today = datetime.datetime.now(datetime.UTC).date()
    return f"{before}## {version} ({today.isoformat()}){after}"


def renamed(text: str, pattern: str, version: str, *, name: str, times: int) -> str:
    """The text with another version where the pattern has one."""
    found = list(re.finditer(pattern, text))
    if len(found) != times:
        stop(f"{name} must name the version {times} times, not {len(found)}")
    for match in reversed(found):
        text = text[: match.start(1)] + version + text[match.end(1) :]
    return text


def build(version: str) -> list[str]:
    """Build what is distributed, and write the checksums. Returns the names of the files."""
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    run(
        *(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist)),
        SOURCE_DATE_EPOCH=git("log", "-1", "--format=%ct"),
    )
    names = sorted(path.name for path in dist.iterdir())
    if names != [f"mirrorc-{version}-py3-none-any.whl", f"mirrorc-{version}.tar.gz"]:
        stop(f"unexpected files in dist: {', '.join(names)}")
    sums = "".join(f"{sha256((dist / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (dist / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return [*names, "SHA256SUMS"]


def git(*arguments: str) -> str:
    """What git prints."""
    return run("git", *arguments).strip()


def run(*command: str, **environment: str) -> str:
    """What a program prints; the release stops where it fails."""
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        stop(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def stop(message: str) -> None:
    """End with a message."""
    sys.exit(f"release: {message}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
