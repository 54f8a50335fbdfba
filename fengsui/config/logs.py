"""Logs: a JSON line each in FENGSUI_HOME/logs for machines, a readable line on the console."""

from __future__ import annotations

import json
import logging
import logging.config
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from fengsui.foundation.access import request_id

BEIJING = timezone(timedelta(hours=8))
LOG_BYTES_MAX = 20 * 1024 * 1024
LOG_FILES_KEPT = 10
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One object a line: at, level, process, logger, message, request_id, and any extras."""

    def __init__(self, process: str = "") -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "") or request_id.current(),
        }
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        extra.pop("request_id", None)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line | extra, ensure_ascii=False, default=str)


class ConsoleFormatter(logging.Formatter):
    """A line for people, in Beijing time whatever the machine's zone is."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, BEIJING).strftime("%H:%M:%S")


def is_news(record: logging.LogRecord) -> bool:
    """Django logs every 4xx and 5xx once more; only what broke unexpectedly is news."""
    return record.exc_info is not None


def set_up(process: str, home: Path) -> None:
    """Call once at the start of a process. `process` names the file: logs/<process>.log."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {"()": JsonFormatter, "process": process},
                "console": {
                    "()": ConsoleFormatter,
                    "format": f"%(asctime)s {process}: %(message)s",
                },
            },
            "handlers": {
                "file": {
                    "class": "logging.handlers.RotatingFileHandler",
                    "filename": str(folder / f"{process}.log"),
                    "maxBytes": LOG_BYTES_MAX,
                    "backupCount": LOG_FILES_KEPT,
                    "encoding": "utf-8",
                    "formatter": "json",
                },
                "console": {
                    "class": "logging.StreamHandler",
                    "level": os.environ.get("FENGSUI_CONSOLE_LEVEL", "WARNING"),
                    "formatter": "console",
                },
            },
            "filters": {"news": {"()": lambda: is_news}},
            "loggers": {"django.request": {"filters": ["news"]}},
            "root": {"level": "INFO", "handlers": ["file", "console"]},
        }
    )
