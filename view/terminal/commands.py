"""The commands of the terminal, as one table: what `/help` shows is what there is."""

from collections.abc import Callable
from pathlib import Path

from controller.history.export import MARKDOWN, export_conversation, file_reader, fitting_ending
from controller.stages import find_stage
from model.errors import ConversationExists, InputError
from utils.files.atomic import write_whole
from utils.files.names import safe_name
from utils.text.terminal import safe_line
from utils.text.words import MARK_BEGIN, MARK_END
from view.terminal.chat import TerminalChat
from view.terminal.inside import step_in_full

MOST_LISTED = 20


def new(chat: TerminalChat, _rest: str) -> None:
    """Begin another conversation; this one stays saved."""
    chat.state.new()
    chat.screen.note("New chat.")


def save(chat: TerminalChat, rest: str) -> None:
    """Give the conversation a name: /save NAME."""
    try:
        chat.state.save(rest)
    except ConversationExists as error:
        if not chat.screen.confirm(f"{error.message} Overwrite it?"):
            raise
        chat.state.save(rest, overwrite=True)
    chat.screen.note(f"Saved as “{chat.state.title}”.")


def load(chat: TerminalChat, rest: str) -> None:
    """Open a saved conversation: /load NAME, or how it begins."""
    chat.state.load(rest)
    chat.screen.note(f"“{chat.state.title}”")
    chat.screen.transcript(chat.state.conversation)


def list_saved(chat: TerminalChat, rest: str) -> None:
    """List the newest conversations, or search all: /list WORDS."""
    conversations = chat.state.services.conversations
    if rest:
        hits = conversations.search(rest, MOST_LISTED)
        marked = [(hit.name, hit.snippet.replace(MARK_BEGIN, "").replace(MARK_END, "")) for hit in hits]
        rows = [(safe_line(name, 40), safe_line(snippet, 80)) for name, snippet in marked]
    else:
        newest = conversations.list_conversations()[:MOST_LISTED]
        rows = [(safe_line(row.name, 60), row.updated_at[:10]) for row in newest]
    chat.screen.table(rows)
    if not rows:
        chat.screen.note("There is none.")


def delete_saved(chat: TerminalChat, rest: str) -> None:
    """Delete a saved conversation for good, after a yes: /delete NAME; without a name the open one."""
    state = chat.state
    name = rest or state.title
    conversation_id = state.id_of(name)
    if not chat.screen.confirm(f"Delete “{name}”?"):
        chat.screen.note("It stays.")
        return
    state.services.conversations.delete_conversation(conversation_id)
    if conversation_id == state.conversation.id:
        state.new()
    chat.screen.note(f"“{name}” is deleted.")


def export_file(chat: TerminalChat, rest: str) -> None:
    """Write the conversation into a file: /export NAME.md, .zip (with pictures), .html, .pdf or .json."""
    title, conversation = chat.state.title, chat.state.conversation
    default = f"{safe_name(title)}{fitting_ending(conversation, MARKDOWN)}"
    path = Path(rest).expanduser() if rest else Path(default)
    if path.exists() and not chat.screen.confirm(f"“{path}” exists. Overwrite it?"):
        raise InputError(f"“{path}” exists.", "Take another name.")
    read = file_reader(chat.state.services.resources.attachments)
    ending = path.suffix.lower()
    try:
        write_whole(path, export_conversation(title, conversation, ending, read=read))
    except OSError as error:
        raise InputError(f"“{path}” can't be written.", str(error.strerror or "")) from error
    chat.screen.note(f"Written: {path}")
    if fitting_ending(conversation, ending) != ending:
        chat.screen.note("Its pictures are left out; a name that ends in .zip, .html or .pdf takes them along.")


def model(chat: TerminalChat, rest: str) -> None:
    """Choose who answers: /model NAME or /model PROVIDER/NAME; without a name, list them."""
    state, providers = chat.state, chat.state.services.providers
    if rest:
        state.pick_model(rest)
    else:
        models = providers.models(state.provider)
        for name in models.context_windows:
            chat.screen.note(f"{state.provider.name}/{name}")
        if models.problem:
            chat.screen.note(models.problem)
    chat.screen.note(f"{state.provider.title} answers: {state.model_name or providers.default_model(state.provider)}")


