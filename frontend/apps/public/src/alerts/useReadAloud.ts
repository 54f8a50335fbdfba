/** Reads a warning aloud with the phone's own voice: for who cannot read it, or holds no glasses in the dark. */
import { onUnmounted, ref } from "vue";

const SLOWLY = 0.9;

/** Chinese voices that live on the phone come first: the network may be gone. */
function voice(): SpeechSynthesisVoice | undefined {
  const chinese = speechSynthesis.getVoices().filter((one) => one.lang.replace("_", "-").toLowerCase().startsWith("zh"));
  return chinese.find((one) => one.localService) ?? chinese[0];
}

export function useReadAloud() {
  const canRead = typeof speechSynthesis !== "undefined" && typeof SpeechSynthesisUtterance !== "undefined";
  const isReading = ref("");

  function stop(): void {
    if (canRead) speechSynthesis.cancel();
    isReading.value = "";
  }
  /** The same button again stops it. */
  function read(key: string, text: string): void {
    const wasReading = isReading.value === key;
    stop();
    if (wasReading || !canRead) return;
    const words = new SpeechSynthesisUtterance(text);
    words.lang = "zh-CN";
    words.rate = SLOWLY;
    const chosen = voice();
    if (chosen) words.voice = chosen;
    words.onend = words.onerror = (): void => {
      if (isReading.value === key) isReading.value = "";
    };
    isReading.value = key;
    speechSynthesis.speak(words);
  }
  onUnmounted(stop);
  return { canRead, isReading, read };
}
