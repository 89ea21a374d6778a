import { randomUUID } from 'node:crypto';
import { isRecord } from '../../core/base';
import { cellHost, type CellHost, type Comm, type CommData, type CommMessage } from '../display';

/** State of a widget. Values may contain binary data, and other widgets as `IPY_MODEL_id`; see {@link Widget.reference}. */
type WidgetState = Record<string, unknown>;

/** The JavaScript classes of a widget in the front end. */
interface WidgetClass {
  model: string;
  /** null: never displayed */
  view: string | null;
  module?: keyof typeof moduleVersions;
}

/** The versions of the widget packages that belong to ipywidgets 8. */
const moduleVersions = { '@jupyter-widgets/controls': '2.0.0', '@jupyter-widgets/base': '2.0.0' } as const;

const target = 'jupyter.widget';
/** The version of the widget messages, see packages/schema/messages.md of jupyter-widgets/ipywidgets. */
const protocolVersion = '2.1.0';

/** Options of {@link Widget}. */
interface WidgetOptions {
  /** called after a front end has changed the state */
  onChange?: () => void;
  /** called when a front end sends an event, such as the click on a button */
  onEvent?: (content: unknown) => void;
  /** values that are not sent back to the front ends, such as uploaded files */
  notEchoed?: readonly string[];
}

/** The kernel side of a Jupyter widget. Its state is synchronised with all front ends. */
export class Widget {
  readonly id: string = randomUUID().replaceAll('-', '');
  readonly #state: WidgetState;
  readonly #comm: Comm;
  #isOpen = true;

  constructor(
    openComm: ReturnType<CellHost['commOpener']>,
    { model, view, module = '@jupyter-widgets/controls' }: WidgetClass,
    state: WidgetState,
    private readonly options: WidgetOptions = {},
  ) {
    const version = moduleVersions[module];
    this.#state = {
      _model_module: module,
      _model_module_version: version,
      _model_name: model,
      _view_module: view === null ? null : module,
      _view_module_version: view === null ? '' : version,
      _view_name: view,
      ...state,
    };
    const { json, paths, buffers } = withoutBuffers(this.#state);
    const metadata = { version: protocolVersion };
    this.#comm = openComm(target, {
      id: this.id,
      data: { state: json, buffer_paths: paths },
      metadata,
      buffers,
    });
    this.#comm.onMessage = (message) => {
      this.#receive(message);
    };
    this.#comm.onClose = () => {
      this.#isOpen = false;
      openWidgets.delete(this.id);
      for (const listener of this.#closeListeners) listener();
    };
    openWidgets.set(this.id, this);
  }

  readonly #closeListeners: (() => void)[] = [];

  /** How the state of another widget refers to this one. */
  get reference(): string {
    return `IPY_MODEL_${this.id}`;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get state(): Readonly<WidgetState> {
    return this.#state;
  }

  /** Changes values here and in all front ends. */
  set(changes: WidgetState): void {
    Object.assign(this.#state, changes);
    this.#sendState('update', changes);
  }

  /** Calls `listener` when the widget is closed: because its cell runs again, by a front end, or by {@link Widget.close}. */
  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  close(): void {
    this.#comm.close();
  }

  #sendState(method: 'update' | 'echo_update', state: WidgetState, answers?: CommMessage): void {
    const { json, paths, buffers } = withoutBuffers(state);
    this.#comm.send({ method, state: json, buffer_paths: paths }, { buffers, ...(answers && { answers }) });
  }

  #receive(message: CommMessage): void {
    const { method, state, buffer_paths: paths, content } = message.data as CommData & WidgetMessage;
    if (method === 'request_state') this.#sendState('update', this.#state, message);
    else if (method === 'custom') this.options.onEvent?.(content);
    else if (method === 'update' && isRecord(state)) {
      const changes = withBuffers(state, Array.isArray(paths) ? paths : [], message.buffers);
      Object.assign(this.#state, changes);
      // Updates the other front ends.
      const echoed = Object.entries(changes).filter(([name]) => !this.options.notEchoed?.includes(name));
      if (echoed.length > 0) this.#sendState('echo_update', Object.fromEntries(echoed), message);
      this.options.onChange?.();
    }
  }
}

interface WidgetMessage {
  method?: string;
  state?: WidgetState;
  buffer_paths?: BufferPath[];
  content?: unknown;
}

type BufferPath = (string | number)[];

/** All open widgets: a front end that is reloaded requests the states of all of them at once. */
const openWidgets = new Map<string, Widget>();
const answeringHosts = new WeakSet<CellHost>();

function answerStateRequests(host: CellHost): void {
  if (answeringHosts.has(host)) return;
  answeringHosts.add(host);
  host.onCommOpen('jupyter.widget.control', (comm) => {
    comm.onMessage = (message) => {
      if (message.data.method !== 'request_states') return;
      const states: Record<string, object> = {};
      const allPaths: BufferPath[] = [];
      const allBuffers: Uint8Array[] = [];
      for (const { id, state } of openWidgets.values()) {
        const { json, paths, buffers } = withoutBuffers(state);
        const { _model_name, _model_module, _model_module_version } = json;
        states[id] = {
          model_name: _model_name,
          model_module: _model_module,
          model_module_version: _model_module_version,
          state: json,
        };
        allPaths.push(...paths.map((path) => [id, 'state', ...path]));
        allBuffers.push(...buffers);
      }
      const data = { method: 'update_states', states, buffer_paths: allPaths };
      comm.send(data, { buffers: allBuffers, answers: message });
    };
  });
}

/** Shows a widget in the running cell; front ends without widgets show `fallback` instead. */
export function displayWidget({ id }: Widget, fallback: { html: string; text: string }): void {
  cellHost()?.display({
    'application/vnd.jupyter.widget-view+json': { version_major: 2, version_minor: 0, model_id: id },
    'text/html': fallback.html,
    'text/plain': fallback.text,
  });
}

