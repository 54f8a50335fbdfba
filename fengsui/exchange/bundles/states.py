"""What became of a bundle file here. Pure."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    WRITTEN = "written"  # 已导出
    READ = "read"  # 已读入


class ReadingState(StrEnum):
    READING = "reading"  # begun; reading the file again goes on where it stopped
    DONE = "done"  # every fact was judged
    GAPS = "gaps"  # facts before some of these are missing: an earlier bundle did not come
    REFUSED = "refused"  # the file was not read
