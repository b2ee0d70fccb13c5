"""A page stands in its own part, whatever ran before it in the same thread."""

from streamlit.testing.v1 import AppTest


def after_a_fragment_of_the_sidebar() -> None:
    """Draw a page in a thread that has just run a fragment of the sidebar: Streamlit goes on drawing there."""
    import streamlit as st
    from streamlit.delta_generator_singletons import context_dg_stack

    from view.shell.page import page

    context_dg_stack.set((*context_dg_stack.get(), st.sidebar))
    with page("Page"):
        st.header("A heading")


def test_a_fragment_of_the_sidebar_never_draws_the_page_into_the_sidebar():
    app = AppTest.from_function(after_a_fragment_of_the_sidebar).run()
    assert [header.value for header in app.main.header] == ["A heading"] and not app.sidebar.header
    assert not app.exception
