"""Why a pull goes where it goes.

An *explanation* is every attempt of one pull with its reasons; a *judge* gives an image one status for a cluster.
"""
