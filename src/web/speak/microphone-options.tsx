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
