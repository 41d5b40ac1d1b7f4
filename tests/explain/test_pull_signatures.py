"""What signatures many pulls need, held to the explanation of each."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from compiler.explain.explanation import Explainer
from compiler.explain.pull_signatures import PullSigner
from compiler.node.configuration import overlay, read_node_conf
from compiler.node.policy_json import read_policy_json
from compiler.node.registries_d import read_registries_d
from compiler.node.signatures import SignaturePolicy
from compiler.text.span import File
from tests.node_files import lookup, policy, signed

NAMES = ("a.io", "a.io/b", "a.io/b/c", "b.io:5000/b", "*.a.io", "x.a.io/b", "docker.io", "m.io/b", "m.io")
PLACES = (*NAMES, "flat", "m.io/b/c:1")
IMAGES = (
    "a.io/b",
    "a.io/b/c/d",
    "b.io:5000/b",
    "x.a.io/b/c",
    "x.a.io/b",
    "m.io/b/c",
    "b",
    "z.io/b",
    "a.io",
    "A.io/B",
    "a.io/z",
)
FORMS = ("", ":1", "@sha256:" + "ab" * 32, "@sha256:" + "cd" * 32, ":1@sha256:" + "ab" * 32, "@sha256:AB", "@sha256:ab")
some = st.sampled_from


@given(
    st.dictionaries(some(NAMES), st.lists(some(PLACES), max_size=2, unique=True), max_size=4),
    st.sets(some(NAMES), max_size=2),
    st.dictionaries(
        some((*NAMES[:4], *NAMES[4:], "a.io/b:1", "a.io/b@sha256:" + "ab" * 32)), st.booleans(), max_size=3
    ),
    st.lists(some((*NAMES, "m.io/b/c:1")), max_size=3, unique=True),
    st.lists(some(((), ("docker.io",), ("a.io", "flat", "m.io"))), min_size=1, max_size=1),
    st.lists(st.tuples(some(IMAGES), some(FORMS)), min_size=1, max_size=8),
)
@example({"a.io": ["m.io"]}, set(), {}, ["m.io/b"], [()], [("a.io/z", FORMS[2]), ("a.io/b", FORMS[2])])
@example({"a.io": ["m.io"]}, set(), {"a.io/b": True}, [], [()], [("a.io/z", FORMS[2]), ("a.io/b", FORMS[2])])
@example({"a.io": ["m.io"]}, {"m.io/b"}, {}, ["m.io"], [()], [("a.io/z", ":1"), ("a.io/b", ":1")])
@example({"a.io/b": ["flat"]}, set(), {}, ["flat"], [()], [("a.io/b/c", ":1"), ("a.io/b", ":1")])
def test_what_many_pulls_need_is_what_each_is_explained_by(
    sources: dict[str, list[str]],
    blocked: set[str],
    scopes: dict[str, bool],
    keys: list[str],
    searches: list[tuple[str, ...]],
    images: list[tuple[str, str]],
) -> None:
    """All pulls through an entry share what they have in common, and nothing else."""
    (search,) = searches
    written = f"unqualified-search-registries = {json.dumps(search)}\n"
    for source in sorted(sources.keys() | blocked):
        prefix = f'prefix = "{source}"\n' if source.startswith("*") else f'location = "{source}"\n'
        written += f"[[registry]]\n{prefix}" + ("blocked = true\n" if source in blocked else "")
        written += "".join(f'[[registry.mirror]]\nlocation = "{mirror}"\n' for mirror in sources.get(source, ()))
    conf = overlay(read_node_conf("r.conf", written.encode()).registries)
    required = {scope: [signed() if sign else {"type": "reject"}] for scope, sign in scopes.items()}
    requirements = read_policy_json(File("policy.json", policy(**required)))
    places = read_registries_d([File("d.yaml", lookup(*(f'"{key}"' for key in keys)))]) if keys else None
    explainer = Explainer(conf, signatures=SignaturePolicy(requirements=requirements, lookup=places))
    signer = PullSigner(explainer)
    for image in (name + form for name, form in (*images, *images)):
        told, explained = signer.of(image), explainer.explain(image)
        for said, meant in zip((told, *told.candidates), (explained, *explained.candidates), strict=True):
            assert (said.identity, said.needed.scope) == (meant.signatures.identity, meant.signatures.scope), image
            assert said.needed.requirements == meant.signatures.requirements, image
            assert list(said.attempts) == [
                (step.attempt.endpoint.location, bool(step.signatures_looked_for)) for step in meant.steps
            ], image
