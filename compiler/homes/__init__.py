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
from typing import TYPE_CHECKING

from compiler.findings import allowances, rules
from compiler.manifests.branches import Masked
from compiler.manifests.embedded import Home, Pointer
from compiler.manifests.forms import SCRIPTS, is_script_file
from compiler.manifests.kinds import ImageConfig, Manifest, MirrorSet
from compiler.manifests.load import Homes
from compiler.manifests.marks import may_have_tokens
from compiler.manifests.parsing import Parsed, unknown_values, with_variants
from compiler.manifests.policy_places import without
from compiler.names.releases import Release
from compiler.text.opaque import harmless, has_lookalikes
from compiler.text.span import File, Span
from compiler.text.tree import move

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from compiler.homes.readers import Reader
    from compiler.homes.source import Source
    from compiler.manifests.branches import Branch
    from compiler.text.tree import Node

POINTING = (
    b"hypershift.openshift.io",
    b"mirrorRegistryRef",
    b"anifestsConfigMapRef",
    b"extraManifestsRefs",
    b"PolicyGenerator",
)
"""Words of documents that may name others, and may contain no policy themselves."""


def with_homes(parsed: Parsed, release: Release, unread: "Sequence[Node]" = ()) -> Parsed:
    """A file with what its homes contain; their places are no longer unread.

    `unread` is the tree that the file was parsed to, if it is at hand and nothing else has places in it: it changes.
    """
    from compiler.homes.readers import READERS

    text = parsed.file.text
    if has_lookalikes(text):
        text = harmless(text)
    asked = [reader for reader in READERS if reader.may_read(parsed.file.path, text)]
    if not asked and not parsed.places:
        return parsed
    template = _masked(parsed.file.path, text)
    first = _with_homes(parsed, template, asked, release, unread if template.text == text else ())
    if not template.others:
        return first
    variants = parsed.variants or (Parsed(file=parsed.file),) * len(template.others)
    places = parsed.places
    others = [
        _with_homes(each._replace(places=places), other, asked, release)
        for each, other in zip(variants, template.others, strict=True)
    ]
    return with_variants(first._replace(variants=()), others)


def _masked(path: str, text: str) -> "Masked":
    is_script = is_script_file(path, text[:2].encode())
    if not is_script and not may_have_tokens(text):
        return Masked(text)
    from compiler.manifests.tokens import masked

    return masked(text, is_script=is_script)


def _with_homes(
    parsed: Parsed, template: "Masked", asked: "list[Reader]", release: Release, unread: "Sequence[Node]" = ()
) -> Parsed:
    """The same for one reading of a file."""
    from compiler.homes.source import Source

    # What is read in homes is not edited: positions in texts inside texts are not those of an editor.
    file = File(parsed.file.path, template.text, editable=False)
    for root in unread:
        move(root, file)
    source = Source(file, release, parsed.file.text, template.blanks, tuple(unread))
    found = list(_found(source, asked))
    homes = [each for each in found if isinstance(each, Home)]
    pointers = [each for each in found if isinstance(each, Pointer)]
    patches = [patch.span for pointer in pointers for patch in pointer.patches]
    left = without(parsed.places, [*patches, *(span for home in homes for span in home.read)])
    if left:
        from compiler.homes.rest import read_rest

        homes += read_rest(source, left, lambda part: (each for each in _found(part, asked) if isinstance(each, Home)))
    if not homes and not pointers:
        return parsed
    homes = [_with_unknown(home, template.branches) for home in homes]
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
        diagnostics=kept,
        homes=tuple(homes),
        pointers=tuple(pointers),
        home_allowances=noted,
        branches=template.branches,
    )


def _found(source: "Source", readers: "Iterable[Reader]") -> "Iterator[Home | Pointer]":
    for reader in readers:
        yield from reader.read(source)


def _with_unknown(home: Home, branches: "tuple[Branch, ...]") -> Home:
    """A home with what is not known of its objects before they are rendered."""
    is_script = home.form in SCRIPTS or is_script_file(home.span.file.path, b"") or bool(home.changed)
    if is_script:
        home = home._replace(manifests=tuple(_opened(each, is_changed=bool(home.changed)) for each in home.manifests))
    if home.changed:
        home = home._replace(said=(*home.said, "a command of the script may change it later"))
    unknown = tuple(unknown_values(home.manifests, branches, changed=home.changed, is_script=is_script))
    return home._replace(diagnostics=(*home.diagnostics, *unknown)) if unknown else home


def _opened(manifest: Manifest, *, is_changed: bool) -> Manifest:
    """An object that a script writes, which may have more rules than are written: if it has none, it surely has."""
    if isinstance(manifest, ImageConfig) and is_changed:
        return replace(manifest, is_open=True)
    if isinstance(manifest, MirrorSet) and (is_changed or not manifest.rules):
        return replace(manifest, is_open=True)
    return manifest


HOMES = Homes(POINTING, with_homes)
"""What those who load files are given, so that they see the homes in them."""
