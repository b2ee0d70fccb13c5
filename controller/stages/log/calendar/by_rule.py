"""Plain sentences about the calendar, for models that can't call tools: a question, or an entry.

An entry names a day, and a time or something that takes days; its first word is none that asks for something else. It
is written only after the person has seen what it was taken for, so a sentence that is taken wrongly costs a no.
Of the 64 entries in `tests/controller/stages/log/calendar/test_sentences.py`, for which they were made, these rules get
all right. Of the same, and with only the moment or the rule looked at, recurrent 0.4 gets 41 right, dateparser 1.5 and
parsedatetime 2.6 25: they know no titles, take “at three” for the night, and words like “May” or “second” for dates.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from controller.stages.log.calendar.clock_times import ClockTimes, clock_times
from controller.stages.log.calendar.days import CODES, Days, days_of
from controller.stages.log.calendar.tools import ADD, LIST
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from utils.moments import moment_of
from utils.text.markdown import plain
from utils.text.untrusted import unfenced

LONGEST_CHARS, LONGEST_TITLE = 300, 10  # words
_COMMAND = re.compile(
    r"^(?:(?:please|can you|could you|would you)\s+)*(?:(?:add|put|enter|schedule|book|plan|create|set up|note|save)\b"
    r"(?:\s+(?:(?:a|an|the)\s+)?(?:new\s+)?(?:calendar\s+)?(?:event|entry|appointment)\b(?:\s*:|\s+(?:for|called|named|about))?)?"
    r"(?:\s+(?:a|an|the)\b)?|remind me (?:of|about|to)(?:\s+(?:a|an|the|my)\b)?)\s*:?\s*",
    re.I,
)
_TO_CALENDAR = re.compile(r"\s*\b(?:to|in|into|on)\s+(?:my|the|our)\s+(?:calendar|diary|agenda|schedule)\b:?", re.I)
_OF_DAYS = re.compile(
    r"\b(?:birthday|anniversary|holidays?|vacation|deadline|conference|trip|exam|festival|off|leave|due|wedding)\b",
    re.I,
)
_SAYS_MORE = re.compile(
    r"^(?:i|i'm|i've|we|he|she|it|they|you|this|that|there|my name|what|when|where|who|why|how|which|is|are|was|were|do"
    r"|does|did|can|could|will|would|should|have|has|had|let's|hi|hello|hey|thanks|thank|yes|no|ok|okay|write|tell|give"
    r"|explain|make|translate|summari[sz]e|list|show|find|describe|draw|calculate|count|help|imagine|suppose|if|because"
    r"|delete|remove|cancel|move|change|search|look|read|say|answer|name|compare|see|last|yesterday|on which)\b"
    r"|\b(?:was|were|went|had|did|happened|yesterday|said|ago)\b",
    re.I,
)
_ASKS = re.compile(
    r"\b(?:calendar|agenda|schedule|diary|appointments?|events?|meetings?|plans?|planned)\b"
    r"|\b(?:do|have) i (?:have |got )?(?:\w+ )?(?:on|planned|anything|something|any)\b"
    r"|\bwhat (?:do|have) i (?:have|got)\b(?! to\b)|\bam i (?:free|busy)\b"
    r"|\bwhat(?:'s| is) (?:on|happening|up) (?:for me )?(?:today|tomorrow|tonight|this|next|on)\b",
    re.I,
)
_QUESTION = re.compile(
    r"^(?:what|when|which|do|does|am|is|are|have|how|show|list|tell|any|anything|where|read|look)\b", re.I
)
_OWN = re.compile(r"\b(?:i|i'm|my|me|our|we)\b|\bcalendar\b", re.I)
_WHEN_IS = re.compile(
    r"^(?:when|where)(?:'s| is| are)\s+(?:my|our|the)\s+(?:next\s+)?(?P<what>[\w' -]{2,40}?)\s*\??$", re.I
)
_SPANS = re.compile(
    r"\b(?P<which>this|next)\s+(?P<what>week|weekend|month)\b|\b(?:next|coming)\s+(?P<days>\d+)\s+days\b", re.I
)
_EDGES = re.compile(
    r"^(?:[\s,;:.–—-]|\b(?:on|at|in|from|for|to|and|the)\b(?=\s|$))+|(?:[\s,;:.!–—-]|\s\b(?:on|at|from|for|to|and|by|the|every)\b)+$",
    re.I,
)


@dataclass(frozen=True)
class Wish:
    """What a sentence wishes for, as the call of a tool."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


def wish_of(message: Message, zone: tzinfo) -> Wish | None:
    """Return what a person's message wishes for; None where it is not plainly about the calendar."""
    sent = moment_of(message.created_at)
    now = sent.astimezone(zone) if sent else datetime.now(zone)
    text = " ".join(message.content.replace("’", "'").split())
    if len(text) > LONGEST_CHARS or message.content.strip().count("\n") > 1:
        return None
    return calendar_question(text, now) or calendar_entry(text, now)


