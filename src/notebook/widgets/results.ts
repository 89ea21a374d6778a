import MarkdownIt from 'markdown-it';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { gzip } from 'node:zlib';
import { figureJson } from '../../core/figures';
import { renderPng } from '../../node/drawing';
import { display, escapeHtml, type MimeBundle } from '../display';
import { figureBundle, figureType, type SizedFigure } from '../figure';
import { isMultiline, joinLines } from '../notebook-file';
import { bridgeHtml, inSlot } from './bridge';
import type { Widget } from './widget';
import type { WidgetFactory } from './widget-factory';

/** One result of an interactive cell: a figure, or any other output as a MIME bundle. */
export type Result = SizedFigure | MimeBundle;

/** A result as the bridge script gets it. */
interface SlotContent {
  /** JSON of a figure */
  figure?: string;
  /** replaces what is in the place; beside a figure only if the place does not contain a figure */
  html?: string;
}

/**
 * Jupyter drops the output of a kernel that sends more than 1 MB per second (`iopub_data_rate_limit`, measured over 3 s). The first
 * number is what may be sent at once, the second what may be sent per millisecond from then on.
 */
const [burstBytes, bytesPerMs] = [1_500_000, 800];

/**
 * The results of an interactive cell: one ordinary output per result, which also viewers without widgets show. New results replace them
 * in the browser: they travel as the text of hidden widgets, from where the bridge script takes them.
 */
export class Results {
  readonly #prefix = `slot-${randomUUID()}`;
  /** the widgets that carry the results, and the results that they carry */
  readonly #channels: { widget: Widget; content: string }[] = [];
  /** by output of the cell: whether its place contains a figure, also in a page that was loaded again */
  readonly #isFigure: boolean[] = [];
  #version = 0;
  #budget = burstBytes;
  #budgetAt = performance.now();

  /** the hidden box of the channels; place it beside the controls */
  readonly box: Widget;

  constructor(private readonly factory: WidgetFactory) {
    this.box = factory.box('VBox', [], 'hidden');
  }

  /** Shows the first results as outputs of the running cell. */
  async showFirst(results: readonly Result[]): Promise<void> {
    for (const [i, result] of results.entries()) {
      this.#isFigure[i] = isFigure(result);
      const bundle = await firstBundle(result);
      display({ ...bundle, 'text/html': inSlot(`${this.#prefix}-${i}`, bundle['text/html'] as string) });
    }
    display({ 'text/html': bridgeHtml(this.#prefix), 'text/plain': '' });
  }

  /**
   * Replaces the results in all front ends. Waits while Jupyter's limit on the amount of output requires it.
   *
   * @param isComplete - empty the places of earlier results that have no successor
   */
  async update(results: readonly Result[], isComplete: boolean): Promise<void> {
    const count = isComplete
      ? Math.max(results.length, this.#channels.length, this.#isFigure.length)
      : results.length;
    for (let i = 0; i < count && this.box.isOpen; i++) {
      const content = i < results.length ? this.#contentOf(results[i], i) : { html: '' };
      if (content.figure === undefined) this.#isFigure[i] = false;
      const text = JSON.stringify(content);
      if (this.#channels.at(i)?.content === text) continue;
      // Base64 of gzip is about a third of the JSON of a spectrogram.
      const encoded = (await compressed(text, { level: 1 })).toString('base64');
      await this.#waitFor(encoded.length);
      this.#send(i, text, encoded);
    }
  }

  #contentOf(result: Result, i: number): SlotContent {
    if (!isFigure(result)) return { html: htmlOf(result) };
    const { figure, width, height } = result;
    const json = figureJson(figure);
    if (this.#isFigure.at(i)) return { figure: json };
    const empty = { data: [], layout: { title: figure.layout.title } };
    const frame = figureBundle(empty, { id: `${this.#prefix}-${i}-figure`, width, height });
    return { figure: json, html: frame['text/html'] as string };
  }

  #send(i: number, content: string, encoded: string): void {
    if (!this.box.isOpen) return; // the cell runs again
    const value = `<span data-ser-slot="${this.#prefix}-${i}" data-ser-version="${++this.#version}">${encoded}</span>`;
    const channel = this.#channels.at(i);
    if (channel !== undefined) {
      channel.content = content;
      channel.widget.set({ value });
      return;
    }
    // A complete update starts with the first place, so no place is left out.
    this.#channels.push({ content, widget: this.factory.html(value, 'hidden') });
    this.box.set({ children: this.#channels.map(({ widget }) => widget.reference) });
  }

  async #waitFor(bytes: number): Promise<void> {
    const now = performance.now();
    this.#budget = Math.min(burstBytes, this.#budget + (now - this.#budgetAt) * bytesPerMs);
    this.#budgetAt = now;
    if (this.#budget < bytes) await setTimeout((bytes - this.#budget) / bytesPerMs);
    this.#budget -= bytes;
  }
}

const compressed = promisify<string, { level: number }, Buffer>(gzip);

function isFigure(result: Result): result is SizedFigure {
  return 'figure' in result;
}

/** The result that a captured output is. */
export function resultOf(bundle: MimeBundle): Result {
  return (bundle[figureType] as SizedFigure | undefined) ?? bundle;
}

/** The first result has everything that viewers without scripts need. */
async function firstBundle(result: Result): Promise<MimeBundle> {
  if (!isFigure(result)) return { ...result, 'text/html': htmlOf(result) };
  const { figure, width, height } = result;
  const png = await renderPng(figure, { width, height });
  return figureBundle(figure, { id: `figure-${randomUUID()}`, width, height, png });
}

const markdown = new MarkdownIt({ html: false, linkify: true });

function htmlOf(bundle: MimeBundle): string {
  const text = (type: string): string | undefined => {
    const content = bundle[type];
    return isMultiline(content) ? joinLines(content) : undefined;
  };
  const html = text('text/html');
  if (html !== undefined) return html;
  const source = text('text/markdown');
  if (source !== undefined) return markdown.render(source);
  const svg = text('image/svg+xml');
  if (svg !== undefined) return pictureHtml('svg+xml', Buffer.from(svg).toString('base64'));
  for (const format of ['png', 'jpeg', 'gif']) {
    const base64 = text(`image/${format}`);
    if (base64 !== undefined) return pictureHtml(format, base64);
  }
  return `<pre>${escapeHtml(stripVTControlCharacters(text('text/plain') ?? ''))}</pre>`;
}

function pictureHtml(format: string, base64: string): string {
  return `<img alt="" src="data:image/${format};base64,${base64.replace(/[^\w+/=]/g, '')}">`;
}
