/** Which base lies below the county's own lines, and what must be shown with it. */
import { mapApi, type TilesOffered } from "@fengsui/api";
import type { CountyMap } from "@fengsui/map";
import { computed, ref, shallowRef, type ShallowRef } from "vue";

const REMEMBERED = "fengsui-map-base";
/** The county's own layers: there without any network. */
export const OWN = "own";

const offered = shallowRef<TilesOffered | null>(null);
let asked: Promise<void> | null = null;

function remembered(): string {
  try {
    return localStorage.getItem(REMEMBERED) ?? OWN;
  } catch {
    return OWN;
  }
}

export function useTiles(map: ShallowRef<CountyMap | null>) {
  const chosen = ref(OWN);
  const hasFailed = ref(false);
  asked ??= mapApi.tiles().then(
    (answer) => void (offered.value = answer),
    () => {
      asked = null; // asked again when the next map opens
    },
  );
  const bases = computed(() => offered.value?.layers ?? []);
  const credit = computed(() => {
    const found = offered.value;
    if (chosen.value === OWN || !found) return null;
    return { attribution: found.attribution, approval: found.approval_number };
  });

  function choose(name: string): void {
    const found = offered.value;
    const base = found?.layers.find((one) => one.name === name);
    chosen.value = base ? name : OWN;
    hasFailed.value = false;
    try {
      localStorage.setItem(REMEMBERED, chosen.value);
    } catch {
      /* private browsing: not remembered */
    }
    map.value?.setTiles(
      found && base ? { name: base.name, names: base.names, zoomMin: found.zoom_min, zoomMax: found.zoom_max } : null,
      () => {
        map.value?.setTiles(null, () => undefined);
        chosen.value = OWN;
        hasFailed.value = true;
      },
    );
  }
  /** When the map has opened: what was chosen last time. */
  async function start(): Promise<void> {
    await asked;
    if (remembered() !== OWN && bases.value.length) choose(remembered());
  }
  return { bases, chosen, credit, hasFailed, choose, start };
}
