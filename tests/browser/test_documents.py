"""Journeys with documents: into the box, read, asked about, opened at the passage, and removed."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from fpdf import FPDF
from playwright.sync_api import expect

from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer

DOCUMENTS = "/Documents"


def make_pdf(path: Path, *pages: str) -> Path:
    """Write a PDF with some text on each page."""
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for text in pages:
        pdf.add_page()
        pdf.multi_cell(0, 6, text)
    pdf.output(str(path))
    return path


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    """Return a PDF of three pages."""
    return make_pdf(
        tmp_path / "manual.pdf",
        "The lamp has three legs and stands on the table. It is made of brass.",
        "Change the bulb with the plug pulled out. It takes a bulb of seven watts.",
        "The guarantee lasts for four years. Keep the bill.",
    )


def test_the_embedded_model_answers_with_the_page_and_the_citation_opens_its_passage(page, embedded_app, manual):
    chat = Chat(page, embedded_app).open(DOCUMENTS)
    chat.drop(manual)
    chat.ask("How long is the guarantee?")
    chat.answer("The guarantee lasts for four years.")
    chat.ended()
    expect(chat.answers.last).to_contain_text("of 3 passages")
    chat.answers.last.get_by_role("button", name=re.compile("3 · manual.pdf")).click()
    expect(page.get_by_text("page 3", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stPopoverBody").get_by_text("Keep the bill.")).to_be_visible()
    page.keyboard.press("Escape")

    chat.ended()
    chat.ask("Who invented the telescope?")
    chat.answer("The documents do not hold an answer to this.")


def test_a_broken_file_gets_its_sentence_and_the_way_out(page, app: App, server: ScriptedServer, manual, tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(manual.read_bytes()[:400])
    chat = Chat(page, app).open(DOCUMENTS)
    chat.drop(broken)
    chat.ask("What is this about?")
    chat.ended()
    expect(chat.answers.last.get_by_text("“broken.pdf” is damaged or was cut off").first).to_be_attached()
    expect(chat.sidebar.get_by_text("Get it again, and attach that.")).to_be_visible()
    assert "Traceback" not in page.content()


def test_several_files_are_told_to_the_model_in_whole_and_outlive_a_reload(page, app, server, manual, tmp_path):
    notes = tmp_path / "notes.md"
    notes.write_text("# Shopping\n\nBuy two bulbs on Friday.\n")
    server.script(Reply("Seven watts [2], bought on Friday [4]."))
    chat = Chat(page, app).open(DOCUMENTS)
    chat.drop(manual, notes)
    chat.ask("Which bulb, and when?")
    chat.answer("Seven watts")
    told = server.requests[0].body["messages"][-1]["content"]
    assert "[2] manual.pdf, page 2:" in told and "[4] notes.md" in told and told.endswith("Which bulb, and when?")
    address = chat.address
    page.reload()
    chat.open(address)
    expect(chat.answers.last.get_by_role("button", name=re.compile("4 · notes.md"))).to_be_visible()
    expect(chat.sidebar.get_by_role("button", name="manual.pdf")).to_be_visible()


def test_all_files_of_a_folder_go_with_the_next_question(page, app, server, tmp_path):
    folder = tmp_path / "house"
    (folder / "garden").mkdir(parents=True)
    (folder / "key.md").write_text("The key lies under the stone.")
    (folder / "garden" / "roses.txt").write_text("The roses are watered on Mondays.")
    chat = Chat(page, app).open(DOCUMENTS)
    chat.button("Attach a folder").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(folder)
    expect(page.get_by_text("These files will be sent with your next message")).to_be_visible()
    page.keyboard.press("Escape")
    chat.ask("When are the roses watered?")
    chat.ended()
    told = server.requests[0].body["messages"][-1]["content"]
    assert "The key lies under the stone." in told and "The roses are watered on Mondays." in told


def test_a_document_goes_on_being_read_through_a_reload(page, app, server, tmp_path):
    long = tmp_path / "long.txt"
    long.write_text(
        "\n\n".join(f"The ship number {n} sails on day {n} with {n} crates of tea." * 8 for n in range(900))
    )
    chat = Chat(page, app).open(DOCUMENTS)
    chat.drop(long)
    chat.ask("What is on ship number 7?")
    is_read = re.compile(r"indexed [\d,]+ of")
    expect(chat.answers.last.get_by_text(is_read)).to_be_visible()
    page.reload()
    expect(chat.answers.last.get_by_text(is_read)).to_be_visible()
    chat.answers.last.get_by_text("This is the scripted answer.").wait_for()
    assert re.search(r"these \d+ of [\d,]+ passages", server.requests[-1].body["messages"][-1]["content"])


def test_a_removed_document_is_gone_from_the_page_and_the_disk(page, app, server, manual):
    chat = Chat(page, app).open(DOCUMENTS)
    chat.drop(manual)
    chat.ask("What is it made of?")
    chat.ended()
    digest = sha256(manual.read_bytes()).hexdigest()
    kept = [app.file.with_name("attachments") / digest, *app.file.with_name("attachments.read").glob(f"{digest}.*")]
    assert len(kept) == 2 and all(path.is_file() for path in kept)
    chat.sidebar.get_by_role("button", name="manual.pdf").click()
    chat.button("Remove permanently").click()
    expect(chat.sidebar.get_by_role("button", name="manual.pdf")).to_have_count(0)
    expect(chat.questions.first.get_by_text("manual.pdf")).to_have_count(0)
    assert not any(path.exists() for path in kept)
