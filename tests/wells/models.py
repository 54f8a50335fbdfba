"""Wells of villages."""

from django.db import models


class Well(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    name = models.TextField()
    depth_metres = models.IntegerField(null=True)
    owner = models.TextField()
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField()
    field_clock = models.TextField()
