"""Sentences that are an entry, or a question, and many that are neither; it is Monday, 30 November 2026, 10:00."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from controller.stages.log.calendar.by_rule import calendar_entry, calendar_question

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))

# The sentence, its title, when it begins and ends ("" for the usual length), and how it repeats.
ENTRIES = [
    ("Dentist on Tuesday at three", "Dentist", "2026-12-01T15:00", "", ""),
    ("Meeting with Bob tomorrow 14:00-15:30", "Meeting with Bob", "2026-12-01T14:00", "2026-12-01T15:30", ""),
    ("Birthday of Ann on 5 March, all day", "Birthday of Ann", "2027-03-05", "", ""),
    ("Lunch with Carla today at noon", "Lunch with Carla", "2026-11-30T12:00", "", ""),
    ("Dinner tonight at 7", "Dinner", "2026-11-30T19:00", "", ""),
    ("Team meeting on Friday at 9:30", "Team meeting", "2026-12-04T09:30", "", ""),
    ("Call with the bank tomorrow at 4 pm", "Call with the bank", "2026-12-01T16:00", "", ""),
    ("Call with the bank tomorrow at 4pm", "Call with the bank", "2026-12-01T16:00", "", ""),
    ("Yoga on Wednesday from 6 to 7 pm", "Yoga", "2026-12-02T18:00", "2026-12-02T19:00", ""),
    ("Yoga on Wednesday from 18:00 to 19:15", "Yoga", "2026-12-02T18:00", "2026-12-02T19:15", ""),
    ("Workshop on 12 December from 10 to 2", "Workshop", "2026-12-12T10:00", "2026-12-12T14:00", ""),
    ("Workshop on December 12th, 10am-4pm", "Workshop", "2026-12-12T10:00", "2026-12-12T16:00", ""),
    ("Doctor in 3 days at half past two", "Doctor", "2026-12-03T14:30", "", ""),
    ("Doctor in two weeks at 8", "Doctor", "2026-12-14T08:00", "", ""),
    ("Haircut next Tuesday at quarter to four", "Haircut", "2026-12-08T15:45", "", ""),
    ("Haircut this Saturday at 11", "Haircut", "2026-12-05T11:00", "", ""),
    ("Flight to Rome on 2026-12-24 at 06:40", "Flight to Rome", "2026-12-24T06:40", "", ""),
    ("Flight to Rome on 24.12.2026 at 6:40 am", "Flight to Rome", "2026-12-24T06:40", "", ""),
    ("Train to Bern, 3 January 2027, 17:05", "Train to Bern", "2027-01-03T17:05", "", ""),
    ("Holiday from 3 to 7 December", "Holiday", "2026-12-03", "2026-12-07", ""),
    ("Holiday from Monday to Friday", "Holiday", "2026-11-30", "2026-12-04", ""),
    ("Conference December 9-11", "Conference", "2026-12-09", "2026-12-11", ""),
    ("Wedding of Tom and Sue on May 8", "Wedding of Tom and Sue", "2027-05-08", "", ""),
    ("Swimming every Monday at 6 pm", "Swimming", "2026-11-30T18:00", "", "FREQ=WEEKLY;BYDAY=MO"),
    ("Choir every second Thursday at 19:30", "Choir", "2026-12-03T19:30", "", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"),
    ("Choir every other Thursday at 19:30", "Choir", "2026-12-03T19:30", "", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"),
    (
        "Board meeting every first Monday of the month at 9",
        "Board meeting",
        "2026-12-01T09:00",
        "",
        "FREQ=MONTHLY;BYDAY=1MO",
    ),
    (
        "Stand-up every weekday at 9:15 for 15 minutes",
        "Stand-up",
        "2026-12-01T09:15",
        "2026-12-01T09:30",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    ),
    ("Vitamins daily at 8", "Vitamins", "2026-12-01T08:00", "", "FREQ=DAILY"),
    ("Rent every month on the 3rd, all day", "Rent", "2026-12-03", "", "FREQ=MONTHLY"),
    ("Football on Tuesdays and Thursdays at 5 pm", "Football", "2026-12-01T17:00", "", "FREQ=WEEKLY;BYDAY=TU,TH"),
    (
        "Piano lesson every Friday at 4 until 18 December",
        "Piano lesson",
        "2026-12-04T16:00",
        "",
        "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218",
    ),
    ("Physio every Wednesday at 10, 6 times", "Physio", "2026-12-02T10:00", "", "FREQ=WEEKLY;BYDAY=WE;COUNT=6"),
    ("Add dentist on Tuesday at three", "Dentist", "2026-12-01T15:00", "", ""),
    ("Please add a meeting with Bob tomorrow at 2 to my calendar", "Meeting with Bob", "2026-12-01T14:00", "", ""),
    ("Put lunch with mum on Sunday at 12:30 in my calendar", "Lunch with mum", "2026-12-06T12:30", "", ""),
    (
        "Schedule a call with Dr. Meyer on Thursday at 3 pm for 30 minutes",
        "Call with Dr. Meyer",
        "2026-12-03T15:00",
        "2026-12-03T15:30",
        "",
    ),
    ("Remind me to water the plants tomorrow at 7 in the evening", "Water the plants", "2026-12-01T19:00", "", ""),
    ("Remind me of the exam on 15 January", "Exam", "2027-01-15", "", ""),
    ("Tomorrow at 10: interview", "Interview", "2026-12-01T10:00", "", ""),
    ("On Friday at 8 in the morning breakfast with Eva", "Breakfast with Eva", "2026-12-04T08:00", "", ""),
    ("Tuesday, 15:00 dentist", "Dentist", "2026-12-01T15:00", "", ""),
    ("Cinema with Jo, Saturday 8 pm", "Cinema with Jo", "2026-12-05T20:00", "", ""),
    ("Party on Saturday at 9", "Party", "2026-12-05T21:00", "", ""),
    ("Review the day after tomorrow at 11 for two hours", "Review", "2026-12-02T11:00", "2026-12-02T13:00", ""),
    ("Massage on Friday afternoon at 2 for an hour and a half", "Massage", "2026-12-04T14:00", "2026-12-04T15:30", ""),
    ("Parents' evening on 9 December at 7 pm", "Parents' evening", "2026-12-09T19:00", "", ""),
    ("Tax deadline on 31 January", "Tax deadline", "2027-01-31", "", ""),
    ("Day off on 28 December", "Day off", "2026-12-28", "", ""),
    ("Sync between 2 and 3 pm tomorrow", "Sync", "2026-12-01T14:00", "2026-12-01T15:00", ""),
    ("Lunch tomorrow 12-1pm", "Lunch", "2026-12-01T12:00", "2026-12-01T13:00", ""),
    ("Brunch tomorrow 11-1pm", "Brunch", "2026-12-01T11:00", "2026-12-01T13:00", ""),
    ("Night shift on Friday 22:00-06:00", "Night shift", "2026-12-04T22:00", "2026-12-05T06:00", ""),
    ("Concert on the 12th at 8", "Concert", "2026-12-12T20:00", "", ""),
    ("Gym today at 8", "Gym", "2026-11-30T20:00", "", ""),
    ("Gym on Monday at 9", "Gym", "2026-12-07T09:00", "", ""),
    ("Dentist on Tue at 3 o'clock", "Dentist", "2026-12-01T15:00", "", ""),
    ("Dentist on Dec 5 at 3:15 pm", "Dentist", "2026-12-05T15:15", "", ""),
    ("Dentist on the 5th of December at 3:15 p.m.", "Dentist", "2026-12-05T15:15", "", ""),
    ("Visit of Aunt May in a week, all day", "Visit of Aunt May", "2026-12-07", "", ""),
    ("Trip to Oslo 18 December to 21 December", "Trip to Oslo", "2026-12-18", "2026-12-21", ""),
    ("Meeting in room 5 tomorrow at 9", "Meeting in room 5", "2026-12-01T09:00", "", ""),
    ("Pick up the car on Thursday at 17h", "Pick up the car", "2026-12-03T17:00", "", ""),
    ("Anniversary on 7 June every year", "Anniversary", "2027-06-07", "", "FREQ=YEARLY"),
]

NO_ENTRIES = [
    "Tell me a joke about Tuesday at three",
    "What happens on Tuesday at three?",
    "I went to the dentist on Tuesday at three",
    "The meeting was yesterday at 14:00",
    "Write a poem for my party on Saturday at 8 pm",
    "Is the shop open on Sunday at 10?",
    "Explain how rain forms.",
    "My name is Alice.",
    "Give me three ideas for dinner tonight at 7.",
    "Thanks, see you on Monday at 9",
    "What is 14:00-15:30?",
    "Three apples and 5 pears",
    "In 1969 people landed on the moon",
    "Delete the dentist on Tuesday at three",
    "Can we move the meeting to Friday at 10?",
    "Tuesday at three",
    "Paris in May",
    "The shop closes at 8",
]

QUESTIONS = [
    ("What is in my calendar today?", "2026-11-30", "2026-11-30"),
    ("What's in my calendar tomorrow?", "2026-12-01", "2026-12-01"),
    ("What is in my calendar this week?", "2026-11-30", "2026-12-06"),
    ("What is in my calendar on Friday?", "2026-12-04", "2026-12-04"),
    ("What do I have on Friday?", "2026-12-04", "2026-12-04"),
    ("What do I have tomorrow?", "2026-12-01", "2026-12-01"),
    ("Do I have anything planned next week?", "2026-12-07", "2026-12-13"),
    ("Am I free on Saturday?", "2026-12-05", "2026-12-05"),
    ("Show my appointments for next month", "2026-12-01", "2026-12-31"),
    ("List my events from 3 to 7 December", "2026-12-03", "2026-12-07"),
    ("Which meetings do I have on 12 December?", "2026-12-12", "2026-12-12"),
    ("What are my plans for the next 10 days?", "2026-11-30", "2026-12-10"),
    ("Is there anything on my calendar this weekend?", "2026-12-05", "2026-12-06"),
    ("How does my schedule look today?", "2026-11-30", "2026-11-30"),
]

NO_QUESTIONS = [
    "What is a leap year?",
    "What is on the menu tomorrow?",
    "How do meetings work in Parliament?",
    "What is the capital of France?",
    "What do I have to do to learn Python?",
    "When is Christmas?",
]


@pytest.mark.parametrize(("sentence", "title", "begin", "end", "repeats"), ENTRIES, ids=[row[0] for row in ENTRIES])
def test_a_plain_entry_is_taken_at_the_right_moment(sentence: str, title: str, begin: str, end: str, repeats: str):
    wish = calendar_entry(sentence, NOW)
    assert wish and wish.tool == "add_event"
    told = {"title": title, "begin": begin, "end": end, "repeats": repeats}
    assert wish.arguments == {name: value for name, value in told.items() if value}


@pytest.mark.parametrize("sentence", NO_ENTRIES)
def test_what_is_no_plain_entry_is_left_to_the_model(sentence: str):
    assert calendar_entry(sentence, NOW) is None


@pytest.mark.parametrize(("sentence", "first", "last"), QUESTIONS)
def test_a_question_about_the_calendar_names_its_days(sentence: str, first: str, last: str):
    wish = calendar_question(sentence, NOW)
    assert wish and wish.arguments == {"first_day": first, "last_day": last}


def test_a_question_when_something_is_looks_for_its_words():
    wish = calendar_question("When is my dentist appointment?", NOW)
    assert wish and wish.arguments == {"words": "dentist"}


@pytest.mark.parametrize("sentence", NO_QUESTIONS)
def test_other_questions_are_left_to_the_model(sentence: str):
    assert calendar_question(sentence, NOW) is None
