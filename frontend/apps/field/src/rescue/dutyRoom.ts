/** The duty room's number, kept on the phone so that it is there when the box is not. */
import { ref, type Ref } from "vue";

const KEY = "fengsui.duty_room";

function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // private browsing may refuse storage
  }
}

export const dutyRoom: Ref<string> = ref(kept());

export async function learnDutyRoom(ask: () => Promise<string>): Promise<void> {
  try {
    const number = await ask();
    if (number === "") return;
    dutyRoom.value = number;
    localStorage.setItem(KEY, number);
  } catch {
    /* out of reach: what was kept stands */
  }
}
