"""Hands over to the command line."""

import sys

try:
    from monitor.cli.main import main
except ModuleNotFoundError as error:
    sys.exit(f"{error}: run `make install`, then `. .venv/bin/activate`")

if __name__ == "__main__":
    main()
