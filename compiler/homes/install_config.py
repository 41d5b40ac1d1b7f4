"""Mirrors in an install-config: what the installer makes of them, and what it refuses.

Follows openshift/installer (0ef2c7e) `pkg/asset/manifests` ImageDigestMirrorSet and ImageContentSourcePolicy for the
objects, `pkg/types/validation` validateImageDigestSources, validateImageContentSources and validateNamedRepository
for the refusals. The same keys come as a text in overrides, where a list replaces the generated one.
"""

import re
from collections.abc import Iterator

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fold, Label
from compiler.homes.making import mirror_set_of
from compiler.homes.source import Source, called, documents_in, field_of, items_of, name_of, text_of
from compiler.manifests.embedded import OVERRIDES, Home, Target, target
from compiler.manifests.kinds import ALLOW, NEVER, ImageContentSourcePolicy, ImageDigestMirrorSet
from compiler.manifests.parsing import documents
from compiler.names.grammar import is_location
from compiler.names.releases import Release
from compiler.text.opaque import filled, is_open
from compiler.text.span import Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, YamlError
from compiler.text.wording import shown

FORM = "install-config"
DIGEST = "imageDigestSources"
CONTENT = "imageContentSources"
MISTAKEN = ("imageDigestMirrors", "repositoryDigestMirrors")
"""What others call these lists, and no install-config has."""
_OF_IMAGE = "ImageBasedInstallationConfig"
"""The configuration of an image-based installation has the same list."""
_NAMES = {"sourcePolicy": "mirrorSourcePolicy"}
_OWN = frozenset(("apiVersion", "baseDomain", "pullSecret", "platform", "controlPlane", "compute", "networking"))
_ANNOTATION = "agent-install.openshift.io/install-config-overrides"

_DOMAIN = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_DOMAIN}(?:\.{_DOMAIN})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"(?P<host>{_HOST})/(?P<path>{_COMPONENT}(?:/{_COMPONENT})*)")
_ONLY_HOST = re.compile(_HOST)


_KINDS = ("AgentClusterInstall", "ClusterInstance", "SiteConfig", "ImageClusterInstall")
_SURE = (DIGEST, CONTENT, *_KINDS)
"""A file with any of these is looked at."""
_UNUSUAL = ("\\", "<<", "\r", "\x85", "\u2028", "\u2029")
"""Escapes, merges and other line breaks: what a line begins with says too little about a text with any of these."""
_FIELD_OF_ROOT = re.compile(rf"^(?:\*|(?![\s#])[^\n]*(?:{'|'.join(MISTAKEN)}))", re.MULTILINE)


def read(source: Source) -> Iterator[Home]:
    """The mirrors of install-configs, and of overrides in the objects of assisted installations."""
    if not _may_be_any(source):
        return
    for root in source.roots:
        if isinstance(root, Mapping) and is_install_config(root):
            yield from of_install_config(source, root)
    for each, root in source.of_kinds(*_KINDS):
        yield from _of_overrides(source, each.kind, root)


def _may_be_any(source: Source) -> bool:
    """Whether a file may have such a document: a look at its lines spares most mirror objects from being parsed."""
    text = source.file.text
    if any(map(text.__contains__, (*_SURE, *_UNUSUAL))):
        return True
    return any(
        not source.is_object_around(start) or _FIELD_OF_ROOT.search(text, start, end)
        for start, end in documents(text)
        if any(text.find(name, start, end) >= 0 for name in MISTAKEN)
    )


def is_install_config(root: Mapping) -> bool:
    """Whether a document is an install-config with mirrors, or only the lists of one."""
    fields = root.fields.keys()
    of_image = text_of(root, "kind") == _OF_IMAGE
    if ("kind" in fields and not of_image) or not fields & {DIGEST, CONTENT, *MISTAKEN}:
        return False
    return of_image or bool(fields & _OWN) or fields <= {DIGEST, CONTENT, "additionalTrustBundle"}


def whose(name: str) -> Target:
    """The cluster that an installation of a name makes."""
    words = f"the cluster {name} when it is installed" if name else "the cluster that is installed"
    return target(FORM, name, words, scope="" if name else None)


def of_install_config(source: Source, root: Mapping) -> Iterator[Home]:
    """The mirrors of one document."""
    name = name_of(root)
    yield from _of_lists(source, root, FORM, f"install-config of `{name}`" if name else "install-config", whose(name))


