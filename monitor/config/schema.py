"""The JSON Schema of feeds.yaml, by which an editor completes and checks while a person types."""

import json
import sys

from monitor.config.models import ConfigFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of feeds.yaml, made from the models that check it."""
    return {"$schema": _DIALECT} | ConfigFile.model_json_schema()


def rendered() -> str:
    """Return the schema as the text of docs/feeds.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(rendered())
