"""The machine: processes and memory of results.

*Spreading* work means sharing it out over child processes with the same result as without; a *memo* remembers results
by their inputs.
"""
