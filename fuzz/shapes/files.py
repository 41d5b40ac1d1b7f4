"""Shapes of one file: manifests, lists of images, node files, kustomizations, a configuration, two sides of a diff."""

import base64
import gzip
import json
import random
from collections.abc import Mapping, Sequence

from fuzz.shapes.making import Files, fill, shape

CHECK = ("check", "m.yaml")
CHECKS = tuple(("check", "--format", name, "m.yaml") for name in ("text", "json", "sarif", "github", "gitlab", "junit"))
BUILD = ("build", "m.yaml", "-o", "out")
FIX = ("check", "--diff", "m.yaml")
IMAGES = ("images", "m.yaml")
EXPLAIN = ("explain", "quay.io/a/b:1", "--repo", "m.yaml")
HEAD = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: a}
spec:
  imageDigestMirrors:
"""
RULE = "  - source: quay.io/a\n    mirrors: [m.example/a]\n"
IMG = """\
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec:
  registrySources:
"""


def m(text: str) -> Files:
    """A file of manifests."""
    return {"m.yaml": text.encode("utf-8", "surrogatepass")}


# --- YAML
@shape(*CHECKS, BUILD, FIX)
def unknown_fields(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: f"    field{n}: 1\n"))


@shape(CHECK)
def unknown_long_fields(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: "    " + "imageDigestMirrors" * (s // 200) + f"{n}: 1\n"))


@shape(CHECK)
def near_fields(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: f"    mirror{n}s: 1\n"))


@shape(*CHECKS, FIX)
def duplicate_keys(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: "    a: 1\n"))


@shape(*CHECKS)
def duplicate_keys_one_line(s: int) -> Files:
    return m(HEAD + "  - {source: quay.io/a, mirrors: [m.example/a], " + fill(s, lambda n: "a: 1, ") + "}\n")


@shape(*CHECKS, FIX)
def unknown_fields_one_line(s: int) -> Files:
    return m(HEAD + "  - {source: quay.io/a, mirrors: [m.example/a], " + fill(s, lambda n: f"f{n}: 1, ") + "}\n")


@shape(*CHECKS, FIX, BUILD)
def duplicate_mirrors(s: int) -> Files:
    return m(HEAD + "  - source: quay.io/a\n    mirrors:\n" + fill(s, lambda n: f"    - m{n // 2}.example/a\n"))


@shape(*CHECKS, FIX)
def duplicate_mirrors_one_line(s: int) -> Files:
    return m(HEAD + "  - source: quay.io/a\n    mirrors: [" + fill(s, lambda n: f"m{n // 2}.example/a, ") + "]\n")


@shape(CHECK, BUILD, EXPLAIN, IMAGES)
def anchors(s: int) -> Files:
    return m(HEAD + "  - source: quay.io/a\n    mirrors:\n" + fill(s, lambda n: f"    - &a{n} m{n}.example/a\n"))


@shape(CHECK, BUILD)
def aliases(s: int) -> Files:
    return m(
        HEAD
        + "  - source: quay.io/a\n    mirrors: &a [m.example/b]\n"
        + fill(s, lambda n: f"  - {{source: q.io/s{n}, mirrors: *a}}\n")
    )


@shape(CHECK, BUILD)
def alias_of_rule(s: int) -> Files:
    return m(HEAD + "  - &a {source: quay.io/a, mirrors: [m.example/a]}\n" + fill(s, lambda n: "  - *a\n"))


@shape(CHECK, BUILD, IMAGES, EXPLAIN)
def alias_chain(s: int) -> Files:
    return m(HEAD + RULE + "x: &a0 {a: b}\n" + fill(s, lambda n: f"x{n}: &a{n + 1} [*a{n}]\n"))


@shape(CHECK, IMAGES)
def alias_chain_containers(s: int) -> Files:
    return m(
        "kind: Pod\nx: &a0 {containers: [{image: q.io/a}]}\n# config.openshift.io\n"
        + fill(s, lambda n: f"x{n}: &a{n + 1} {{b: *a{n}}}\n")
    )


@shape(CHECK, IMAGES)
def alias_wide(s: int) -> Files:
    return m(
        "kind: Pod\nmetadata: {annotations: {a: config.openshift.io}}\nx: &a {containers: ["
        + fill(s // 2, lambda n: f"{{image: q.io/a{n}}}, ")
        + "]}\n"
        + fill(s // 2, lambda n: f"y{n}: *a\n")
    )


@shape(CHECK)
def alias_wide_unknown(s: int) -> Files:
    return m(
        HEAD
        + "  - &r {source: a.io/a, mirrors: [b.io/b], "
        + fill(s // 2, lambda n: f"x{n}: , ")
        + "}\n"
        + fill(s // 2, lambda n: "  - *r\n")
    )


@shape(CHECK)
def merges(s: int) -> Files:
    return m(
        HEAD
        + RULE
        + "x: &a {"
        + fill(s // 2, lambda n: f"k{n}: 1, ")
        + "}\n"
        + fill(s // 2, lambda n: f"y{n}: {{<<: *a}}\n")
    )


@shape(CHECK)
def merge_chain(s: int) -> Files:
    return m(HEAD + RULE + "x: &a0 {a: 1}\n" + fill(s, lambda n: f"x{n}: &a{n + 1} {{<<: *a{n}, k{n}: 1}}\n"))


@shape(CHECK, IMAGES)
def flow_nesting(s: int) -> Files:
    return m(HEAD + RULE + "x: " + "[" * (s // 2) + "]" * (s // 2) + "\n")


@shape(CHECK, IMAGES)
def flow_map_nesting(s: int) -> Files:
    return m(HEAD + RULE + "x: " + "{a: " * (s // 5) + "}" * (s // 5) + "\n")


@shape(CHECK)
def flow_nesting_199(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: f"x{n}: " + "[" * 190 + "]" * 190 + "\n"))


@shape(CHECK)
def block_nesting(s: int) -> Files:
    d = int((2 * s) ** 0.5)
    return m(HEAD + RULE + "x:\n" + "".join(" " * (i + 1) + "a:\n" for i in range(d)))


@shape(CHECK)
def block_seq_nesting(s: int) -> Files:
    return m(HEAD + RULE + "x:\n  " + "- " * (s // 2) + "a\n")


@shape(CHECK, BUILD)
def long_plain(s: int) -> Files:
    return m(HEAD + "  - source: " + "a" * s + "\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def long_plain_words(s: int) -> Files:
    return m(HEAD + "  - source: " + "a " * (s // 2) + "\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def long_quoted(s: int) -> Files:
    return m(HEAD + '  - source: "' + "a\\n" * (s // 3) + '"\n    mirrors: [b.io/b]\n')


@shape(CHECK)
def long_braces(s: int) -> Files:
    return m(HEAD + '  - source: "' + "<" * s + '"\n    mirrors: [b.io/b]\n')


@shape(CHECK)
def long_dollar(s: int) -> Files:
    return m(HEAD + '  - source: "' + "{a" * (s // 2) + '"\n    mirrors: [b.io/b]\n')


@shape(CHECK)
def long_labels(s: int) -> Files:
    return m(HEAD + "  - source: " + "a." * (s // 2) + "A\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def long_slashes(s: int) -> Files:
    return m(HEAD + "  - source: q.io/" + "a/" * (s // 2) + "A\n    mirrors: [b.io/b]\n")


@shape(CHECK, BUILD, EXPLAIN)
def long_path_source(s: int) -> Files:
    return m(HEAD + "  - source: q.io" + "/a" * (s // 2) + "\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def long_dashes(s: int) -> Files:
    return m(HEAD + "  - source: a" + "-" * s + "\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def long_dashes_path(s: int) -> Files:
    return m(HEAD + "  - source: a.io/a" + "-" * s + ".\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def long_underscores(s: int) -> Files:
    return m(HEAD + "  - source: a.io/a" + "__a" * (s // 3) + "_.\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def long_name(s: int) -> Files:
    return m(HEAD.replace("name: a", "name: " + "a" * s) + RULE)


@shape(CHECK)
def long_name_dashes(s: int) -> Files:
    return m(HEAD.replace("name: a", "name: " + "a-" * (s // 2)) + RULE)


@shape(CHECK)
def long_label(s: int) -> Files:
    return m(HEAD.replace("name: a", "name: a, labels: {a: " + "a." * (s // 2) + "}") + RULE)


@shape(CHECK)
def many_labels(s: int) -> Files:
    return m(HEAD.replace("{name: a}", "\n  name: a\n  labels:\n" + fill(s, lambda n: f"    a/b/{n}: _\n")) + RULE)


@shape(*CHECKS)
def many_labels_one_line(s: int) -> Files:
    return m(HEAD.replace("{name: a}", "{name: a, labels: {" + fill(s, lambda n: f"a/b/{n}: _, ") + "}}") + RULE)


@shape(CHECK)
def namespace_among_many(s: int) -> Files:
    return m(HEAD.replace("{name: a}", "{name: a, " + fill(s, lambda n: f"a{n}: 1, ") + "namespace: b}") + RULE)


@shape(CHECK)
def many_objects_namespace(s: int) -> Files:
    return m(fill(s, lambda n: HEAD.replace("name: a", f"name: a{n}, namespace: b") + RULE + "---\n"))


@shape(CHECK)
def long_comment(s: int) -> Files:
    return m("# mirrorc: " + "a" * s + "\n" + HEAD + RULE)


@shape(CHECK)
def long_comment_allow(s: int) -> Files:
    return m("# mirrorc: allow " + "a " * (s // 2) + "-- x\n" + HEAD + RULE)


@shape(CHECK)
def long_comment_allow_long(s: int) -> Files:
    return m("# mirrorc: allow " + "a" * s + " -- x\n" + HEAD + RULE)


@shape(*CHECKS)
def many_comments(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: "# mirrorc: allow split-source -- a\n"))


@shape(CHECK)
def many_comments_apart(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  # mirrorc: allow inert-rule -- a\n  - {{source: q.io/a{n}, mirrors: []}}\n"))


@shape(CHECK)
def many_unused(s: int) -> Files:
    return m(
        HEAD
        + fill(s, lambda n: f"  # mirrorc: allow inert-rule -- a\n  - {{source: q.io/a{n}, mirrors: [b.io/{n}]}}\n")
    )


@shape(CHECK)
def many_bad_comments(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: f"  # mirrorc: allow splitsource{n} -- a\n"))


@shape(CHECK)
def many_plain_comments(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: "# a\n") + "# mirrorc: allow split-source -- a\n")


@shape(CHECK)
def hash_lines(s: int) -> Files:
    return m(HEAD + RULE + "# mirrorc: allow split-source -- a\n" + "#\n" * (s // 2))


@shape(CHECK)
def blank_then_comment(s: int) -> Files:
    return m(HEAD + RULE + "# mirrorc: allow split-source -- a\n" + "\n" * s + "# mirrorc: allow split-source -- a\n")


@shape(CHECK)
def comments_by_dedent(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: f"x{n}: # mirrorc: allow a -- b\n  - a\n"))


@shape(CHECK, BUILD)
def block_scalar(s: int) -> Files:
    return m(HEAD + RULE + "x: |\n" + fill(s, lambda n: "  a\n"))


@shape(CHECK)
def folded_blank(s: int) -> Files:
    return m(HEAD + RULE + "x: >\n" + "\n" * s + "  a\n")


@shape(CHECK)
def block_scalar_source(s: int) -> Files:
    return m(HEAD + "  - source: |\n" + fill(s, lambda n: "      a\n") + "    mirrors: [a.io/b]\n")


@shape(CHECK, BUILD, IMAGES)
def documents(s: int) -> Files:
    return m(fill(s, lambda n: f"---\nkind: Image\nx: config.openshift.io/v1\na: {n}\n"))


@shape(CHECK, BUILD, IMAGES)
def empty_documents(s: int) -> Files:
    return m(HEAD + RULE + "---\n" * (s // 4))


@shape(CHECK, IMAGES)
def empty_documents_template(s: int) -> Files:
    return m(HEAD + RULE + "---\n" * (s // 4) + "# {{ a }} image: b\n")


@shape(CHECK, IMAGES)
def template_documents(s: int) -> Files:
    return m(
        fill(
            s,
            lambda n: (
                "---\napiVersion: config.openshift.io/v1\nkind: Image\nimage: {{ a }}\nmetadata: {name: cluster}\n"
            ),
        )
    )


@shape(CHECK, IMAGES)
def template_marks(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: "# {{ a }}\n") + "image: b\n")


@shape(CHECK, IMAGES)
def template_quotes(s: int) -> Files:
    return m(HEAD + RULE + "a: " + "'a\" " * (s // 4) + " {{\nimage: b\n")


@shape(CHECK, IMAGES)
def template_quotes_open(s: int) -> Files:
    return m(HEAD + RULE + "a: " + '"' * (s) + " {{\nimage: b\n")


@shape(CHECK, IMAGES)
def template_hashes(s: int) -> Files:
    return m(HEAD + RULE + "a: " + "a#" * (s // 2) + " {{\nimage: b\n")


@shape(CHECK, IMAGES)
def template_marks_one_line(s: int) -> Files:
    return m(HEAD + RULE + "a: '" + "{{ # " * (s // 5) + "'\nimage: b\n")


@shape(CHECK, IMAGES)
def template_valid_values(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - source: '{{{{ a{n} }}}}'\n    mirrors: ['{{{{ b }}}}']\n"))


@shape(CHECK, IMAGES)
def broken_documents(s: int) -> Files:
    return m(fill(s, lambda n: "---\nkind: Image\napiVersion: config.openshift.io/v1\nimage: a\na: b: {{ c\n"))


@shape(CHECK, IMAGES)
def broken_at_end(s: int) -> Files:
    return m(fill(s, lambda n: "---\nkind: Pod\napiVersion: config.openshift.io/v1\nimage: a\n") + "a: [\n")


@shape(CHECK, IMAGES)
def broken_blank_end(s: int) -> Files:
    return m(HEAD + RULE + "a: [\n" + "\n" * s)


@shape(CHECK)
def tabs(s: int) -> Files:
    return m(HEAD + RULE + "\t" * s)


@shape(CHECK)
def tab_lines(s: int) -> Files:
    return m(HEAD + RULE + "x: a\n" + "\t\n" * (s // 2) + " b\n")


@shape(CHECK)
def cr_lines(s: int) -> Files:
    return m((HEAD + RULE + fill(s, lambda n: f"f{n}: 1\n")).replace("\n", "\r"))


@shape(CHECK)
def crlf_lines(s: int) -> Files:
    return m((HEAD + RULE + fill(s, lambda n: f"f{n}: 1\n")).replace("\n", "\r\n"))


@shape(CHECK)
def nel_lines(s: int) -> Files:
    return m(HEAD + RULE + "x: " + fill(s // 3, lambda n: "a\x85"))


@shape(*CHECKS)
def non_bmp(s: int) -> Files:
    return m(HEAD + "  - source: " + "\U0001f600" * (s // 4) + "\n    mirrors: [b.io/b]\n")


@shape(*CHECKS)
def non_bmp_fields(s: int) -> Files:
    return m(HEAD + RULE + fill(s // 2, lambda n: f"    \U0001f600\U0001f600{n}: 1\n"))


@shape(*CHECKS)
def combining(s: int) -> Files:
    return m(HEAD + "  - {source: a, mirrors: [b.io/b], " + fill(s, lambda n: f"\u0301\u0301{n}: 1, ") + "}\n")


@shape(CHECK)
def private_use(s: int) -> Files:
    return m(
        "# "
        + "".join(map(chr, range(0xE000, 0xF900)))
        + "\n"
        + HEAD
        + "  - {source: quay.io:5000/a, mirrors: [b:5000/b]}\n"
        + "#" * s
    )


@shape(CHECK)
def colons_in_flow(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: quay.io:5000/a{n}, mirrors: [b:5000/b]}}\n"))


@shape(CHECK)
def colons_only(s: int) -> Files:
    return m(HEAD + "  - {source: " + "a:" * (s // 2) + "a}\n")


def js(o: object) -> Files:
    return {"m.yaml": json.dumps(o).encode()}


def idms(rules: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {
        "apiVersion": "config.openshift.io/v1",
        "kind": "ImageDigestMirrorSet",
        "metadata": {"name": "a"},
        "spec": {"imageDigestMirrors": rules},
    }


@shape(CHECK, BUILD, IMAGES)
def json_surrogates(s: int) -> Files:
    return js({**idms([{"source": "a.io/a", "mirrors": ["b.io/b"]}]), "status": {"a": "\U0001f600" * (s // 12)}})


@shape(CHECK, BUILD, IMAGES)
def json_one_surrogate(s: int) -> Files:
    return js(
        {
            **idms([{"source": f"a.io/a{n}", "mirrors": ["b.io/b"]} for n in range(s // 50)]),
            "status": {"a": "\U0001f600"},
        }
    )


@shape(CHECK)
def json_lone_surrogate(s: int) -> Files:
    return {
        "m.yaml": (
            json.dumps(
                {
                    **idms([{"source": f"a.io/a{n}", "mirrors": ["b.io/b"]} for n in range(s // 50)]),
                    "status": {"a": "x"},
                }
            )[:-3]
            + '\\ud83d"}}'
        ).encode()
    }


@shape(CHECK)
def json_escapes(s: int) -> Files:
    return m(
        json.dumps(idms([{"source": "a.io/a", "mirrors": ["b.io/b"]}]))[:-1]
        + ', "status": "'
        + "\\u0041" * (s // 6)
        + '"}'
    )


@shape(CHECK, BUILD)
def json_rules(s: int) -> Files:
    return js(idms([{"source": f"a.io/a{n}", "mirrors": ["b.io/b"]} for n in range(s // 50)]))


@shape(*CHECKS)
def json_bad_rules(s: int) -> Files:
    return js(idms([{"source": f"a.io/A{n}", "mirrors": ["b.io/B"]} for n in range(s // 50)]))


@shape(CHECK)
def huge_int(s: int) -> Files:
    return m(HEAD + "  - source: " + "9" * s + "\n    mirrors: [b.io/b]\n")


@shape(CHECK)
def many_ints(s: int) -> Files:
    return m(HEAD + "  - source: q.io/a\n    mirrors: [" + fill(s, lambda n: "9" * 300 + ", ") + "]\n")


@shape(CHECK)
def huge_float(s: int) -> Files:
    return m(HEAD + "  - source: 1e" + "9" * s + "\n    mirrors: [b.io/b]\n")


@shape(CHECK, BUILD)
def lists_of_lists(s: int) -> Files:
    obj = "{apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {name: a%d}, spec: {imageDigestMirrors: [{source: q.io/a%d, mirrors: [m.io/a]}]}}"
    return m(
        "kind: List\napiVersion: v1\nitems:\n"
        + fill(s, lambda n: "- {kind: List, items: [{kind: List, items: [" + obj % (n, n) + "]}]}\n")
    )


@shape(CHECK)
def list_nest(s: int) -> Files:
    return m(
        fill(
            s,
            lambda n: (
                "---\n"
                + "{kind: List, items: [" * 90
                + "{kind: Image, apiVersion: config.openshift.io/v1}"
                + "]}" * 90
                + "\n"
            ),
        )
    )


@shape(CHECK, IMAGES)
def alias_lists(s: int) -> Files:
    """A list that lists a list twice, and so on: doubles by each level."""
    return m(
        "kind: List\nitems:\n- &a0 {kind: Image, apiVersion: config.openshift.io/v1}\n"
        + "".join(f"- &a{i + 1} {{kind: List, items: [*a{i}, *a{i}]}}\n" for i in range(16))
    )


@shape(CHECK, BUILD, EXPLAIN)
def same_name_objects(s: int) -> Files:
    return m(fill(s, lambda n: HEAD + RULE + "---\n"))


@shape(CHECK, BUILD)
def same_sources(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: q.io/a, mirrors: [m.io/m{n}]}}\n"))


@shape(CHECK, BUILD)
def dense_lists(s: int) -> Files:
    k = int((s / 10) ** 0.5)
    return m(
        HEAD
        + "".join(
            "  - {source: q.io/a, mirrors: [" + ", ".join(f"m{(j + i) % k}.io" for j in range(k)) + "]}\n"
            for i in range(k)
        )
    )


@shape(CHECK, BUILD)
def big_cycle(s: int) -> Files:
    k = s // 50
    return m(HEAD + "".join(f"  - {{source: q.io/a, mirrors: [m{i}.io, m{(i + 1) % k}.io]}}\n" for i in range(k)))


@shape(CHECK, BUILD)
def reversed_list(s: int) -> Files:
    k = s // 20
    return m(
        HEAD
        + "  - {source: q.io/a, mirrors: ["
        + ", ".join(f"m{i}.io" for i in range(k))
        + "]}\n  - {source: q.io/a, mirrors: ["
        + ", ".join(f"m{i}.io" for i in reversed(range(k)))
        + "]}\n"
    )


@shape(CHECK, BUILD)
def many_small_cycles(s: int) -> Files:
    return m(
        HEAD
        + fill(
            s,
            lambda n: (
                f"  - {{source: q.io/a, mirrors: [a{n}.io, b{n}.io]}}\n  - {{source: q.io/a, mirrors: [b{n}.io, a{n}.io]}}\n"
            ),
        )
    )


@shape(CHECK, BUILD)
def cycle_random(s: int) -> Files:
    r = random.Random(1)
    k = int((s / 12) ** 0.5) * 3
    return m(
        HEAD
        + fill(
            s,
            lambda n: (
                "  - {source: q.io/a, mirrors: ["
                + ", ".join(f"m{j}.io" for j in sorted(r.sample(range(k), 4), key=lambda j: (j * 7919 + n) % k))
                + "]}\n"
            ),
        )
    )


@shape(CHECK, BUILD, EXPLAIN)
def nested_sources(s: int) -> Files:
    d = int((s / 2) ** 0.5)
    return m(
        HEAD + "".join("  - {source: q.io" + "/a" * i + ", mirrors: [m.io" + "/b" * (i % 7) + "]}\n" for i in range(d))
    )


@shape(CHECK, BUILD, EXPLAIN)
def inner_sources(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: q.io, mirrors: [m.io]}\n"
        + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n")
    )


@shape(CHECK, BUILD)
def inner_sources_many_mirrors(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: q.io, mirrors: ["
        + fill(s // 2, lambda n: f"m{n}.io, ")
        + "]}\n"
        + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n")
    )


@shape(CHECK, BUILD)
def inner_sources_other_kind(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: q.io, mirrors: ["
        + fill(s // 2, lambda n: f"m{n}.io, ")
        + "]}\n---\n"
        + HEAD.replace("Digest", "Tag")
        + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n")
    )


@shape(CHECK, BUILD)
def wildcard_sources(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: '*.b.io', mirrors: [m.io]}\n"
        + fill(s, lambda n: f"  - {{source: a{n}.b.io, mirrors: [m.io/m{n}]}}\n")
    )


@shape(CHECK, BUILD)
def wildcards_nested(s: int) -> Files:
    d = int((s / 2) ** 0.5)
    return m(
        HEAD
        + "".join("  - {source: '*" + ".a" * (i + 1) + "', mirrors: [m.io]}\n" for i in range(d))
        + "---\n"
        + IMG
        + "    blockedRegistries:\n"
        + "".join("    - x" + ".a" * (i + 1) + "\n" for i in range(d))
    )


@shape(CHECK, BUILD)
def blocked_inherit(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: q.io, mirrors: ["
        + fill(s // 2, lambda n: f"m{n}.io, ")
        + "]}\n---\n"
        + IMG
        + "    blockedRegistries:\n"
        + fill(s // 2, lambda n: f"    - q.io/a{n}\n")
    )


@shape(CHECK, BUILD)
def insecure_inherit(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: q.io, mirrors: ["
        + fill(s // 2, lambda n: f"m{n}.io, ")
        + "]}\n---\n"
        + IMG
        + "    insecureRegistries:\n"
        + fill(s // 2, lambda n: f"    - q.io/a{n}\n")
    )


@shape(*CHECKS, BUILD)
def blocked(s: int) -> Files:
    return m(IMG + "    blockedRegistries:\n" + fill(s, lambda n: f"    - b{n}.io\n"))


@shape(CHECK, ("build", "m.yaml", "-o", "out", "--release", "4.13"))
def blocked_payload(s: int) -> Files:
    return m(IMG + "    blockedRegistries:\n" + fill(s, lambda n: "    - quay.io/openshift-release-dev\n"))


@shape(("check", "--release", "4.13", "m.yaml"), ("build", "m.yaml", "-o", "out", "--release", "4.13"))
def allowed(s: int) -> Files:
    return m(IMG + "    allowedRegistries:\n" + fill(s, lambda n: f"    - b{n}.io\n"))


@shape(("check", "--release", "4.13", "m.yaml"))
def allowed_and_sources(s: int) -> Files:
    return m(
        IMG
        + "    allowedRegistries:\n"
        + fill(s // 2, lambda n: f"    - b{n}.io\n")
        + "---\n"
        + HEAD
        + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n")
    )


@shape(("check", "--release", "4.13", "m.yaml"))
def blocked_and_sources(s: int) -> Files:
    return m(
        IMG
        + "    blockedRegistries:\n    - q.io\n    - '*.q.io'\n---\n"
        + HEAD
        + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [x.q.io/m{n}]}}\n")
    )


@shape(("check", "--release", "4.13", "m.yaml"), ("build", "m.yaml", "-o", "out", "--release", "4.13"))
def insecure_ports(s: int) -> Files:
    return m(
        IMG
        + "    insecureRegistries:\n"
        + fill(s // 2, lambda n: f"    - m.io/p{n}\n")
        + "---\n"
        + HEAD
        + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io:5000/p{n}/q]}}\n")
    )


@shape(("check", "--release", "4.13", "m.yaml"))
def insecure_ports_deep(s: int) -> Files:
    d = int((s / 3) ** 0.5)
    return m(
        IMG
        + "    insecureRegistries:\n"
        + "".join("    - m.io" + "/p" * i + "\n" for i in range(d))
        + "---\n"
        + HEAD
        + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io:5000" + "/p" * d + "]}\n")
    )


@shape(("check", "--release", "4.13", "m.yaml"), ("build", "m.yaml", "-o", "out", "--release", "4.13"))
def wildcard_insecure(s: int) -> Files:
    return m(
        IMG
        + "    insecureRegistries:\n    - '*.b.io'\n"
        + fill(s // 2, lambda n: f"    - '*{n}.b.io'\n")
        + "---\n"
        + HEAD
        + fill(s // 2, lambda n: f"  - {{source: a{n}.b.io, mirrors: [m.io/m{n}]}}\n")
    )


@shape(CHECK)
def search_list(s: int) -> Files:
    return m(IMG + "    containerRuntimeSearchRegistries:\n" + fill(s, lambda n: f"    - b{n // 2}.io\n"))


@shape(CHECK)
def image_imports(s: int) -> Files:
    return m(
        IMG.replace("  registrySources:\n", "  allowedRegistriesForImport:\n")
        + fill(s, lambda n: "  - {domainNam: a, insecure: x}\n")
    )


@shape(*CHECKS)
def near_miss(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: quay.io/openshfit{n}, mirrors: [qauy.io/{n}]}}\n"))


@shape(*CHECKS)
def near_hosts(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: qua{n}y.io/a, mirrors: [m.io/a]}}\n"))


@shape(*CHECKS, FIX)
def docker_library(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: docker.io/nginx, mirrors: [m.io/{n}]}}\n"))


@shape(*CHECKS, FIX)
def repeated_rules(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: "  - {source: q.io/a, mirrors: [m.io/a]}\n"))


@shape(*CHECKS, FIX)
def repeated_rules_one_line(s: int) -> Files:
    return m(HEAD.rstrip() + " [" + fill(s, lambda n: "{source: q.io/a, mirrors: [m.io/a]}, ") + "]\n")


@shape(CHECK)
def repeated_objects(s: int) -> Files:
    return m(fill(s, lambda n: HEAD.replace("name: a", f"name: a{n}") + RULE + "---\n"))


@shape(*CHECKS)
def inert_rules(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: []}}\n"))


@shape(CHECK)
def inert_unknown(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: q.io/a, "
        + fill(s // 2, lambda n: f"m{n}: , ")
        + "}\n"
        + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirors: []}}\n")
    )


@shape(CHECK)
def never_rules(s: int) -> Files:
    return m(
        HEAD
        + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io], mirrorSourcePolicy: NeverContactSource}}\n")
    )


@shape(CHECK)
def never_rules_nested(s: int) -> Files:
    return m(
        HEAD
        + "  - {source: q.io, mirrors: [m.io], mirrorSourcePolicy: NeverContactSource}\n"
        + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io]}}\n")
    )


@shape(CHECK)
def wrong_policies(s: int) -> Files:
    return m(
        HEAD + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io], mirrorSourcePolicy: NeverContactSourc}}\n")
    )


@shape(CHECK)
def wrong_policy_long(s: int) -> Files:
    return m(
        HEAD + "  - {source: q.io/a, mirrors: [m.io], mirrorSourcePolicy: " + "NeverContactSource" * (s // 18) + "}\n"
    )


@shape(*CHECKS)
def wrong_types(s: int) -> Files:
    return m(HEAD + "  - {source: q.io/a, mirrors: [" + fill(s, lambda n: "1, ") + "]}\n")


@shape(*CHECKS)
def wrong_type_maps(s: int) -> Files:
    return m(HEAD + "  - {source: q.io/a, mirrors: [" + fill(s, lambda n: "{a: 1}, ") + "]}\n")


@shape(CHECK, FIX)
def long_line_invalid(s: int) -> Files:
    return m(HEAD.rstrip() + " [" + fill(s, lambda n: f"{{source: q.io/a{n}/, mirrors: [m.io/a]}}, ") + "]\n")


@shape(CHECK)
def invalid_end(s: int) -> Files:
    return m(HEAD + RULE + "x: [a" + ", a" * (s // 3) + "\n}")


@shape(CHECK)
def control_char(s: int) -> Files:
    return m(HEAD + RULE + "x: " + "a" * s + "\x01")


@shape(CHECK)
def bad_utf8(s: int) -> Files:
    return {"m.yaml": (HEAD + RULE + "x: " + "a" * s).encode() + b"\xff"}


@shape(CHECK)
def utf16(s: int) -> Files:
    return {"m.yaml": b"\xff\xfe" + (HEAD + RULE + fill(s // 2, lambda n: f"    field{n}: 1\n")).encode("utf-16-le")}


@shape(CHECK)
def tags(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: f"x{n}: !!a{n} b\n"))


@shape(CHECK)
def directives(s: int) -> Files:
    return m(fill(s, lambda n: f"%TAG !a{n}! tag:a\n") + "---\n" + HEAD + RULE)


@shape(CHECK)
def percent_docs(s: int) -> Files:
    return m(fill(s, lambda n: "%YAML 1.1\n---\na: b\n...\n") + "---\n" + HEAD + RULE)


@shape(CHECK)
def complex_keys(s: int) -> Files:
    return m(HEAD + RULE + fill(s, lambda n: f"? [a{n}]\n: b\n"))


@shape(CHECK)
def complex_key_nest(s: int) -> Files:
    return m(HEAD + RULE + "? " * 180 + "[" + "a, " * (s // 3) + "]\n")


@shape(CHECK)
def flow_keys(s: int) -> Files:
    return m(HEAD + RULE + "x: [" + fill(s, lambda n: f"a{n}: b, ") + "]\n")


@shape(CHECK)
def question_marks(s: int) -> Files:
    return m(HEAD + RULE + "? a\n" * (s // 4))


@shape(CHECK)
def possible_keys(s: int) -> Files:
    return m(HEAD + RULE + "x: [" + "[" * 150 + "a, " * (s // 3) + "]\n")


# --- images
@shape(IMAGES, *(("images", "--format", f, "m.yaml") for f in ("json", "sarif", "github", "gitlab", "junit")))
def pods(s: int) -> Files:
    return m(
        fill(s, lambda n: f"---\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{image: q.io/a{n}:1}}]}}\n")
    )


@shape(IMAGES, ("images", "--format", "sarif", "m.yaml"))
def pod_one_line(s: int) -> Files:
    return m("kind: Pod\nspec: {containers: [" + fill(s, lambda n: f"{{image: q.io/a{n}:1}}, ") + "]}\n")


@shape(IMAGES)
def image_templates(s: int) -> Files:
    return m(fill(s, lambda n: "kind: Pod\nimage: {{ a }}\n---\n"))


@shape(IMAGES)
def image_lines_broken(s: int) -> Files:
    return m("kind: Pod\na: b: c\n" + fill(s, lambda n: f"image: a{n}\n"))


@shape(IMAGES)
def image_blank_value(s: int) -> Files:
    return m("kind: Pod\na: b: c\nimage: a" + " " * s + "b\n")


@shape(IMAGES)
def image_blank_values(s: int) -> Files:
    return m("kind: Pod\na: b: c\nimage: " + "a  #" * (s // 4) + "\n")


@shape(IMAGES)
def blank_image_lines(s: int) -> Files:
    return m("kind: Pod\na: b: c\n" + " " * s + "image: b\n")


@shape(IMAGES)
def blank_lines_broken(s: int) -> Files:
    return m("kind: Pod\nimage: a\na: b: c\n" + (" " * 200 + "\n") * (s // 201))


@shape(IMAGES)
def long_image(s: int) -> Files:
    return m("kind: Pod\nspec: {containers: [{image: q.io/" + "a/" * (s // 2) + "b}]}\n")


@shape(IMAGES)
def long_image_upper(s: int) -> Files:
    return m("kind: Pod\nspec: {containers: [{image: q.io/" + "a" * s + "A}]}\n")


@shape(IMAGES)
def long_image_lt(s: int) -> Files:
    return m("kind: Pod\nspec: {containers: [{image: '" + "<" * s + "'}]}\n")


@shape(IMAGES)
def long_image_pct(s: int) -> Files:
    return m("kind: Pod\nspec: {containers: [{image: '" + "%A" * (s // 2) + "'}]}\n")


@shape(IMAGES)
def trigger_annotation(s: int) -> Files:
    return m(
        "kind: Deployment\nmetadata: {annotations: {image.openshift.io/triggers: '"
        + json.dumps(
            [
                {"from": {"name": f"a{n}"}, "fieldPath": f"spec.template.spec.containers[{n}].image"}
                for n in range(s // 80)
            ]
        )
        + "'}}\nspec: {template: {spec: {containers: [{image: a}]}}}\n"
    )


@shape(IMAGES)
def trigger_nest(s: int) -> Files:
    return m(
        "kind: Deployment\nmetadata: {annotations: {image.openshift.io/triggers: '"
        + "[" * s
        + "'}}\nspec: {template: {spec: {containers: [{image: a}]}}}\n"
    )


@shape(IMAGES)
def trigger_paths(s: int) -> Files:
    return m(
        "kind: Deployment\nmetadata: {annotations: {image.openshift.io/triggers: '"
        + json.dumps(
            [
                {
                    "from": {"name": f"a{n}"},
                    "fieldPath": 'spec.template.spec.containers[?(@.name=="' + "a" * 20 + '")].image',
                }
                for n in range(s // 80)
            ]
        )
        + "'}}\nspec: {template: {spec: {containers: [{image: a}]}}}\n"
    )


@shape(IMAGES)
def json_patch(s: int) -> Files:
    return m(fill(s, lambda n: f"- {{op: add, path: /spec/containers/{n}/image, value: q.io/a{n}}}\n"))


@shape(IMAGES)
def json_patch_pointer(s: int) -> Files:
    return m("- {op: add, path: '" + "/containers" * (s // 11) + "/image', value: q.io/a}\n")


@shape(IMAGES)
def deep_fields(s: int) -> Files:
    return m(
        "kind: Pod\n"
        + fill(s, lambda n: "x%d: " % n + "[" * 150 + "{containers: [{image: q.io/a}]}" + "]" * 150 + "\n")
    )


@shape(IMAGES)
def list_of_pods(s: int) -> Files:
    return m("kind: List\nitems:\n" + fill(s, lambda n: f"- {{kind: Pod, containers: [{{image: q.io/a{n}}}]}}\n"))


# --- image lists
LIST = ("images", "--from", "l.txt", "m.yaml")


def image_list(text: str) -> Files:
    return {"l.txt": text.encode(), **m(HEAD + RULE)}


@shape(LIST, ("images", "--from", "l.txt", "--format", "json", "m.yaml"))
def list_many(s: int) -> Files:
    return image_list(fill(s, lambda n: f"q.io/a{n}:1\n"))


@shape(LIST)
def list_bad(s: int) -> Files:
    return image_list(fill(s, lambda n: f"Q{n}\n"))


@shape(LIST)
def list_long(s: int) -> Files:
    return image_list("q.io/" + "a" * s + "\n")


@shape(LIST)
def list_blank(s: int) -> Files:
    return image_list("a" + " " * s + "b\n")


@shape(LIST)
def list_blanks_only(s: int) -> Files:
    return image_list(" " * s + "\n")


@shape(LIST)
def list_blank_lines(s: int) -> Files:
    return image_list(("\t" * 300 + "\n") * (s // 300))


@shape(LIST)
def list_comment(s: int) -> Files:
    return image_list("# " * (s // 2) + "\n")


@shape(LIST)
def list_words(s: int) -> Files:
    return image_list("a " * (s // 2) + "q.io/a\n")


@shape(LIST)
def list_crs(s: int) -> Files:
    return image_list("q.io/a" + "\r" * s + "x\n")


@shape(LIST)
def list_transports(s: int) -> Files:
    return image_list("oci:" + "a" * s + "!\n")


@shape(LIST)
def list_colons(s: int) -> Files:
    return image_list("a.b:" + "1" * s + "/!\n")


@shape(LIST)
def list_dots(s: int) -> Files:
    return image_list("a." * (s // 2) + "\n")


# --- catalogs and Dockerfiles
CATALOG = (("images", "."), ("check", "."))


def catalog(text: str, name: str = "c.yaml") -> Files:
    return {name: text.encode()}


@shape(*CATALOG)
def catalog_bundles(s: int) -> Files:
    return catalog(fill(s, lambda n: f"---\nschema: olm.bundle\nname: b{n}\nimage: q.io/a{n}:1\n"))


@shape(*CATALOG)
def catalog_related(s: int) -> Files:
    return catalog("---\nschema: olm.bundle\nrelatedImages:\n" + fill(s, lambda n: f"- image: q.io/a{n}:1\n"))


@shape(*CATALOG)
def catalog_odd(s: int) -> Files:
    return catalog(fill(s, lambda n: f"---\nschema: olm.bundle\nrelatedImages: [{{image: q.io/a{n}:1}}]\n"))


@shape(*CATALOG)
def catalog_keys(s: int) -> Files:
    return catalog("---\nschema: olm.bundle\n" + fill(s, lambda n: f"k{n}: 1\n"))


@shape(*CATALOG)
def catalog_separators(s: int) -> Files:
    return catalog("schema: olm.bundle\n" + "---\n" * (s // 4))


@shape(*CATALOG)
def catalog_blank(s: int) -> Files:
    return catalog("---\nschema: olm.bundle\nimage:" + " " * s + "a b:\n")


@shape(*CATALOG)
def catalog_colons(s: int) -> Files:
    return catalog("---\nschema: olm.bundle\nimage: a" + ":#" * (s // 2) + "'\n")


@shape(*CATALOG)
def catalog_unknown(s: int) -> Files:
    return catalog("schema: olm.x\n" + fill(s, lambda n: f"k{n}: {{image: q.io/a{n}:1}}\n"))


@shape(*CATALOG)
def catalog_json(s: int) -> Files:
    return catalog(fill(s, lambda n: '{"schema": "olm.bundle", "image": "q.io/a%d:1"}' % n))


@shape(*CATALOG)
def catalog_json_escapes(s: int) -> Files:
    return catalog('{"schema": "olm.bundle", "image": "' + "\\\\" * (s // 2) + '"}')


@shape(*CATALOG)
def catalog_json_nest(s: int) -> Files:
    return catalog('{"schema": "olm.bundle", "image": "q.io/a", "x": ' + "[" * s)


@shape(*CATALOG)
def catalog_json_open(s: int) -> Files:
    return catalog('{"schema": "olm.bundle", ' + '"image": "' * (s // 10))


@shape(*CATALOG)
def catalog_objects(s: int) -> Files:
    return catalog(
        js(
            {
                "schema": "olm.bundle",
                "properties": [{"type": "olm.bundle.object", "value": {"data": "AAAA"}}] * (s // 70),
            }
        )["m.yaml"].decode()
    )


@shape(*CATALOG)
def catalog_csv(s: int) -> Files:
    csv = {
        "kind": "ClusterServiceVersion",
        "spec": {"relatedImages": [{"image": f"q.io/a{n}"} for n in range(s // 40)]},
    }
    data = base64.b64encode(json.dumps(csv).encode()).decode()
    return catalog(
        "---\nschema: olm.bundle\nproperties:\n- type: olm.bundle.object\n  value:\n    data: " + data + "\n"
    )


@shape(("images", "."))
def catalog_ignored(s: int) -> Files:
    return {**catalog("schema: olm.bundle\nimage: q.io/a:1\n", "a/b/c.yaml"), ".indexignore": b"*a" * (s // 2)}


@shape(("images", "."))
def catalog_ignore_many(s: int) -> Files:
    bundle = catalog("schema: olm.bundle\nimage: q.io/a:1\n", "a/b/c.yaml")
    return {**bundle, ".indexignore": fill(s, lambda n: f"**/x{n}*/**/y\n").encode()}


@shape(("images", "."))
def mapping_lines(s: int) -> Files:
    lines = fill(s, lambda n: f"docker://quay.io/a/b{n}:1=docker://m.example/x{n}/b:1\n")
    return {"mapping.txt": lines.encode(), **m(HEAD + RULE)}


@shape(("images", "."))
def near_sources(s: int) -> Files:
    rules = fill(s // 2, lambda n: f"  - source: quay.io/team/{n:06d}x\n    mirrors: [m.example/a]\n")
    pods = fill(s // 2, lambda n: f"q.io/team/y{n:06d}@sha256:{'0' * 64}=m.example/a:1\n")
    return {"mapping.txt": pods.encode(), **m(HEAD + rules)}


@shape(CHECK[:1], ("images", "--allow-empty"))
def konflux_entries(s: int) -> Files:
    return {".tekton/images-mirror-set.yaml": (HEAD + fill(s, lambda n: f"  - source: a.io/b{n}:1\n")).encode()}


DOCKERFILE = (("images", "."),)


@shape(*DOCKERFILE)
def dockerfile_many(s: int) -> Files:
    return {"Dockerfile": fill(s, lambda n: f"FROM q.io/a{n}:1 AS s{n}\n").encode()}


@shape(*DOCKERFILE)
def dockerfile_words(s: int) -> Files:
    return {"Dockerfile": b"FROM " + b"--a " * (s // 4) + b"q.io/a"}


@shape(*DOCKERFILE)
def dockerfile_goes_on(s: int) -> Files:
    return {"Dockerfile": b"FROM \\\n" + b"# c\n\n" * (s // 5) + b"q.io/a"}


@shape(*DOCKERFILE)
def dockerfile_texts(s: int) -> Files:
    return {"Dockerfile": b"RUN " + b"<<A " * (s // 4) + b"\n" + b"A\n" * (s // 4) + b"FROM a\n"}


@shape(*DOCKERFILE)
def dockerfile_directives(s: int) -> Files:
    return {"Dockerfile": b"# a=b\n" * (s // 6) + b"FROM q.io/a\n"}


@shape(*DOCKERFILE)
def dockerfile_inline(s: int) -> Files:
    lines = fill(s, lambda n: f"      FROM q.io/a{n}:1\n")
    return m(f"apiVersion: build.openshift.io/v1\nkind: BuildConfig\nspec:\n  source:\n    dockerfile: |\n{lines}")


@shape(
    ("explain", "-", "--repo", "m.yaml"),
)
def specs_many(s: int) -> Files:
    return {"stdin": fill(s, lambda n: f"q.io/a{n}:1\n").encode(), **m(HEAD + RULE)}


@shape(
    ("explain", "-", "--repo", "m.yaml"),
)
def specs_long(s: int) -> Files:
    return {"stdin": ("q.io/" + "a/" * (s // 2) + "b\n").encode(), **m(HEAD + RULE)}


# --- TOML
TOML = ("explain", "quay.io/a/b:1", "--registries-conf", "r.conf")
TDIFF = ("diff", "r.conf", "n.conf")
TIMG = ("images", "--from", "l.txt", "--registries-conf", "r.conf")


def t(text: str) -> Files:
    return {
        "r.conf": text.encode(),
        "n.conf": text.encode() + b"\n[[registry]]\nlocation='z.io'\n",
        "l.txt": b"q.io/a0:1\n",
    }


REG = '[[registry]]\nprefix = "q.io/a%d"\nlocation = "q.io/a%d"\n[[registry.mirror]]\nlocation = "m.io/a%d"\n'


@shape(TOML, TDIFF, TIMG)
def toml_tables(s: int) -> Files:
    return t(fill(s, lambda n: REG % (n, n, n)))


@shape(TOML, TDIFF)
def toml_mirrors(s: int) -> Files:
    return t('[[registry]]\nlocation = "q.io"\n' + fill(s, lambda n: f'[[registry.mirror]]\nlocation = "m{n}.io"\n'))


@shape(TOML)
def toml_dotted(s: int) -> Files:
    return t("a" + ".a" * (s // 2) + " = 1\n")


@shape(TOML)
def toml_dotted_many(s: int) -> Files:
    return t(fill(s, lambda n: ".".join(["a"] * 50) + f".b{n} = 1\n"))


@shape(TOML)
def toml_dotted_header(s: int) -> Files:
    return t("[a" + ".a" * (s // 2) + "]\nb = 1\n")


@shape(TOML)
def toml_dotted_registry(s: int) -> Files:
    return t("[[registry]]\nlocation='a.io'\n" + "x" + ".a" * (s // 2) + " = 1\n")


@shape(TOML)
def toml_array_nest(s: int) -> Files:
    return t("a = " + "[" * s)


@shape(TOML)
def toml_array_nest_ok(s: int) -> Files:
    return t("a = " + "[" * (s // 2) + "]" * (s // 2) + "\n")


@shape(TOML)
def toml_inline_nest(s: int) -> Files:
    return t("a = " + "{a = " * (s // 5) + "\n")


@shape(TOML)
def toml_headers(s: int) -> Files:
    return t(fill(s, lambda n: f"[a{n}]\n"))


@shape(TOML)
def toml_headers_deep(s: int) -> Files:
    d = int(s**0.5)
    return t("".join("[" + ".".join(["a"] * (i + 1)) + "]\n" for i in range(d)))


@shape(TOML)
def toml_keys(s: int) -> Files:
    return t(fill(s, lambda n: f"a{n} = 1\n"))


@shape(TOML)
def toml_keys_in_registry(s: int) -> Files:
    return t("[[registry]]\nlocation='a.io'\n" + fill(s, lambda n: f"a{n} = 1\n"))


@shape(TOML)
def toml_unknown_keys(s: int) -> Files:
    return t(fill(s, lambda n: f"[[registry]]\nlocation='a{n}.io:t'\nlocatio=1\n"))


@shape(TOML)
def toml_string(s: int) -> Files:
    return t('a = "' + "a" * s + '"\n')


@shape(TOML)
def toml_string_escapes(s: int) -> Files:
    return t('unqualified-search-registries = ["' + "\\u0041" * (s // 6) + '"]\n')


@shape(TOML)
def toml_search(s: int) -> Files:
    return t("unqualified-search-registries = [" + fill(s, lambda n: f'"a{n}.io", ') + "]\n")


@shape(TOML)
def toml_search_lines(s: int) -> Files:
    return t("unqualified-search-registries = [\n" + fill(s, lambda n: f'"a{n}.io",\n') + "]\n")


@shape(TOML)
def toml_search_open(s: int) -> Files:
    return t("unqualified-search-registries = [" + '"' * s)


@shape(TOML)
def toml_search_hash(s: int) -> Files:
    return t("unqualified-search-registries = [" + "#\n" * (s // 2) + "]\n")


@shape(TOML)
def toml_multiline_headers(s: int) -> Files:
    return t('a = """\n' + "[[registry]]\n" * (s // 13) + '"""\n[[registry]]\nlocation="a.io"\n')


@shape(TOML)
def toml_multi_in_entries(s: int) -> Files:
    return t(fill(s, lambda n: '[[registry]]\nlocation = "a%d.io"\nb = """\n[[registry.mirror]]\n"""\n' % n))


@shape(TOML)
def toml_bad_end(s: int) -> Files:
    return t(fill(s, lambda n: REG % (n, n, n)) + "!")


@shape(TOML)
def toml_spaces(s: int) -> Files:
    return t(" " * s + "a = 1\n")


@shape(TOML)
def toml_space_header(s: int) -> Files:
    return t("[" + " " * s + "[registry]]\n")


@shape(TOML)
def toml_blank_lines(s: int) -> Files:
    return t(("\t" * 300 + "\n") * (s // 300))


@shape(TOML)
def toml_comments(s: int) -> Files:
    return t("#a\n" * (s // 3))


@shape(TOML)
def toml_int(s: int) -> Files:
    return t("a = " + "9" * s + "\n")


@shape(TOML)
def toml_underscored(s: int) -> Files:
    return t("a = " + "9_" * (s // 2) + "9\n")


@shape(TOML)
def toml_float(s: int) -> Files:
    return t("a = 1" + "0" * s + ".0\n")


@shape(TOML, TDIFF, TIMG)
def toml_one_prefix(s: int) -> Files:
    return t(fill(s, lambda n: '[[registry]]\nprefix = "q.io"\nlocation = "q.io"\n'))


@shape(TOML, TDIFF, TIMG)
def toml_one_location(s: int) -> Files:
    return t(fill(s, lambda n: f'[[registry]]\nprefix = "q.io/{n}"\nlocation = "q.io"\n'))


@shape(TOML, TDIFF, TIMG)
def toml_wildcards(s: int) -> Files:
    return t(fill(s, lambda n: f'[[registry]]\nprefix = "*.b{n}.io"\n'))


@shape(TOML, TDIFF)
def toml_wildcards_nested(s: int) -> Files:
    d = int(s**0.5)
    return t("".join('[[registry]]\nprefix = "*' + ".a" * (i + 1) + '"\n' for i in range(d)))


@shape(TOML, TDIFF)
def toml_prefix_nested(s: int) -> Files:
    d = int(s**0.5)
    return t("".join('[[registry]]\nlocation = "a.io' + "/a" * i + '"\nblocked = true\n' for i in range(d)))


@shape(
    ("explain", "--registries-conf", "r.conf", "x" + ".a" * 5000 + "/b"),
)
def toml_deep_host(s: int) -> Files:
    d = int(s**0.5)
    return t("".join('[[registry]]\nprefix = "*' + ".a" * (i + 1) + '"\n' for i in range(d)))


@shape(TOML, TDIFF)
def toml_blocked_all(s: int) -> Files:
    return t(
        fill(
            s,
            lambda n: (
                '[[registry]]\nlocation = "q.io/a%d"\nblocked = true\n[[registry.mirror]]\nlocation = "q.io/a%d/b"\n'
                % (n, n)
            ),
        )
    )


@shape(TOML, TDIFF)
def toml_long_prefix(s: int) -> Files:
    return t(
        '[[registry]]\nlocation = "q.io'
        + "/a" * (s // 2)
        + '"\n[[registry.mirror]]\nlocation = "q.io'
        + "/a" * (s // 2)
        + '"\n'
    )


@shape(TOML)
def toml_slashes(s: int) -> Files:
    return t('[[registry]]\nlocation = "q.io' + "/" * s + 'a"\n')


@shape(TOML)
def toml_crlf(s: int) -> Files:
    return t(fill(s, lambda n: (REG % (n, n, n)).replace("\n", "\r\n")))


@shape(TOML)
def toml_dup(s: int) -> Files:
    return t(fill(s, lambda n: REG % (n, n, n)) + "[[registry]]\na=1\na=1\n")


# --- Ignition
MC = ("explain", "quay.io/a/b:1", "--registries-conf", "m.yaml")
MDIFF = ("diff", "m.yaml", "n.yaml")


def mc(files: Sequence[Mapping[str, object]], name: str = "99-worker-generated-registries") -> str:
    o = {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfig",
        "metadata": {"name": name, "labels": {"machineconfiguration.openshift.io/role": "worker"}},
        "spec": {"config": {"ignition": {"version": "3.4.0"}, "storage": {"files": files}}},
    }
    return json.dumps(o)


def url(data: bytes, *, compress: bool = False) -> dict[str, str]:
    return {
        "source": "data:;base64," + base64.b64encode(gzip.compress(data, 9, mtime=0) if compress else data).decode(),
        **({"compression": "gzip"} if compress else {}),
    }


CONF = b'[[registry]]\nlocation = "q.io"\n'


def mcs(files: Sequence[Mapping[str, object]]) -> Files:
    return {
        "m.yaml": mc(files).encode(),
        "n.yaml": mc([*files, {"path": "/etc/containers/registries.conf.d/zz.conf", "contents": url(CONF)}]).encode(),
    }


@shape(MC, MDIFF)
def ign_bombs(s: int) -> Files:
    bomb = url(b"#" * (60 << 20), compress=True)
    each = len(json.dumps(bomb)) + 60
    return mcs(
        [{"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": bomb} for n in range(max(s // each, 1))]
    )


@shape(MC, MDIFF)
def ign_small_bombs(s: int) -> Files:
    bomb = url(b"#" * (1 << 20), compress=True)
    each = len(json.dumps(bomb)) + 60
    return mcs(
        [{"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": bomb} for n in range(max(s // each, 1))]
    )


@shape(MC, MDIFF)
def ign_bombs_elsewhere(s: int) -> Files:
    bomb = url(b"#" * (60 << 20), compress=True)
    each = len(json.dumps(bomb)) + 60
    return mcs(
        [{"path": f"/etc/containers/x/{n}.conf", "contents": bomb} for n in range(max(s // each, 1))]
        + [{"path": "/etc/containers/registries.conf", "contents": url(CONF)}]
    )


@shape(MC, MDIFF)
def ign_bombs_many_configs(s: int) -> Files:
    bomb = url(b"#" * (20 << 20), compress=True)
    each = len(json.dumps(bomb)) + 400
    t_ = "\n---\n".join(
        mc([{"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": bomb}], f"{n:05}")
        for n in range(max(s // each, 1))
    )
    return {"m.yaml": t_.encode(), "n.yaml": t_.encode()}


@shape(MC, MDIFF)
def ign_alias_bombs(s: int) -> Files:
    bomb = url(b"#" * (20 << 20), compress=True)["source"]
    t_ = (
        "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata: {name: a, labels: {machineconfiguration.openshift.io/role: worker}}\nspec: {config: {storage: {files: [{path: /etc/containers/registries.conf, contents: &a {compression: gzip, source: '"
        + bomb
        + "'}},\n"
        + fill(s - len(bomb), lambda n: f"{{path: /etc/containers/registries.conf.d/{n}.conf, contents: *a}},\n")
        + "]}}}\n"
    )
    return {"m.yaml": t_.encode(), "n.yaml": t_.encode()}


@shape(MC)
def ign_alias_configs(s: int) -> Files:
    body = url((CONF + b"#a\n") * 300)["source"]
    t_ = (
        "kind: List\nitems:\n- &a {apiVersion: v1, kind: MachineConfig, metadata: {name: a, labels: {machineconfiguration.openshift.io/role: worker}}, spec: {config: {storage: {files: [{path: /etc/containers/registries.conf, contents: {source: '"
        + body
        + "'}}]}}}}\n"
        + "- *a\n" * (s // 5)
    )
    return {"m.yaml": t_.encode()}


@shape(MC)
def ign_pools(s: int) -> Files:
    c = mc([{"path": "/etc/containers/registries.conf", "contents": url(CONF)}])
    return {
        "m.yaml": fill(
            s, lambda n: "---\n" + c.replace("99-worker-gen", f"99-w{n}-gen").replace('"worker"', f'"w{n}"') + "\n"
        ).encode()
    }


@shape(MC)
def ign_configs(s: int) -> Files:
    c = mc([{"path": "/etc/containers/registries.conf", "contents": url(CONF)}], "NAME")
    return {"m.yaml": fill(s, lambda n: "---\n" + c.replace("NAME", f"n{n}") + "\n").encode()}


@shape(MC)
def ign_blanks(s: int) -> Files:
    return mcs(
        [
            {
                "path": "/etc/containers/registries.conf",
                "contents": {"source": "data:;base64," + "\r\n" * (s // 4) + base64.b64encode(CONF).decode()},
            }
        ]
    )


@shape(MC)
def ign_percent(s: int) -> Files:
    return mcs([{"path": "/etc/containers/registries.conf", "contents": {"source": "data:," + "%23" * (s // 3)}}])


@shape(MC)
def ign_type(s: int) -> Files:
    return mcs([{"path": "/etc/containers/registries.conf", "contents": {"source": "data:" + ";a" * (s // 2)}}])


@shape(MC)
def ign_files(s: int) -> Files:
    return mcs(
        [{"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": {"source": ""}} for n in range(s // 75)]
    )


@shape(MC)
def ign_files_elsewhere(s: int) -> Files:
    return mcs([{"path": f"/a/{n}", "contents": {"source": ""}} for n in range(s // 50)])


@shape(MC)
def ign_dropins(s: int) -> Files:
    return mcs(
        [{"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": url(CONF)} for n in range(s // 130)]
    )


# --- policy.json
POL = ("explain", "quay.io/a/b:1", "--registries-conf", "m.yaml")
PIMG = ("images", "--from", "l.txt", "--registries-conf", "m.yaml")


def pol(
    scopes: Mapping[str, object], default: str = "insecureAcceptAnything", extra: Mapping[str, object] | None = None
) -> Files:
    o = {"default": [{"type": default}], "transports": {"docker": scopes, **(extra or {})}}
    return {
        "m.yaml": json.dumps(o).encode(),
        "n.yaml": json.dumps({**o, "default": [{"type": "reject"}]}).encode(),
        "l.txt": b"".join(b"q.io/a%d\n" % n for n in range(1000)),
    }


@shape(POL, PIMG, MDIFF)
def pol_scopes(s: int) -> Files:
    return pol({f"a{n}.io": [{"type": "reject"}] for n in range(s // 35)})


@shape(POL, PIMG)
def pol_scopes_nested(s: int) -> Files:
    d = int(s**0.5)
    return pol({"q.io" + "/a" * n: [{"type": "reject"}] for n in range(d)})


@shape(POL, PIMG)
def pol_wildcards(s: int) -> Files:
    return pol({f"*.a{n}.io": [{"type": "reject"}] for n in range(s // 35)})


@shape(POL)
def pol_transports(s: int) -> Files:
    return pol({}, extra={f"t{n}": {} for n in range(s // 12)})


@shape(POL)
def pol_requirements(s: int) -> Files:
    return pol({"a.io": [{"type": "reject"}] * (s // 20)})


@shape(POL)
def pol_defaults(s: int) -> Files:
    return {"m.yaml": ("{" + '"default": [{"type": "reject"}],' * (s // 32) + '"transports": {}}').encode()}


@shape(POL)
def pol_nest(s: int) -> Files:
    return {"m.yaml": ('{"default": ' + "[" * s).encode()}


@shape(POL)
def pol_signed(s: int) -> Files:
    return pol({f"a{n}.io": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/a"}] for n in range(s // 75)})


# --- kustomize
KCHK = ("check", ".")
KIMG = ("images", ".")


def k(text: str, **files: bytes) -> Files:
    return {"kustomization.yaml": text.encode(), **m(HEAD + RULE), **files}


@shape(KCHK, KIMG)
def kust_resources(s: int) -> Files:
    return k("resources:\n- m.yaml\n" + fill(s, lambda n: f"- a{n}.yaml\n") + "patches: []\n")


@shape(KCHK, KIMG)
def kust_blank(s: int) -> Files:
    return k("patches: []\nresources:\n- m.yaml\n- '" + " " * s + "'\n")


@shape(KCHK, KIMG)
def kust_blank_scheme(s: int) -> Files:
    return k("patches: []\nresources:\n- m.yaml\n- '" + "a" * s + "'\n")


@shape(KCHK, KIMG)
def kust_at(s: int) -> Files:
    return k("patches: []\nresources:\n- m.yaml\n- '" + "@/" * (s // 2) + "'\n")


@shape(KCHK, KIMG)
def kust_patches(s: int) -> Files:
    return k("patches:\n" + fill(s, lambda n: "- {path: a%d.yaml, target: {kind: Image}}\n" % n))


@shape(KCHK, KIMG)
def kust_inline(s: int) -> Files:
    return k(
        "patches:\n" + fill(s, lambda n: "- patch: |-\n    kind: Pod\n    containers:\n    - image: q.io/a%d\n" % n)
    )


@shape(KCHK, KIMG)
def kust_inline_long(s: int) -> Files:
    return k(
        "patches:\n- patch: |-\n    kind: Pod\n    containers:\n" + fill(s, lambda n: "    - image: q.io/a%d\n" % n)
    )


@shape(KCHK, KIMG)
def kust_inline_quoted(s: int) -> Files:
    return k('patches:\n- patch: "kind: Pod\\ncontainers:\\n' + fill(s, lambda n: "- image: q.io/a%d\\n" % n) + '"\n')


@shape(KCHK, KIMG)
def kust_inline_broken(s: int) -> Files:
    return k("patches:\n- patch: |-\n    kind: Pod\n    a: b: c\n" + fill(s, lambda n: "    - image: q.io/a%d\n" % n))


@shape(KCHK, KIMG)
def kust_generators(s: int) -> Files:
    return k("configMapGenerator:\n" + fill(s, lambda n: "- {files: [a=b%d]}\n" % n))


@shape(KIMG)
def kust_images(s: int) -> Files:
    return k(
        "resources: [p.yaml]\nimages:\n" + fill(s // 2, lambda n: "- {name: q.io/a, newTag: '%d'}\n" % n),
        **{
            "p.yaml": (
                "kind: Pod\nspec: {containers: [" + fill(s // 2, lambda n: f"{{image: q.io/a:{n}}}, ") + "]}\n"
            ).encode()
        },
    )


@shape(KIMG)
def kust_images_other(s: int) -> Files:
    return k(
        "resources: [p.yaml]\nimages:\n" + fill(s // 2, lambda n: "- {name: q.io/b%d, newTag: '%d'}\n" % (n, n)),
        **{
            "p.yaml": (
                "kind: Pod\nspec: {containers: [" + fill(s // 2, lambda n: f"{{image: q.io/a:{n}}}, ") + "]}\n"
            ).encode()
        },
    )


@shape(KIMG)
def kust_shared(s: int) -> Files:
    """Many kustomizations that lead to the same one."""
    f = {
        "base/kustomization.yaml": b"resources: [p.yaml]\nimages: [{name: x, newTag: '1'}]\n",
        "base/p.yaml": (
            "kind: Pod\nspec: {containers: [" + fill(s // 2, lambda n: f"{{image: q.io/a:{n}}}, ") + "]}\n"
        ).encode(),
    }
    for n in range(20):
        f[f"o{n}/kustomization.yaml"] = b"resources: [../base]\n"
    return f


@shape(KIMG)
def kust_chain(s: int) -> Files:
    c = 1200
    f = {
        f"k{n}/kustomization.yaml": f"resources: [../k{n + 1}]\nimages: [{{name: a, newTag: b}}]\n".encode()
        for n in range(c)
    }
    f[f"k{c}/p.yaml"] = b"kind: Pod\nspec: {containers: [{image: q.io/a}]}\n"
    return f


@shape(KIMG)
def kust_cycle(s: int) -> Files:
    c = 300
    return {
        f"k{n}/kustomization.yaml": (
            "resources: ["
            + ", ".join(f"../k{(n + j) % c}" for j in range(1, 6))
            + "]\nimages: [{name: a, newTag: b}]\n"
        ).encode()
        for n in range(c)
    }


KBUILD = ("build", "-o", "out")


@shape(KBUILD)
def kust_cluster(s: int) -> Files:
    return {
        ".mirrorc.yaml": b"version: 1\nclusters:\n- {name: a, kustomization: .}\n",
        **k("resources:\n- m.yaml\n" + fill(s, lambda n: f"- a{n}.yaml\n")),
    }


@shape(KBUILD)
def kust_cluster_blank(s: int) -> Files:
    return {
        ".mirrorc.yaml": b"version: 1\nclusters:\n- {name: a, kustomization: .}\n",
        **k("resources:\n- m.yaml\n- '" + " " * s + "'\n"),
    }


@shape(KBUILD)
def kust_cluster_crd(s: int) -> Files:
    return {
        ".mirrorc.yaml": b"version: 1\nclusters:\n- {name: a, kustomization: .}\n",
        **k(
            "resources:\n- m.yaml\ngenerators:\n- |\n  kind: A\n  x: &a0 [b]\n"
            + fill(s, lambda n: f"  x{n}: &a{n + 1} [*a{n}]\n")
        ),
    }


@shape(KBUILD)
def kust_cluster_built(s: int) -> Files:
    return {
        ".mirrorc.yaml": b"version: 1\nclusters:\n- {name: a, kustomization: .}\n",
        "kustomization.yaml": b"resources: [m.yaml]\nnamePrefix: x-\n",
        **m(fill(s, lambda n: HEAD.replace("name: a", f"name: a{n}") + RULE + "---\n")),
    }


# --- configuration
def c(text: str) -> Files:
    return {".mirrorc.yaml": text.encode(), **m(HEAD + RULE)}


CB = ("build",)
CC = ("check", "--format", "text")


@shape(CC)
def cfg_clusters(s: int) -> Files:
    return c("version: 1\nclusters:\n" + fill(s, lambda n: "- {name: a%d, paths: [m.yaml]}\n" % n))


@shape(CC)
def cfg_same_names(s: int) -> Files:
    return c("version: 1\nclusters:\n" + fill(s, lambda n: "- {name: a, paths: [m.yaml]}\n"))


@shape(CC)
def cfg_unknown(s: int) -> Files:
    return c("version: 1\n" + fill(s, lambda n: "a%d: 1\n" % n))


@shape(CC)
def cfg_unknown_cluster(s: int) -> Files:
    return c("version: 1\nclusters:\n- {name: a, " + fill(s, lambda n: "a%d: 1, " % n) + "}\n")


@shape(CC)
def cfg_dups(s: int) -> Files:
    return c("version: 1\n" + fill(s, lambda n: "version: 1\n"))


@shape(CC)
def cfg_aliases(s: int) -> Files:
    return c("version: 1\nx: &a0 [b]\n" + fill(s, lambda n: f"x{n}: &a{n + 1} [*a{n}]\n"))


@shape(CC)
def cfg_alias_clusters(s: int) -> Files:
    return c(
        "version: 1\ndefaults: {paths: &p ["
        + fill(s // 2, lambda n: "a%d.yaml, " % n)
        + "]}\nclusters:\n"
        + fill(s // 2, lambda n: "- {name: a%d, paths: *p}\n" % n)
    )


@shape(CC)
def cfg_defaults_clusters(s: int) -> Files:
    return c(
        "version: 1\ndefaults: {paths: ["
        + fill(s // 2, lambda n: "a%d.yaml, " % n)
        + "]}\nclusters:\n"
        + fill(s // 2, lambda n: "- {name: a%d}\n" % n)
    )


@shape(CC)
def cfg_stars(s: int) -> Files:
    return c("version: 1\nclusters:\n- {name: a, paths: ['" + "*a" * (s // 2) + "']}\n")


@shape(CC)
def cfg_globstars(s: int) -> Files:
    return {
        **c("version: 1\nclusters:\n- {name: a, paths: ['" + "**/a*/" * 12 + "x.yaml']}\n"),
        **{"a/" * 30 + f"y{n}.yaml": b"" for n in range(20)},
    }


@shape(CC)
def cfg_stars_names(s: int) -> Files:
    return {
        **c("version: 1\nclusters:\n- {name: a, paths: ['" + "*a" * 14 + "b.yaml']}\n"),
        **{"a" * 120 + f"{n}.yaml": b"" for n in range(20)},
    }


@shape(CC)
def cfg_patterns(s: int) -> Files:
    return c("version: 1\nclusters:\n- {name: a, paths: [" + fill(s, lambda n: f"a*{n}.yaml, ") + "]}\n")


@shape(CC)
def cfg_exclude(s: int) -> Files:
    return c("version: 1\nclusters:\n- {name: a, paths: [.], exclude: [" + fill(s, lambda n: f"a*{n}.yaml, ") + "]}\n")


@shape(CC)
def cfg_outputs(s: int) -> Files:
    return c("version: 1\nclusters:\n- {name: b, paths: [m.yaml], output: 'a" + "/a" * (s // 2) + "'}\n")


@shape(CC)
def cfg_outputs_deep(s: int) -> Files:
    d = int(s**0.5)
    return c(
        "version: 1\nclusters:\n"
        + "".join(f"- {{name: b{i}, paths: [m.yaml], output: '{'x/' * i}x'}}\n" for i in range(d))
    )


@shape(CC)
def cfg_long_name(s: int) -> Files:
    return c("version: 1\nclusters:\n- {name: " + "a" * s + "}\n")


@shape(CC)
def cfg_cluster_var(s: int) -> Files:
    return c(
        "version: 1\ndefaults: {paths: ['"
        + "{cluster}" * (s // 40)
        + "']}\nclusters:\n"
        + fill(s // 2, lambda n: "- {name: a%d}\n" % n)
    )


@shape(CC)
def cfg_severities(s: int) -> Files:
    return c("version: 1\ndefaults: {severities: {" + fill(s, lambda n: f"split-sourc{n}: of, ") + "}}\n")


@shape(CC)
def cfg_pools(s: int) -> Files:
    return c("version: 1\ndefaults: {pools: [" + fill(s, lambda n: f"p{n}, ") + "]}\n")


@shape(("build",))
def cfg_pools_build(s: int) -> Files:
    return c("version: 1\ndefaults: {paths: [m.yaml], pools: [" + fill(s // 20, lambda n: f"p{n}, ") + "]}\n")


@shape(CC)
def cfg_pool_long(s: int) -> Files:
    return c("version: 1\ndefaults: {pools: [" + "a-" * (s // 2) + "]}\n")


@shape(CC)
def cfg_release_long(s: int) -> Files:
    return c("version: 1\ndefaults: {release: '" + "4." * (s // 2) + "'}\n")


@shape(CC)
def cfg_image_long(s: int) -> Files:
    return c("version: 1\ndefaults: {releaseImage: '" + "a/" * (s // 2) + "'}\n")


@shape(("init", "--print"))
def init_layout(s: int) -> Files:
    return {f"clusters/c{n}/m.yaml": (HEAD + RULE).encode() for n in range(s // 2000)}


# --- diff
DIFF = tuple(("diff", "--format", f, "m.yaml", "n.yaml") for f in ("text", "json", "markdown", "github"))


def d(a: str, b: str) -> Files:
    return {"m.yaml": a.encode(), "n.yaml": b.encode()}


@shape(*DIFF)
def diff_sources(s: int) -> Files:
    return d(
        HEAD + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n"),
        HEAD + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [n.io/m{n}]}}\n"),
    )


@shape(*DIFF)
def diff_mirrors(s: int) -> Files:
    return d(
        HEAD + "  - {source: q.io, mirrors: [" + fill(s, lambda n: f"m{n}.io, ") + "]}\n",
        HEAD + "  - {source: q.io, mirrors: [" + fill(s, lambda n: f"n{n}.io, ") + "]}\n",
    )


@shape(*DIFF)
def diff_mirrors_reversed(s: int) -> Files:
    x = [f"m{n}.io" for n in range(s // 12)]
    return d(
        HEAD + "  - {source: q.io, mirrors: [" + ", ".join(x) + "]}\n",
        HEAD + "  - {source: q.io, mirrors: [" + ", ".join(reversed(x)) + "]}\n",
    )


@shape((*BUILD, "--check"), (*EXPLAIN, "--both"))
def lists_reversed(s: int) -> Files:
    """What is built and what both forms of a pull do is in another order than what is compared with it."""
    x = [f"m{n}.io" for n in range(s // 24)]
    rules = "".join(
        f"---\n{HEAD.replace('Digest', form)}  - {{source: quay.io, mirrors: [{', '.join(mirrors)}]}}\n"
        for form, mirrors in (("Digest", x), ("Tag", x[::-1]))
    )
    lines = "".join(f'  [[registry.mirror]]\n    location = "{name}"\n\n' for name in reversed(x))
    return {
        "m.yaml": rules.encode(),
        "out/registries.conf": lines.encode(),
        "out/.mirrorc-artifacts": f"{'0' * 64}  registries.conf\n".encode(),
    }


@shape(*DIFF)
def diff_objects(s: int) -> Files:
    return d(
        fill(s, lambda n: HEAD.replace("name: a", f"name: a{n}") + RULE + "---\n"),
        fill(s, lambda n: HEAD.replace("name: a", f"name: b{n}") + RULE + "---\n"),
    )


@shape(*DIFF)
def diff_blocked(s: int) -> Files:
    return d(
        IMG + "    blockedRegistries: [" + fill(min(s, 10**9), lambda n: f"b{n}.io, ") + "]\n",
        IMG + "    blockedRegistries: [" + fill(s, lambda n: f"c{n}.io, ") + "]\n",
    )


@shape(*DIFF)
def diff_nested(s: int) -> Files:
    return d(
        HEAD + "  - {source: q.io, mirrors: [m.io]}\n",
        HEAD
        + "  - {source: q.io, mirrors: [m2.io]}\n"
        + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n"),
    )


@shape(*DIFF)
def diff_wild(s: int) -> Files:
    return d(
        HEAD + fill(s, lambda n: f"  - {{source: '*.a{n}.io', mirrors: [m.io]}}\n"),
        HEAD + fill(s, lambda n: f"  - {{source: '*.b{n}.io', mirrors: [m.io]}}\n"),
    )


@shape(*DIFF)
def diff_numbered_components(s: int) -> Files:
    """Every name for an image that no scope has is taken."""
    return d(
        HEAD + fill(s, lambda n: f"  - {{source: q.io/x{n or ''}, mirrors: [m.io/m{n}]}}\n"),
        HEAD + fill(s, lambda n: f"  - {{source: q.io/x{n or ''}, mirrors: [n.io/m{n}]}}\n"),
    )


@shape(*DIFF)
def diff_blocked_below_mirrors(s: int) -> Files:
    """Each source reaches each blocked scope."""
    rules = HEAD + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io]}}\n")
    blocked = ", ".join(f"m.io/b{n}" for n in range(min(s // 12, 1024)))
    return d(rules, f"{rules}---\n{IMG}    blockedRegistries: [{blocked}]\n")


@shape(*DIFF)
def diff_inner_sources_of_many_mirrors(s: int) -> Files:
    """Each new source had all the mirrors of the one around it."""
    old = HEAD + "  - {source: q.io, mirrors: [" + fill(s // 2, lambda n: f"m{n}.io, ") + "]}\n"
    return d(old, old + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io]}}\n"))


@shape(*DIFF)
def diff_allowed_scopes_of_many_mirrors(s: int) -> Files:
    """Each allowed scope is pulled from all mirrors of the source around it."""
    allowed = ", ".join(f"q.io/a{n}" for n in range(min(s // 12, 1000)))
    image = f"---\n{IMG}    allowedRegistries: [{allowed}, quay.io]\n"
    mirrors = fill(s, lambda n: f"m{n}.io, ")
    old, new = (f"{HEAD}  - {{source: q.io, mirrors: [{each}]}}\n{image}" for each in (mirrors, f"n{mirrors}"))
    return d(old, new.replace(" m", " n"))


@shape(("diff", "r.conf", "n.conf"))
def diff_confs_blocked_below_mirrors(s: int) -> Files:
    conf = fill(s, lambda n: f"[[registry]]\nlocation='q.io/a{n}'\n[[registry.mirror]]\nlocation='m.io'\n")
    blocked = fill(s, lambda n: f"[[registry]]\nlocation='m.io/b{n}'\nblocked=true\n")
    return {"r.conf": conf.encode(), "n.conf": (conf + blocked).encode()}


# --- Policy inside other documents
_HOMES = (CHECK, EXPLAIN, BUILD)
_CM = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm%s, namespace: n}\ndata:\n"
_INNER = "".join(f"    {line}\n" for line in (HEAD + RULE).splitlines())


@shape(*_HOMES)
def homes_config_map_keys(s: int) -> Files:
    return m(_CM % "" + fill(s, lambda n: f"  k{n}.yaml: |\n{_INNER}"))


@shape(*_HOMES)
def homes_config_maps(s: int) -> Files:
    named = "apiVersion: agent-install.openshift.io/v1beta1\nkind: InfraEnv\nmetadata: {name: e}\nspec:\n"
    refers = named + "  mirrorRegistryRef: {name: cm, namespace: n}\n---\n"
    conf = "  registries.conf: |\n    [[registry]]\n    location = 'q.io'\n"
    return m(fill(s // 2, lambda n: refers) + fill(s // 2, lambda n: _CM % "" + conf + "---\n"))


@shape(*_HOMES)
def homes_node_pool_separators(s: int) -> Files:
    return m(_CM % "" + f"  config: |\n{_INNER}" + fill(s, lambda n: "    ---\n    # config.openshift.io\n"))


@shape(*_HOMES)
def homes_one_line(s: int) -> Files:
    return m(json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.yaml": HEAD + fill(s, lambda n: RULE)}}))


@shape(*_HOMES)
def homes_escapes(s: int) -> Files:
    text = "".join(f"\\u{ord(c):04x}" for c in HEAD + RULE)
    return m(
        '{"apiVersion": "v1", "kind": "ConfigMap", "data": {' + fill(s, lambda n: f'"k{n}.yaml": "{text}", ') + "}}"
    )


@shape(*_HOMES)
def homes_template_parameters(s: int) -> Files:
    head = "apiVersion: v1\nkind: Template\nparameters: [{name: A, value: '" + "a" * 300 + "'}]\nobjects:\n"
    body = "".join(f"    {line}\n" for line in HEAD.splitlines())
    return m(
        head + "  -\n" + body + fill(s, lambda n: f"      - source: q.io/{n}\n        mirrors: ['${{A}}${{A}}']\n")
    )


@shape(*_HOMES)
def homes_template_aliases(s: int) -> Files:
    head = "apiVersion: v1\nkind: Template\nparameters: [{name: A, value: b}]\nobjects:\n  - x: &a0 ['${A}']\n"
    links = fill(s, lambda n: f"    k{n}: &a{n + 1} [*a{n}, *a{n}]\n")
    return m(head + links)


@shape(*_HOMES)
def homes_works(s: int) -> Files:
    work = "apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: w, namespace: n%d}\n"
    body = "spec: {workload: {manifests: [{apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: "
    rules = "{name: a}, spec: {imageDigestMirrors: [{source: q.io/a, mirrors: [m.io/a]}]}}]}}\n---\n"
    return m(fill(s, lambda n: work % (n % 20) + body + rules))


def _machine_config(name: str, path: str, text: str, role: str = "worker") -> str:
    data = base64.b64encode(text.encode()).decode()
    files = json.dumps([{"path": path, "contents": {"source": f"data:;base64,{data}"}}])
    return (
        "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata: {name: "
        f"{name}, labels: {{machineconfiguration.openshift.io/role: {role}}}}}\n"
        f"spec: {{config: {{ignition: {{version: 3.2.0}}, storage: {{files: {files}}}}}}}\n---\n"
    )


@shape(*_HOMES)
def homes_machine_configs(s: int) -> Files:
    conf = "/etc/containers/registries.conf"
    made = fill(s, lambda n: _machine_config(f"99-x{n}", conf, "[[registry]]\nlocation='q.io'\n", f"p{n}"))
    return m(HEAD + RULE + "---\n" + made)


@shape(*_HOMES)
def homes_drop_in_entries(s: int) -> Files:
    tables = fill(s // 3, lambda n: f"[[registry]]\nlocation = 'q.io/a{n}/b/c/d'\n")
    rules = fill(s // 3, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n")
    return m(_machine_config("99-x", "/etc/containers/registries.conf.d/9.conf", tables) + HEAD + rules)


@shape(("check", "edge.ks"))
def homes_heredocs(s: int) -> Files:
    return {"edge.ks": fill(s, lambda n: f"cat > /etc/containers/registries.conf <<E{n}\n").encode()}


@shape(("check", "edge.sh"))
def homes_printed(s: int) -> Files:
    return {"edge.sh": b"#!/bin/sh\n" + fill(s, lambda n: f'echo "imageTagMirrors: [a{n}]" >> f{n % 99}\n').encode()}


@shape(("check", "edge.sh"))
def homes_printed_tables(s: int) -> Files:
    table = """echo '[[registry]] location="q.io/a%d"' >> /etc/containers/f%d.conf\n"""
    return {"edge.sh": b"#!/bin/sh\n" + fill(s, lambda n: table % (n, n % 99)).encode()}


@shape(("check", "notes.txt"), ("explain", "q.io/a7/b", "--repo", "notes.txt"))
def homes_pasted(s: int) -> Files:
    part = "imageContentSources:\n- source: q.io/a%d\n  mirrors: [m.io/a]\nend\n"
    return {"notes.txt": fill(s, lambda n: part % n).encode()}


@shape(("check", "edge.sh"), ("explain", "q.io/a7/b", "--repo", "edge.sh"))
def homes_in_quotes(s: int) -> Files:
    part = r"""x '"{\"imageContentSources\":[{\"source\":\"q.io/a%d\",\"mirrors\":[\"m.io/a\"]}]}"' """ + "\n"
    return {"edge.sh": b"#!/bin/sh\n" + fill(s, lambda n: part % n).encode()}


@shape(("check", "edge.sh"))
def homes_changed_later(s: int) -> Files:
    """A file that is written once and changed by very many commands, and many files that are."""
    body = "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: a}\nspec: {imageTagMirrors: []}\n"
    one = f"cat > f.yaml <<E\n{body}E\n"
    many = fill(s // 2, lambda n: f"cat > f.yaml <<E{n}\n{body}E{n}\n")
    changes = fill(s // 2, lambda n: f"yq -i '.a{n} = \"b\"' f.yaml >> g{n}.yaml; ")
    return {"edge.sh": f"#!/bin/sh\n{one}{many}{changes}\n".encode()}


@shape(("check", "edge.ps1"))
def homes_here_strings(s: int) -> Files:
    body = "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: a}\nspec: {imageTagMirrors: []}\n"
    made = fill(s, lambda n: f"$a = @'\n{body}'@\nSet-Content f{n}.yaml $a; $a += $b\n")
    return {"edge.ps1": made.encode()}


@shape(("check", "edge.ps1"))
def homes_here_strings_open(s: int) -> Files:
    head = "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {}\n"
    made = fill(s, lambda n: f'$a{n}{" " * 99}= @"\n{head if n % 9 == 0 else ""}`n\n"@\n')
    return {"edge.ps1": made.encode()}


@shape(("check", "icsp.yaml"), ("explain", "q.io/a7/b", "--repo", "icsp.yaml"), ("build", "icsp.yaml", "-o", "out"))
def homes_source_list(s: int) -> Files:
    return {"icsp.yaml": fill(s, lambda n: f"- source: q.io/a{n}\n  mirrors: [m.io/a]\n").encode()}


@shape(("check", "vars.yaml"), ("check", "."))
def homes_source_lists_of_vars(s: int) -> Files:
    """Lists of sources under any key, and what only begins as one."""
    begun = fill(s // 2, lambda n: f"- mirrors:\n  - /a{n}\n")
    return {"vars.yaml": f"a:\n{begun}b:\n{fill(s // 2, lambda n: f'- source: /a{n}')}".encode()}


@shape(("check", "edge.sh"))
def homes_patches(s: int) -> Files:
    patch = """oc patch image.config/cluster -p '{"spec":{"registrySources":{"allowedRegistries":["q.io/a%d"]}}}'\n"""
    return {"edge.sh": b"#!/bin/sh\n" + fill(s, lambda n: patch % n).encode()}


@shape(*_HOMES)
def homes_json_stream(s: int) -> Files:
    return m(fill(s, lambda n: '{"apiVersion": "v1", "kind": "x", "a": "registrySources"}'))


# --- Baselines
BASELINE = ("check", "--baseline", "b.json", "m.yaml")


@shape(BASELINE)
def baseline_entries(s: int) -> Files:
    entry = '{"rule": "a", "path": "m.yaml", "message": "m", "fingerprint": "%d"}'
    entries = fill(s, lambda n: ("," if n else "") + entry % n)
    return {"b.json": ('{"version": 1, "findings": [' + entries + "]}").encode(), **m(HEAD + RULE)}


@shape(BASELINE)
def baseline_lists(s: int) -> Files:
    return {"b.json": ('{"version": 1, "findings": ' + "[" * s).encode(), **m(HEAD + RULE)}


@shape(("check", "--write-baseline", "b.json", "m.yaml"))
def baseline_of_one_line(s: int) -> Files:
    return m(HEAD + "  - {source: quay.io/a, mirrors: [m.example/a], " + fill(s, lambda n: f"f{n}: 1, ") + "}\n")


# --- Several pools, playbooks
@shape(MC, MDIFF, product=True)
def ign_pools_of_many_files(s: int) -> Files:
    """Each pool has the files of `worker` too."""
    files = [{"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": url(CONF)} for n in range(s // 250)]
    pools = [_machine_config(f"50-p{n}", "/a", "b", f"p{n}") for n in range(min(900, s // 600))]
    text = f"{mc(files, '50-worker')}\n---\n{''.join(pools)}"
    return {"m.yaml": text.encode(), "n.yaml": f"---\n{text}".encode()}


@shape(MC, MDIFF)
def ign_rendered_beside_another(s: int) -> Files:
    made = fill(s, lambda n: _machine_config(f"rendered-worker-{n:032x}", "/a", "b")) + _machine_config(
        "50-x", "/a", "b"
    )
    return {"m.yaml": made.encode(), "n.yaml": f"---\n{made}".encode()}


@shape(TOML, TDIFF)
def toml_open_string_of_dots(s: int) -> Files:
    return t('a = "' + '.\\"' * (s // 3))


@shape(("check", "."), ("images", "."))
def playbook_lines(s: int) -> Files:
    task = "  - lineinfile: {path: /etc/containers/registries.conf, line: 'location = \"q.io/a%d\"'}\n"
    return m("- hosts: all\n  tasks:\n" + fill(s, lambda n: task % n))


@shape(("check", "."), ("images", "."))
def template_of_documents(s: int) -> Files:
    document = "---\n" + HEAD.replace("name: a", "name: a%d") + "  - {source: q.io/a%d, mirrors: ['{{ m }}']}\n"
    return {"m.tpl": fill(s, lambda n: document % (n, n)).encode()}
