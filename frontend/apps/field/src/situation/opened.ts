import { ref } from "vue";

export type OpenForm = "move" | "sos" | "headcount" | "post" | "away" | "check_in";

/** Over whatever page is shown: moving first changes the page beneath, and its answer must stay. */
export const openForm = ref<OpenForm | null>(null);
