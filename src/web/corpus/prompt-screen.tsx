import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useViewValue } from '../page/view-state';
import { useWorkbench } from '../page/workbench';
import { LevelMeter } from '../speak/level-meter';
import { MicrophoneOptions, useMicrophoneChoice } from '../speak/microphone-options';
import { EmotionFace } from './emotion-face';
import { type Trigger, TakeControls } from './take-controls';
import { TakeReview } from './take-review';
import { nextOpen, progressOf, promptState } from './session';
import { planPrompts, type Prompt } from './setup';
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
              Do not repeat
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
                {state === 'skipped' ? 'Do not skip' : 'Skip'}
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
          <summary>Microphone and way of recording</summary>
          <div class="stack corpus-options">
            <label class="field">
              <span>Way of recording</span>
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
