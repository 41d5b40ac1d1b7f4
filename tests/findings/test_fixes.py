"""Fixes: edits spliced into texts, and written back with every other byte kept."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, is_safe
from compiler.findings.fixes import MOST_READ, MOST_ROUNDS, Mended, choose, difference, mend, splice
from compiler.findings.proof import objection
from compiler.findings.rules import RULES
from compiler.reporters.rules import examples
from compiler.repository.paths import SIZE_LIMIT
from compiler.repository.write_back import find, write_back
from compiler.text.span import File, Span
from tests.command import ROOT, call_mirrorc, flat, run_mirrorc, tree
from tests.manifest_texts import mirror_set
from tests.programs import needs_kustomize
from tests.repositories import commit, git

TYPO = """\
apiVersion: operator.openshift.io/v1  # wrong
kind: "ImageDigestMirrorSet"
metadata: {name: a}
spec:
  imageDigestMirrors:
  - source: quay.io/a   # aligned
    mirror: ['m.local/a']
"""
MENDED = TYPO.replace("operator.openshift.io/v1 ", "config.openshift.io/v1 ").replace("mirror:", "mirrors:")


def edit(file: File, start: int, end: int, text: str) -> Edit:
    return Edit(span=Span(file, start, end), text=text)


def finding(*edits: Edit, safe: bool = True) -> Diagnostic:
    return rules.UNKNOWN_FIELD.at(edits[0].span, "x", fix=Fix(title="x", edits=edits, safe=safe))


# --- Splicing ----------------------------------------------------------------------------

FILE = File("a.yaml", "0123456789")


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(0, 1, "a")], "a123456789"),
        ([(9, 10, "")], "012345678"),
        ([(10, 10, "end")], "0123456789end"),
        ([(0, 0, "start"), (5, 6, "five"), (10, 10, "end")], "start01234five6789end"),
        ([(1, 3, ""), (3, 5, "x")], "0x56789"),
        ([], "0123456789"),
    ],
)
def test_edits_are_spliced_in(edits: list[tuple[int, int, str]], expected: str) -> None:
    assert splice(FILE.text, [edit(FILE, *each) for each in edits]) == expected


def apart(edits: list[tuple[int, int, str]]) -> bool:
    """Whether no two of the edits touch, told by looking at all pairs."""
    for index, (start, end, _) in enumerate(edits):
        for other_start, other_end, _ in edits[:index]:
            if start == end or other_start == other_end:
                if start <= other_end and other_start <= end:
                    return False
            elif start < other_end and other_start < end:
                return False
    return True


places = st.tuples(st.integers(0, 10), st.integers(0, 10), st.text("xy", max_size=2)).map(
    lambda each: (min(each[:2]), max(each[:2]), each[2])
)


@given(st.lists(st.lists(places, min_size=1, max_size=3), max_size=6))
def test_fixes_are_taken_whole_first_come_first_served_and_never_touch(fixes: list[list[tuple[int, int, str]]]) -> None:
    findings = [finding(*(edit(FILE, *each) for each in each_fix)) for each_fix in fixes]
    chosen, by_path = choose(findings)
    taken: list[tuple[int, int, str]] = []
    expected = []
    for diagnostic, edits in zip(findings, fixes, strict=True):
        together = [*taken, *(each for each in dict.fromkeys(edits) if each not in taken)]
        changes = any(FILE.text[start:end] != text for start, end, text in edits)
        if changes and apart(together):
            taken = together
            expected.append(diagnostic)
    assert chosen == expected
    edits_made = by_path.get("a.yaml", [])
    assert [(each.span.start, each.span.end, each.text) for each in edits_made] == sorted(taken)
    after = splice(FILE.text, edits_made)
    kept = list(FILE.text)
    for start, end, _ in taken:
        kept[start:end] = [""] * (end - start)
    position = 0
    for character in filter(None, kept):  # what no edit covers is still there, in order
        position = after.index(character, position) + 1


def test_a_fix_is_made_in_all_its_files_or_in_none() -> None:
    other = File("b.yaml", "abc")
    first = finding(edit(FILE, 0, 2, "x"))
    second = finding(edit(other, 0, 1, "y"), edit(FILE, 1, 3, "z"))
    chosen, by_path = choose([first, second])
    assert (chosen, list(by_path)) == ([first], ["a.yaml"])


def test_only_safe_fixes_that_change_something_are_made() -> None:
    assert choose([finding(edit(FILE, 0, 1, "x"), safe=False), finding(edit(FILE, 0, 1, "0"))]) == ([], {})
    bare = rules.UNKNOWN_FIELD.at(Span(FILE, 0, 1), "x")
    assert choose([bare]) == ([], {})


# --- Round after round -------------------------------------------------------------------


def digits(texts: Mapping[str, str]) -> list[Diagnostic]:
    """A finding for every digit, each mended by the letter that stands for it and, clumsily, its neighbour."""
    file = File("a.yaml", texts.get("a.yaml", FILE.text))
    return [
        finding(
            edit(
                file,
                index,
                min(index + 2, len(file.text)),
                chr(ord("a") + int(digit)) + file.text[index + 1 : index + 2],
            )
        )
        for index, digit in enumerate(file.text)
        if digit.isdigit()
    ]


def test_fixes_that_touch_are_made_one_after_the_other() -> None:
    mended = mend(digits({}), digits)
    assert mended.after == {"a.yaml": "abcdefghij"}
    assert mended.before == {"a.yaml": "0123456789"}
    assert (len(mended.done), mended.settled) == (10, True)


def test_a_fix_that_brings_back_its_finding_is_not_made() -> None:
    def growing(texts: Mapping[str, str]) -> list[Diagnostic]:
        return [finding(edit(File("a.yaml", texts.get("a.yaml", "x")), 0, 0, "x"))]

    mended = mend(growing({}), growing)
    assert (mended.after, mended.settled, mended.done) == ({}, True, ())
    assert [each.reason for each in mended.refuted] == ["the finding would still exist"]


def test_fixes_that_bring_one_another_come_to_an_end() -> None:
    def running(texts: Mapping[str, str]) -> list[Diagnostic]:
        file = File("a.yaml", texts.get("a.yaml", "x"))
        return [replace(finding(edit(file, 0, 1, "xx")), field=file.text)]

    mended = mend(running({}), running)
    assert (mended.after, mended.settled) == ({"a.yaml": "x" * (MOST_ROUNDS + 1)}, False)


# --- Proof -------------------------------------------------------------------------------

OBJECT = """\
a: &a {b: 1, c: "x", d: [p, q, r]}
e:
  - f: g
    h:
  - *a
  - {<<: *a, b: 2}
