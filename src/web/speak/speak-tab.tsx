/** Live predictions from the microphone. */
export function SpeakTab() {
  return <p>Speak</p>;
}
