"""Front matter: some values on top of a text in YAML, as people write them into Markdown files.

---
name: Tutor
starters: ["Explain rain.", "Quiz me."]
---

The text.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml

FENCE = "---"
_PARTS = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*$(.*)", re.DOTALL | re.MULTILINE)
_BREAKS = re.compile(r"\r\n?")
_KEY = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
# A colon within the words, which YAML refuses: people leave out quotation marks.
_BARE = re.compile(r"^([A-Za-z_][\w-]*:[ \t]+)([^\s\"'\[{|>#].*:[ \t].*)$", re.MULTILINE)

_NOT_IN_YAML = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")  # signs of JSON that have to be escaped

_FLOAT = ("tag:yaml.org,2002:float", re.compile(r"-?\d+(?:\.\d+)?e[-+]?\d+$"))  # as JSON writes it


class _Loader(yaml.SafeLoader):
    """Refuses aliases, which swell, and keys that stand there twice; a day is read as its words."""

    yaml_implicit_resolvers = {
        first: [*(row for row in rows if not row[0].endswith(":timestamp")), _FLOAT]
        for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not followed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        counts = Counter(str(key.value) for key, _ in node.value)
        if counts and counts.most_common(1)[0][1] > 1:
            problem = f"“{counts.most_common(1)[0][0]}” stands there twice"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def split(text: str) -> tuple[dict[str, Any], str]:
    """Return the values on top of a text, and the text below them without empty space around it.

    Raises: ValueError with a sentence.
    """
    text = _BREAKS.sub("\n", text.removeprefix("\ufeff"))
    if text.split("\n", 1)[0].rstrip() != FENCE:
        raise ValueError(f"The file does not begin with a line “{FENCE}”.")
    found = _PARTS.match(text)
    if found is None:
        raise ValueError(f"The second line “{FENCE}”, which ends the values, is missing.")
    try:
        values = yaml.load(_BARE.sub(lambda line: line[1] + json.dumps(line[2]), found[1]), _Loader) or {}
    except yaml.MarkedYAMLError as error:
        number = error.problem_mark.line + 2 if error.problem_mark else 2
        raise ValueError(f"Line {number}: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError("The values are nested too deep, or hold signs that no text has.") from error
    if not isinstance(values, dict) or not all(isinstance(key, str) and _KEY.fullmatch(key) for key in values):
        raise ValueError("What stands on top is not “key: value” in each line.")
    return values, found[2].strip()


def join(values: Mapping[str, Any], body: str) -> str:
    """Return a text with values on top; the other way round than `split`."""
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    lines = (_NOT_IN_YAML.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line) for line in lines)
    return "\n".join([FENCE, *lines, FENCE, "", body.strip(), ""])
