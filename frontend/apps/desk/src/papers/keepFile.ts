/** Hands a file that was just made to the browser, under the name the node gave it. */
const KEPT_MS = 10_000;

export function keepFile(file: { blob: Blob; name: string }): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file.blob);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** 987 permille as "98.7%"; nothing of nothing has no share. */
export function share(permille: number | null): string {
  if (permille === null) return "—";
  return `${Math.floor(permille / 10)}.${permille % 10}%`;
}
