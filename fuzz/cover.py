"""Runs the readers on inputs that coverage guides, with atheris (`pip install -e '.[fuzz]'`).

In: the name of a reader and options of libFuzzer. Out: what libFuzzer prints. It stops at an exception that the reader
does not promise, and writes the input to a file `crash-...`; `fuzz.run.keep` makes a test of it.

Usage: python -m fuzz.cover READER [-max_total_time=60] [FOLDER]
"""

import sys

import atheris  # type: ignore[import-untyped]  # it has no types

with atheris.instrument_imports(include=["compiler"]):
    from fuzz.readers import READERS


def main(arguments: list[str]) -> None:
    """Run one reader, from the seeds."""
    name, *options = arguments
    reader = READERS[name]
    for content in reader.seeds():
        reader.run(content)
    atheris.Setup([sys.argv[0], "-timeout=10", "-rss_limit_mb=2048", "-max_len=8192", *options], reader.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
