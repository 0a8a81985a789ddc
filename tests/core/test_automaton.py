"""The automaton over one byte a character finds what a search for the strings themselves finds."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.automaton import Automaton, pack

FEW = st.text(alphabet="abї?\0😀 ", min_size=1, max_size=3)
MANY = [f"a{chr(0x4E00 + at)}b" for at in range(400)]
"""More characters than a byte has values."""


def find(forms: list[str], text: str) -> set[tuple[int, int, int]]:
    return set(Automaton(pack(forms)).find(text))


def expected(forms: list[str], text: str) -> set[tuple[int, int, int]]:
    return {
        (number, start, start + len(form))
        for number, form in enumerate(forms)
        for start in range(len(text))
        if text.startswith(form, start)
    }


@given(st.lists(FEW, unique=True, max_size=6), st.text(alphabet="abcї?\0\n😀😃\ud800 "))
def test_it_finds_what_stands_there(forms: list[str], text: str) -> None:
    assert find(forms, text) == expected(forms, text)


@given(st.lists(st.sampled_from([*MANY, "a\u9fffb", "xx"])).map("".join))
def test_rare_characters_are_told_apart(text: str) -> None:
    assert find(MANY, text) == expected(MANY, text)


def test_it_counts_its_forms() -> None:
    assert [Automaton(pack(forms)).form_count for forms in ([], ["a"], MANY)] == [0, 1, 400]
