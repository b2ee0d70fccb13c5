"""The page Memory: which facts are kept about a person, where each comes from, and what is recalled beside them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from controller.stages import stage
from controller.stages.log.memory.recall import Memory, memory_of
from model.errors import BnaError
from model.log.facts import LONGEST, Fact
from utils.text.markdown import plain
from utils.text.words import counted, folded
from view.history.sidebar import draw_navigation
from view.shell.dates import moment
from view.shell.errors import draw_problem
from view.shell.page import page
from view.shell.services import services
from view.shell.session import session_object

KEY = "bna.memory"
MORE = 50


@dataclass
class MemoryPageState:
    """What the page remembers between two drawings."""

    gone: list[Fact] = field(default_factory=list)  # what the last click has forgotten
    editing_id: str = ""
    problem: str = ""
    shown_count: int = MORE


class MemoryView:
    """One page about what is remembered."""

    def render(self) -> None:
        with page("Memory · bnaGPT"):
            with st.sidebar:
                draw_navigation()
            st.title("Memory", anchor=False)
            memory = memory_of(services().resources)
            if memory is None:
                st.markdown("Nothing is kept here, so nothing is remembered.")
                return
            self.memory: Memory = memory
            # Of another person, or after everything was deleted, nothing can be undone.
            account = services().account.person
            self.state = session_object(f"{KEY}.{services().era}.{account}", MemoryPageState)
            self.draw()

    def draw(self) -> None:
        """Draw the page."""
        st.markdown(
            "Facts are told to the model in front of every conversation but temporary ones, wherever Memory is switched"
            " on: in the Log, and among the tools of All Together and Assistants."
        )
        facts = self.memory.facts.all()
        self.draw_add()
        if self.state.gone:
            gone = self.state.gone[0].text if len(self.state.gone) == 1 else counted(len(self.state.gone), "fact")
            label = f"Undo: “{plain(gone)}” forgotten."
            st.button(label, key=f"{KEY}.undo", icon=":material/undo:", on_click=self.undo)
        if facts:
            self.draw_facts(facts)
        else:
            st.caption("Nothing is remembered yet. Say “Remember that I like tea.” in the Log, or write it above.")
        self.draw_recalled()

    def draw_add(self) -> None:
        """Draw the field for a new fact, and what is wrong with what was typed last."""
        with st.form(f"{KEY}.add", border=False, clear_on_submit=True):
            box = st.container(horizontal=True, vertical_alignment="bottom")
            key = f"{KEY}.new"
            box.text_input("Something to remember", key=key, max_chars=LONGEST, placeholder="I am allergic to nuts.")
            box.form_submit_button("Remember", icon=":material/add:", on_click=self.add)
        problem, self.state.problem = self.state.problem, ""
        draw_problem(problem)

    def draw_facts(self, facts: list[Fact]) -> None:
        """Draw the facts that have what is sought, and what to do with those whose conversation is gone."""
        st.header(counted(len(facts), "fact").capitalize(), anchor=False)
        sought = st.text_input("Find", key=f"{KEY}.find", placeholder="Find", label_visibility="collapsed")
        found = [fact for fact in facts if folded(sought.strip()) in folded(fact.text)]
        for fact in found[: self.state.shown_count]:
            with st.container(border=True, key=f"{KEY}.fact.{fact.id}"):
                self.draw_editor(fact) if fact.id == self.state.editing_id else self.draw_fact(fact)
        if len(found) > self.state.shown_count:
            st.button(f"Show more ({len(found) - self.state.shown_count:,})", key=f"{KEY}.more", on_click=self.more)
        orphans = [fact for fact in facts if fact.conversation_id and not self.memory.has_source(fact)]
        if orphans:
            st.caption(f"{counted(len(orphans), 'fact')} of these: the chat was deleted in which it was said.")
            ids = [fact.id for fact in orphans]
            st.button("Forget them, too", key=f"{KEY}.gone", icon=":material/delete:", on_click=self.forget, args=ids)

    def draw_fact(self, fact: Fact) -> None:
        st.markdown(plain(fact.text))
        scope = f"only for the assistant “{fact.scope}”" if fact.scope else ""
        has_source, gone = self.memory.has_source(fact), "said in a chat that was deleted"
        source = "" if has_source else gone if fact.conversation_id else "written here"
        changed = f"changed {moment(fact.changed_at)}" if fact.changed_at else ""
        st.caption(plain(" · ".join(filter(None, (moment(fact.created_at), source, scope, changed)))))
        with st.container(horizontal=True):
            if has_source:
                where = {"conversation": fact.conversation_id, "message": fact.message_id}
                st.page_link(stage("log").page, label="Where it was said", icon=":material/forum:", query_params=where)
            key, edit = f"{KEY}.edit.{fact.id}", self.edit
            st.button("Edit", key=key, icon=":material/edit:", type="tertiary", on_click=edit, args=(fact.id,))
            key, forget = f"{KEY}.forget.{fact.id}", self.forget
            st.button("Forget", key=key, icon=":material/delete:", type="tertiary", on_click=forget, args=(fact.id,))

    def draw_editor(self, fact: Fact) -> None:
        """Draw a fact as it is changed."""
        key = f"{KEY}.text.{fact.id}"
        with st.form(f"{KEY}.editor.{fact.id}", border=False):
            st.text_area("Fact", fact.text, key=key, max_chars=LONGEST)
            buttons = st.container(horizontal=True)
            buttons.form_submit_button("Save", type="primary", on_click=self.save, args=(fact.id, key))
            buttons.form_submit_button("Cancel", on_click=self.edit, args=("",))

    def draw_recalled(self) -> None:
        """Draw how much of what was said can be recalled, beside the facts."""
        st.header("What was said", anchor=False)
        told = "It is taken in when something is recalled for the first time."
        if self.memory.index.is_used():
            told = f"{self.memory.index.share():.0%} of your conversations can be recalled by their meaning."
        st.caption(f"{told} A conversation that you delete is forgotten with all its words.")

    def add(self) -> None:
        """Keep what was typed."""
        self.do(lambda: self.memory.facts.add(Fact(st.session_state[f"{KEY}.new"])))

    def edit(self, fact_id: str) -> None:
        """Open the editor for a fact; for none with an empty id."""
        self.state.editing_id = fact_id

    def save(self, fact_id: str, key: str) -> None:
        """Keep a fact in other words; where they can't be kept, the editor stays open."""
        if self.do(lambda: self.memory.facts.change(fact_id, st.session_state[key])):
            self.state.editing_id = ""

    def forget(self, *fact_ids: str) -> None:
        """Forget facts, and keep them for the way back."""
        self.do(lambda: setattr(self.state, "gone", self.memory.facts.forget(*fact_ids)))

    def undo(self) -> None:
        if self.do(lambda: self.memory.facts.put_back(self.state.gone)):
            self.state.gone = []

    def more(self) -> None:
        self.state.shown_count += MORE

    def do(self, work: Callable[[], object]) -> bool:
        """Do what was clicked; return whether it could be done, else the page tells why not."""
        try:
            work()
        except BnaError as error:
            self.state.problem = f"{error.message} {error.hint}".strip()
            return False
        return True
