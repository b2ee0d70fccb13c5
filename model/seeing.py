"""Which models take pictures, told by their names: few servers say so in a way that others understand.

A name that is not here is taken for a model that does not; a person can say that it does (`Options.sees_pictures`).
"""

import re

# Parts of names, as regular expressions. Sources: the makers' own lists of models, as of 2026.
SEEING = (
    r"gpt-4o|gpt-4\.1|gpt-4-turbo|gpt-[5-9]|chatgpt",
    r"\bo1\b(?!-(mini|preview))|\bo3\b(?!-mini)|\bo4",
    r"claude",
    r"gemini",
    r"gemma-?3(?!.*(1b|270m))|gemma-?[4-9]",
    r"pixtral|mistral-(small|medium|large)|ministral-3|magistral",
    r"llama-?4|llama-?3\.2-?(vision|11b|90b)",
    r"grok-[4-9]",
    r"qwen.*vl|internvl|smolvlm|minicpm-[ov]|glm-4\.\d+v",
    r"llava|moondream|molmo|idefics|phi-.*(vision|multimodal)",
    r"vision|-vl\b",
)
# Models of such families that hear, speak, search or write code instead.
BLIND = r"audio|realtime|transcribe|-tts|embed|search-preview|codestral|gpt-oss|guard"


def sees(model_name: str) -> bool:
    """Tell whether a model takes pictures, as far as its name says."""
    name = model_name.lower()
    return any(re.search(part, name) for part in SEEING) and not re.search(BLIND, name)
