"""The pages of the testimonials app, all under the language prefix."""

from django.urls import URLPattern, path

from testimonials import moderator_views
from testimonials.views import author, stories, submitting

app_name = "testimonials"
urlpatterns: list[URLPattern] = [
    # campaigns/<slug>/stories/
    path("campaigns/<slug:slug>/stories/", stories.stories, name="stories"),
    path("campaigns/<slug:slug>/stories/new/", submitting.new_story, name="new-story"),
    path("campaigns/<slug:slug>/stories/thank-you/", submitting.story_sent, name="story-sent"),
    path("campaigns/<slug:slug>/stories/<uuid:testimonial_id>/", stories.story, name="story"),
    # An author's links
    path("confirm-story/<str:token>/", author.confirm_story, name="confirm-story"),
    path("my-story/<str:token>/", author.my_story, name="my-story"),
    path("my-story/<str:token>/data.json", author.my_story_data, name="my-story-data"),
    path("my-story/<str:token>/withdraw/", author.withdraw_story, name="withdraw-story"),
    path("my-story/<str:token>/erase/", author.erase_story, name="erase-story"),
    path(
        "my-story/<str:token>/consents/<slug:purpose>/withdraw/",
        author.withdraw_story_consent,
        name="withdraw-story-consent",
    ),
    # moderate/
    path("moderate/", moderator_views.queue, name="moderation-queue"),
    path("moderate/<uuid:testimonial_id>/", moderator_views.story, name="moderate-story"),
]
