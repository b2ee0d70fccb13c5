"""The contents page: what bnaGPT is, and every stage in its order. Read next: view/home.py."""

from view.home import HomeView

HomeView().render()
