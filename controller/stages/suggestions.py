"""First questions that each stage suggests, as cards: an icon, a word or two, and the question itself.

A model that comes along answers each of them (`tests/controller/stages/test_suggestions.py`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Suggestion:
    """A card with a question."""

    icon: str
    title: str
    prompt: str


SUGGESTIONS = {
    "simple_chatbot": (
        Suggestion(":material/sentiment_satisfied:", "A joke", "Tell me a joke about computers."),
        Suggestion(":material/public:", "A fact", "What is the capital of France?"),
        Suggestion(":material/edit_note:", "A poem", "Write a haiku about the sea."),
        Suggestion(":material/lightbulb:", "An explanation", "Explain how rain forms."),
    ),
    "chatbot_with_memory": (
        Suggestion(":material/waving_hand:", "Say hello", "My name is Alice. What can you do?"),
        Suggestion(":material/lightbulb:", "Understand something", "Explain how rain forms."),
        Suggestion(":material/restaurant:", "Get ideas", "Give me three ideas for dinner."),
        Suggestion(":material/edit_note:", "Write something", "Write a haiku about the sea."),
    ),
    "web_search": (
        Suggestion(":material/newspaper:", "The news", "What is in the news today?"),
        Suggestion(":material/emoji_events:", "A result", "Who won the last World Cup?"),
        Suggestion(":material/straighten:", "A figure", "How tall is the Eiffel Tower?"),
        Suggestion(":material/location_city:", "A place", "What is the capital of France?"),
    ),
    "documents": (
        Suggestion(":material/description:", "An overview", "What is this document about?"),
        Suggestion(":material/event:", "All dates", "List all dates that are mentioned."),
        Suggestion(":material/payments:", "The costs", "What does it say about costs?"),
        Suggestion(":material/short_text:", "A summary", "Summarise this document."),
    ),
    "images": (
        Suggestion(":material/visibility:", "A description", "What do you see in this picture?"),
        Suggestion(":material/text_fields:", "Its text", "Read all the text in this picture."),
        Suggestion(":material/table_chart:", "A table", "Describe this chart in a table."),
        Suggestion(":material/group:", "The people", "Who is in this picture?"),
    ),
    "run_code": (
        Suggestion(":material/calculate:", "A power", "What is 2 to the power of 64?"),
        Suggestion(
            ":material/date_range:", "Count days", "How many days are there from 1 January 2026 to 24 December 2026?"
        ),
        Suggestion(":material/table:", "A table", "Show a table of the numbers 1 to 10 and their squares."),
        Suggestion(":material/functions:", "A product", "What is 17 times 23?"),
    ),
    "assistants": (
        Suggestion(":material/calendar_view_week:", "A plan", "Help me plan my week."),
        Suggestion(":material/lightbulb:", "An explanation", "Explain how rain forms."),
        Suggestion(":material/restaurant:", "Get ideas", "Give me three ideas for dinner."),
        Suggestion(":material/edit_note:", "A poem", "Write a haiku about the sea."),
    ),
    "image_generation": (
        Suggestion(":material/palette:", "An image", "/image A lighthouse at dusk, in watercolour"),
        Suggestion(":material/bar_chart:", "A bar chart", "/chart bar tea 12, coffee 30, juice 7"),
        Suggestion(":material/pie_chart:", "A pie chart", "/chart pie My costs: rent 900, food 400, travel 150"),
        Suggestion(":material/stacked_bar_chart:", "Another chart", "/chart bar Books: Ann 9, Ben 14, Cem 11"),
        Suggestion(":material/show_chart:", "A line chart", "/chart line Visitors: Jan 310, Feb 420, Mar 380, Apr 560"),
    ),
    "voice": (
        Suggestion(":material/auto_stories:", "A story", "Tell me a short story about the sea."),
        Suggestion(":material/breakfast_dining:", "A meal", "What is a good breakfast?"),
        Suggestion(":material/lightbulb:", "An explanation", "Explain how rain forms."),
        Suggestion(":material/sentiment_satisfied:", "A joke", "Tell me a joke about computers."),
    ),
    "json_mode": (
        Suggestion(":material/pets:", "Describe something", "Describe a cat named Tom, aged 3."),
        Suggestion(":material/format_list_bulleted:", "A list", "List three planets."),
        Suggestion(":material/data_object:", "Take out facts", "Extract: Ann, 31, tea."),
        Suggestion(":material/restaurant:", "Some ideas", "Give me three ideas for dinner."),
    ),
    "all_together": (
        Suggestion(":material/calculate:", "A calculation", "What is 2 to the power of 64?"),
        Suggestion(":material/bar_chart:", "A chart", "/chart bar tea 12, coffee 30, juice 7"),
        Suggestion(":material/lightbulb:", "An explanation", "Explain how rain forms."),
        Suggestion(":material/edit_note:", "A poem", "Write a haiku about the sea."),
    ),
    "log": (
        Suggestion(":material/today:", "Today", "What is in my calendar today?"),
        Suggestion(":material/history:", "Yesterday", "What happened yesterday?"),
        Suggestion(":material/bookmark:", "A note", "Remember that I like tea."),
        Suggestion(":material/event_upcoming:", "This week", "What is in my calendar this week?"),
    ),
}
