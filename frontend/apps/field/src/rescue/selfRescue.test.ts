import { TestBox } from "../../../../packages/data/src/testBox";
import { expect, it } from "vitest";

import { PAUSE_MILLISECONDS, selfRescue } from "./selfRescue";

function setUp() {
  const box = new TestBox();
  const device = { at: 1_000, online: true };
  const rescue = selfRescue((text) => box.selfRescue("433126100201", text), { now: () => device.at, isOnline: () => device.online });
  return { box, device, rescue };
}

it("needs a sentence, and a second press that is not the same tap", async () => {
  const { box, device, rescue } = setUp();
  rescue.text.value = "  ";
  expect(rescue.toSure()).toBe(false);
  expect(rescue.isMissing.value).toBe(true);
  rescue.text.value = "后山滑坡，往学校撤 ";
  expect(rescue.toSure()).toBe(true);
  await rescue.call();
  expect(box.rescues).toEqual([]);
  device.at += PAUSE_MILLISECONDS;
  await rescue.call();
  expect(box.rescues).toEqual([{ place_code: "433126100201", text: "后山滑坡，往学校撤" }]);
  expect(rescue.step.value).toBe("taken");
  await rescue.call();
  expect(box.rescues).toHaveLength(1);
});

it("never says a call went out when it does not know", async () => {
  for (const [mishap, step] of [["cut", "unknown"], ["busy", "refused"]] as const) {
    const { box, device, rescue } = setUp();
    box.mishaps.push(mishap);
    rescue.text.value = "水进屋了";
    rescue.toSure();
    device.at += PAUSE_MILLISECONDS;
    await rescue.call();
    expect(rescue.step.value).toBe(step);
  }
});

it("does not even try without a network, and sends nothing later", async () => {
  const { box, device, rescue } = setUp();
  rescue.text.value = "水进屋了";
  rescue.toSure();
  device.at += PAUSE_MILLISECONDS;
  device.online = false;
  await rescue.call();
  expect(rescue.step.value).toBe("offline");
  expect(box.rescues).toEqual([]);
});
