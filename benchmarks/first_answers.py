"""How many of forty ordinary first questions are answered rightly, model beside model.

Each is asked in a conversation of its own, through stage 2's own `reply()`, as a page asks it: with what bnaGPT itself
knows, from the conversation's rules to the guard against loops. "Model alone" is the same model without that: the same
messages, sent to its server. `python -m benchmarks.first_answers` prints every answer; `--answers 200` looks for loops.
"""

import argparse
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import httpx

from benchmarks.first_questions import FIRST_QUESTIONS, REMEMBERED, FirstQuestion
from benchmarks.table import Figures, Row
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import LOOP
from model.providers.embedded import EMBEDDED_MODELS, EmbeddedModel
from settings import Settings
from utils.model_output.repetition import loop_begins
from view.app import build_resources

GOAL_PERCENT = 80
MOST_TOKENS = 1024


def first_answers() -> Iterator[Row]:
    """Measure how many first questions each embedded model that is here answers rightly."""
    models = [model for model in EMBEDDED_MODELS if model.path.is_file()]
    for model in models:
        is_best = model is EMBEDDED_MODELS[0]
        rights = [is_right(model, question) for question in FIRST_QUESTIONS]
        kept = [is_right(model, question) for question in REMEMBERED]
        alone = [is_right(model, question, alone=True) for question in FIRST_QUESTIONS]
        goals = (GOAL_PERCENT, 10) if is_best else (None, None)
        name = f"First questions, {model.title}"
        figures = Figures([100 * sum(rights) / len(rights)], raw=[100 * sum(alone) / len(alone)])
        yield Row(f"{name}: right, of {len(rights)} (raw: the model alone)", "%", goals[0], figures, is_least=True)
        yield Row(f"{name}: remembered over two turns, of 10", "", goals[1], Figures([float(sum(kept))]), is_least=True)


def loops(count: int = 200) -> Iterator[Row]:
    """Measure how many answers of the best model still hold a loop, and how many were ended for one."""
    model = EMBEDDED_MODELS[0]
    asked = [FIRST_QUESTIONS[number % len(FIRST_QUESTIONS)] for number in range(count)]
    looped = ended = 0
    for question in asked:
        conversation = _asked(model, question)
        looped += loop_begins(conversation.messages[-1].content) is not None
        ended += conversation.messages[-1].finish_reason == LOOP
    yield Row(f"First questions: loops in {count} answers", "", 0, Figures([float(looped)]))
    yield Row(f"First questions: answers ended for a loop, of {count}", "", None, Figures([float(ended)]))


_PROVIDERS: dict[str, Providers] = {}


def _providers(model: EmbeddedModel) -> Providers:
    """Return what runs a model; each is loaded once."""
    if model.name not in _PROVIDERS:
        settings = Settings.from_env({"LLM_PROVIDER": "embedded", "EMBEDDED_MODEL": model.name})
        _PROVIDERS[model.name] = build_providers(settings)
    return _PROVIDERS[model.name]


def is_right(model: EmbeddedModel, question: FirstQuestion, alone: bool = False) -> bool:
    """Ask, and tell whether the last answer is right."""
    text = answer_alone(model, question) if alone else _asked(model, question).messages[-1].content
    return question.is_right(text)


def _asked(model: EmbeddedModel, question: FirstQuestion) -> Conversation:
    """Return the conversation after a question, through stage 2."""
    conversation, controller = Conversation(), MemoryController(build_resources(_providers(model)))
    for said in question.said:
        list(controller.reply(conversation, said, ModelSelection()))
    return conversation


def answer_alone(model: EmbeddedModel, question: FirstQuestion) -> str:
    """Return what the model's server says to the same messages, without any help."""
    providers = _providers(model)
    endpoint = providers.endpoint()
    messages = [{"role": role, "content": content} for role, content in endpoint.provider.primer]
    for said in question.said:
        messages.append({"role": "user", "content": said})
        body = {"model": endpoint.model_name, "messages": messages, "max_tokens": MOST_TOKENS}
        headers = {"Authorization": f"Bearer {endpoint.key}"}
        address = f"{endpoint.base_url}/chat/completions"
        with providers.local.running(endpoint.model_name, lambda: True):
            answer = httpx.post(address, json=body, headers=headers, timeout=600, trust_env=False).json()
        messages.append({"role": "assistant", "content": answer["choices"][0]["message"]["content"] or ""})
    return messages[-1]["content"]


def told(model: EmbeddedModel, questions: Sequence[FirstQuestion], alone: bool) -> Iterator[tuple[FirstQuestion, bool]]:
    """Yield whether each question was answered rightly, and print what was said."""
    for question in questions:
        text = answer_alone(model, question) if alone else _asked(model, question).messages[-1].content
        right = question.is_right(text)
        print(
            f"{'right' if right else 'WRONG'}  {question.kind}: {question.said[-1]}\n       {text[:300]!r}", flush=True
        )
        yield question, right


def main() -> None:
    """Print every answer, and the scores by kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=0, help="ask so many, and look for loops")
    parser.add_argument("--model", default="", help="only this one")
    parser.add_argument("--alone", action="store_true", help="the model alone, without bnaGPT's help")
    wish = parser.parse_args()
    logging.captureWarnings(True)
    if wish.answers:
        for row in loops(wish.answers):
            print(" | ".join(row.cells()))
        return
    questions = [*FIRST_QUESTIONS, *(replace(one, kind="remembered") for one in REMEMBERED)]
    for model in EMBEDDED_MODELS:
        if wish.model in ("", model.name) and model.path.is_file():
            rights = Counter(question.kind for question, right in told(model, questions, wish.alone) if right)
            counted = sum(count for kind, count in rights.items() if kind != "remembered")
            print(f"{model.title}{' alone' if wish.alone else ''}: {counted} of {len(FIRST_QUESTIONS)}; {dict(rights)}")


if __name__ == "__main__":
    main()
