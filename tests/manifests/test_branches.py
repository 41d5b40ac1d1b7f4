"""Branches of templates: which are alternatives, and which readings they make."""

import re
import time
from collections.abc import Iterator
from random import Random

import pytest

from compiler.manifests.branches import Branch, conditional_at
from compiler.manifests.choices import MOST_READINGS, choice_of
from compiler.manifests.parsing import parse, readings
from compiler.manifests.shell_branches import shell_branches
from compiler.manifests.tokens import masked
from compiler.names.releases import RELEASES
from compiler.text.span import File


def texts(template: str, *, is_script: bool = False) -> list[list[str]]:
    """The words of each reading."""
    found = masked(template, is_script=is_script)
    return [reading.text.split() for reading in (found, *found.others)]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% if a %}\nb\n{% else %}\nc\n{% endif %}\n", [["b"], ["c"]]),
        ("{{- if .a }}\nb\n{{- else if .d }}\nc\n{{- else }}\ne\n{{- end }}\n", [["b"], ["c"], ["e"]]),
        ("%{ if a ~}\nb\n%{ else ~}\nc\n%{ endif ~}\n", [["b"], ["c"]]),
        ("<% if a %>\nb\n<% elsif d %>\nc\n<% else %>\ne\n<% end %>\n", [["b"], ["c"], ["e"]]),
        ("{% if a %}\nb\n{% endif %}\n{% if c %}\nd\n{% endif %}\n", [["b", "d"]]),
        ("{% if a %}\nb\n{% endif %}\n{% if not a %}\nd\n{% endif %}\n", [["b"], ["d"]]),
        ("{% if a is defined %}\nb\n{% endif %}\n{% if a is not defined %}\nd\n{% endif %}\n", [["b"], ["d"]]),
        ("{% if a == 'x' %}\nb\n{% endif %}\n{% if a == \"y\" %}\nd\n{% endif %}\n", [["b"], ["d"]]),
        ('{{ if eq .a "x" }}\nb\n{{ end }}\n{{ if ne .a "x" }}\nd\n{{ end }}\n', [["b"], ["d"]]),
        (
            "{% if a %}\nb\n{% else %}\nc\n{% endif %}\n{% if a %}\nd\n{% else %}\ne\n{% endif %}\n",
            [["b", "d"], ["c", "e"]],
        ),
        ("{% for a in b %}\nc\n{% else %}\nd\n{% endfor %}\n", [["c"], ["d"]]),
        ("{% if a %}\nb\n{% else %}\n{% if c %}\nd\n{% else %}\ne\n{% endif %}\n{% endif %}\n", [["b"], ["d"], ["e"]]),
        ("{% if not a and b %}\nc\n{% endif %}\n{% if a and b %}\nd\n{% endif %}\n", [["c", "d"]]),
    ],
)
def test_a_reading_has_one_branch_of_each_if(template: str, expected: list[list[str]]) -> None:
    assert texts(template) == expected


def test_every_branch_is_in_a_reading_up_to_a_limit() -> None:
    chain = "{% if a == 0 %}\nb0\n" + "".join(f"{{% elif a == {n} %}}\nb{n}\n" for n in range(1, 100)) + "{% endif %}\n"
    assert len(texts(chain)) == MOST_READINGS
    short = "{% if a == 0 %}\nb0\n" + "".join(f"{{% elif a == {n} %}}\nb{n}\n" for n in range(1, 9)) + "{% endif %}\n"
    assert texts(short) == [[f"b{n}"] for n in range(9)]


@pytest.mark.parametrize("text", ["not a", "not  a", "!a", "not (a)"])
def test_a_negation_is_about_the_same(text: str) -> None:
    plain, negated = choice_of("a"), choice_of(text)
    assert (plain.of, plain.negated) == (negated.of, not negated.negated)


