"""Reading registries.conf: exact values, exact positions, clear errors."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.node.registries_conf import ConfFile, ConfFileError, read_registries_conf
from compiler.text.span import Span
from tests.conformance import recordings, text

TWO_ENTRIES = """\
unqualified-search-registries = ["registry.access.redhat.com", "docker.io"]
short-name-mode = ""

[[registry]]
  prefix = "*.example.com"
  blocked = true

  [[registry.mirror]]
    location = "m.local/w"
    insecure = true
    pull-from-mirror = "digest-only"

[[registry]] # a comment
  prefix = ""
  location = 'quay.io/ns'
  insecure = true

  [[registry.mirror]]
    location = "n.local"
    pull-from-mirror = "tag-only"
"""


def read(content: bytes | str) -> ConfFile:
    return read_registries_conf(content, path="r.conf")


def spans(conf: RegistriesConf) -> Iterator[Span]:
    for entry in conf.entries:
        yield from entry.origins
        for mirror in entry.mirrors:
            yield from mirror.origins


def is_whole(span: Span) -> bool:
    return (span.start, span.end) == (0, len(span.file.text))


def test_reads_entries_flags_and_mirrors() -> None:
    assert read(TWO_ENTRIES).conf == RegistriesConf(
        search=("registry.access.redhat.com", "docker.io"),
        entries=(
            RegistryEntry(
                prefix="*.example.com",
                blocked=True,
                mirrors=(Endpoint(location="m.local/w", insecure=True, pull_from_mirror=DIGEST_ONLY),),
            ),
            RegistryEntry(
                location="quay.io/ns",
                insecure=True,
                mirrors=(Endpoint(location="n.local", pull_from_mirror=TAG_ONLY),),
            ),
        ),
    )


def test_every_part_knows_its_line() -> None:
    file = read(TWO_ENTRIES)
    wildcard, namespace = file.conf.entries
    assert [str(span) for span in wildcard.origins] == ["r.conf:5:12", "r.conf:6:13"]
    assert [span.text for span in wildcard.origins] == ['"*.example.com"', "true"]
    assert [span.text for span in namespace.origins] == ["'quay.io/ns'", "true"]
    assert [span.text for span in wildcard.mirrors[0].origins] == ['"m.local/w"']
    assert [str(span) for span in namespace.mirrors[0].origins] == ["r.conf:19:16"]
    assert file.search_span is not None
    assert file.search_span.text == '["registry.access.redhat.com", "docker.io"]'


def test_line_breaks_of_windows_and_a_byte_order_mark_move_nothing() -> None:
    file = read(b"\xef\xbb\xbf" + TWO_ENTRIES.replace("\n", "\r\n").encode())
    assert file.conf == read(TWO_ENTRIES).conf
    assert [str(span) for span in spans(file.conf)] == [str(span) for span in spans(read(TWO_ENTRIES).conf)]
    assert read("\ufeff" + TWO_ENTRIES).conf == file.conf


@pytest.mark.parametrize("empty", ["", "\n", "# nothing\n", 'short-name-mode = ""\n'])
def test_a_file_that_says_nothing_is_an_empty_model(empty: str) -> None:
    file = read(empty)
    assert file.conf == RegistriesConf()
    assert file.search_span is None


def test_inline_tables_get_the_whole_file_as_their_place() -> None:
    file = read('registry = [{ location = "a.io", mirror = [{ location = "m.io" }] }]\n')
    assert file.conf.entries[0].location == "a.io"
    assert file.conf.entries[0].mirrors[0].location == "m.io"
    assert all(is_whole(span) for span in spans(file.conf))


def test_headers_inside_a_string_are_not_taken_for_headers() -> None:
    content = 'note = """\n[[registry]]\nlocation = "a.io"\n"""\n[["registry"]]\nlocation = "a.io"\nblocked = true\n'
    file = read(content)
    assert len(file.conf.entries) == 1
    assert all(is_whole(span) for span in spans(file.conf))


def test_headers_inside_strings_that_make_the_total_agree_fool_nobody() -> None:
    content = (
        '[[registry]]\nlocation = "a.io"\n'
        '[[registry.mirror]]\nlocation = "m.io"\nx = """\n[[registry.mirror]]\nlocation = "n.io"\n"""\n'
        '[[registry]]\nlocation = "b.io"\nmirror = [ { location = "o.io" } ]\n'
    )
    file = read(content)
    assert [mirror.location for entry in file.conf.entries for mirror in entry.mirrors] == ["m.io", "o.io"]
    assert all(is_whole(span) for span in spans(file.conf))


def test_headers_inside_strings_that_make_every_count_agree_fool_nobody() -> None:
    # The scan sees the first header, which stands in a string, and not the second, which is spelt with an escape.
    content = 'x = """\n[[registry]]\nlocation = "b.io" """\n[["registr\\u0079"]]\nlocation = "a.io"\n'
    file = read(content)
    assert [entry.location for entry in file.conf.entries] == ["a.io"]
    assert all(is_whole(span) for span in spans(file.conf))


def test_other_tables_between_registries_move_nothing() -> None:
    file = read('[[registry]]\nlocation = "a.io"\n[aliases]\n"x" = "y"\n[[registry]]\nlocation = "b.io"\n')
    assert [span.text for span in spans(file.conf)] == ['"a.io"', '"b.io"']


def test_a_search_list_over_several_lines_is_found() -> None:
    content = 'unqualified-search-registries = [\n  # not "this"\n  "a.io",\n  "b.io",\n]\n'
    file = read(content)
    assert file.conf.search == ("a.io", "b.io")
    assert file.search_span is not None
    assert tomllib.loads(f"v = {file.search_span.text}") == {"v": ["a.io", "b.io"]}


def test_an_unusual_literal_falls_back_to_the_header() -> None:
    file = read('[[registry]]\nlocation = """a.io"""\n')
    assert file.conf.entries[0].location == "a.io"
    assert [span.text for span in spans(file.conf)] == ["[[registry]]"]


def test_mirror_by_digest_only_of_old_clusters_means_digest_only_mirrors() -> None:
    content = (
        '[[registry]]\nlocation = "a.io"\nmirror-by-digest-only = true\n'
        '[[registry.mirror]]\nlocation = "m.io"\n[[registry.mirror]]\nlocation = "n.io"\n'
    )
    assert [m.pull_from_mirror for m in read(content).conf.entries[0].mirrors] == [DIGEST_ONLY] * 2


def test_pull_from_mirror_all_is_kept_as_it_is_written() -> None:
    content = '[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "m"\npull-from-mirror = "all"\n'
    assert read(content).conf.entries[0].mirrors[0].pull_from_mirror == "all"


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("a = 1\nb = = 2\n", "r.conf:2:5: ", "not valid TOML: Invalid value"),
        ('[[registry]]\nlocation = "x', "r.conf:2:14: ", "not valid TOML"),
        ("[registries.search]\nregistries = ['a']\n", "r.conf:1:1: ", "version 1"),
        ("registries = 1\n", "r.conf:1:1: ", "version 1"),
        ("registry = 1\n", "r.conf:1:1: ", "registry: expected tables"),
        ("registry = [1]\n", "r.conf:1:1: ", "registry: expected tables"),
        ("[[registry]]\nlocation = 1\n", "r.conf:1:1: ", "registry[0].location: expected a string"),
        ('\n[[registry]]\nblocked = "yes"\n', "r.conf:2:1: ", "registry[0].blocked: expected true or false"),
        ("[[registry]]\nmirror = 1\n", "r.conf:1:1: ", "registry[0].mirror: expected tables"),
        (
            '[[registry]]\nlocation = "a"\n[[registry.mirror]]\npull-from-mirror = "both"\n',
            "r.conf:4:20: ",
            "registry[0].mirror[0]: pull-from-mirror 'both' is not one of all, digest-only, tag-only",
        ),
        (
            '[[registry]]\nlocation = "a"\npull-from-mirror = "all"\n',
            "r.conf:3:20: ",
            "registry[0]: pull-from-mirror is valid only for a mirror",
        ),
        (
            '[[registry]]\nmirror-by-digest-only = true\n[[registry.mirror]]\npull-from-mirror = "all"\n',
            "r.conf:4:20: ",
            "CRI-O refuses pull-from-mirror in a registry with mirror-by-digest-only",
        ),
        ('unqualified-search-registries = "a"\n', "r.conf:1:33: ", "expected a list of strings"),
        ("unqualified-search-registries = [1]\n", "r.conf:1:33: ", "expected a list of strings"),
        ('unqualified-search-registries = [["a"]]\n', "r.conf:1:1: ", "expected a list of strings"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content: str, place: str, message: str) -> None:
    with pytest.raises(ConfFileError) as caught:
        read(content)
    assert str(caught.value).startswith(place)
    assert message in caught.value.message
    assert str(caught.value.span) == place.removesuffix(": ")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ConfFileError, match=r"r\.conf: not UTF-8: byte 4 is 0xff"):
        read(b"a=1\n\xff")


@pytest.mark.parametrize("content", ["a = " + "[" * 100_000, "a = " + "1" * 10_000])
def test_what_the_parser_itself_gives_up_on_is_an_error_like_any_other(content: str) -> None:
    with pytest.raises(ConfFileError, match=r"r\.conf.*TOML"):
        read(content)


def test_every_recorded_file_is_read_with_tight_positions() -> None:
    for line in recordings("drain"):
        for side in ("old", "new"):
            file = read(text(line, side))
            data = tomllib.loads(file.file.text)
            for entry, table in zip(file.conf.entries, data.get("registry", []), strict=True):
                assert entry.scope == (table.get("prefix") or table.get("location"))
                assert tomllib.loads(f"v = {entry.origins[0].text}") == {"v": entry.scope}
                assert len(entry.origins) == 1 + entry.blocked + entry.insecure
                for mirror in entry.mirrors:
                    (span,) = mirror.origins
                    assert tomllib.loads(f"v = {span.text}") == {"v": mirror.location}


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
literals = st.sampled_from(["basic", "literal"])


@st.composite
def literal(draw: st.DrawFn, value: str) -> str:
    """`value` as a TOML string, in one of the ways a person may write it."""
    if draw(literals) == "literal" and all(c >= " " and c not in "'\x7f" for c in value):
        return f"'{value}'"
    escaped = "".join(f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else "\\" + c if c in '"\\' else c for c in value)
    return f'"{escaped}"'


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[tuple[str, list[str]]]]:
    """A registries.conf and what it lists: the location of every entry, and those of its mirrors."""
    gap = st.sampled_from(["", "\n", "# [[registry]]\n", "\t\n"])
    said = draw(st.lists(st.tuples(names, st.lists(names, max_size=3)), max_size=4))
    parts = [draw(gap)]
    for location, mirrors in said:
        parts.append(f"  [[ registry ]]  # x\n{draw(gap)}location\t= {draw(literal(location))} # y\n{draw(gap)}")
        parts.extend(f"[[registry.mirror]]\n{draw(gap)}location = {draw(literal(m))}\n" for m in mirrors)
    return "".join(parts), said


@given(documents())
def test_the_text_of_a_span_is_the_value(document: tuple[str, list[tuple[str, list[str]]]]) -> None:
    content, said = document
    conf = read(content).conf
    assert [(e.location, [m.location for m in e.mirrors]) for e in conf.entries] == said
    for entry in conf.entries:
        for value, (span,) in ((entry.location, entry.origins), *((m.location, m.origins) for m in entry.mirrors)):
            assert tomllib.loads(f"v = {span.text}") == {"v": value}


@given(st.text(max_size=60) | st.text("[]registy.mo=\"'\n #", max_size=60))
def test_any_text_is_read_or_refused(content: str) -> None:
    try:
        file = read(content)
    except ConfFileError:
        return
    assert all(0 <= span.start <= span.end <= len(file.file.text) for span in spans(file.conf))