def system(chat: TerminalChat, rest: str) -> None:
    """Set this conversation's instructions: /system TEXT; without a text, show them."""
    if rest:
        chat.state.choose(instructions=rest)
    chat.screen.note(chat.state.conversation.options.instructions or "There are no instructions.")


def effort(chat: TerminalChat, rest: str) -> None:
    """Choose how much the model thinks: /effort off, low, medium, high or auto; without one, show it."""
    if rest:
        chat.state.choose_effort(rest)
    chat.screen.note(f"Effort: {chat.state.conversation.options.reasoning_effort or 'auto'}")


def switch_stage(chat: TerminalChat, rest: str) -> None:
    """Go on with another ability: /stage web_search."""
    chat.state.stage = find_stage(rest)
    if not chat.state.conversation.messages:
        chat.state.new()  # a stage may have one for now
    chat.screen.note(f"{chat.state.stage.title}: {chat.state.stage.adds}")


def retry(chat: TerminalChat, _rest: str) -> None:
    """Ask for the last answer again."""
    chat.retry()


def go_on(chat: TerminalChat, _rest: str) -> None:
    """Let the model go on with an answer that was broken off."""
    chat.go_on()


def copy(chat: TerminalChat, _rest: str) -> None:
    """Put the last answer on the clipboard, where the terminal allows that."""
    answer = chat.state.last_answer
    if answer is None or not chat.screen.is_live:
        raise InputError("There is nothing to copy.", "Ask something first, in a terminal.")
    chat.screen.copy(answer.content)
    chat.screen.note("Copied.")


def attach(chat: TerminalChat, rest: str) -> None:
    """Let a file go with the next question: /attach PATH."""
    chat.state.attach([Path(rest.strip("'\"")).expanduser()])
    names = ", ".join(file.name for file in chat.state.attachments)
    chat.screen.note(f"With the next question: {names}")


def inside(chat: TerminalChat, rest: str) -> None:
    """See inside: each step of the answers, until it is said again; /inside 3 shows one with its code."""
    if rest:
        steps = chat.story()
        if rest not in map(str, range(1, len(steps) + 1)):
            raise InputError(f"There is no step “{rest}”.", f"Take a number from 1 to {len(steps)}.")
        chat.screen.note(step_in_full(int(rest), steps[int(rest) - 1], chat.state.provider.key_variable))
        return
    chat.is_inside = not chat.is_inside
    chat.screen.note("You see inside: /inside 3 shows a step with its code." if chat.is_inside else "Closed.")
    if chat.is_inside and chat.state.last_answer:
        chat.tell_steps(chat.story())


def help_(chat: TerminalChat, _rest: str) -> None:
    """Show this list."""
    chat.screen.table([(name, (run.__doc__ or "").strip()) for name, run in COMMANDS.items()])
    chat.screen.note("Ctrl-C stops an answer, Ctrl-D ends. Alt-Enter begins a new line, Tab completes.")


def quit_(_chat: TerminalChat, _rest: str) -> None:
    """End."""


COMMANDS: dict[str, Callable[[TerminalChat, str], None]] = {
    "/new": new,
    "/save": save,
    "/load": load,
    "/list": list_saved,
    "/delete": delete_saved,
    "/model": model,
    "/system": system,
    "/effort": effort,
    "/stage": switch_stage,
    "/retry": retry,
    "/continue": go_on,
    "/copy": copy,
    "/attach": attach,
    "/export": export_file,
    "/inside": inside,
    "/help": help_,
    "/quit": quit_,
}


def is_command(line: str) -> bool:
    """Return whether a line is a command and not a question; a path at its beginning is none."""
    first = line.split(maxsplit=1)[0]
    return first.startswith("/") and "/" not in first[1:]


def run_command(chat: TerminalChat, line: str) -> bool:
    """Run a command; return whether the chat goes on. Raises: BnaError; InputError when there is no such command."""
    name, _, rest = line.strip().partition(" ")
    if name not in COMMANDS:
        raise InputError(f"There is no command “{name}”.", "/help shows all.")
    COMMANDS[name](chat, rest.strip())
    return name != "/quit"
