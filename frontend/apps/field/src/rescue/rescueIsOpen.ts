import { ref } from "vue";

/** Over whatever page is shown: the call itself changes the page beneath, and its answer must not vanish with it. */
export const rescueIsOpen = ref(false);
