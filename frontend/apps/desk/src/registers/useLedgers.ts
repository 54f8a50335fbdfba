/** Which registers there are for whoever is signed in, and how one looked at each last while the desk is open. */
import { ledgersApi, type Ledger, type LedgerRow } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { language, type Look } from "@fengsui/ui";
import { reactive } from "vue";

import { titleOf } from "./cells";
import { fresh, type Listing } from "./listing";

const CHOICES = 20;
export const ledgers = resource<{ items: Ledger[] }>(() => ledgersApi.all());
export const ledgerNamed = (name: string): Ledger | undefined => ledgers.value.value?.items.find((one) => one.name === name);

/** Kept in memory only: what somebody looked for names people, and belongs in no address. */
const listings = reactive(new Map<string, Listing>());
export function listingOf(ledger: string): Listing {
  let found = listings.get(ledger);
  if (!found) {
    listings.set(ledger, fresh());
    found = listings.get(ledger) as Listing;
  }
  return found;
}
export function setListing(ledger: string, listing: Listing): void {
  listings.set(ledger, listing);
}

/** Where a row belongs, in words, so that two villages of one name differ. */
const whereOf = (ledger: Ledger, row: LedgerRow): string => row.shown[ledger.place] ?? row.shown["parent_code"] ?? "";

/** Looks rows of another register up as one types. A place is kept by its code, anything else by its id. */
export function lookIn(name: string): Look {
  return async (text) => {
    const ledger = ledgerNamed(name);
    const page = await ledgersApi.rows(name, { limit: CHOICES, ...(text ? { q: text } : {}) });
    return page.items.map((row) => ({
      key: row.id,
      label: ledger ? titleOf(ledger, row, language.value) : row.id,
      hint: ledger ? whereOf(ledger, row) : "",
    }));
  };
}