--- # next
i: j
"""


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ("\n    k: l", ""),
        ("\n    k: l\n    m: n", ""),
        ("\n    k: {l: m}", "another number of keys"),
        ("\n  k: l", "no longer be valid YAML"),
        ("\n    f: l", "appear twice"),
        ("k: l", "no longer be valid YAML"),
    ],
)
def test_a_field_of_one_value_may_be_added_after_another(added: str, reason: str) -> None:
    file = File("a.yaml", OBJECT)
    at = OBJECT.index("g\n") + 1
    made = [edit(file, at, at, added)]
    found = objection(file, splice(OBJECT, made), made)
    assert reason in found
    assert bool(found) is bool(reason)


def proven(text: str, *edits: tuple[str, str]) -> str:
    """Why the edits, each of the first such text, must not be made."""
    file = File("a.yaml", text)
    spans = [(text.index(old), text.index(old) + len(old), new) for old, new in edits]
    made = [edit(file, start, end, new) for start, end, new in sorted(spans)]
    return objection(file, splice(text, made), made)


@pytest.mark.parametrize(
    "edits",
    [
        [("g\n", "k\n")],
        [(", q", "")],
        [("p, ", "")],
        [('"x"', '"yy"')],
        [('x"', 'y"')],
        [('c: "x", ', "")],
        [("  - f: g\n    h:\n", "")],
        [("    h:\n", "")],
        [("i: j", "k: j"), ("b: 1", "bb: 1")],
        [("h:", "h: # a comment")],
    ],
)
def test_an_edit_of_a_value_a_key_an_item_or_a_field_is_right(edits: list[tuple[str, str]]) -> None:
    assert proven(OBJECT, *edits) == ""


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ([("g\n", "'k\n")], "the file would no longer be valid YAML"),
        ([("b: 1", "c: 1")], "the key `c` would appear twice"),
        ([("p, q", "p")], "another number of items"),
        ([(", r]", "]")], "another number of items"),
        ([("[p, q, r]", "p")], "another type"),
        ([("- f: g", "- f: [g]")], "would change"),
        ([("--- # next\n", "")], "another number of documents"),
        ([("i: j\n", "")], "another type"),
        ([(", c", "#, c")], "would change"),
        ([("- f: g\n    h:\n", "- f: g\n    k: l\n    h:\n")], "another number of keys"),
        ([("---", "  k: l\n---")], "the file would no longer be valid YAML"),
    ],
)
def test_an_edit_that_does_something_else_is_not(edits: list[tuple[str, str]], reason: str) -> None:
    assert reason in proven(OBJECT, *edits)


def test_a_wrong_fix_is_not_made_and_is_reported_as_a_bug_while_others_are(folder: Path) -> None:
    """The one way to show it is to plant one."""
    (folder / "a.yaml").write_text(TYPO + "---\n" + TYPO.replace("mirror:", "mirorrs:").replace("name: a", "name: b"))
    script = (
        "import sys, compiler.manifests.fields as fields, compiler.cli as cli\n"
        "made = fields.replacement\n"
        "def planted(node, text, title):\n"
        "    return made(node, text if node.text != 'mirorrs' else '\"' + text, title)\n"
        "fields.replacement = planted\n"
        "cli.main(sys.argv[1:], prog_name='mirrorc')\n"
    )
    for option in ("--diff", "--fix"):
        done = subprocess.run(
            [sys.executable, "-c", script, "check", option, "a.yaml"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 3, done.stderr
        assert "has a bug: the fix for unknown-field at a.yaml:" in done.stderr
        assert "was not made: the file would no longer be valid YAML" in done.stderr
    text = (folder / "a.yaml").read_text()
    assert "mirorrs:" in text
    assert "mirror:" not in text


@pytest.mark.parametrize("marks", [1, 2])
def test_byte_order_marks_shift_no_edit(marks: int, folder: Path) -> None:
    (folder / "a.yaml").write_text("\ufeff" * marks + TYPO)
    assert run_mirrorc("check", "--fix", "a.yaml", cwd=folder).code == 0
    assert (folder / "a.yaml").read_text() == "\ufeff" * marks + MENDED


def test_two_typos_of_one_field_make_no_key_twice(folder: Path) -> None:
    twice = TYPO.replace("mirror:", "mirorss: [x.example.com/a]\n    mirror:")
    (folder / "a.yaml").write_text(twice)
    done = run_mirrorc("check", "--fix", "a.yaml", cwd=folder)
    text = (folder / "a.yaml").read_text()
    assert text.count(" mirrors:") == 1
    assert done.code == 1
    (folder / ".mirrorc.yaml").write_text("version: 1\ndefaults: {relase: '5.0', releese: '4.20'}\n")
    assert run_mirrorc("check", "--fix", cwd=folder).code == 2
    assert (folder / ".mirrorc.yaml").read_text().count("release:") == 1


@pytest.mark.parametrize(
    ("line", "fixable"),
    [
        ("mirrorSourcePolicy: true", False),
        ("mirrors: [1234]", True),
        ("mirrors: [~]", False),
        ("mirrors: [1.5e3]", True),
        ("mirrors: [-1]", False),
    ],
)
def test_quotes_are_put_where_they_help(line: str, fixable: bool, folder: Path) -> None:
    kept = MENDED if line.startswith("mirrorSourcePolicy") else MENDED.replace("    mirrors: ['m.local/a']\n", "")
    (folder / "a.yaml").write_text(f"{kept}    {line}\n")
    done = run_mirrorc("check", "a.yaml", cwd=folder)
    assert "wrong-type" in done.stdout
    assert ("`--fix` can fix" in done.stderr) == fixable, done.stdout


MISPLACED = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: a}
spec:
  mirrorSourcePolicy: NeverContactSource  # for all
  imageDigestMirrors:
  - source: quay.io/a   # one
    mirrors: [m.example.com/a]
  - mirrors: [m.example.com/b]
    source: 'quay.io/b'
  - {source: quay.io/c, mirrors: [m.example.com/c]}
  - mirrorSourcePolicy: AllowContactingSource
    source: quay.io/d
    mirrors: [m.example.com/d]
"""
MOVED = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: a}
spec:
  imageDigestMirrors:
  - source: quay.io/a   # one
    mirrorSourcePolicy: NeverContactSource
    mirrors: [m.example.com/a]
  - mirrors: [m.example.com/b]
    source: 'quay.io/b'
    mirrorSourcePolicy: NeverContactSource
  - {source: quay.io/c, mirrorSourcePolicy: NeverContactSource, mirrors: [m.example.com/c]}
  - mirrorSourcePolicy: AllowContactingSource
    source: quay.io/d
    mirrors: [m.example.com/d]
