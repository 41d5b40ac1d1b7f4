"""Where a text contains mirror policy: whatever the form, and nothing that only speaks of it."""

from collections.abc import Iterator
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.manifests import policy_places as module
from compiler.manifests.parsing import parse
from compiler.manifests.policy_places import may_contain_policy, policy_places, without
from compiler.names.releases import RELEASES
from compiler.text.span import File, Span
from tests.manifest_texts import OBJECT


def found(text: str, path: str = "file.yaml") -> list[tuple[int, str, str]]:
    file = File(path, text)
    assert may_contain_policy(text.encode()) or not policy_places(file)
    return [(file.position(place.start).line, place.word, place.form) for place in policy_places(file)]


def indented(text: str, by: int) -> str:
    return "".join(f"{'':{by}}{line}\n" for line in text.splitlines())


def test_an_object_is_one_place_whatever_is_in_it() -> None:
    assert found(OBJECT) == [(2, "ImageDigestMirrorSet", "manifest")]
    assert found(f"{OBJECT}---\n{OBJECT}") == [
        (2, "ImageDigestMirrorSet", "manifest"),
        (11, "ImageDigestMirrorSet", "manifest"),
    ]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.sh", f"oc apply -f - <<EOF\n{OBJECT}EOF\n", (3, "ImageDigestMirrorSet", "shell-script")),
        (
            "apply",
            f"#!/usr/bin/env bash\noc apply -f - <<EOF\n{OBJECT}EOF\n",
            (4, "ImageDigestMirrorSet", "shell-script"),
        ),
        ("a.yaml.j2", OBJECT.replace("quay.io", "{{ host }}"), (2, "ImageDigestMirrorSet", "jinja-template")),
        ("a.yaml", OBJECT.replace("quay.io", "{{ .Values.host }}"), (2, "ImageDigestMirrorSet", "helm-template")),
        ("a.yaml", OBJECT.replace("quay.io", "$HOST"), (2, "ImageDigestMirrorSet", "template")),
        ("a.tpl", OBJECT.replace("quay.io", "{{ .Values.host }}"), (2, "ImageDigestMirrorSet", "helm-template")),
        ("a.tpl", OBJECT.replace("quay.io", "{{ .host }}"), (2, "ImageDigestMirrorSet", "go-template")),
        (
            "a.tf",
            'manifest = {\n  kind = "ImageTagMirrorSet"\n  apiVersion = "x"\n  metadata = {}\n}\n',
            (2, "ImageTagMirrorSet", "terraform"),
        ),
        (
            "a.yaml",
            f"kind: ConfigMap\ndata:\n  config: |\n{indented(OBJECT, 4)}",
            (5, "ImageDigestMirrorSet", "config-map"),
        ),
        (
            "a.yaml",
            f"kind: SyncSet\nspec:\n  resources:\n{indented(OBJECT, 4)}",
            (5, "ImageDigestMirrorSet", "sync-set"),
        ),
        (
            "a.yaml",
            f"- name: apply\n  k8s:\n    definition:\n{indented(OBJECT, 6)}",
            (5, "ImageDigestMirrorSet", "ansible"),
        ),
        (
            "a.yaml",
            "baseDomain: x\nimageContentSources:\n- mirrors: [a]\n",
            (2, "imageContentSources", "install-config"),
        ),
        (
            "a.yaml.sample",
            "baseDomain: x\nimageContentSources:\n- mirrors: [a]\n",
            (2, "imageContentSources", "install-config"),
        ),
        (
            "a.j2",
            "baseDomain: x\nimageDigestSources:\n{% for x in y %}\n",
            (2, "imageDigestSources", "install-config-template"),
        ),
        (
            "a.yaml",
            'kind: AgentClusterInstall\nx: \'{"imageDigestSources":[{"source":"a"}]}\'\n',
            (2, "imageDigestSources", "install-config-overrides"),
        ),
        (
            "a.yaml",
            'kind: ClusterInstance\nx: "{\\"imageDigestSources\\":[{\\"source\\":\\"a\\"}]}"\n',
            (2, "imageDigestSources", "install-config-overrides"),
        ),
        (
            "a.yaml",
            "kind: HostedCluster\nspec:\n  imageContentSources:\n  - source: a\n",
            (3, "imageContentSources", "hosted-cluster"),
        ),
        (
            "a.yaml",
            "kind: ConfigMap\ndata:\n  registries.conf: |\n    [[registry]]\n    [[registry]]\n",
            (3, "registries.conf", "config-map"),
        ),
        (
            "a.yaml",
            "kind: MachineConfig\nfiles:\n- path: /etc/containers/registries.conf\n",
            (3, "registries.conf", "machine-config"),
        ),
        (
            "a.ign",
            '{"ignition": {}, "storage": {"files": [\n{"path": "/etc/containers/policy.json"}]}}\n',
            (2, "policy.json", "ignition"),
        ),
        (
            "a.bu",
            "variant: openshift\nfiles:\n- path: /etc/containers/registries.conf.d/a.conf\n",
            (3, "registries.conf", "butane"),
        ),
        (
            "a.ks",
            "%post\ncat > /etc/containers/registries.conf.d/a.conf <<'E'\n[[registry]]\nE\n",
            (2, "registries.conf", "kickstart"),
        ),
        ("a.sh", "printf x | sudo tee -a /etc/containers/registries.conf\n", (1, "registries.conf", "shell-script")),
        (
            "Containerfile",
            "FROM x\nCOPY a.conf /etc/containers/registries.conf.d/a.conf\n",
            (2, "registries.conf", "containerfile"),
        ),
        ("50-a.conf", "[[registry]]\nlocation = 'a'\n", (1, "registries.conf", "registries-conf")),
        (
            "a.sh",
            'oc patch image cluster -p \'{"spec":{"registrySources":{"blockedRegistries":[]}}}\'\n',
            (1, "registrySources", "shell-script"),
        ),
        (
            "a.sh",
            "yq -i '.imageContentSources += [load(\"a.yaml\")]' install-config.yaml\n",
            (1, "imageContentSources", "shell-script"),
        ),
        ("a.sh", "jq '.spec.imageDigestMirrors |= . + $x' a > b\n", (1, "imageDigestMirrors", "shell-script")),
        ("icsp.yaml", "---\n# a\n- mirrors: [a]\n  source: b\n", (3, "source", "source-list")),
        ("icsp.j2", "{% if a %}\n- mirrors: [a]\n  source: b\n{% endif %}\n", (2, "source", "source-list")),
        (
            "vars/a.yml",
            "mirror_paths:\n  - source: quay.io/a\n    mirrors:\n    - '{{ b }}'\n",
            (2, "source", "values"),
        ),
        (
            "a.yml",
            "- set_fact:\n    a:\n    - mirrors:\n      - b\n      - c\n      source: d\n",
            (3, "source", "ansible"),
        ),
        ("a.yaml", "pullSecret: a\nImageDigestSources:\n- source: a\n", (2, "ImageDigestSources", "values")),
        (
            "app.yaml",
            "kind: Application\nx:\n- target: {kind: ImageDigestMirrorSet}\n  patch: |-\n"
            "    - op: add\n      path: /spec/imageDigestMirrors/-\n      value: a\n"
            "    - op: add\n      path: /spec/imageDigestMirrors/-\n      value: b\n",
            (3, "ImageDigestMirrorSet", "argo-application"),
        ),
        (
            "app.yaml",
            "kind: Application\nx:\n- patch: |-\n    - op: add\n      path: /spec/imageDigestMirrors/-\n"
            "      value: a\n  target:\n    kind: ImageDigestMirrorSet\n",
            (5, "imageDigestMirrors", "argo-application"),
        ),
        ("values.yaml", "mirrors:\n  imageDigestMirrors:\n  - source: a\n", (2, "imageDigestMirrors", "values")),
        (
            "a.yaml",
            "kind: List\nitems:\n- kind: Image\n  apiVersion: x\n  spec:\n"
            "    registrySources:\n      blockedRegistries: [a]\n",
            (3, "Image", "manifest"),
        ),
    ],
)
def test_every_form_is_found(path: str, text: str, expected: tuple[int, str, str]) -> None:
    assert found(text, path) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kind: Pod\n",
        "rules:\n- resources: [imagedigestmirrorsets]\n",
        "ignoreDifferences:\n- group: config.openshift.io\n  kind: ImageDigestMirrorSet\n",
        "kind: CustomResourceDefinition\nspec:\n  x:\n    imageDigestMirrors:\n    - a\n",
        "a:\n  imageDigestMirrors:\n    description: the rules\n",
        "imageContentSources: []\n",
        'x: {"imageDigestSources": {"type": "array"}}\n',
        "# imageContentSources:\n# - source: a\n",
        "  # kind: ImageDigestMirrorSet\n",
        "// imageContentSources: [a]\n",
        "{# imageContentSources: [a] #}\n",
        "oc get imagedigestmirrorset -o yaml | grep imageDigestMirrors:\n",
        "cat /etc/containers/registries.conf\n",
        "volumeMounts:\n- mountPath: /etc/containers/registries.conf\n",
        "- hostPath:\n    path: /etc/containers/registries.conf\n",
        "kind: MachineConfiguration\nspec:\n- path: /etc/containers/registries.conf\n",
        "kind: Image\napiVersion: kpack.io/v1\n",
        "kind: ImageDigestMirrorSet\n",
        "if kind == 'ImageDigestMirrorSet':\n",
        "registries.conf.d is a folder\n",
        "cp /etc/containers/registries.conf /etc/containers/registries.conf.bak\n",
        "mv /etc/containers/policy.json.new /etc/containers/policy.json\n",
        "jq . /etc/containers/policy.json > /etc/containers/policy.json.new\n",
        "stat:\n  path: /etc/containers/registries.conf.orig\n",
        "cp -r /etc/containers/registries.conf /tmp/\n",
        "x: |\n  COPY policy.json /etc/containers/policy.json\n",
        "yq '.spec.imageDigestMirrors' a.yaml\n",
        "- name: a\n  mirrors: [b]\n",
        "mirrors:\n- source: a\n",
        "a:\n- source: https://a.example.com\n  mirrors: [https://b.example.com]\n",
        "a:\n- source: /a\n  mirrors: [/b]\n",
        "a:\n- source: b\n- mirrors: [c]\n",
        "a:\n- mirrors:\n  - b\nsource: c\n",
        "x := A{\n\tImageContentSources: []B{},\n}\n",
        'merge_keys: {"spec.imageDigestMirrors": "source"}\n',
        'kind: ClusterServiceVersion\nx: "imageDigestSources: [a]"\n',
    ],
)
def test_what_only_speaks_of_policy_is_no_place(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("state", "count"), [("directory", 0), ("absent", 0), ("file", 1)])
def test_a_folder_that_a_task_makes_is_no_place(state: str, count: int) -> None:
    task = f"- file:\n    path: /etc/containers/registries.conf.d\n    mode: '0755'\n    state: {state}\n"
    assert len(policy_places(File("tasks.yaml", task))) == count


