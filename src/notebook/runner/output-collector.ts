import { type Output, splitLines } from '../notebook-file';
import type { KernelMessage } from './connection';

type Displayed = Extract<Output, { output_type: 'display_data' | 'execute_result' }>;

/** Gathers what a kernel sends into the outputs of a notebook's cells, as Jupyter would. */
export class OutputCollector {
  readonly #outputs = new Map<string, Output[]>();
  /** outputs that can be replaced, by name; one may be shown in several places */
  readonly #displayed = new Map<string, Displayed[]>();

  /** what was written to a stream, before carriage returns are carried out */
  readonly #written = new WeakMap<Output, string>();

  /** The outputs that belong to a request, in the state of now. */
  outputs(requestId: string): Output[] {
    let outputs = this.#outputs.get(requestId);
    if (outputs === undefined) this.#outputs.set(requestId, (outputs = []));
    return outputs;
  }

  /** Takes in one message of the output channel; other kinds than output are left alone. */
  add({ type, parentId, content }: KernelMessage): void {
    const outputs = this.outputs(parentId);
    if (type === 'stream') this.#write(outputs, content.name as 'stdout' | 'stderr', content.text as string);
    else if (type === 'error') {
      const { ename, evalue, traceback } = content as { ename: string; evalue: string; traceback: string[] };
      outputs.push({ output_type: 'error', ename, evalue, traceback });
    } else if (type === 'clear_output') outputs.length = 0;
    else if (type === 'update_display_data') this.#update(content);
    else if (type === 'display_data') {
      this.#show(outputs, { output_type: type, ...shownIn(content) }, content);
    } else if (type === 'execute_result') {
      const count = content.execution_count as number;
      this.#show(outputs, { output_type: type, ...shownIn(content), execution_count: count }, content);
    }
  }

  #write(outputs: Output[], name: 'stdout' | 'stderr', text: string): void {
    let stream = outputs.at(-1);
    if (stream?.output_type !== 'stream' || stream.name !== name) {
      stream = { output_type: 'stream', name, text: [] };
      outputs.push(stream);
    }
    const written = compactText((this.#written.get(stream) ?? '') + text);
    this.#written.set(stream, written);
    stream.text = splitLines(terminalText(written));
  }

  #show(outputs: Output[], output: Displayed, content: KernelMessage['content']): void {
    outputs.push(output);
    const name = displayName(content);
    if (name !== undefined) this.#displayed.set(name, [...(this.#displayed.get(name) ?? []), output]);
  }

  #update(content: KernelMessage['content']): void {
    for (const output of this.#displayed.get(displayName(content) ?? '') ?? []) {
      Object.assign(output, shownIn(content));
    }
  }
}

function shownIn(content: KernelMessage['content']): Pick<Displayed, 'data' | 'metadata'> {
  const data = Object.entries(content.data as Record<string, unknown>).map(([type, value]) => [
    type,
    isText(type) && typeof value === 'string' ? splitLines(value) : value,
  ]);
  return {
    data: Object.fromEntries(data) as Record<string, unknown>,
    metadata: (content.metadata ?? {}) as Record<string, unknown>,
  };
}

function isText(type: string): boolean {
  return type.startsWith('text/') || type === 'image/svg+xml';
}

function displayName(content: KernelMessage['content']): string | undefined {
  return (content.transient as { display_id?: string } | undefined)?.display_id;
}

/**
 * Text as a terminal would show it: a carriage return goes back to the start of its line, and what follows overwrites
 * what is there.
 */
export function terminalText(written: string): string {
  if (!written.includes('\r')) return written;
  return written.replace(/\r+\n/g, '\n').split('\n').map(overwrite).join('\n');
}

/**
 * Shorter text that a terminal shows in the same way, whatever is written after it: finished lines as they are shown,
 * of the last one what is shown and the part being written. A progress bar so takes one line, not a thousand.
 */
export function compactText(written: string): string {
  if (!written.includes('\r')) return written;
  const start = written.lastIndexOf('\n') + 1;
  const parts = written.slice(start).split('\r');
  const current = parts.pop() ?? '';
  const shown = parts.length > 0 ? `${parts.reduce(overwriteBy, '')}\r` : '';
  return terminalText(written.slice(0, start)) + shown + current;
}

function overwrite(line: string): string {
  return line.split('\r').reduce(overwriteBy, '');
}

function overwriteBy(shown: string, part: string): string {
  return part + shown.slice(part.length);
}
