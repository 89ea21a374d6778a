import MarkdownIt from 'markdown-it';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { gzip } from 'node:zlib';
import { figureJson } from '../../core/figures';
import { renderPng } from '../../node/drawing';
import { display, escapeHtml, type MimeBundle, pictureHtml } from '../display';
import { figureBundle, figureType, type SizedFigure } from '../figure';
import { isMultiline, joinLines } from '../notebook-file';
import type { Widget, WidgetFactory } from './widget';

/** One result of an interactive cell: a figure, or any other output as a MIME bundle. */
export type Result = SizedFigure | MimeBundle;

/** A result as the bridge script receives it. */
interface SlotContent {
  /** JSON of a figure */
  figure?: string;
  /** replaces what is in the place; beside a figure only if the place does not contain a figure */
  html?: string;
}

/**
 * Jupyter drops the output of a kernel that sends more than 1 MB per second (`iopub_data_rate_limit`, measured over 3 s). The first
 * number is the amount that may be sent at once, the second the amount per millisecond after that.
 */
const [burstBytes, bytesPerMs] = [1_500_000, 800];

/**
 * The results of an interactive cell. The first results are ordinary outputs, which viewers without widgets show, too. New results are sent
 * as the text of hidden widgets, and the bridge script replaces the old ones with them.
 */
