import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { TakePlayer } from './controls';
import { takeAdvice } from './quality';
import type { Session, Take } from './session';
import type { Prompt } from './setup';
import { readWav } from './store';
import type { useTakeRecorder } from './use-take-recorder';

/** How a take starts and ends. */
export type Trigger = 'click' | 'hold' | 'countdown';

/** Steps of the countdown, and the time of each, ms. */
const countdownSteps = 3;
const countdownStepMs = 700;

/** The button that switches the microphone on, and then starts and stops takes: by pointer, or with the space bar while it has focus. */
export function TakeControls({
  trigger,
  recorder: { microphone, isTaking, takeSec, end },
  isOn,
  button,
  onSwitchOn,
  onBegin,
}: {
  trigger: Trigger;
  recorder: ReturnType<typeof useTakeRecorder>;
  isOn: boolean;
  button: RefObject<HTMLButtonElement | null>;
  onSwitchOn: () => void;
  onBegin: () => void;
}) {
  const [left, setLeft] = useState(0);
  const begin = useRef(onBegin);
  begin.current = onBegin;
  useEffect(() => {
    if (left === 0) return undefined;
    const timer = setTimeout(() => {
      setLeft(left - 1);
      if (left === 1) begin.current();
    }, countdownStepMs);
    return () => {
      clearTimeout(timer);
    };
  }, [left]);

  if (!isOn) {
    return (
      <div class="take-controls">
        <button
          type="button"
          class="primary take-button"
          ref={button}
          disabled={microphone.phase === 'starting'}
          onClick={onSwitchOn}
        >
          {microphone.phase === 'starting' ? 'Waiting for the microphone …' : 'Switch the microphone on'}
        </button>
        <p class="quiet small">It stays on between the prompts. The recordings stay in this browser.</p>
      </div>
    );
  }
  const isHeld = trigger === 'hold';
  const press = (): void => {
    if (!isTaking && left === 0) onBegin();
  };
  const release = (): void => {
    if (isTaking) end();
  };
  const click = (): void => {
    if (isTaking) end();
    else if (left > 0) setLeft(0);
    else if (trigger === 'countdown') setLeft(countdownSteps);
    else onBegin();
  };
  const isSpace = ({ key }: KeyboardEvent): boolean => key === ' ' || key === 'Enter';
  const held = {
    onPointerDown: (event: PointerEvent): void => {
      if (event.button !== 0) return;
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      press();
    },
    onPointerUp: release,
    onPointerCancel: release,
    onKeyDown: (event: KeyboardEvent): void => {
      if (!isSpace(event)) return;
      event.preventDefault();
      if (!event.repeat) press();
    },
    onKeyUp: (event: KeyboardEvent): void => {
      if (!isSpace(event)) return;
      event.preventDefault();
      release();
    },
    onBlur: release,
    onContextMenu: (event: Event): void => {
      event.preventDefault();
    },
  };
  const title = isTaking
    ? isHeld
      ? 'Release to stop'
      : 'Stop'
    : left > 0
      ? `Speak in ${left} …`
      : isHeld
        ? 'Hold to record'
        : 'Record';
  return (
    <div class="take-controls">
      <button
        type="button"
        ref={button}
        class={isTaking ? 'take-button taking' : 'primary take-button'}
        aria-pressed={isTaking}
        {...(isHeld ? held : { onClick: click })}
      >
        <span class="take-sign" aria-hidden="true">
          {isTaking ? '■' : '●'}
        </span>
        {title}
      </button>
      <p class="quiet small take-time">
        {isTaking
          ? `Recording: ${takeSec.toFixed(1)} s`
          : isHeld
            ? 'Hold the space bar or the button, speak, release.'
            : 'Space bar: start and stop.'}
      </p>
    </div>
  );
}

/** Length, level and problems of a take as text. */
export function describeTake({ quality: { durationSec, levelDb } }: Take): string {
  const level = Number.isFinite(levelDb) ? `${levelDb.toFixed(0)} dBFS` : 'silent';
  return `${durationSec.toFixed(1)} s, ${level}`;
}

/** A recorded take: what was measured, and the buttons to listen, keep and repeat. */
export function TakeReview({
  session,
  prompt,
  keepButton,
  onKeep,
  onRepeat,
  onProblem,
}: {
  session: Session;
  prompt: Prompt;
  keepButton: RefObject<HTMLButtonElement | null>;
  onKeep: () => void;
  onRepeat: () => void;
  onProblem: (reason: string) => void;
}) {
  const take = session.takes.get(prompt.id);
  if (!take) return null;
  const { problems } = take.quality;
  return (
    <div class="take-review">
      <div role="status">
        {problems.length === 0 ? (
          <p class="message good">
            <span aria-hidden="true">✓</span> Good recording: {describeTake(take)}
          </p>
        ) : (
          <div class="message warning">
            <p>
              <span aria-hidden="true">⚠</span> {describeTake(take)}. Consider repeating it:
            </p>
            <ul>
              {problems.map((problem) => (
                <li key={problem}>{takeAdvice[problem]}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
      <div class="row take-buttons">
        <TakePlayer
          key={take.recordedAt}
          label="Listen"
          name="to the recording"
          load={() => readWav(session.id, take)}
          onProblem={onProblem}
        />
        <button type="button" onClick={onRepeat}>
          <span aria-hidden="true">↺</span> Repeat
        </button>
        <button type="button" class="primary" ref={keepButton} onClick={onKeep}>
          <span aria-hidden="true">✓</span> {take.kept ? 'Kept, next' : 'Keep, next'}
        </button>
      </div>
    </div>
  );
}
