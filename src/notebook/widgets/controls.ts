import { InvalidArgumentError, isRecord } from '../../core/base';
import { lineText } from '../inspected';
import type { Widget, WidgetFactory } from './widget';

/** A control of {@link interact}, with the type of its value. Create it with the functions of `ser.controls`. */
export interface Control<T> {
  /** the initial value */
  readonly initial: T;
  /**
   * Creates the widget.
   *
   * @param label - shown beside it if the control has no label of its own
   * @param changed - called after the user has changed it
   */
  create: (factory: WidgetFactory, label: string, changed: () => void) => BoundControl<T>;
}

/** A control with its widget. */
export interface BoundControl<T> {
  widget: Widget;
  read: () => T;
  /** shows that work is in progress; a button with a stop label becomes a stop button */
  setBusy?: (isBusy: boolean) => void;
  /** whether the last change was a click on a stop button */
  isStop?: () => boolean;
}

/** Controls by name. */
export type Controls = Record<string, Control<unknown>>;

/** The values of controls by name. */
export type ControlValues<C extends Controls> = {
  [Name in keyof C]: C[Name] extends Control<infer T> ? T : never;
};

/** Options that all controls have. */
export interface ControlOptions {
  /** shown beside the control; default its name */
  label?: string;
  /** shown when the pointer rests on the control */
  description?: string;
}

/** Options of {@link dropdown} and {@link toggles}. */
export interface ChoiceOptions<T> extends ControlOptions {
  /** the initial choice; default the first one */
  value?: T;
  /** text of a choice; default the value as text */
  text?: (choice: T) => string;
}

/**
 * A list to choose from. The choices may be any values, for example clips.
 *
 * @throws {@link InvalidArgumentError} if there is no choice, or `value` is none of them
 * @example
 * ```ts
 * ser.controls.dropdown(corpora.clips, { text: (clip) => clip.path });
 * ```
 */
export function dropdown<const T>(choices: readonly T[], options: ChoiceOptions<T> = {}): Control<T> {
  return choice({ model: 'DropdownModel', style: 'Description' }, choices, options);
}

/**
 * A row of buttons, of which exactly one is selected.
 *
 * @throws {@link InvalidArgumentError} as for {@link dropdown}
 */
export function toggles<const T>(choices: readonly T[], options: ChoiceOptions<T> = {}): Control<T> {
  return choice({ model: 'ToggleButtonsModel', style: 'ToggleButtons' }, choices, options);
}

function choice<T>(
  kind: { model: string; style: string },
  choices: readonly T[],
  { value = choices[0], text = lineText, ...about }: ChoiceOptions<T>,
): Control<T> {
  if (choices.length === 0) throw new InvalidArgumentError('choices', 'at least one choice', choices);
  const index = choices.findIndex((one) => Object.is(one, value));
  if (index < 0) throw new InvalidArgumentError('value', 'one of the choices', value);
  return {
    initial: value,
    create: (factory, label, changed) => {
      // In JavaScript code, the function may return anything.
      const labels = choices.map((one) => String(text(one) as unknown));
      const state = { _options_labels: labels, index, ...described(about, label) };
      const widget = factory.control(kind, state, changed);
      const read = (): T => {
        const at = numberIn(widget.state.index, 0, choices.length - 1, index);
        return choices[Math.trunc(at)];
      };
      return { widget, read };
    },
  };
}

/** A box to tick. */
export function checkbox({
  value = false,
  ...about
}: ControlOptions & { value?: boolean } = {}): Control<boolean> {
  return {
    initial: value,
    create: (factory, label, changed) => {
      const state = { value, indent: true, ...described(about, label) };
      const widget = factory.control({ model: 'CheckboxModel', style: 'Checkbox' }, state, changed);
      return { widget, read: () => widget.state.value === true };
    },
  };
}

/** A line of text. It takes effect with the Enter key, or when another control is selected. */
export function text({
  value = '',
  placeholder = '',
  ...about
}: ControlOptions & { value?: string; placeholder?: string } = {}): Control<string> {
  return {
    initial: value,
    create: (factory, label, changed) => {
      const state = { value, placeholder, continuous_update: false, ...described(about, label) };
      const widget = factory.control({ model: 'TextModel', style: 'Text' }, state, changed);
      return { widget, read: () => (typeof widget.state.value === 'string' ? widget.state.value : value) };
    },
  };
}

/** Options of {@link button}. */
export interface ButtonOptions {
  /** shown when the pointer rests on the button */
  description?: string;
  /** label while work is in progress: a click then stops it */
  stop?: string;
}

/**
 * A button. Its value is the number of clicks. With the option `on` of {@link interact}, only a click runs `render`.
 *
 * @example
 * ```ts
 * ser.controls.button('Train', { stop: 'Stop' });
 * ```
 */
export function button(label: string, { description, stop }: ButtonOptions = {}): Control<number> {
  return {
    initial: 0,
    create: (factory, _name, changed) => {
      let clicks = 0;
      let isBusy = false;
      let isStop = false;
      const idle = { description: label, button_style: '', icon: '' };
      const widget = factory.control(
        { model: 'ButtonModel', style: 'Button', layout: 'button' },
        { ...idle, tooltip: description ?? null },
        () => undefined,
        (event) => {
          if ((event as { event?: unknown } | undefined)?.event !== 'click') return;
          isStop = isBusy && stop !== undefined;
          if (!isStop) clicks++;
          changed();
        },
      );
      return {
        widget,
        read: () => clicks,
        isStop: () => isStop,
        setBusy: (busy) => {
          if (busy === isBusy || stop === undefined) return;
          isBusy = busy;
          widget.set(busy ? { description: stop, button_style: 'warning', icon: 'stop' } : idle);
        },
      };
    },
  };
}