export class Results {
  readonly #prefix = `slot-${randomUUID()}`;
  /** by place: the content that was sent last */
  readonly #sent: string[] = [];
  /** by place: the short content for the widget that carries all short ones */
  readonly #short = new Map<number, string>();
  /** hidden widgets with results: one per place with a long content, and one for all short ones */
  readonly #channels = new Map<number | 'short', Widget>();
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
   * Replaces the results in all front ends. Waits as long as Jupyter's limit on the amount of output requires.
   *
   * @param isComplete - empty the places of earlier results that have no successor
   */
  async update(results: readonly Result[], isComplete: boolean): Promise<void> {
    const count = isComplete
      ? Math.max(results.length, this.#sent.length, this.#isFigure.length)
      : results.length;
    const long: number[] = [];
    const short: number[] = [];
    for (let i = 0; i < count; i++) {
      const content = i < results.length ? this.#contentOf(results[i], i) : { html: '' };
      if (content.figure === undefined) this.#isFigure[i] = false;
      const text = contentJson(content);
      if (this.#sent.at(i) === text) continue;
      this.#sent[i] = text;
      (text.length < maxShort ? short : long).push(i);
    }
    // Short contents arrive together, and the browser draws them at once: texts first, because figures take longer.
    for (const i of short) this.#short.set(i, this.#span(i, Buffer.from(this.#sent[i]).toString('base64')));
    for (const i of long) this.#short.delete(i);
    if (short.length > 0) {
      const takesLong = ([i]: [number, string]): number => Number(i < results.length && isFigure(results[i]));
      const spans = [...this.#short].sort((a, b) => takesLong(a) - takesLong(b));
      await this.#send('short', spans.map(([, span]) => span).join(''));
    }
    for (const i of long) {
      // About a third of the JSON of a spectrogram.
      const zipped = (await compressed(this.#sent[i], { level: 1 })).toString('base64');
      await this.#send(i, this.#span(i, `z ${zipped}`));
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

  #span(i: number, encoded: string): string {
    return `<span data-ser-slot="${this.#prefix}-${i}" data-ser-version="${++this.#version}">${encoded}</span>`;
  }

  async #send(name: number | 'short', value: string): Promise<void> {
    await this.#waitFor(value.length);
    if (!this.box.isOpen) return; // the cell runs again
    const channel = this.#channels.get(name);
    if (channel !== undefined) {
      channel.set({ value });
      return;
    }
    this.#channels.set(name, this.factory.html(value, 'hidden'));
    this.box.set({ children: Array.from(this.#channels.values(), ({ reference }) => reference) });
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

/** Contents with fewer characters are sent together and uncompressed. */
const maxShort = 20_000;

/** The JSON of a content; that of its figure is not encoded a second time. */
function contentJson({ figure, html }: SlotContent): string {
  const parts = [figure && `"figure":${figure}`, html !== undefined && `"html":${JSON.stringify(html)}`];
  return `{${parts.filter(Boolean).join()}}`;
}

function isFigure(result: Result): result is SizedFigure {
  return 'figure' in result;
}

/** Converts a captured output to a result. */
export function resultOf(bundle: MimeBundle): Result {
  return (bundle[figureType] as SizedFigure | undefined) ?? bundle;
}

/** The output for a first result, including the picture for viewers without scripts. */
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
  if (svg !== undefined) return pictureHtml('svg+xml', Buffer.from(svg).toString('base64'), '');
  for (const format of ['png', 'jpeg', 'gif']) {
    const base64 = text(`image/${format}`);
    if (base64 !== undefined) return pictureHtml(format, base64, '');
  }
  return `<pre>${escapeHtml(stripVTControlCharacters(text('text/plain') ?? ''))}</pre>`;
}

/** Wraps the HTML of a result, so that the script can replace it. */
function inSlot(id: string, html: string): string {
  return `<div id="${id}" class="ser-slot">${html}</div>`;
}

/** Removes the wrapper of {@link inSlot}, for pages and published notebooks. */
export function withoutSlot(html: string): string {
  return /^<div id="slot-[\w-]+" class="ser-slot">([^]*)<\/div>$/.exec(html)?.[1] ?? html;
}

/**
 * The last output of an interactive cell: a place for further results, and the script that moves results from the hidden widgets of the
 * cell to their places. The script is installed once per page and serves all interactive cells.
 *
 * @param prefix - of the ids of the places
 */
function bridgeHtml(prefix: string): string {
  return `<div class="ser-bridge" id="${prefix}-rest"></div>\n<script>${bridgeScript}</script>`;
}

/** Whether an output is {@link bridgeHtml}, which shows nothing without widgets. */
export function isBridge(html: string): boolean {
  return html.startsWith('<div class="ser-bridge"');
}

/**
 * Widgets show HTML but do not run scripts, so the script observes the page: an element with `data-ser-slot` contains the new content of
 * the place with this id: JSON as base64, after `z` and a space if it is compressed with gzip. The observer ignores changes that Plotly makes while it draws.
 */
const bridgeScript = `window.serBridge ||= (() => {
const decode = async (text) => {
  const [base64, zipped] = text.split(' ').reverse();
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (!zipped) return JSON.parse(new TextDecoder().decode(bytes));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
};
const fill = (place, html) => {
  place.innerHTML = html;
  for (const inert of place.querySelectorAll('script')) {
    const script = document.createElement('script');
    script.textContent = inert.textContent;
    inert.replaceWith(script);
  }
};
const placeOf = (id) => {
  const rest = document.getElementById(id.replace(/\\d+$/, 'rest'));
  const place = document.getElementById(id);
  if (place || !rest) return place;
  const added = document.createElement('div');
  added.id = id;
  const number = (element) => Number(element.id.match(/\\d+$/)[0]);
  rest.insertBefore(added, [...rest.children].find((other) => number(other) > number(added)) || null);
  return added;
};
const move = async (channel) => {
  const id = channel.dataset.serSlot;
  const version = Number(channel.dataset.serVersion);
  const place = placeOf(id);
  if (!place || place.serVersion >= version) return;
  place.serVersion = version;
  const { figure, html } = await decode(channel.textContent);
  if (place.serVersion !== version) return;
  const isDrawn = figure !== undefined && place.querySelector('.ser-figure');
  if (!isDrawn && html !== undefined) fill(place, html);
  const drawing = place.querySelector('.ser-figure');
  if (figure === undefined || !drawing) return;
  drawing.serFigure = figure;
  if (drawing.serDraw) await drawing.serDraw(drawing.serFigure);
};
const moveAll = () => {
  for (const channel of document.querySelectorAll('[data-ser-slot]')) move(channel).catch(console.error);
};
// Jupyter Notebook 7 treats arrow keys pressed on a slider as its own shortcuts.
window.addEventListener('keydown', ({ target, key }) => {
  const handle = target instanceof Element && target.closest('.noUi-handle');
  if (handle) handle.toggleAttribute('data-lm-suppress-shortcuts', /^(Arrow|Page|Home$|End$)/.test(key));
}, true);
const isPlot = ({ target }) => (target instanceof Element ? target : target.parentElement)?.closest('.ser-figure');
const observer = new MutationObserver((changes) => {
  if (!changes.every(isPlot)) moveAll();
});
observer.observe(document.body, { childList: true, subtree: true });
moveAll();
return observer;
})();`;
