import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatPercent } from '../../core/base';
import { CorpusRecorder } from '../corpus/corpus-recorder';
import { FilesTab } from '../files/files-tab';
import { prepareCapture } from '../speak/microphone';
import { SpeakTab } from '../speak/speak-tab';
import { type LoadedModel, startWorker } from '../worker/client';
import { Tabs, ThemeSwitch, useAnnouncer } from './frame';
import { ModelCard, ScopeLine } from './model-card';
import { type Site, WorkbenchContext } from './workbench';
import { useViewValue, viewValue } from './view-state';

const tabNames = ['speak', 'files', 'record'];

/** The live page. */
export function App({ site: { models, examples } }: { site: Site }) {
  const [chosenTab, setTab] = useViewValue('tab', tabNames[0], { isNewEntry: true });
  const tab = tabNames.includes(chosenTab) ? chosenTab : tabNames[0];
  const [chosenModel, setModel] = useViewValue('model', models[0].name);
  const name = models.some((place) => place.name === chosenModel) ? chosenModel : models[0].name;
  const [loaded, setLoaded] = useState<ReadonlyMap<string, LoadedModel>>(new Map());
  const [isComplete, setComplete] = useState(false);
  const [announcement, announce] = useAnnouncer();
  const client = useMemo(
    () =>
      startWorker(models, viewValue('model') ?? models[0].name, {
        onModel: (own, model) => {
          setLoaded((before) => new Map(before).set(own, model));
        },
        onLoaded: () => {
          // Recording needs one more file; a browser that cannot record works without it.
          void Promise.allSettled([prepareCapture()?.ready]).then(() => {
            setComplete(true);
          });
        },
      }),
    [models],
  );
  useEffect(() => {
    document.documentElement.dataset.loaded = String(isComplete);
  }, [isComplete]);

  const state = loaded.get(name);
  const summary = state && 'summary' in state ? state.summary : undefined;
  const [ownThreshold, setOwnThreshold] = useViewValue('threshold', '');
  const threshold = parseThreshold(ownThreshold) ?? summary?.threshold ?? 0;
  const workbench = useMemo(
    () => ({ client, model: summary, threshold, examples, announce }),
    [client, summary, threshold, examples, announce],
  );

  return (
    <WorkbenchContext.Provider value={workbench}>
      <a class="skip" href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <header class="page-header">
        <div class="brand">
          <img src="icon.svg" alt="" width="36" height="36" />
          <div>
            <h1>Speech Emotion Workbench</h1>
            <p>Predictions for your own voice, computed on this device</p>
          </div>
        </div>
        <div class="header-controls">
          <label class="field inline">
            <span>Model</span>
            <select
              value={name}
              onChange={({ currentTarget }) => {
                setModel(currentTarget.value);
              }}
            >
              {models.map((place) => (
                <option key={place.name} value={place.name}>
                  {place.name}
                </option>
              ))}
            </select>
          </label>
          <ThemeSwitch />
        </div>
      </header>
      <div class="layout">
        <main id="main" tabIndex={-1}>
          <ScopeLine model={state} />
          <Tabs
            label="Sections of the page"
            selected={tab}
            onSelect={setTab}
            tabs={[
              { id: 'speak', title: 'Speak', panel: <SpeakTab /> },
              { id: 'files', title: 'Files', panel: <FilesTab /> },
              { id: 'record', title: 'Record a corpus', panel: <CorpusRecorder /> },
            ]}
          />
        </main>
        <aside class="side" aria-label="Model and settings">
          <ModelCard model={state} />
          <ThresholdControl
            value={threshold}
            ofModel={summary?.threshold}
            onChange={(value) => {
              setOwnThreshold(value === summary?.threshold ? '' : String(value));
            }}
          />
          <p class="privacy">
            {isComplete
              ? 'Everything is loaded: the page works without a network. Recordings stay in this browser.'
              : 'Loading …'}
          </p>
        </aside>
      </div>
      <div class="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
    </WorkbenchContext.Provider>
  );
}

/** The link's fragment would replace the view state. */
function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function parseThreshold(text: string): number | undefined {
  const value = text === '' ? NaN : Number(text);
  return value >= 0 && value <= 1 ? value : undefined;
}

/** The confidence below which a prediction counts as unsure. */
function ThresholdControl({
  value,
  ofModel,
  onChange,
}: {
  value: number;
  ofModel: number | undefined;
  onChange: (value: number) => void;
}) {
  return (
    <section class="card threshold">
      <label class="field" for="threshold">
        <span>
          Unsure below <strong>{formatPercent(value)}</strong>
        </span>
      </label>
      <input
        id="threshold"
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={value}
        aria-valuetext={formatPercent(value)}
        onInput={({ currentTarget }) => {
          onChange(currentTarget.valueAsNumber);
        }}
      />
      {ofModel !== undefined && (
        <button
          type="button"
          class="link"
          disabled={value === ofModel}
          onClick={() => {
            onChange(ofModel);
          }}
        >
          Reset to the value of the model ({formatPercent(ofModel)})
        </button>
      )}
    </section>
  );
}
