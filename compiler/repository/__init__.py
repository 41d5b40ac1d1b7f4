"""Files, Git and the output folder.

*Discovery* finds candidate files below the given paths; a *commit tree* is the same for a revision, read from Git
objects (*blobs*). Everything is written through a *folder*, a handle from which no link is followed; the *output
folder* is the one place that a build writes.
"""
