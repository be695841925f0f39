"""Pictures drawn by the server. They know words, numbers and shapes, and nothing of petitions."""

from petitions.drawing.sharing import HEIGHT, WIDTH, SharePicture, draw_picture

__all__ = ["HEIGHT", "WIDTH", "SharePicture", "draw_picture"]
