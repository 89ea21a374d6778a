import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Waveform } from '../../core/audio';
import { messageOf } from '../../core/base';
import { type Level, levelMeter, silentLevel } from '../speak/microphone-controls';
import { type Capture, type Processing, startCapture } from '../speak/microphone';
import { createTakeBuffer, type TakeBuffer } from './take-buffer';

/** State of the microphone. */
export type Microphone =
  { phase: 'off'; problem?: string } | { phase: 'starting' } | { phase: 'on'; capture: Capture };

/** The unfinished take is passed on this often, seconds. */
const partEverySec = 1;
/** The level and the duration on the screen change this often, ms. */
const displayEveryMs = 66;
/** Longer takes are cut, seconds. */
export const longestTakeSec = 60;
/** A take goes on for this time after its end, because people release the button while they speak, ms. */
const postRollMs = 200;

/**
 * Records takes from a microphone that stays on between them, so that the beginning of a sentence is not lost.
 *
 * @param events.onTake - called with each take, also with an unfinished one if the microphone is disconnected
 * @param events.onPart - called with the take so far, every second and when the page is closed
 */
export function useTakeRecorder(events: {
  onTake: (take: Waveform) => void;
  onPart: (part: Waveform) => void;
}) {
  const [microphone, setMicrophone] = useState<Microphone>({ phase: 'off' });
  const [isTaking, setTaking] = useState(false);
  const [display, setDisplay] = useState<{ level: Level; takeSec: number }>({
    level: silentLevel,
    takeSec: 0,
  });
  const own = useRef<
    { capture: Capture; buffer: TakeBuffer; timer?: ReturnType<typeof setTimeout> } | undefined
  >(undefined);
  /** the attempt to switch the microphone on that is under way; switching off ends it */
  const starting = useRef<symbol | undefined>(undefined);
  const latest = useRef(events);
  latest.current = events;

  /** Ends the take at once. */
  const finish = useCallback((): void => {
    const current = own.current;
    if (!current) return;
    clearTimeout(current.timer);
    delete current.timer;
    const samples = current.buffer.end();
    setTaking(false);
    if (samples) latest.current.onTake({ samples, sampleRate: current.capture.sampleRate });
  }, []);

  const switchOff = useCallback(
    (problem?: string): void => {
      finish();
      const current = own.current;
      own.current = undefined;
      starting.current = undefined;
      void current?.capture.stop();
      setDisplay({ level: silentLevel, takeSec: 0 });
      setMicrophone({ phase: 'off', ...(problem !== undefined && { problem }) });
    },
    [finish],
  );

  const switchOn = useCallback(
    async (deviceId: string | undefined, processing: Processing): Promise<void> => {
      if (own.current || starting.current) return;
      const attempt = Symbol('attempt');
      starting.current = attempt;
      setMicrophone({ phase: 'starting' });
      const measure = levelMeter();
      let shownMs = 0;
      let buffer: TakeBuffer | undefined;
      let sampleRate = 0;
      let passedSec = 0;
      try {
        const capture = await startCapture({
          ...(deviceId !== undefined && { deviceId }),
          processing,
          onSamples: (samples) => {
            if (!buffer) return;
            buffer.push(samples);
            const level = measure(samples, sampleRate);
            const takeSec = buffer.durationSec();
            if (takeSec < passedSec) passedSec = 0; // another take
            if (takeSec >= passedSec + partEverySec) {
              passedSec = takeSec;
              latest.current.onPart({ samples: buffer.soFar()!, sampleRate });
            }
            if (takeSec >= longestTakeSec) finish();
            const now = performance.now();
            if (now - shownMs < displayEveryMs) return;
            shownMs = now;
            setDisplay({ level, takeSec });
          },
          onEnded: () => {
            switchOff(
              'The microphone was disconnected, or its permission was withdrawn. What was recorded until then is below. Connect it, then switch it on again.',
            );
          },
        });
        // Switched off while the browser asked for permission.
        if (starting.current !== attempt) {
          void capture.stop();
          return;
        }
        ({ sampleRate } = capture);
        buffer = createTakeBuffer(sampleRate, { maxSec: longestTakeSec });
        own.current = { capture, buffer };
        setMicrophone({ phase: 'on', capture });
      } catch (error) {
        if (starting.current === attempt) setMicrophone({ phase: 'off', problem: messageOf(error) });
      } finally {
        if (starting.current === attempt) starting.current = undefined;
      }
    },
    [finish, switchOff],
  );

  const begin = useCallback((): void => {
    const current = own.current;
    if (!current) return;
    if (current.timer !== undefined) finish();
    current.buffer.begin();
    setTaking(true);
  }, [finish]);

  const end = useCallback((): void => {
    const current = own.current;
    if (current?.timer === undefined && current) current.timer = setTimeout(finish, postRollMs);
  }, [finish]);

  useEffect(() => {
    // Not as a take: an unfinished repetition must not replace the earlier recording.
    const saveSoFar = (): void => {
      const { buffer, capture } = own.current ?? {};
      const samples = buffer?.soFar();
      if (capture && samples) latest.current.onPart({ samples, sampleRate: capture.sampleRate });
    };
    addEventListener('pagehide', saveSoFar);
    return () => {
      removeEventListener('pagehide', saveSoFar);
      switchOff();
    };
  }, [switchOff]);

  return { microphone, isTaking, ...display, switchOn, switchOff, begin, end };
}
