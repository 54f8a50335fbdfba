import pluginVue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";
import vueParser from "vue-eslint-parser";

/** Who may import whom; the arrow only points down (see README.md). */
const FORBIDDEN_FROM = {
  domain: ["@fengsui/*", "vue", "maplibre-gl"],
  api: ["@fengsui/data", "@fengsui/map", "@fengsui/ui", "@fengsui/testing", "vue", "maplibre-gl"],
  data: ["@fengsui/map", "@fengsui/ui", "@fengsui/testing", "maplibre-gl"],
  ui: ["@fengsui/*", "maplibre-gl"],
  map: ["@fengsui/api", "@fengsui/data", "@fengsui/testing"],
  testing: ["@fengsui/data", "@fengsui/map", "@fengsui/ui", "maplibre-gl"],
};
const APPS = ["desk", "field", "public"];

const restrict = (files, group, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});

export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**", "packages/api/src/schema.d.ts", ".cache/**"] },
  ...tseslint.configs.strict,
  ...pluginVue.configs["flat/essential"],
  {
    files: ["**/*.vue"],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser, sourceType: "module" } },
  },
  {
    rules: {
      "no-console": "error",
      eqeqeq: "error",
      "vue/multi-word-component-names": "off",
      "vue/no-v-html": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
    },
  },
  ...Object.entries(FORBIDDEN_FROM).map(([name, group]) =>
    restrict([`packages/${name}/**`], group, `packages/${name} may not import this; see frontend/README.md.`),
  ),
  ...APPS.map((name) =>
    restrict(
      [`apps/${name}/**`],
      ["maplibre-gl", "maplibre-gl/*", ...APPS.filter((other) => other !== name).map((other) => `@fengsui/${other}`)],
      "MapLibre is wrapped in packages/map; an app never imports another app.",
    ),
  ),
);
