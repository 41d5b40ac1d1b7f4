"""Policy in templates, scripts and playbooks: documents where no document is expected."""

import time

import pytest

from compiler.homes import HOMES
from compiler.manifests.embedded import Home
from compiler.manifests.kinds import MirrorSet
from compiler.manifests.load import searched_outcome
from compiler.manifests.parsing import Parsed
from compiler.manifests.policy_places import policy_places
from compiler.text.opaque import revealed
from compiler.text.span import File
from tests.homes.reading import RELEASE
from tests.homes.reading import parsed_of as parsed_as_manifest

OBJECT = """\
apiVersion: config.openshift.io/v1
kind: ImageTagMirrorSet
metadata: {name: team}
spec:
  imageTagMirrors:
  - source: quay.io/team
    mirrors: [REG/team]
"""


def parsed_of(text: str, path: str) -> Parsed:
    """What is read of a file: one that is not called a manifest is only searched."""
    if path.endswith((".yaml", ".yml")):
        return parsed_as_manifest(text, path)
    found = searched_outcome(path, text.encode(), RELEASE, HOMES)
    assert isinstance(found, Parsed)
    return found


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def rules_of(home: Home) -> list[str]:
    return [
        f"{revealed(rule.source.value)} -> {', '.join(revealed(mirror.value) for mirror in rule.mirrors)}"
        for manifest in home.manifests
        if isinstance(manifest, MirrorSet)
        for rule in manifest.rules
    ]


def only(text: str, path: str) -> tuple[Parsed, Home]:
    parsed = parsed_of(text, path)
    (home,) = parsed.homes
    assert parsed.places == ()
    return parsed, home


TEMPLATES = {
    "mirrors.yaml.j2": OBJECT.replace("REG", '"{{ registry }}').replace("team]", 'team"]'),
    "mirrors.tpl": OBJECT.replace("REG", '"{{ .Values.registry }}').replace("team]", 'team"]'),
    "mirrors.gotmpl": "{{- if .on }}\n" + OBJECT.replace("[REG/team]", '["{{ .registry }}/team"]') + "{{- end }}\n",
    "mirrors.tftpl": OBJECT.replace("[REG/team]", '["${registry}/team"]'),
    "mirrors.yaml.template": OBJECT.replace("REG", "$REGISTRY"),
    "mirrors.yaml.sample": OBJECT.replace("REG", "<registry>"),
}


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_file_is_read_as_what_it_renders_to(path: str) -> None:
    text = TEMPLATES[path]
    _, home = only(text, path)
    (rule,) = rules_of(home)
    assert rule.startswith("quay.io/team -> ")
    assert rule.endswith("/team")
    assert [finding.rule for finding in home.diagnostics] == ["template-values"]
    (manifest,) = home.manifests
    assert isinstance(manifest, MirrorSet)
    source = manifest.rules[0].source.span
    assert text[source.start : source.end] == "quay.io/team"
    assert home.joins == (path != "mirrors.yaml.sample")


EMBEDDED = {
    "task.yml": "- name: mirrors\n  kubernetes.core.k8s:\n    state: present\n    definition:\n" + indented(OBJECT, 6),
    "copy.yml": "- copy:\n    dest: /tmp/a.yaml\n    content: |\n" + indented(OBJECT, 6),
    "play.yaml": "- hosts: all\n  tasks:\n  - block:\n    - k8s:\n        definition: |\n" + indented(OBJECT, 10),
    "pipeline.yaml": "jobs:\n  a:\n    steps:\n    - run: |\n        cat <<EOF | oc apply -f -\n"
    + indented(OBJECT, 8)
    + "        EOF\n",
    "apply.sh": "#!/bin/bash\nset -e\ncat <<EOF | oc apply -f -\n" + OBJECT + "EOF\necho done\n",
    "tabs.sh": "#!/bin/bash\nif true; then\n\tcat <<-'EOF' > a.yaml\n"
    + "".join(f"\t{line}\n" for line in OBJECT.splitlines())
    + "\tEOF\nfi\n",
    "Makefile": "apply:\n\toc apply -f - <<EOF\n" + OBJECT + "EOF\n",
}


@pytest.mark.parametrize("path", EMBEDDED)
def test_a_manifest_inside_a_script_or_a_playbook_is_read_at_its_place(path: str) -> None:
    text = EMBEDDED[path]
    _, home = only(text, path)
    (manifest,) = home.manifests
    assert isinstance(manifest, MirrorSet)
    source = manifest.rules[0].source.span
    assert text[source.start : source.end] == "quay.io/team"
    assert rules_of(home) == ["quay.io/team -> REG/team"]
    assert home.target is not None
    assert not home.joins


