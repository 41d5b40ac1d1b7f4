"""The ConfigMap with a registries.conf that assisted installations take: what the discovery image and clusters get.

Follows openshift/assisted-service (063b257) `internal/ignition/discovery.go` setIgnitionMirrorRegistry for the image,
which has the text byte for byte, `pkg/mirrorregistries/parser.go` GetImageRegistries for what is read of it, and
`internal/installcfg/builder` for the cluster, which gets the digest mirrors alone.
"""

from collections.abc import Iterator
from dataclasses import replace

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.homes.install_config import installed_cluster, whose
from compiler.homes.source import Source, field_of, name_of, namespace_of, text_of
from compiler.manifests.embedded import INSTALLATION, Home, NodeText, Pointer, Target, target
from compiler.manifests.kinds import ImageDigestMirrorSet, MirrorRule
from compiler.node.files import BASE_SEARCH, REGISTRIES_CONF, SEARCH_KEY
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf
from compiler.node.placed import read_placed
from compiler.node.registries_conf import ConfFileError
from compiler.text.inner import Inner
from compiler.text.opaque import is_open
from compiler.text.span import Located, Span
from compiler.text.tree import Mapping, Scalar

KEY = "registries.conf"
FORM = "config-map"
DISCOVERY = "discovery-image"
_IDMS = "image-digest-mirror"


def of_config_map(source: Source, value: Scalar, holder: str, awaits: tuple[str, str]) -> Iterator[Home]:
    """What is made of the key `registries.conf` of a ConfigMap."""
    del source
    text = NodeText(REGISTRIES_CONF, value.text, value.span, Inner(value))
    alone = target("config-map", awaits[1], f"nodes with the registries.conf of the {holder}")
    try:
        conf = read_placed(text)
    except ConfFileError as error:
        if is_open(value.text):
            return  # it may be loadable once it is rendered
        yield Home(
            form=FORM,
            holder=holder,
            span=value.span,
            awaits=awaits,
            role=DISCOVERY,
            diagnostics=(unloadable(error, value.span),),
            read=(value.span,),
        )
        return
    yield Home(
        form=FORM,
        holder=holder,
        span=value.span,
        node_texts=(text,),
        awaits=awaits,
        role=DISCOVERY,
        alone=alone,
        said=("the discovery image has this file byte for byte",),
        read=(value.span,),
    )
    findings = _losses(conf, value.span)
    digest = tuple(_rules(conf))
    is_useless = not digest and not any(_usable(entry.mirrors) for entry in conf.entries if entry.location)
    if is_useless and (any(entry.location for entry in conf.entries) or not _is_rendered(value)):
        findings = [
            rules.MIRROR_REGISTRY_REFUSED.at(
                value.span,
                "the assisted service refuses this registries.conf: no [[registry]] has a location and a usable mirror",
                help="Give each [[registry]] a `location` and mirrors for digests.",
            )
        ]
    yield Home(
        form=FORM,
        holder=holder,
        span=value.span,
        manifests=(ImageDigestMirrorSet(name=Located(_IDMS, value.span), rules=digest, span=value.span),)
        if digest
        else (),
        diagnostics=tuple(findings),
        awaits=awaits,
        role=INSTALLATION,
        said=(f"installed clusters get its digest mirrors as the IDMS `{_IDMS}`{_except_for(conf)}",),
        read=(value.span,),
    )


def _is_rendered(value: Scalar) -> bool:
    """Whether a program puts text into a value: a line that is only a placeholder is read as an empty comment."""
    return is_open(value.text) or not value.text.strip("# \t\r\n")


def of_other_key(value: Scalar, holder: str, awaits: tuple[str, str]) -> Iterator[Home]:
    """A registries.conf under another key, which a program of its pod reads."""
    text = NodeText(REGISTRIES_CONF, value.text, value.span, Inner(value))
    findings: tuple[Diagnostic, ...] = ()
    try:
        read_placed(text)
    except ConfFileError as error:
        if is_open(value.text):
            return
        findings = (unloadable(error, value.span),)
    yield Home(
        form=FORM,
        holder=holder,
        span=value.span,
        target=target("config-map", awaits[1], f"programs that read the {holder}"),
        node_texts=() if findings else (text,),
        compiled=not findings,
        diagnostics=findings,
        read=(value.span,),
    )


