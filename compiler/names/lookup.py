"""The scopes under which a reference is looked up in policy.json and in registries.d.

In: a reference. Out: scopes, the most specific first. Follows containers/image (df7e80d2)
`policyconfiguration.DockerReferenceIdentity` and `DockerReferenceNamespaces`.
"""

from collections.abc import Iterator

from compiler.names.reference import Reference


def identity_of(reference: Reference) -> str:
    """A reference in full form: with its digest and without a tag, or with its tag, `latest` where it has none."""
    if reference.digest:
        return f"{reference.name}@{reference.digest}"
    return f"{reference.name}:{reference.tag or 'latest'}"


def repository_of(name: str) -> str:
    """A reference or a scope without the tag or digest that it may have; a host alone keeps its port."""
    head, slash, last = name.partition("@")[0].rpartition("/")
    return head + slash + (last.partition(":")[0] if slash else last)


def lookup_scopes(reference: Reference) -> Iterator[str]:
    """The reference itself, its repository, the parents of that, the host with its port, then wildcards over the host.

    A wildcard covers a host on every port.
    """
    yield identity_of(reference)
    yield from _around(reference.name)


def scopes_around(scope: str) -> Iterator[str]:
    """A scope itself and those that images in it are looked up under as well, the most specific first.

    A scope is what policy.json has: a host, a repository or a part of its path, one image, or a wildcard.
    """
    yield scope
    if scope.startswith("*."):
        yield from _wildcards(scope[2:])
        return
    yield from (each for each in _around(repository_of(scope)) if each != scope)


def _around(name: str) -> Iterator[str]:
    end = len(name)
    while end >= 0:
        yield name[:end]
        host, end = name[:end], name.rfind("/", 0, end)
    yield from _wildcards(host.partition(":")[0])


def _wildcards(host: str) -> Iterator[str]:
    while "." in host:
        host = host.partition(".")[2]
        yield f"*.{host}"
