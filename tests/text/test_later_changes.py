"""Commands that change a file after a script has written it."""

import time

import pytest

from compiler.text.later_changes import LaterChanges, file_name


def lines(text: str, target: str, *, is_powershell: bool = False) -> list[str]:
    found = LaterChanges(text, (), is_powershell=is_powershell)
    return [text[start:end] for start, end in found.of(target, 0)]


@pytest.mark.parametrize(
    "command",
    [
        "yq -i '.spec.imageDigestMirrors += [load(\"x.yaml\")]' idms.yaml",
        "yq eval -i '.a = 1' ./idms.yaml",
        "yq e --inplace '.a' idms.yaml",
        "yq m -x -i idms.yaml patch.yaml",
        "sed -i 's/a/b/' idms.yaml",
        'sed -i.bak -e s/a/b/ "$dir/idms.yaml"',
        "sed -ri 's/a/b;c/' idms.yaml",
        "sed -Ei 's/a/b/' idms.yaml",
        "perl -pi -e 's/a/b/' idms.yaml",
        "cat more.yaml >> idms.yaml",
        "  echo '  - a' >>idms.yaml",
        "yq '.imageContentSources' $x | pr -T -o 4 >> ${dir}/idms.yaml",
        "cat more.yaml | tee -a idms.yaml > /dev/null",
        "sed 's/a/b/' idms.yaml | oc apply -f -",
        "sed s/a/b/ idms.yaml > other.yaml",
        "jq '.spec.a = 1' idms.yaml > other.yaml",
        "yq '.a |= . + [1]' idms.yaml | kubectl apply -f -",
        "yq eval 'del(.a)' idms.yaml | sponge idms.yaml",
        '[ -n "$X" ] && sed -i s/a/b/ idms.yaml',
    ],
)
def test_a_command_that_changes_the_file_is_found(command: str) -> None:
    text = f"#!/bin/bash\nset -e\n{command}\noc apply -f idms.yaml\n"
    assert lines(text, "$out/idms.yaml") == [command]
    assert lines(text, "idms.yml") == []


@pytest.mark.parametrize(
    "command",
    [
        "oc apply -f idms.yaml",
        "cat idms.yaml",
        "yq '.spec' idms.yaml",
        "yq -o=json '.spec' idms.yaml > idms.json",
        "jq -r '.a == 1' idms.yaml > a",
        "yq '.a' idms.yaml >> other.yaml",
        "sed -n '/a/,/b/p' idms.yaml > part",
        "sed 's/a/b/' idms.yaml",
        "sed -i s/a/b/ other.yaml; cat idms.yaml",
        "tee idms.yaml < other.yaml",
        "# sed -i s/a/b/ idms.yaml",
        "grep -i a idms.yaml > b",
        "cp idms.yaml other.yaml",
        "cat <<< idms.yaml",
        "sed s/a/b/ idms.yaml 2>/dev/null",
    ],
)
def test_a_command_that_only_reads_is_not(command: str) -> None:
    assert lines(f"{command}\n", "idms.yaml") == []


def test_only_what_comes_later_counts_and_texts_do_not() -> None:
    text = "sed -i s/a/b/ x.yaml\ncat > x.yaml <<EOF\nsed -i s/c/d/ x.yaml\nEOF\nsed -i s/e/f/ x.yaml\n"
    body = text.index("sed -i s/c"), text.index("EOF\nsed -i s/e")
    found = LaterChanges(text, [body]).of("x.yaml", body[1])
    assert [text[start:end] for start, end in found] == ["sed -i s/e/f/ x.yaml"]


def test_a_program_over_several_lines_is_one_command() -> None:
    text = "yq -i '\n  .a += [1] |\n  .b = 2\n' \\\n  idms.yaml\n"
    assert len(lines(text, "idms.yaml")) == 1


@pytest.mark.parametrize(
    ("target", "name"),
    [("${dir}/idms.yaml", "idms.yaml"), ("${file}", "$file"), ("$file", "$file"), ('"a b/c"', "c"), ("/tmp/", "")],
)
def test_a_name_is_that_of_the_file(target: str, name: str) -> None:
    assert file_name(target) == name


def test_powershell_changes_variables_and_the_files_that_are_made_of_them() -> None:
    text = (
        "$idms = $idms -replace 'a', 'b'\n$idms.Replace('a', 'b')\n$idms += $more\n"
        "Set-Content -Path out\\idms.yaml -Value $idms\nAdd-Content idms.yaml $x\n$other += 1\n"
        "$a | Out-File -Append b.yaml\n"
    )
    assert lines(text, "$idms", is_powershell=True) == [*text.splitlines()[:3], "Add-Content idms.yaml $x"]
    assert lines(text, "b.yaml", is_powershell=True) == ["$a | Out-File -Append b.yaml"]
    assert lines(text, "$idms") == []


@pytest.mark.parametrize(
    "unit",
    [
        ">> a ",
        "sed -i ",
        "sed -i '",
        'yq -i "a\\"',
        "jq '.a = 1' a >",
        "tee -a a ",
        "sed s | oc ",
        "$a += b; ",
        "x" + " " * 60,
        "-replace $a.yaml ",
        "Set-Content $a b.yaml ",
        "$a",
        "a.",
    ],
)
@pytest.mark.parametrize("is_powershell", [False, True])
def test_the_time_is_linear(unit: str, is_powershell: bool) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    found = LaterChanges(text, (), is_powershell=is_powershell)
    found.of("a.yaml", 0)
    assert time.process_time() - start < 3
