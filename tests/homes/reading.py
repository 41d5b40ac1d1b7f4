"""What is read of a text in which there may be homes."""

from textwrap import dedent

from compiler.homes import HOMES
from compiler.manifests.embedded import Home
from compiler.manifests.kinds import ImageConfig, MirrorSet
from compiler.manifests.load import outcome_of
from compiler.manifests.parsing import Parsed
from compiler.names.releases import RELEASES
from compiler.text.opaque import revealed

RELEASE = RELEASES["4.20"]


def parsed_of(text: str, path: str = "file.yaml") -> Parsed:
    found = outcome_of(path, dedent(text).encode(), RELEASE, HOMES)
    assert isinstance(found, Parsed), found
    return found


def homes_of(text: str, path: str = "file.yaml") -> tuple[Home, ...]:
    return parsed_of(text, path).homes


def objects_of(*homes: Home) -> list[str]:
    """Every object of homes in a line, with its rules or registries."""
    told = []
    for home in homes:
        for each in home.manifests:
            if isinstance(each, MirrorSet):
                rules = [f"{rule.source.value} -> {' '.join(m.value for m in rule.mirrors)}" for rule in each.rules]
                told.append(f"{each.kind} {each.name.value}: {'; '.join(rules)}")
            elif isinstance(each, ImageConfig):
                lists = {name: [scope.value for scope in found] for name, found in each.lists.items() if found}
                told.append(f"Image {each.name.value}: {lists}")
            else:
                told.append(each.kind)
    return told


def rules_of(*homes: Home) -> list[str]:
    """The findings of homes: line and rule."""
    return [f"{each.line} {each.rule}" for home in homes for each in home.diagnostics]


def written(home: Home) -> list[str]:
    """What the original file has at the places of the sources and mirrors of a home."""
    return [
        revealed(value.span.text).strip("'\"")
        for each in home.manifests
        if isinstance(each, MirrorSet)
        for rule in each.rules
        for value in (rule.source, *rule.mirrors)
    ]
