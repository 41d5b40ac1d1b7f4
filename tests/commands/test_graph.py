"""`mirrorc graph`: the picture agrees with the order and with networkx, in every format, whatever the names."""

import json
import re
import subprocess
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from shutil import which
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.policy.precedence import merge, precedence_graph
from compiler.policy.source_graph import Lane, SharedGraph, SourceGraph, letter, source_graph
from compiler.reporters import graph as reporters
from compiler.reporters.graph import text as pictures
from compiler.reporters.graph.mermaid import label
from compiler.text.visible import visible
from tests.command import FIXTURES, ROOT, call_mirrorc
from tests.conformance import Json, as_object, objects, text
from tests.fleets import fleet_of, mirrors
from tests.golden import Golden
from tests.policy.test_precedence import ANY, Lists, lists_of, merged, rule
from tests.repositories import write

SOURCE = "quay.io/openshift-release-dev/ocp-release"
HOSTILE = [
    "</text><script>alert(1)</script>",
    '"] ; click g0n0 "javascript:alert(1)"',
    'a"; b [label="x',
    '\\N \\" <b>x</b> &lt; &amp; ',
    "1. x",
    "`*_x_*` %%{init: {}}%% #35; www.x.example https://x.example",
    "x\x1b[31m\n::error::x\u202ey\x00",
    "終わり",
]


def drawn(lists: Lists) -> SourceGraph:
    return source_graph(merged(lists), "digest")


def shared(graph: SourceGraph) -> list[SharedGraph]:
    return [SharedGraph(graph=graph, clusters=("",), of=1)]


def hostile() -> list[SharedGraph]:
    rules = [
        rule(HOSTILE, source="quay.io/<x>\"&'"),
        rule(HOSTILE[::-1], source="quay.io/<x>\"&'", name="<a>&\"'.yaml"),
    ]
    (precedence,) = merge(rules)
    return shared(source_graph(precedence, "digest"))


# --- The graph ------------------------------------------------------------------------


def rendered(name: str, graphs: Sequence[SharedGraph], *, width: int = 80, colour: bool = False) -> str:
    """The graphs in a format, as a whole."""
    return "".join(reporters.render(name, graphs, width=width, colour=colour))


@given(lists=lists_of(ANY))
def test_the_picture_is_the_graph_that_the_compiler_builds(lists: Lists) -> None:
    precedence = merged(lists)
    graph = source_graph(precedence, "digest")
    names = [row.name for row in graph.rows]
    built = precedence_graph(precedence.source, [tuple(m.value for m in each.mirrors) for each in precedence.rules])
    assert {(names[step.first], names[step.second]) for step in graph.steps} == set(built.edges)
    assert set(names) == set(built.nodes)
    parts = [
        set(part)
        for part in networkx.strongly_connected_components(built)
        if len(part) > 1 or any(built.has_edge(node, node) for node in part)
    ]
    assert sorted(map(sorted, graph.parts)) == sorted(map(sorted, parts))


@given(lists=lists_of(ANY))
def test_a_step_leads_up_only_where_lists_contradict_each_other(lists: Lists) -> None:
    graph = drawn(lists)
    upward = [step for step in graph.steps if step.is_upward]
    assert bool(upward) is graph.has_conflict
    assert bool(upward) is any(lane.is_broken for lane in graph.lanes)
    assert graph.lists == len(merged(lists).rules)


@given(lists=lists_of(ANY))
def test_the_json_is_what_networkx_reads(lists: Lists) -> None:
    (report,) = objects(as_object(json.loads(rendered("json", shared(drawn(lists))))), "graphs")
    key = "edges" if networkx.__version__ >= "3.4" else "link"
    read = networkx.node_link_graph(dict(report), **{key: "edges"})
    precedence = merged(lists)
    built = precedence_graph(precedence.source, [tuple(m.value for m in each.mirrors) for each in precedence.rules])
    assert set(read.edges) == set(built.edges)
    order = as_object(report["graph"])["order"]
    assert order == list(precedence.order) + ([] if precedence.source in precedence.order else [precedence.source])
    assert read.graph["conflict"] is bool(precedence.conflicts)


def test_a_source_that_is_never_contacted_has_no_number() -> None:
    (precedence,) = merge([rule(["a.io"], policy="NeverContactSource")])
    source = source_graph(precedence, "tag").rows[-1]
    assert (source.name, source.number) == ("quay.io/ns", None)


def test_equal_lists_share_a_lane() -> None:
    graph = drawn([["a.io", "b.io"], ["a.io", "b.io"], ["b.io"]])
    assert [len(lane.lists) for lane in graph.lanes] == [2, 1]


