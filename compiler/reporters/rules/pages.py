"""The catalogue for people and programs: a list, all about one rule, a page of documentation, JSON.

In: rules and their examples. Out: text. What mirrorc says about an example is not written down anywhere: it is
generated, so that the documentation is always current.
"""

from collections.abc import Iterable, Iterator

from compiler.findings.diagnostics import Rule, Severity
from compiler.findings.rules import ABOUT_IMAGES, SOURCES_DIFFER, UNCLAIMED_MANIFEST
from compiler.reporters.findings import text
from compiler.reporters.rules.examples import Example, ExampleRepo, example, findings
from compiler.text.escaping import to_json
from compiler.text.wrapping import wrap

JSON_VERSION = 1
_INDENT = "    "
_EXAMPLE_WIDTH = 80

_HEAD = """\
# Rules

The rules that mirrorc reports. Rule names never change. This page is generated from the catalogue and the example repos
in `fixtures/rules`; `mirrorc rules NAME` prints the same in a terminal.

With an **error**, `mirrorc check` exits with 1; with a **warning**, it does so under `--strict`; a **note** never
affects the exit code. If a path cannot be read, it exits with 2. `--severity RULE=error|warning|note|off` changes the
severity of a rule, unless its findings make it impossible to compile.
A comment in a manifest, on the line of a finding or on the line above, suppresses the finding:
`# mirrorc: allow RULE -- reason`.
"""


_OF_ALL_CLUSTERS = frozenset((UNCLAIMED_MANIFEST.name, SOURCES_DIFFER.name))


def listing(rules: Iterable[Rule], *, width: int) -> str:
    """One line a rule, or more where its summary needs them: severity, name, summary."""
    rules = list(rules)
    column = max(len(rule.name) for rule in rules) + 2
    lines: list[str] = []
    for rule in rules:
        lead = f"{rule.severity:9}{rule.name:{column}}"
        lines += _wrapped(rule.summary, width, first=lead, rest=" " * len(lead))
    return "".join(f"{line}\n" for line in lines)


def page(rule: Rule, *, width: int) -> str:
    """Everything about one rule, for a terminal."""
    shown = example(rule.name)
    lines = [f"{rule.name} ({rule.severity})", ""]
    for paragraph in (rule.summary + ".", rule.why, _silence(rule)):
        lines += [*_wrapped(paragraph, width), ""]
    lines += [f"Bad, with {shown.bad.arguments}:" if shown.bad.options else "Bad:", ""]
    lines += _files(shown.bad.files.keys(), shown.bad)
    lines += ["Report:", ""]
    lines += [_indented(line) for line in _said(shown.bad, width - len(_INDENT)).splitlines()]
    lines += ["", _good(shown) + ":", ""]
    lines += _files(_differing(shown), shown.good)
    return "\n".join(lines).rstrip("\n") + "\n"


def markdown(rules: Iterable[Rule]) -> str:
    """The page of documentation: all rules by severity, then each with its reason and its examples."""
    rules = list(rules)
    parts = [_HEAD]
    for severity in Severity:
        named = [rule for rule in rules if rule.severity is severity]
        if named:
            parts.append(f"## {severity.capitalize()}s\n")
            parts.append("".join(f"- [`{rule.name}`](#{rule.name}): {rule.summary}\n" for rule in named))
    parts += [markdown_of(rule) for rule in rules]
    return "\n".join(parts)


def markdown_of(rule: Rule) -> str:
    """One rule's part of the page."""
    shown = example(rule.name)
    parts = [
        f"## {rule.name}\n",
        f"**{rule.summary}.** ({rule.severity})\n",
        f"{rule.why}\n",
        f"{_silence(rule)}\n",
        f"Bad, with `{shown.bad.arguments}`:\n" if shown.bad.options else "Bad:\n",
        *(_fenced("yaml", _content(shown.bad, name), title=name) for name in shown.bad.files),
        "Report:\n",
        _fenced("text", _said(shown.bad, _EXAMPLE_WIDTH)),
        f"{_good(shown)}:\n",
        *(_fenced("yaml", _content(shown.good, name), title=name) for name in _differing(shown)),
    ]
    return "\n".join(parts)


def as_json(rules: Iterable[Rule], *, examples: bool) -> str:
    """The rules for programs, with the files of their examples where that is wanted."""
    listed = []
    for rule in rules:
        entry: dict[str, object] = {
            "name": rule.name,
            "severity": str(rule.severity),
            "adjustable": rule.adjustable,
            "summary": rule.summary,
            "why": rule.why,
        }
        if examples:
            shown = example(rule.name)
            entry |= {"bad": _as_json(shown.bad), "good": _as_json(shown.good)}
        listed.append(entry)
    return to_json({"version": JSON_VERSION, "rules": listed})


def _as_json(repo: ExampleRepo) -> dict[str, object]:
    return {"options": dict(repo.options), "files": {name: _content(repo, name) for name in repo.files}}


def _silence(rule: Rule) -> str:
    command = "images" if rule.name in ABOUT_IMAGES else "check"
    reported = f"`mirrorc {command}` reports it"
    reported += ", run on all clusters. " if rule.name in _OF_ALL_CLUSTERS else ". "
    if not rule.adjustable:
        return f"{reported}It is always an error and cannot be suppressed: mirrorc compiles nothing until it is fixed."
    return (
        f"{reported}"
        f"`--severity {rule.name}=LEVEL` changes its severity; `# mirrorc: allow {rule.name} -- reason` suppresses one "
        "finding."
    )


def _said(repo: ExampleRepo, width: int) -> str:
    return text.render(findings(repo), width=width)


def _differing(shown: Example) -> list[str]:
    """The files of the fixed repo that have changed; all of them where only the options differ."""
    changed = [name for name, content in shown.good.files.items() if shown.bad.files.get(name) != content]
    return changed or list(shown.good.files)


def _good(shown: Example) -> str:
    if shown.good.options != shown.bad.options:
        return f"Good, with {shown.good.arguments}"
    gone = sorted(shown.bad.files.keys() - shown.good.files.keys())
    if gone:
        return f"Good, without {', '.join(gone)}"
    return "Good" if len(_differing(shown)) == len(shown.good.files) else "Good, with the other files unchanged"


def _content(repo: ExampleRepo, name: str) -> str:
    return repo.files[name].decode(errors="replace")


def _files(names: Iterable[str], repo: ExampleRepo) -> Iterator[str]:
    for name in names:
        yield f"  {name}"
        yield from (_indented(line) for line in _content(repo, name).splitlines())
        yield ""


def _indented(line: str) -> str:
    return f"{_INDENT}{line}".rstrip()


def _wrapped(paragraph: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    return wrap(paragraph, max(width, len(first) + 20), first, rest)


def _fenced(language: str, content: str, *, title: str = "") -> str:
    head = f"`{title}`\n\n" if title else ""
    return f"{head}```{language}\n{content.rstrip()}\n```\n"
