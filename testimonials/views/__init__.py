"""The pages of readers and authors. They know no account and set no cookie; moderators have moderator_views."""
