/** Plain, accessible controls in the house's tokens. This package knows no word of the trade. */
export { default as ExerciseLabel } from "./ExerciseLabel.vue";
export { default as FBanner } from "./FBanner.vue";
export { default as FButton } from "./FButton.vue";
export { default as FDialog } from "./FDialog.vue";
export { default as FField } from "./FField.vue";
export { default as FMenu } from "./FMenu.vue";
export { default as FState } from "./FState.vue";
export { default as FTabs } from "./FTabs.vue";
export { default as LevelBadge } from "./LevelBadge.vue";
export * from "./language";
export type { MenuColumn } from "./FMenu.vue";
export type { TabItem } from "./FTabs.vue";
export * from "./theme";
export * from "./hanGlyphs";
