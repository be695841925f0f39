"""The public pages and files of campaigns. They carry no cookie and may be cached by anyone."""
