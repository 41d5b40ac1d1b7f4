"""The recordings of the real upstream code, by name."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

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
