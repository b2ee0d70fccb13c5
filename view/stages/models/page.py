"""The page Models, from top to bottom: what is fetched now, what is here, the short list, any repository, Ollama.

Names of repositories and of files are strangers' words, and drawn as plain text.
"""

import re

import streamlit as st

from controller.stages.models.downloads import DONE
from controller.stages.models.library import Listing, ModelLibrary, models_of
from model.providers.local_models.catalogue import CATALOGUE, CHECKED_ON, CatalogueRow, Machine, best_for
from model.providers.local_models.files import ModelFiles
from model.providers.local_models.installed import InstalledModel
from model.providers.provider import EMBEDDED
from utils.text.markdown import plain
from utils.text.words import size_text
from view.history.sidebar import draw_navigation
from view.shell.page import page
from view.shell.services import services
from view.shell.session import ModelChoice, session_object
from view.stages.models.downloads import draw_downloads
from view.stages.models.ollama import OllamaSection
from view.stages.models.state import KEY, ModelsPageState

ABOUT = (
    "Open models that run on this machine: they cost nothing, and what you write stays here. The larger one is, the"
    " better its answers are, and the slower they come."
)
READ_ONLY = "Models are fetched and deleted by whoever runs bnaGPT. Ask them for the one that you want."
_ENDING = re.compile(r"(-0*1-of-\d+)?\.gguf$", re.IGNORECASE)


