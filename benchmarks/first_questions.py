"""Forty questions that people ask first, of ten kinds, and whether the answer to each is right.

Every check is made by a program and looks at the answer alone: a name or a number that has to stand in it, code that is
run, lines that are counted. It takes what people would take, and forgives what they would. The questions were written
before any model had answered them. Read next: `benchmarks/first_answers.py`, which asks them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from utils.sandbox.sandbox import Sandbox
from utils.text.code_blocks import first_block

Check = Callable[[str], bool]


@dataclass(frozen=True)
class FirstQuestion:
    """What is said, one turn after the other, and what the last answer has to be."""

    kind: str
    said: tuple[str, ...]
    is_right: Check


def says(*words: str) -> Check:
    """Return a check for answers in which each of these stands as words of its own; a group in (a|b) is a choice."""
    return lambda answer: all(re.search(rf"(?<!\w){word}(?!\w)", _plain(answer)) for word in words)


def never(*words: str) -> Check:
    """Return a check for answers in which none of these stands."""
    return lambda answer: not any(re.search(rf"(?<!\w){word}(?!\w)", _plain(answer)) for word in words)


def both(*checks: Check) -> Check:
    """Return a check for answers that pass all of these."""
    return lambda answer: all(check(answer) for check in checks)


def either(*checks: Check) -> Check:
    """Return a check for answers that pass one of these."""
    return lambda answer: any(check(answer) for check in checks)


def tells_the_time(answer: str) -> bool:
    """Whether an answer tells what time it is, give or take five minutes."""
    now = datetime.now()
    around = [now + timedelta(minutes=minutes) for minutes in range(-5, 6)]
    return any(f"{moment:%H:%M}" in answer for moment in around)


def number(wanted: str) -> Check:
    """Return a check for answers that hold a number, with or without commas and zeros at its end."""
    pattern = re.compile(rf"(?<![\d.,]){re.escape(wanted)}(\.?0*)(?![\d]|[.,]\d)")
    return lambda answer: bool(pattern.search(re.sub(r"(?<=\d)[,_\u202f\u00a0 ](?=\d{3})", "", answer)))


def items(least: int) -> Check:
    """Return a check for answers with so many points or lines, or names between commas."""

    def check(answer: str) -> bool:
        lines = [line for line in answer.splitlines() if re.match(r"\s*(\d+[.)]|[-*•])\s*\S", line)]
        named = max((len(re.split(r",| and ", line)) for line in answer.splitlines()), default=0)
        return max(len(lines), named) >= least

    return check


def lines(least: int, most: int) -> Check:
    """Return a check for answers of so many lines that hold words."""
    return lambda answer: least <= sum(bool(re.search(r"\w", line)) for line in answer.splitlines()) <= most


def words(least: int, most: int) -> Check:
    """Return a check for answers of so many words."""
    return lambda answer: least <= len(answer.split()) <= most


def prints(call: str, wanted: str) -> Check:
    """Return a check for answers whose code gives what is wanted, in the sandbox; NAME is its last function's name."""

    def check(answer: str) -> bool:
        code = first_block(answer)
        names = re.findall(r"^def (\w+)", code, re.MULTILINE)
        if not names:
            return False
        sandbox = Sandbox("monty")
        try:
            return sandbox.run(f"{code}\nprint({call.replace('NAME', names[-1])})").output.strip().endswith(wanted)
        finally:
            sandbox.end()

    return check


def _plain(text: str) -> str:
    """Return a text in small letters, with straight quotes and no marks of Markdown."""
    return re.sub(r"[*_`]", "", text.lower().replace("’", "'"))


CAN_NOT_KNOW = says(
    r"(can't|cannot|can not|don't|do not|unable|not able|no access|doesn't|does not|not have|no way|isn't|without"
    r"|sorry|check|unfortunately|impossible|couldn't|could not)"
)

NOT_OPENAI = never("openai", "anthropic", "google")

