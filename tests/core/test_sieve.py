"""The sieve lets through exactly the texts that hold a form."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sieve import TOGETHER, Sieve
from monitor.core.text import fold
from monitor.core.uses import fold_form

LETTERS = "abßẞсцёe\u0301\u0306ий-’' \u00a0\u00adIİ\x1e1ﬁҐï"
FIELDS = st.text(LETTERS, max_size=12)
TEXTS: st.SearchStrategy[list[tuple[str, ...]]] = st.sampled_from((1, 3)).flatmap(
    lambda count: st.lists(st.tuples(*[FIELDS] * count), max_size=3 * TOGETHER // count)
)
FORMS = st.sets(st.text(LETTERS.replace("\x1e", ""), min_size=1, max_size=3).map(fold_form).filter(bool), max_size=8)


@given(TEXTS, FORMS)
def test_it_is_as_looking_into_each_text_for_each_form(texts: list[tuple[str, ...]], forms: set[str]) -> None:
    each = [at for at, text in enumerate(texts) if any(form in fold("\x1e".join(text)).text for form in forms)]
    assert list(Sieve(forms).sift(texts)) == each


def test_a_text_is_told_once_however_often_it_holds_forms() -> None:
    texts = [("Nothing", "here"), ("Drones and drones", "over Kyiv"), ("", ""), ("", "drone")]
    assert list(Sieve({"drone", "drones", "kyiv"}).sift(texts)) == [1, 3]


def test_without_forms_nothing_passes() -> None:
    assert list(Sieve(()).sift([("a text",)])) == []


def test_forms_by_the_thousand_find_the_same() -> None:
    few, many = Sieve({"дрон"}), Sieve({"дрон", *(f"word {number}" for number in range(5_000))})
    texts = [(f"Збито дронів: {number}" if number % 3 else "Тихо",) for number in range(100)]
    assert list(few.sift(texts)) == list(many.sift(texts)) == [number for number in range(100) if number % 3]
