"""Places: divisions, zones, grids and groups, and what is drawn under them on the map."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Place(models.Model):
    """One node of the tree of jurisdictions. Points are WGS-84 in 1e-7 degree."""

    journal_projection = True

    code = models.CharField(max_length=17, primary_key=True)
    level = models.TextField()
    name = models.TextField()
    parent_code = models.CharField(max_length=17, db_index=True)  # tree walks downwards
    kind = models.TextField()  # division | zone | grid | group
    lon_e7 = models.IntegerField(null=True)
    lat_e7 = models.IntegerField(null=True)
    coord_source = models.TextField()  # how the point was found; "" = no point
    geometry = models.TextField(null=True)  # noqa: DJ001 - absent is not an empty outline
    geometry_note = models.TextField()  # "derived, not an official boundary"
    households_count = models.IntegerField(null=True)  # of the census; None: not known
    people_count = models.IntegerField(null=True)
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField(default=False)
    field_clock = models.TextField()  # field -> clock of the fact that set it, sorted JSON

    class Meta:
        db_table = "places_place"
        indexes: ClassVar = [
            models.Index(fields=["name", "code"], name="places_place_by_name"),
            models.Index(fields=["level", "code"], name="places_place_by_level"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class MapFeature(models.Model):
    """A line or outline of the base map that is no jurisdiction: river, road, contour."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)  # the county it is drawn for
    layer = models.TextField()
    name = models.TextField()
    properties = models.TextField()  # JSON of whole numbers and words: rank, elevation_m
    geometry = models.TextField()
    note = models.TextField()
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField()

    class Meta:
        db_table = "places_mapfeature"

    def __str__(self) -> str:
        return f"{self.layer} {self.name}"


class MapSource(models.Model):
    """An attribution that must be shown wherever the county is drawn."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    text = models.TextField()
    is_invented = models.BooleanField()

    class Meta:
        db_table = "places_mapsource"

    def __str__(self) -> str:
        return self.text
