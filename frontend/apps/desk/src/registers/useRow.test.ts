import { ApiProblem, ledgersApi, type LedgerRowDetail, type LedgerValue } from "@fengsui/api";
import { expect, it } from "vitest";

import { household, households } from "./testLedger";
import { useRow } from "./useRow";

type Values = Record<string, LedgerValue>;

/** One row on a server that compares what was seen, as the real one does. */
function server() {
  let values: Values = { ...household("1").values };
  const sent: { changes: Values; expected: Values }[] = [];
  const detail = (): LedgerRowDetail => ({ ...household("1"), values: { ...values }, may_edit: true, may_reveal: true, history: [] });
  return {
    sent,
    write: (change: Values) => (values = { ...values, ...change }),
    values: () => values,
    api: {
      ...ledgersApi,
      row: async () => detail(),
      create: async (_: string, given: Values) => {
        if (!given["name"]) throw new ApiProblem(422, "ledgers.row_refused", "不行", "no", { faults: [{ column: "name", zh: "“户主”没有填写", en: "", fix_zh: "请填写户主", fix_en: "" }] });
        values = given;
        return detail();
      },
      change: async (_: string, __: string, changes: Values, expected: Values) => {
        sent.push({ changes, expected });
        const conflicts = Object.keys(changes).filter((name) => values[name] !== expected[name]);
        if (conflicts.length) throw new ApiProblem(409, "ledgers.changed_meanwhile", "", "", { conflicts: conflicts.map((name) => ({ column: name, theirs: values[name], shown: "", by: "示意丙", at: null })) });
        values = { ...values, ...changes };
        return detail();
      },
    },
  };
}

it("a correction sends one column and leaves the form", async () => {
  const far = server();
  const desk = useRow(far.api);
  await desk.open(households, "1");
  desk.write();
  desk.draft.value["people"] = 5;
  expect(desk.unsaved.value).toBe(1);
  expect(await desk.save()).toBe(1);
  expect(far.sent).toEqual([{ changes: { people: 5 }, expected: { people: 4 } }]);
  expect(desk.isWriting.value).toBe(false);
  expect(desk.row.value?.values["people"]).toBe(5);
});

it("two who write the same: mine is kept only when it is chosen", async () => {
  const far = server();
  const desk = useRow(far.api);
  await desk.open(households, "1");
  desk.write();
  desk.draft.value["people"] = 5;
  far.write({ people: 9 });
  expect(await desk.save()).toBe(0);
  expect(desk.clashes.value.map((one) => one.theirs)).toEqual([9]);
  expect(far.values()["people"]).toBe(9);
  desk.choose(new Set(["people"]));
  expect(await desk.save()).toBe(1);
  expect(far.values()["people"]).toBe(5);
});

it("what was refused keeps what was written and says which column", async () => {
  const desk = useRow(server().api);
  desk.openNew(households);
  desk.draft.value["people"] = 3;
  expect(await desk.save()).toBe(0);
  expect(desk.faults.value[0]?.column).toBe("name");
  expect(desk.draft.value["people"]).toBe(3);
  expect(desk.isNew.value).toBe(true);
  desk.draft.value["name"] = "示意乙";
  expect(await desk.save()).toBe(2);
  expect(desk.isNew.value).toBe(false);
});

it("nothing changed is not sent", async () => {
  const far = server();
  const desk = useRow(far.api);
  await desk.open(households, "1");
  desk.write();
  expect(await desk.save()).toBe(0);
  expect(far.sent).toEqual([]);
});

it("a step that was taken back is read anew", async () => {
  const far = server();
  const desk = useRow({ ...far.api, undo: async () => (far.write({ people: 3 }), { change_set_id: "2", undone: 1, kept: [], kept_count: 0 }) });
  await desk.open(households, "1");
  expect((await desk.undo("1", "填错了一位"))?.undone).toBe(1);
  expect(desk.row.value?.values["people"]).toBe(3);
});

it("an undo that is refused says so and changes nothing", async () => {
  const desk = useRow({ ...server().api, undo: () => Promise.reject(new ApiProblem(409, "ledgers.already_undone", "撤销过了", "done")) });
  await desk.open(households, "1");
  expect(await desk.undo("1", "填错了一位")).toBeNull();
  expect(desk.refused.value?.code).toBe("ledgers.already_undone");
});

it("a number that was shown is no change of the row", async () => {
  const desk = useRow(server().api);
  await desk.open(households, "1");
  desk.write();
  desk.adopt("phone", "00011112222");
  expect(desk.draft.value["phone"]).toBe("00011112222");
  expect(desk.unsaved.value).toBe(0);
});
