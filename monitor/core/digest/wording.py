"""Words that count less, or more, than others when two headlines are compared: by language where they clash."""

from collections.abc import Mapping

ARTICLES: Mapping[str, frozenset[str]] = {
    "en": frozenset(("a", "an", "the")),
    "de": frozenset(("der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines")),
    "fr": frozenset(("le", "la", "les", "un", "une", "l", "d", "du")),
}
"""Language → words that may be there or not."""

TRADE = frozenset(
    {
        *("breaking", "exclusive", "live", "update", "updated", "updates", "video", "photo", "photos", "watch"),
        *("оновлено", "доповнено", "фото", "відео", "терміново", "ексклюзив", "блискавка"),
        *("обновлено", "дополнено", "видео", "срочно", "эксклюзив", "молния"),
        *("eilmeldung", "liveticker", "liveblog", "ticker", "aktualisiert", "fotos"),
        *("direct", "exclusif", "vidéo", "pilne", "wideo", "zdjęcia", "aktualizacja"),
    }
)
"""What editors put before and behind a headline."""

TURNING = frozenset(
    {
        *("not", "no", "never", "nor", "without", "denies", "denied", "deny", "denying", "refutes", "if", "unless"),
        *("may", "might", "could", "would", "will", "should", "ex", "former", "almost", "again", "another", "more"),
        *("не", "ні", "без", "ніколи", "заперечує", "заперечили", "заперечив", "спростував", "спростували"),
        *("може", "можуть", "якщо", "знову", "ще", "майже", "колишній"),
        *("нет", "никогда", "опроверг", "опровергли", "опровергает", "отрицает", "если", "снова", "еще"),
        *("может", "могут", "почти", "бывший"),
        *("nicht", "kein", "keine", "keinen", "ohne", "nie", "bestreitet", "dementiert", "könnte", "wenn", "wieder"),
        *("pas", "non", "sans", "jamais", "dément", "pourrait", "si", "encore", "nouveau", "nouvelle"),
        *("nie", "bez", "nigdy", "zaprzecza", "może", "jeśli", "znowu", "znów"),
    }
)
"""What makes another statement of a headline when it alone is added: negations, conditions, once more."""

_NUMBERS: Mapping[str, str] = {
    "2": "two zwei deux dwa dwie dwóch два дві двоє двох две двое",
    "3": "three drei trois trzy trzech troje три троє трьох трое трех",
    "4": "four vier quatre cztery czterech чотири четверо чотирьох четыре четырех",
    "5": "five fünf cinq pięć pięciu п'ять п'ятеро п'ятьох пять пятеро пяти",
    "6": "six sechs sześć sześciu шість шестеро шістьох шесть шести",
    "7": "seven sieben sept siedem siedmiu сім семеро сімох семь семи",
    "8": "eight acht huit osiem ośmiu вісім восьмеро вісьмох восемь восьми",
    "9": "nine neun neuf dziewięć dziewięciu дев'ять дев'ятеро дев'ятьох девять девяти",
    "10": "ten zehn dix dziesięć dziesięciu десять десятеро десятьох десяти",
    "11": "eleven elf onze jedenaście одинадцять одиннадцать",
    "12": "twelve zwölf douze dwanaście дванадцять двенадцать",
    "13": "thirteen dreizehn treize trzynaście тринадцять тринадцать",
    "14": "fourteen vierzehn quatorze чотирнадцять четырнадцать",
    "15": "fifteen fünfzehn quinze piętnaście п'ятнадцять пятнадцать",
    "16": "sixteen sechzehn seize шістнадцять шестнадцать",
    "17": "seventeen siebzehn сімнадцять семнадцать",
    "18": "eighteen achtzehn вісімнадцять восемнадцать",
    "19": "nineteen neunzehn дев'ятнадцять девятнадцать",
    "20": "twenty zwanzig vingt dwadzieścia двадцять двадцать",
    "30": "thirty dreißig dreissig trente trzydzieści тридцять тридцать",
    "40": "forty vierzig quarante сорок",
    "50": "fifty fünfzig cinquante п'ятдесят пятьдесят",
    "60": "sixty sechzig soixante шістдесят шестьдесят",
    "70": "seventy siebzig сімдесят семьдесят",
    "80": "eighty achtzig вісімдесят восемьдесят",
    "90": "ninety neunzig дев'яносто девяносто",
    "100": "hundred hundert cent sto сто",
}

NUMBERS: Mapping[str, str] = {word: digits for digits, words in _NUMBERS.items() for word in words.split()}
"""Number word → digits. One is none of them: in most of these languages it is the article too."""
