"""Which surface forms a rule has: every written form that a text may show for a listed name or term.

Names and terms are listed in their base form and expanded here, at load time: by pymorphy3 in Russian, by shevchenko
for Ukrainian names, by rules of our own elsewhere, with the tables of simplemma to tell which stem or plural is right.
An apostrophe ends a word, so French elision needs no forms. `forget` frees the dictionaries.
"""

from monitor.core.forms.form import Form, Forms, Sign
from monitor.core.forms.names import gender_of
from monitor.core.forms.rules import forms_of_actor, forms_of_scope, forms_of_topic, groups_of
from monitor.core.forms.terms import GAP, forget, forms_of_term, forms_of_terms, group_of_term

__all__ = [
    "GAP",
    "Form",
    "Forms",
    "Sign",
    "forget",
    "forms_of_actor",
    "forms_of_scope",
    "forms_of_term",
    "forms_of_terms",
    "forms_of_topic",
    "gender_of",
    "group_of_term",
    "groups_of",
]
