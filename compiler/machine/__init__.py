"""The machine: processes, memory of results and atomic replacement of files.

*Spreading* work means sharing it out over child processes with the same result as without; a *memo* remembers results
by their inputs; an *atomic* replacement leaves either the old or the new file.
"""
