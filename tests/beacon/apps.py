"""Django's entry for the app."""

from django.apps import AppConfig


class BeaconConfig(AppConfig):
    name = "tests.beacon"
    label = "beacon"