FIRST_QUESTIONS = (
    FirstQuestion("facts", ("What is the capital of Australia?",), says("canberra")),
    FirstQuestion("facts", ("Who wrote Pride and Prejudice?",), says("austen")),
    FirstQuestion("facts", ("How many days are in a leap year?",), number("366")),
    FirstQuestion("facts", ("Which planet is closest to the sun?",), says("mercury")),
    FirstQuestion("sums", ("What is 17 times 23?",), number("391")),
    FirstQuestion("sums", ("What is 15% of 240?",), number("36")),
    FirstQuestion("sums", ("I buy 3 books for 12.50 euros each. How much do I pay in all?",), number("37.5")),
    FirstQuestion("sums", ("What is 2 to the power of 64?",), number("18446744073709551616")),
    FirstQuestion("translation", ("How do you say 'thank you' in Spanish?",), says("gracias")),
    FirstQuestion("translation", ("Translate to French: The cat is on the table.",), says("chat", "est sur", "table")),
    FirstQuestion(
        "translation", ("Translate into German: Good morning, how are you?",), says("guten (morgen|tag)", "wie")
    ),
    FirstQuestion(
        "translation", ("What does 'bonjour' mean in English?",), says("(hello|hi|good (morning|day|afternoon))")
    ),
    FirstQuestion(
        "rewriting",
        ("Correct the spelling: I recieved you're mesage yesterday.",),
        says("i received your message yesterday"),
    ),
    FirstQuestion(
        "rewriting",
        ("Make this more polite: Send me the report now.",),
        says("report", "(please|could you|would you|kindly|appreciate|grateful|may i|can you)"),
    ),
    FirstQuestion(
        "rewriting",
        (
            "Shorten this to one sentence: The meeting, which was planned for Monday, has been moved to Tuesday at ten,"
            " because several people are ill and could not have come on Monday. Please tell everyone in your team.",
        ),
        both(says("tuesday"), words(4, 30)),
    ),
    FirstQuestion("rewriting", ("Rewrite in the past tense: I go to school and eat an apple.",), says("went", "ate")),
    FirstQuestion("code", ("Write a Python function that adds two numbers.",), prints("NAME(2, 3)", "5")),
    FirstQuestion(
        "code",
        ("Write a Python function that tells whether a number is even.",),
        prints("(bool(NAME(4)), bool(NAME(7)))", "(True, False)"),
    ),
    FirstQuestion(
        "code",
        ("How do I reverse a string in Python?",),
        lambda answer: "[::-1]" in answer or "reversed(" in answer,
    ),
    FirstQuestion(
        "code",
        ("Write an SQL query that selects all customers from Berlin.",),
        says(r"select\b.*", "from customers?", r"where\b[^;]*berlin"),
    ),
    FirstQuestion("lists", ("List three fruits.",), items(3)),
    FirstQuestion("lists", ("Name the four seasons.",), says("spring", "summer", "(autumn|fall)", "winter")),
    FirstQuestion("lists", ("Give me three ideas for dinner.",), items(3)),
    FirstQuestion(
        "lists",
        ("List the days of the week.",),
        says("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ),
    FirstQuestion(
        "jokes",
        ("Tell me a joke about computers.",),
        both(
            words(6, 120), says(r"(computers?|programmers?|bugs?|bytes?|code|keyboard|mouse|virus|software|laptop|pc)")
        ),
    ),
    FirstQuestion("jokes", ("Tell me a knock-knock joke.",), says("knock", "who's there")),
    FirstQuestion(
        "jokes", ("Write a two-line rhyme about a cat.",), both(lines(2, 4), says("(cats?|kitty|kitten|feline)"))
    ),
    FirstQuestion(
        "jokes",
        ("Write a haiku about the sea.",),
        both(lines(3, 5), says("(sea|waves?|ocean|tides?|shores?|water|blue)")),
    ),
    FirstQuestion("memory", ("My name is Alice.", "What is my name?"), both(says("alice"), never("bob", "emily"))),
    FirstQuestion("memory", ("I live in Lisbon.", "Where do I live?"), says("lisbon")),
    FirstQuestion("memory", ("My dog is called Rex.", "What is my dog called?"), says("rex")),
    FirstQuestion("memory", ("I am 42 years old.", "How old am I?"), number("42")),
    FirstQuestion("who are you", ("Who are you?",), both(says("bnagpt"), NOT_OPENAI)),
    FirstQuestion("who are you", ("What is your name?",), both(says("bnagpt"), NOT_OPENAI)),
    FirstQuestion("who are you", ("Are you ChatGPT?",), both(says("(no|not|bnagpt)"), never("yes"))),
    FirstQuestion("who are you", ("Which company made you?",), both(says("(bnagpt|qwen|alibaba|open)"), NOT_OPENAI)),
    FirstQuestion("what it can't know", ("What is the weather like in Paris right now?",), CAN_NOT_KNOW),
    FirstQuestion("what it can't know", ("What did I have for breakfast today?",), CAN_NOT_KNOW),
    FirstQuestion("what it can't know", ("What time is it?",), either(CAN_NOT_KNOW, tells_the_time)),
    FirstQuestion("what it can't know", ("Who won the football match last night?",), CAN_NOT_KNOW),
)

# Ten ways to tell something about oneself, and to ask for it in the next turn.
REMEMBERED = (
    *(question for question in FIRST_QUESTIONS if question.kind == "memory"),
    FirstQuestion("memory", ("Hello, I'm Peter. What can you do?", "What's my name?"), says("peter")),
    FirstQuestion("memory", ("Call me Sam, please.", "What should you call me?"), says("sam")),
    FirstQuestion("memory", ("My favourite colour is green.", "What is my favourite colour?"), says("green")),
    FirstQuestion("memory", ("I work as a nurse in a hospital.", "What is my job?"), says("nurse")),
    FirstQuestion("memory", ("Remember the number 7412.", "Which number did I ask you to remember?"), number("7412")),
    FirstQuestion(
        "memory", ("My sister Clara gets married in June.", "When does my sister get married?"), says("june")
    ),
)
