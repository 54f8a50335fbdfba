/** A register for tests: invented households. */
import type { ColumnKind, Ledger, LedgerColumn, LedgerRow } from "@fengsui/api";

export const column = (name: string, zh: string, kind: ColumnKind = "text", more: Partial<LedgerColumn> = {}): LedgerColumn => ({
  name,
  zh,
  en: name,
  kind,
  required: false,
  is_key: false,
  is_private: false,
  is_personal: false,
  editable: true,
  sortable: false,
  filter: "none",
  choices: [],
  unit: "",
  length_max: 80,
  least: null,
  most: null,
  reference: "",
  hint_zh: "",
  hint_en: "",
  example: "",
  is_shown: true,
  ...more,
});

export const households: Ledger = {
  name: "households",
  zh: "户",
  en: "Households",
  title: "name",
  place: "place_code",
  may_edit: true,
  may_export: true,
  may_reveal: true,
  can_restore: true,
  rows_max: 200,
  columns: [
    column("name", "户主", "text", { required: true, filter: "contains", sortable: true }),
    column("place_code", "所在村组", "place", { required: true, filter: "under", editable: false }),
    column("people", "人口", "whole", { unit: "人", filter: "range", sortable: true, least: 0, most: 40 }),
    column("phone", "电话", "phone", { is_personal: true }),
    column("care", "需协助转移", "choice", {
      filter: "equals",
      choices: [
        { value: "help", zh: "需协助", en: "Help" },
        { value: "carry", zh: "需背扶", en: "Carry" },
      ],
    }),
    column("away", "外出", "flag", { filter: "equals" }),
    column("point", "位置", "point", { is_shown: false }),
    column("checked", "最近核对", "moment", { is_shown: false }),
  ],
};

export const household = (id: string, more: Partial<LedgerRow["values"]> = {}): LedgerRow => ({
  id,
  values: { name: `示意甲${id}`, place_code: "990126101200", people: 4, phone: "000****0001", care: "help", away: false, point: [1_099_512_345, 286_123_456], checked: 1_784_254_476, ...more },
  shown: { place_code: "石滩村一组", care: "需协助" },
  is_withdrawn: false,
  is_invented: true,
  changed_at: null,
});