def test_two_heredocs_are_two_homes() -> None:
    parsed = parsed_of("#!/bin/sh\n" + 2 * ("oc apply -f - <<A\n" + OBJECT + "A\n"), "a.sh")
    assert len(parsed.homes) == 2
    assert parsed.places == ()


def test_an_install_config_in_a_heredoc_or_template_is_one() -> None:
    text = "imageDigestSources:\n- source: quay.io/a\n  mirrors:\n  - {{ registry }}/a\n"
    _, home = only(text, "install-config.yaml.j2")
    assert rules_of(home) == ["quay.io/a -> {{ registry }}/a"]
    assert "install-config-refused" not in [finding.rule for finding in home.diagnostics]
    _, home = only(f"cat >> install-config.yaml <<EOF\n{text.replace('{{ registry }}', '${REG}')}EOF\n", "a.sh")
    assert rules_of(home) == ["quay.io/a -> ${REG}/a"]


def test_both_branches_of_a_template_are_read_and_conditional() -> None:
    text = OBJECT.replace(
        "    mirrors: [REG/team]\n", "{% if a %}\n    mirrors: [a.io/x]\n{% else %}\n  - source: b.io\n{% endif %}\n"
    )
    parsed, home = only(text, "a.j2")
    assert rules_of(home) == ["quay.io/team -> a.io/x"]
    (variant,) = parsed.variants
    assert [rules_of(each) for each in variant.homes] == [["quay.io/team -> ", "b.io -> "]]
    assert [branch.number for branch in parsed.branches] == [0, 1]
    # What is unknown is said once.
    (finding,) = [*home.diagnostics, *(finding for each in variant.homes for finding in each.diagnostics)]
    assert finding.message.endswith("lines 8 and 10 are conditional")


def test_what_the_shell_does_not_replace_and_a_cluster_is_given_is_not_a_placeholder() -> None:
    body = OBJECT.replace("REG", "$REGISTRY")
    _, home = only(f"oc apply -f - <<'EOF'\n{body}EOF\n", "a.sh")
    assert [finding.rule for finding in home.diagnostics] == ["invalid-scope"]
    for opening in ("oc apply -f - <<EOF", "cat > a.yaml <<'EOF'", "envsubst <<'EOF' | oc apply -f -"):
        _, home = only(f"{opening}\n{body}EOF\n", "a.sh")
        assert [finding.rule for finding in home.diagnostics] == ["template-values"]


def test_a_place_that_is_no_document_stays_unread() -> None:
    parsed = parsed_of(
        '#!/bin/sh\nx="Apply\nkind: ImageTagMirrorSet\napiVersion: v1\nmetadata: {}\nspec: {imageTagMirrors: []}"\n',
        "a.sh",
    )
    assert parsed.homes == ()
    assert len(parsed.places) == 1


