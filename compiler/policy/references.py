"""Mirrors that no pull can use, and configurations that no node loads: what the cluster accepts and nodes trip over.

In: the policy, and the registries model made of it. Out: the findings.

A node replaces the source in a pull spec by each mirror before it tries any of them, and gives up if one result is not
a full image reference: containers/image (df7e80d2) `sysregistriesv2.PullSourcesFromReference`, which parses it with
`reference.ParseNamed`. It loads a registries.conf with `sysregistriesv2.postProcessRegistries`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.manifests.kinds import ImageContentSourcePolicy, ImageTagMirrorSet, MirrorRule, MirrorSet
from compiler.names.grammar import is_location
from compiler.names.reference import (
    DEFAULT_DOMAIN,
    LEGACY_DOMAIN,
    InvalidReferenceError,
    is_host_component,
    matches_no_image,
    parse_named,
)
from compiler.names.releases import Release
from compiler.names.scope import is_wildcard
from compiler.node.loading import InvalidRegistriesError, load
from compiler.node.model import RegistriesConf
from compiler.policy.assembly import Policy

_ROOM = 200
"""A mirror shorter than this leaves room for names below it."""

_PLAIN_PATH = re.compile(r"[a-z0-9]+(?:[./-][a-z0-9]+)*")


def invalid_mirror_references(policy: Policy, release: Release, memo: Forgetful = FORGETFUL) -> Iterator[Diagnostic]:
    """Mirrors that make an invalid reference of every pull of their source, which fails them at all mirrors."""
    look = _in_any_set if release.wildcard_sources else _in_old_release
    for found in memo.each(look, policy.mirror_sets):
        yield from found


def _in_any_set(mirror_set: MirrorSet) -> tuple[Diagnostic, ...]:
    return tuple(_invalid_in(mirror_set, checked=True))


def _in_old_release(mirror_set: MirrorSet) -> tuple[Diagnostic, ...]:
    return tuple(_invalid_in(mirror_set, checked=not isinstance(mirror_set, ImageContentSourcePolicy)))


def _invalid_in(mirror_set: MirrorSet, *, checked: bool) -> Iterator[Diagnostic]:
    """What an object has; `checked` says whether the API server looks at its texts."""
    form = "tag" if isinstance(mirror_set, ImageTagMirrorSet) else "digest"
    for rule in mirror_set.rules:
        for position, mirror in enumerate(rule.mirrors):
            text = mirror.value
            if len(text) < _ROOM and _makes_references(text):
                continue
            refused = not is_location(text) if checked else text == "" or "*" in text
            if refused or text == rule.source.value or not _fails(text, rule):
                continue
            yield _invalid(rule, position, form, field=f"{rule.field}.mirrors[{position}]")


@lru_cache(maxsize=4096)
def _is_plain_host(host: str) -> bool:
    return is_host_component(host) and host not in (DEFAULT_DOMAIN, LEGACY_DOMAIN) and is_location(host)


def _makes_references(mirror: str) -> bool:
    """Whether a short mirror makes a reference of whatever is pulled: the usual case, seen at once."""
    host, slash, path = mirror.partition("/")
    return _is_plain_host(host) and (slash == "" or _PLAIN_PATH.fullmatch(path) is not None)


def _fails(mirror: str, rule: MirrorRule) -> bool:
    """Whether no image of the source can be pulled, those aside that have more components than registries expect."""
    source = rule.source.value
    if matches_no_image(source):
        return False  # its own finding; no pull gets as far as the mirror
    ends = ("/a/a",) if is_wildcard(source) or "/" not in source else ("", "/a")
    return not any(_is_reference(mirror.rstrip("/") + end) for end in ends)


def _is_reference(text: str) -> bool:
    try:
        parse_named(text)
    except InvalidReferenceError:
        return False
    return True


def _invalid(rule: MirrorRule, position: int, form: str, *, field: str) -> Diagnostic:
    mirror, source = rule.mirrors[position], rule.source.value
    text = mirror.value
    host, slash, path = text.partition("/")
    pulls = f"every pull of `{source}`"
    if host == LEGACY_DOMAIN:
        reason = f"`{LEGACY_DOMAIN}` is another name of `{DEFAULT_DOMAIN}`"
        help_ = f"Write `{DEFAULT_DOMAIN}/{path or 'NAMESPACE'}`."
    elif host == DEFAULT_DOMAIN:
        pulls = f"pulls of `{source}` and `{source}/NAME`"
        reason = f"`{DEFAULT_DOMAIN}` needs a namespace and a name after it"
        help_ = f"Add the namespace: `{DEFAULT_DOMAIN}/NAMESPACE`."
    elif not is_host_component(host):
        reason = f"`{host}` has no dot and no port, so that it is not read as a host"
        help_ = f"Write the host in full, as in `{host}.example.com{slash}{path}`, or with its port."
    elif len(text) >= _ROOM and is_location(text):
        reason = "the name of a repository has at most 255 characters"
        help_ = "Use a shorter path at the mirror."
    else:
        reason = "it is not a registry host with a lower-case path"
        help_ = "Write the host, with a port or a lower-case path if needed, and nothing else."
    return rules.INVALID_MIRROR_REFERENCE.at(
        mirror.span,
        f"the mirror `{text}` makes an invalid reference of {pulls} by {form}: {reason}",
        help=f"{help_} Until then no mirror of `{source}` is tried, and neither is the source.",
        field=field,
    )


def unloadable(policy: Policy, conf: RegistriesConf, release: Release) -> Iterator[Diagnostic]:
    """A registries.conf that nodes do not load; only texts that the API server does not check can make one."""
    legacy = any(isinstance(mirror_set, ImageContentSourcePolicy) for mirror_set in policy.mirror_sets)
    if not (legacy or (policy.image is not None and not release.api_holds_image_scopes)):
        return
    try:
        load(conf)
    except InvalidRegistriesError as error:
        if error.entry is None or not error.entry.origins:
            return
        yield rules.UNLOADABLE_CONFIGURATION.at(
            error.entry.origins[0],
            f"nodes do not load the registries.conf that is made of this: {error}",
            help="Write `host[:port][/path]`, without a URI scheme. Until then these nodes pull no image at all.",
        )
