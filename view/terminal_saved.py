"""The terminal's commands for saved conversations."""

from pathlib import Path

from model.conversation import Conversation
from model.errors import ConversationExists, InputError
from model.export import as_json, as_markdown
from utils.file_names import safe_name
from utils.files import write_whole
from utils.terminal_text import one_line
from utils.words import MARK_BEGIN, MARK_END
from view.terminal_chat import TerminalChat

MOST_LISTED = 20


def new(chat: TerminalChat, _rest: str) -> None:
    """Begin another conversation; this one stays saved."""
    chat.state.new()
    chat.screen.note("A new conversation.")


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
    services = chat.state.services
    if rest:
        hits = services.index.search(rest, MOST_LISTED)
        marked = [(hit.name, hit.snippet.replace(MARK_BEGIN, "").replace(MARK_END, "")) for hit in hits]
        rows = [(one_line(name, 40), one_line(snippet, 80)) for name, snippet in marked]
    else:
        rows = [(one_line(row.name, 60), (row.updated_at or "")[:10]) for row in services.store.entries()[:MOST_LISTED]]
    chat.screen.table(rows)
    if not rows:
        chat.screen.note("There is none.")


def delete(chat: TerminalChat, rest: str) -> None:
    """Delete a saved conversation for good, after a yes: /delete NAME; without a name the open one."""
    state = chat.state
    name = rest or state.title
    conversation = state.services.store.load(name)
    if not chat.screen.confirm(f"Delete “{name}”?"):
        chat.screen.note("It stays.")
        return
    state.services.changes.delete_conversation(conversation.id or "")
    if conversation.id == state.conversation.id:
        state.new()
    chat.screen.note(f"“{name}” is deleted.")


def export(chat: TerminalChat, rest: str) -> None:
    """Write the conversation into a file: /export NAME.md, .json or .pdf."""
    title = chat.state.title
    path = Path(rest).expanduser() if rest else Path(f"{safe_name(title)}.md")
    if path.exists() and not chat.screen.confirm(f"“{path}” exists. Overwrite it?"):
        raise InputError(f"“{path}” exists.", "Take another name.")
    try:
        write_whole(path, exported(title, chat.state.conversation, path.suffix.lower()))
    except OSError as error:
        raise InputError(f"“{path}” can't be written.", str(error.strerror or "")) from error
    chat.screen.note(f"Written: {path}")


def exported(title: str, conversation: Conversation, ending: str) -> bytes:
    """Return a conversation's file; JSON keeps everything, the others what is shown."""
    if ending == ".pdf":
        from model.export_pdf import as_pdf  # heavy, and rarely wanted

        return as_pdf(title, conversation)
    if ending == ".json":
        return as_json([(title, conversation)])
    return as_markdown(title, conversation).encode("utf-8", "replace")
