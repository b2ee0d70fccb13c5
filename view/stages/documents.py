"""Stage 4 on the screen: files go into the box, and stand in the sidebar with how far each is read."""

import streamlit as st

from controller.stages.documents.indexing import IndexingJob, indexing_queue
from model.chat.message import Message
from model.chat.message_parts import Attachment
from utils.text.markdown import plain
from view.chat.attachments import size
from view.shell.errors import kept_errors, shown_errors
from view.stages.chatbot_with_memory import ChatbotWithMemoryView

EVERY_S = 1.0
QUOTES = "The small model on this computer only quotes documents. A stronger model answers in its own words."


class DocumentsView(ChatbotWithMemoryView):
    """A conversation about documents."""

    slug = "documents"
    max_upload_mb = 200

    def draw_beside(self) -> None:
        if documents := self.documents():
            # While an answer is written, it tells how far reading is, and the page can't run anything beside it.
            if self.is_reading(documents) and not self.services.turns.of(self.state.conversation.id):
                st.fragment(self.draw_reading, run_every=EVERY_S)(len(documents))
            else:
                self.draw_documents()
        self.draw_folder()

    def draw_folder(self) -> None:
        """Draw the way to attach a folder: the box for questions takes single files only."""
        key = f"bna.{self.slug}.folder.{self.state.upload_number}"
        with st.popover("Attach a folder", icon=":material/drive_folder_upload:", width="stretch"):
            st.file_uploader(
                "All files of a folder, up to 200 MB",
                accept_multiple_files="directory",
                max_upload_size=self.max_upload_mb,
                key=key,
                on_change=self.add_folder,
                args=(key,),
            )

    def add_folder(self, key: str) -> None:
        """Attach what was chosen to the next question, and empty the box for the next folder."""
        with kept_errors(self.state):
            self.asker.attach(st.session_state[key])
        self.state.upload_number += 1

    def is_reading(self, documents: list[Attachment]) -> bool:
        """Return whether a document is still being read; one that nobody reads yet is begun."""
        queue = indexing_queue(self.services.resources)
        return any((job := queue.job(document)) and not job.has_ended for document in documents)

    def draw_reading(self, count: int) -> None:
        """Draw the documents again and again, alone; the whole page when all are read, or one was removed."""
        with shown_errors():
            self.draw_documents()
            documents = self.documents()
            if len(documents) != count or not self.is_reading(documents):
                st.rerun()

    def documents(self) -> list[Attachment]:
        attached = [file for message in self.state.conversation.messages for file in message.attachments]
        files = {file.sha256: file for file in [*attached, *self.state.attachments]}
        return [file for file in files.values() if not file.is_picture]

    def draw_documents(self) -> None:
        st.header("Documents", anchor=False)
        for document in self.documents():
            self.draw_document(document, indexing_queue(self.services.resources).job(document))
        if self.asker.answering()[0].is_small:
            st.caption(QUOTES)

    def draw_document(self, document: Attachment, job: IndexingJob | None) -> None:
        icon = ":material/error:" if job and job.problem else ":material/description:"
        with st.popover(plain(document.name), icon=icon, width="stretch"):
            st.caption(size(document.size_bytes))
            if job is None:
                self.draw_read(document)
            key = f"bna.{self.slug}.remove.{document.sha256}"
            st.button("Remove permanently", key=key, icon=":material/delete:", on_click=self.remove, args=(document,))
        if job and job.problem:
            st.caption(plain(f"{job.problem.message} {job.problem.hint}"))
        if job and not job.problem and not self.services.turns.of(self.state.conversation.id):
            st.progress(job.share, plain(job.line))

    def draw_content(self, message: Message) -> None:
        """Draw under an answer how much of the documents it rests on."""
        super().draw_content(message)
        self.draw_used(message)

    def draw_used(self, message: Message) -> None:
        """Draw how much of the documents an answer rests on."""
        for used in dict.fromkeys(str(step.details.get("used") or "") for step in message.tool_steps):
            if used:
                st.caption(plain(f"Used {used}."))

    def draw_read(self, document: Attachment) -> None:
        index = indexing_queue(self.services.resources).library.index([document.sha256])
        st.caption(f"{len(index):,} passages")
        for notice in index.notices[0]:
            st.caption(plain(notice))

    def remove(self, document: Attachment) -> None:
        """Remove a document from the conversation, and from the disk where no other conversation has it."""
        with kept_errors(self.state):
            self.state.attachments = [file for file in self.state.attachments if file.sha256 != document.sha256]
            self.services.changes.remove_file(self.state.conversation, document.sha256)
