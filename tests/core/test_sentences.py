"""Where sentences end, and where they only seem to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sentences import sentence_starts


def sentences(text: str) -> list[str]:
    starts = sentence_starts(text)
    return [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


@pytest.mark.parametrize(
    "text",
    [
        "It rained. | Then it stopped.",
        "Really? | Yes! | No… | But why?!",
        "He said “no.” | She left.",
        "Він пішов. | Вона залишилась.",
        "«Так!» | Далі тиша.",
        "In 2024. | Later it rained.",
        "One line\n\n| another line",
        "它下雨了。| 后来停了。",
        "هل تمطر؟ | نعم.",
    ],
)
def test_a_sentence_ends(text: str) -> None:
    assert sentences(text.replace("| ", "").replace("|", "")) == [part.strip() for part in text.split("|")]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith met Gen. Brown.",
        "J. R. Smith and V. Putin talked.",
        "В. Путін приїхав у м. Київ на вул. Хрещатик.",
        "Am 24. Februar kam er.",
        "The U.S. Army and the U.K. Navy.",
        "Втрати 5 млн. Доларів.",
        "Wojna, tj. Inwazja, np. Atak na ul. Długą.",
        "It cost 3.5 million and is at example.com today.",
        "“Why?” he asked.",
        "«Так!» — сказав він.",
        "Well... maybe.",
        "z. B. Drohnen",
        "M. Macron et Mme. Merkel",
        "one\nline",
        "",
    ],
)
def test_a_sentence_goes_on(text: str) -> None:
    assert len(sentences(text)) == 1


@given(st.text("aB1. !?…\n\"')«»—。", max_size=60))
def test_starts_rise_and_lie_in_the_text(text: str) -> None:
    starts = sentence_starts(text)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert all(start < len(text) for start in starts[1:])


@pytest.mark.parametrize("piece", [". ", ".", ".)", "\n ", "a\n \n", '."', "a. B", ". (", "。", "!\n"])
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    assert len(sentence_starts(piece * 100_000)) <= 100_000 * len(piece)
