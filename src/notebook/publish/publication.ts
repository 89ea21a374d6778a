import { createHash } from 'node:crypto';
import { publicationKey } from '../clear-notebook';
import { type Cell, joinLines, type Multiline, type Notebook, type Output } from '../notebook-file';
import { sourceSha256 } from '../source-sha256';
import { machineTraces } from './machine-traces';
import { reduceOutput, type Renames } from './reduce-output';
import { isStaticHtml } from './static-html';

/** What published outputs were made of; no date, so that the same is the same. */
export interface PublicationFacts {
  /** which corpora, and how many clips of them */
  corpora: string;
  /** of the clips and their labels */
  dataFingerprint: string;
  /** of the project's repository, if it is one */
  commit?: string;
  /** the library differed from that commit */
  changed?: boolean;
  /** options that were set from outside, as `SER_SET` */
  settings?: string;
}

/** What a published notebook knows of its outputs, in its metadata. */
export interface Publication extends PublicationFacts {
  /** of the cells as they were executed */
  sourceSha256: string;
  /** of the outputs as they were published */
  outputsSha256: string;
}

/** All published notebooks together take less than this, in bytes of their outputs. */
export const maxPublishedBytes = 3_000_000;

/** The record of a published notebook; undefined if it was not published. */
export function publicationOf({ metadata }: Notebook): Publication | undefined {
  return metadata[publicationKey] as Publication | undefined;
}

/**
 * An executed notebook as it is published: the same cells, with reduced outputs and a record of what made them.
 *
 * @param renames - folders of this machine and what to write instead, the longest first
 */
export async function publishNotebook(
  executed: Notebook,
  facts: PublicationFacts,
  renames: Renames = [],
): Promise<Notebook> {
  const cells = await Promise.all(
    executed.cells.map(async (cell): Promise<Cell> => {
      if (cell.outputs === undefined) return cell;
      return {
        ...cell,
        outputs: await Promise.all(cell.outputs.map((output) => reduceOutput(output, renames))),
      };
    }),
  );
  const notebook = { ...executed, cells };
  const record: Publication = {
    ...facts,
    sourceSha256: sourceSha256(notebook),
    outputsSha256: outputsSha256(notebook),
  };
  return { ...notebook, metadata: { ...executed.metadata, [publicationKey]: record } };
}

/**
 * What is wrong with a notebook's outputs, one line each: outputs that were not published or are not those of its present
 * cells, sound, scripts, and traces of a machine. A notebook without outputs has none of these.
 *
 * @param names - words of this machine that must not be read in it, besides any absolute path
 */
export function publicationProblems(notebook: Notebook, names: readonly string[] = []): string[] {
  const record = publicationOf(notebook);
  const hasOutputs = notebook.cells.some(
    ({ outputs = [], execution_count: count }) => outputs.length > 0 || count,
  );
  const problems: string[] = [];
  if (record === undefined) {
    if (hasOutputs) problems.push('it has outputs that were not published');
  } else if (record.sourceSha256 !== sourceSha256(notebook)) {
    problems.push('its cells have changed since it was published');
  } else if (record.outputsSha256 !== outputsSha256(notebook)) {
    problems.push('its outputs are not those that were published');
  }
  for (const [i, { outputs = [] }] of notebook.cells.entries()) {
    const faults = new Set(outputs.flatMap((output) => outputFaults(output, names)));
    problems.push(...[...faults].map((fault) => `cell ${i + 1}: its output ${fault}`));
  }
  return problems;
}

/** What the outputs of a notebook take, in bytes. */
export function outputBytes({ cells }: Notebook): number {
  return cells.reduce((sum, { outputs = [] }) => sum + Buffer.byteLength(JSON.stringify(outputs)), 0);
}

/** Kinds of output that a published notebook may have. */
const allowed = ['text/plain', 'text/markdown', 'text/html', 'image/png'];

function outputFaults(output: Output, names: readonly string[]): string[] {
  const data = 'data' in output ? output.data : {};
  const kinds = Object.keys(data).filter((type) => !allowed.includes(type));
  const html = textOf(data['text/html']);
  const isSound = /<audio\b|data:audio/i.test(html);
  return [
    ...kinds.map((type) => `is of the kind ${type}`),
    ...(isSound ? ['holds sound'] : []),
    ...(!isSound && !isStaticHtml(html) ? ['needs scripts or holds data'] : []),
    ...machineTraces(writtenIn(output), names).map((trace) => `names ${trace}`),
  ];
}

/** All text of an output, without its pictures. */
function writtenIn(output: Output): string {
  if (output.output_type === 'stream') return joinLines(output.text);
  if (output.output_type === 'error') return [output.evalue, ...output.traceback].join('\n');
  const texts = Object.entries(output.data).filter(([type]) => type.startsWith('text/'));
  return texts.map(([, content]) => textOf(content)).join('\n');
}

/** Text however Jupyter has divided it into lines. */
function outputsSha256({ cells }: Notebook): string {
  const outputs = cells.map((cell) => [
    cell.execution_count ?? null,
    (cell.outputs ?? []).map((output) =>
      'data' in output
        ? Object.keys(output.data)
            .sort()
            .map((type) => [type, textOf(output.data[type])])
        : writtenIn(output),
    ),
  ]);
  return createHash('sha256').update(JSON.stringify(outputs)).digest('hex');
}

function textOf(content: unknown): string {
  const isText = typeof content === 'string' || Array.isArray(content);
  return isText ? joinLines(content as Multiline) : JSON.stringify(content ?? '');
}
