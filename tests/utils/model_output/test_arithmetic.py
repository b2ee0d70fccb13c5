"""Sums in words are calculated exactly, and what is no sum is left to a model."""

from datetime import date

import pytest

from utils.model_output.arithmetic import number_text, sum_of
from utils.sandbox.sandbox import Sandbox

TODAY = date(2026, 11, 29)
SUMS = [
    ("What is 17 times 23?", "391"),
    ("What is 15% of 240?", "36"),
    ("What is 2 to the power of 64?", "18,446,744,073,709,551,616"),
    ("2^10", "1,024"),
    ("What is 2 to the 10th power?", "1,024"),
    ("What's 7 x 8?", "56"),
    ("calculate 1,234.5 + 3", "1,237.5"),
    ("How much is a 20% tip on $45?", "9"),
    ("15% off 80", "68"),
    ("What is 100 minus 20%?", "80"),
    ("square root of 144", "12"),
    ("What is the square root of 2?", "1.41421356237"),
    ("cube root of 27", "3"),
    ("sum of the numbers from 1 to 100", "5,050"),
    ("What is the average of 3, 5 and 10?", "6"),
    ("twelve times thirteen", "156"),
    ("What is 10!", "3,628,800"),
    ("what is (3+4)*2 ?", "14"),
    ("What is 0.1 + 0.2?", "0.3"),
    ("1/3", "0.333333333333"),
    ("Divide 100 by 8", "12.5"),
    ("What is 5 squared?", "25"),
    ("-5 + 3", "-2"),
    ("How many days are there from 1 January 2026 to 24 December 2026?", "357"),
    ("how many days between 2026-01-01 and 2026-02-01", "31"),
    ("How many days until December 25, 2026?", "26"),
    ("What day of the week was July 4, 1776?", "Thursday"),
]


@pytest.mark.parametrize(("question", "result"), SUMS)
def test_a_sum_has_one_result(question: str, result: str):
    found = sum_of(question, TODAY)
    assert found is not None and found.result == result


def test_its_code_gives_the_same_in_the_sandbox():
    sandbox = Sandbox("monty")
    try:
        for question, result in SUMS:
            found = sum_of(question, TODAY)
            assert found
            outcome = sandbox.run(found.code)
            assert (number_text(outcome.output.strip()), outcome.error) == (result, ""), question
    finally:
        sandbox.end()


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "What happened in 1984?",
        "Tell me about 3 cats",
        "What is 5?",
        "Name 3 - 5 fruits",
        "What is 24/7 support?",
        "2026-11-29",
        "Call 555-1234",
        "What is 3.5.2?",
        "What is 2 ** 99999999?",
        "What is 9**9**9**9?",
        "What is 99999999!",
        "How many days from 31 February 2026 to 1 March 2026?",
        "How many days are in a leap year?",
        "I buy 3 books for 12.50 euros each. How much do I pay in all?",
        "What is x + 2 if x is 3?",
        "1" * 400 + " + 1",
        "((((" * 60,
        "",
    ],
)
def test_what_is_no_plain_sum_is_left_to_a_model(question: str):
    assert sum_of(question, TODAY) is None


def test_nothing_can_be_divided_by_nothing():
    found = sum_of("What is 5 divided by 0?")
    assert found and "not defined" in found.result


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("36.0", "36"),
        ("0.30000000000000004", "0.3"),
        ("1234567", "1,234,567"),
        ("-1234.5", "-1,234.5"),
        ("Friday", "Friday"),
    ],
)
def test_a_number_is_written_as_people_read_it(printed: str, read: str):
    assert number_text(printed) == read
