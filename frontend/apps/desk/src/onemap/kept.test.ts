import { describe, expect, it } from "vitest";

import { withoutPersons } from "./kept";

describe("what is kept of the county", () => {
  it("holds no field that nobody looked at", () => {
    const geometry = { type: "Polygon", coordinates: [] };
    const kept = withoutPersons({
      type: "FeatureCollection",
      features: [{ type: "Feature", geometry, properties: { id: "1", name: "沟口", households: 3, contact_name: "示意甲", phone: "00010000001" } }],
    });
    expect(kept.features[0]?.properties).toEqual({ id: "1", name: "沟口", households: 3 });
    expect(kept.features[0]?.geometry).toEqual(geometry);
  });
});
