"""When the machine under a node is worth a word, and the words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

FREE_BYTES_BAD = 200 * 1024**2
FREE_BYTES_LOW = 2 * 1024**3
BACKUP_LATE = timedelta(hours=48)
CERTIFICATE_SOON = timedelta(days=21)
RESTORED_SAID = timedelta(days=3)
BAD, LOOK = "bad", "look"
BEIJING = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing that a person must know about this machine, with what to do."""

    code: str
    level: str
    zh: str
    en: str

    def plain(self) -> dict[str, str]:
        return {"code": self.code, "level": self.level, "zh": self.zh, "en": self.en}


WORDS: MappingProxyType[str, tuple[str, str, str]] = MappingProxyType(
    {
        "writer_away": (
            BAD,
            "写入进程没有响应，现在不能保存，只能查看。正在自动重启；超过一分钟请告诉管理员。",
            "The writing process does not answer: nothing can be saved now. It is being started "
            "again; tell the administrator if this stays for a minute.",
        ),
        "disk_full": (
            BAD,
            "本节点磁盘已满，现在只能查看、不能保存。请先记在纸上，立即清理磁盘。",
            "This node's disk is full: it can be read, nothing can be saved. Write on paper and "
            "make room at once.",
        ),
        "read_only": (
            BAD,
            "本节点磁盘只能读不能写（可能已损坏）。请先记在纸上，换盘后从备份恢复。",
            "This node's disk can be read but not written (it may be failing). Write on paper; "
            "replace the disk and restore the backup.",
        ),
        "not_stored": (
            BAD,
            "本节点磁盘出错，保存失败。没有提示“已保存”的请记在纸上，通知管理员检查磁盘。",
            "This node's disk reports errors. Write on paper what was not confirmed as saved and "
            "have the disk checked.",
        ),
        "disk_low": (
            LOOK,
            "本节点磁盘只剩 {free}，请尽快清理。",
            "Only {free} left on this node's disk. Make room soon.",
        ),
        "clock_dead": (
            BAD,
            "本机时钟是 {machine}，显然不对（时钟电池可能没电）。{proposal}请校准时间"
            "或接通网络、北斗授时；校准前新记录的时间不可靠，先后顺序仍然正确。",
            "This machine's clock says {machine}, which cannot be (its battery may be dead). "
            "{proposal}Set it, or connect a network or BeiDou receiver. Until then the times of "
            "new facts cannot be relied on; their order can.",
        ),
        "clock_behind": (
            BAD,
            "本机时钟 {machine} 慢了。{proposal}请校准时间，或接通网络、北斗授时。",
            "This machine's clock ({machine}) is behind. {proposal}Set it, or connect a network "
            "or BeiDou receiver.",
        ),
        "clock_ahead": (
            BAD,
            "本机时钟 {machine} 快了。{proposal}请校准时间；校准前的记录会被其他节点"
            "标为“时间存疑”。",
            "This machine's clock ({machine}) is ahead. {proposal}Set it; until then other nodes "
            "mark the times of its facts as doubtful.",
        ),
        "clock_set_back": (
            LOOK,
            "本机时钟在运行中被往回拨。请核对现在时间 {machine} 是否正确。",
            "This machine's clock was set back while the program ran. Check that {machine} is "
            "right.",
        ),
        "clock_set_ahead": (
            LOOK,
            "本机时钟在运行中被往前拨。请核对现在时间 {machine} 是否正确。",
            "This machine's clock was set ahead while the program ran. Check that {machine} is "
            "right.",
        ),
        "backup_late": (
            LOOK,
            "最近一次自动备份是 {when}，已超过两天。请检查磁盘空间，或运行 fengsui backup。",
            "The last automatic backup was {when}, over two days ago. Check the disk's space, or "
            "run `fengsui backup`.",
        ),
        "backup_failed": (
            LOOK,
            "自动备份没有成功：{why}。请检查备份磁盘，或运行 fengsui backup 查看原因。",
            "The automatic backup failed: {why}. Check the backup disk, or run `fengsui backup`.",
        ),
        "backup_second": (
            LOOK,
            "备份没有写到第二介质：{why}。请接上备份盘。",
            "The backup did not reach the second medium: {why}. Connect the backup disk.",
        ),
        "restored": (
            LOOK,
            "本节点于 {when} 从 {made} 的备份恢复。此前打开的页面请刷新；"
            "备份之后的记录正从邻居找回，请与纸面核对。",
            "This node was restored at {when} from a backup of {made}. Reload pages opened before; "
            "later facts come back from the neighbours. Compare with what is on paper.",
        ),
        "certificate_soon": (
            LOOK,
            "本节点的网页证书 {when} 到期，还剩 {days} 天。"
            "请联系县里签发新证书（fengsui ca issue）。",
            "This node's web certificate expires on {when}, in {days} days. Ask the county for a "
            "new one (fengsui ca issue).",
        ),
        "certificate_expired": (
            BAD,
            "本节点的网页证书已于 {when} 过期：手机会提示“不安全”，装好的手机页面"
            "可继续离线用，但暂时交不上来。请用县里带来的新证书，或请管理员临时不带 --https 启动。",
            "This node's web certificate expired on {when}: phones will call it unsafe. Installed "
            "pages go on offline but cannot hand in. Take the new certificate from the county, or "
            "have the node started without --https meanwhile.",
        ),
    }
)
_STORAGE = {
    "journal.disk_full": "disk_full",
    "journal.read_only": "read_only",
    "journal.not_stored": "not_stored",
}
PROPOSALS = MappingProxyType(
    {
        "neighbour": (
            "其他节点的时钟是 {proposed}。",
            "Other nodes' clocks say {proposed}. ",
        ),
        "record": (
            "最新记录的时间是 {proposed}，现在不会早于它。",
            "The newest fact is of {proposed}; it cannot be earlier than that. ",
        ),
    }
)


