/** What a track is called: its warning's title, else that somebody was called out. */
import type { ReplayHeadline } from "@fengsui/api";
import { alertTitle, type AlertKind, type Words } from "@fengsui/domain";

import { shapeOf, toneOf } from "../alerts/levels";
import bundle from "./replay.i18n.json";

type Warning = ReplayHeadline & { kind: AlertKind };
const isWarning = (track: ReplayHeadline): track is Warning => track.kind !== "callout";

export const titleOf = (track: ReplayHeadline): Words => (isWarning(track) ? alertTitle(track) : bundle.callout);
export const toneOfTrack = (track: ReplayHeadline) => (isWarning(track) ? toneOf(track) : track.level);
export const shapeOfTrack = (track: ReplayHeadline) => (isWarning(track) ? shapeOf(track) : "square");
