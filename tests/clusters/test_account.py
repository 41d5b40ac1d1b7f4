"""What of a repo's policy was read, what was not, and what was passed over: by what `check` says of a repo."""

import json
from pathlib import Path

from tests.command import Done, flat, run_mirrorc
from tests.manifest_texts import OBJECT, SCRIPT
from tests.repositories import repository

JINJA = OBJECT.replace("[mirror.example.com/team]", "[{{ mirror }}/team")
"""A template that is not YAML before it is rendered."""


def check(folder: Path, *arguments: str) -> Done:
    return run_mirrorc("check", *arguments, cwd=folder)


def unread(folder: Path, *arguments: str) -> tuple[list[str], dict[str, int], int]:
    """Where unread policy is reported, the summary's numbers, and how many findings comments allow."""
    document = json.loads(check(folder, "--format", "json", *arguments).stdout)
    found = [f"{each['path']}:{each['line']}" for each in document["diagnostics"] if each["rule"] == "unread-policy"]
    return found, document["summary"]["unread"], document["summary"]["allowed"]


def test_each_file_is_reported_once_and_each_place_is_counted(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.sh": SCRIPT + SCRIPT, "b.yaml.j2": JINJA, "c.yaml": OBJECT})
    assert unread(folder) == (["a.sh:4", "b.yaml.j2:2"], {"places": 3, "files": 2}, 0)
    done = check(folder)
    assert (done.code, check(folder, "--strict").code) == (0, 1)
    assert "mirror policy in a shell script is not read, in 2 places" in flat(done.stdout)
    assert done.stderr == (
        "2 warnings in 1 file; 3 places in 2 files contain mirror policy that is not read: "
        "2 shell scripts, 1 Jinja template\n"
    )


def test_a_repo_without_manifests_is_not_called_one_without_policy(tmp_path: Path) -> None:
    assert check(repository(tmp_path, {"a.sh": SCRIPT})).stderr == (
        "0 manifests; 1 place in 1 file contains mirror policy that is not read: 1 shell script\n"
    )


def test_documentation_tests_vendored_code_and_program_source_are_no_policy(tmp_path: Path) -> None:
    names = ("README.md", "docs/a.sh", "tests/a.sh", "vendor/a.sh", "main.go", "a.py", "node_modules/x/a.sh")
    assert check(repository(tmp_path, dict.fromkeys(names, SCRIPT))).stderr == "no mirror manifests found\n"


def test_a_definition_of_the_kind_is_no_policy(tmp_path: Path) -> None:
    text = (
        "kind: CustomResourceDefinition\nspec:\n  names:\n    kind: ImageDigestMirrorSet\n  imageDigestMirrors: [a]\n"
    )
    assert check(repository(tmp_path, {"crd.yaml": text})).stderr == "no mirror manifests found\n"


def test_what_git_ignores_is_not_searched_and_untracked_files_only_if_wanted(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.sh": SCRIPT, ".gitignore": "b.sh\n"})
    (folder / "b.sh").write_text(SCRIPT)
    (folder / "c.sh").write_text(SCRIPT)
    assert unread(folder)[0] == ["a.sh:4", "c.sh:4"]
    assert unread(folder, "--tracked-only")[0] == ["a.sh:4"]


def test_comments_of_every_language_allow_it(tmp_path: Path) -> None:
    why = "mirrorc: allow unread-policy -- applied once"
    files = {
        "top.sh": SCRIPT.replace("#!/bin/sh\n", f"#!/bin/sh\n# {why}\nset -e\n"),
        "line.sh": SCRIPT.replace("kind:", f"# {why}\nkind:"),
        "a.yaml.j2": f"{{# {why} #}}\n{JINJA}",
        "a.tpl": f"{{{{- /* {why} */ -}}}}\n{JINJA}",
        "a.tf": f"// {why}\n{JINJA}",
    }
    assert unread(repository(tmp_path, files)) == ([], {"places": 5, "files": 5}, 5)


def test_a_comment_at_one_place_says_nothing_of_the_others(tmp_path: Path) -> None:
    why = "# mirrorc: allow unread-policy -- applied once"
    text = "set -e\n" + SCRIPT.replace("kind:", f"{why}\nkind:") + SCRIPT
    assert unread(repository(tmp_path, {"a.sh": text}))[0] == ["a.sh:17"]


def test_a_comment_that_allows_nothing_is_reported(tmp_path: Path) -> None:
    text = f"# mirrorc: allow unread-policy -- gone\n{OBJECT}"
    done = check(repository(tmp_path, {"a.yaml": text}))
    assert "a.yaml:1:18: warning[unused-allowance]" in done.stdout


def test_the_severity_can_be_chosen(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.sh": SCRIPT})
    assert check(folder, "--severity", "unread-policy=error").code == 1
    assert unread(folder, "--severity", "unread-policy=off")[0] == []


def test_a_template_that_has_a_finding_gets_no_second_one(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.yaml": JINJA})
    document = json.loads(check(folder, "--format", "json").stdout)
    assert [each["rule"] for each in document["diagnostics"]] == ["template-manifest"]
    assert document["summary"]["unread"] == {"places": 1, "files": 1}


def test_with_a_configuration_all_of_its_folder_is_searched(tmp_path: Path) -> None:
    files = {
        ".mirrorc.yaml": "version: 1\nclusters:\n- {name: a, paths: [a]}\n- {name: b, paths: [b]}\n",
        "a/a.yaml": OBJECT,
        "b/b.yaml": OBJECT,
        "other/plain.yaml": OBJECT,
        "ansible/a.yaml.j2": JINJA,
    }
    folder = repository(tmp_path, files)
    assert unread(folder) == (["ansible/a.yaml.j2:2"], {"places": 1, "files": 1}, 0)
    assert "In no cluster:" in check(folder).stdout
    assert unread(folder, "a") == ([], {"places": 0, "files": 0}, 0)
    assert unread(folder, "--cluster", "a")[0] == ["ansible/a.yaml.j2:2"]


def test_a_link_adds_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.sh": SCRIPT})
    (folder / "b.sh").symlink_to("a.sh")
    (tmp_path / "outside.sh").write_text(SCRIPT)
    (folder / "c.sh").symlink_to(tmp_path / "outside.sh")
    assert unread(folder)[0] == ["a.sh:4"]


def test_a_binary_file_is_not_searched(tmp_path: Path) -> None:
    folder = repository(tmp_path, {})
    (folder / "tool").write_bytes(b"\x7fELF\x00\xff" + SCRIPT.encode())
    assert check(folder).stderr == "no mirror manifests found\n"


def listed(folder: Path, *arguments: str) -> dict[str, tuple[str, str]]:
    """What `--show-files` says of each file: the status, and why."""
    document = json.loads(check(folder, "--show-files", "--format", "json", *arguments).stdout)
    return {each["path"]: (each["status"], each.get("reason", "")) for each in document["files"]}


def test_each_file_has_the_true_reason(tmp_path: Path) -> None:
    install = (
        "baseDomain: a\nmetadata: {name: north}\nimageDigestSources: [{source: quay.io/a, mirrors: [m.example.com]}]\n"
    )
    generator = (
        "apiVersion: policy.open-cluster-management.io/v1\nkind: PolicyGenerator\nmetadata: {name: g}\n"
        "policies: [{name: p, manifests: [{path: in.yaml}]}]\n"
    )
    files = {
        "a.yaml": OBJECT,
        "vendor/a.yaml": OBJECT,
        "vendor/install-config.yaml": install,
        "docs/x.sh": SCRIPT,
        "apply.sh": f"oc apply -f - <<EOF\n{OBJECT}EOF\n",
        "bad.sh": SCRIPT,
        "broken.yaml": OBJECT + "  }",
        "install-config.yaml": install,
        ".tekton/images-mirror-set.yaml": OBJECT,
        "kust/kustomization.yaml": "resources: [base.yaml]\npatches: [{path: patch.yaml}]\n",
        "kust/base.yaml": OBJECT.replace("team\n", "base\n", 1),
        "kust/patch.yaml": OBJECT.replace("team\n", "base\n", 1),
        "policy/generator.yaml": generator,
        "policy/in.yaml": OBJECT.replace("team\n", "wrapped\n", 1),
    }
    folder = repository(tmp_path, files)
    assert listed(folder) == {
        ".tekton/images-mirror-set.yaml": ("read", "images that Konflux pipelines look up, for no cluster"),
        "a.yaml": ("read", ""),
        "apply.sh": ("read", "the clusters that apply.sh sets up"),
        "bad.sh": ("not-read", "mirrorc does not read this form: shell script"),
        "broken.yaml": ("not-read", "it is not valid YAML"),
        "docs/x.sh": ("passed-over", "documentation"),
        "install-config.yaml": ("read", "the cluster north when it is installed"),
        "kust/base.yaml": ("read", ""),
        "kust/patch.yaml": ("passed-over", "a kustomization uses it as a patch or the like"),
        "policy/in.yaml": ("read", "the managed clusters of the policy p"),
        "vendor/a.yaml": ("passed-over", "vendored"),
        "vendor/install-config.yaml": ("passed-over", "vendored"),
    }


def test_what_a_build_wrote_is_listed_as_that(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.yaml": OBJECT})
    assert run_mirrorc("build", cwd=folder).code == 0
    found = listed(folder, ".")
    assert found.pop("a.yaml") == ("read", "")
    assert set(found.values()) == {("passed-over", "written by `mirrorc build`")}


def test_what_a_build_wrote_is_only_searched_to_list_it(tmp_path: Path) -> None:
    configuration = "version: 1\nclusters:\n- {name: a, paths: [a.yaml], output: rendered}\n"
    folder = repository(tmp_path, {"a.yaml": OBJECT, ".mirrorc.yaml": configuration})
    assert run_mirrorc("build", cwd=folder).code == 0
    quiet = check(folder).stderr
    made = ("rendered/registries.conf", "rendered/machine-configs/99-worker-generated-registries.yaml")
    assert not any(name in check(folder, "-v").stderr for name in made)
    assert all(listed(folder)[name] == ("passed-over", "written by `mirrorc build`") for name in made)
    conf = folder / made[0]
    conf.write_text(conf.read_text() + "[[registry]]\nlocation = 'quay.io/edited'\n")
    assert made[0] in check(folder, "-v").stderr  # it is no longer what the build made
    assert check(folder).stderr == quiet


def test_a_listing_hides_no_file_that_no_build_makes(tmp_path: Path) -> None:
    files = {"a.sh": SCRIPT + SCRIPT, "c.yaml": OBJECT}
    listing = "".join(f"{'0' * 64}  {name}\n" for name in files)
    folder = repository(tmp_path, {**files, ".mirrorc-artifacts": listing})
    assert unread(folder)[0] == ["a.sh:4"]


def test_an_object_that_only_a_later_branch_has_is_read(tmp_path: Path) -> None:
    text = f"{{% if a %}}\nother: 1\n{{% else %}}\n{OBJECT}{{% endif %}}\n"
    folder = repository(tmp_path, {"a.yaml.j2": text})
    assert listed(folder) == {"a.yaml.j2": ("read", "the clusters that a.yaml.j2 is rendered for")}
    assert "ImageDigestMirrorSet `team` in template of `a.yaml.j2`" in check(folder).stderr


def test_a_file_whose_objects_another_one_has_now_is_listed(tmp_path: Path) -> None:
    runs = [f"oc-mirror-workspace/results-17570{number}0000/a.yaml" for number in (1, 2)]
    found = listed(
        repository(tmp_path, {runs[0]: OBJECT, runs[1]: OBJECT.replace("mirror.example.com", "other.example.com")})
    )
    assert found == {
        runs[0]: ("passed-over", "another file has its objects, and is the one in use"),
        runs[1]: ("read", ""),
    }
