"""Roles: who said something, whatever word a file has for it.

The OpenAI protocol knows four: user, assistant, system and tool. Files from elsewhere, or made by hand, say "human",
"bot", "USER" or nothing at all.
"""

USER, ASSISTANT, SYSTEM, TOOL = "user", "assistant", "system", "tool"

_OTHER_WORDS = {
    ASSISTANT: ("ai", "agent", "answer", "bot", "chatbot", "chatgpt", "claude", "gemini", "gpt", "llm", "model"),
    SYSTEM: ("context", "developer", "instruction", "instructions", "root"),
    TOOL: ("function", "function_call_output", "ipython", "tool_response", "tool_result"),
}
_MEANT = {word: role for role, words in _OTHER_WORDS.items() for word in (role, *words)}


def role_of(word: str) -> str:
    """Return the role that a word stands for; a person's for all that is not known."""
    return _MEANT.get(word, "") or _MEANT.get(word.strip().lower().replace("-", "_").replace(" ", "_"), USER)
