"""File-based catalogs: the images of bundles in every form that `opm` reads, at their places."""

import base64
import json
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.images import catalogs
from compiler.images.catalogs import MOST_PATTERNS, Ignored, find, in_order, left_out, read_ignore_file, too_many
from compiler.images.load import load_images
from compiler.images.references import Images
from compiler.repository.paths import Problem
from compiler.text.span import File
from tests.command import run_mirrorc

DIGEST = "@sha256:" + "7c" * 32


def catalog(text: str) -> Images:
    return find(File("catalog.yaml", dedent(text)))


def named(images: Images) -> list[tuple[str, str, str]]:
    """Text, object and field of every image; each span is the text."""
    for reference in images.references:
        assert reference.span.text == reference.text
    return [(each.text, each.owner, each.field) for each in images.references]


BUNDLE = """\
    ---
    schema: olm.package
    name: pump
    icon: {base64data: aW1hZ2U6IGEvYjox, mediatype: image/png}
    ---
    schema: olm.channel
    name: stable
    entries:
    - name: pump.v2
      image: not.example.com/an/image:1
    ---
    schema: olm.bundle
    name: pump.v2
    package: pump
    image: registry.example.com/pump/bundle:2 # by tag
    properties:
    - type: olm.package
      value: {packageName: pump, image: other.example.com/x:1}
    relatedImages:
    - name: ""
      image: registry.example.com/pump/bundle:2
    - image: "registry.example.com/pump/motor:2"
      name: motor
    -   name: gauge
        image: 'registry.example.com/pump/gauge:2'
    """


def test_a_bundle_names_itself_and_its_related_images_once() -> None:
    assert named(catalog(BUNDLE)) == [
        ("registry.example.com/pump/bundle:2", "olm.bundle pump.v2", "image"),
        ("registry.example.com/pump/motor:2", "olm.bundle pump.v2", "relatedImages[1].image"),
        ("registry.example.com/pump/gauge:2", "olm.bundle pump.v2", "relatedImages[2].image"),
    ]


def test_json_objects_follow_each_other() -> None:
    text = (
        '{"schema": "olm.package", "name": "pump"}{\n "schema" : "olm.bundle",\n "name": "pump.v1",'
        '\n "properties": [{"type": "x", "value": {"image": "no.example.com/a:1", "text": "\\"image\\": \\"b\\""}}],'
        '\n "relatedImages": [{"image": "registry.example.com\\/pump/motor:1"}, {"image": "", "name": "none"}],'
        '\n "image":\n  "registry.example.com/pump/bundle:1"}\n\n'
    )
    images = find(File("anything", text))
    assert [(each.text, str(each.span)) for each in images.references] == [
        ("registry.example.com/pump/bundle:1", "anything:7:4"),
        ("registry.example.com/pump/motor:1", "anything:5:31"),
    ]


def test_json_that_ends_early_is_read_so_far() -> None:
    images = find(File("a.json", '{"schema": "olm.bundle", "image": "q.io/a/b:1"}\n---\nimage: q.io/a/c:1\n'))
    assert [each.text for each in images.references] == ["q.io/a/b:1"]
    assert [(each.text, each.reason) for each in images.unresolved] == [
        ("q.io/a/c:1", "the file is not valid JSON from here on")
    ]


def encoded(manifest: object) -> str:
    return base64.b64encode(json.dumps(manifest).encode()).decode()


CSV = {
    "kind": "ClusterServiceVersion",
    "metadata": {"annotations": {"containerImage": "q.io/pump/notpulled:1"}},
    "spec": {
        "relatedImages": [{"image": "q.io/pump/a:1"}],
        "install": {
            "spec": {
                "deployments": [
                    {
                        "spec": {
                            "template": {
                                "spec": {
                                    "initContainers": [{"image": "q.io/pump/b:1"}],
                                    "containers": [
                                        {
                                            "image": "q.io/pump/c:1",
                                            "env": [
                                                {"name": "RELATED_IMAGE_D", "value": "q.io/pump/d:1"},
                                                {"name": "OTHER", "value": "q.io/pump/e:1"},
                                            ],
                                        }
                                    ],
                                }
                            }
                        }
                    }
                ]
            }
        },
    },
}


