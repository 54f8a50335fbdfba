"""Django's entry for the app."""

from django.apps import AppConfig


class WellsConfig(AppConfig):
    name = "tests.wells"
    label = "wells"
