/** Files on their way to a row: announced with their hash, sent in pieces, gone on with after a cut. */
import { asProblem, privacyApi, type Id } from "@fengsui/api";
import { fileDigest } from "@fengsui/data";
import { say, strings, type UploadLine } from "@fengsui/ui";
import { ref } from "vue";

import bundle from "./attachments.i18n.json";

const PIECE_BYTES = 1 << 20;
const t = strings(bundle);

interface Going extends UploadLine {
  file: File;
}

export function useUploads(ledger: () => string, row: () => string, attached: () => void) {
  const lines = ref<Going[]>([]);
  let count = 0;

  function change(key: string, next: Partial<UploadLine>): void {
    lines.value = lines.value.map((line) => (line.key === key ? { ...line, ...next } : line));
  }

  async function send(key: string, file: File): Promise<void> {
    change(key, { state: "running", part: 0, said: t("hashing") });
    const sha256 = await fileDigest(file, (part) => change(key, { part: part * 0.1 }));
    const upload = await privacyApi.beginUpload({ owner_ledger: ledger(), owner_id: row(), file_name: file.name, bytes: file.size, sha256 });
    let { received, attachment_id }: { received: number; attachment_id: Id | null } = upload;
    while (attachment_id === null && received < file.size) {
      const end = Math.min(file.size, received + PIECE_BYTES);
      change(key, { part: 0.1 + (0.9 * received) / file.size, said: end === file.size ? t("checking") : t("sending", { n: Math.floor((100 * received) / file.size) }) });
      ({ received, attachment_id } = await privacyApi.sendPiece(upload.id, received, file.slice(received, end)));
    }
    lines.value = lines.value.filter((line) => line.key !== key);
    attached();
  }

  async function run(key: string): Promise<void> {
    const line = lines.value.find((one) => one.key === key);
    if (!line) return;
    try {
      await send(key, line.file);
    } catch (error) {
      const problem = asProblem(error);
      // A cut, or another part of the same file got there first: it goes on from where the box is.
      const isCut = problem.isOffline || problem.code === "attachments.out_of_step" || problem.status === 503;
      change(key, { state: isCut ? "paused" : "refused", said: isCut ? t("cut") : say(problem) });
    }
  }

  function add(files: File[]): void {
    const fresh = files.map((file) => ({ key: `${(count += 1)}`, name: file.name, part: 0, state: "waiting" as const, said: t("waiting"), file }));
    lines.value = [...lines.value, ...fresh];
    // One after the other: a slow line is not shared, and the first one is there soon.
    void fresh.reduce((before, line) => before.then(() => run(line.key)), Promise.resolve());
  }

  function dismiss(key: string): void {
    lines.value = lines.value.filter((line) => line.key !== key);
  }

  return { lines, add, again: (key: string) => void run(key), dismiss };
}