def test_the_policy_of_an_image_is_not_that_of_nodes() -> None:
    run = "RUN echo '{}' > /etc/containers/policy.json\n"
    assert found(run, "Dockerfile") == found(run, "index.Dockerfile") == []
    assert found(run, "run.sh") == [(1, "policy.json", "shell-script")]
    copy = "COPY registries.conf /etc/containers/registries.conf\n"
    assert found(copy, "Containerfile") == [(1, "registries.conf", "containerfile")]
    assert found("cp -f a /etc/containers/registries.conf\n", "run.sh") == [(1, "registries.conf", "shell-script")]


def test_two_patches_of_one_list_are_two_places() -> None:
    patch = "- patch: |-\n    - op: add\n      path: /spec/imageDigestMirrors/-\n      value: a\n"
    target = "  target: {kind: ImageDigestMirrorSet}\n"
    assert [line for line, *_ in found(f"kind: Application\nx:\n{patch}{target}{patch}{target}", "a.yaml")] == [5, 10]
    ahead = "- target: {kind: ImageDigestMirrorSet}\n  " + patch[2:]
    assert [line for line, *_ in found(f"kind: Application\nx:\n{ahead}{ahead}", "a.yaml")] == [3, 8]


def test_a_reader_takes_its_places_away() -> None:
    text = f"{OBJECT}---\nkind: HostedCluster\nspec:\n  imageContentSources:\n  - source: a\n"
    parsed = parse(File("file.yaml", text), RELEASES["4.20"])
    assert [place.word for place in parsed.places] == ["imageContentSources"]
    start = text.index("spec:", len(OBJECT))
    assert parsed.with_read([Span(parsed.file, start, len(text))]).places == ()
    assert parsed.with_read([Span(parsed.file, 0, start)]).places == parsed.places


