"""What documents say of an image and no cluster is given, beside what nodes do: for people and for programs.

quay.io/team/app  in the ConfigurationPolicy `x`, not on nodes
  entry     quay.io/team of an ImageDigestMirrorSet
            policy.yaml:12:9
  reason    inform: a check only, nothing is applied
  mirror    mirror.example.com/team/app
            policy.yaml:13:9
"""

from collections.abc import Callable, Iterable, Iterator

from compiler.explain.stated import Statement
from compiler.repository.paths import printable
from compiler.text.span import Span


def as_text(found: Iterable[Statement]) -> str:
    """The report."""
    return "\n".join("".join(f"{line}\n" for line in _lines(each)) for each in found)


def _lines(each: Statement) -> Iterator[str]:
    yield f"{printable(each.pull_spec)}  in {printable(each.holder)}, not on nodes"
    yield f"  entry     {printable(each.source)} of an {each.kind}"
    yield f"            {each.source_span}"
    yield f"  reason    {printable(each.reason)}"
    for reference, span in each.mirrors:
        yield f"  mirror    {printable(reference)}"
        yield f"            {span}"


def as_json(found: Iterable[Statement], locate: Callable[[str], str]) -> list[dict[str, object]]:
    """The same as data."""
    return [
        {
            "pull_spec": each.pull_spec,
            "kind": each.kind,
            "source": each.source,
            "origins": _places(each.source_span, locate),
            "holder": each.holder,
            "reason": each.reason,
            "mirrors": [{"reference": reference, "origins": _places(at, locate)} for reference, at in each.mirrors],
        }
        for each in found
    ]


def _places(span: Span, locate: Callable[[str], str]) -> list[dict[str, object]]:
    line, column = span.begin
    return [{"path": locate(span.path), "line": line, "column": column}]
