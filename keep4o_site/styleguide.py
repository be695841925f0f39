"""Sample values for the style guide: one of every component's states, so that a designer sees them side by side."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Milestone:
    threshold: int
    reached_at: datetime | None


@dataclass(frozen=True)
class Link:
    label: Words
    url: str = ""
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Message:
    level_tag: str
    text: Words

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Resource:
    name: str
    url: str = ""
    phone: str = ""
    note: Words = ""


class EveryFieldForm(forms.Form):
    """One field of each kind that the site uses; as long as a real form should never be."""

    name = forms.CharField(label=_("Your name"), max_length=100)
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("We send one message to it, with a link to confirm.")
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=[("", "—"), ("FR", "France"), ("CA", "Canada")], required=False
    )
    story = forms.CharField(label=_("Your story"), max_length=4000, widget=forms.Textarea, required=False)
    starts_on = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    display = forms.ChoiceField(
        label=_("How your name is shown"),
        choices=[("full", _("In full")), ("initials", _("As initials")), ("none", _("Not at all"))],
        widget=forms.RadioSelect,
        help_text=_("You can change this later."),
    )
    topics = forms.MultipleChoiceField(
        label=_("What it is about"),
        choices=[("work", _("Work")), ("company", _("Company")), ("access", _("Accessibility"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    file = forms.FileField(label=_("File"), required=False)
    news = forms.BooleanField(
        label=_("Write to me when the petition reaches a milestone"),
        help_text=_("Never more than once a month."),
        required=False,
    )
    consent = forms.BooleanField(label=_("I am at least 18 and agree that my story is published as shown"))


def samples(*, now: datetime) -> dict[str, object]:
    """This function will give the style guide everything that its components show."""
    return {
        "empty_form": EveryFieldForm(prefix="empty"),
        "wrong_form": EveryFieldForm({"wrong-email": "alice@", "wrong-name": "Alice"}, prefix="wrong"),
        "counts": [_count(0, 100, now), _count(19_999, 20_000, now), _count(1_234_567, 2_000_000, now)],
        "milestones": _milestones(now),
        "breadcrumbs": [Link(_("Campaigns"), "#"), Link("#Keep4o", "#"), Link(_("Stories"))],
        "tabs": [
            Link(_("Waiting"), "?tab=1", current=True, count=12),
            Link(_("Approved"), "?tab=2", count=1_204),
            Link(_("Declined"), "?tab=3"),
        ],
        "page": _middle_page(),
        "notice_kinds": ["info", "success", "warning", "error", "help"],
        "messages_shown": [
            Message("success", _("The story is approved.")),
            Message("error", _("Nothing was written.")),
        ],
        "resources": [
            Resource("findahelpline.com", url="https://findahelpline.com/", note=_("in more than 130 countries")),
            Resource("3114", phone="3114", note="France"),
        ],
        "now": now,
    }


def _count(count: int, next_milestone: int, now: datetime) -> dict[str, object]:
    return {"count": count, "next_milestone": next_milestone, "as_of": now}


def _milestones(now: datetime) -> list[Milestone]:
    reached = [Milestone(10_000, now - timedelta(days=90)), Milestone(15_000, now - timedelta(days=9))]
    return [*reached, Milestone(20_000, None)]


def _middle_page() -> Page[int]:
    return Paginator(range(100), 10).page(4)
