"""The model picker: who answers on all pages of a session, a note about small models, and ways to a better one."""

import streamlit as st

from controller.llm.providers import Providers
from controller.turn import ModelSelection
from model.providers.provider import Provider
from utils.text.markdown import plain
from view.shell.session import ModelChoice


def chosen(providers: Providers) -> ModelSelection:
    """Return the provider and model that this session has chosen."""
    provider = _provider(providers)
    return ModelSelection(provider, ModelChoice.of_session().model_names.get(provider.name, ""))


def _provider(providers: Providers) -> Provider:
    name = ModelChoice.of_session().provider_name
    return next((row for row in providers.offered() if row.name == name), providers.default)


def draw_model_picker(providers: Providers) -> None:
    choice, provider = ModelChoice.of_session(), _provider(providers)
    rows = providers.offered()
    if len(rows) > 1:
        names = [row.name for row in rows]
        key = "bna.model.providers.provider"
        st.selectbox(
            "Provider",
            names,
            index=names.index(provider.name),
            format_func=lambda name: next(row.title for row in rows if row.name == name),
            key=key,
            on_change=lambda: setattr(choice, "provider_name", st.session_state[key]),
        )
    _draw_models(providers, provider, choice)
    if provider == providers.embedded:
        st.caption("A small model on this computer.")
    if not providers.settings.sign_in.kind:
        st.page_link("pages/97_Settings.py", label="Add a model or key", icon=":material/key:")
    # Who signs in can mend none of them, and they name folders and hosts of the server.
    for problem in () if providers.settings.sign_in.kind else providers.problems:
        st.warning(plain(problem))


def _draw_models(providers: Providers, provider: Provider, choice: ModelChoice) -> None:
    """Draw the provider's models with a button that asks for them again; any other name can be typed in."""
    models = providers.models(provider)
    default = choice.model_names.get(provider.name) or providers.default_model(provider)
    names = list(dict.fromkeys([*([default] if default else []), *models.context_windows]))
    key = f"bna.model.{provider.name}"
    st.selectbox(
        "Model",
        names,
        index=0 if names else None,
        key=key,
        accept_new_options=provider != providers.embedded,
        placeholder="Type a model's name",
        on_change=lambda: choice.model_names.update({provider.name: st.session_state[key] or ""}),
    )
    st.button(
        "Refresh models",
        key="bna.model.refresh",
        icon=":material/refresh:",
        type="tertiary",
        help="Ask the provider for its models again",
        on_click=providers.refresh_models,
        args=(provider,),
    )
    if models.problem:
        st.caption(plain(models.problem))


def draw_note(provider: Provider) -> None:
    """Draw a line about a small model, which is often wrong; nothing for others."""
    if not provider.is_small:
        return
    with st.container(key="bna_small_model", horizontal=True, vertical_alignment="center"):
        st.caption(f"{plain(provider.default_model)} is a small model on this computer. It is often wrong.")
        with st.popover("Use a better model", icon=":material/bolt:", type="tertiary"):
            draw_ways()


def draw_ways() -> None:
    """Draw what brings a better model."""
    st.page_link("pages/97_Settings.py", label="Add a key in Settings", icon=":material/key:")
    st.markdown(
        "Or start [Ollama](https://ollama.com), which bnaGPT finds automatically. Or name a larger GGUF file "
        "in `.env`, and start bnaGPT again:"
    )
    st.code("LOCAL_MODEL_PATH=/path/to/model.gguf", language=None)
