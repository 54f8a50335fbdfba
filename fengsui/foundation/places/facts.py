"""What can be said about places. Registry numbers 100-199."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.foundation.ledgers.facts import register_kinds

# Coordinates are integers of 1e-7 degree, geometries GeoJSON-shaped with such integers.
IMPORT_OPENED = FactKind(
    number=100,
    name="places.import_opened",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.PUBLIC,
    merge=Merge.APPEND,
    fields=("source", "attributions", "is_invented", "places_count", "features_count"),
    zh="开始导入行政区划资料 {source}：{places_count} 个地点，{features_count} 个图形",
    en="Import of places from {source} opened: {places_count} places, {features_count} shapes",
)
PLACES_IMPORTED = FactKind(
    number=101,
    name="places.imported",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.PUBLIC,
    merge=Merge.FIELD,
    fields=("count", "is_invented"),
    item=(
        "code",
        "level",
        "name",
        "parent_code",
        "kind",
        "lon_e7",
        "lat_e7",
        "coord_source",
        "geometry",
        "geometry_note",
        "households_count",
        "people_count",
    ),
    zh="导入 {count} 个地点",
    en="{count} places imported",
)
FEATURES_IMPORTED = FactKind(
    number=102,
    name="places.features_imported",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.PUBLIC,
    merge=Merge.APPEND,
    fields=("count", "is_invented"),
    item=("layer", "name", "geometry", "note", "properties"),
    zh="导入 {count} 个底图图形",
    en="{count} shapes of the base map imported",
)
FEATURES_WITHDRAWN = FactKind(
    number=103,
    name="places.features_withdrawn",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.PUBLIC,
    merge=Merge.FIELD,
    fields=("count", "feature_ids"),
    zh="撤下 {count} 个旧底图图形",
    en="{count} old shapes of the base map withdrawn",
)
POINT_PLACED = FactKind(
    number=104,
    name="places.point_placed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.PUBLIC,
    merge=Merge.FIELD,
    fields=("code", "lon_e7", "lat_e7", "coord_source"),
    zh="人工标定地点 {code} 的位置",
    en="The point of place {code} placed by hand",
)

PLACED_BY_HAND = "by hand"  # coord_source of a point that a person put on the map

PLACES = register_kinds(
    app="places",
    register="places",
    numbers=range(160, 163),
    audience=Audience.PUBLIC,
    zh="个地点",
    en="places",
)

KINDS: tuple[FactKind, ...] = (
    IMPORT_OPENED,
    PLACES_IMPORTED,
    FEATURES_IMPORTED,
    FEATURES_WITHDRAWN,
    POINT_PLACED,
    *PLACES.all,
)
