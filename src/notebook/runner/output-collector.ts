import { type Output, splitLines } from '../notebook-file';
import type { KernelMessage } from './connection';

type Displayed = Extract<Output, { output_type: 'display_data' | 'execute_result' }>;

/** Collects the messages of a kernel as outputs of notebook cells, like Jupyter. */
export class OutputCollector {
  readonly #outputs = new Map<string, Output[]>();
  /** replaceable outputs by name; one may occur in several cells */
  readonly #displayed = new Map<string, Displayed[]>();

  /** text written to a stream, before carriage returns are applied */
  readonly #written = new WeakMap<Output, string>();

  /** The current outputs of a request. */
  outputs(requestId: string): Output[] {
    let outputs = this.#outputs.get(requestId);
    if (outputs === undefined) this.#outputs.set(requestId, (outputs = []));
    return outputs;
  }

  /** Adds one message of the output channel; ignores messages that are not output. */
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

/** Applies carriage returns like a terminal: text after one overwrites the line from its start. */
export function terminalText(written: string): string {
  if (!written.includes('\r')) return written;
  return written.split('\n').map(overwrite).join('\n');
}

/**
 * Shortens text with carriage returns without changing how a terminal shows it, also with text appended later. A progress bar then takes
 * one line instead of a thousand.
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
  // Carriage returns at the end of a line overwrite nothing.
  return line
    .split('\r')
    .filter((part) => part !== '')
    .reduce(overwriteBy, '');
}

function overwriteBy(shown: string, part: string): string {
  return part + shown.slice(part.length);
}
