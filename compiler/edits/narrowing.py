"""The part of a repo that a change can have an effect on: what is left of each cluster when all else is left out.

In: what each cluster reads of two states, and the changes between them. Out: the same without the rules of sources
that no change is about. In every state between the two these are the same, and so is what the cluster makes of them:
rules of one source are merged by themselves, and entries get mirrors from sources that they are nested in.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from compiler.diff.sides import Manifests
from compiler.edits.changes import Changes
from compiler.manifests.kinds import ImageConfig, Manifest, MirrorSet, SignaturePolicyObject
from compiler.manifests.parsing import Parsed
from compiler.names.scope import ScopeSet
from compiler.text.span import Located


class Narrowing:
    """Leaves out the rules that are about none of the concerned scopes.

    Args:
        sides: What each cluster reads of the two states.
        changes: What differs between the two states.
        repositories: Those of the clusters' releases, to which the controller gives special treatment.
    """

    def __init__(self, sides: Sequence[Manifests], changes: Changes, repositories: Iterable[str]) -> None:
        concerned = set(repositories)
        concerned |= set(_concerned([parsed for side in sides for parsed in side.parsed], changes))
        self._concerned = ScopeSet(concerned)
        self._changed = frozenset(each.path for each in changes.files)
        sources = [
            rule.source.value
            for side in sides
            for parsed in side.parsed
            for each in parsed.manifests
            if isinstance(each, MirrorSet)
            for rule in each.rules
        ]
        around = ScopeSet(sources)
        self._around = frozenset(outer for scope in concerned for outer in around.enclosing(scope))
        self._empty: dict[str, Parsed] = {}
        self._known: dict[int, tuple[Parsed, Parsed]] = {}
        self.leaves_out = not all(map(self._is_concerned, sources))

    def of(self, side: Manifests) -> Manifests:
        """What a cluster reads, without what no change is about."""
        return replace(side, parsed=tuple(self._without_empty(side.parsed)))

    def of_file(self, parsed: Parsed) -> Parsed:
        """A file without what no change is about."""
        known = self._known.get(id(parsed))
        if known is None:
            made = parsed._replace(manifests=tuple(map(self._of_manifest, parsed.manifests)))
            known = self._known[id(parsed)] = (parsed, made)
        return known[1]

    def _of_manifest(self, manifest: Manifest) -> Manifest:
        if not isinstance(manifest, MirrorSet):
            return manifest
        kept = tuple([rule for rule in manifest.rules if self._is_concerned(rule.source.value)])
        return manifest if len(kept) == len(manifest.rules) else replace(manifest, rules=kept)

    def _is_concerned(self, source: str) -> bool:
        return source in self._around or bool(self._concerned.enclosing(source))

    def _without_empty(self, files: Iterable[Parsed]) -> Iterator[Parsed]:
        """The files but those of objects without rules: one such object of each kind is enough, the same for all."""
        kinds: set[str] = set()
        for parsed in map(self.of_file, files):
            is_empty = not (parsed.refused or parsed.diagnostics or parsed.node_texts) and all(
                isinstance(each, MirrorSet) and not each.rules for each in parsed.manifests
            )
            if not is_empty or parsed.file.path in self._changed or not parsed.file.editable:
                yield parsed
                continue
            for each in parsed.manifests:
                if isinstance(each, MirrorSet) and each.kind not in kinds:
                    kinds.add(each.kind)
                    yield self._empty.setdefault(each.kind, _only(parsed, each))


def _only(parsed: Parsed, manifest: MirrorSet) -> Parsed:
    """A file with nothing but an object, under a name that no other has."""
    name = Located(f"{manifest.name} without rules", manifest.name.span)
    return Parsed(file=parsed.file, manifests=(replace(manifest, name=name),))


def _concerned(files: Iterable[Parsed], changes: Changes) -> Iterator[str]:
    """The scopes that a change is about: of a source its own, of objects and files all that they name."""
    sources = {change.source for change in changes.all if change.source}
    whole = {path for change in changes.all if not change.source for path in change.paths}
    paths = {path for change in changes.all for path in change.paths}
    yield from sources
    for parsed in files:
        for each in parsed.manifests:
            path = each.name.span.path
            if isinstance(each, MirrorSet):
                if path in whole or (not parsed.file.editable and path in paths):
                    yield from (rule.source.value for rule in each.rules)
            elif path in paths:
                yield from _scopes(each)


def _scopes(manifest: Manifest) -> Iterator[str]:
    if isinstance(manifest, ImageConfig):
        for listed in (manifest.insecure, manifest.blocked, manifest.allowed):
            yield from (scope.value for scope in listed or ())
    elif isinstance(manifest, SignaturePolicyObject):
        yield from (scope.value for scope in manifest.scopes)
