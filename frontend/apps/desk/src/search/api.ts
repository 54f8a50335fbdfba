import { at, http, type Schemas } from "@fengsui/api";

export type Found = Schemas["FoundOut"];
export type SearchAnswer = Schemas["SearchOut"];

/** What answers the question, in the viewer's own jurisdiction. */
export const ask = (question: string): Promise<SearchAnswer> =>
  http.post<SearchAnswer>(at("/api/v1/search"), { question, under: "", kinds: [] });
