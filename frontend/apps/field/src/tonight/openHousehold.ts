import { ref } from "vue";

/** A household somebody wants on the sheet from elsewhere on the page; the page takes it and empties this. */
export const openHousehold = ref<string | null>(null);
