import { expect, it } from "vitest";

import { placeMarks } from "./marks";

const moment = (share: number, kind: string, sentence: string) => ({ key: `${share}`, kind, share, time: "02:10", sentence });

it("gives the opening its words before the facts that crowd around it", () => {
  const marks = placeMarks([
    moment(0.0, "alert.received", "收到：【演练】示意县气象台发布暴雨红色预警[I级/特别重大]（示意县气象台）"),
    moment(0.01, "callout.opened", "启动叫应，应叫 353 人"),
    moment(0.5, "call.answered", "应答：on_it"),
  ]);
  expect(marks.map((mark) => mark.label)).toEqual(["", "02:10 启动叫应，应叫 353 人", ""]);
});

it("cuts a long sentence at its first clause", () => {
  const [mark] = placeMarks([moment(0.2, "alert.cancelled", "解除，降雨减弱至小雨并且上游水位已经退到警戒线以下")]);
  expect(mark?.label).toBe("02:10 解除");
});

it("a narrower strip has room for fewer words", () => {
  const moments = [moment(0.1, "callout.opened", "启动叫应，应叫 353 人"), moment(0.3, "calls.named_unreached", "5 人始终未应，已点名")];
  expect(placeMarks(moments).filter((one) => one.label)).toHaveLength(2);
  expect(placeMarks(moments, 500).filter((one) => one.label)).toHaveLength(1);
});
