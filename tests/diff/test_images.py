"""Which images a change serves from elsewhere, or no longer at all."""

import json

import pytest

from compiler.diff.disruption import NodeFiles
from compiler.diff.images import ImageShift, Shift, image_shifts
from compiler.diff.sides import NodeState
from compiler.images.references import ImageReference
from compiler.node.admission import Admission
from compiler.node.configuration import read_policy
from compiler.node.files import POLICY_JSON
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.text.span import File, Span

DIGEST = "sha256:" + "0" * 64
FILE = File("list.txt", "x\n" * 9)


def images(*pull_specs: str) -> list[ImageReference]:
    return [ImageReference(text=text, span=Span(FILE, 2 * at, 2 * at + 1)) for at, text in enumerate(pull_specs)]


def node(*entries: RegistryEntry, search: tuple[str, ...] = (), policy: object = None) -> NodeState:
    conf = RegistriesConf(search=search, entries=entries)
    files = {} if policy is None else {POLICY_JSON: json.dumps(policy).encode()}
    required = read_policy(files, {POLICY_JSON: "policy.json"})
    admission = Admission.of_requirements(required) if required else Admission({}, {})
    return NodeState(files=NodeFiles(registries=conf, files=files), admission=admission, pulls=conf)


def entry(location: str, *mirrors: str, blocked: bool = False, pull: str = DIGEST_ONLY) -> RegistryEntry:
    endpoints = tuple(Endpoint(location=mirror, pull_from_mirror=pull) for mirror in mirrors)
    return RegistryEntry(location=location, mirrors=endpoints, blocked=blocked)


def only(old: NodeState, new: NodeState, pull_spec: str) -> ImageShift:
    (shift,) = image_shifts(old, new, images(pull_spec))
    return shift


@pytest.mark.parametrize(
    ("old", "new", "shift", "message"),
    [
        (
            node(),
            node(entry("a.io", "m.io")),
            "served-from-elsewhere",
            f"`m.io/x@{DIGEST}` is tried first; before, `a.io/",
        ),
        (node(), node(entry("a.io", blocked=True)), "no-longer-pulled", "can no longer be pulled; before, `a.io/x@sha"),
        (
            node(entry("a.io", blocked=True)),
            node(),
            "can-be-pulled-again",
            f"can be pulled again: `a.io/x@{DIGEST}` is tried first",
        ),
        (
            node(entry("a.io", "m.io")),
            node(entry("a.io", "m.io", blocked=True)),
            "other-fallbacks",
            f"`m.io/x@{DIGEST}` is still tried first, and after it nothing",
        ),
        (
            node(entry("a.io", "m.io")),
            node(entry("a.io", "m.io", "n.io")),
            "other-fallbacks",
            f"`m.io/x@{DIGEST}` is still tried first, and after it `n.io/x@{DIGEST}`, then `a.io/x@{DIGEST}`",
        ),
    ],
)
def test_what_becomes_of_an_image(old: NodeState, new: NodeState, shift: str, message: str) -> None:
    found = only(old, new, f"a.io/x@{DIGEST}")
    assert found.shift == shift
    assert found.message.startswith(message)


def test_images_that_are_served_as_before_are_left_out() -> None:
    tags = node(entry("a.io", "t.io", pull=TAG_ONLY))
    assert image_shifts(node(), tags, images(f"a.io/x@{DIGEST}", "b.io/x:1", "NO image")) == ()
    assert only(node(), tags, "a.io/x:1").after == ("t.io/x:1", "a.io/x:1")


def test_the_worst_comes_first_then_the_name_and_every_place_is_told() -> None:
    new = node(entry("a.io", blocked=True), entry("b.io", "m.io", pull=""))
    found = image_shifts(node(), new, images("b.io/z:1", "b.io/y:1", "a.io/x:1", "b.io/y:1"))
    assert [(shift.pull_spec, len(shift.uses)) for shift in found] == [
        ("a.io/x:1", 1),
        ("b.io/y:1", 2),
        ("b.io/z:1", 1),
    ]
    assert [use.span.begin.line for use in found[1].uses] == [2, 4]


def test_short_names_go_through_the_search_list() -> None:
    found = only(node(search=("a.io",)), node(search=("b.io", "a.io")), "x:1")
    assert (found.before, found.after) == (("a.io/x:1",), ("b.io/x:1", "a.io/x:1"))


def test_what_the_policy_refuses_is_lost_however_it_is_named() -> None:
    reject, accept = [{"type": "reject"}], [{"type": "insecureAcceptAnything"}]
    old = node(entry("a.io", "m.io"))
    blocked = {"default": accept, "transports": {"docker": {"a.io": reject}}}
    assert only(old, node(entry("a.io", "m.io"), policy=blocked), f"a.io/x@{DIGEST}").shift is Shift.LOST
    one = {"default": accept, "transports": {"docker": {"a.io/x:1": reject, f"a.io/y@{DIGEST}": reject}}}
    lost = image_shifts(
        old, node(entry("a.io", "m.io"), policy=one), images("a.io/x:1", "a.io/x:2", f"a.io/y@{DIGEST}")
    )
    assert [shift.pull_spec for shift in lost] == ["a.io/x:1", f"a.io/y@{DIGEST}"]
    latest = {"default": accept, "transports": {"docker": {"a.io/x:latest": reject}}}
    assert only(old, node(entry("a.io", "m.io"), policy=latest), "a.io/x").shift is Shift.LOST


def test_a_node_that_loads_nothing_pulls_nothing() -> None:
    broken = node(entry("http://a.io"))
    assert only(node(), broken, "a.io/x:1").shift is Shift.LOST
    assert only(broken, node(), "a.io/x:1").shift is Shift.FOUND
