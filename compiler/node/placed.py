"""Files of a node that are written inside other documents, with every place in the document around them.

In: the text of a file of a node with the way to where it is written. Out: what the file says, at these places.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from compiler.manifests.embedded import NodeText
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.node.policy_json import read_policy_json
from compiler.node.registries_conf import ConfFileError, read_registries_conf
from compiler.node.registries_d import LookupSetting, SignatureLookup, read_registries_d
from compiler.node.requirements import RequirementPolicy, ScopeRequirements
from compiler.text.span import File, Span

_Read = TypeVar("_Read")


def read_placed(text: NodeText) -> RegistriesConf:
    """What a registries.conf says that is written in another document.

    Raises:
        ConfFileError: No node loads it; the place is that in the document.
    """
    try:
        conf = read_registries_conf(text.text, path=text.span.path).conf
    except ConfFileError as error:
        span = placed(error.span, text) if error.span is not None else text.span
        raise ConfFileError(error.message, span=span) from error
    if _is_whole(text):
        return conf
    return replace(conf, entries=tuple(_moved(entry, text) for entry in conf.entries))


def read_placed_policy(text: NodeText) -> RequirementPolicy:
    """What a policy.json requires that is written in another document.

    Raises:
        ConfFileError: No node loads it; the place is that in the document.
    """
    policy = _read_at(text, read_policy_json)
    if _is_whole(text):
        return policy

    def moved(required: ScopeRequirements) -> ScopeRequirements:
        return ScopeRequirements(
            requirements=tuple(
                replace(each, origins=tuple(placed(span, text) for span in each.origins))
                for each in required.requirements
            ),
            spans=tuple(placed(span, text) for span in required.spans),
        )

    return RequirementPolicy(
        default=moved(policy.default), scopes={scope: moved(each) for scope, each in policy.scopes.items()}
    )


def read_placed_lookups(texts: Iterable[NodeText]) -> SignatureLookup:
    """What files of registries.d say together; a key that several have counts by the last of them.

    Raises:
        ConfFileError: No node loads one of them; the place is that in the document.
    """
    docker: dict[str, LookupSetting] = {}
    default = None
    for text in texts:
        found = _read_at(text, lambda file: read_registries_d([file]))
        docker.update(found.docker)
        default = found.default or default
    return SignatureLookup(docker=docker, default=default)


def _read_at(text: NodeText, reading: Callable[[File], _Read]) -> _Read:
    try:
        return reading(File(text.span.path, text.text, editable=False))
    except ConfFileError as error:
        span = placed(error.span, text) if error.span is not None else text.span
        raise ConfFileError(error.message, span=span) from error


def _is_whole(text: NodeText) -> bool:
    """Whether the places in a text are those of its file."""
    return text.inner is None and text.text == text.span.file.text


def placed(span: Span, text: NodeText) -> Span:
    """Where a part of the text is written."""
    if text.inner is None and text.text != text.span.text:
        return text.span
    if text.inner is None:
        offset = text.span.start
        return Span(text.span.file, offset + span.start, offset + span.end)
    return text.inner.span(span.start, span.end)


def _moved(entry: RegistryEntry, text: NodeText) -> RegistryEntry:
    return replace(
        entry,
        mirrors=tuple(
            mirror._replace(origins=tuple(placed(span, text) for span in mirror.origins)) for mirror in entry.mirrors
        ),
        provenance=tuple(origin._replace(span=placed(origin.span, text)) for origin in entry.provenance),
    )
