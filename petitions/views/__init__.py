"""The public pages of petitions: no session, no cookie, no rule."""