"""


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["  ", ""])
def test_a_policy_above_the_entries_is_moved_into_each_on_request(indent: str, line_break: str, folder: Path) -> None:
    line = "  mirrorSourcePolicy: NeverContactSource  # for all\n"
    above = MISPLACED if indent else MISPLACED.replace(line, "").replace("spec:\n", f"{line.lstrip()}spec:\n")
    text = above.replace("\n", line_break).encode()
    (folder / "a.yaml").write_bytes(text)
    done = call_mirrorc("check", "--fix", cwd=folder)
    assert "help: Move it into each entry of `imageDigestMirrors`." in flat(done.stdout)
    assert (folder / "a.yaml").read_bytes() == text, "it is not safe"
    call_mirrorc("check", "--fix", "--unsafe-fixes", cwd=folder)
    assert (folder / "a.yaml").read_bytes() == MOVED.replace("\n", line_break).encode()


@pytest.mark.parametrize(
    ("kind", "written", "other"),
    [
        ("ImageDigestMirrorSet", "imageTagMirrors", "ImageTagMirrorSet"),
        ("ImageTagMirrorSet", "imageDigestMirrors", "ImageDigestMirrorSet"),
    ],
)
def test_the_list_of_the_other_kind_is_renamed_on_request_as_the_kind_may_be_the_typo(
    kind: str, written: str, other: str, folder: Path
) -> None:
    text = mirror_set("a", {"quay.io/a": ["m.example.com/a"]}, kind=other).replace(f"kind: {other}", f"kind: {kind}")
    assert written in text
    (folder / "a.yaml").write_text(text)
    (found,) = json.loads(call_mirrorc("check", "--fix", "--format", "json", cwd=folder).stdout)["diagnostics"]
    assert (folder / "a.yaml").read_text() == text
    own = f"image{kind.removeprefix('Image').removesuffix('MirrorSet')}Mirrors"
    titles = [each["title"] for each in (found["fix"], *found["alternatives"])]
    assert titles == [f"rename it `{own}`", f"change the kind to {other}"]
    assert not found["fix"]["safe"]
    call_mirrorc("check", "--fix", "--unsafe-fixes", cwd=folder)
    assert (folder / "a.yaml").read_text() == text.replace(written, own)


def test_a_list_of_the_other_kind_beside_the_right_one_is_moved_by_hand(folder: Path) -> None:
    text = mirror_set("a", {"quay.io/a": ["m.example.com/a"]}) + "  imageTagMirrors: []\n"
    (folder / "a.yaml").write_text(text)
    done = call_mirrorc("check", "--fix", "--unsafe-fixes", cwd=folder)
    assert "help: Move it to an object of the kind ImageTagMirrorSet." in flat(done.stdout)
    assert (folder / "a.yaml").read_text() == text


def test_what_ends_as_it_began_is_no_change() -> None:
    def turning(texts: Mapping[str, str]) -> list[Diagnostic]:
        file = File("a.yaml", texts.get("a.yaml", "x"))
        return [finding(edit(file, 0, 1, "y" if file.text == "x" else "x"))]

    assert MOST_ROUNDS % 2 == 0
    assert mend(turning({}), turning).after == {}


@pytest.mark.parametrize("rule", RULES)
def test_the_safe_fixes_of_every_example_mend_it(rule: str) -> None:
    repo = examples.example(rule).bad

    def look(texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
        return examples.findings(
            replace(repo, files={**repo.files, **{path: text.encode() for path, text in texts.items()}})
        )

    before = look({})
    mended = mend(before, look)
    assert mended.settled
    assert len(mended.done) == sum(map(is_safe, before))  # none of them in the way of another, none new
    after = look(mended.after)
    assert [each for each in after if each.rule not in {old.rule for old in before}] == []
    assert len(after) <= len(before) - len(mended.done)


# --- On disk -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TYPO.encode(), MENDED.encode()),
        (b"\xef\xbb\xbf" + TYPO.encode(), b"\xef\xbb\xbf" + MENDED.encode()),
        (TYPO.replace("\n", "\r\n").encode(), MENDED.replace("\n", "\r\n").encode()),
        (TYPO.rstrip("\n").encode(), MENDED.rstrip("\n").encode()),
        (b"\xff\xfe" + TYPO.encode("utf-16-le"), b"\xff\xfe" + MENDED.encode("utf-16-le")),
        (b"\xfe\xff" + TYPO.encode("utf-16-be"), b"\xfe\xff" + MENDED.encode("utf-16-be")),
        (("# 😀 é\n" + TYPO).encode(), ("# 😀 é\n" + MENDED).encode()),
    ],
    ids=["plain", "mark", "crlf", "no-final-newline", "utf-16-le", "utf-16-be", "wide"],
)
def test_every_byte_outside_the_edits_is_kept(before: bytes, after: bytes, folder: Path) -> None:
    (folder / "a.yaml").write_bytes(before)
    done = run_mirrorc("check", "--fix", cwd=folder)
    assert (done.code, done.stdout) == (0, "")
    assert (folder / "a.yaml").read_bytes() == after
    assert tree(folder).keys() == {"a.yaml"}


def test_check_fix_says_what_it_did_and_reports_what_is_left(folder: Path) -> None:
    (folder / "a.yaml").write_text(TYPO + "  - source: UPPER/x y\n")
    done = run_mirrorc("check", "--fix", cwd=folder)
    assert done.code == 1
    assert done.stdout.startswith("a.yaml:8:13: error[invalid-scope]")
    assert done.stderr == (
        "a.yaml:1:13: fixed[wrong-api-version]: write `config.openshift.io/v1`\n"
        "a.yaml:7:5: fixed[unknown-field]: rename it `mirrors`\n"
        "1 error in 1 file\n"
    )


def test_the_mode_is_kept_and_a_link_stays_one(folder: Path) -> None:
    (folder / "real").mkdir()
    real = folder / "real" / "a.yaml"
    real.write_text(TYPO)
    real.chmod(0o640)
    (folder / "link.yaml").symlink_to("real/a.yaml")
    assert run_mirrorc("check", "--fix", "link.yaml", cwd=folder).code == 0
    assert (folder / "link.yaml").is_symlink()
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == (MENDED, 0o640)


def test_odd_names_are_written_too(folder: Path) -> None:
    for name in (b"a b\xff.yaml", b"-x.yaml", b"new\nline.yaml"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(
            TYPO.replace("a}", f"a{len(name)}}}").replace("io/a", f"io/{len(name)}")
        )
    done = run_mirrorc("check", "--fix", ".", cwd=folder, env={"LC_ALL": "C"})
    assert (done.code, done.stdout) == (0, "")
    assert all(content.startswith(b"apiVersion: config") for content in tree(folder).values())


def test_a_second_run_finds_nothing_to_do(folder: Path) -> None:
    (folder / "a.yaml").write_text(TYPO)
    assert run_mirrorc("check", "--fix", cwd=folder).code == 0
    before = (folder / "a.yaml").stat()
    done = run_mirrorc("check", "--fix", cwd=folder)
    assert (done.code, done.stderr) == (0, "no findings in 1 file\n")
    assert (folder / "a.yaml").stat().st_mtime_ns == before.st_mtime_ns


def written(folder: Path, text: str = "old\n", **mended: str) -> list[tuple[str, str]]:
    (folder / "a.yaml").write_text(text)
    before, after = mended.get("before", "old\n"), "new\n"
    problems = write_back(Mended(before={"a.yaml": before}, after={"a.yaml": after}), find(["a.yaml"]))
    return [(problem.path, problem.message) for problem in problems]


def test_a_file_that_changed_meanwhile_is_left_alone(folder: Path) -> None:
    assert written(folder, before="other\n") == [("a.yaml", "has changed since it was read")]
    assert (folder / "a.yaml").read_text() == "old\n"
    assert written(folder) == []
    assert (folder / "a.yaml").read_text() == "new\n"


def test_a_file_that_is_gone_is_not_made_anew(folder: Path) -> None:
    mended = Mended(before={"a.yaml": "old\n"}, after={"a.yaml": "new\n"})
    assert [problem.message for problem in write_back(mended, find(["."]))] == ["no longer exists"]
    assert tree(folder) == {}


def test_a_file_that_grew_beyond_reading_is_left_alone(folder: Path) -> None:
    (folder / "a.yaml").write_text("old\n")
    os.truncate(folder / "a.yaml", SIZE_LIMIT + 1)
    mended = Mended(before={"a.yaml": "old\n"}, after={"a.yaml": "new\n"})
    assert [problem.message for problem in write_back(mended, find(["."]))] == ["is larger than 64 MiB"]


def test_of_two_files_shown_alike_none_is_written(folder: Path) -> None:
    one, other = Path(os.fsdecode(b"a\xff.yaml")), Path("a\\xff.yaml")
    one.write_text(TYPO)
    other.write_text(TYPO.replace("a}", "b}").replace("io/a", "io/b"))
    done = run_mirrorc("check", "--fix", cwd=folder)
    assert done.code == 2
    assert "cannot be distinguished from another file with this name" in done.stderr
    assert one.read_text() == TYPO


def test_a_disk_that_takes_no_more_costs_nothing(folder: Path) -> None:
    (folder / "a.yaml").write_text(TYPO)
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 0; '{sys.executable}' -m compiler check --fix"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("mirrorc: a.yaml cannot be written: File too large\n")
    assert "fixed" not in done.stderr
    assert "error[wrong-api-version]" in done.stdout
    assert tree(folder) == {"a.yaml": TYPO.encode()}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
def test_a_write_protected_file_is_left_alone(folder: Path) -> None:
    (folder / "a.yaml").write_text("old\n")
    (folder / "a.yaml").chmod(0o444)
    mended = Mended(before={"a.yaml": "old\n"}, after={"a.yaml": "new\n"})
    assert [problem.message for problem in write_back(mended, find(["."]))] == ["is write-protected"]
    assert (folder / "a.yaml").read_text() == "old\n"


def test_fix_cannot_write_to_standard_input(folder: Path) -> None:
    done = run_mirrorc("check", "--fix", "-", cwd=folder, stdin=TYPO.encode())
    assert (done.code, done.stdout) == (2, "")
    assert "--fix cannot write to standard input" in done.stderr


CONFIG = "version: 1\nclusters:\n  - name: a\n    path: [.]\n"


@pytest.mark.parametrize("name", [".mirrorc.yaml", "./other.yaml"])
def test_a_configuration_that_cannot_be_used_is_mended_first(name: str, repo: Path) -> None:
    options = () if name == ".mirrorc.yaml" else ("--config", name)
    (repo / name).write_text(CONFIG)
    (repo / "a.yaml").write_text(TYPO)
    shown = run_mirrorc("check", "--diff", *options, cwd=repo)
    assert (shown.code, "-    path: [.]\n+    paths: [.]\n" in shown.stdout) == (1, True)
    assert "operator" not in shown.stdout
    done = run_mirrorc("check", "--fix", *options, cwd=repo)
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[0] == f"{name}:4:5: fixed[invalid-config]: rename it `paths`"
    assert (repo / name).read_text() == CONFIG.replace("path:", "paths:")
    assert (repo / "a.yaml").read_text() == MENDED


def test_a_configuration_that_no_fix_mends_is_an_error_under_fix_too(repo: Path) -> None:
    (repo / ".mirrorc.yaml").write_text("version: 1\nclusters: 7\n")
    reported = run_mirrorc("check", "--fix", cwd=repo)
    assert reported.code == 2
    assert "error[invalid-config]" in reported.stdout
    shown = run_mirrorc("check", "--diff", cwd=repo)
    assert (shown.code, shown.stdout) == (2, ""), "it shows a diff, and there is none"
    assert "error[invalid-config]" in shown.stderr


@needs_kustomize
def test_what_is_built_of_a_mended_file_is_reported_anew(repo: Path) -> None:
    clusters = "  - {name: north, kustomization: north}\n  - {name: south, paths: [base]}\n"
    (repo / ".mirrorc.yaml").write_text(f"version: 1\nclusters:\n{clusters}")
    (repo / "base").mkdir()
    (repo / "base/mirrors.yaml").write_text(TYPO)
    (repo / "base/kustomization.yaml").write_text("resources: [mirrors.yaml]\n")
    (repo / "north").mkdir()
    (repo / "north/kustomization.yaml").write_text("resources: [../base]\n")
    assert "In both clusters:" in run_mirrorc("check", cwd=repo).stdout
    done = run_mirrorc("check", "--fix", cwd=repo)
    assert (done.code, done.stdout) == (0, "")
    assert (repo / "base/mirrors.yaml").read_text() == MENDED


# --- As a diff -----------------------------------------------------------------------------


def test_diff_shows_what_fix_would_do_and_writes_nothing(folder: Path) -> None:
    (folder / "a.yaml").write_text(TYPO)
    done = run_mirrorc("check", "--diff", cwd=folder)
    assert done.code == 1
    assert done.stdout == (
        "--- a/a.yaml\n"
        "+++ b/a.yaml\n"
        "@@ -1,7 +1,7 @@\n"
        "-apiVersion: operator.openshift.io/v1  # wrong\n"
        "+apiVersion: config.openshift.io/v1  # wrong\n"
        ' kind: "ImageDigestMirrorSet"\n'
        " metadata: {name: a}\n"
        " spec:\n"
        "   imageDigestMirrors:\n"
        "   - source: quay.io/a   # aligned\n"
        "-    mirror: ['m.local/a']\n"
        "+    mirrors: ['m.local/a']\n"
    )
    assert done.stderr == "2 fixes to apply; no findings after that\n"
    assert (folder / "a.yaml").read_text() == TYPO
    assert run_mirrorc("check", "--diff", "--fix", cwd=folder).stdout == done.stdout
    assert (folder / "a.yaml").read_text() == TYPO


@pytest.mark.parametrize("below", ["", "clusters/north"])
@pytest.mark.parametrize("text", [TYPO, TYPO.replace("\n", "\r\n"), TYPO.rstrip("\n"), "\ufeff" + TYPO])
def test_git_applies_the_diff_wherever_it_was_made(repo: Path, below: str, text: str) -> None:
    for name in ("clusters/north/a b.yaml", "clusters/north/é.yaml"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_bytes(text.replace("name: a", f"name: a{len(name)}").encode())
    git("config", "core.autocrlf", "false")
    commit()
    patch = run_mirrorc("check", "--diff", cwd=repo / below).stdout
    subprocess.run(["git", "apply", "-"], cwd=repo / below, input=patch.encode(), check=True)
    by_patch = tree(repo / "clusters")
    git("checkout", "-q", ".")
    assert run_mirrorc("check", "--fix", cwd=repo / below).code == 0
    assert tree(repo / "clusters") == by_patch


def test_diff_takes_standard_input(folder: Path) -> None:
    done = run_mirrorc("check", "--diff", "-", cwd=folder, stdin=TYPO.encode())
    assert done.stdout.startswith("--- a/<stdin>\n+++ b/<stdin>\n@@ -1,7 +1,7 @@\n-apiVersion: op")


def test_no_fixes_make_no_diff(folder: Path) -> None:
    (folder / "a.yaml").write_text(MENDED)
    done = run_mirrorc("check", "--diff", cwd=folder)
    assert (done.code, done.stdout, done.stderr) == (0, "", "no fixes to apply; no findings\n")


def test_a_line_ends_where_git_says_so() -> None:
    assert difference("a", "x\x0c\u2028y\rz\n", "x\x0c\u2028y\rw\n") == (
        "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\x0c\u2028y\rz\n+x\x0c\u2028y\rw\n"
    )


@pytest.mark.parametrize(("size", "rounds"), [(1, MOST_ROUNDS), (MOST_READ, 2), (5 * MOST_READ, 1)])
def test_a_large_text_is_not_read_for_many_rounds(size: int, rounds: int) -> None:
    def running(texts: Mapping[str, str]) -> list[Diagnostic]:
        file = File("a.yaml", texts.get("a.yaml", "x" * size))
        return [replace(finding(edit(file, 0, 1, "xx")), field=str(len(file.text)))]

    mended = mend(running({}), running)
    assert (len(mended.done), mended.settled) == (rounds, False)


def test_one_wrong_fix_of_very_many_is_found_without_a_look_at_each() -> None:
    """It would make the text invalid; all the others are made."""
    looks = 0

    def numbers(texts: Mapping[str, str]) -> list[Diagnostic]:
        nonlocal looks
        looks += 1
        file = File("a.yaml", texts.get("a.yaml", "".join(f"k{number:03}: '1'\n" for number in range(400))))
        lines = file.text.split("\n")
        return [
            finding(edit(file, at * 10 + 6, at * 10 + 9, "'2'" if at != 300 else "'22"))
            for at, line in enumerate(lines)
            if line.endswith("'1'")
        ]

    mended = mend(numbers({}), numbers)
    assert [each.diagnostic.line for each in mended.refuted] == [301]
    assert len(mended.done) == 399
    assert looks <= MOST_ROUNDS


def test_a_fix_that_another_spoils_is_made_after_it_and_is_not_called_a_bug(folder: Path) -> None:
    """The second object is read once its apiVersion is fixed, and contradicts the first, which is fixed meanwhile."""
    mirrors = (("a", "a.io, c.io"), ("b", "c.io, a.io"), ("c", "b.io, q.io/a, a.io"))
    objects = [
        f"apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {{name: {name}}}\n"
        f"spec: {{imageDigestMirrors: [{{source: q.io/a, mirrors: [{listed}]}}]}}\n"
        for name, listed in mirrors
    ]
    objects[1] = objects[1].replace("config.openshift.io/v1", "v1").replace("imageDigestM", "iestM")
    (folder / "m.yaml").write_text("---\n".join(objects))
    done = call_mirrorc("check", "--fix", "--unsafe-fixes", "m.yaml", cwd=folder)
    assert done.code in {0, 1}, done.stderr
    assert "order-conflict" not in call_mirrorc("check", "m.yaml", cwd=folder).stdout


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_that_a_fix_adds_end_as_the_others_do(line_break: str, folder: Path) -> None:
    lines = (
        "apiVersion: config.openshift.io/v1",
        "kind: ImageDigestMirrorSet",
        "metadata: {name: a}",
        "spec:",
        "  mirrorSourcePolicy: NeverContactSource",
        "  imageDigestMirrors:",
        "  - source: quay.io/a",
        "    mirrors: [m.example.com/a]",
        "",
    )
    (folder / "a.yaml").write_bytes(line_break.join(lines).encode())
    assert call_mirrorc("check", "--fix", "--unsafe-fixes", "a.yaml", cwd=folder).code == 0
    moved = (*lines[:4], *lines[5:7], "    mirrorSourcePolicy: NeverContactSource", *lines[7:])
    assert (folder / "a.yaml").read_bytes() == line_break.join(moved).encode()


HEAD = "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: a}\n"
RULE = "source: quay.io/a, mirrors: [m.example.com/a]"
REPEATED = {
    "an unknown field": f"{HEAD}spec: {{imageDigestMirrors: [{{source: q.io/a, mirors: [x/a], mirors: [y/a]}}]}}\n",
    "three": f"{HEAD}spec: {{imageDigestMirrors: [{{source: q/a, mirors: [x/a], mirors: [y/a], mirors: [z/a]}}]}}\n",
    "beside the field": f"{HEAD}spec: {{imageDigestMirrors: [{{{RULE}, mirors: [x.io/a], mirors: [y.io/a]}}]}}\n",
    "beside another typo": f"{HEAD}spec: {{imageDigestMirrors: [{{sorce: q.io/a, mirors: [x/a], mirors: [y/a]}}]}}\n",
    "with a merged mapping": f"x: &x {{source: quay.io/a}}\n{HEAD}spec:\n  imageDigestMirrors:\n"
    "  - {<<: *x, mirors: [x.io/a], mirors: [y.io/a]}\n",
    "a policy beside the list": f"{HEAD}spec:\n  mirrorSourcePolicy: NeverContactSource\n"
    f"  imageDigestMirrors: [{{{RULE}}}]\n  mirrorSourcePolicy: AllowContactingSource\n",
    "the list of the other kind": f"{HEAD}spec: {{imageTagMirrors: [{{{RULE}}}], imageTagMirrors: []}}\n",
    "all of an object": f"{HEAD}{HEAD}spec: {{imageDigestMirors: [{{{RULE}}}]}}\nspec: {{imageDigestMirors: []}}\n",
    "a policy": f"{HEAD}spec: {{imageDigestMirrors: [{{{RULE}, mirrorSourcePolicy: a, mirrorSourcePolicy: b}}]}}\n",
    "a kind": f"{HEAD}apiVersion: operator.openshift.io/v1\nspec: {{imageDigestMirrors: [{{{RULE}}}]}}\n",
}


@pytest.mark.parametrize("case", [*REPEATED, "a configuration"])
def test_a_key_that_is_repeated_is_not_renamed(case: str, tmp_path: Path) -> None:
    """Nor moved: the other key of that name would count then. It is no bug of ours."""
    name = ".mirrorc.yaml" if case == "a configuration" else "a.yaml"
    config = "version: 1\nclusters: [{name: a, pths: [a.yaml], pths: [b.yaml]}]\n"
    text = REPEATED.get(case, config)
    for flow in (False, True):
        (tmp_path / name).write_text(text if not flow else text.replace(", mirors", ",\n    mirors"))
        for options in (["--fix"], ["--fix", "--unsafe-fixes"], ["--diff", "--unsafe-fixes"]):
            done = call_mirrorc("check", *options, *(["--config", name] if name != "a.yaml" else [name]), cwd=tmp_path)
            assert done.code in {1, 2}, (options, done.stderr)
            assert "has a bug" not in done.stderr