def unloadable(error: ConfFileError, at: Span) -> Diagnostic:
    """The finding about a file that no node loads."""
    return rules.UNLOADABLE_NODE_FILE.at(
        error.span or at,
        f"no node loads this file: {error.message}",
        help="Correct the file at this place. Until then a node that gets it pulls no image.",
    )


def _usable(mirrors: tuple[Endpoint, ...]) -> list[Endpoint]:
    return [mirror for mirror in mirrors if mirror.pull_from_mirror != "all"]


def _rules(conf: RegistriesConf) -> Iterator[MirrorRule]:
    for index, entry in enumerate(conf.entries):
        mirrors = [mirror for mirror in entry.mirrors if mirror.pull_from_mirror in {"", DIGEST_ONLY}]
        if not entry.location or not mirrors:
            continue
        at = entry.origins[0]
        yield MirrorRule(
            Located(entry.location, at),
            tuple(Located(mirror.location, mirror.origins[0]) for mirror in mirrors),
            None,
            at,
            f"registry[{index}]",
        )


def _except_for(conf: RegistriesConf) -> str:
    return f", without its list `{SEARCH_KEY}`" if conf.search else ""


def _losses(conf: RegistriesConf, whole: Span) -> list[Diagnostic]:
    """What of the file serves the discovery image only.

    Clusters have the usual search list without the file, so that its loss alone is not reported.
    """
    found = list(_lost_entries(conf, whole))
    if not conf.search or (conf.search == BASE_SEARCH and not found):
        return found
    if conf.search == BASE_SEARCH:
        label = Label(span=whole, text=f"the list `{SEARCH_KEY}` here does not reach them either; they have it anyway")
        return [replace(found[0], labels=(*found[0].labels, label)), *found[1:]]
    return [replace(_lost(whole, f"the list `{SEARCH_KEY}` does", _BY_IMAGE), field=SEARCH_KEY), *found]


def _lost(span: Span, what: str, advice: str) -> Diagnostic:
    return rules.LOST_AT_INSTALLATION.at(span, f"{what} not reach clusters that are installed with it", help=advice)


_BY_IMAGE = "Add an Image config to the extra manifests of the cluster."


def _lost_entries(conf: RegistriesConf, whole: Span) -> Iterator[Diagnostic]:
    extra = "Add an ImageTagMirrorSet to the extra manifests of the cluster."
    for entry in conf.entries:
        at = entry.origins[0] if entry.origins else whole
        if not entry.location:
            yield _lost(at, f"the table of `{entry.prefix}`, which has no `location`, does", "Give it a `location`.")
            continue
        for mirror in entry.mirrors:
            if mirror.pull_from_mirror == TAG_ONLY:
                yield _lost(mirror.origins[0], f"the tag-only mirror `{mirror.location}` does", extra)
            elif mirror.pull_from_mirror == "all":
                advice = "Remove `pull-from-mirror`: without it the mirror serves digests."
                yield _lost(
                    mirror.origins[0], f'the mirror `{mirror.location}` with `pull-from-mirror = "all"` does', advice
                )
        if entry.blocked:
            yield _lost(at, f"`blocked` of `{entry.location}` does", _BY_IMAGE)


def pointers(source: Source) -> Iterator[Pointer]:
    """Which ConfigMaps the objects of the assisted service name."""
    for each, root in source.of_kinds("AgentServiceConfig", "InfraEnv", "AgentClusterInstall"):
        name = field_of(root, "spec", "mirrorRegistryRef", "name")
        if not isinstance(name, Scalar) or not name.text:
            continue
        namespace = text_of(root, "spec", "mirrorRegistryRef", "namespace")
        if each.kind == "AgentClusterInstall":
            yield Pointer("ConfigMap", namespace, name.text, INSTALLATION, whose(installed_cluster(root)), name.span)
        elif each.kind == "InfraEnv":
            yield Pointer("ConfigMap", namespace or namespace_of(root), name.text, DISCOVERY, _image(root), name.span)
        else:
            service = target("assisted-service", "", "the clusters that the assisted service installs", scope="")
            image = target("discovery-image", "", "the discovery images of the assisted service", scope="")
            yield Pointer("ConfigMap", "", name.text, INSTALLATION, service, name.span)
            yield Pointer("ConfigMap", "", name.text, DISCOVERY, image, name.span)


def _image(root: Mapping) -> Target:
    return target("discovery-image", name_of(root), f"the discovery image of the InfraEnv {name_of(root)}".rstrip())
