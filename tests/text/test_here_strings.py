"""Here-strings of PowerShell: those that are used unchanged, and the variables they are given to."""

import time

import pytest

from compiler.text.here_strings import here_strings

BODY = "kind: Image\nname: $x\n"


def bodies(text: str) -> list[str]:
    return [text[each.place.start : each.place.end] for each in here_strings(text)]


@pytest.mark.parametrize(
    "after",
    [
        "",
        ")",
        " | oc apply -f -",
        " | kubectl.exe apply -f -",
        " | Set-Content -Path a.yaml",
        " | Out-File a.yaml",
        " > a.yaml",
        " -Encoding utf8",
        "; oc apply -f a.yaml",
        "  # note",
    ],
)
@pytest.mark.parametrize("quote", ['"', "'"])
def test_the_body_is_between_the_quotes(quote: str, after: str) -> None:
    assert bodies(f"$a = @{quote}\n{BODY}{quote}@{after}\nb\n") == [BODY]
    assert bodies(f"$a = @{quote}  \r\n{BODY}{quote}@{after}") == [BODY]


@pytest.mark.parametrize(
    "after",
    [" -f $x, $y", " -replace 'a', 'b'", ".Replace('a', 'b')", " | ForEach-Object { $_ }", " + $more", " -split ','"],
)
def test_what_is_changed_before_it_is_used_is_left_out(after: str) -> None:
    assert bodies(f"$a = @'\n{BODY}'@{after}\n") == []


def test_escapes_are_left_out_where_powershell_has_them() -> None:
    assert bodies('@"\na: `$b\n"@\n') == []
    assert bodies("@'\na: `$b\n'@\n") == ["a: `$b\n"]


@pytest.mark.parametrize(
    "text",
    [
        '# @"\na: b\n"@\n',
        '$a = @"\na: b\n',
        '$a = @" b\na: b\n"@\n',
        '"a@"\na: b\n"@',
        "@{\n a = 'b'\n}\n",
        '@"\na: b\n "@\n',
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert bodies(text) == []


def test_what_is_given_to_a_cluster_or_a_variable() -> None:
    found = list(here_strings("@'\na\n'@ | oc apply -f -\n$b = @'\nc\n'@\n$script:d = (@\"\ne\n\"@)\n"))
    assert [each.place.is_final for each in found] == [True, False, False]
    assert [each.variable for each in found] == ["", "$b", "$script:d"]


@pytest.mark.parametrize(
    "unit",
    ['@"\n', "@'\na\n'@", '@"\na`\n"@ -f\n', "@'\na\n'@" + " " * 50, "$a" + " " * 50 + '=@"\n', '\n"@', "@'  \n"],
)
def test_the_time_is_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    for each in here_strings(text):
        assert each.variable is not None
    assert time.process_time() - start < 3
