"""Request URIs: which texts the API server accepts as the URL of an OIDC issuer.

In: a text. Out: whether it is one. Follows Go's `net/url` `ParseRequestURI`, which is what the CEL function `isURL` of
the CRDs in openshift/api (2a3d73913) calls.
"""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*+")
_ASCII_ESCAPE = re.compile(r"%(?!25)[0-7][0-9A-Fa-f]")
_NOT_IN_HOST = re.compile(r"""[^A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>"%\x80-\U0010ffff]""")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_ZONE_CODES = frozenset((0x20, 0x25))
_PORT = re.compile(r"(?::[0-9]*+)?")


def is_request_uri(text: str) -> bool:
    """Whether `text` is an absolute URI or an absolute path, as Go reads the target of an HTTP request."""
    if not text or _CONTROL.search(text):
        return False
    if text == "*":
        return True
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        return scheme is not None
    if scheme is not None and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        return _is_authority(authority) and not _BAD_ESCAPE.search(slash + path)
    return not _BAD_ESCAPE.search(rest)


def _is_authority(text: str) -> bool:
    user, at, host = text.rpartition("@")
    if at and (not _USER.fullmatch(user) or _BAD_ESCAPE.search(user)):
        return False
    opened = host.rfind("[")
    if opened < 0:
        _, colon, port = host.rpartition(":")
        return _PORT.fullmatch(colon + port if colon else "") is not None and _is_host(host)
    closed = host.rfind("]")
    if closed < 0 or not _PORT.fullmatch(host[closed + 1 :]):
        return False
    return _is_address(host[opened + 1 : closed])


def _is_host(text: str) -> bool:
    return not (_BAD_ESCAPE.search(text) or _ASCII_ESCAPE.search(text) or _NOT_IN_HOST.search(text))


def _is_address(text: str) -> bool:
    """Whether a text between brackets is an IPv6 address, with a zone after an escaped `%` or without one."""
    from ipaddress import AddressValueError, IPv6Address

    address, escaped, zone = text.partition("%25")
    if not _is_host(address) or "%" in address or (escaped and not _is_zone(zone)):
        return False
    try:
        IPv6Address(address)
    except AddressValueError:
        return False
    return True


def _is_zone(text: str) -> bool:
    """Whether what follows the `%25` of an address is a zone: an escape in it means `%`, a blank or host text."""
    if not text or _BAD_ESCAPE.search(text) or _NOT_IN_HOST.search(text):
        return False
    codes = (int(code, 16) for code in _ESCAPE.findall(text))
    return all(code in _ZONE_CODES or (code < 0x80 and not _NOT_IN_HOST.fullmatch(chr(code))) for code in codes)
