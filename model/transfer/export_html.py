"""Export as HTML: one file of the shown branch, with its pictures inside, for every browser and every printer.

A Content-Security-Policy in the file allows its own style and the pictures inside, and nothing else: no script, no
network, no form. What models and strangers wrote is text to it (`utils/text/rendering/html.py`).
"""

from base64 import b64encode
from collections.abc import Iterator
from datetime import tzinfo
from hashlib import sha256

from model.chat.conversation import Conversation
from model.chat.descriptions import thinking_title
from model.chat.message import Message
from model.transfer.export import beside, body_of, role_heading
from model.transfer.pictures import FileReader, PictureFile, nothing_kept, pictures_of_message, read_picture
from utils.text.rendering.html import markdown_html, text_html

STYLE = """
:root { color-scheme: light dark; --ink: #211c2e; --faint: #6e687c; --accent: #6d32cd; --shade: #f5f2fa }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ece9f3; --faint: #a39db3; --accent: #b794f6; --shade: #262130; background: #17141d } }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 46rem; color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.7rem; line-height: 1.25 } h2 { font-size: 1rem; color: var(--accent) }
h3, h4, h5, h6 { line-height: 1.3 } a { color: var(--accent) }
.note, figcaption, summary { color: var(--faint); font-size: .875rem }
article { margin-top: 2rem; content-visibility: auto; contain-intrinsic-size: auto 12rem }
.lead { padding-bottom: 1rem; border-bottom: 1px solid var(--shade) }
pre, .table, math[display="block"] { overflow-x: auto } pre { background: var(--shade); padding: .75rem 1rem }
pre, code { font: .875rem/1.5 ui-monospace, monospace } blockquote { margin-inline: 0; padding-inline-start: 1rem;
  border-inline-start: 3px solid var(--shade); color: var(--faint) }
table { border-collapse: collapse } th, td { padding: .3rem .75rem; border-bottom: 1px solid var(--faint);
  text-align: start } .right { text-align: right } .center { text-align: center }
figure { margin: 1rem 0 } img { max-width: 100%; height: auto; background: #fff }
@media print { body { max-width: none; padding: 0 } article { content-visibility: visible }
  pre { white-space: pre-wrap } figure, tr { break-inside: avoid } h2 { break-after: avoid } }
"""
POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src 'none'; base-uri 'none'; form-action 'none'"
)


def as_html(
    title: str,
    conversation: Conversation,
    zone: tzinfo | None = None,
    read: FileReader = nothing_kept,
    lead: str = "",
) -> bytes:
    """Return the shown branch as one HTML file; `lead` is Markdown that stands on top."""
    return "".join(html_parts(title, conversation, zone, read, lead)).encode("utf-8", "replace")


def html_parts(
    title: str,
    conversation: Conversation,
    zone: tzinfo | None = None,
    read: FileReader = nothing_kept,
    lead: str = "",
) -> Iterator[str]:
    """Yield the same piece by piece, a message or a picture at a time: for who writes it into a file."""
    yield _head(title)
    yield f"<h1>{text_html(title)}</h1>\n"
    if beside(conversation):
        yield f'<p class="note">{text_html(beside(conversation))}</p>\n'
    if lead:
        yield f'<section class="lead" dir="auto">\n{markdown_html(lead)}</section>\n'
    for message in conversation.messages:
        yield from _article(message, zone, read)
    yield "</main>\n</body>\n</html>\n"


def _head(title: str) -> str:
    """Return the beginning of the file; the policy names its own style by its hash."""
    policy = POLICY.format(b64encode(sha256(STYLE.encode()).digest()).decode())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text_html(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )


def _article(message: Message, zone: tzinfo | None, read: FileReader) -> Iterator[str]:
    yield f'<article dir="auto">\n<h2>{text_html(role_heading(message, zone))}</h2>\n'
    if message.thinking:
        thought = markdown_html(message.thinking)
        yield f"<details>\n<summary>{text_html(thinking_title(message))}</summary>\n{thought}</details>\n"
    pictures = pictures_of_message(message)
    yield markdown_html(body_of(message, without={picture.sha256 for picture in pictures}))
    for picture in pictures:
        yield _figure(picture, read)
    yield "</article>\n"


def _figure(picture: PictureFile, read: FileReader) -> str:
    """Return a picture with its name below; of one that can't be read, a line that says so."""
    caption = text_html(picture.caption)
    try:
        drawn = read_picture(picture, read)
    except ValueError as error:
        return f'<p class="note">{caption}: {text_html(str(error))}</p>\n'
    source = f"data:{drawn.media_type};base64,{b64encode(drawn.data).decode()}"
    image = f'<img src="{source}" alt="{caption}" decoding="async">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>\n"