def test_a_picture_of_many_lanes_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a cell for each row, whatever little the lists have in common."""
    graphs = shared(drawn([[f"{letter(number)}.io", "z.io"] for number in range(8)]))
    whole = rendered("text", graphs)
    assert "more lane" not in whole
    monkeypatch.setattr(pictures, "_MOST_CELLS", 30)
    made = rendered("text", [*graphs, *graphs])
    assert made.count("  There are 5 more lanes than are drawn here; --format svg has all of them.") == 1
    assert made.count("  There are 7 more lanes than are drawn here; --format svg has all of them.") == 1
    assert all(line in made for line in whole.partition("\n\n  a  ")[2].splitlines())


def test_lanes_are_named_like_columns() -> None:
    assert [letter(number) for number in (0, 25, 26, 27, 701, 702)] == ["a", "z", "aa", "ab", "zz", "aaa"]


# --- Text -----------------------------------------------------------------------------


def test_the_lanes_in_a_terminal() -> None:
    told = rendered("text", shared(drawn([["a.io", "b.io", "c.io"], ["c.io", "b.io"], ["b.io", "quay.io/ns"]])))
    assert told == (
        "quay.io/ns by digest\n"
        "  3 lists, 3 mirrors, conflict\n"
        "\n"
        "     a  b  c\n"
        "  1  ●1        a.io\n"
        "  2  ●2 ▲2 ●1  b.io  conflict\n"
        "  3  ●3 ●1 │   c.io  conflict\n"
        "  4  ○  ○  ●2  quay.io/ns  the source\n"
        "\n"
        "  a  0.yaml:3\n"
        "  b  1.yaml:3  not followed\n"
        "  c  2.yaml:3\n"
        "  conflict: lists contradict each other about the order of 2 and 3\n"
    )


@given(lists=lists_of(ANY), width=st.integers(1, 120))
def test_every_lane_is_drawn_at_any_width(lists: Lists, width: int) -> None:
    graph = drawn(lists)
    told = rendered("text", shared(graph), width=width)
    heads = [line.split() for line in told.splitlines() if re.fullmatch(r" +[a-z]+(?: +[a-z]+)*", line)]
    assert [name for head in heads for name in head] == [letter(number) for number in range(len(graph.lanes))]
    for number, row in enumerate(graph.rows, start=1):
        line = rf"^  +{number}  .* {re.escape(row.name)}(?:  |$)"
        assert len(re.findall(line, told, re.MULTILINE)) == len(heads)


def test_colour_marks_what_is_not_followed() -> None:
    told = rendered("text", shared(drawn([["a.io", "b.io"], ["b.io", "a.io"]])), colour=True)
    assert "\x1b[1;31m▲2\x1b[0m" in told
    plain = rendered("text", shared(drawn([["a.io", "b.io"], ["b.io", "a.io"]])))
    assert re.sub(r"\x1b\[[0-9;]*m", "", told) == plain


# --- Hostile names --------------------------------------------------------------------


class Texts(HTMLParser):
    """The elements of a picture and what it shows."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_in_a_name_is_markup_in_svg() -> None:
    svg = rendered("svg", hostile())
    ElementTree.fromstring(svg)
    page = Texts(svg)
    assert page.elements == {"svg", "style", "rect", "g", "text", "tspan", "path", "circle"}
    assert not any(name.startswith("on") or name.endswith("href") for name in page.attributes)
    for name in HOSTILE:
        assert visible(name) in page.text


def test_nothing_in_a_name_is_code_in_dot() -> None:
    dot = rendered("dot", hostile())
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "S", dot)
    assert re.fullmatch(r"[\w\s{}=;,\[\]>-]*", bare), bare
    strings = [re.sub(r"\\(.)", r"\1", each) for each in re.findall(r'"((?:[^"\\]|\\.)*)"', dot)]
    for name in HOSTILE:
        assert any(visible(name).replace("&", "&amp;") in each for each in strings), name


@pytest.mark.skipif(which("dot") is None, reason="Graphviz is not installed: `apt-get install graphviz`")
def test_graphviz_draws_what_dot_says() -> None:
    done = subprocess.run(["dot", "-Tsvg"], input=rendered("dot", hostile()).encode(), capture_output=True, check=True)
    shown = Texts(done.stdout.decode()).text.replace("\xa0", " ")
    for name in HOSTILE:
        assert visible(name).rstrip() in shown, name


def test_nothing_in_a_name_is_code_in_mermaid() -> None:
    made = rendered("mermaid", hostile())
    bare = re.sub(r'"[^"\n]*"', "S", made)
    assert re.fullmatch(r"[\w\s\[\]|>:,#.-]*", bare), bare
    for quoted in re.findall(r'"([^"\n]*)"', made):
        assert re.fullmatch(r"(?:[A-Za-z0-9 ./:@()-]|#\d+;)*", quoted), quoted
        assert not re.match(r"\d+[.)] |- ", quoted), quoted
    for name in HOSTILE:
        decoded = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label(name))
        assert decoded == visible(name)


# --- The command ----------------------------------------------------------------------


