"""Bytes to typed objects, kustomize included.

*Parsing* splits a file into documents and finds the objects of our *kinds*; *decoding* checks one object as the API
server does and gives a typed value; a *kustomization* is built with the real kustomize, and an *origin* is the place in
the sources that a built value comes from.
"""
