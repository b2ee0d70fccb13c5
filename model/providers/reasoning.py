"""How much a model thinks before it answers: how each provider is told, and which models can't.

Nobody agrees on one parameter. So each effort has forms, best first; a server that refuses one gets the next, and which
one it took is remembered (`Dialect`). The last form is empty: then the model thinks as much as it does by itself.
"""

import re
from typing import Any

Form = dict[str, Any]

# The ways of `Provider.effort`. Sources: https://platform.openai.com/docs/guides/reasoning,
# https://openrouter.ai/docs/use-cases/reasoning-tokens, https://docs.claude.com/en/api/openai-sdk,
# https://ai.google.dev/gemini-api/docs/openai, https://docs.vllm.ai/en/latest/features/reasoning_outputs.html
PLAIN, OPENROUTER, BUDGET, GOOGLE, TEMPLATE = "plain", "openrouter", "budget", "google", "template"
OFF = "off"
BUDGETS = {"low": 2048, "medium": 8192, "high": 24_576}  # thinking tokens
LEAST_BUDGET = 1024  # Anthropic takes no smaller one
ROOM_TOKENS = 8192  # for the answer behind the thoughts, where a person set no limit
EFFORT_PARAMETERS = (
    *("reasoning_effort", "reasoning", "thinking", "chat_template_kwargs", "extra_body"),
    "output_config",
)

# Models that don't think, told by their names: they are not asked to. All others are, and may refuse once.
_NEVER = re.compile(
    r"gpt-(3\.5|4o|4\.1|4-|4$)|chatgpt|davinci|babbage|claude-(2|instant|3-(opus|sonnet|haiku)|3-5)|gemini-(1\.|2\.0)"
    r"|llama-?[23]|codellama|tinyllama|smollm[12]?\b(?!3)|smollm2|qwen-?(1\.5|2)(\.5)?(?!.*qwq)|gemma-?[123]\b|gemma-?3"
    r"|phi-?[123]\b|mixtral|mistral-(7b|nemo|tiny)|codestral|ministral|pixtral|embed|whisper|tts|dall-e|starcoder|falcon"
)


def may_think(model_name: str) -> bool:
    """Whether a model may think before it answers, as far as its name says."""
    return not _NEVER.search(model_name.lower())


def forms(way: str, effort: str, max_tokens: int | None) -> list[Form]:
    """Return what a request may say of an effort, best first; the last one says nothing."""
    found = _FORMS[way](effort, max_tokens) if way and effort in (OFF, *BUDGETS) else []
    return [*found, {}]


def _plain(effort: str, _max_tokens: int | None) -> list[Form]:
    """Return OpenAI's own forms; a model that can't leave it out thinks as little as it can."""
    values = ("none", "minimal", "low") if effort == OFF else (effort,)
    return [{"reasoning_effort": value} for value in values]


def _openrouter(effort: str, _max_tokens: int | None) -> list[Form]:
    if effort == OFF:
        return [{"reasoning": {"effort": "none"}}, {"reasoning": {"enabled": False}}]
    return [{"reasoning": {"effort": effort}}]


def _budget(effort: str, max_tokens: int | None) -> list[Form]:
    """Return Anthropic's forms: so many tokens for thoughts, out of those for the whole answer; or an effort."""
    if effort == OFF:
        return []
    whole = BUDGETS[effort] + ROOM_TOKENS
    budget = min(BUDGETS[effort], max(LEAST_BUDGET, max_tokens // 2)) if max_tokens else BUDGETS[effort]
    room: Form = {} if max_tokens else {"max_tokens": whole}
    adaptive: Form = {"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}}  # newer models want that
    budgeted: Form = {"thinking": {"type": "enabled", "budget_tokens": budget}}
    if max_tokens and budget >= max_tokens:
        return []
    return [budgeted | room, adaptive | room, {"output_config": {"effort": effort}} | room]


def _google(effort: str, max_tokens: int | None) -> list[Form]:
    if effort == OFF:
        return _plain(effort, max_tokens)
    shown = {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}}
    return [{"reasoning_effort": effort, **shown}, {"reasoning_effort": effort}]


def _template(effort: str, max_tokens: int | None) -> list[Form]:
    """Return the forms for a server that runs open models: its chat template knows a switch, or it knows efforts."""
    switch = {"chat_template_kwargs": {"enable_thinking": effort != OFF}}
    plain = _plain(effort, max_tokens)
    return [{**plain[0], **switch}, switch, *plain]


_FORMS = {PLAIN: _plain, OPENROUTER: _openrouter, BUDGET: _budget, GOOGLE: _google, TEMPLATE: _template}
