"""The ids of the watch list that are scored: facts, copied from its description. Other ids are ignored."""

_ACTORS = """
trump biden vance rubio hegseth witkoff kellogg kushner blinken austin sullivan cheung harris putin peskov
lavrov zakharova medvedev shoigu belousov gerasimov ushakov dmitriev prigozhin kadyrov navalny zelensky yermak
kuleba sybiha umerov reznikov shmyhal svyrydenko syrskyi zaluzhnyi budanov podolyak klitschko starmer sunak
johnson healey macron scholz merz baerbock pistorius tusk duda nawrocki sikorski meloni orban fico erdogan xi
modi kim lukashenko von-der-leyen michel costa borrell kallas stoltenberg rutte guterres grossi pope kremlin
russian-mod russian-mfa duma fsb wagner russian-army ukraine-government ukrainian-army sbu hur rada white-house
pentagon state-department us-congress nato eu un iaea icc osce g7 g20 imf red-cross german-government
uk-government french-government polish-government hungarian-government chinese-government belarus-government
bundestag uk-mod gazprom rosatom azov
"""
ACTORS = frozenset(_ACTORS.split())

_TOPICS = """
peace-talks territory us-policy military-aid financial-aid sanctions air-strikes drones frontline casualties
mobilisation foreign-fighters nuclear-weapons nuclear-plants energy prisoners war-crimes humanitarian black-sea
nato-posture eu-accession hybrid escalation russian-domestic ukrainian-domestic diplomacy
"""
TOPICS = frozenset(_TOPICS.split())
