import type { CellHost } from '../display';
import { Widget, type WidgetClass, type WidgetOptions, type WidgetState } from './widget';

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

  constructor(private readonly host: CellHost) {}

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
    const widget = new Widget(this.host, kind, state, options);
    this.#widgets.push(widget);
    return widget;
  }

  #layout(name: LayoutName): Widget {
    return this.#sharedWidget(`layout ${name}`, () => {
      const kind = { model: 'LayoutModel', view: 'LayoutView', module: '@jupyter-widgets/base' } as const;
      return new Widget(this.host, kind, layouts[name]);
    });
  }

  #style(name: string): Widget {
    return this.#sharedWidget(`style ${name}`, () => {
      const hasLabel = !['Button', 'HTML'].includes(name);
      const kind = { model: `${name}StyleModel`, view: 'StyleView' };
      return new Widget(this.host, kind, {
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
