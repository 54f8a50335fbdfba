/** A file goes up in pieces and goes on where it stopped, also after the page was closed. */
import { importsApi, type ImportLine, type ImportStanding } from "@fengsui/api";

export const FILE_BYTES_MAX = 32 * 1024 * 1024;
export const ACCEPT = ".xlsx,.xls,.ods,.csv,.txt,.geojson,.json";

/** Over plain HTTP in a township's network the browser works no digest out; the server then does without. */
export async function digestOf(file: Blob): Promise<string> {
  if (!globalThis.crypto?.subtle) return "";
  const bytes = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The import that this file was being sent for, if it stopped on its way. */
export function stoppedFor(recent: readonly ImportLine[], ledger: string, file: { name: string }): ImportLine | undefined {
  return recent.find((one) => one.state === "receiving" && one.ledger === ledger && one.file_name === file.name);
}

export async function send(
  ledger: string,
  file: File,
  recent: readonly ImportLine[],
  progress: (part: number) => void,
): Promise<ImportStanding> {
  const stopped = stoppedFor(recent, ledger, file);
  let standing = stopped ? await importsApi.standing(stopped.id) : null;
  if (!standing || standing.bytes !== file.size) standing = await importsApi.announce(ledger, file.name, file.size, await digestOf(file));
  while (standing.state === "receiving" && standing.received < file.size) {
    progress(standing.received / file.size);
    const piece: Blob = file.slice(standing.received, standing.received + standing.piece_bytes_max);
    standing = await importsApi.piece(standing.id, standing.received, piece);
  }
  progress(1);
  return standing;
}
