"""What is sealed about stories: the name of an author, and the address."""

from outbox.resealing import SealedColumn, SealedTable
from testimonials.models import AuthorContact, Testimonial
from testimonials.models.stories import EMAIL_PURPOSE, NAME_PURPOSE

SEALED_TABLES = (
    SealedTable(model=Testimonial, columns=(SealedColumn(name="display_name_sealed", purpose=NAME_PURPOSE),)),
    SealedTable(model=AuthorContact, columns=(SealedColumn(name="email_sealed", purpose=EMAIL_PURPOSE),)),
)