/** Separates binary data from a state. Returns the state without it, the paths of the data, and the data. */
export function withoutBuffers(state: WidgetState): {
  json: WidgetState;
  paths: BufferPath[];
  buffers: Uint8Array[];
} {
  const paths: BufferPath[] = [];
  const buffers: Uint8Array[] = [];
  const separate = (value: unknown, path: BufferPath): unknown => {
    if (value instanceof Uint8Array) {
      paths.push(path);
      buffers.push(value);
      return null;
    }
    if (Array.isArray(value)) return value.map((item, i) => separate(item, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, part]) => [name, separate(part, [...path, name])]);
    return Object.fromEntries(entries) as WidgetState;
  };
  const json = separate(state, []) as WidgetState;
  return { json, paths, buffers };
}

/** Puts binary data back into a state; ignores paths that lead nowhere. */
export function withBuffers(
  state: WidgetState,
  paths: readonly BufferPath[],
  buffers: readonly Uint8Array[],
): WidgetState {
  const copy = structuredClone(state);
  for (const [i, path] of paths.entries()) {
    if (!Array.isArray(path)) continue;
    const parent = path
      .slice(0, -1)
      .reduce<unknown>(
        (outer, key) => (isContainer(outer) && Object.hasOwn(outer, key) ? outer[key] : undefined),
        copy,
      );
    const key = path.at(-1);
    if (isContainer(parent) && isPlace(parent, key)) parent[key] = buffers[i];
  }
  return copy;
}

/** Whether binary data may be put there: the front end omits the key of an object, and leaves null in an array. */
function isPlace(parent: object, key: unknown): key is string | number {
  if (Array.isArray(parent)) return typeof key === 'number' && Object.hasOwn(parent, key);
  return typeof key === 'string' && key !== '__proto__';
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Layouts of controls, as CSS. */
const layouts = {
  /** fills the width up to a line of text */
  control: { width: '40em', max_width: '100%' },
  button: { width: 'auto' },
  row: { flex_flow: 'row wrap', align_items: 'center' },
  hidden: { display: 'none' },
} as const;
export type LayoutName = keyof typeof layouts;

/** Labels of all controls have the same width, so that the controls are aligned. */
const labelWidth = '11em';

/** Creates the widgets of one cell output; they share their layouts and styles, and are closed together. */
export class WidgetFactory {
  readonly #widgets: Widget[] = [];
  readonly #shared = new Map<string, Widget>();

  readonly #openComm: ReturnType<CellHost['commOpener']>;

  constructor(host: CellHost) {
    answerStateRequests(host);
    this.#openComm = host.commOpener();
  }

  /**
   * A control. The style model is named without `StyleModel`, for example `Slider`.
   *
   * @param changed - called after a front end has changed the state
   */
  control(
    {
      model,
      view,
      style,
      layout = 'control',
    }: { model: string; view?: string; style: string; layout?: LayoutName },
    state: WidgetState,
    changed: () => void,
    onEvent?: (content: unknown) => void,
    notEchoed?: readonly string[],
  ): Widget {
    return this.#create(
      { model, view: view ?? model.replace(/Model$/, 'View') },
      { ...state, layout: this.#layout(layout).reference, style: this.#style(style).reference },
      { onChange: changed, ...(onEvent && { onEvent }), ...(notEchoed && { notEchoed }) },
    );
  }

  /** HTML that can be replaced; `hidden` HTML is not displayed. */
  html(value: string, layout: LayoutName = 'button'): Widget {
    return this.control({ model: 'HTMLModel', style: 'HTML', layout }, { value }, () => undefined);
  }

  box(model: 'HBox' | 'VBox', children: readonly Widget[], layout?: LayoutName): Widget {
    return this.#create(
      { model: `${model}Model`, view: `${model}View` },
      {
        children: children.map(({ reference }) => reference),
        ...(layout && { layout: this.#layout(layout).reference }),
      },
    );
  }

  tab(children: readonly Widget[], titles: readonly string[]): Widget {
    const references = children.map(({ reference }) => reference);
    return this.#create(
      { model: 'TabModel', view: 'TabView' },
      { children: references, titles, selected_index: 0 },
    );
  }

  /** Keeps two values equal in the front end. */
  link([source, from]: [Widget, string], [target, to]: [Widget, string]): void {
    this.#create(
      { model: 'LinkModel', view: null },
      { source: [source.reference, from], target: [target.reference, to] },
    );
  }

  close(): void {
    for (const widget of [...this.#widgets, ...this.#shared.values()]) widget.close();
  }

  #create(kind: WidgetClass, state: WidgetState, options?: WidgetOptions): Widget {
    const widget = new Widget(this.#openComm, kind, state, options);
    this.#widgets.push(widget);
    return widget;
  }

  #layout(name: LayoutName): Widget {
    return this.#sharedWidget(`layout ${name}`, () => {
      const kind = { model: 'LayoutModel', view: 'LayoutView', module: '@jupyter-widgets/base' } as const;
      return new Widget(this.#openComm, kind, layouts[name]);
    });
  }

  #style(name: string): Widget {
    return this.#sharedWidget(`style ${name}`, () => {
      const hasLabel = !['Button', 'HTML'].includes(name);
      const kind = { model: `${name}StyleModel`, view: 'StyleView' };
      return new Widget(this.#openComm, kind, {
        ...(hasLabel && { description_width: labelWidth }),
        _view_module: '@jupyter-widgets/base',
      });
    });
  }

  #sharedWidget(key: string, create: () => Widget): Widget {
    const widget = this.#shared.get(key) ?? create();
    this.#shared.set(key, widget);
    return widget;
  }
}
