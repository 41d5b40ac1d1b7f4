"""Scopes, references and releases: names as the cluster reads them.

A *scope* is a registry, a repository or a wildcard that a mirror rule, a blocked or an allowed list names; a
*reference* is an image name with its tag or digest; a *release* is an OpenShift minor version and what differs in it.
"""
