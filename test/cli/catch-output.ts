/** Runs a command and captures its output. */
export async function catchOutput(
  command: () => Promise<number>,
): Promise<{ code: number; out: string; err: string }> {
  const { log, error } = console;
  const write = process.stderr.write.bind(process.stderr);
  const lines = { out: [] as string[], err: [] as string[] };
  console.log = (text: string) => void lines.out.push(text);
  console.error = (text: string) => void lines.err.push(text);
  process.stderr.write = (text) => lines.err.push(String(text).trimEnd()) > 0;
  try {
    const code = await command();
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  } finally {
    Object.assign(console, { log, error });
    process.stderr.write = write;
  }
}
