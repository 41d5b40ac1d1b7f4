"""Texts before and after as patches that `git apply` takes.

In: the texts of files in two states, None where there is no file. Out: one patch in Git's format, files by path.
"""

import re
from collections.abc import Iterable

from compiler.edits.changes import Text
from compiler.findings.fixes import difference

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"\\]")


def patch(texts: Iterable[Text]) -> str:
    """The patch that brings files from the old to the new texts; empty where nothing differs."""
    return "".join(_of_file(each) for each in sorted(texts, key=lambda each: each.path) if each.old != each.new)


def _of_file(text: Text) -> str:
    old, new = _quoted(f"a/{text.path}"), _quoted(f"b/{text.path}")
    header = f"diff --git {old} {new}\n"
    if text.old is None:
        header += "new file mode 100644\n"
    elif text.new is None:
        header += "deleted file mode 100644\n"
    body = difference("x", text.old or "", text.new or "")
    if not body:
        return header
    _, _, hunks = body.split("\n", 2)
    end = "\t" if " " in text.path else ""
    before = "/dev/null" if text.old is None else f"{old}{end}"
    after = "/dev/null" if text.new is None else f"{new}{end}"
    return f"{header}--- {before}\n+++ {after}\n{hunks}"


def _quoted(name: str) -> str:
    """A name as Git writes it: in quotes where it has characters that would end it."""
    if _UNSAFE.search(name) is None:
        return name
    return '"' + _UNSAFE.sub(lambda match: f"\\{ord(match[0]):03o}", name) + '"'
