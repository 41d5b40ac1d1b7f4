"""Where Konflux pipelines look for an image, beside what nodes do: for people and for programs.

registry.redhat.io/team/app  in Konflux pipelines, not on nodes
  entry     registry.redhat.io/team
            .tekton/images-mirror-set.yaml:8:13
  1. try    registry.redhat.io/team/app
            the source itself
  2. try    quay.io/build/app
            .tekton/images-mirror-set.yaml:10:9
"""

from collections.abc import Callable, Iterable, Iterator

from compiler.images.pipelines import LookUp
from compiler.repository.paths import printable
from compiler.text.span import Span

LookUps = Iterable[tuple[str, tuple[LookUp, ...]]]
"""Pull specs, each with what a mirror set has for it."""


def as_text(found: LookUps) -> str:
    """The report."""
    return "\n".join("".join(f"{line}\n" for line in _lines(spec, looks)) for spec, looks in found)


def _lines(spec: str, looks: tuple[LookUp, ...]) -> Iterator[str]:
    yield f"{printable(spec)}  in Konflux pipelines, not on nodes"
    yield f"  entry     {printable(looks[0].source)}"
    if looks[0].source_span is not None:
        yield f"            {looks[0].source_span}"
    yield f"  1. try    {printable(spec)}"
    yield "            the source itself"
    for number, look in enumerate(looks, 2):
        yield f"  {number}. try    {printable(look.reference)}"
        if look.span is not None:
            yield f"            {look.span}"


def as_json(found: LookUps, locate: Callable[[str], str]) -> list[dict[str, object]]:
    """The same as data."""
    return [
        {
            "pull_spec": spec,
            "source": looks[0].source,
            "origins": _places(looks[0].source_span, locate),
            "mirrors": [{"reference": look.reference, "origins": _places(look.span, locate)} for look in looks],
        }
        for spec, looks in found
    ]


def _places(span: Span | None, locate: Callable[[str], str]) -> list[dict[str, object]]:
    if span is None:
        return []
    line, column = span.begin
    return [{"path": locate(span.path), "line": line, "column": column}]
