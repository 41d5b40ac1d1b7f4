"""Shapes of what names images beside manifests of policy: workloads, catalogs, Dockerfiles, scripts, pipelines."""

from fuzz.shapes.files import CATALOG, DOCKERFILE, HEAD, m
from fuzz.shapes.making import Files, fill, shape

IN_FOLDER = tuple(("images", ".", "--format", name) for name in ("text", "json", "sarif", "github", "concise"))
POD = '{"apiVersion": "v1", "kind": "Pod", %s}\n'


def containers(size: int) -> str:
    return '"containers": [' + fill(size, lambda n: '{"image": "q.io/a%d"}, ' % n) + "{}]"


@shape(*IN_FOLDER)
def images_below_a_long_key(s: int) -> Files:
    return m(f"kind: Pod\n? {'a' * (s // 2)}\n: {{{containers(s // 2)}}}\n")


@shape(*IN_FOLDER)
def images_below_many_keys(s: int) -> Files:
    return m(POD % ('"b": {' * 100 + containers(s) + "}" * 100))


@shape(*IN_FOLDER)
def images_of_a_long_name(s: int) -> Files:
    return m(POD % f'"metadata": {{"name": "{"a" * (s // 2)}"}}, "spec": {{{containers(s // 2)}}}')


@shape(*IN_FOLDER)
def images_of_a_long_kind(s: int) -> Files:
    return m(POD.replace("Pod", "a" * (s // 2)) % f'"spec": {{{containers(s // 2)}}}')


@shape(*IN_FOLDER)
def images_of_a_long_patch(s: int) -> Files:
    items = containers(s // 2).partition(": ")[2]
    return m(f'[{{"op": "add", "path": "{"/a" * (s // 4)}/containers", "value": {items}}}]\nimage: a\n')


@shape(*IN_FOLDER)
def images_of_a_long_trigger(s: int) -> Files:
    change = f'{{"containerNames": ["a"], "from": {{"name": "b"}}, "x": "{"c" * (s // 2)}"}}'
    pods = fill(s // 2, lambda n: '{"name": "a", "image": "b"}, ')
    config = '"triggers": [{"type": "ImageChange", "imageChangeParams": %s}], "template": {"containers": [%s{}]}'
    return m(POD.replace("Pod", "DeploymentConfig") % f'"spec": {{{config % (change, pods)}}}')


RELATED = "---\nschema: olm.bundle\nname: %s\nrelatedImages:\n"


@shape(*CATALOG)
def catalog_blanks_after_an_image(s: int) -> Files:
    return {"c.yaml": f"---\nschema: olm.bundle\nimage: a{' ' * s}'\n".encode()}


@shape(*CATALOG)
def catalog_blanks_after_related_images(s: int) -> Files:
    return {"c.yaml": f"{RELATED % 'a'}- image: a{' ' * s}'\n".encode()}


@shape(*CATALOG)
def catalog_long_name(s: int) -> Files:
    return {"c.yaml": (RELATED % ("b" * (s // 2)) + fill(s // 2, lambda n: f"- image: q.io/a{n}:1\n")).encode()}


@shape(*CATALOG)
def catalog_long_schema(s: int) -> Files:
    images = fill(s // 2, lambda n: f"- image: q.io/a{n}:1\n")
    return {"c.yaml": f"schema: {'b' * (s // 2)}\nx:\n{images}".encode()}


@shape(*CATALOG)
def catalog_json_long_key(s: int) -> Files:
    images = fill(s // 2, lambda n: '{"image": "q.io/a%d:1"}, ' % n)
    return {"c.yaml": f'{{"schema": "olm.x", "{"a" * (s // 2)}": [{images}{{}}]}}'.encode()}


@shape(*CATALOG)
def catalog_json_deep_images(s: int) -> Files:
    images = fill(s, lambda n: '{"image": "q.io/a%d:1"}, ' % n)
    return {"c.yaml": ('{"schema": "olm.x", ' + '"a": {' * 300 + f'"b": [{images}{{}}]' + "}" * 301).encode()}


@shape(*CATALOG)
def catalog_json_escaped_data(s: int) -> Files:
    """Base64 that is not found as it is written, of which some is the beginning of much else."""
    objects = fill(s // 2, lambda n: '{"type": "olm.bundle.object", "value": {"data": "\\u0041%sB"}}, ' % ("A" * 60))
    return {"c.yaml": f'{{"schema": "olm.bundle", "x": "{"A" * (s // 2)}", "properties": [{objects}{{}}]}}'.encode()}


@shape(("images", "."))
def catalog_ignored_at_any_depth(s: int) -> Files:
    bundle = b"schema: olm.bundle\nimage: q.io/a:1\n" + b"#" * s
    return {".indexignore": b"**/a/" * 7 + b"**/b\n", "a/" * 60 + "c.yaml": bundle}


@shape(("images", "."))
def catalog_of_many_files(s: int) -> Files:
    """Each is compared with each pattern."""
    patterns = "".join(f"x{n}\n" for n in range(1000))
    bundle = b"schema: olm.bundle\nimage: q.io/a:1\n"
    return {".indexignore": patterns.encode(), **{f"c{n}.yaml": bundle for n in range(s // 50)}}


@shape(*DOCKERFILE)
def dockerfile_texts_of_many_names(s: int) -> Files:
    return {"Dockerfile": f"RUN {fill(s, lambda n: f'<<A{n} ')}\nFROM a\n".encode()}


@shape(("images", "."))
def script_images(s: int) -> Files:
    pod = "oc apply -f - <<EOF\nkind: Pod\nspec: {containers: [{image: q.io/a%d}]}\nEOF\n"
    return {"a.sh": ("#!/bin/sh\n" + fill(s, lambda n: pod % n)).encode()}


@shape(("images", "."))
def pipelines_of_many_folders(s: int) -> Files:
    rules = f"{HEAD}  - source: a.io/b\n    mirrors: [c.io/b]\n".encode()
    related = RELATED % "b" + fill(s // 2, lambda n: f"- image: q.io/a{n}:1\n")
    folders = {f"r{n}/.tekton/images-mirror-set.yaml": rules for n in range(s // 300)}
    return {**folders, "c.yaml": related.encode()}


@shape(("images", "."))
def pipelines_of_many_sources(s: int) -> Files:
    rules = HEAD + fill(s // 2, lambda n: f"  - source: q.io/a{n}\n    mirrors: [c.io/b]\n")
    related = RELATED % "b" + fill(s // 2, lambda n: f"- image: q.io/a{n}:1\n")
    return {".tekton/images-mirror-set.yaml": rules.encode(), "c.yaml": related.encode()}


@shape(("images", "."), ("images", ".", "--format", "json"))
def pipelines_of_many_mirrors(s: int) -> Files:
    rules = f"{HEAD}  - source: q.io\n    mirrors: [{fill(s // 2, lambda n: f'c{n}.io, ')}]\n"
    related = RELATED % "b" + fill(s // 2, lambda n: f"- image: q.io/a{n}:1\n")
    return {".tekton/images-mirror-set.yaml": rules.encode(), "c.yaml": related.encode()}
