"""The recordings of the real upstream code, by name."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from compiler.findings.diagnostics import Severity
from compiler.manifests.parsing import Parsed, parse
from compiler.names.releases import Release
from compiler.text.span import File

UPSTREAM = Path(__file__).parent.parent / "fixtures" / "upstream"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def recordings(name: str) -> Iterator[dict[str, Json]]:
    """The lines of `fixtures/upstream/<name>.jsonl.gz`."""
    with gzip.open(UPSTREAM / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            value: Json = json.loads(line)
            yield as_object(value)


def as_object(value: Json) -> dict[str, Json]:
    """`value`, which must be an object."""
    assert isinstance(value, dict)
    return value


def as_list(value: Json) -> list[Json]:
    """`value`, which must be a list."""
    assert isinstance(value, list)
    return value


def as_text(value: Json) -> str:
    """`value`, which must be a string."""
    assert isinstance(value, str)
    return value


def objects(holder: Mapping[str, Json], key: str) -> list[dict[str, Json]]:
    """The objects of the list under `key`; none where the key is absent or null."""
    return [as_object(item) for item in as_list(holder.get(key) or [])]


def text(holder: Mapping[str, Json], key: str) -> str:
    """The string under `key`; empty where the key is absent or null."""
    return as_text(holder.get(key) or "")


def texts(holder: Mapping[str, Json], key: str) -> list[str]:
    """The strings of the list under `key`; none where the key is absent or null."""
    return [as_text(item) for item in as_list(holder.get(key) or [])]


LOWERED = dict.fromkeys(("order-conflict", "payload-blocked", "invalid-mirror-reference"), Severity.WARNING)
"""What the cluster does without a word and we refuse: lowered, the same files come out."""


def parsed_input(inputs: Mapping[str, Json], release: Release) -> list[Parsed]:
    """A recorded input, every object in a JSON file `<kind>/<name>.json` of its own."""
    kinds = ("idms", "itms", "icsp", "clusterImagePolicies", "imagePolicies")
    listed = [item for key in kinds for item in objects(inputs, key)]
    if inputs.get("image"):
        listed.append(as_object(inputs["image"]))
    return [parse(File(_file_name(item), json.dumps(item, ensure_ascii=False)), release) for item in listed]


def _file_name(item: Mapping[str, Json]) -> str:
    metadata = as_object(item["metadata"])
    return "/".join(filter(None, (text(item, "kind"), text(metadata, "namespace"), text(metadata, "name")))) + ".json"
