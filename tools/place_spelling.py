"""How a Ukrainian place is written in the other languages of the watchlist, from its Ukrainian name.

English follows the Ukrainian resolution of 2010 (Kostiantynivka), German Duden's table (Kostjantyniwka), French and
Polish what newspapers there write (Kostiantynivka, Kostiantyniwka). Russian is no transliteration but a name of its
own: `russian` only guesses it, to choose among the spellings that GeoNames has, or for a place that has none.
"""

import re

_VOWELS = "аеиіоуюяєї"
_CONSONANTS = "бвгґджзйклмнпрстфхцчшщ"


def _table(letters: str, written: str) -> dict[str, str]:
    """Map each letter to what it is written as; `-` stands for nothing."""
    return dict(zip(letters, (part.strip("-") for part in written.split()), strict=True))


_ENGLISH = _table(
    "абвгґдежзиіклмнопрстуфхцчшщь'",
    "a b v h g d e zh z y i k l m n o p r s t u f kh ts ch sh shch - -",
)
_GERMAN = _table(
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'",
    "a b w h g d e je sch s y i ji j k l m n o p r s t u f ch z tsch sch schtsch - ju ja -",
)
_FRENCH = _table(
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'",
    "a b v h g d e ie j z y i ï ï k l m n o p r s t ou f kh ts tch ch chtch - iou ia -",
)
_POLISH = _table(
    "абвгґдежзиійклмнопрстуфхцчшщ'",
    "a b w h g d e ż z y i j k ł m n o p r s t u f ch c cz sz szcz -",
)
# English of the Russian name, as agencies in Moscow write it.
_FROM_RUSSIAN = _table(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya",
)
_SOFT = {"є": "e", "ю": "u", "я": "a", "ї": "i"}
_POLISH_SOFTENED = {"n": "ń", "s": "ś", "z": "ź", "c": "ć", "ł": "l"}


def english(name: str) -> str:
    """Romanise a Ukrainian name after the resolution of 2010."""
    text = name.lower().replace("зг", "zgh")
    text = re.sub(r"(?<![\w'])[єїйюя]", lambda found: "y" + _SOFT.get(found[0], ""), text)
    text = re.sub("[єюя]", lambda found: "i" + _SOFT[found[0]], text)
    return _cased(name, _by_table(re.sub("[їй]", "i", text), _ENGLISH))


def english_of_russian(name: str) -> str:
    """Romanise a Russian name; final -ый and -ий become -y."""
    text = re.sub(r"[ыи]й\b", "y", name.lower())
    text = re.sub(rf"(?<=[{_VOWELS}ыэьъ])е|\bе", "ye", text)
    return _cased(name, _by_table(text, _FROM_RUSSIAN))


def german(name: str) -> str:
    """Write a Ukrainian name in German; a single с between vowels is doubled, as it would be voiced."""
    text = re.sub(rf"(?<=[{_VOWELS}])с(?=[{_VOWELS}])", "сс", name.lower())
    text = text.replace("зг", "сг").replace("ьо", "jo").replace("йо", "jo")
    return _cased(name, _by_table(text, _GERMAN))


def french(name: str) -> str:
    """Write a Ukrainian name in French; a single с between vowels is doubled, as it would be voiced."""
    text = re.sub(rf"(?<=[{_VOWELS}])с(?=[{_VOWELS}])", "сс", name.lower())
    text = re.sub(r"(?<![\w'])й", "y", text).replace("ьо", "io")
    text = re.sub(r"(?<=і)й|\bї", "ï", text)
    return _cased(name, _by_table(text, _FRENCH))


def polish(name: str) -> str:
    """Write a Ukrainian name in Polish; -ськ and -цьк become -sk and -ck (Pokrowsk, Toreck, but Kupiańsk)."""
    text = name.lower().replace("'", "").replace("зг", "zh").replace("нськ", "ńsk")
    text = re.sub("([сцз])ьк", lambda found: _POLISH[found[1]] + "k", text)
    text = re.sub("л(?=л?[єіїюяь])", "l", text).replace("lь", "l").replace("ль", "l")
    text = re.sub("l([єюя])", lambda found: "l" + _SOFT[found[1]], text)
    text = re.sub(rf"(?<=[{_CONSONANTS}])[єюя]", lambda found: "i" + _SOFT[found[0]], text)
    text = re.sub("[єюя]", lambda found: "j" + _SOFT[found[0]], text)
    text = re.sub(rf"(?<=[{_VOWELS}a-z'])ї|\bї", "ji", text).replace("ьо", "io")
    text = re.sub("([нсзц])ь", lambda found: _POLISH_SOFTENED[_POLISH[found[1]]], text).replace("ь", "")
    return _cased(name, _by_table(text, _POLISH))


