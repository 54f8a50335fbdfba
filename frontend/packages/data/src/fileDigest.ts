/** SHA-256 of a file in pieces. The browser's own digest is missing on plain HTTP in a LAN and wants the whole file at once. */
import { sha256 } from "@noble/hashes/sha2.js";

const PIECE_BYTES = 1 << 20;

export async function fileDigest(file: Blob, onProgress: (part: number) => void = () => undefined): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    hash.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
    onProgress(Math.min(1, (at + PIECE_BYTES) / file.size));
  }
  return [...hash.digest()].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