@pytest.mark.parametrize("unit", ["cat <<A\n", "cat <<A\nA\n", "- a: |\n    <<X\n", "a:\n- kind: ImageTagMirrorSet\n"])
def test_the_time_is_linear(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + OBJECT
    begun = time.process_time()
    parsed_of(text, "a.sh")
    parsed_of(text, "a.j2")
    assert time.process_time() - begun < 20


def test_objects_of_all_branches_of_a_case_are_read_where_they_are() -> None:
    cases = "".join(f"{name})\noc apply -f - <<-'E'\n{OBJECT}\tE\n;;\n" for name in "abc")
    text = f"case $1 in\n{cases}esac\n"
    parsed = parsed_of(text, "a.sh")
    homes = [home for each in (parsed, *parsed.variants) for home in each.homes]
    assert not parsed.places
    assert sorted({text.count("\n", 0, home.span.start) for home in homes}) == [3, 14, 25]


PIPELINE = """\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: a}
spec:
  tasks:
  - name: provision
    params:
    - name: imageContentSources
      value: |
        - source: quay.io/a
          mirrors: [m.example.com/a]
    - name: other
      value: x
"""


def test_a_list_that_a_pipeline_gives_to_a_cluster_is_read() -> None:
    parsed = parsed_of(PIPELINE, "a.yaml")
    (home,) = parsed.homes
    (manifest,) = home.manifests
    assert isinstance(manifest, MirrorSet)
    assert [rule.source.value for rule in manifest.rules] == ["quay.io/a"]
    assert PIPELINE[manifest.rules[0].source.span.start :].startswith("quay.io/a")
    assert parsed.places == ()


@pytest.mark.parametrize("value", ["value: $(params.sources)", "value: |\n        $(params.sources)", "description: x"])
def test_a_parameter_without_a_list_is_no_place(value: str) -> None:
    text = PIPELINE[: PIPELINE.index("value: |")] + value + "\n"
    assert policy_places(File("a.yaml", text)) == ()


@pytest.mark.parametrize(
    "script",
    [
        '#!/bin/bash\nsave mirrors.yaml \\\n"{}"\ndone\n',
        "#!/bin/bash\nOBJECT='{}'\nsave \"$OBJECT\"\n",
    ],
)
def test_an_object_in_quotes_is_read(script: str) -> None:
    parsed = parsed_of(script.format(OBJECT.replace("REG", "${REG}")), "mirrors.sh")
    assert [rules_of(home) for home in parsed.homes] == [["quay.io/team -> ${REG}/team"]]
    assert parsed.places == ()


@pytest.mark.parametrize("script", ['#!/bin/bash\nOBJECT="{}\n', "#!/bin/bash\n# it's \"{}\n"])
def test_quotes_that_do_not_end_are_survived(script: str) -> None:
    parsed = parsed_of(script.format(OBJECT), "mirrors.sh")
    assert parsed.homes == ()
    assert len(parsed.places) == 1


def test_a_list_for_the_installer_in_a_value_is_read() -> None:
    listed = "imageDigestSources:\n- source: quay.io/team\n  mirrors: [m.example.com/team]\n"
    parsed = parsed_of("cluster: north\nmore: |\n" + indented(listed, 2), "vars.yml")
    assert [rules_of(home) for home in parsed.homes] == [["quay.io/team -> m.example.com/team"]]
    assert parsed.places == ()


LISTS = """\
imageContentSources:
- mirrors:
  - mirror.example.com/ocp
  source: quay.io/ocp
"""
NOTES = f"""\
Success
To use the new mirrored repository to install, add the following section to the install-config.yaml:

{LISTS}

To use the new mirrored repository for upgrades, use the following to create an ImageContentSourcePolicy:

{OBJECT.replace("REG", "mirror.example.com")}"""


def test_a_heredoc_in_a_template_is_read_once() -> None:
    one, two = (OBJECT.replace("REG", "${mirror}").replace("team", name) for name in ("one", "two"))
    text = f"cat <<EOF | oc apply -f -\n{one}---\n{two}---\n{{}}\nEOF\n"
    parsed = parsed_of(text, "objects.tftpl")
    assert [manifest.name.value for home in parsed.homes for manifest in home.manifests] == ["one", "two"]
    assert parsed.places == ()


@pytest.mark.parametrize("path", ["output.txt", "output.log.1", "notes.sh", "mirror-output"])
def test_what_a_tool_printed_is_read_between_other_lines(path: str) -> None:
    text = ("#!/bin/sh\noc adm release mirror --to=x\n" if path.endswith(".sh") else "") + NOTES
    parsed = parsed_of(text, path)
    assert parsed.places == ()
    lists, objects = parsed.homes
    assert rules_of(lists) == ["quay.io/ocp -> mirror.example.com/ocp"]
    assert rules_of(objects) == ["quay.io/team -> mirror.example.com/team"]
    assert [each.rule for each in objects.diagnostics] == []


@pytest.mark.parametrize("path", ["mirrors.txt", "mirrors"])
def test_a_text_that_is_a_manifest_is_read(path: str) -> None:
    _, home = only(OBJECT.replace("REG", "mirror.example.com"), path)
    assert home.target is not None
    assert (home.target.name, home.target.words) == ("text-mirrors", f"the clusters that {path} is for")
    assert rules_of(home) == ["quay.io/team -> mirror.example.com/team"]


TABLES = """\
[[registry]]
location = "quay.io/team"
[[registry.mirror]]
location = "mirror.example.com/team"
"""


@pytest.mark.parametrize("path", ["registries.txt", "mirrors"])
def test_a_text_that_is_a_registries_conf_is_read(path: str) -> None:
    _, home = only(TABLES, path)
    assert home.target is not None
    assert home.target.words == f"nodes with the files of {path}"
    assert [text.text for text in home.node_texts] == [TABLES]


PRINTED_TABLES = {
    "quotes.sh": 'echo """{}""" >> /etc/containers/registries.conf\n'.format(TABLES.replace('"', '\\"')),
    "lines.sh": "".join(f"echo '{line}' >> /etc/containers/registries.conf\n" for line in TABLES.splitlines()),
    "Containerfile": "RUN printf '{}' > /etc/containers/registries.conf\n".format(TABLES.replace("\n", "\\n")),
}


@pytest.mark.parametrize("path", PRINTED_TABLES)
def test_a_registries_conf_that_a_script_prints_is_read(path: str) -> None:
    parsed, home = only(PRINTED_TABLES[path], path)
    (text,) = home.node_texts
    assert (text.path, text.text.rstrip()) == ("/etc/containers/registries.conf", TABLES.rstrip())
    assert text.inner is not None
    at = text.text.index("mirror.example.com")
    assert parsed.file.text[text.inner.offset(at) :].startswith("mirror.example.com/team")


QUOTED_LISTS = {
    "list.sh": f'SOURCES="{LISTS[:-1]}"\n',
    "line.sh": f"SOURCES='\n{LISTS}'\n",
    "json.sh": """X='{"imageContentSources":[{"source":"quay.io/ocp","mirrors":["mirror.example.com/ocp"]}]}'\n""",
    "escaped.sh": (
        r"""X="{\"imageContentSources\":[{\"source\":\"quay.io/ocp\",\"mirrors\":[\"mirror.example.com/ocp\"]}]}" """
    ),
    "text.sh": (
        r"""curl $URL -d '"{\"imageContentSources\":[{\"source\":\"quay.io/ocp\","""
        r"""\"mirrors\":[\"mirror.example.com/ocp\"]}]}"' """
    ),
}


@pytest.mark.parametrize("path", QUOTED_LISTS)
def test_lists_of_sources_in_quotes_are_read(path: str) -> None:
    text = QUOTED_LISTS[path]
    parsed, home = only(text, path)
    assert rules_of(home) == ["quay.io/ocp -> mirror.example.com/ocp"]
    (manifest,) = home.manifests
    assert isinstance(manifest, MirrorSet)
    source = manifest.rules[0].source.span
    assert parsed.file.text[source.start : source.end].strip('\\"') == "quay.io/ocp"


HERE = OBJECT.replace("REG", "$registry")


@pytest.mark.parametrize(
    "script",
    [
        f'@"\n{HERE}"@ | oc apply -f -\n',
        f'$idms = @"\n{HERE}"@\n$idms | oc apply -f -\n',
        f'@"\n{HERE}"@ | Out-File -FilePath idms.yaml\noc apply -f idms.yaml\n',
        f'if ($x) {{\n  $idms = (@"\n{HERE}"@)\n}}\n'.replace("\n", "\r\n"),
    ],
)
@pytest.mark.parametrize("path", ["a.ps1", "a.psm1"])
def test_a_here_string_of_powershell_is_read(path: str, script: str) -> None:
    _, home = only(script, path)
    assert rules_of(home) == ["quay.io/team -> $registry/team"]
    (manifest,) = home.manifests
    assert isinstance(manifest, MirrorSet)
    assert manifest.rules[0].source.span.text == "quay.io/team"
    assert home.changed == ()


def test_what_powershell_does_not_replace_is_not_a_placeholder() -> None:
    _, home = only(f"@'\n{HERE}'@ | oc apply -f -\n", "a.ps1")
    assert [finding.rule for finding in home.diagnostics] == ["invalid-scope"]
    _, home = only(f"$a = @'\n{HERE}'@\n", "a.ps1")
    assert [finding.rule for finding in home.diagnostics] == ["template-values"]


@pytest.mark.parametrize(
    "script",
    [f"@'\n{HERE}'@ -f $x\n", f"@'\n{HERE}'@.Replace('a', 'b')\n", f'@"\n{HERE}# `n\n"@\n', f'@"\n{HERE} "@\n'],
)
def test_a_here_string_that_is_not_used_unchanged_stays_unread(script: str) -> None:
    parsed = parsed_of(script, "a.ps1")
    assert parsed.homes == ()
    assert [place.word for place in parsed.places] == ["ImageTagMirrorSet"]


@pytest.mark.parametrize(
    ("writing", "changing"),
    [
        (f"cat > $out/a.yaml <<EOF\n{OBJECT}EOF\n", "yq -i '.spec.imageTagMirrors += [load(\"b\")]' $out/a.yaml"),
        (f"cat <<'EOF' > ${{file}}\n{OBJECT}EOF\n", "yq '.imageContentSources' $x | pr -T -o 4 >> $file"),
        (f"cat > a.yaml <<EOF\n{OBJECT}EOF\n", "sed -i s/REG/$REG/ a.yaml"),
        ("".join(f"echo '{line}' >> a.yaml\n" for line in OBJECT.splitlines()), "cat more >> a.yaml"),
    ],
)
def test_what_a_script_changes_later_is_not_all_that_is_known(writing: str, changing: str) -> None:
    text = f"#!/bin/sh\n{writing}if true; then\n  {changing}\nfi\noc apply -f a.yaml\n"
    parsed = parsed_of(text, "a.sh")
    (home,) = parsed.homes
    assert [place.word for place in parsed.places] == (["imageTagMirrors"] if "TagMirrors" in changing else [])
    assert [revealed(span.text) for span in home.changed] == [f"  {changing}"]
    assert all(isinstance(each, MirrorSet) and each.is_open for each in home.manifests)
    (finding,) = home.diagnostics
    line = text[: text.index(changing)].count("\n") + 1
    assert finding.rule == "template-values"
    assert f"the command in line {line} may change it" in finding.message
    assert [revealed(label.span.text) for label in finding.labels] == [f"  {changing}"]
    assert "--set" not in finding.help
    assert home.said[-1] == "a command of the script may change it later"


def test_what_is_changed_before_or_elsewhere_is_known() -> None:
    body = f"sed -i s/a/b/ a.yaml\ncat > a.yaml <<EOF\n{OBJECT.replace('REG', 'm.example.com')}EOF\nyq '.spec' a.yaml\n"
    _, home = only(f"{body}sed -i s/a/b/ b.yaml\n", "a.sh")
    assert (home.changed, home.diagnostics, home.said) == ((), (), ())


def test_a_registries_conf_that_a_script_changes_later_is_said_to_be() -> None:
    conf = '[[registry]]\nlocation = "quay.io"\n[[registry.mirror]]\nlocation = "m.example.com"\n'
    text = f"cat > /etc/containers/registries.conf <<EOF\n{conf}EOF\nsed -i s/a/b/ /etc/containers/registries.conf\n"
    (home,) = parsed_of(text, "a.sh").homes
    assert len(home.changed) == 1
    assert home.said[-1] == "a command of the script may change it later"


def test_a_text_of_powershell_that_is_changed_later_is_not_all_that_is_known() -> None:
    _, home = only(f"$a = @'\n{OBJECT}'@\n$a = $a -replace 'REG', $reg\n$a | oc apply -f -\n", "a.ps1")
    assert [revealed(span.text) for span in home.changed] == ["$a = $a -replace 'REG', $reg"]


def test_values_decide_no_branches_of_a_script() -> None:
    branches = "if true; then\ncat <<EOF\nBODYEOF\nelse\ncat <<EOF\nBODYEOF\nfi\n"
    known = OBJECT.replace("REG", "m.example.com")
    parsed = parsed_of(branches.replace("BODY", known), "a.sh")
    found = [finding for home in parsed.homes for finding in home.diagnostics]
    assert len(found) == 1
    assert found[0].message.startswith("until the script with this ImageTagMirrorSet runs, lines ")
    assert found[0].help.startswith("Run the script without applying the object")
    _, home = only(f"cat <<EOF\n{OBJECT.replace('REG', '$REG')}EOF\n", "a.sh")
    assert "--set" in home.diagnostics[0].help


LIST = "- mirrors:\n  - m.example.com/a\n  source: quay.io/a\n- source: quay.io/b\n  mirrors: [m.example.com/b]\n"


@pytest.mark.parametrize("before", ["", "---\n", "# icsp\n\n---\n"])
@pytest.mark.parametrize("path", ["icsp.yaml", "icsp", "content-sources.txt"])
def test_a_list_of_sources_alone_is_read_as_that_of_a_hosted_cluster(path: str, before: str) -> None:
    _, home = only(before + LIST, path)
    assert rules_of(home) == ["quay.io/a -> m.example.com/a", "quay.io/b -> m.example.com/b"]
    assert [each.kind for each in home.manifests] == ["ImageDigestMirrorSet"]
    assert home.target is not None
    assert (home.target.pools, home.target.has_payload_policy) == (("worker",), False)
    assert [rule.field for each in home.manifests if isinstance(each, MirrorSet) for rule in each.rules] == [
        "[0]",
        "[1]",
    ]


def test_a_list_of_sources_in_a_template_is_for_whatever_it_is_put_into() -> None:
    _, home = only(LIST.replace("m.example.com", "{{ registry }}"), "sources.yaml.j2")
    assert rules_of(home) == ["quay.io/a -> {{ registry }}/a", "quay.io/b -> {{ registry }}/b"]
    assert home.target is not None
    assert (home.target.pools, home.said) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        LIST.replace("- source: quay.io/b", "- name: quay.io/b\n  source: quay.io/b"),
        LIST + "- mirrors: [a]\n",
        LIST + "- a\n",
    ],
)
def test_a_list_of_something_else_stays_unread(text: str) -> None:
    parsed = parsed_of(text, "list.yaml")
    assert parsed.homes == ()
    assert [place.form for place in parsed.places] == ["source-list"]


