"""What nodes read past in a registries.conf, with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.findings.diagnostics import MOST_OF_A_RULE, Diagnostic, Severity, settle
from compiler.manifests.embedded import NodeText
from compiler.node.conf_notes import of_file, of_order, of_text
from compiler.node.registries_conf import read_registries_conf
from compiler.text.span import File, Span

REGISTRY = '[[registry]]\nlocation = "quay.io/a"\n'
MIRROR = '[[registry.mirror]]\nlocation = "m.example.com/a"\n'


def notes(content: str) -> list[Diagnostic]:
    return list(settle(of_file(read_registries_conf(content, path="r.conf")), {}))


@pytest.mark.parametrize(
    ("content", "line", "help_"),
    [
        ('short-name-modes = "x"\n', 1, "Did you mean `short-name-mode`?"),
        (f'{REGISTRY}short-name-mode = "x"\n', 3, "inside the table [[registry]]: move it above the first table."),
        (f"{REGISTRY}{MIRROR}unqualified-search-registries = ['a.io']\n", 5, "move it above the first table."),
        (f"{REGISTRY}{MIRROR}'credential-helpers' = ['a']\n", 5, "move it above the first table."),
        (f"{REGISTRY}{MIRROR}aliases = {{}}\n", 5, "move it above the first table."),
        (f"{REGISTRY}{MIRROR}blocked = true\n", 5, "move it above the first [[registry.mirror]] of its [[registry]]."),
        (f"{REGISTRY}{MIRROR}mirror-by-digest-only = true\n", 5, "move it above the first [[registry.mirror]]"),
        (f'location = "a.io"\n{REGISTRY}', 1, "outside of every table: move it below the header"),
        (f"{REGISTRY}[[mirror]]\nlocation = 'm.io'\n", 3, "Write [[registry.mirror]]."),
        (f"{REGISTRY}{MIRROR}insecur = true\n", 5, "Did you mean `insecure`?"),
        (f"{REGISTRY}{MIRROR}blockd = true\n", 5, "Did you mean `blocked`? It belongs in [[registry]]."),
        (f"{REGISTRY}{MIRROR}[registry.auth]\nx = 1\n", 5, "Remove it: the keys here are `blocked`, "),
        (f'[aliases]\nshort-name-mode = "x"\n{REGISTRY}', 2, "inside the table [aliases]: move it above the first"),
        ("[auth]\nx = 1\n", 1, "Remove it: the keys here are "),
    ],
)
def test_an_unknown_or_misplaced_key_is_noted_at_its_place(content: str, line: int, help_: str) -> None:
    (note,) = notes(content)
    assert (note.rule, note.severity, note.line) == ("unknown-node-key", Severity.NOTE, line)
    assert help_ in note.help
    assert note.span.text.strip("'\"") in note.message


@pytest.mark.parametrize(
    "content",
    [
        "unqualified-search-registries = ['a.io']\nshort-name-mode = ''\ncredential-helpers = []\n"
        f"additional-layer-store-auth-helper = ''\n{REGISTRY}prefix = 'quay.io/a'\ninsecure = false\nblocked = false\n"
        f"mirror-by-digest-only = false\n{MIRROR}insecure = true\npull-from-mirror = 'all'\n",
        "[aliases]\nubi = 'registry.example.com/ubi'\nlocation = 'q.io/location'\n",
        "Short-Name-Mode = 'permissive'\n",
        "# short-name-modes = 1\n",
    ],
)
def test_what_nodes_know_is_not_noted(content: str) -> None:
    assert notes(content) == []


@pytest.mark.parametrize(
    ("entry", "noted"),
    [
        ('location = "quay.io/a:1.2"', True),
        ('location = "a:1.2"', True),
        ('location = "quay.io/a@sha256:00"', True),
        ('prefix = "quay.io/a:1"\nlocation = "quay.io/a"', True),
        ('prefix = "quay.io/a"\nlocation = "m.io:5000/a:1"', True),
        (f'location = "quay.io/b"\n{MIRROR}[[registry.mirror]]\nlocation = "m.io/b:v1"', True),
        ('location = "quay.io:443/a"', False),
        ('location = "localhost:5000"', False),
        ('location = "[::1]:5000"', False),
        ('location = "[::1]"', False),
        ('prefix = "*.example.com"', False),
        ('prefix = "quay.io/a"\nlocation = "m.io:5000"', False),
    ],
)
def test_an_entry_with_a_tag_is_noted_and_a_port_is_none(entry: str, noted: bool) -> None:
    found = notes(f"[[registry]]\n{entry}\n")
    assert [note.rule for note in found] == (["node-entry-with-tag"] if noted else [])
    assert all(note.span.text.startswith('"') for note in found)


def test_an_entry_that_a_later_file_replaces_is_noted_once_with_what_is_lost() -> None:
    main = read_registries_conf(f"{REGISTRY}blocked = true\n{MIRROR}", path="registries.conf")
    same = read_registries_conf('[[registry]]\nlocation = "quay.io/a/"\n', path="1.conf")
    other = read_registries_conf('[[registry]]\nlocation = "quay.io/a/b"\n', path="2.conf")
    (note,) = of_order([main, other, same])
    assert (str(note.span), note.severity) == ("1.conf:2:12", Severity.NOTE)
    assert note.message.endswith("whole: its mirrors `m.example.com/a` and its block are lost")
    assert [str(label.span) for label in note.labels] == ["registries.conf:2:12"]
    assert list(of_order([main])) == list(of_order([other, main])) == []


def test_equal_keys_are_one_note_and_very_many_different_ones_are_bounded() -> None:
    (note,) = notes(f"{REGISTRY}key = 1\n" * 100)
    assert note.count == 100
    assert note.message.endswith(": 100 times")
    assert len(notes("".join(f"key{number} = 1\n" for number in range(5 * MOST_OF_A_RULE)))) == MOST_OF_A_RULE + 1


def test_a_file_in_another_document_is_noted_where_it_is_written() -> None:
    content = f"{REGISTRY}key = 1\n"
    around = File("a.ks", f"cat <<EOF\n{content}EOF\n")
    (note,) = of_text(NodeText("/etc/containers/registries.conf", content, Span(around, 10, 10 + len(content))))
    assert (str(note.span), note.span.text) == ("a.ks:4:1", "key")


@given(st.text("[]registymo.=\"'\n #1ab", max_size=80))
def test_no_text_that_nodes_load_is_too_odd(text: str) -> None:
    from compiler.node.registries_conf import ConfFileError

    try:
        read = read_registries_conf(f"{text}\n", path="r.conf")
    except ConfFileError:
        return
    for note in of_file(read):
        assert 0 <= note.span.start <= note.span.end <= len(read.file.text)
