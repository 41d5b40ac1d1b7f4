"""What is reported: rules, diagnostics, fixes and suppressions.

A *rule* names a kind of problem; a *diagnostic* (finding) is one problem at one place; a *fix* is a set of text *edits*
that resolves it; a *suppression* is a comment that accepts it.
"""
