import type { Executor } from 'tslab/dist/executor';
import { nearestName } from '../../core/base';
import { installedDisplayer, type MimeBundle, untilAborted } from '../display';
import { isPromise, textBundle } from '../inspected';
import { optionHelp } from './help';
import { helpBundle } from './help-text';
import { type CellInfo, JupyterHandlerImpl } from './tslab';

type Handler = InstanceType<typeof JupyterHandlerImpl>;
type InspectRequest = Parameters<Handler['handleInspect']>[0];
type InspectReply = ReturnType<Handler['handleInspect']>;
type IsCompleteRequest = Parameters<Handler['handleIsComplete']>[0];
type IsCompleteReply = ReturnType<Handler['handleIsComplete']>;
type CompleteRequest = Parameters<Handler['handleComplete']>[0];
type CompleteReply = ReturnType<Handler['handleComplete']>;

/** Replies to requests for help and completion. Jupyter counts code points, TypeScript counts UTF-16 units. */
export class KernelHandler extends JupyterHandlerImpl {
  constructor(private readonly cells: Executor) {
    super(cells, false);
  }

  override handleInspect({ code = '', cursor_pos: cursor }: Partial<InspectRequest>): InspectReply {
    const data = helpFor(this.cells, code, unitsOf(code, cursor));
    // tslab's type allows only plain text.
    return {
      status: 'ok',
      found: data !== undefined,
      data: (data ?? {}) as InspectReply['data'],
      metadata: {},
    };
  }

  override handleIsComplete({ code = '' }: Partial<IsCompleteRequest>): IsCompleteReply {
    return super.handleIsComplete({ code });
  }

  override handleComplete({ code = '', cursor_pos: cursor }: Partial<CompleteRequest>): CompleteReply {
    const reply = super.handleComplete({ code, cursor_pos: unitsOf(code, cursor) });
    return {
      ...reply,
      cursor_start: pointsOf(code, reply.cursor_start),
      cursor_end: pointsOf(code, reply.cursor_end),
    };
  }
}

/** The name in a cell that consists of `name?` or `?name`; undefined for any other cell. */
export function helpQuery(code: string): string | undefined {
  return /^\s*(?:([\p{L}\w$.]+)\s*\?{1,2}|\?{1,2}\s*([\p{L}\w$.]+))\s*;?\s*$/u
    .exec(code)
    ?.slice(1)
    .find(Boolean);
}

/** Help for a name, for example `ser.dsp.mfcc`, a variable, or the path of an option. */
export function helpOnName(cells: Executor, name: string): MimeBundle {
  // The name of a type resolves only where a type is expected.
  for (const code of [name, `0 as unknown as ${name}`]) {
    const help = helpFor(cells, code, code.length);
    if (help) return help;
  }
  const option = optionHelp(name);
  if (option) return helpBundle(option);
  const dot = name.lastIndexOf('.') + 1;
  const nearest = nearestName(name.slice(dot), cells.complete(name.slice(0, dot), dot).candidates);
  const remedy = nearest === undefined ? '' : `: did you mean ${name.slice(0, dot)}${nearest}?`;
  return { 'text/plain': `unknown name ${name}${remedy}` };
}

function helpFor(cells: Executor, code: string, position: number): MimeBundle | undefined {
  try {
    const info = cells.inspect(code, position) as CellInfo | undefined;
    return info?.help && helpBundle(info.help);
  } catch {
    // The compiler may fail on an unfinished cell. Without a reply, the front end would wait forever.
    return undefined;
  }
}

const unitsOf = (text: string, points = text.length): number =>
  Array.from(text).slice(0, Math.max(0, points)).join('').length;
const pointsOf = (text: string, units: number): number => Array.from(text.slice(0, units)).length;

/**
 * Outputs for the value of a cell's last expression: as `ser.show` displays it, or as text before a cell has imported the library.
 *
 * @param signal - interrupts waiting for a promise
 */
export async function bundlesOfResult(result: unknown, signal: AbortSignal): Promise<MimeBundle[]> {
  const value: unknown = isPromise(result) ? await untilAborted(result, signal) : result;
  if (value === undefined || value === null) return [];
  const show = installedDisplayer();
  if (show === undefined) return [textBundle(value)];
  return untilAborted(show(value), signal);
}