def test_without_a_source_those_with_several_lists_are_listed() -> None:
    done = call_mirrorc("graph", cwd=FIXTURES / "gitops-repo")
    assert (done.code, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["source", "pulls", "lists", "mirrors", "conflict", "clusters"]
    assert [SOURCE, "digest", "2", "3", "-", "north"] in lines
    assert not any(line[0] == "quay.io/strimzi" for line in lines)


def test_clusters_with_the_same_lists_share_a_picture(repo: Path) -> None:
    fleet_of(
        repo,
        "north",
        "south",
        "west",
        base=mirrors("one", "quay.io/a: m.io n.io") + "---\n" + mirrors("two", "quay.io/a: n.io"),
    )
    done = call_mirrorc("graph", "quay.io/a", cwd=repo)
    assert done.stdout.startswith("quay.io/a by digest  in all 3 clusters\n  2 lists, 2 mirrors\n")
    assert done.stdout.count("by digest") == 1
    (report,) = objects(as_object(json.loads(call_mirrorc("graph", "-o", "json", cwd=repo).stdout)), "graphs")
    assert as_object(report["graph"])["clusters"] == ["north", "south", "west"]


def test_a_source_of_one_list_is_drawn_too() -> None:
    done = call_mirrorc("graph", "quay.io/strimzi", "--cluster", "north", cwd=FIXTURES / "gitops-repo")
    assert (done.code, done.stderr) == (0, "")
    assert "1 list, 1 mirror\n" in done.stdout


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        ("quay.io/strimsi", "Did you mean `quay.io/strimzi`?"),
        ("\x1b[31mzzzzzzzzzz", "The sources are `docker.io/library`, "),
    ],
)
def test_an_unknown_source_is_a_usage_error(asked: str, advice: str) -> None:
    for format_ in reporters.FORMATS:
        done = call_mirrorc("graph", asked, "--format", format_, cwd=FIXTURES / "gitops-repo")
        assert (done.code, done.stdout) == (2, "")
        assert advice in done.stderr
        assert "\x1b" not in done.stderr


def test_nothing_is_contested_in_an_empty_folder(folder: Path) -> None:
    for format_ in reporters.FORMATS:
        done = call_mirrorc("graph", "--format", format_, cwd=folder)
        assert (done.code, done.stderr) == (0, "")
    assert call_mirrorc("graph", cwd=folder).stdout == "no source has several lists of mirrors\n"


def test_what_the_api_refuses_is_said_and_exits_1(folder: Path) -> None:
    write(folder, "a.yaml", text=mirrors("one", "quay.io/a: m.io") + "---\n" + mirrors("two", "quay.io/a:1: n.io"))
    done = call_mirrorc("graph", "quay.io/a", cwd=folder)
    assert done.code == 1
    assert "quay.io/a by digest" in done.stdout
    assert "nodes keep the files they have" in done.stderr


def test_the_order_of_files_changes_no_byte(folder: Path) -> None:
    lists = [mirrors(f"set-{number}", f"quay.io/a: {number}.io z.io") for number in range(3)]
    for name, listed in zip("abc", lists, strict=True):
        write(folder, f"{name}.yaml", text=listed)
    first = [call_mirrorc("graph", "quay.io/a", "--format", each, cwd=folder).stdout for each in reporters.FORMATS]
    again = [
        call_mirrorc(
            "graph",
            "quay.io/a",
            "--format",
            each,
            "--repo",
            "c.yaml",
            "--repo",
            "a.yaml",
            "--repo",
            "b.yaml",
            cwd=folder,
        ).stdout
        for each in reporters.FORMATS
    ]
    assert [sorted(text.splitlines()) for text in first] == [sorted(text.splitlines()) for text in again]


@pytest.mark.golden
def test_the_picture_of_the_readme_is_made_by_the_product(golden: Golden) -> None:
    done = call_mirrorc("graph", "--repo", "fixtures/rules/order-conflict/bad", "--format", "svg")
    assert (done.code, done.stderr) == (0, "")
    golden.file(ROOT / "docs" / "graph.svg", done.stdout)
    assert "](docs/graph.svg)" in (ROOT / "README.md").read_text()


def keys(value: Json) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def test_the_page_names_every_key_of_the_json() -> None:
    report = as_object(json.loads(call_mirrorc("graph", "-o", "json", cwd=FIXTURES / "gitops-repo").stdout))
    page = (ROOT / "docs" / "graph.md").read_text()
    for key in keys(report):
        assert f"`{key}`" in page, key
    assert {text(as_object(each["graph"]), "form") for each in objects(report, "graphs")} == {"digest", "tag"}


def test_a_lane_says_where_each_of_its_lists_begins() -> None:
    graph = drawn([["a.io", "b.io"], ["a.io", "b.io"]])
    lane: Lane = graph.lanes[0]
    assert [str(place) for place in lane.places] == ["0.yaml:3:1", "1.yaml:3:1"]
