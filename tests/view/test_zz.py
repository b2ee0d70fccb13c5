from tests.view.conftest import *
def test_p(open_page, tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("CONVERSATIONS_FILE", str(tmp_path / "a file" / "conversations.json"))
    s = open_page("chatbot_with_memory"); print(s.errors, s.app)
