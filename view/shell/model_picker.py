"""The model picker: who answers on all pages of a session, a note about small models, and ways to a better one."""

from contextlib import suppress

import streamlit as st

from controller.llm.providers import Providers
from controller.turn import ModelSelection
from model.errors import ModelNotFound
from model.providers.provider import Provider
from utils.text.markdown import plain
from view.shell.services import the_app
from view.shell.session import ModelChoice

LOADING_LOOK_S = 1.0


def chosen(providers: Providers) -> ModelSelection:
    """Return the provider and model that this session has chosen."""
    provider = _provider(providers)
    name = ModelChoice.of_session().model_names.get(provider.name, "")
    return ModelSelection(providers.row_of(provider, name), name)


def at_hand(providers: Providers) -> list[ModelSelection]:
    """Return every model that can answer now, as far as is known: of each provider its default first."""
    found: list[ModelSelection] = []
    for provider in providers.offered():
        default = providers.default_model(provider)
        names = dict.fromkeys([*([default] if default else []), *providers.models(provider).context_windows])
        found += [ModelSelection(provider, name) for name in names]
    return found


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
    if provider.is_built_in:
        _draw_local(providers, chosen(providers))
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
    if names and st.session_state.get(key, names[0]) != names[0]:  # what was listed, or picked elsewhere, meanwhile
        st.session_state[key] = names[0]
    st.selectbox(
        "Model",
        names,
        index=0 if names else None,
        key=key,
        accept_new_options=not provider.is_built_in,
        placeholder="Type a model's name",
        on_change=lambda: _pick(providers, provider, choice, st.session_state[key] or ""),
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


def _pick(providers: Providers, provider: Provider, choice: ModelChoice, name: str) -> None:
    """Choose a model; one on this machine is started at once, so that the question need not wait."""
    choice.model_names[provider.name] = name
    if provider.is_built_in:
        providers.local.start(name)


def _draw_local(providers: Providers, selection: ModelSelection) -> None:
    """Draw how far the model on this computer is, again and again while it is being loaded."""
    row = selection.provider or providers.embedded
    if row.is_small:
        st.caption("A small model on this computer.")
    with suppress(ModelNotFound):
        name = selection.model_name or row.default_model
        every_s = LOADING_LOOK_S if providers.local.state(name).is_loading else None
        st.fragment(_draw_state, run_every=every_s)(providers, name)


def _draw_state(providers: Providers, name: str) -> None:
    with suppress(ModelNotFound):
        state = providers.local.state(name)
        memory = f"about {state.memory_bytes / 1e9:.1f} GB of memory"
        if state.is_loading:
            after = f" once {plain(state.waits_for)} has answered" if state.waits_for else ""
            st.caption(f":material/hourglass_top: Loading{after}; it takes {memory}.")
        elif state.is_running:
            st.caption(f":material/memory: Ready; it takes {memory}.")
        else:
            st.caption(f":material/memory: It takes {memory} once it answers; one model at a time is loaded.")


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
    draw_way_to_models()
    draw_other_ways()


def draw_other_ways() -> None:
    st.page_link("pages/97_Settings.py", label="Add a key in Settings", icon=":material/key:")
    st.markdown(
        "Or start [Ollama](https://ollama.com), which bnaGPT finds automatically. Or name a larger GGUF file "
        "in `.env`, and start bnaGPT again:"
    )
    st.code("LOCAL_MODEL_PATH=/path/to/model.gguf", language=None)


def draw_way_to_models() -> None:
    """Draw the way to the models that can be fetched to this machine, where the person may do that."""
    if the_app().settings.sign_in.kind:
        return
    with st.container(border=True):
        st.page_link("pages/96_Models.py", label="**Get a stronger model**", icon=":material/deployed_code:")
        st.caption("Open models that run on this machine, fetched by a click.")
