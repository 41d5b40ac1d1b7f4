"""What the cluster makes of manifests.

*Assembly* puts all objects together as the controller lists them; *precedence* orders the mirrors of a source; the
*guard* protects the release payload; *artifacts* are the files that nodes get, rendered through templates.
"""
