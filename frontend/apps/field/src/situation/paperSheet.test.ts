import { expect, it } from "vitest";

import { checkDigit, householdsOf, lineCode, paperOf } from "./paperSheet";

it("makes the codes of paper as the box does", () => {
  expect(checkDigit("572")).toBe("4"); // Damm's own example
  expect(lineCode("41730", 3)).toHaveLength(3);
  expect(checkDigit(`41730${lineCode("41730", 3)}`)).toBe("0");
});

it("reads the address of a printed code, and nothing else", () => {
  expect(paperOf("?sheet=41730&id=72057594037927937")).toMatchObject({ number: "41730", id: "72057594037927937" });
  expect(paperOf("?sheet=0173&id=1")).toBeNull();
  expect(paperOf("?sheet=41730&id=../x")).toBeNull();
  expect(paperOf("")).toBeNull();
});

it("asks for the lines of the very sheet, without recording", async () => {
  const asked: unknown[] = [];
  const transport = {
    read: async <T>() => ({ items: [{ sheet_id: "8", number: "41730", lines: 9 }, { sheet_id: "9", number: "41730", lines: 2 }] }) as T,
    state: async <T>(_path: string, body: unknown) => {
      asked.push(body);
      return { rows: [{ household_id: "31" }, { household_id: null }] } as T;
    },
  };
  expect(await householdsOf({ number: "41730", id: "9" }, "5", "433126106201", transport)).toEqual(["31"]);
  const text = `41730\n${lineCode("41730", 1)} 0\n${lineCode("41730", 2)} 0`;
  expect(asked).toEqual([{ text, record: false, chosen: { "41730": "9" } }]);
  expect(await householdsOf({ number: "41730", id: "7" }, "5", "433126106201", transport)).toEqual([]);
});
