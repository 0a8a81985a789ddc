"""What a value of feeds.yaml looks like where it is sound: every message that refuses one shows it."""

from collections.abc import Sequence
from types import MappingProxyType

from monitor.config.wording import shown

_WORDS = "{en: [ceasefire]}"
_NAMES = "{en: [Example]}"
_BY_KEY = MappingProxyType(
    {
        "defaults": "{interval: 15m}",
        "feeds": "[{id: example-agency-en, url: https://agency.example/rss}]",
        "id": "example-agency-en",
        "url": "https://agency.example/rss",
        "headers": '{X-Api-Key: "${MONITOR_EXAMPLE_TOKEN}"}',
        "cookies": '{session: "${MONITOR_EXAMPLE_TOKEN}"}',
        "auth": '{user: desk, password: "${MONITOR_EXAMPLE_TOKEN}"}',
        "user": "desk",
        "password": '"${MONITOR_EXAMPLE_TOKEN}"',
        "proxy": '{url: "http://proxy.example:3128"}',
        "scope": "{strong: {en: [Kyiv]}}",
        "weak": "{war: {en: [shelling]}}",
        "actors": "{example-person: {last: {en: [Example]}}}",
        "topics": "{grain-prices: {terms: {en: [wheat futures]}}}",
        "first": _NAMES,
        "last": _NAMES,
        "names": _NAMES,
        "label": "{en: Grain prices}",
        "titles": "[{since: 2025-01-01, en: [minister]}]",
    }
)
_INSIDE = MappingProxyType(
    {
        "feeds": "{id: example-agency-en, url: https://agency.example/rss}",
        "actors": "{last: {en: [Example]}}",
        "topics": "{terms: {en: [wheat futures]}}",
        "titles": "{since: 2025-01-01, en: [minister]}",
        "weak": "{en: [shelling]}",
    }
)
_LANGUAGE = 2
"""Letters of its code."""


def like(location: Sequence[str | int], value: object = None) -> str:
    """Return an example of what may stand at that place of the file, on one line of YAML.

    A word that stands where a list of words is wanted is the example itself.
    """
    *above, key = location
    if above and above[-1] in _INSIDE:
        return _INSIDE[str(above[-1])]
    if list(location[-2:]) == ["proxy", "url"]:
        return "http://proxy.example:3128"
    if isinstance(key, str) and len(key) == _LANGUAGE and key not in _BY_KEY:
        return f"[{shown(value)}]" if isinstance(value, str) and value.replace(" ", "").isalnum() else "[ceasefire]"
    return _BY_KEY.get(str(key), _WORDS)
