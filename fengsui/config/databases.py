"""Which tables live in local.db: what belongs to this machine alone and is never a fact."""

from typing import Any

LOCAL_MODELS = {
    ("sessions", "session"),
    ("accounts", "credential"),
    ("accounts", "onetimelink"),
    ("accounts", "throttle"),
    ("accounts", "factor"),
    ("accounts", "sessionnote"),
    ("accounts", "signin"),
    ("accounts", "keysecret"),
    ("devices", "devicecontact"),
    ("attachments", "upload"),
    ("imports", "import"),
}


class LocalRouter:
    """Sends sessions and secrets to local.db and everything else to the node's database."""

    def _is_local(self, app_label: str, model_name: str | None) -> bool:
        return (app_label, model_name or "") in LOCAL_MODELS

    def db_for_read(self, model: Any, **hints: Any) -> str:
        meta = model._meta
        return "local" if self._is_local(meta.app_label, meta.model_name) else "default"

    db_for_write = db_for_read

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return self.db_for_read(type(obj1)) == self.db_for_read(type(obj2))

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        if model_name is None:
            return None
        return (db == "local") == self._is_local(app_label, model_name)
