"""What scripts print in pieces: which commands make one text, and where every part of it is written."""

import time

import pytest

from compiler.manifests.tokens import masked
from compiler.text.opaque import revealed
from compiler.text.printed import printed


def texts(script: str) -> list[str]:
    masked_text = masked(script, is_script=True).text
    return [revealed(each.text) for each in printed(masked_text, script)]


def test_commands_that_write_one_file_make_one_text() -> None:
    script = """\
        echo "a:" > $F
        oc get pods
        echo "- b" >>$F
        echo "other" >> g
        echo -n '- c' >> "$F"
    """
    assert texts(script) == ["a:\n- b\n- c", "other\n"]


def test_a_file_that_is_begun_anew_is_another_text() -> None:
    assert texts("echo a > f\necho b >> f\necho c > f\n") == ["a\nb\n", "c\n"]


def test_heredocs_and_commands_follow_each_other() -> None:
    script = "cat > f <<EOF\na:\nEOF\nfor x in 1 2; do\n  cat >> f <<EOF\n- $x\nEOF\ndone\necho '- z' | tee -a f\n"
    assert texts(script) == ["a:\n- $x\n- z\n"]


def test_a_heredoc_alone_is_left_to_others() -> None:
    assert texts("cat > f <<EOF\na:\nEOF\n") == []


def test_what_goes_to_the_output_has_no_messages_around() -> None:
    script = (
        '{\necho "==> Writing"\necho "a:"\nif [ -n "$B" ]; then\n  echo "- $B"\nfi\necho "done!"\n} | oc apply -f -\n'
    )
    assert texts(script) == ["a:\n- $B\n"]


def test_another_command_ends_what_goes_to_the_output() -> None:
    assert texts("echo a:\necho - b\ndate\necho c:\n") == ["a:\n- b\n", "c:\n"]


def test_functions_have_their_own_files() -> None:
    assert texts("one() {\n  echo a >> f\n}\ntwo() {\n  echo b >> f\n}\n") == ["a\n", "b\n"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (r'echo "a \"b\" \$c"', 'a "b" $c\n'),
        (r'echo "a\nb"', "a\\nb\n"),
        (r'echo -e "a:\n- b"', "a:\n- b\n"),
        (r'printf "a:\n- $X\n"', "a:\n- $X\n"),
        (r"printf '%s\n' 'a:' '- b'", "a:\n- b\n"),
        ('echo "a:\n- b"', "a:\n- b\n"),
        ("echo a:  b: 1", "a: b: 1\n"),
    ],
)
def test_quotes_and_escapes_are_those_of_bash(command: str, expected: str) -> None:
    assert texts(f"{command} > f\n") == [expected]


@pytest.mark.parametrize("command", ["printf '%d:' 3", "echo $'a'", 'echo "a', "echo `a`\\"])
def test_what_is_not_certain_is_not_read(command: str) -> None:
    assert all("a:" not in text for text in texts(f"{command} > f\n"))


def test_every_part_is_where_it_is_written() -> None:
    script = r"""
    echo "key: \"value\"" >> f
    printf "a:\n- b\n" >> f
"""
    (found,) = printed(script, script)
    for part, at in found.parts:
        assert part == "\n" or script[at : at + len(part)] == part


@pytest.mark.parametrize(
    "unit", ['echo "a" >> f\n', "echo 'a\n", 'echo "', "cat >> f <<A\nA\n", "f() {\necho a\n", "if\n"]
)
def test_the_time_is_linear(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    begun = time.process_time()
    list(printed(text, text))
    assert time.process_time() - begun < 10


def test_a_command_may_go_on_in_the_next_line_and_begin_with_a_line_break() -> None:
    assert texts("echo '\na:\n- b\n' \\\n    | oc apply -f -\n") == ["\na:\n- b\n\n"]
    assert texts('printf "%s\\n" \\\n  "a:" \\\n  "- b" \\\n  > f\n') == ["a:\n- b\n"]
