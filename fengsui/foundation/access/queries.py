"""The one gate that turns a viewer into a filter on rows."""

from __future__ import annotations

from django.db.models import Q

from fengsui.foundation.access import listed
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Permission, Scope, Viewer

_NOTHING = Q(pk__in=[])
listed.register()


def successor(prefix: str) -> str:
    """The smallest digit string greater than every string that starts with `prefix`.

    What is no code at all (anybody may write anything in an address) gets a bound without codes.
    """
    if not (prefix.isascii() and prefix.isdigit()):
        return prefix + "~" if prefix else "~"
    stripped = prefix.rstrip("9")
    return stripped[:-1] + str(int(stripped[-1]) + 1) if stripped else "~"


def in_scopes(field: str, scopes: tuple[Scope, ...]) -> Q:
    """Rows whose place code in `field` lies in one of the subtrees; a range, served by an index."""
    condition = _NOTHING
    for scope in scopes:
        if not scope.prefix:
            return Q()
        condition |= Q(**{f"{field}__gte": scope.prefix, f"{field}__lt": successor(scope.prefix)})
    return condition


def visible(viewer: Viewer, permission: Permission, field: str = "place_code") -> Q:
    """Rows that `viewer` may see under `permission`. Nothing at all where no grant gives it."""
    return in_scopes(field, viewer.scopes(permission))


def require(viewer: Viewer, permission: Permission, code: str) -> None:
    """Raises access.not_allowed unless the viewer holds `permission` over `code`."""
    if not viewer.may(permission, code):
        raise NOT_ALLOWED(permission=permission.value, place=code)
