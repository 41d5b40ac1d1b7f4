"""What goes from one process to another comes out as it went in."""

import copyreg
import io
import pickle
from collections.abc import Sequence

import pytest

from compiler.machine.processes import spread
from compiler.manifests.kinds import MirrorSet
from compiler.manifests.packing import PACKING
from compiler.manifests.parsing import Parsed, parse
from compiler.names.releases import RELEASES
from compiler.text.span import File
from tests.manifest_texts import mirror_set


def parsed(kind: str, number: int = 0) -> Parsed:
    never = () if kind == "ImageContentSourcePolicy" else ("quay.io/a",)
    text = mirror_set("a", {"quay.io/a": ["m.io/a", "n.io/a"], "quay.io/b": ["m.io/b"]}, kind=kind, never=never)
    return parse(File(f"{number}.yaml", text), RELEASES["4.22"])


def places(mirror_set: object) -> list[tuple[str, str]]:
    assert isinstance(mirror_set, MirrorSet)
    return [(rule.field, str(rule.span)) for rule in mirror_set.rules]


@pytest.mark.parametrize("kind", ["ImageDigestMirrorSet", "ImageTagMirrorSet", "ImageContentSourcePolicy"])
def test_a_mirror_object_is_packed_and_unpacked(kind: str) -> None:
    (before,) = parsed(kind).manifests
    assert type(before) in PACKING
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream)
    pickler.dispatch_table = {**copyreg.dispatch_table, **PACKING}
    pickler.dump(before)
    after = pickle.loads(stream.getvalue())
    assert isinstance(after, MirrorSet)
    assert (type(after), after.name, [rule[:3] for rule in after.rules]) == (
        type(before),
        before.name,
        [rule[:3] for rule in before.rules] if isinstance(before, MirrorSet) else [],
    )
    assert places(after) == places(before)


def test_manifests_of_other_processes_are_the_same() -> None:
    def read(numbers: Sequence[int]) -> list[Parsed]:
        return [parsed("ImageTagMirrorSet", number) for number in numbers]

    def told(each: Parsed) -> list[list[tuple[str, str]]]:
        return [places(manifest) for manifest in each.manifests]

    numbers = list(range(8))
    assert list(map(told, spread(read, numbers, least=2, packing=PACKING))) == list(map(told, read(numbers)))