@pytest.mark.parametrize("as_json", [True, False])
def test_embedded_csvs_are_read(as_json: bool) -> None:
    crd = encoded({"kind": "CustomResourceDefinition", "image": "q.io/pump/z:1", "x": "ClusterServiceVersion"})
    data = encoded(CSV)
    objects = [{"type": "olm.bundle.object", "value": {"data": each}} for each in (crd, data, "%%%", "AAAA")]
    bundle = {"schema": "olm.bundle", "name": "p", "image": "q.io/pump/b:1", "properties": objects}
    text = json.dumps(bundle)
    if not as_json:
        lines = [f"- type: olm.bundle.object\n  value:\n    data: {each}\n" for each in (crd, data)]
        text = "---\nschema: olm.bundle\nname: p\nimage: q.io/pump/b:1\nproperties:\n" + "".join(lines)
    images = find(File("c.yaml", text))
    assert [each.text for each in images.references] == [f"q.io/pump/{name}:1" for name in "bacd"]
    assert {each.span.text for each in images.references[1:]} == {data}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema: olm.bundle\nimage: &i q.io/a/b:1\nrelatedImages: [{image: *i}, {image: q.io/a/c:1}]\n", "bc"),
        ("--- {schema: olm.bundle, image: q.io/a/b:1}\n", "b"),
        ("---\nschema: olm.bundle\nimage: >-\n  q.io/a/b:1\n", "b"),
        ("---\nschema: olm.bundle\nimage:\n  q.io/a/b:1\n", "b"),
        (
            "# c\nschema: olm.bundle\nrelatedImages:\n  - name: x\n    image: q.io/a/b:1\n\n  - image: q.io/a/c:1\n",
            "bc",
        ),
        ('---\nschema: olm.bundle\n"image": q.io/a/b:1\n', "b"),
        ('---\nschema: olm.bundle\nimage: "q.io\\/a/b:1"\n', "b"),
        (
            "---\nschema: olm.bundle\nrelatedImages:\n- name: x\n  more:\n    image: q.io/a/c:1\n  image: q.io/a/b:1\n",
            "b",
        ),
        ("---\nschema: olm.bundle\nrelatedImages: []\nimage: q.io/a/b:1\n...\n", "b"),
        ("---\r\nschema: olm.bundle\r\nimage: q.io/a/b:1\r\nrelatedImages:\r\n- image: q.io/a/c:1\r\n", "bc"),
        ("---\nschema: olm.bundle\nname: |\n  image: no\nimage: q.io/a/b:1\n", "b"),
        ("---\n# only this\n---\nschema: olm.bundle\nimage: q.io/a/b:1\n---\n", "b"),
        (
            "schema: olm.semver\nstable:\n  bundles:\n  - image: q.io/a/b:1\nfast:\n  bundles: [{image: q.io/a/c:1}]\n",
            "bc",
        ),
        ("schema: olm.template.basic\nentries:\n- {schema: olm.bundle, image: q.io/a/b:1}\n", "b"),
    ],
)
def test_any_style_of_yaml_is_read(text: str, expected: str) -> None:
    assert [each.text for each in find(File("c.yaml", text)).references] == [f"q.io/a/{name}:1" for name in expected]


def test_an_unknown_schema_is_not_guessed() -> None:
    images = catalog("schema: example.thing\nparts: [{image: q.io/a/b:1}]\n")
    assert images.references == ()
    assert [(each.text, each.reason) for each in images.unresolved] == [
        ("q.io/a/b:1", "the schema `example.thing` is unknown: nodes may or may not pull its images")
    ]


def test_a_manifest_among_the_documents_is_read_too() -> None:
    images = catalog(
        "schema: olm.bundle\nimage: q.io/a/b:1\n---\nkind: Pod\nspec: {containers: [{image: q.io/a/c:1}]}\n"
    )
    assert [each.text for each in images.references] == ["q.io/a/b:1", "q.io/a/c:1"]


TEXT = st.text("abc:#/-'\" \\{[&*!|>%@`\u00e9", max_size=8)


@given(
    st.fixed_dictionaries(
        {"name": TEXT, "image": st.sampled_from(["q.io/a/b:1", "q.io/a#b", ""])},
        optional={"relatedImages": st.lists(st.fixed_dictionaries({"name": TEXT, "image": st.sampled_from("pqr")}))},
    ),
    st.sampled_from(["", "  "]),
)
def test_lines_and_the_parser_find_the_same(bundle: dict[str, object], indent: str) -> None:
    lines = ["---", "schema: olm.bundle"]
    for key, value in bundle.items():
        if isinstance(value, list):
            lines.append(f"{key}:" if value else f"{key}: []")
            for item in value:
                lines += (f"{indent}- name: {json.dumps(item['name'])}", f"{indent}  image: {item['image']}")
        else:
            lines.append(f"{key}: {value if key == 'image' else json.dumps(value)}")
    file = File("c.yaml", "\n".join(lines) + "\n")
    parsed = list(catalogs._parsed(file, 0, len(file.text)))
    assert [*find(file).references, *find(file).unresolved] == sorted(parsed, key=lambda each: hasattr(each, "reason"))


