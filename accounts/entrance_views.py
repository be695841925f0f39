"""Where allauth's way in needs a rule of this site."""

from typing import Any

from allauth.account.views import ConfirmLoginCodeView
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext

from accounts.actions import claim_account


class ConfirmLoginCode(ConfirmLoginCodeView):
    """A mailed code proves the address: what somebody else has put on the account before that opens it no more."""

    def form_valid(self, form: Any) -> HttpResponse:
        owner = self._process.user
        if self._action == "verify" and owner is not None and claim_account(user=owner):
            sentence = gettext(
                "Your address is confirmed for the first time. What was set up with it before, a password say, opens your account no more: you can choose a new one."
            )
            messages.info(self.request, sentence)
        answer: HttpResponse = super().form_valid(form)
        return answer


confirm_login_code = ConfirmLoginCode.as_view()
