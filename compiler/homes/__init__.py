"""Policy inside other documents.

A *home* is a document that contains mirror policy without being a mirror object: an ACM policy, a SyncSet, an
install-config, a ConfigMap with a registries.conf. Its *form* is one of `manifests.forms.FORMS`. What is read of one is
a `Home`: the objects in it, each value at its place in the original file, and the *target*, the cluster or the group of
clusters to which they are applied. The objects of a home without a target are for the cluster that the file is for.
A *pointer* is a document that names another one (a NodePool its ConfigMap), and so says whose that is.

To add a home, write a module with a function from a `source.Source` (a file with its objects, parsed once for all
readers) to `Home`s and `Pointer`s, and add a row to `readers.READERS`. `Home.read` has the spans that were read: places
of policy in them are no longer reported as unread. A reader decides by kinds and keys, not by the name of a file, and
leaves alone what it is not sure of. `clusters.homes` decides which clusters the homes of a repo make.
"""

from dataclasses import replace

from compiler.findings import allowances, rules
from compiler.manifests.embedded import Home, Pointer
from compiler.manifests.load import Homes
from compiler.manifests.parsing import Parsed, unknown_values
from compiler.names.releases import Release
from compiler.text.span import File, Span

POINTING = (
    b"hypershift.openshift.io",
    b"mirrorRegistryRef",
    b"anifestsConfigMapRef",
    b"extraManifestsRefs",
    b"PolicyGenerator",
)
"""Words of documents that may name others, and may contain no policy themselves."""

_MARKS = ("{{", "{%", "${", "<%")


def may_point(data: bytes) -> bool:
    """Whether a search for a few words finds any; this is asked of every file."""
    return any(word in data for word in POINTING)


def with_homes(parsed: Parsed, release: Release) -> Parsed:
    """A file with what its homes contain; their places are no longer unread."""
    from compiler.homes.readers import READERS
    from compiler.homes.source import Source

    text = parsed.file.text
    asked = [reader for reader in READERS if any(sign in text for sign in reader.signs)]
    if not asked:
        return parsed
    # What is read in homes is not edited: positions in texts inside texts are not those of an editor.
    source = Source(File(parsed.file.path, text, editable=False), release)
    homes: list[Home] = []
    pointers: list[Pointer] = []
    for reader in asked:
        for found in reader.read(source):
            if isinstance(found, Pointer):
                pointers.append(found)
            elif not _is_templated(found):
                unknown = tuple(unknown_values(found.manifests, ()))
                homes.append(replace(found, diagnostics=(*found.diagnostics, *unknown)) if unknown else found)
    if not homes and not pointers:
        return parsed
    read = [span for home in homes for span in home.read]
    read += (patch.span for pointer in pointers for patch in pointer.patches)
    spans = [Span(parsed.file, span.start, span.end) for span in read]
    read_here = [(span.start, span.end) for span in spans]
    kept = tuple(
        finding
        for finding in parsed.diagnostics
        if finding.rule != rules.TEMPLATE_MANIFEST.name
        or not any(start <= finding.span.start < end for start, end in read_here)
    )
    noted = parsed.allowances or allowances.find(parsed.file, allowances.policy_comments(parsed.file)).allowances
    return parsed.with_read(spans)._replace(
        diagnostics=kept, homes=tuple(homes), pointers=tuple(pointers), home_allowances=noted
    )


def _is_templated(home: Home) -> bool:
    """Whether something in a home could not be read because it is a placeholder."""
    return any(mark in finding.span.text for finding in home.diagnostics for mark in _MARKS)


HOMES = Homes(may_point, with_homes)
"""What those who load files are given, so that they see the homes in them."""
