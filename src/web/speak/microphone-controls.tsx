import { useCallback, useEffect, useState } from 'preact/hooks';
import { useViewFlag } from '../page/view-state';
import { listMicrophones, type Processing } from './microphone';

/** The chosen microphone and processing. */
export interface MicrophoneChoice {
  deviceId: string | undefined;
  processing: Processing;
}

/** State of {@link MicrophoneOptions}: the processing is in the address, the device is not, because its id is private. */
export function useMicrophoneChoice() {
  const [deviceId, setDeviceId] = useState('');
  const [devices, setDevices] = useState<{ deviceId: string; label: string }[]>([]);
  const [echoCancellation, setEcho] = useViewFlag('echo');
  const [noiseSuppression, setNoise] = useViewFlag('noise');
  const [autoGainControl, setGain] = useViewFlag('gain');
  const refresh = useCallback((): void => {
    listMicrophones().then(setDevices, () => undefined);
  }, []);
  useEffect(() => {
    refresh();
    if (!('mediaDevices' in navigator)) return undefined;
    navigator.mediaDevices.addEventListener('devicechange', refresh);
    return () => {
      navigator.mediaDevices.removeEventListener('devicechange', refresh);
    };
  }, [refresh]);
  const isKnown = devices.some((device) => device.deviceId === deviceId);
  const choice: MicrophoneChoice = {
    deviceId: isKnown ? deviceId : undefined,
    processing: { echoCancellation, noiseSuppression, autoGainControl },
  };
  const toggles = [
    { title: 'Echo cancellation', value: echoCancellation, set: setEcho },
    { title: 'Noise suppression', value: noiseSuppression, set: setNoise },
    { title: 'Automatic gain control', value: autoGainControl, set: setGain },
  ];
  return { choice, devices, deviceId: isKnown ? deviceId : '', setDeviceId, toggles, refresh };
}

/** Chooses the microphone and the processing by the browser. */
export function MicrophoneOptions({
  state: { devices, deviceId, setDeviceId, toggles },
  isDisabled,
}: {
  state: ReturnType<typeof useMicrophoneChoice>;
  isDisabled: boolean;
}) {
  return (
    <div class="microphone">
      <label class="field grow">
        <span>Microphone</span>
        <select
          value={deviceId}
          disabled={isDisabled}
          onChange={({ currentTarget }) => {
            setDeviceId(currentTarget.value);
          }}
        >
          <option value="">System default</option>
          {devices
            .filter((device) => device.deviceId !== 'default')
            .map((device) => (
              <option key={device.deviceId} value={device.deviceId}>
                {device.label}
              </option>
            ))}
        </select>
      </label>
      <fieldset disabled={isDisabled}>
        <legend>Processing by the browser</legend>
        <div class="row">
          {toggles.map(({ title, value, set }) => (
            <label key={title} class="check">
              <input
                type="checkbox"
                checked={value}
                onChange={({ currentTarget }) => {
                  set(currentTarget.checked);
                }}
              />
              {title}
            </label>
          ))}
        </div>
        <p class="quiet small">
          Off by default: it changes what the model receives. Switch it on to compare.
        </p>
      </fieldset>
    </div>
  );
}

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

/** Level of the signal over the last moments. */
export interface Level {
  /** root mean square, dBFS */
  rmsDb: number;
  /** largest magnitude of the last two seconds, dBFS */
  peakDb: number;
  /** a sample reached full scale within the last two seconds */
  isClipped: boolean;
}

/** No sound. */
export const silentLevel: Level = { rmsDb: -Infinity, peakDb: -Infinity, isClipped: false };

/** The root mean square decays with this time constant, seconds. */
const smoothingSec = 0.1;
const holdSec = 2;
const fullScale = 0.999;

/**
 * Measures the level of a running signal.
 *
 * @returns a function that takes the next samples and returns the level after them
 */
export function levelMeter(): (samples: Float32Array, sampleRate: number) => Level {
  let power = 0;
  let peaks: { value: number; untilSec: number }[] = [];
  let nowSec = 0;
  return (samples, sampleRate) => {
    let [sum, peak] = [0, 0];
    for (const sample of samples) {
      sum += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    const durationSec = samples.length / sampleRate;
    nowSec += durationSec;
    const keep = Math.exp(-durationSec / smoothingSec);
    power = keep * power + (1 - keep) * (sum / Math.max(1, samples.length));
    // Decreasing values: an older peak counts only while it is larger than all later ones.
    peaks = peaks.filter(({ value, untilSec }) => untilSec > nowSec && value > peak);
    peaks.push({ value: peak, untilSec: nowSec + holdSec });
    const held = peaks[0].value;
    return {
      rmsDb: 10 * Math.log10(power),
      peakDb: 20 * Math.log10(held),
      isClipped: held >= fullScale,
    };
  };
}
