"""Text of strangers on its way to a model: made visible, and fenced so that nothing in it can end the fence.

No filter finds all that says "ignore your instructions". Kept out for certain are characters that nobody sees, the
marks of models' own formats, and a forged end of the fence.
"""

import secrets
from hashlib import sha256
from unicodedata import normalize

import regex as re  # the standard library's knows no scripts and no emoji

from utils.text.characters import capped

FENCE_TOKENS = 40  # what a fence takes, at most
_BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_JOINED = r"[[\p{L}\p{M}]--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Zinh}\p{Zyyy}]]"
# Default ignorable: fillers, joiners, tags, directions, variation selectors (Unicode 17, section 5.21).
_UNSEEN = re.compile(
    # What is written with tags: the flags of England, Scotland and Wales. All other tags are bytes in disguise.
    r"(?V1)(?P<seen>\U0001f3f4\U000e0067\U000e0062"
    r"(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
    # The look of an emoji, a keycap, emoji in one, and scripts whose letters these join or part.
    r"|(?<=[\p{Emoji}--[0-9#*]])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    r"|(?<=[\p{Extended_Pictographic}\p{EMod}\ufe0f])\u200d(?=\p{Extended_Pictographic})"
    rf"|(?<={_JOINED})[\u200c\u200d]|(?<=[\p{{L}}\p{{N}}])[\u200c\u200d](?={_JOINED})"
    r"|(?<=\p{Mongolian})[\u180b-\u180d\u180f])"
    r"|(?![\n\t])[\p{C}\p{Default_Ignorable_Code_Point}]"
)
# Where a mark may begin, or end, in any of the forms that compatibility makes equal.
_EDGES = re.compile(r"(?<=[^\s|｜￨<＜﹤][|｜￨])[>＞﹥]|[<＜﹤\[［﹇\]］﹈◁](?=([^\n]{1,60}))")
_PIPES = str.maketrans("∣ǀ│❘⏐", "|||||")
# A server that reads one of these in a text takes what follows for another speaker, or for a tool.
_MARKS = re.compile(
    r"""<(?:
 \|[^\W\d]|\|[^<>|\n]+\|>|/?[\w:.]+\|>|\|\w+\|                              # ChatML, Llama 3 and 4, DeepSeek, Harmony
|\[[^\]<>\n]+\]>|/?seed:\w+>                                                              # Seed
|/?(?:s|pad|unk|mask|sep|cls|[bes]o[sptdihan]|ai|enc|role|sys|用户|_\w+)\s*/?>            # Llama 2, Gemma, MiniCPM
|/?(?:image|audio|video|bos_\w+|eos_\w+|[\w▁]*(?:start|begin|end)[_▁]of[_▁]\w+|fim[_-]\w+|file_sep|reponame)>
|/?(?:(?:unused|extra_id_|reserved_|special_|ctrl)\d+|longcat_\w+)>
|/?(?:[\w.-]+[:_])?(?:think(?:ing)?|thoughts?|reasoning|reflection|invoke|parameter|arg_key|arg_value|tools
  |(?:tools?|functions?|system|user|assistant|model|developer|human)[_-]?
   (?:calls?|responses?|results?|outputs?|use|code|list|prompt|message|reminder|turn|sep))(?=[\s>=/])
|(?P<word>(?:system|user|assistant|human|developer|model|tool|function)>)
|/?(?:system|user|assistant|human|developer|model|tool|function)(?=[\s>=/])
)
|\[(?:
 /?(?:inst|think|img|audio|args|prefix|suffix|middle|call_id|mask|gmask|smask|cls|sep|pad|unk|bos|eos)(?:_\w+)?\]
|/?(?:system_prompt|available_tools|tool_\w+|begin_\w+|model_settings|reference_doc_\d+|control_\d+|unused_?\d+)\]
|\|/?\w+\|\]|e~\[                                                                         # EXAONE, MiniMax
)
|\]~!?b[\[\]]
|◁/?think▷                                                                                # Kimi
""",
    re.X | re.I,
)
_LOOKALIKES = {"[": "(", "［": "(", "﹇": "(", "]": ")", "］": ")", "﹈": ")", "◁": "◃", ">": "›", "＞": "›", "﹥": "›"}
_FENCE = re.compile(r"^--- [^\n]* ([0-9a-f]{12}) ---\n", re.M)


def material(text: str, title: str, salt: str = "") -> str:
    """Return what strangers wrote as a model gets it: harmless, behind a fence with this title."""
    return delimited(harmless(text), title, salt)


def harmless(text: str) -> str:
    """Return a text without characters that nobody sees and without marks of chat formats."""
    text = _BREAKS.sub("\n", text).replace("\u2800", " ")
    if not (text.isascii() and text.isprintable()):
        text = capped(_UNSEEN.sub(r"\g<seen>", text, concurrent=False))
    return _EDGES.sub(_judged, text, concurrent=False)


def delimited(text: str, title: str, salt: str = "") -> str:
    """Return a text between two lines that it can't forge, since they hold a number that its writer did not know.

    The number is drawn for this text alone; with a `salt` that no stranger knows, it is the same for the same text.
    The text has to be `harmless` already.
    """
    mark = sha256(f"{salt}\0{text}".encode("utf-8", "replace")).hexdigest()[:12] if salt else secrets.token_hex(6)
    while mark in text:
        mark = secrets.token_hex(6)
    return f"--- {title} {mark} ---\n{text}\n--- end {mark} ---"


def unfenced(text: str) -> str:
    """Return a text without the fence that it ends with, for a person to see; any other text as it is."""
    begin = _FENCE.search(text, concurrent=False)
    end = f"\n--- end {begin[1]} ---" if begin else ""
    return text[: begin.start()] + text[begin.end() :].removesuffix(end) if begin and text.endswith(end) else text


def _judged(edge: re.Match[str]) -> str:
    """Return the first, or last, sign of what may be a mark: another one that looks alike where it is one."""
    behind = edge[1]
    if behind is None:
        return "›"
    begun = edge[0] + behind
    if not begun.isascii():
        begun = normalize("NFKC", _UNSEEN.sub("", begun)).translate(_PIPES)
    mark = _MARKS.match(begun)
    # Programs write List<User>; no format's own mark is only a word.
    is_type = mark and mark["word"] and edge.start() and edge.string[edge.start() - 1].isalnum()
    return _LOOKALIKES.get(edge[0], "‹") if mark and not is_type else edge[0]
