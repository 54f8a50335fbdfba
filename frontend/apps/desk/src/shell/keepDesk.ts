/** The desk opens without a network once it has been opened with one; over plain HTTP only on the node itself. */
export function keepTheDesk(): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  // Keeping seven megabytes can wait until the page stands.
  window.addEventListener("load", () => void navigator.serviceWorker.register("/desk/sw.js", { scope: "/desk/" }).catch(() => undefined), {
    once: true,
  });
}
