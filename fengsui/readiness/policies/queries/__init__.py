"""What is in force, what was before, what it would do tonight, whom nobody has tried to reach."""

from fengsui.readiness.policies.queries.paper import PLACES_MAX, dry_run
from fengsui.readiness.policies.queries.spoken import languages_needed, spoken_texts
from fengsui.readiness.policies.queries.versions import (
    first_round,
    in_force,
    known_policy,
    lines,
    lines_of_this_node,
    newest_version,
    own_place,
    policies,
    templates,
    texts_in_force,
    version_in_force,
)
from fengsui.readiness.policies.queries.ways import parties_with_ways, routes, ways_of

__all__ = [
    "PLACES_MAX",
    "dry_run",
    "first_round",
    "in_force",
    "known_policy",
    "languages_needed",
    "lines",
    "lines_of_this_node",
    "newest_version",
    "own_place",
    "parties_with_ways",
    "policies",
    "routes",
    "spoken_texts",
    "templates",
    "texts_in_force",
    "version_in_force",
    "ways_of",
]
