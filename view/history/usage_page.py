"""The Usage page: what all conversations took, by day and by model.

It leaves out where the rows come from: that is `model/providers/usage.py`.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import streamlit as st

from model.providers.prices import PRICES_AS_OF
from model.providers.usage import IMAGE, UsageRow, total
from view.history.number_format import DASH, NO_PRICE, provider_title, total_cost, total_tokens
from view.history.sidebar import draw_navigation
from view.shell.dates import short_day
from view.shell.page import page
from view.shell.services import services

# All is drawn by month, as too many days would be too thin to see.
PERIODS = {"7 days": 7, "30 days": 30, "All": 0}


class UsageView:
    """One page over all conversations."""

    def render(self) -> None:
        with page("Usage · bnaGPT"):
            with st.sidebar:
                draw_navigation()
            st.title("Usage", anchor=False)
            self.moved = services().providers.moved
            with st.spinner("Counting…"):
                rows = services().conversations.usage()
            if rows:
                self.draw_period(rows)
            else:
                st.markdown("No usage yet. Ask something, and its tokens and cost appear here.")

    def draw_period(self, rows: list[UsageRow]) -> None:
        """Draw the choice of a period, and the figures of that period."""
        period = st.segmented_control(
            "Period", PERIODS, default="30 days", required=True, key="bna.usage.period", label_visibility="collapsed"
        )
        days = last_days(PERIODS[period], services().account.profiles.zone())
        rows = [row for row in rows if row.day in days or not days]
        self.draw_totals(rows)
        if talked := [row for row in rows if row.kind != IMAGE]:
            self.draw_charts(talked, days)
        if rows:
            self.draw_table(rows)
        st.caption(
            "Background requests, such as those for titles, are counted; deleted conversations are not. What a model "
            "thought is part of what it answered. "
            f"Costs are list prices of {PRICES_AS_OF}, without discounts, and for images what was known when they were "
            f"made; “{NO_PRICE}” stands where a price is not."
        )

    def draw_totals(self, rows: list[UsageRow]) -> None:
        totals = total(rows, self.moved)
        with st.container(horizontal=True):
            st.metric("Requests", f"{sum(row.request_count for row in rows):,}")
            st.metric("Tokens", total_tokens(totals).removesuffix(" tokens"))
            if totals.image_count:
                st.metric("Images", f"{totals.image_count:,}")
            st.metric("Cost", total_cost(totals).replace("$", r"\$"))

    def draw_charts(self, rows: list[UsageRow], days: list[str]) -> None:
        """Draw tokens by day, or by month without days, and by model."""
        step, data = ("Day", by_day(rows, days)) if days else ("Month", by_month(rows))
        st.header(f"Tokens by {step.lower()}", anchor=False)
        st.bar_chart(data, x=step, y="Tokens", color="Model", x_label="", y_label="", sort=False, height=280)
        st.header("Tokens by model", anchor=False)
        st.bar_chart(
            by_model(rows), x="Model", y="Tokens", color="Kind", x_label="", y_label="", horizontal=True, sort="-Tokens"
        )

    def draw_table(self, rows: list[UsageRow]) -> None:
        """Draw a line for each model and kind of request."""
        groups: dict[tuple[str, ...], list[UsageRow]] = defaultdict(list)
        for row in rows:
            groups[row.model_name or DASH, provider_title(row.provider) or DASH, row.kind].append(row)
        lines = [self.line(key, group) for key, group in sorted(groups.items())]
        rare = {"Images": "image_count", "Thinking": "thinking_token_count"}
        absent = {name for name, count in rare.items() if not any(getattr(row, count) for row in rows)}
        lines = [{name: cell for name, cell in line.items() if name not in absent} for line in lines]
        number = st.column_config.NumberColumn(format="localized")
        columns = dict.fromkeys(("Requests", "Sent", "Answered", "Thinking", "Images"), number)
        st.dataframe(lines, hide_index=True, column_config=columns, alt="Requests, tokens and cost of each model")

    def line(self, key: tuple[str, ...], group: list[UsageRow]) -> dict[str, Any]:
        totals = total(group, self.moved)
        return {
            **dict(zip(("Model", "Provider", "Kind"), key, strict=True)),
            "Requests": sum(row.request_count for row in group),
            "Sent": totals.prompt_token_count,
            "Answered": totals.completion_token_count,
            "Thinking": totals.thinking_token_count,
            "Images": totals.image_count,
            "Cost": total_cost(totals),
        }


def last_days(day_count: int, zone: tzinfo | None = None) -> list[str]:
    """Return the last days up to today, in a zone or in this machine's, the oldest first."""
    today = datetime.now(zone).date()
    return [(today - timedelta(days=n)).isoformat() for n in range(day_count - 1, -1, -1)]


def by_day(rows: list[UsageRow], days: list[str]) -> list[dict[str, Any]]:
    """Return the tokens of each day and model; a day without requests has one line too."""
    sums = dict.fromkeys(((day, rows[0].model_name) for day in days), 0)
    for row in rows:
        key = row.day, row.model_name
        sums[key] = sums.get(key, 0) + row.prompt_token_count + row.completion_token_count
    return [
        {"Day": short_day(date.fromisoformat(day)), "Model": model, "Tokens": sums[day, model]}
        for day, model in sorted(sums)
    ]


def by_month(rows: list[UsageRow]) -> list[dict[str, Any]]:
    """Return the tokens of each month and model."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        sums[row.day[:7] or "unknown", row.model_name] += row.prompt_token_count + row.completion_token_count
    return [{"Month": month, "Model": model, "Tokens": sums[month, model]} for month, model in sorted(sums)]


def by_model(rows: list[UsageRow]) -> list[dict[str, Any]]:
    """Return the tokens of each model, sent and answered."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        sums[row.model_name, "Sent"] += row.prompt_token_count
        sums[row.model_name, "Answered"] += row.completion_token_count
    return [{"Model": model, "Kind": kind, "Tokens": count} for (model, kind), count in sums.items()]