/** A file that the user has chosen. */
export interface UploadedFile {
  name: string;
  /** MIME type, as stated by the browser */
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Options of {@link upload}. */
export interface UploadOptions {
  /** label of the button, default `Upload` */
  label?: string;
  /** files to offer, for example `audio/*` or `.wav,.mp3` */
  accept?: string;
  multiple?: boolean;
}

/** A button that opens files from the user's computer. Jupyter may limit their size (10 MB; 100 MB with `npm run lab`). */
export function upload({ label = 'Upload', accept = '', multiple = false }: UploadOptions = {}): Control<
  readonly UploadedFile[]
> {
  return {
    initial: [],
    create: (factory, _name, changed) => {
      const widget = factory.control(
        { model: 'FileUploadModel', style: 'Button', layout: 'button' },
        { accept, multiple, description: label, icon: 'upload', value: [] },
        changed,
        undefined,
        ['value'],
      );
      return { widget, read: () => uploadedFiles(widget.state.value) };
    },
  };
}

function uploadedFiles(value: unknown): UploadedFile[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((file: unknown) =>
    isRecord(file) && file.content instanceof Uint8Array
      ? [{ name: String(file.name), type: String(file.type), bytes: new Uint8Array(file.content) }]
      : [],
  );
}

/** The value of a progress bar, with which `render` updates it. */
export interface ProgressHandle {
  /** sets the number of finished items */
  update(done: number, total?: number): void;
}

/** A progress bar beside the controls. Its value is a handle that updates it. */
export function progress({
  total = 1,
  ...about
}: ControlOptions & { total?: number } = {}): Control<ProgressHandle> {
  return {
    initial: { update: () => undefined },
    create: (factory, label) => {
      const state = { min: 0, max: total, value: 0, bar_style: '', ...described(about, label) };
      const kind = { model: 'FloatProgressModel', view: 'ProgressView', style: 'Progress' };
      const widget = factory.control(kind, state, () => undefined);
      const handle: ProgressHandle = {
        update: (done, all) => {
          widget.set({ value: done, ...(all !== undefined && { max: all }) });
        },
      };
      return { widget, read: () => handle };
    },
  };
}

/** Controls side by side. The value is an object with their values. */
export function row<C extends Controls>(controls: C): Control<ControlValues<C>> {
  return group(controls, (factory, widgets) => factory.box('HBox', widgets, 'row'));
}

/** Controls one below the other. The value is an object with their values. */
export function column<C extends Controls>(controls: C): Control<ControlValues<C>> {
  return group(controls, (factory, widgets) => factory.box('VBox', widgets));
}

/**
 * Tabs with one control, row or column each; their names are the titles. The value is an object with their values.
 *
 * @example
 * ```ts
 * ser.controls.tabs({ Noise: ser.controls.column({ snrDb }), Pitch: ser.controls.column({ nSteps }) });
 * ```
 */
export function tabs<C extends Controls>(controls: C): Control<ControlValues<C>> {
  return group(controls, (factory, widgets) => factory.tab(widgets, Object.keys(controls)));
}

function group<C extends Controls>(
  controls: C,
  arrange: (factory: WidgetFactory, widgets: Widget[]) => Widget,
): Control<ControlValues<C>> {
  return {
    initial: initialValues(controls),
    create: (factory, _label, changed) => {
      let last: BoundControl<unknown> | undefined;
      const bound = bindControls(controls, factory, (name) => {
        last = bound[name];
        changed();
      });
      const widgets = Object.values(bound).map(({ widget }) => widget);
      return {
        widget: arrange(factory, widgets),
        read: () => readValues<C>(bound),
        isStop: () => last?.isStop?.() ?? false,
        setBusy: (isBusy) => {
          for (const { setBusy } of Object.values(bound)) setBusy?.(isBusy);
        },
      };
    },
  };
}

/** Controls with their widgets, by name. */
export type BoundControls = Record<string, BoundControl<unknown>>;

/**
 * Creates the widgets of controls.
 *
 * @param changed - called with the name of a changed control
 */
export function bindControls(
  controls: Controls,
  factory: WidgetFactory,
  changed: (name: string) => void,
): BoundControls {
  const bound = Object.entries(controls).map(([name, control]) => {
    const onChange = (): void => {
      changed(name);
    };
    return [name, control.create(factory, name, onChange)] as const;
  });
  return Object.fromEntries(bound);
}

/** The initial values of controls. */
export function initialValues<C extends Controls>(controls: C): ControlValues<C> {
  const values = Object.entries(controls).map(([name, { initial }]) => [name, initial]);
  return Object.fromEntries(values) as ControlValues<C>;
}

export function readValues<C extends Controls>(bound: BoundControls): ControlValues<C> {
  const values = Object.entries(bound).map(([name, { read }]) => [name, read()]);
  return Object.fromEntries(values) as ControlValues<C>;
}

/** The state that all controls have. */
export function described({ label, description }: ControlOptions, name: string): Record<string, unknown> {
  return { description: label ?? name, tooltip: description ?? null };
}

/** A number sent by a front end; any other value is replaced. */
export function numberIn(value: unknown, min: number, max: number, otherwise: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return otherwise;
  return Math.min(max, Math.max(min, value));
}
