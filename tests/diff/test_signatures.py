"""Which signatures pulls need after a change: scopes that apply, not scopes that are written."""

import json
from base64 import b64encode
from pathlib import Path
from textwrap import dedent

import pytest

from compiler.diff.signatures import SignatureChange, signature_changes
from compiler.node.policy_json import read_policy_json
from compiler.node.requirements import RequirementPolicy
from compiler.text.span import File
from tests.command import run_mirrorc
from tests.conformance import Json, as_object
from tests.manifest_texts import mirror_set
from tests.node_files import policy, signed
from tests.sides import change, effects

ACCEPT: dict[str, Json] = {"type": "insecureAcceptAnything"}
OTHER = signed(type="matchRepository")


def node(**scopes: Json) -> RequirementPolicy:
    return read_policy_json(File("policy.json", policy(**scopes)))


Scopes = dict[str, Json]


def changes(
    old: Scopes, new: Scopes, old_in_team: Scopes | None = None, new_in_team: Scopes | None = None
) -> list[SignatureChange]:
    """What changes between two policy.json files, and two of the namespace `team` where there are any."""
    sides = []
    for everywhere, in_team in ((old, old_in_team), (new, new_in_team)):
        policies = {"": node(**everywhere)}
        if in_team is not None:
            policies["team"] = node(**in_team)
        sides.append(policies)
    return signature_changes(*sides)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({}, {"a.io": [signed()]}, [("a.io", "signature-required")]),
        ({"a.io": [signed()]}, {}, [("a.io", "signature-no-longer-required")]),
        ({"a.io": [signed()]}, {"a.io": [OTHER]}, [("a.io", "signature-changed")]),
        (
            {"a.io": [signed()]},
            {"a.io": [signed(), OTHER]},
            [("a.io", "signature-changed")],
        ),
        ({"a.io": [signed()]}, {"a.io": [ACCEPT, signed()]}, []),
        ({"a.io": [signed()]}, {"a.io": [signed()], "a.io/x": [signed()]}, []),
        (
            {"a.io": [signed()]},
            {"a.io": [signed()], "a.io/x:1": [ACCEPT]},
            [("a.io/x:1", "signature-no-longer-required")],
        ),
        (
            {"a.io": [signed()], "a.io/x": [OTHER]},
            {"a.io": [signed()]},
            [("a.io/x", "signature-changed")],
        ),
        ({"*.a.io": [signed()]}, {"*.a.io": [signed()], "b.a.io:5000": [signed()]}, []),
        ({"": [signed()]}, {}, [("", "signature-no-longer-required")]),
        ({"a.io": [{"type": "reject"}]}, {"a.io": [ACCEPT]}, []),
    ],
)
def test_what_changes_for_every_namespace(old: Scopes, new: Scopes, found: list[tuple[str, str]]) -> None:
    assert [(change.scope, change.effect) for change in changes(old, new)] == found
    assert changes(old, old) == changes(new, new) == []


def test_two_policies_on_one_scope_may_change_places() -> None:
    """Their order is not fixed on a cluster."""
    assert changes({"a.io": [signed(), OTHER]}, {"a.io": [OTHER, signed()]}) == []


def test_a_namespace_is_named_where_it_differs() -> None:
    (change,) = changes({}, {}, None, {"a.io": [signed()]})
    assert (change.scope, change.namespace) == ("a.io", "team")
    assert change.message == "need a sigstore signature in the namespace team"
    assert [str(span) for span in change.new_spans] == ["policy.json:10:9"]


def test_what_changes_for_all_is_said_once() -> None:
    """The policy.json of a namespace contains that of the node, so the same changes there."""
    (change,) = changes({}, {"a.io": [signed()]}, {"b.io": [signed()]}, {"a.io": [signed()], "b.io": [signed()]})
    assert (change.scope, change.namespace) == ("a.io", "")


def test_a_default_that_requires_signatures_concerns_everything_else() -> None:
    new = read_policy_json(File("policy.json", '{"default": [{"type": "sigstoreSigned", "keyData": "S0VZ"}]}'))
    (change,) = signature_changes({"": node()}, {"": new})
    assert (change.scope, change.message) == ("", "need a sigstore signature")


# --- In a comparison -------------------------------------------------------------

KEYS = [b64encode(f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n".encode()).decode() for key in "ab"]


def cluster_policy(*scopes: str, key: str = KEYS[0]) -> str:
    return dedent(f"""\
        apiVersion: config.openshift.io/v1
        kind: ClusterImagePolicy
        metadata: {{name: signed}}
        spec:
          scopes: {json.dumps(scopes)}
          policy: {{rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {key}}}}}}}
        ---
        """)


IN_TEAM = (
    cluster_policy("b.io/x")
    .replace("ClusterImagePolicy", "ImagePolicy")
    .replace("{name: signed}", "{name: more, namespace: team}")
)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            "",
            cluster_policy("a.io/x"),
            ("a.io/x", "all", "signature-required", "need a sigstore signature (ClusterImagePolicy signed)"),
        ),
        (
            cluster_policy("a.io/x", "a.io/y"),
            cluster_policy("a.io/y"),
            (
                "a.io/x",
                "all",
                "signature-no-longer-required",
                "no longer need a sigstore signature (ClusterImagePolicy signed)",
            ),
        ),
        (
            cluster_policy("a.io/x"),
            cluster_policy("a.io/x", key=KEYS[1]),
            ("a.io/x", "all", "signature-changed", "need another sigstore signature (ClusterImagePolicy signed)"),
        ),
        (
            "",
            IN_TEAM,
            (
                "b.io/x",
                "all",
                "signature-required",
                "need a sigstore signature (ImagePolicy team/more) in the namespace team",
            ),
        ),
    ],
)
def test_pulls_of_a_change_say_which_signatures_they_need(old: str, new: str, found: tuple[str, ...]) -> None:
    comparison = change(old, new)
    assert effects(comparison) == [found]
    ((effect,),) = [each.effects for each in comparison.changes]
    places = [str(span) for span in (*effect.old_spans, *effect.new_spans)]
    assert places
    assert all(place.startswith("a.yaml:5:") for place in places)


def test_the_effects_of_a_scope_come_together() -> None:
    mirrors = mirror_set("a", {"a.io/x": ["m.io/x"]})
    found = effects(change(mirrors, f"{cluster_policy('a.io/x')}{mirrors.replace('m.io', 'n.io')}"))
    assert {scope for scope, *_ in found} == {"a.io/x"}
    assert found[-1][2] == "signature-required"


def test_files_that_cannot_speak_of_signatures_are_not_compared_by_them(tmp_path: Path) -> None:
    """A registries.conf alone says nothing of policy.json."""
    (tmp_path / "repo.yaml").write_text(cluster_policy("a.io/x") + mirror_set("a", {"a.io/x": ["m.io/x"]}))
    built = run_mirrorc("build", "repo.yaml", "-o", "out", cwd=tmp_path)
    assert built.code == 0, built.stderr
    for made in ("out/registries.conf", "out/machine-configs/99-worker-generated-registries.yaml", "out"):
        done = run_mirrorc("diff", made, "repo.yaml", "--format=json", cwd=tmp_path)
        assert done.code == 0, done.stderr
        report = as_object(json.loads(done.stdout))
        assert "signature-" not in json.dumps(report["changes"]), made
