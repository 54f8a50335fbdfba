/** The page itself on this phone: kept for the time without a network, renewed when the person says so. */
import { ref, type Ref } from "vue";

export type PageState =
  /** Opens without a network. */
  | "kept"
  /** Being fetched for that. */
  | "keeping"
  /** This browser, or plain HTTP, keeps no pages. */
  | "not_possible"
  /** It was tried and did not work; asked again at the next opening. */
  | "failed";

interface InstallQuestion extends Event {
  prompt(): Promise<unknown>;
}

export const pageState: Ref<PageState> = ref("keeping");
/** A newer version of the page is here and waits. */
export const newerVersion = ref(false);
export const canInstall = ref(false);
export const isInstalled = ref(false);

let waiting: ServiceWorker | null = null;
let question: InstallQuestion | null = null;

function watchForNewer(registration: ServiceWorkerRegistration): void {
  const look = (): void => {
    // The very first version has nobody to replace.
    if (registration.waiting === null || navigator.serviceWorker.controller === null) return;
    waiting = registration.waiting;
    newerVersion.value = true;
  };
  look();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
}

export function keepThePage(): void {
  isInstalled.value = matchMedia("(display-mode: standalone)").matches;
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    question = event as InstallQuestion;
    canInstall.value = true;
  });
  window.addEventListener("appinstalled", () => {
    canInstall.value = false;
    isInstalled.value = true;
  });
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) {
    pageState.value = "not_possible";
    return;
  }
  navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" }).then(
    async (registration) => {
      watchForNewer(registration);
      await navigator.serviceWorker.ready;
      pageState.value = "kept";
    },
    () => (pageState.value = navigator.serviceWorker.controller === null ? "failed" : "kept"),
  );
}

/** What was recorded is in IndexedDB and stays; the page only loads its newer scripts. */
export function changeOver(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting?.postMessage({ type: "change_over" });
}

export async function install(): Promise<void> {
  await question?.prompt();
  canInstall.value = false;
}
