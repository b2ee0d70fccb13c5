"""LlamaIndex's LLM for every provider, made anew for each turn around a line that can be cut."""

from collections.abc import Iterator, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, LLMMetadata
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.llms.openai import OpenAI

from controller.llm.adaptation import adapted
from controller.llm.agent_bridge import AgentBridge
from controller.llm.messages import request_rows
from controller.llm.wire import NO_KEY, Chunk, Sdk, build_chat, chunks
from model.chat.options import Options
from model.providers.provider import Endpoint
from utils.model_output.thoughts import SENT_BACK, with_thoughts
from utils.net.client import CancellableClient

# What a person chose, by these names until the request leaves.
MAX_TOKENS, EFFORT = "max_tokens", "reasoning_effort"


class AgentLLM(OpenAI):
    """LlamaIndex's OpenAI class for every provider; what it asks and gets goes by an AgentBridge.

    `OpenAIAgent` takes only this class, and the class knows only OpenAI's own model names; so `metadata` is overridden.
    """

    _bridge: AgentBridge = PrivateAttr()
    _sdk: Sdk = PrivateAttr()

    @classmethod
    def build(cls, bridge: AgentBridge, line: CancellableClient) -> "AgentLLM":
        """Return the LLM that `OpenAIAgent` talks to in one turn."""
        endpoint = bridge.endpoint
        options, key = wanted_back(endpoint) | bridge.options, endpoint.key or NO_KEY
        llm = cls(model=endpoint.model_name, api_key=key, additional_kwargs=options, max_retries=0)
        llm._sdk, llm._bridge = build_chat(endpoint, line), bridge
        return llm

    @property
    def metadata(self) -> LLMMetadata:
        """Tell LlamaIndex what the endpoint can do, without a look at the model's name."""
        return LLMMetadata(
            context_window=self._bridge.endpoint.context_window,
            is_chat_model=True,
            is_function_calling_model=True,
            model_name=self._bridge.endpoint.model_name,
        )

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Send a request, tell what comes as it comes, and return the whole answer; the agent calls this.

        The messages go as `extra_body`: the SDK walks over those in `messages` one by one, 0.1 ms each.
        Raises: ProviderError.
        """
        bridge = self._bridge
        rows = bridge.begin_request(request_rows(messages, self.model))
        backs = (message.additional_kwargs.get(SENT_BACK) for message in messages)
        rows = [with_thoughts(row, back) if back else row for row, back in zip(rows, backs, strict=True)]
        if "tools" in kwargs and bridge.round > bridge.last_round:
            kwargs["tool_choice"] = "none"  # the tools stay: some servers refuse a history with calls of unknown ones
        request = self._get_model_kwargs(stream=True, **kwargs)
        limit, effort = request.pop(MAX_TOKENS, None), request.pop(EFFORT, "")

        def send(body: dict[str, Any]) -> Iterator[Chunk]:
            return chunks(self._sdk, messages=[], extra_body=body, **request)

        return bridge.read(lambda: adapted(send, bridge.endpoint, rows, limit, effort))

    def _get_model_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave the temperature to the provider unless a person set it: some models refuse any but their own."""
        arguments: dict[str, Any] = super()._get_model_kwargs(**kwargs)
        if "temperature" not in self.additional_kwargs:
            del arguments["temperature"]
        return arguments


def sampling_options(options: Options) -> dict[str, Any]:
    """Return what a person chose: temperature, longest answer, effort. `adapted` finds each server's words for it."""
    temperature = {} if options.temperature is None else {"temperature": options.temperature}
    chosen = {MAX_TOKENS: options.max_tokens, EFFORT: options.reasoning_effort}
    return temperature | {key: value for key, value in chosen.items() if value}


def wanted_back(endpoint: Endpoint) -> dict[str, Any]:
    """Return what a request says to get token counts, and pictures; nothing to providers that may refuse it."""
    usage = {"stream_options": {"include_usage": True}} if endpoint.provider.reports_usage else {}
    may_draw = endpoint.provider.names_modalities and "image" in endpoint.model_name.lower()
    return usage | ({"modalities": ["image", "text"]} if may_draw else {})