def _of_overrides(source: Source, kind: str, root: Mapping) -> Iterator[Home]:
    if kind == "SiteConfig":
        for item in items_of(root, "spec", "clusters"):
            yield from _of_text(source, kind, item, root, text_of(item, "clusterName"), "installConfigOverrides")
    elif kind == "ClusterInstance":
        spec = field_of(root, "spec")
        yield from _of_text(source, kind, spec, root, text_of(spec, "clusterName"), "installConfigOverrides")
    elif kind == "AgentClusterInstall":
        annotations = field_of(root, "metadata", "annotations")
        yield from _of_text(source, kind, annotations, root, installed_cluster(root), _ANNOTATION)
    else:
        spec = field_of(root, "spec")
        listed = field_of(spec, DIGEST)
        if isinstance(spec, Mapping) and isinstance(listed, Sequence):
            at = spec.key(DIGEST) or listed
            content = mirror_set_of(
                ImageDigestMirrorSet, "image-digest-mirror", listed, source.release, path=f"spec.{DIGEST}"
            )
            yield Home(
                form=OVERRIDES,
                holder=called(kind, root),
                span=Span(listed.file, at.start, listed.end),
                target=whose(installed_cluster(root)),
                manifests=tuple(content.manifests),
                refused=tuple(content.refused),
                diagnostics=tuple(content.diagnostics),
                said=("becomes the IDMS `image-digest-mirror` at installation",),
                read=(*content.read, Span(listed.file, at.start, listed.end)),
            )


def installed_cluster(root: Mapping) -> str:
    """The name of the cluster that an AgentClusterInstall or ImageClusterInstall installs."""
    return text_of(root, "spec", "clusterDeploymentRef", "name") or name_of(root)


def _of_text(source: Source, kind: str, holder: Node | None, root: Mapping, cluster: str, key: str) -> Iterator[Home]:
    text = field_of(holder, key)
    if not isinstance(text, Scalar):
        return
    for document in documents_in(text):
        if not isinstance(document, YamlError) and isinstance(document.root, Mapping):
            found = document.root
            if found.fields.keys() & {DIGEST, CONTENT, *MISTAKEN}:
                yield from _of_lists(source, found, OVERRIDES, called(kind, root), whose(cluster))


def _of_lists(source: Source, root: Mapping, form: str, holder: str, cluster: Target) -> Iterator[Home]:
    digest, content = root.fields.get(DIGEST), root.fields.get(CONTENT)
    refusals = []
    if isinstance(digest, Sequence) and isinstance(content, Sequence) and digest.items and content.items:
        refusals.append(_both(root))
    for mistaken in [each for each in root.keys if each.text in MISTAKEN]:
        refusals.append(
            rules.INSTALL_CONFIG_REFUSED.at(
                mistaken.span,
                f"an install-config has no field `{mistaken.text}`: the installer refuses the file or ignores the key",
                help=f"Write `{DIGEST}`.",
                field=mistaken.text,
            )
        )
        yield Home(
            form=form,
            holder=holder,
            span=mistaken.span,
            target=cluster,
            diagnostics=(refusals[-1],),
            refused=((ImageDigestMirrorSet.kind, "image-digest-mirror"),),
            read=(Span(mistaken.file, mistaken.start, root.fields[mistaken.text].end),),
        )
        refusals.pop()
    for field, listed in ((DIGEST, digest), (CONTENT, content)):
        if not isinstance(listed, Sequence):
            continue
        key = root.key(field)
        at = key or listed
        made = mirror_set_of(
            ImageDigestMirrorSet if field == DIGEST else ImageContentSourcePolicy,
            "image-digest-mirror" if field == DIGEST else "image-policy",
            listed,
            source.release,
            path=field,
            renamed=_NAMES if field == DIGEST else None,
        )
        # What the installer refuses says more than what the API server would.
        refused = [*refusals, *_refusals(listed, field)]
        told = [each for each in made.diagnostics if not refused or each.rule not in _SAID_BY_INSTALLER]
        told += _too_early(listed, at, field, source.release) if not refused else ()
        if field == CONTENT and not isinstance(digest, Sequence) and source.release.since(_SINCE):
            told.append(
                rules.DEPRECATED_SOURCE_LIST.at(
                    at.span,
                    f"`{CONTENT}` is deprecated: the installer turns it into an ImageContentSourcePolicy",
                    help=f"Write `{DIGEST}` from release 4.14 on.",
                    field=field,
                    fold=Fold(
                        key=field,
                        everywhere=True,
                        message=f"{{count}} lists `{CONTENT}`{{files}} are deprecated: the installer turns each into "
                        "an ImageContentSourcePolicy",
                    ),
                )
            )
        kind = ImageDigestMirrorSet.kind if field == DIGEST else ImageContentSourcePolicy.kind
        name = "image-digest-mirror" if field == DIGEST else "image-policy"
        yield Home(
            form=form,
            holder=holder,
            span=at.span,
            target=cluster,
            manifests=() if refused else tuple(made.manifests),
            refused=((kind, name),) if refused else tuple(made.refused),
            diagnostics=(*refused, *told),
            said=(f"becomes the {kind} `{name}` at installation; a later edit changes nothing on a running cluster",),
            read=(*made.read, Span(at.file, at.start, listed.end)),
        )


