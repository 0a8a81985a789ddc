"""Runs one target under atheris: `python -m tests.fuzz.driver TARGET [libFuzzer's options] FOLDERS`."""

import sys
from importlib import import_module

import atheris


def main() -> None:
    """Fuzz until libFuzzer's options say that it is enough; ends the process, with 77 for a finding."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["monitor", "feedparser"]):
        target = import_module(f"tests.fuzz.{name}")
    atheris.Setup(sys.argv, target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