def _by_table(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)


def _cased(original: str, text: str) -> str:
    """Give each word, parted by space or hyphen, the capital that the original's word has."""
    capitals = [word[:1].isupper() for word in re.split("[ -]", original)]
    words = re.split("([ -])", text)
    for index, capital in enumerate(capitals):
        if capital:
            words[2 * index] = words[2 * index][:1].upper() + words[2 * index][1:]
    return "".join(words)


# Roots that differ from letter to letter, longest first where one holds another.
_ROOTS = """
    червон:красн олександр:александр олексі:алексе андрії:андрее андрі:андре микола:никола костянтин:константин
    слов'ян:славян катерин:екатерин володимир:владимир єлизавет:елизавет залізн:железн щаслив:счастлив перш:перв
    білен:белен біл:бел ліс:лес світл:светл квіт:цвет річ:реч піщан:песчан пісоч:песоч пісок:песок піск:песк кріп:креп
    сір:сер сніг:снег хліб:хлеб камʼян:камен кам'ян:камен гір:гор бір:бор ріг:рог міст:мост нір:нор кінськ:конск
    вільн:вольн підгор:подгор під:под тернівк:терновк степанівк:степановк михайл:михайл михай:михай іванків:иванков
    опіл:опол попіл:попол липів:липов вишнев:вишнев кін:кон вір:вер мір:мир сіль:соль село:село нижн:нижн верхн:верхн
    середн:средн древ:древ дмитр:дмитр артем:артем петро:петро григор:григор сергі:серге матві:матве євген:евген
    південн:южн північн:северн сокільн:сокольн лозів:лозов мишль:мышль вишгород:вышгород солон:солен
    новосілк:новоселк новосел:новосел чорн:черн жовт:желт широк:широк
    радіс:радос багат:богат високопіл:высокопол висок:высок нижня:нижняя
    верхня:верхняя стависк:стависк лиси:лиси сичан:сичан риб:рыб сир:сыр тиш:тиш буд:буд біг:бег дід:дед ведмед:медвед
    ганн:анн гнат:игнат юхим:ефим пилип:филипп степн:степн стіж:стож хвил:фил хвед:фед йосип:иосиф
"""
_ENDINGS = (
    (r"ївк", "евк"),
    (r"(?<=[жчшщц])івк", "евк"),
    (r"івк", "овк"),
    (r"([сцз])ьк", r"\1к"),
    (r"(?<=[сцз])ка\b", "кая"),
    (r"(?<![гкхжчшщ])ий\b", "ый"),
    (r"(?<=[оеє]в)е\b", "о"),
    (r"[иі]не\b", "ино"),
    (r"(?<=[бвдзмнпрстк])е\b", "ое"),
    (r"а(?= )", "ая"),
    (r"([лнтд])\1е\b", r"\1ье"),
    (r"нє\b", "нее"),
    (r"ївці\b", "евцы"),
    (r"івці\b", "овцы"),
    (r"ці\b", "цы"),
    (r"пілля\b", "полье"),
    (r"([лнтд])\1я\b", r"\1ье"),
    (r"їв\b", "ев"),
    (r"ів\b", "ов"),
    (r"іль\b", "оль"),
    (r"рія\b", "рия"),
)


def russian(name: str) -> str:
    """Guess the Russian name from the Ukrainian one."""
    text = name.lower()
    for pair in _ROOTS.split():
        root, own = pair.split(":")
        text = text.replace(root, own)
    for pattern, ending in _ENDINGS:
        text = re.sub(pattern, ending, text)
    text = re.sub("ьк", "к", text)
    return _cased(name, text.translate(str.maketrans("іїєґ", "ииег")).replace("'", ""))
