import type { RefObject } from 'preact';
import { takeAdvice } from './quality';
import type { Session, Take } from './session';
import type { Prompt } from './setup';
import { readWav } from './store';
import { TakePlayer } from './take-player';

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
              <span aria-hidden="true">⚠</span> {describeTake(take)}. Better repeat it:
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
          <span aria-hidden="true">✓</span> {take.kept ? 'Kept: go on' : 'Keep, next'}
        </button>
      </div>
    </div>
  );
}
