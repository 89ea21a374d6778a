import { setImmediate } from 'node:timers/promises';
import { InvalidArgumentError, messageOf, printable } from '../../core/base';
import {
  type Captured,
  cellHost,
  cellSignal,
  display,
  escapeHtml,
  type MimeBundle,
  untilAborted,
} from '../display';
import { bundlesOf, hidden } from '../show';
import { shortened } from '../inspected';
import {
  bindControls,
  type BoundControls,
  type Controls,
  type ControlValues,
  initialValues,
  readValues,
} from './controls';
import { type Result, resultOf, Results } from './results';
import { displayWidget, type Widget, WidgetFactory } from './widget';

/** The second argument of `render` of {@link interact}. */
export interface RenderContext {
  /** aborted when a newer value makes the result obsolete, and when the user stops or interrupts the work */
  signal: AbortSignal;
  /** replaces the displayed result while the work continues; accepts what `render` may return */
  show(content: unknown): void;
}

/** Computes what an interactive cell displays: anything that `show` accepts, or a list of it. */
export type Render<Values> = (values: Values, context: RenderContext) => unknown;

/** Options of {@link interact}. */
export interface InteractOptions<Name extends string = string> {
  /** name of a button: only a click on it runs `render`, with the current values of the other controls */
  on?: Name;
}

/** A running interactive cell. */
export interface Interaction<Values> {
  /** the current values of the controls, for other cells */
  readonly values: Values;
}

/**
 * Shows controls and, below them, the result of `render`. When a control changes, `render` runs again and its new result replaces the old
 * one; figures are updated in place.
 *
 * At most one `render` runs at a time, and the latest value wins: work on an older one is aborted through `signal`. An error is shown
 * below the controls and disappears with the next result. Everything that `render` prints, or displays with functions such as `showTable`,
 * is part of the result.
 *
 * Controls need a Jupyter application with ipywidgets (`npm run lab`). Elsewhere, and in pages and printed notebooks, the first result is
 * shown with a note that names the controls. Outside a notebook, `render` runs once.
 *
 * @param controls - by name, from `ser.controls`
 * @param render - gets the values of the controls by name
 * @returns the current values, for use in other cells
 * @throws {@link InvalidArgumentError} if there is no control, or `on` is none of them; the error of the first `render`
 * @example
 * ```ts
 * const { slider, dropdown } = ser.controls;
 * await ser.interact(
 *   { nFft: dropdown([512, 1024, 2048]), fMax: slider({ min: 2000, max: 11025, step: 25, value: 8000 }) },
 *   ({ nFft, fMax }) => ser.figures.spectrogram(ser.dsp.logMel(voice, { nFft, fMax }), { title: 'Log-mel', source, sampleRate }),
 * );
 * ```
 */
export async function interact<C extends Controls>(
  controls: C,
  render: Render<ControlValues<C>>,
  { on }: InteractOptions<keyof C & string> = {},
): Promise<Interaction<ControlValues<C>>> {
  const names = Object.keys(controls);
  if (names.length === 0) throw new InvalidArgumentError('controls', 'at least one control', controls);
  if (on !== undefined && !names.includes(on))
    throw new InvalidArgumentError('on', `the name of a button (${names.join(', ')})`, on);
  const host = cellHost();
  if (host === undefined || host.isCaptured) {
    const values = initialValues(controls);
    if (on === undefined) for (const bundle of await renderOnce(render, values)) display(bundle);
    return hidden({ values });
  }

  const factory = new WidgetFactory(host);
  try {
    const status = factory.html('');
    const results = new Results(factory);
    const cell = new InteractiveCell(render, results, status);
    const bound: BoundControls = bindControls(controls, factory, (name) => {
      cell.changed(name, on);
    });
    cell.connect(bound, () => readValues<C>(bound));
    const widgets = Object.values(bound).map(({ widget }) => widget);
    const labels = widgets.map(({ state }, i) => (state.description as string | undefined) ?? names[i]);
    const box = factory.box('VBox', [...widgets, status, results.box]);
    displayWidget(box, fallback(labels));
    const removeHandler = host.onInterrupt(() => {
      cell.stop();
    });
    box.onClose(() => {
      removeHandler();
      cell.stop();
      factory.close();
    });
    await untilAborted(cell.start(cellSignal(), on === undefined), cellSignal());
    return hidden({
      get values() {
        return readValues<C>(bound);
      },
    });
  } catch (error) {
    factory.close();
    throw error;
  }
}

async function renderOnce<Values>(render: Render<Values>, values: Values): Promise<MimeBundle[]> {
  const shown: unknown[] = [];
  const context = { signal: cellSignal(), show: (content: unknown) => void shown.push(content) };
  const content = await render(values, context);
  return bundlesOf(content === undefined ? shown.at(-1) : content);
}

/** Shown where there are no widgets. */
function fallback(labels: readonly string[]): { html: string; text: string } {
  const list = labels.map((label) => printable(label)).join(', ');
  const text = `Interactive in JupyterLab with ipywidgets (npm run lab): ${list}.`;
  return { text, html: `<p class="ser-note"><em>${escapeHtml(text)}</em></p>` };
}

