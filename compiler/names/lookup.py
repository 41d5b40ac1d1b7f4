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


def lookup_scopes(reference: Reference) -> Iterator[str]:
    """The reference itself, its repository, the parents of that, the host with its port, then wildcards over the host.

    A wildcard covers a host on every port.
    """
    yield identity_of(reference)
    name = reference.name
    end = len(name)
    while end >= 0:
        yield name[:end]
        host, end = name[:end], name.rfind("/", 0, end)
    host = host.partition(":")[0]
    while "." in host:
        host = host.partition(".")[2]
        yield f"*.{host}"
