"""Whether a text can be in the language that is declared for it: by its script, its letters and its commonest words."""

import re

_IN_CYRILLIC = ("uk", "ru")
_ALSO_CYRILLIC = ("be", "bg", "kk", "ky", "mk", "mn", "sr", "tg", "tt")
_CYRILLIC = re.compile("[Ѐ-ӿ]")
_LATIN = re.compile("[a-zA-Z]")
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_RUSSIAN = re.compile("[ыэъёЫЭЪЁ]")

_COMMON = {
    "en": "the of and to for with that has have its from by at as are is was were will after over",
    "de": "der die das und ist nicht mit auf ein eine den dem von zu im für sich auch nach bei wird sind hat",
    "fr": "le la les des et du une est dans que qui pour sur avec au aux par ce se sont",
    "pl": "w z na się nie do jest że o i przez oraz dla jak po od za",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
"""Words that nearly every text of the language has, and that are none of the others' frequent ones."""

_COMMON_IN_CYRILLIC = {
    "uk": "і й та в у на з із до що не за як це від для про",
    "ru": "и в на с что не по из за к от о как для это",
}
_IN_EVERY_TEXT = _WORDS | {language: frozenset(words.split()) for language, words in _COMMON_IN_CYRILLIC.items()}
"""As above; those of Ukrainian and Russian tell no language, since its letters do."""

_REACH = 600


def by_script(declared: str | None, title: str, summary: str) -> str:
    """Return the declared language where the script of the text does not contradict it.

    Ukrainian and Russian are told by the letters that only one of them has, since sites in both languages declare one
    for all. Empty where nothing is known: then the words of every language count.
    """
    code = (declared or "")[:2].lower()
    if not _CYRILLIC.search(title) and not (code in _IN_CYRILLIC and _CYRILLIC.search(summary)):
        return "" if code in _IN_CYRILLIC and _LATIN.search(title) else code
    if code in _ALSO_CYRILLIC or (code and code not in _IN_CYRILLIC and _mostly_latin(title)):
        return code
    text = f"{title} {summary}"
    ukrainian, russian = _UKRAINIAN.search(text), _RUSSIAN.search(text)
    if bool(ukrainian) != bool(russian):
        return "uk" if ukrainian else "ru"
    return code if code in _IN_CYRILLIC else ""


def is_doubtful(language: str, text: str) -> bool:
    """Tell whether a text shows more common words of another language than of the one that it should be in."""
    if language not in _WORDS:
        return False
    words = set(text[:_REACH].lower().split())
    own = len(words & _WORDS[language])
    return any(len(words & others) > own + 1 for others in _WORDS.values())


def in_cyrillic(text: str) -> bool:
    """Tell whether a text has a Cyrillic letter."""
    return bool(_CYRILLIC.search(text))


def is_common(word: str, language: str) -> bool:
    """Tell whether nearly every text of the language has the word, in small letters; of six languages we know them."""
    return word in _IN_EVERY_TEXT.get(language, ())


def _mostly_latin(text: str) -> bool:
    return len(_LATIN.findall(text)) > 2 * len(_CYRILLIC.findall(text))