@pytest.mark.parametrize(
    ("pattern", "ignored"),
    [
        ("old.yaml", {"c/old.yaml", "c/sub/old.yaml", "c/sub/deep/old.yaml"}),
        ("/old.yaml", {"c/old.yaml"}),
        ("sub", {"c/sub/old.yaml", "c/sub/new.yaml", "c/sub/deep/old.yaml"}),
        ("sub/", {"c/sub/old.yaml", "c/sub/new.yaml", "c/sub/deep/old.yaml"}),
        ("sub/*", {"c/sub/old.yaml", "c/sub/new.yaml", "c/sub/deep/old.yaml"}),
        ("**/deep", {"c/sub/deep/old.yaml"}),
        ("sub/**/old.yaml", {"c/sub/old.yaml", "c/sub/deep/old.yaml"}),
        ("*.yaml", {"c/old.yaml", "c/new.yaml", "c/sub/old.yaml", "c/sub/new.yaml", "c/sub/deep/old.yaml"}),
        ("*ld.y?ml", {"c/old.yaml", "c/sub/old.yaml", "c/sub/deep/old.yaml"}),
        ("new", set()),
    ],
)
def test_patterns_of_an_ignore_file(pattern: str, ignored: set[str]) -> None:
    paths = ["c/old.yaml", "c/new.yaml", "c/sub/old.yaml", "c/sub/new.yaml", "c/sub/deep/old.yaml", "other/old.yaml"]
    assert {path for path in paths if left_out(path, [Ignored("c", (pattern,))])} == ignored


def test_the_nearest_ignore_file_has_the_last_word() -> None:
    above, near = Ignored("c", ("*.yaml", "!keep.yaml")), Ignored("c/sub", ("!old.yaml",))
    ordered = in_order([near, above])
    assert left_out("c/keep.yaml", ordered) is False
    assert left_out("c/old.yaml", ordered) is True
    assert left_out("c/sub/old.yaml", ordered) is False


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("**/b", "c/b", True),
        ("**/b", "c/x/y/b/z", True),
        ("a/**/b/**/c", "c/a/b/x/c", True),
        ("a/**/b/**/c", "c/a/x/b/b/c/y", True),
        ("a/**/b/**/c", "c/a/x/c", False),
        ("a/**/b/**", "c/a/x/b/y", True),
        ("**/a/b/**/c/", "c/a/x/a/b/c/y", True),
        ("**/**/b", "c/x/b", True),
        ("**", "c/x", True),
    ],
)
def test_folders_at_any_depth(pattern: str, path: str, *, ignored: bool) -> None:
    assert left_out(path, [Ignored("c", (pattern,))]) is ignored


def test_very_many_patterns_and_files_are_not_compared() -> None:
    ignored = [Ignored("", tuple(map(str, range(MOST_PATTERNS))))]
    assert too_many([f"c{n}.yaml" for n in range(1_000)], ignored) is None
    problem = too_many([f"c{n}.yaml" for n in range(10_000)], ignored)
    assert problem is not None
    assert problem.path == ".indexignore"
    assert "10000 files with 1000 patterns" in problem.message
    assert "--no-limits" in (problem.help or "")


def test_escaped_base64_is_found_where_it_is_written() -> None:
    data = base64.b64encode(b'{"kind": "ClusterServiceVersion", "spec": {"relatedImages": [{"image": "q.io/a"}]}}')
    text = '{"schema": "olm.bundle", "properties": [{"type": "olm.bundle.object", "value": {"data": "\\u0065%s"}}]}'
    written = text % data.decode()[1:]
    (found,) = find(File("c.json", written)).references
    assert (found.text, found.span.text) == ("q.io/a", "\\u0065" + data.decode()[1:])


def test_ignore_files_have_a_limit() -> None:
    many = File("c/.indexignore", "a\n" * (MOST_PATTERNS + 1))
    assert isinstance(read_ignore_file(many), Problem)
    assert isinstance(read_ignore_file(File(".indexignore", "a" * 100_000)), Problem)
    full = Ignored("", ("a",) * MOST_PATTERNS)
    assert in_order([Ignored("b", ("c",)), full]) == [full]


def test_a_catalog_in_a_repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hidden folders and files of any name are part of a catalog; what `.indexignore` names is not."""
    monkeypatch.chdir(tmp_path)
    for name, image in {".hidden/c.yaml": "a", "catalog": "b", "old/c.json": "c", "node_modules/c.yaml": "d"}.items():
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\nschema: olm.bundle\nname: x\nimage: q.io/{image}/x{DIGEST}\n", encoding="utf-8")
    Path(".indexignore").write_text("# old ones\nold\n", encoding="utf-8")
    loaded = load_images(["."])
    assert [each.text for each in loaded.references] == [f"q.io/{name}/x{DIGEST}" for name in "ab"]
    assert loaded.vendored == 1
    assert run_mirrorc("images", cwd=tmp_path).stderr.endswith("1 manifest in folders of vendored code passed over\n")


def test_policy_beside_a_catalog_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is passed over as a catalog only if it contains no manifest."""
    monkeypatch.chdir(tmp_path)
    mirrors = "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: m}\nspec:\n"
    mirrors += "  imageDigestMirrors: [{source: q.io, mirrors: [m.example.com]}]\n"
    bundle = f"schema: olm.bundle\nname: x\nimage: q.io/a/x{DIGEST}\n"
    Path("both.yaml").write_text(f"{bundle}---\n{mirrors}", encoding="utf-8")
    done = run_mirrorc("images", "--require", "mirrored", cwd=tmp_path)
    assert done.code == 0, done.stdout
    Path("both.yaml").write_text(bundle, encoding="utf-8")
    assert run_mirrorc("images", "--require", "mirrored", cwd=tmp_path).code == 1
