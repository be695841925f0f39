"""The public forms: what a supporter types, cleaned and checked for shape. They save nothing and know nobody."""

from petitions.forms.details import DetailsForm
from petitions.forms.fields import UNREADABLE, AddressField, CleanedCharField, CountryField, NameField, NewsField
from petitions.forms.my_signature import MySignatureForm
from petitions.forms.signing import SigningForm

__all__ = [
    "UNREADABLE",
    "AddressField",
    "CleanedCharField",
    "CountryField",
    "DetailsForm",
    "MySignatureForm",
    "NameField",
    "NewsField",
    "SigningForm",
]
