"""What this app refuses, in words."""

from fengsui.foundation.access.problems import ProblemKind

UNFIT_CERTIFICATE = ProblemKind(
    "machine.unfit_certificate",
    422,
    "证书与私钥不配套，或无法读取。请重新签发（fengsui ca issue --to 目录）。",
    "The certificate and the key do not belong together or cannot be read. Issue them again.",
)
NO_SHARED_KEY = ProblemKind(
    "machine.no_shared_key",
    409,
    "与该节点没有可用的加密密钥，不能把私钥写入记录。请先给它入网，或用 U 盘送去。",
    "There is no key to seal for that node. Enrol it first, or bring the certificate on a stick.",
)
