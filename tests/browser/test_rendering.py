"""What a model wrote, on the screen: drawn as it was meant, and never more than text where it could do harm."""

import json
from contextlib import suppress

import pytest
from playwright.sync_api import expect

from tests.browser.journey import App, Chat

ANSWER = r"""Code:

```python
def greet(name):
    return f"Hello {name}"
```

| Planet | Moons |
| --- | --- |
| Earth | 1 |
| Mars | 2 |

Maths: $e^{i\pi} + 1 = 0$ and \(a^2\), and a price of $5 and $10.

<script>document.title = "hacked"</script>

<img src="http://images.example/secret.png" onerror="document.title='hacked'">

![a picture](http://images.example/picture.png)

[run](javascript:document.title='hacked')
"""


@pytest.fixture
def rendered(page, app: App) -> Chat:
    """Return a page that shows this answer, from the file."""
    messages = [{"role": "user", "content": "Show me **all**\nof <b>it</b>"}, {"role": "assistant", "content": ANSWER}]
    app.file.write_text(json.dumps({"Rendering": messages}))
    chat = Chat(page, app).open()
    chat.load("Rendering")
    expect(chat.answers.last).to_contain_text("Maths")
    return chat


def shows_copy_under_the_pointer(page, answer) -> bool:
    """Point at the code as a hand does, again and again: what is drawn meanwhile moves it from under the pointer."""
    for _ in range(30):
        page.mouse.move(0, 0)
        answer.get_by_test_id("stCode").hover()
        with suppress(AssertionError):
            expect(answer.get_by_role("button", name="Copy to clipboard")).to_be_visible(timeout=1_000)
            return True
    return False


def test_it_is_drawn_as_it_was_meant_and_asks_no_other_host(rendered: Chat, page):
    answer = rendered.answers.last
    expect(answer.get_by_test_id("stCode").locator("span.token.keyword").first).to_have_text("def")
    assert shows_copy_under_the_pointer(page, answer)
    expect(answer.get_by_role("table").get_by_role("row")).to_have_count(3)
    expect(answer.locator(".katex")).to_have_count(2)
    expect(answer).to_contain_text("a price of $5 and $10.")
    expect(answer).to_contain_text("""<script>document.title = "hacked"</script>""")
    expect(answer).to_contain_text("<img src=")
    expect(answer.locator("img, script")).to_have_count(0)
    link = answer.get_by_role("link", name="image: a picture")
    expect(link).to_have_attribute("href", "http://images.example/picture.png")
    expect(answer.locator('a[href^="javascript"]')).to_have_count(0)
    assert "hacked" not in page.title()


def test_what_a_person_wrote_is_drawn_by_the_same_rules(rendered: Chat):
    expect(rendered.questions.first).to_contain_text("of <b>it</b>")


def test_names_in_the_sidebar_are_plain_text(page, app: App):
    names = ["**bold** and :red[red]", "<b>x</b>", "$x$ and $y$", ":material/home: 🎉", "مرحبا", "# Title", "a/b\\c"]
    app.file.write_text(json.dumps({name: [{"role": "user", "content": "Hi"}] for name in names}))
    chat = Chat(page, app).open()
    for name in names:
        expect(chat.sidebar.get_by_text(name, exact=True).first).to_be_visible()
    expect(chat.sidebar.locator("strong, b, .katex").filter(has_text="bold")).to_have_count(0)
