/**
 * A signal that resembles speech: harmonics of a gliding pitch, in syllables with pauses, and a little noise. The same on every machine, to
 * the accuracy of `Math.sin`.
 *
 * @param options.voice - different numbers give uncorrelated voices
 * @returns shape [frames], in (-0.7, 0.7)
 */
export function voiceSignal(
  frames: number,
  { sampleRate, voice = 0 }: { sampleRate: number; voice?: number },
): Float32Array {
  let phase = 0;
  let noise = 1 + voice;
  return Float32Array.from({ length: frames }, (_, i) => {
    const t = i / sampleRate;
    phase += (2 * Math.PI * (120 + 37 * voice + 25 * Math.sin(5 * t + voice))) / sampleRate;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.1 * t + voice)) ** 0.7;
    let sum = 0;
    for (let k = 1; k <= 12; k++) {
      const hz = k * (120 + 37 * voice);
      sum +=
        Math.sin(k * phase) *
        (Math.exp(-(((hz - 600) / 400) ** 2)) + 0.5 * Math.exp(-(((hz - 1500) / 300) ** 2)));
    }
    noise = (noise * 16_807) % 2_147_483_647;
    return 0.15 * syllable * sum + 0.004 * (noise / 1_073_741_823.5 - 1);
  });
}
