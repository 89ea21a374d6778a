import type { Level } from './level';

/** Lowest level that the meter shows, dBFS. */
const lowestDb = -60;
/** Speech with a lower peak is too quiet for most models. */
const quietDb = -34;

const share = (db: number): number => Math.min(1, Math.max(0, 1 - db / lowestDb));
const text = (db: number): string => (db > -100 ? `${db.toFixed(0)} dBFS` : 'no signal');

/** Shows the level with its peak, and warns of clipping and of a signal that is too quiet. */
export function LevelMeter({ level, isActive }: { level: Level; isActive: boolean }) {
  const { rmsDb, peakDb, isClipped } = level;
  const isQuiet = isActive && !isClipped && peakDb < quietDb;
  return (
    <div class="level">
      <div
        class="level-track"
        role="meter"
        aria-label="Level of the microphone"
        aria-valuemin={lowestDb}
        aria-valuemax={0}
        aria-valuenow={Math.round(Math.max(lowestDb, Math.min(0, rmsDb)))}
        aria-valuetext={text(rmsDb)}
      >
        <span class="level-fill" style={{ width: isActive ? `${100 * share(rmsDb)}%` : '0' }} />
        <span class="level-peak" style={{ left: `${100 * share(peakDb)}%` }} hidden={!isActive} />
        <span class="level-range" aria-hidden="true" />
      </div>
      <p class="level-text small">
        <span>
          Level <strong>{isActive ? text(rmsDb) : '–'}</strong>
        </span>
        <span>
          Peak <strong>{isActive ? text(peakDb) : '–'}</strong>
        </span>
        <span class={isClipped || isQuiet ? 'level-warning' : 'quiet'}>
          {isClipped
            ? '⚠ Clipping: lower the level of the microphone'
            : isQuiet
              ? '⚠ Very quiet: speak closer to the microphone'
              : isActive
                ? '✓ Good level'
                : 'The green line marks a good level'}
        </span>
      </p>
    </div>
  );
}
