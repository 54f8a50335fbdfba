import type { paths } from "./schema";

/** An address of the generated API description with its blanks filled: a path that is not there does not compile. */
export function at<P extends keyof paths & string>(path: P, ...ids: string[]): string {
  let next = 0;
  return path.replace("/api/v1", "").replace(/\{\w+\}/g, () => encodeURIComponent(ids[next++] ?? ""));
}