_SINCE, _POLICY_SINCE = "4.14", "4.21"
"""The releases whose installers have the list of digest sources, and a `sourcePolicy` in it."""


def _too_early(listed: Sequence, at: Node, field: str, release: Release) -> Iterator[Diagnostic]:
    """Fields that the installer of a release does not have."""
    if field != DIGEST:
        return
    found: list[tuple[str, Node, str, str]] = []
    if not release.since(_SINCE):
        found.append((DIGEST, at, _SINCE, f"Write `{CONTENT}`."))
    if not release.since(_POLICY_SINCE):
        policies = (item.fields.get("sourcePolicy") for item in listed.items if isinstance(item, Mapping))
        advice = "Remove it, and set `mirrorSourcePolicy` in the ImageDigestMirrorSet after the installation."
        found += (("sourcePolicy", each, _POLICY_SINCE, advice) for each in policies if each is not None)
    for name, node, since, advice in found:
        yield rules.LOST_AT_INSTALLATION.at(
            node.span,
            f"installers before {since} do not have `{name}`: run by a service they ignore it, else they may refuse "
            "the file",
            help=advice,
            field=name,
        )


_SAID_BY_INSTALLER = frozenset(("invalid-scope",))


def _both(root: Mapping) -> Diagnostic:
    first, second = root.key(DIGEST) or root, root.key(CONTENT) or root
    return rules.INSTALL_CONFIG_REFUSED.at(
        second.span,
        f"the installer refuses `{DIGEST}` and `{CONTENT}` together",
        help=f"Move all sources to `{DIGEST}`.",
        labels=[Label(span=first.span, text="the other list is here")],
        field=CONTENT,
    )


def _refusals(listed: Sequence, field: str) -> Iterator[Diagnostic]:
    """What the installer does not take of a list."""
    for index, item in enumerate(listed.items):
        if not isinstance(item, Mapping):
            continue
        path = f"{field}[{index}]"
        source = item.fields.get("source")
        if isinstance(source, Scalar):
            yield from _repository(source, f"{path}.source")
        mirrors = items_of(item, "mirrors")
        for position, mirror in enumerate(mirrors):
            if isinstance(mirror, Scalar):
                yield from _repository(mirror, f"{path}.mirrors[{position}]")
        policy = item.fields.get("sourcePolicy")
        if field == DIGEST and isinstance(policy, Scalar) and policy.text:
            if policy.text not in {ALLOW, NEVER}:
                yield rules.INSTALL_CONFIG_REFUSED.at(
                    policy.span,
                    f"`{shown(policy.text)}` is not a valid sourcePolicy",
                    help=f"Write `{ALLOW}` or `{NEVER}`.",
                    field=f"{path}.sourcePolicy",
                )
            elif not mirrors:
                yield rules.INSTALL_CONFIG_REFUSED.at(
                    policy.span,
                    "the installer refuses a `sourcePolicy` on a source without mirrors",
                    help="Add a mirror, or remove the `sourcePolicy`.",
                    field=f"{path}.sourcePolicy",
                )


def _repository(node: Scalar, path: str) -> Iterator[Diagnostic]:
    from compiler.manifests.tokens import with_words

    reason = repository_flaw(with_words(node.text))
    if reason:
        yield rules.INSTALL_CONFIG_REFUSED.at(
            node.span,
            f"the installer refuses `{shown(node.text)}`: {reason}",
            help="Write a repository such as `registry.example.com/ns/app`, or a host.",
            field=path,
        )


def repository_flaw(text: str) -> str:
    """Why the installer does not take a source or mirror; empty where it does.

    A canonical repository without tag or digest, or a host with or without a port.
    """
    if text != text.lower():
        from compiler.manifests.tokens import with_words

        text = with_words(text)
    if is_open(text):
        if is_location(text):
            return ""
        text = filled(text)
    if text.startswith("*."):
        return "a wildcard is not a repository"
    if "://" in text:
        return "it has a scheme"
    if _ONLY_HOST.fullmatch(text):
        return ""
    match = _REPOSITORY.fullmatch(text)
    if match is None:
        name, at, _ = text.partition("@")
        if at or re.search(r":[\w][\w.-]*$", name.rpartition("/")[2]):
            return "it has a tag or digest"
        return "it ends with `/`" if text.endswith("/") else "it is not a repository"
    host = match["host"]
    if "." not in host and ":" not in host and host != "localhost":
        return "it has no host"
    if host == "docker.io" and "/" not in match["path"]:
        return f"its full name is docker.io/library/{match['path']}"
    return ""
