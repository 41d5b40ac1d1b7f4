"""Files of a node that are written inside other documents, with every place in the document around them.

In: the text of a file of a node with the way to where it is written. Out: what the file says, at these places.
"""

from dataclasses import replace

from compiler.manifests.embedded import NodeText
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.node.registries_conf import ConfFileError, read_registries_conf
from compiler.text.span import Span


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
    if text.inner is None and text.text == text.span.file.text:
        return conf  # its places are those of the file
    return replace(conf, entries=tuple(_moved(entry, text) for entry in conf.entries))


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