def test_spans_may_overlap_and_come_in_any_order() -> None:
    file = File("file.yaml", OBJECT * 3)
    places = policy_places(file)
    assert len(places) == 3
    inner = Span(file, places[1].start, places[1].start + 1)
    outer = Span(file, 0, places[1].start + 2)
    assert without(places, [inner, outer]) == places[2:]
    assert without(places, []) == places


PIECES = (
    OBJECT,
    "---\n",
    "# kind: Image\n",
    "[[registry]]\nlocation = 'a'\n",
    "unqualified-search-registries = ['a']\n",
    "imageContentSources:\n- source: a\n",
    "cat > /etc/containers/policy.json\n",
    "registries.conf: |\n",
    "a: b\n",
)


@given(st.lists(st.sampled_from(PIECES), max_size=6), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=4))
def test_what_was_read_is_taken_away_without_a_search_too(pieces: list[str], parts: list[tuple[float, float]]) -> None:
    file = File("file.yaml", "".join(pieces))
    length = len(file.text)
    spans = [Span(file, int(min(part) * length), int(max(part) * length)) for part in parts]
    assert policy_places(file, spans) == without(policy_places(file), spans)


def test_what_is_refused_or_is_no_yaml_is_reported_and_not_unread() -> None:
    release = RELEASES["4.20"]
    assert parse(File("a.yaml", OBJECT.replace("  name: team\n", "  name: Team\n")), release).places == ()
    assert parse(File("a.yaml", f"{OBJECT}  : [\n"), release).places == ()


