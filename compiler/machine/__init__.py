"""The machine: processes, memory of results, and classes that cost little when they are imported.

*Spreading* work means sharing it out over child processes with the same result as without; a *memo* remembers results
by their inputs.
"""