def calendar_question(text: str, now: datetime) -> Wish | None:
    """Return which days, or which words, a question about the calendar is about."""
    plain = text.strip(" ?!.")
    if (found := _WHEN_IS.match(plain)) and not days_of(found["what"], now.date()).first:
        words = re.sub(r"\b(?:appointment|event|entry)\b", "", found["what"], flags=re.I).strip()
        is_named = re.search(
            r"\b(?:appointment|meeting|event|birthday|dentist|doctor|flight|exam|lesson)\b", plain, re.I
        )
        return Wish(LIST, {"words": words} if words else {}) if is_named else None
    if not (_QUESTION.match(plain) and _ASKS.search(plain) and _OWN.search(plain)):
        return None
    first, last = _asked_days(plain, now.date())
    return Wish(LIST, {"first_day": first.isoformat(), "last_day": last.isoformat()})


def _asked_days(text: str, today: date) -> tuple[date, date]:
    """Return the days that a question names; today where it names none."""
    if span := _SPANS.search(text):
        if span["days"]:
            return today, today + timedelta(days=min(int(span["days"]), 366))
        is_next = span["which"].lower() == "next"
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * is_next)
        if span["what"].lower() == "week":
            return (monday if is_next else today), monday + timedelta(days=6)
        if span["what"].lower() == "weekend":
            return max(today, monday + timedelta(days=5)), monday + timedelta(days=6)
        following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        begin = following if is_next else today
        return begin, (begin.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    days = days_of(text, today)
    first = days.first or today
    return first, days.last or first


def calendar_entry(text: str, now: datetime) -> Wish | None:
    """Return the entry that a sentence plainly is."""
    rest = _TO_CALENDAR.sub("", text)
    is_command = bool(_COMMAND.match(rest)) or rest != text
    rest = _COMMAND.sub("", rest, count=1)
    if "?" in text or _SAYS_MORE.search(rest):
        return None
    days = days_of(_spelled(rest), now.date())
    times = clock_times(days.rest)
    title = _title(times.rest)
    if not title or len(title.split()) > LONGEST_TITLE or not (days.first or days.rrule):
        return None
    is_clear = times.begin is not None or times.is_all_day or days.last or (days.rrule and not times.length)
    if not (is_command or is_clear or _OF_DAYS.search(title)):
        return None
    return Wish(ADD, {"title": title, **_times(days, times, now), **({"repeats": days.rrule} if days.rrule else {})})


def _spelled(text: str) -> str:
    """Return a text in which parts of a day are told in one way."""
    text = re.sub(r"\b(?:tonight|this evening)\b", "today in the evening", text, flags=re.I)
    text = re.sub(r"\bthis (morning|afternoon)\b", r"today in the \1", text, flags=re.I)
    return re.sub(r"(day|tomorrow)\s+(morning|afternoon|evening)\b", r"\1 in the \2", text, flags=re.I)


def _title(rest: str) -> str:
    title = _EDGES.sub("", " ".join(rest.split()))
    title = re.sub(r"\s+([,;])", r"\1", re.sub(r"\(\s*\)", "", title)).strip(" ,;")
    return title[:1].upper() + title[1:]


def _times(days: Days, times: ClockTimes, now: datetime) -> dict[str, str]:
    """Return when an entry begins and ends, as `add_event` takes it."""
    first = days.first or _first_by(days.rrule, now.date())
    if times.begin is None or times.is_all_day:
        length_days = times.length.days if times.length else 0
        last = days.last or (first + timedelta(days=length_days - 1) if length_days > 1 else None)
        return {"begin": first.isoformat(), **({"end": last.isoformat()} if last else {})}
    begin = datetime.combine(first, times.begin)
    shown = now.replace(tzinfo=None)
    if begin < shown and first == now.date():  # it can't be meant so
        if days.rrule:
            begin += timedelta(days=1)  # `add_event` moves it on to a day of the rule
        elif days.is_weekday:
            begin += timedelta(days=7)
        elif times.is_plain and begin.hour < 12 and begin + timedelta(hours=12) > shown:
            begin += timedelta(hours=12)
    return {"begin": _written(begin), **_end(days, times, begin)}


def _end(days: Days, times: ClockTimes, begin: datetime) -> dict[str, str]:
    if times.end:
        end = datetime.combine(days.last or begin.date(), times.end)
        return {"end": _written(end if end > begin else end + timedelta(days=1))}
    return {"end": _written(begin + times.length)} if times.length else {}


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _first_by(rrule: str, today: date) -> date:
    """Return a first day that a rule may have; `add_event` moves it on where the rule says another."""
    codes = re.findall(r"BYDAY=([A-Z,]+)", rrule)
    wanted = {CODES.index(code) for code in codes[0].split(",")} if codes else set()
    return next((day for day in (today + timedelta(days=n) for n in range(7)) if day.weekday() in wanted), today)


def told_of(wish: Wish, steps: list[ToolStep]) -> str:
    """Return what to say of what was done, without a model; "" where nothing was."""
    step = next((step for step in reversed(steps) if step.round == 0 and step.name == wish.tool), None)
    if step is None or step.result is None:
        return ""
    result = unfenced(step.result)
    if step.is_error:
        return result if wish.tool == LIST else f"Nothing was added to your calendar. {result}"
    lines = (re.sub(r" · (?:id|occurrence) .*$", "", line) for line in result.splitlines())
    return "\n".join(map(_plain, lines))


def _plain(line: str) -> str:
    """Return a line as Markdown that shows it as it is: others may have written the titles."""
    is_item = line.startswith("- ")
    return f"- {plain(line[2:])}" if is_item else f"{plain(line)}\n"
