"""The JSON Schema of feeds.yaml as text: `python -m monitor.config.schema > docs/feeds.schema.json`."""

import json
import sys

from monitor.config.models import json_schema


def rendered() -> str:
    """Return the schema as the text of docs/feeds.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(rendered())
