"""The pages of the campaigns app, all under the language prefix."""

from django.urls import URLPattern, path

from campaigns import feeds, organiser_views
from campaigns.views import files, pages

app_name = "campaigns"
urlpatterns: list[URLPattern] = [
    path("campaigns/", pages.campaign_list, name="campaigns"),
    path("campaigns/<slug:slug>/", pages.campaign_detail, name="campaign"),
    path("campaigns/<slug:slug>.svg", files.campaign_svg, name="campaign-svg"),
    path("campaigns/<slug:slug>.csv", files.campaign_csv, name="campaign-csv"),
    path("campaigns/<slug:slug>.json", files.campaign_json, name="campaign-json"),
    path("campaigns/<slug:slug>/feed.atom", feeds.campaign_feed, name="campaign-feed"),
    path("campaigns/<slug:slug>/embed/", pages.campaign_embed, name="campaign-embed"),
    path("organise/campaigns/<slug:slug>/", organiser_views.organise_campaign, name="organise-campaign"),
    path("organise/campaigns/<slug:slug>/events/new/", organiser_views.add_event, name="organise-add-event"),
    path("organise/campaigns/<slug:slug>/events/<slug:key>/", organiser_views.edit_event, name="organise-edit-event"),
    path(
        "organise/campaigns/<slug:slug>/events/<slug:key>/publish/",
        organiser_views.publish_event,
        name="organise-publish-event",
    ),
    path(
        "organise/campaigns/<slug:slug>/events/<slug:key>/unpublish/",
        organiser_views.unpublish_event,
        name="organise-unpublish-event",
    ),
]
