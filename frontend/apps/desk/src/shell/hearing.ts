/** What a page may ask the live stream to tell of. The server refuses the rest anyway; asking only for what is
    allowed keeps "the stream is down" for when it is. */
const NEEDS: Readonly<Record<string, string>> = {
  alerts: "see_alerts",
  demonstration: "see_alerts",
  callout: "see_calls",
  evacuations: "see_households",
  evacuation: "see_households",
  households: "see_households",
  policies: "see_calls",
  posts: "see_people",
  watch: "see_people",
};

export function mayHear(topic: string, permissions: readonly string[]): boolean {
  const need = NEEDS[topic.split(":")[0] ?? ""];
  return need !== undefined && permissions.includes(need);
}
