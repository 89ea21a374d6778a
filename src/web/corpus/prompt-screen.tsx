import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Emotion, emotionOf } from '../../core/base';
import { useViewValue } from '../page/view-state';
import { useWorkbench } from '../page/workbench';
import { LevelMeter, MicrophoneOptions, useMicrophoneChoice } from '../speak/microphone-controls';
import { nextOpen, progressOf, promptState } from './session';
import { planPrompts, type Prompt } from './setup';
import { TakeControls, TakeReview, type Trigger } from './take-controls';
import type { OpenSession } from './use-session';
import { useTakeRecorder } from './use-take-recorder';

const triggers: readonly [Trigger, string][] = [
  ['click', 'Press to start, press to stop'],
  ['hold', 'Hold the button while you speak'],
  ['countdown', 'Count down from three, press to stop'],
];

/** Shows one prompt after the other, and records, plays and keeps takes. */
export function PromptScreen({
  open,
  isVisible,
  onFinished,
}: {
  open: OpenSession;
  /** the microphone is switched off when the screen is not visible */
  isVisible: boolean;
  onFinished: () => void;
}) {
  const { session } = open;
  const { announce } = useWorkbench();
  const prompts = useMemo(() => planPrompts(session.setup), [session.setup]);
  const [index, setIndex] = useState(() => Math.max(0, nextOpen(session, prompts)));
  const [triggerName, setTrigger] = useViewValue('start', 'click');
  const trigger = triggers.find(([name]) => name === triggerName)?.[0] ?? 'click';
  const prompt: Prompt = prompts[Math.min(index, prompts.length - 1)];
  const state = promptState(session, prompt.id);
  // The prompt that is being recorded, which may no longer be the one on the screen when the take is complete.
  const recording = useRef(prompt);
  const recordButton = useRef<HTMLButtonElement>(null);
  const keepButton = useRef<HTMLButtonElement>(null);
  const [isReplacing, setReplacing] = useState(false);
  const recorder = useTakeRecorder({
    onTake: (take) => {
      open.record(recording.current, take);
      setReplacing(false);
    },
    onPart: (part) => {
      open.recordPart(recording.current, part);
    },
  });
  const choice = useMicrophoneChoice();
  const { microphone, isTaking } = recorder;
  const isOn = microphone.phase === 'on';
  const { switchOff } = recorder;
  useEffect(() => {
    if (!isVisible) switchOff();
  }, [isVisible, switchOff]);

  const isReviewing = (state === 'recorded' || state === 'kept') && !isTaking && !isReplacing;
  const wasReviewing = useRef(isReviewing);
  useEffect(() => {
    if (isReviewing && !wasReviewing.current) keepButton.current?.focus();
    wasReviewing.current = isReviewing;
  }, [isReviewing]);

  const goTo = (next: number): void => {
    if (isTaking) return;
    setReplacing(false);
    if (next < 0) {
      onFinished();
      return;
    }
    setIndex(next);
    const { emotion, sentence } = prompts[next];
    announce(`${emotion}: ${sentence}`);
    requestAnimationFrame(() => recordButton.current?.focus());
  };
  /** Goes on after a decision about the current prompt, which the session does not contain yet. */
  const goOn = (): void => {
    const others = nextOpen(session, prompts, index);
    goTo(others === index ? -1 : others);
  };
  const begin = (): void => {
    recording.current = prompt;
    recorder.begin();
    announce('Recording');
  };

  const { all } = progressOf(session);
  const speakers = session.setup.speakers.map(({ name }) => name);
  return (
    <div class="stack">
      <section class="card prompt-card" aria-labelledby="prompt-title">
        <div class="row between">
          <label class="field inline">
            <span>Speaker</span>
            <select
              value={prompt.speaker}
              disabled={isTaking}
              onChange={({ currentTarget }) => {
                const own = prompts.findIndex(({ speaker }) => speaker === currentTarget.value);
                const next = nextOpen(session, prompts, own - 1);
                goTo(next >= 0 && prompts[next].speaker === currentTarget.value ? next : own);
              }}
            >
              {speakers.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <p class="quiet small">
            Prompt {index + 1} of {prompts.length}
          </p>
        </div>
        <progress
          max={all.total}
          value={all.kept + all.skipped}
          aria-label={`${all.kept} of ${all.total} prompts kept`}
        />
        <div class="prompt">
          <EmotionFace label={prompt.emotion} size={88} />
          <h2 id="prompt-title">
            <span class="prompt-emotion">{prompt.emotion}</span>
            <span class="prompt-sentence">{prompt.sentence}</span>
          </h2>
          <p class="quiet">
            Say it as if you felt it
            {session.setup.takes > 1 && `; take ${prompt.take} of ${session.setup.takes}`}
            {state !== 'to do' && <span class={`state ${state}`}> · {state}</span>}
          </p>
        </div>
        {microphone.phase === 'off' && microphone.problem !== undefined && (
          <p class="message error" role="alert">
            {microphone.problem}
          </p>
        )}
        {isReviewing ? (
          <TakeReview
            session={session}
            prompt={prompt}
            keepButton={keepButton}
            onProblem={announce}
            onKeep={() => {
              open.keep(prompt.id);
              goOn();
            }}
            onRepeat={() => {
              setReplacing(true);
              requestAnimationFrame(() => recordButton.current?.focus());
            }}
          />
        ) : (
          <TakeControls
            trigger={trigger}
            recorder={recorder}
            isOn={isOn}
            button={recordButton}
            onSwitchOn={() => {
              void recorder.switchOn(choice.choice.deviceId, choice.choice.processing).then(() => {
                choice.refresh();
                recordButton.current?.focus();
              });
            }}
            onBegin={begin}
          />
        )}
        <div class="row between prompt-moves">
          <button
            type="button"
            disabled={isTaking || index === 0}
            onClick={() => {
              goTo(index - 1);
            }}
          >
            <span aria-hidden="true">←</span> Back
          </button>
          {isReplacing && !isTaking ? (
            <button
              type="button"
              onClick={() => {
                setReplacing(false);
              }}
            >
              Cancel the repeat
            </button>
          ) : (
            state !== 'kept' &&
            state !== 'recorded' && (
              <button
                type="button"
                disabled={isTaking}
                onClick={() => {
                  open.skip(prompt.id, state !== 'skipped');
                  if (state !== 'skipped') goOn();
                }}
              >
                {state === 'skipped' ? 'Undo skipping' : 'Skip'}
              </button>
            )
          )}
          <button
            type="button"
            disabled={isTaking || index === prompts.length - 1}
            onClick={() => {
              goTo(index + 1);
            }}
          >
            Next <span aria-hidden="true">→</span>
          </button>
        </div>
      </section>
      <section class="card stack" aria-label="Microphone">
        <LevelMeter level={recorder.level} isActive={isOn} />
        <details>
          <summary>Microphone and recording mode</summary>
          <div class="stack corpus-options">
            <label class="field">
              <span>Recording mode</span>
              <select
                value={trigger}
                disabled={isTaking}
                onChange={({ currentTarget }) => {
                  setTrigger(currentTarget.value);
                }}
              >
                {triggers.map(([name, title]) => (
                  <option key={name} value={name}>
                    {title}
                  </option>
                ))}
              </select>
            </label>
            <MicrophoneOptions state={choice} isDisabled={microphone.phase !== 'off'} />
            {isOn && (
              <button
                type="button"
                disabled={isTaking}
                onClick={() => {
                  switchOff();
                }}
              >
                Switch the microphone off
              </button>
            )}
          </div>
        </details>
      </section>
    </div>
  );
}

interface Face {
  /** curve of the mouth */
  mouth: string;
  /** the mouth is open */
  isOpen?: boolean;
  /** curves of the brows */
  brows: string;
  /** radius of the eyes */
  eye?: number;
}

const faces: Readonly<Record<Emotion, Face>> = {
  angry: { mouth: 'M22 46 Q32 39 42 46', brows: 'M16 19 L27 25 M48 19 L37 25' },
  disgust: { mouth: 'M21 43 Q26 39 31 43 T42 44', brows: 'M16 22 L27 24 M37 22 Q42 17 48 20' },
  fear: {
    mouth: 'M22 46 q3.3 -6 6.6 0 t6.6 0 t6.6 0',
    brows: 'M17 21 Q21 16 27 17 M47 21 Q43 16 37 17',
    eye: 3.8,
  },
  happy: { mouth: 'M20 39 Q32 53 44 39', brows: 'M17 20 Q22 16 27 19 M47 20 Q42 16 37 19' },
  neutral: { mouth: 'M22 44 L42 44', brows: 'M17 20 L27 20 M37 20 L47 20' },
  sad: { mouth: 'M22 48 Q32 38 42 48', brows: 'M17 23 L27 18 M47 23 L37 18' },
  surprise: {
    mouth: 'M32 38 a5.5 6.5 0 1 0 0.01 0',
    isOpen: true,
    brows: 'M16 17 Q22 11 27 15 M48 17 Q42 11 37 15',
    eye: 3.4,
  },
};

/** A drawn face that shows the emotion, or the first letter of a label without a face. Decorative: the word stands next to it. */
function EmotionFace({ label, size = 64 }: { label: string; size?: number }) {
  const emotion = emotionOf(label);
  return (
    <svg class="emotion-face" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <circle cx="32" cy="32" r="29" />
      {emotion === undefined ? (
        <text x="32" y="41" text-anchor="middle">
          {Array.from(label.toUpperCase())[0]}
        </text>
      ) : (
        <Features {...faces[emotion]} />
      )}
    </svg>
  );
}

function Features({ mouth, brows, isOpen = false, eye = 2.6 }: Face) {
  return (
    <>
      <circle class="eye" cx="22" cy="29" r={eye} />
      <circle class="eye" cx="42" cy="29" r={eye} />
      <path d={brows} />
      <path d={mouth} class={isOpen ? 'open' : ''} />
    </>
  );
}