def warning(code: str, **values: str) -> Warning:
    level, zh, en = WORDS[code]
    return Warning(code, level, zh.format_map(values), en.format_map(values))


def shown(moment: datetime) -> str:
    """A moment in Beijing time, to the minute."""
    return f"{moment + BEIJING:%Y-%m-%d %H:%M}"


def of_storage(finding: str, free_bytes: int) -> Warning | None:
    """`finding`: the code of the problem with which writes are refused, or ""."""
    if finding in _STORAGE:
        return warning(_STORAGE[finding])
    if free_bytes < FREE_BYTES_LOW:
        return warning("disk_low", free=f"{free_bytes / 1024**3:.1f} GiB")
    return None


def of_clock(
    finding: str, machine: datetime, proposed: datetime | None, source: str
) -> Warning | None:
    if not finding:
        return None
    zh, en = PROPOSALS.get(source, ("", "")) if proposed else ("", "")
    level, words_zh, words_en = WORDS[f"clock_{finding}"]
    when = {"proposed": shown(proposed)} if proposed else {}
    return Warning(
        f"clock_{finding}",
        level,
        words_zh.format(machine=shown(machine), proposal=zh.format_map(when)),
        words_en.format(machine=shown(machine), proposal=en.format_map(when)),
    )


def of_backup(
    last: datetime | None, began: datetime | None, why: str, now: datetime
) -> list[Warning]:
    """`last`: the newest good backup; `began`: since when the node has been making backups."""
    if why:
        return [warning("backup_failed", why=why)]
    reference = last or began
    if reference is not None and now - reference > BACKUP_LATE:
        return [warning("backup_late", when=shown(last) if last else "—")]
    return []


def of_second_medium(why: str) -> Warning | None:
    return warning("backup_second", why=why) if why else None


def of_restore(at: datetime, made_at: datetime, now: datetime) -> Warning | None:
    if now - at > RESTORED_SAID:
        return None
    return warning("restored", when=shown(at), made=shown(made_at))


def of_certificate(not_after: datetime, now: datetime) -> Warning | None:
    left = not_after - now
    if left <= timedelta(0):
        return warning("certificate_expired", when=shown(not_after))
    if left < CERTIFICATE_SOON:
        return warning("certificate_soon", when=shown(not_after), days=str(left.days))
    return None
