"""What a node has, loads and does with a pull.

The *model* is the content of a registries.conf; *loading* is what containers/image makes of all files together; the
*resolver* gives the *attempts* of a pull in order; *admission* is what policy.json accepts.
"""