class ModelsView:
    """One page about models."""

    def render(self) -> None:
        with page("Models · bnaGPT"):
            with st.sidebar:
                draw_navigation()
            st.title("Models", anchor=False)
            self.services = services()
            self.library: ModelLibrary = models_of(self.services.resources)
            self.state = session_object(f"{KEY}.{self.services.era}.{self.services.account.person}", ModelsPageState)
            self.draw()

    def draw(self) -> None:
        machine = self.library.machine()
        st.markdown(ABOUT)
        memory = f"{size_text(machine.memory_bytes)} of memory, and " if machine.memory_bytes else ""
        st.caption(f"This machine has {memory}{size_text(machine.free_disk_bytes)} free on its disk.")
        if not self.library.may_change:
            st.info(READ_ONLY, icon=":material/info:")
        draw_downloads(self.library)
        self.draw_installed()
        self.draw_catalogue(machine)
        if self.library.may_change:
            self.draw_any(machine)
        OllamaSection(self.library, self.services.providers, self.state).draw()

    def draw_installed(self) -> None:
        """Draw the models that are here, each with the way to use it and to delete it."""
        found = self.library.installed()
        if not found:
            return
        st.header("On this machine", anchor=False)
        self.state.draw_problem("here")
        for number, model in enumerate(found):
            with st.container(border=True, key=f"{KEY}.here.{number}"):
                self.draw_model(model, str(model.path))

    def draw_model(self, model: InstalledModel, key: str) -> None:
        row = st.container(horizontal=True, vertical_alignment="center")
        name = _ENDING.sub("", model.path.name)
        row.markdown(f"**{plain(name)}**", width="stretch")
        offered = self.name_in_picker(model)
        if offered:
            is_used = self.is_used(offered)
            label, icon = ("In use", ":material/check:") if is_used else ("Use it", ":material/bolt:")
            row.button(label, key=f"{KEY}.use.{key}", icon=icon, disabled=is_used, on_click=self.use, args=(offered,))
        if self.library.may_change:
            with row.popover("Delete", icon=":material/delete:"):
                st.markdown(f"Delete {plain(name)}? That makes {size_text(model.size_bytes)} free.")
                st.button("Yes, delete", key=f"{KEY}.delete.{key}", type="primary", on_click=self.delete, args=(model,))
        st.caption(plain(f"{model.repository} · {size_text(model.size_bytes)}"))
        if not offered and self.library.may_change:  # a path names folders of the server
            st.caption("To let it answer, add this line to `.env`, and start bnaGPT again:")
            st.code(f"LOCAL_MODEL_PATH={model.path}", language="bash", wrap_lines=True)

    def name_in_picker(self, model: InstalledModel) -> str:
        """Return under which name the model picker has a file; "" where it has it not."""
        name = _ENDING.sub("", model.path.name)
        known = self.services.providers.models(self.services.providers.embedded).context_windows
        return next((one for one in (name, f"{model.path.parent.name}/{name}") if one in known), "")

    def is_used(self, name: str) -> bool:
        choice = ModelChoice.of_session()
        provider = choice.provider_name or self.services.providers.default.name
        return provider == EMBEDDED.name and choice.model_names.get(EMBEDDED.name) == name

    def use(self, name: str) -> None:
        """Let a model answer on all pages of this session."""
        choice = ModelChoice.of_session()
        choice.provider_name, choice.model_names[EMBEDDED.name] = EMBEDDED.name, name
        self.services.providers.local.start(name)  # it is loaded by the time that something is asked

    def delete(self, model: InstalledModel) -> None:
        with self.state.kept("here"):
            self.library.delete(model)

    def draw_catalogue(self, machine: Machine) -> None:
        """Draw the short list."""
        st.header("A short list", anchor=False)
        best = best_for(machine)
        if best is None:
            st.caption("None of these suits this machine: they want more memory, or more room on the disk.")
        for row in sorted(CATALOGUE, key=lambda row: row != best):
            with st.container(border=True, key=f"{KEY}.listed.{row.repository}"):
                self.draw_row(row, machine, row == best)
        st.caption(f"As of {CHECKED_ON}. Sizes are about right; memory is for a conversation of a few pages.")

    def draw_row(self, row: CatalogueRow, machine: Machine, is_best: bool) -> None:
        """Draw one model: how it suits, what it can do, and the button that fetches it."""
        heading = st.container(horizontal=True, vertical_alignment="center")
        heading.markdown(f"**{row.title}**")
        text, icon, colour = badge(row, machine, is_best)
        heading.badge(text, icon=icon, color=colour, width="stretch")  # type: ignore[arg-type]
        with heading:
            self.draw_state(row)
        wants = f"{size_text(row.size_bytes)} to fetch · {size_text(row.memory_bytes)} of memory"
        st.caption(f"{row.maker} · {wants} · reads {row.context_window:,} tokens")
        card = f"[{row.repository}](https://huggingface.co/{row.repository})"
        st.caption(f"{what_it_can(row)} · Languages: {row.languages} · {card}, [{row.licence}]({row.licence_url})")
        self.state.draw_problem(row.repository)

    def draw_state(self, row: CatalogueRow) -> None:
        """Draw whether a model is here, or on its way; else the button that fetches it."""
        fetched = [one for one in self.library.downloads.all() if one.source.key.startswith(f"{row.repository}/")]
        if self.library.has(row.repository, row.quantisation):
            st.caption(":material/check_circle: It is here.", width="content")
        elif any(one.state != DONE for one in fetched):
            st.caption(":material/downloading: Among the downloads, above.", width="content")
        elif self.library.may_change:
            if st.button("Get it", key=f"{KEY}.get.{row.repository}", icon=":material/download:"):
                with st.spinner("Asking Hugging Face…"), self.state.kept(row.repository):
                    self.library.fetch_row(row)
                st.rerun()

    def draw_any(self, machine: Machine) -> None:
        """Draw the field for any repository, and the models in the one that was named."""
        st.header("Any model on Hugging Face", anchor=False)
        st.caption("Name a repository that has GGUF files, such as Qwen/Qwen3-4B-GGUF, or paste its address.")
        with st.form(f"{KEY}.any", border=False):
            typed = st.text_input("Repository", key=f"{KEY}.repository", placeholder="Qwen/Qwen3-4B-GGUF")
            asked = st.form_submit_button("List its files", icon=":material/list:")
        if asked:
            self.state.listing = None
            with st.spinner("Asking Hugging Face…"), self.state.kept("any"):
                self.state.listing = self.library.look(typed or "")
        self.state.draw_problem("any")
        if self.state.listing:
            self.draw_listing(self.state.listing, machine)

    def draw_listing(self, listing: Listing, machine: Machine) -> None:
        """Draw the models of a repository, the one that suits this machine picked."""
        licence = f" · licence: {listing.licence}" if listing.licence else ""
        st.caption(plain(f"{listing.repository}{licence}"))
        places = range(len(listing.models))
        picked = st.radio(
            "File",
            places,
            index=listing.models.index(listing.best) if listing.best else 0,
            format_func=lambda place: self.line_of(listing.models[place], listing, machine),
            key=f"{KEY}.file.{listing.repository}",
        )
        if st.button("Get it", key=f"{KEY}.get_any", icon=":material/download:"):
            with self.state.kept("any"):
                self.library.fetch(listing.repository, listing.models[picked])
                self.state.listing = None
            st.rerun()

    def line_of(self, model: ModelFiles, listing: Listing, machine: Machine) -> str:
        fits = machine.has_memory(model.memory_bytes)
        told = [model.name, size_text(model.size_bytes), "sees pictures" if model.projector else ""]
        told.append("suits this machine best" if model == listing.best else "" if fits else "wants more memory")
        return plain(" · ".join(filter(None, told)))


def badge(row: CatalogueRow, machine: Machine, is_best: bool) -> tuple[str, str, str]:
    """Return how a model suits a machine: in words, and as an icon and a colour."""
    if is_best:
        return "Best for this machine", ":material/star:", "violet"
    if machine.suits(row):
        return "Suits this machine", ":material/check:", "green"
    wanted = "room on the disk" if machine.has_memory(row.memory_bytes) else "memory"
    return f"Wants more {wanted}", ":material/block:", "gray"


def what_it_can(row: CatalogueRow) -> str:
    """Return what a model can do beyond text."""
    told = [("uses tools", row.has_tools), ("thinks before it answers", row.thinks), ("sees pictures", row.sees)]
    able = [name for name, is_able in told if is_able]
    return f"{', '.join(able)}".capitalize() if able else "Text only"
