"""What a person told about themselves is found in their own words; everything else is left to the model."""

import pytest

from utils.recall import recalled


@pytest.mark.parametrize(
    ("told", "question", "answer"),
    [
        ("My name is Alice.", "What is my name?", "Your name is Alice."),
        ("I'm Peter. What can you do?", "What's my name?", "You're Peter."),
        ("Hello, my name is Alice. What can you do?", "Who am I?", "Your name is Alice."),
        ("Call me Sam, please.", "What should you call me?", "You told me: “Call me Sam, please.”"),
        ("I live in Lisbon.", "Where do I live?", "You live in Lisbon."),
        ("My dog is called Rex.", "What's the name of my dog?", "Your dog is called Rex."),
        ("I am 42 years old.", "And how old am I?", "You are 42 years old."),
        (
            "My favourite colour is green.",
            "do you remember what my favourite colour is?",
            "Your favourite colour is green.",
        ),
        ("I work as a nurse.", "What is my job?", "You work as a nurse."),
        (
            "My sister Clara gets married in June.",
            "When does my sister get married?",
            "Your sister Clara gets married in June.",
        ),
        (
            "Remember the number 7412.",
            "Which number did I ask you to remember?",
            "You told me: “Remember the number 7412.”",
        ),
    ],
)
def test_what_was_told_is_found(told: str, question: str, answer: str):
    assert recalled(question, ["Hello!", told, "Tell me a joke."]) == answer


def test_the_newest_counts():
    assert recalled("Where do I live?", ["I live in Rome.", "I live in Oslo now."]) == "You live in Oslo now."


@pytest.mark.parametrize(
    "question",
    [
        "How do I get my dog to sit?",
        "What should I feed my dog?",
        "What is my dog's problem?",
        "What is my favourite food?",
        "Who is my boss?",
        "How do I reverse a string?",
        "What is the capital of my country?",
        "Tell me about Rex.",
        "What is my dog called, and what can I do when he barks at night and does not want to sleep any more at all?",
    ],
)
def test_what_was_not_told_is_left_to_the_model(question: str):
    told = ["My dog is called Rex.", "I live in Lisbon.", "My favourite colour is green.", "What is my boss like?"]
    assert recalled(question, told) == ""
