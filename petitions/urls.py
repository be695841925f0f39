"""The pages of the petitions app, all under the language prefix."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import IntConverter

from petitions.organiser_views import (
    answers,
    cases,
    changing,
    dashboard,
    deliverability,
    exports,
    integrity,
    ladder,
    prepared_exports,
    questions,
    switches,
)
from petitions.organiser_views import comments as organiser_comments
from petitions.organiser_views import settings as petition_settings
from petitions.views import (
    account_signing,
    comments,
    leaving,
    milestones,
    my_signature,
    numbers,
    pages,
    pictures,
    proving,
    signing,
)


class ThresholdConverter(IntConverter):
    """A number written in one way only, so that each milestone has one address, and no longer than the column holds."""

    regex = "[1-9][0-9]{0,9}"


register_converter(ThresholdConverter, "threshold")
app_name = "petitions"
urlpatterns: list[URLPattern] = [
    # Django tries one address after the other: those first that a crowd asks for at once
    path("verify/<str:token>/", proving.verify, name="verify"),
    path("petitions/<slug:slug>/sign/", signing.sign, name="sign"),
    # petitions/
    path("petitions/", pages.petition_list, name="petition-list"),
    # petitions/<slug>/
    path("petitions/<slug:slug>/", pages.petition_detail, name="petition-detail"),
    path("petitions/<slug:slug>/sign-with-account/", account_signing.sign_with_own_address, name="sign-with-account"),
    path("petitions/<slug:slug>/check-your-email/", pages.check_your_email, name="check-your-email"),
    path("petitions/<slug:slug>/new-link-sent/", pages.new_link_sent, name="new-link-sent"),
    path("petitions/<slug:slug>/thank-you/", pages.thank_you, name="thank-you"),
    path("petitions/<slug:slug>/history/", pages.petition_history, name="petition-history"),
    path("petitions/<slug:slug>/numbers/", numbers.petition_numbers, name="petition-numbers"),
    path("petitions/<slug:slug>/numbers.svg", numbers.petition_numbers_svg, name="petition-numbers-svg"),
    path("petitions/<slug:slug>/numbers/<str:period>/", numbers.petition_numbers_of, name="petition-numbers-of"),
    path("petitions/<slug:slug>/integrity/", pages.petition_integrity, name="petition-integrity"),
    path("petitions/<slug:slug>/share.png", pictures.petition_share_picture, name="petition-picture"),
    path("petitions/<slug:slug>/milestones/<threshold:threshold>/", milestones.milestone, name="milestone"),
    path(
        "petitions/<slug:slug>/milestones/<threshold:threshold>.png",
        pictures.milestone_share_picture,
        name="milestone-picture",
    ),
    path("petitions/<slug:slug>/comments/", comments.petition_comments, name="petition-comments"),
    # who is signed in
    path("accounts/signatures/", account_signing.my_signatures, name="my-signatures"),
    # secret links
    path("verify/", proving.cut_link, name="cut-link"),
    path("verify/<str:token>/renew/", proving.renew_link, name="renew-link"),
    path("verify/<str:token>/<path:more>", proving.cut_link, name="longer-link"),
    path("my-signature/<str:token>/", my_signature.my_signature, name="my-signature"),
    path("my-signature/<str:token>/news/", my_signature.news, name="signature-news"),
    path("my-signature/<str:token>/download/", my_signature.download_signature, name="download-signature"),
    path("my-signature/<str:token>/withdraw/", leaving.withdraw, name="withdraw-signature"),
    path("my-signature/<str:token>/erase/", leaving.erase, name="erase-signature"),
    path("unsubscribe/<str:token>/", leaving.unsubscribe, name="unsubscribe"),
    # organisers
    path("organise/", dashboard.organise, name="organise"),
    path("organise/petitions/new/", dashboard.new_petition, name="new-petition"),
    path("organise/petitions/<slug:slug>/", changing.organise_petition, name="organise-petition"),
    path("organise/petitions/<slug:slug>/open/", changing.open_petition, name="open-petition"),
    path("organise/petitions/<slug:slug>/schedule/", changing.schedule_petition, name="schedule-petition"),
    path("organise/petitions/<slug:slug>/unschedule/", changing.unschedule_petition, name="unschedule-petition"),
    path("organise/petitions/<slug:slug>/pause/", changing.pause_petition, name="pause-petition"),
    path("organise/petitions/<slug:slug>/resume/", changing.resume_petition, name="resume-petition"),
    path("organise/petitions/<slug:slug>/close/", changing.close_petition, name="close-petition"),
    path("organise/petitions/<slug:slug>/closing/", changing.change_closing, name="change-closing"),
    path("organise/petitions/<slug:slug>/ladder/", ladder.change_ladder, name="change-ladder"),
    path("organise/petitions/<slug:slug>/texts/<str:language>/", changing.edit_text, name="edit-text"),
    path("organise/petitions/<slug:slug>/export/", exports.export_counts, name="export-counts"),
    path("organise/petitions/<slug:slug>/export/rows/", prepared_exports.ask_for_rows, name="ask-for-rows"),
    path(
        "organise/petitions/<slug:slug>/export/rows/<int:export_id>/",
        prepared_exports.download_rows,
        name="download-rows",
    ),
    # organisers: what a petition asks, what was answered, what may be read by everybody
    path("organise/petitions/<slug:slug>/settings/", petition_settings.petition_settings, name="petition-settings"),
    path("organise/petitions/<slug:slug>/settings/fields/", petition_settings.change_asked, name="change-asked"),
    path(
        "organise/petitions/<slug:slug>/settings/rule/", petition_settings.change_eligibility, name="change-eligibility"
    ),
    path(
        "organise/petitions/<slug:slug>/settings/news/",
        petition_settings.publish_news_consent,
        name="publish-news-consent",
    ),
    path("organise/petitions/<slug:slug>/questions/new/<str:kind>/", questions.new_question, name="new-question"),
    path("organise/petitions/<slug:slug>/questions/<int:question_id>/", questions.edit_question, name="edit-question"),
    path(
        "organise/petitions/<slug:slug>/questions/<int:question_id>/retire/",
        questions.retire_question,
        name="retire-question",
    ),
    path(
        "organise/petitions/<slug:slug>/questions/<int:question_id>/up/",
        questions.move_question_up,
        name="move-question-up",
    ),
    path("organise/petitions/<slug:slug>/answers/", answers.petition_answers, name="petition-answers"),
    path("organise/petitions/<slug:slug>/answers/export/", answers.export_answers, name="export-answers"),
    path("organise/petitions/<slug:slug>/answers/<int:question_id>/", answers.petition_texts, name="petition-texts"),
    path("organise/petitions/<slug:slug>/comments/", organiser_comments.review_comments, name="review-comments"),
    path(
        "organise/petitions/<slug:slug>/comments/<int:signature_id>/",
        organiser_comments.decide_on_comment,
        name="decide-on-comment",
    ),
    # organise/petitions/<slug>/integrity/
    path("organise/petitions/<slug:slug>/integrity/", integrity.integrity_console, name="integrity-console"),
    path("organise/petitions/<slug:slug>/integrity/held/", integrity.integrity_held, name="integrity-held"),
    path("organise/petitions/<slug:slug>/integrity/held/release/", integrity.release, name="release-held"),
    path("organise/petitions/<slug:slug>/integrity/cases/", cases.integrity_cases, name="integrity-cases"),
    path("organise/petitions/<slug:slug>/integrity/cases/new/", cases.new_case, name="new-case"),
    path("organise/petitions/<slug:slug>/integrity/cases/<int:case_id>/", cases.integrity_case, name="integrity-case"),
    path("organise/petitions/<slug:slug>/integrity/cases/<int:case_id>/run/", cases.run_case, name="run-case"),
    path("organise/petitions/<slug:slug>/integrity/cases/<int:case_id>/undo/", cases.undo_case, name="undo-case"),
    path(
        "organise/petitions/<slug:slug>/integrity/cases/<int:case_id>/discard/",
        cases.discard_case,
        name="discard-case",
    ),
    # how mail fares
    path("organise/deliverability/", deliverability.deliverability, name="deliverability"),
    # the site's staff
    path("organise/mail/allow/", deliverability.allow_mail_again, name="allow-mail-again"),
    path("organise/switches/", switches.switches, name="switches"),
    path("organise/switches/<str:name>/on/", switches.turn_switch_on, name="turn-switch-on"),
    path("organise/switches/<str:name>/off/", switches.turn_switch_off, name="turn-switch-off"),
    path("organise/holds/", switches.begin_hold, name="begin-hold"),
    path("organise/holds/<int:rule_id>/end/", switches.end_hold, name="end-hold"),
]