@pytest.mark.parametrize(
    "piece", ["kind: Image\n", "cp ", "registrySources: ", "[[registry]]", " > /etc/containers/registries.conf", "{{ "]
)
@pytest.mark.parametrize("path", ["a.sh", "a.yaml", "a.tpl"])
def test_a_hostile_text_is_searched_in_linear_time(path: str, piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece)) + "/etc/containers/registries.conf"
        begun = process_time()
        policy_places(File(path, text))
        policy_places(File(path, text.replace("\n", " ")))
        return process_time() - begun

    seconds(1_000)
    assert seconds(200_000) < 20 * max(seconds(50_000), 0.01)


@pytest.mark.parametrize(
    "piece", ["- mirrors:\n", "- source: /a\n", "- mirrors:\n  - a\n", "  " * 99, "---\n", "# a\n", "{% \n"]
)
def test_lists_of_sources_are_searched_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = f"a:\n{piece * (size // len(piece))}mirrors:"
        begun = process_time()
        assert policy_places(File("a.yaml", text)) == ()
        assert not may_contain_policy(text.encode())
        return process_time() - begun

    seconds(1_000)
    assert seconds(400_000) < 20 * max(seconds(100_000), 0.01)


_PIECES = st.sampled_from(
    (
        "kind: Image",
        "kind: ImageTagMirrorSet",
        "registrySources: [",
        "imageDigestSources:",
        "\n",
        " ",
        "- ",
        "[[registry]]",
        "[[ registry ]]",
        "[registries.search]",
        "unqualified-search-registries =",
        "# ",
        "registries.conf: |",
        "path: /etc/containers/registries.conf",
        "/etc/containers/registries.d/a",
    )
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_looking_at_lines_with_words_finds_all_that_a_search_finds(text: str) -> None:
    def found(matches: object) -> list[tuple[int, int]]:
        assert isinstance(matches, Iterator)
        return [each.span() for each in matches if each["kind"] != "Image" or "registrySources" in text]

    assert found(module._candidates(text)) == found(module._PLACE.finditer(text))


def test_an_object_of_a_script_that_speaks_of_policy_hides_no_other() -> None:
    role = (
        "oc apply -f - <<EOF\nkind: ClusterRole\nrules:\n- kind: ImageDigestMirrorSet\n  imageDigestMirrors: []\nEOF\n"
    )
    ours = (
        "cat <<EOF > a.yaml\n  apiVersion: config.openshift.io/v1\n  kind: ImageDigestMirrorSet\n  spec:\n"
        "    imageDigestMirrors:\n    - {source: quay.io/a, mirrors: [m.example.com]}\nEOF\n"
    )
    assert [place.start for place in policy_places(File("a.sh", role + ours))] == [
        len(role) + ours.index("ImageDigest")
    ]
    assert policy_places(File("a.yaml", role.replace("oc apply -f - <<EOF\n", "").replace("EOF\n", ""))) == ()