/** Interval at which a running `render` shows what it has displayed so far. */
const progressMs = 250;

/** Runs `render` of one cell: one call at a time, always with the latest values. */
class InteractiveCell<Values> {
  #bound: BoundControls = {};
  #read!: () => Values;
  #work: AbortController | undefined;
  #isStale = false;
  #isRunning = false;

  constructor(
    private readonly render: Render<Values>,
    private readonly results: Results,
    private readonly status: Widget,
  ) {}

  connect(bound: BoundControls, read: () => Values): void {
    this.#bound = bound;
    this.#read = read;
  }

  /**
   * Shows the first results; an error ends the cell. Changes of the controls meanwhile take effect afterwards.
   *
   * @param renders - false: there are no results before the button is clicked
   */
  async start(signal: AbortSignal, renders: boolean): Promise<void> {
    const output = new Output();
    this.#isRunning = true;
    if (renders) await this.#renderInto(output, signal);
    await this.results.showFirst(await output.results());
    this.#isRunning = false;
    if (this.#isStale) void this.#renderWhileStale();
  }

  /** Called when a control has changed. */
  changed(name: string, on: string | undefined): void {
    if (this.#bound[name].isStop?.()) {
      this.stop();
      return;
    }
    if (on !== undefined && name !== on) return;
    this.#work?.abort();
    this.#isStale = true;
    if (!this.#isRunning) void this.#renderWhileStale();
  }

  /** Aborts the running work. */
  stop(): void {
    this.#isStale = false;
    this.#work?.abort();
  }

  async #renderWhileStale(): Promise<void> {
    this.#isRunning = true;
    this.#setBusy(true);
    // Lets the kernel report that it is idle; the front end then sends the next value of a dragged slider.
    await setImmediate();
    while (this.#isStale) {
      this.#isStale = false;
      this.#work = new AbortController();
      await this.#renderNow(this.#work.signal);
      // Lets the kernel handle messages between two results.
      await setImmediate();
    }
    this.#setBusy(false);
    this.#isRunning = false;
  }

  async #renderNow(signal: AbortSignal): Promise<void> {
    const output = new Output();
    let sending: Promise<void> | undefined;
    const showProgress = async (): Promise<void> => {
      this.#say('<em>computing …</em>');
      await this.results.update(await output.results(), false);
    };
    // Shows intermediate results of long work, for example the curves of a training run.
    const timer = setInterval(() => {
      if (!this.status.isOpen) clearInterval(timer);
      sending ??= showProgress()
        .catch(() => undefined)
        .finally(() => (sending = undefined));
    }, progressMs);
    let message = '';
    try {
      await this.#renderInto(output, signal);
      clearInterval(timer);
      await sending;
      await this.results.update(await output.results(), true);
    } catch (error) {
      clearInterval(timer);
      await sending;
      message = signal.aborted ? (this.#isStale ? '' : '<em>stopped</em>') : errorHtml(error);
    }
    this.#say(message);
  }

  async #renderInto(output: Output, signal: AbortSignal): Promise<void> {
    const show = (content: unknown): void => {
      output.replace(content);
    };
    const sink = (captured: Captured): void => {
      output.add(captured);
    };
    await cellHost()!.capture(sink, async () => {
      const content = await this.render(this.#read(), { signal, show });
      if (content !== undefined) show(content);
      await output.results();
    });
  }

  #say(html: string): void {
    if (this.status.isOpen && this.status.state.value !== html) this.status.set({ value: html });
  }

  #setBusy(isBusy: boolean): void {
    for (const { setBusy } of Object.values(this.#bound)) setBusy?.(isBusy);
  }
}

function errorHtml(error: unknown): string {
  const style = 'color:var(--jp-error-color1, #b3261e);white-space:pre-wrap';
  return `<pre style="${style}">${escapeHtml(messageOf(error))}</pre>`;
}

/** What one `render` has displayed, printed and returned. */
class Output {
  readonly #captured: { bundle: MimeBundle; displayId?: string; stream?: string }[] = [];
  #contentResults: Promise<Result[]> = Promise.resolve([]);

  add(captured: Captured): void {
    const last = this.#captured.at(-1);
    if ('text' in captured) {
      const { stream, text } = captured;
      if (last?.stream === stream)
        last.bundle = { 'text/plain': `${last.bundle['text/plain'] as string}${text}` };
      else this.#captured.push({ bundle: { 'text/plain': text }, stream });
    } else {
      const { bundle, options } = captured;
      const { displayId, update } = options;
      const known = update && this.#captured.find((earlier) => earlier.displayId === displayId);
      if (known) known.bundle = bundle;
      else this.#captured.push({ bundle, ...(displayId !== undefined && { displayId }) });
    }
  }

  replace(content: unknown): void {
    this.#contentResults = bundlesOf(content).then((bundles) => bundles.map(resultOf));
    // The error is reported when the results are read.
    this.#contentResults.catch(() => undefined);
  }

  async results(): Promise<Result[]> {
    const captured = this.#captured.map(({ bundle, stream }) =>
      resultOf(stream === undefined ? bundle : { 'text/plain': shortened(bundle['text/plain'] as string) }),
    );
    return [...captured, ...(await this.#contentResults)];
  }
}
