"""Ollama's models on the page: where it runs, which it has, and one more by its name."""

import streamlit as st

from controller.llm.providers import Providers
from controller.stages.models.library import ModelLibrary
from controller.stages.models.ollama import OllamaModel
from model.providers.provider import Provider
from utils.text.markdown import plain
from utils.text.words import size_text
from view.shell.errors import shown_errors
from view.shell.session import ModelChoice
from view.stages.models.state import KEY, ModelsPageState


class OllamaSection:
    """The part of the page that is about Ollama."""

    def __init__(self, library: ModelLibrary, providers: Providers, state: ModelsPageState) -> None:
        self.library = library
        self.providers = providers
        self.state = state

    def draw(self) -> None:
        st.header("Ollama", anchor=False)
        row = next((row for row in self.providers.offered() if row.name == "ollama"), None)
        if row is None:
            st.caption(
                "[Ollama](https://ollama.com) does not run here. Where it does, its models can be fetched here, too."
            )
            return
        self.state.draw_problem("ollama")
        with shown_errors():
            found = self.library.ollama.models()
            if {model.name for model in found} - set(self.providers.models(row).context_windows):
                self.providers.refresh_models(row)  # the model picker shall have it, too
            for model in found:
                with st.container(border=True, key=f"{KEY}.ollama.{model.name}"):
                    self.draw_model(model, row)
        if self.library.may_change:
            self.draw_pull()

    def draw_model(self, model: OllamaModel, row: Provider) -> None:
        line = st.container(horizontal=True, vertical_alignment="center")
        line.markdown(f"**{plain(model.name)}**", width="stretch")
        use = f"{KEY}.ollama.use.{model.name}"
        line.button("Use it", key=use, icon=":material/bolt:", on_click=self.use, args=(row, model.name))
        if self.library.may_change:
            with line.popover("Delete", icon=":material/delete:"):
                st.markdown(f"Delete {plain(model.name)}? That makes {size_text(model.size_bytes)} free.")
                key = f"{KEY}.ollama.delete.{model.name}"
                st.button("Yes, delete", key=key, type="primary", on_click=self.delete, args=(row, model.name))
        told = filter(None, (size_text(model.size_bytes), model.parameters, model.quantisation))
        st.caption(plain(" · ".join(told)))

    def draw_pull(self) -> None:
        with st.form(f"{KEY}.pull", border=False, clear_on_submit=True):
            name = st.text_input("Model", key=f"{KEY}.pull.name", placeholder="qwen3:4b", help="As ollama.com has it")
            asked = st.form_submit_button("Pull it", icon=":material/download:")
        if asked:
            with self.state.kept("ollama"):
                self.library.pull(name or "")
            st.rerun()

    def use(self, row: Provider, name: str) -> None:
        """Let a model of Ollama's answer on all pages of this session."""
        choice = ModelChoice.of_session()
        choice.provider_name, choice.model_names[row.name] = row.name, name

    def delete(self, row: Provider, name: str) -> None:
        with self.state.kept("ollama"):
            self.library.delete_from_ollama(name)
        self.providers.refresh_models(row)
