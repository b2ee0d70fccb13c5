"""The contents page, and the app that `streamlit run Home.py` serves: all pages, and the HTTP API under `/api`.

Streamlit imports this file for `app`, and runs it as a script for each drawing of the page.
Read next: view/chat/home.py; for the app: view/site.py.
"""

import streamlit as st

if __name__ == "__main__":
    from view.chat.home import HomeView
    from view.pages import draw_page

    draw_page(HomeView)
elif __name__ == "Home":
    from view import site

    app = st.App(__file__, routes=site.routes(), middleware=site.middleware(), lifespan=site.lifespan)