SCRIPT = """\
if [ "$V" = 1 ]; then
  cat <<EOF > a.yaml
a: 1
else
EOF
elif [ "$V" = 2 ]
then
  b
else
  c
fi
if one; then two; fi
if guard; then
  d
fi
case "$X" in
  x|y) e ;;
  (z)
    f
    ;;
  *)
    g
esac
"""


def test_branches_of_scripts() -> None:
    found = [SCRIPT[branch.start : branch.end].split() for branch in shell_branches(SCRIPT)]
    assert [words[-1] for words in found] == ["EOF", "b", "c", ";;", ";;", "g"]
    in_heredocs = re.sub(
        r"\b([b-g])\b(?! *;;)", r"oc apply -f - <<X\n\1\nX", SCRIPT.replace(" e ;;", "\n    e\n    ;;")
    )
    readings_ = texts(in_heredocs, is_script=True)
    assert [sorted({"EOF", "b", "c", "d", "e", "f", "g"} & set(words)) for words in readings_] == [
        ["EOF", "d", "e"],
        ["b", "d", "f"],
        ["c", "d", "g"],
    ]


def test_branches_of_a_script_without_objects_take_no_reading() -> None:
    noise = "".join(f'if [ "$X{n}" ]; then a{n}; else b{n}; fi\n' for n in range(100))
    script = f"{noise}if last; then\n  cat <<EOF\nc\nEOF\nelse\n  cat <<EOF\nd\nEOF\nfi\n"
    assert [sorted({"c", "d"} & set(words)) for words in texts(script, is_script=True)] == [["c"], ["d"]]


@pytest.mark.parametrize(
    "unit", ["if a\n", "case a in\n", "a)\n", "else\n", "cat <<A\n", "{% if a %}\n", "{% else %}\n"]
)
def test_the_time_is_linear(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    masked(text, is_script=True)
    assert time.process_time() - start < 3


MANIFEST = """\
{% if new %}
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
{% else %}
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
{% endif %}
metadata:
  name: a
spec:
{% if new %}
  imageDigestMirrors:
{% else %}
  repositoryDigestMirrors:
{% endif %}
  - source: quay.io/a
    mirrors: [m.example.com/a]
"""


def test_the_kind_of_an_object_may_depend_on_a_branch() -> None:
    parsed = parse(File("a.yaml", MANIFEST), RELEASES["4.18"])
    found = [[manifest.kind for each in reading for manifest in each.manifests] for reading in readings([parsed])]
    assert found == [["ImageDigestMirrorSet"], ["ImageContentSourcePolicy"]]
    assert parsed.places == ()
    said = [finding.message for reading in readings([parsed]) for each in reading for finding in each.diagnostics]
    assert [message for message in said if "conditional" in message] == [
        "until this ImageDigestMirrorSet is rendered, lines 2 to 3, 5 to 6, 12 and 14 are conditional"
    ]


def _part(random: Random, low: int, high: int, depth: int) -> Iterator[Branch]:
    """Branches beside each other, with others inside of them."""
    at = low
    while at < high and random.random() < 0.95:
        start = random.randint(at, min(high, at + 9))
        end = random.randint(start, high if depth else min(high, start + 5))
        yield Branch(start, end, start)
        if depth:
            yield from _part(random, start, end, depth - 1)
        at = end


@pytest.mark.parametrize("seed", range(60))
def test_branches_of_a_part_are_the_same_as_by_a_look_at_each(seed: int) -> None:
    random = Random(seed)
    made = list(_part(random, 0, 900, 4))
    while len(made) < 30:  # few overlap in another way than one inside the other
        start, end = sorted((random.randint(0, 900), random.randint(0, 900)))
        made.append(Branch(start, end, 0))
    random.shuffle(made)
    branches = tuple(made)
    for _ in range(60):
        start, end = sorted((random.randint(0, 900), random.randint(0, 900)))
        wanted = tuple(each for each in branches if each.start < end and start < each.end)
        assert conditional_at(branches, start, end) == wanted
