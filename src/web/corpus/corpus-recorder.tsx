import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { fileNamePart, messageOf } from '../../core/base';
import { setViewValue, useViewValue } from '../page/view-state';
import { CorpusList } from './corpus-list';
import { Overview } from './overview';
import { PromptScreen } from './prompt-screen';
import { saveFile } from './controls';
import { type CorpusSetup, defaultSetup, setupProblems } from './setup';
import { SetupForm } from './setup-form';
import {
  type CorpusEntry,
  createCorpus,
  deleteCorpus,
  listCorpora,
  requestPersistence,
  reserveCorpus,
  type StorageState,
} from './store';
import { describeTake } from './take-controls';
import { type OpenSession, useSession } from './use-session';

/** Value of `corpus` in the address for the form that creates one. */
const newCorpus = 'new';
const steps = [
  ['record', 'Prompts'],
  ['overview', 'Overview and export'],
  ['setup', 'Setup'],
] as const;

/** Records a corpus: setup, prompts, takes, export. Everything is stored in the browser at once. */
export function CorpusRecorder() {
  const [id, setId] = useViewValue('corpus', '', { isNewEntry: true });
  const [entries, setEntries] = useState<readonly CorpusEntry[]>([]);
  const [problem, setProblem] = useState<string>();
  const [storage, setStorage] = useState<StorageState>();
  const open = useSession(id === newCorpus ? '' : id);

  const refresh = useCallback((): void => {
    listCorpora().then(
      (found) => {
        setEntries(found);
        setProblem(undefined);
      },
      (error: unknown) => {
        setProblem(messageOf(error));
      },
    );
  }, []);
  useEffect(() => {
    if (id === '') refresh();
  }, [id, refresh]);

  const openCorpus = (next: string): void => {
    setViewValue('step', undefined);
    setId(next);
  };
  /** Some browsers ask the user, who may decide later. */
  const persist = (): void => {
    void requestPersistence().then(setStorage);
  };
  const isCreating = useRef(false);
  const create = async (setup: CorpusSetup): Promise<void> => {
    if (isCreating.current) return;
    isCreating.current = true;
    const created = crypto.randomUUID();
    try {
      await createCorpus({ id: created, setup, createdAt: new Date().toISOString(), skipped: new Set() });
      setProblem(undefined);
      openCorpus(created);
      persist();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      isCreating.current = false;
    }
  };
  const remove = async (unwanted: string): Promise<void> => {
    try {
      const release = await reserveCorpus(unwanted);
      await deleteCorpus(unwanted).finally(release);
      refresh();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  const goHome = (): void => {
    openCorpus('');
  };

  return (
    <div class="stack corpus">
      {problem !== undefined && (
        <p class="message error" role="alert">
          {problem}
        </p>
      )}
      {id === '' ? (
        <CorpusList
          entries={entries}
          onOpen={openCorpus}
          onNew={() => {
            openCorpus(newCorpus);
          }}
          onImported={() => {
            refresh();
            persist();
          }}
          onDelete={(unwanted) => void remove(unwanted)}
        />
      ) : id === newCorpus ? (
        <SetupForm setup={defaultSetup()} isNew onSave={(setup) => void create(setup)} onCancel={goHome} />
      ) : open === undefined ? (
        <p class="quiet">Opening the corpus …</p>
      ) : open === 'missing' ? (
        <NotHere reason="There is no such corpus on this device; it may have been deleted." onHome={goHome} />
      ) : 'session' in open ? (
        <OpenCorpus key={open.session.id} open={open} storage={storage} onHome={goHome} />
      ) : (
        <NotHere reason={open.problem} onHome={goHome} />
      )}
    </div>
  );
}

function NotHere({ reason, onHome }: { reason: string; onHome: () => void }) {
  return (
    <div class="card stack">
      <p class="message error" role="alert">
        {reason}
      </p>
      <div class="row">
        <button type="button" onClick={onHome}>
          All corpora
        </button>
      </div>
    </div>
  );
}

function OpenCorpus({
  open,
  storage,
  onHome,
}: {
  open: OpenSession;
  storage: StorageState | undefined;
  onHome: () => void;
}) {
  const { session, problem, unsaved } = open;
  const [tab] = useViewValue('tab', 'speak');
  const [chosen, setStep] = useViewValue('step', 'record');
  // A setup from a file may have neither a name nor speakers.
  const isComplete = setupProblems(session.setup).length === 0;
  const step = isComplete ? (steps.find(([name]) => name === chosen)?.[0] ?? 'record') : 'setup';
  return (
    <>
      <div class="row between corpus-head">
        <h2>{session.setup.name || 'New corpus'}</h2>
        <div class="row" role="group" aria-label="Steps">
          {steps.map(([name, title]) => (
            <button
              key={name}
              type="button"
              class="step"
              aria-pressed={name === step}
              disabled={!isComplete && name !== 'setup'}
              onClick={() => {
                setStep(name);
              }}
            >
              {title}
            </button>
          ))}
          <button type="button" class="link" onClick={onHome}>
            All corpora
          </button>
        </div>
      </div>
      {storage && !storage.isPersistent && (
        <p class="message small">
          The browser may delete stored recordings if the disk is full. Export often.
          {storage.freeBytes !== undefined && ` Space left: ${(storage.freeBytes / 1e9).toFixed(1)} GB.`}
        </p>
      )}
      {(problem !== undefined || unsaved.length > 0) && (
        <div class="message error stack" role="alert">
          {problem !== undefined && <p>{problem}</p>}
          {unsaved.map(({ take, wav, isUnfinished }) => (
            <div class="row" key={take.prompt.id}>
              <span>
                {isUnfinished ? 'Unfinished repetition' : 'Not stored yet; keep this page open'}:{' '}
                {take.prompt.speaker}, {take.prompt.emotion}, {describeTake(take)}.
              </span>
              <button
                type="button"
                onClick={() => {
                  open.saveUnsaved(take.prompt.id);
                }}
              >
                {isUnfinished ? 'Use it instead' : 'Try again'}
              </button>
              <button
                type="button"
                onClick={() => {
                  const { speaker, emotion } = take.prompt;
                  saveFile(
                    `${fileNamePart(`${speaker} ${emotion}`)}.wav`,
                    new Blob([wav], { type: 'audio/wav' }),
                  );
                }}
              >
                Save as a file
              </button>
              <button
                type="button"
                onClick={() => {
                  open.discardUnsaved(take.prompt.id);
                }}
              >
                Discard it
              </button>
            </div>
          ))}
          {unsaved.length === 0 && (
            <div class="row">
              <button type="button" onClick={open.clearProblem}>
                Close
              </button>
            </div>
          )}
        </div>
      )}
      {step === 'record' ? (
        <PromptScreen
          open={open}
          isVisible={tab === 'record'}
          onFinished={() => {
            setStep('overview');
          }}
        />
      ) : step === 'overview' ? (
        <Overview open={open} />
      ) : (
        <SetupForm
          setup={session.setup}
          isNew={false}
          onSave={(setup) => {
            open.changeSetup(setup);
            setStep('record');
          }}
          onCancel={undefined}
        />
      )}
    </>
  );
}