@pytest.mark.parametrize("text", ["mirrors:\n- a\n", "- name: a\n  mirrors: [b]\n", "a: |\n  - mirrors:\n"])
def test_other_files_with_mirrors_are_no_lists_of_sources(text: str) -> None:
    assert searched_outcome("list.yaml", text.encode(), RELEASE, HOMES) is None


@pytest.mark.parametrize("rules", ["\n", " []\n", " \n"])
def test_an_object_of_a_script_without_rules_surely_gets_some(rules: str) -> None:
    body = OBJECT.partition("  imageTagMirrors:")[0] + f"  imageTagMirrors:{rules}"
    for text in (f"cat > a.yaml <<EOF\n{body}EOF\n", f'x="{body}"\necho "$x$more" | oc apply -f -\n'):
        _, home = only(text, "a.sh")
        assert [each.is_open for each in home.manifests if isinstance(each, MirrorSet)] == [True]
        assert [each.message.rpartition(", ")[2] for each in home.diagnostics] == ["more rules may be added"]


def test_what_echo_prints_over_several_lines_is_read() -> None:
    _, home = only(f"    echo '\n{OBJECT.replace('REG', 'm.example.com')}' \\\n    | oc apply -f -\n", "a.sh")
    assert rules_of(home) == ["quay.io/team -> m.example.com/team"]
    (manifest,) = home.manifests
    assert isinstance(manifest, MirrorSet)
    assert manifest.rules[0].source.span.text == "quay.io/team"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("mirror.json.j2", '"BODY"\n'),
        ("vars.yml", '- set_fact:\n    overrides: "BODY"\n'),
        ("vars.yml", "- set_fact:\n    overrides: 'PLAIN'\n"),
    ],
)
def test_json_with_lists_for_the_installer_in_a_value_is_read(path: str, text: str) -> None:
    plain = '{"imageDigestSources": [{"source": "quay.io/a", "mirrors": ["m.example.com/a"]}]}'
    written = text.replace("PLAIN", plain).replace("BODY", plain.replace('"', '\\"'))
    _, home = only(written, path)
    assert rules_of(home) == ["quay.io/a -> m.example.com/a"]
    (manifest,) = home.manifests
    assert isinstance(manifest, MirrorSet)
    assert "quay.io/a" in manifest.rules[0].source.span.text


def test_quotes_of_powershell_with_its_escapes_stay_unread() -> None:
    known = OBJECT.replace("REG", "m.example.com")
    _, home = only(f'$a = "{known}"\n$a | oc apply -f -\n', "a.ps1")
    assert rules_of(home) == ["quay.io/team -> m.example.com/team"]
    for text in (f'$a = "{known}# `n"\n', f'$a = "{known}""\n"\n'):
        assert parsed_of(text, "a.ps1").homes == ()


def test_what_a_script_in_a_playbook_changes_later_is_not_all_that_is_known() -> None:
    script = f"cat > a.yaml <<EOF\n{OBJECT}EOF\nsed -i s/REG/m/ a.yaml\noc apply -f a.yaml\n"
    text = f"- hosts: all\n  tasks:\n  - shell: |\n{indented(script, 6)}"
    _, home = only(text, "tasks.yml")
    assert [span.text.strip() for span in home.changed] == ["sed -i s/REG/m/ a.yaml"]
    (finding,) = home.diagnostics
    assert "the command in line 13 may change it" in finding.message
    assert finding.help.startswith("Run the script")
    _, home = only(text.replace("sed -i", "sed -n"), "tasks.yml")
    assert home.changed == ()
