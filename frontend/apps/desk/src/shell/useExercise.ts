/** Whether what is on the screen belongs to an exercise; any screen may say so. */
import { shallowRef } from "vue";

export const exerciseIsRunning = shallowRef(false);
