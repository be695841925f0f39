"""Deciding on a comment."""

from django import forms

from petitions.models import CommentState


class DecideCommentForm(forms.Form):
    """One decision, and the mark of what was seen. All of it comes from buttons: nothing is typed."""

    decision = forms.ChoiceField(choices=[("publish", "publish"), ("decline", "decline")])
    seen = forms.CharField(max_length=64)
    state = forms.ChoiceField(choices=CommentState.choices, required=False)

    @property
    def came_from(self) -> CommentState:
        """The list in which the comment stood."""
        return CommentState(self.cleaned_data.get("state") or CommentState.WAITING)
